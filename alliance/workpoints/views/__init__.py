"""The doors of a hospital's internal bonus."""

from alliance.workpoints.views import budgets as budgets
from alliance.workpoints.views import records as records
from alliance.workpoints.views import schemes as schemes
from alliance.workpoints.views import unit_rules as unit_rules
from alliance.workpoints.views.blueprint import blueprint as blueprint
