"""The doors of a hospital's internal bonus."""

from alliance.workpoints.views import charges as charges
from alliance.workpoints.views import codes as codes
from alliance.workpoints.views import lines as lines
from alliance.workpoints.views import points as points
from alliance.workpoints.views.blueprint import blueprint as blueprint
