"""The doors of a hospital's internal bonus."""

from alliance.workpoints.views import analyses as analyses
from alliance.workpoints.views import payments as payments
from alliance.workpoints.views import slips as slips
from alliance.workpoints.views.blueprint import blueprint as blueprint
