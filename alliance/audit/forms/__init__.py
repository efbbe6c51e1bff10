"""What a reader of the log may ask for, and the words for what stands in it. The door of the room."""

from alliance.audit.forms.acts import ACTS as ACTS
from alliance.audit.forms.details import DETAILS as DETAILS
from alliance.audit.forms.details import SIGN_INS as SIGN_INS
from alliance.audit.forms.events import KINDS as KINDS
from alliance.audit.forms.events import EventFilterForm as EventFilterForm
from alliance.audit.forms.subjects import GROUPS as GROUPS
from alliance.audit.forms.subjects import NUMBERED as NUMBERED
from alliance.audit.forms.subjects import SUBJECTS as SUBJECTS
