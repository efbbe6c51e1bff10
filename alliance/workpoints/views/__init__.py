"""The doors of a hospital's internal bonus."""

from alliance.workpoints.views import agreements as agreements
from alliance.workpoints.views import analyses as analyses
from alliance.workpoints.views import budgets as budgets
from alliance.workpoints.views import charges as charges
from alliance.workpoints.views import codes as codes
from alliance.workpoints.views import entries as entries
from alliance.workpoints.views import holdings as holdings
from alliance.workpoints.views import libraries as libraries
from alliance.workpoints.views import lines as lines
from alliance.workpoints.views import overrides as overrides
from alliance.workpoints.views import payments as payments
from alliance.workpoints.views import points as points
from alliance.workpoints.views import records as records
from alliance.workpoints.views import returns as returns
from alliance.workpoints.views import rosters as rosters
from alliance.workpoints.views import runs as runs
from alliance.workpoints.views import schemes as schemes
from alliance.workpoints.views import slips as slips
from alliance.workpoints.views import targets as targets
from alliance.workpoints.views import tasks as tasks
from alliance.workpoints.views import totals as totals
from alliance.workpoints.views import trials as trials
from alliance.workpoints.views import unit_rules as unit_rules
from alliance.workpoints.views import units as units
from alliance.workpoints.views import workloads as workloads
from alliance.workpoints.views.blueprint import blueprint as blueprint
