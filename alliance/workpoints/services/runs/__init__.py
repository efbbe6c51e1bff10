"""The verbs of a month's run and of its payslips."""

from alliance.workpoints.services.runs.computation import compute_run as compute_run
from alliance.workpoints.services.runs.computation import queue_run as queue_run
from alliance.workpoints.services.runs.rows import subject_of as subject_of
from alliance.workpoints.services.runs.slips import compute_slip as compute_slip
from alliance.workpoints.services.runs.slips import correct_slip as correct_slip
from alliance.workpoints.services.runs.steps import approve_run as approve_run
from alliance.workpoints.services.runs.steps import check_run as check_run
from alliance.workpoints.services.runs.steps import pay_run as pay_run
from alliance.workpoints.services.runs.steps import return_run as return_run
from alliance.workpoints.services.runs.steps import reverse_run as reverse_run
