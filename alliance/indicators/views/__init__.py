"""The doors of filing."""

from alliance.indicators.views import codes as codes
from alliance.indicators.views import definitions as definitions
from alliance.indicators.views import derived as derived
from alliance.indicators.views import evidence as evidence
from alliance.indicators.views import falsifications as falsifications
from alliance.indicators.views import imports as imports
from alliance.indicators.views import libraries as libraries
from alliance.indicators.views import periods as periods
from alliance.indicators.views import quality as quality
from alliance.indicators.views import readings as readings
from alliance.indicators.views import reports as reports
from alliance.indicators.views import rounds as rounds
from alliance.indicators.views import standard as standard
from alliance.indicators.views import submissions as submissions
from alliance.indicators.views.blueprint import blueprint as blueprint
