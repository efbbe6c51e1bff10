"""The verbs of scoring. The door of the room."""

from alliance.evaluation.services.estimates import estimate_scores as estimate_scores
from alliance.evaluation.services.ratings import enter_assessment as enter_assessment
from alliance.evaluation.services.ratings import enter_rating as enter_rating
from alliance.evaluation.services.ratings import impose_veto as impose_veto
from alliance.evaluation.services.ratings import veto_falsification as veto_falsification
from alliance.evaluation.services.runs import compute_run as compute_run
from alliance.evaluation.services.runs import queue_run as queue_run
from alliance.evaluation.services.runs import queue_trial as queue_trial
from alliance.evaluation.services.runs import try_run as try_run
from alliance.evaluation.services.schemes import decide_scheme as decide_scheme
from alliance.evaluation.services.schemes import import_scheme as import_scheme
