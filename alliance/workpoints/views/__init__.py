"""The doors of a hospital's internal bonus."""

from alliance.workpoints.views import entries as entries
from alliance.workpoints.views import holdings as holdings
from alliance.workpoints.views import rosters as rosters
from alliance.workpoints.views import tasks as tasks
from alliance.workpoints.views.blueprint import blueprint as blueprint
