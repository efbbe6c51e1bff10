"""The verbs of filing. The door of the room."""

from alliance.indicators.services.codes import CodeSystemHead as CodeSystemHead
from alliance.indicators.services.codes import import_codesystem as import_codesystem
from alliance.indicators.services.codes import import_mapping as import_mapping
from alliance.indicators.services.evidence import add_evidence as add_evidence
from alliance.indicators.services.evidence import clear_evidence as clear_evidence
from alliance.indicators.services.evidence import remove_evidence as remove_evidence
from alliance.indicators.services.libraries import define_element as define_element
from alliance.indicators.services.libraries import define_indicator as define_indicator
from alliance.indicators.services.libraries import load_library as load_library
from alliance.indicators.services.periods import ask_exception as ask_exception
from alliance.indicators.services.periods import grant_exception as grant_exception
from alliance.indicators.services.periods import note_day as note_day
from alliance.indicators.services.periods import open_period as open_period
from alliance.indicators.services.periods import send_reminder as send_reminder
from alliance.indicators.services.periods import set_timetable as set_timetable
from alliance.indicators.services.readings import file_reading as file_reading
from alliance.indicators.services.readings import import_reading as import_reading
from alliance.indicators.services.readings import upload_reading as upload_reading
from alliance.indicators.services.standard import define_standard as define_standard
from alliance.indicators.services.submissions import accept_submission as accept_submission
from alliance.indicators.services.submissions import explain_value as explain_value
from alliance.indicators.services.submissions import recall_submission as recall_submission
from alliance.indicators.services.submissions import return_submission as return_submission
from alliance.indicators.services.submissions import review_submission as review_submission
from alliance.indicators.services.submissions import sign_submission as sign_submission
from alliance.indicators.services.submissions import submit_submission as submit_submission
