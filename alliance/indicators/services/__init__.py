"""The verbs of filing. The door of the room."""

from alliance.indicators.services.codes import CodeSystemHead as CodeSystemHead
from alliance.indicators.services.codes import import_codesystem as import_codesystem
from alliance.indicators.services.codes import import_mapping as import_mapping
from alliance.indicators.services.libraries import define_element as define_element
from alliance.indicators.services.libraries import define_indicator as define_indicator
from alliance.indicators.services.libraries import load_library as load_library
from alliance.indicators.services.periods import open_period as open_period
from alliance.indicators.services.readings import file_reading as file_reading
from alliance.indicators.services.readings import import_reading as import_reading
from alliance.indicators.services.standard import define_standard as define_standard
from alliance.indicators.services.submissions import accept_submission as accept_submission
from alliance.indicators.services.submissions import sign_submission as sign_submission
from alliance.indicators.services.submissions import submit_submission as submit_submission
