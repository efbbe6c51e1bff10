"""The doors of scoring."""

from alliance.evaluation.views import ratings as ratings
from alliance.evaluation.views import runs as runs
from alliance.evaluation.views import schemes as schemes
from alliance.evaluation.views import scores as scores
from alliance.evaluation.views.blueprint import blueprint as blueprint
