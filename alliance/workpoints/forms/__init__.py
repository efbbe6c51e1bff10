"""What people type or upload about the bonus."""

from alliance.workpoints.forms.months import DefineShiftForm as DefineShiftForm
from alliance.workpoints.forms.months import EnterCorrectionForm as EnterCorrectionForm
from alliance.workpoints.forms.months import EnterHoldingForm as EnterHoldingForm
from alliance.workpoints.forms.months import EnterTaskForm as EnterTaskForm
from alliance.workpoints.forms.months import FileEntryForm as FileEntryForm
from alliance.workpoints.forms.months import FileRosterForm as FileRosterForm
from alliance.workpoints.forms.months import ImportEntryForm as ImportEntryForm
from alliance.workpoints.forms.months import ImportRosterForm as ImportRosterForm
from alliance.workpoints.forms.months import ReviewTaskForm as ReviewTaskForm
from alliance.workpoints.forms.months import line_label as line_label
from alliance.workpoints.forms.months import months_around as months_around
