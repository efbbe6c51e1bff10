"""What people type or upload about members."""

from alliance.members.forms.departments import CLASS_LABELS as CLASS_LABELS
from alliance.members.forms.departments import KIND_LABELS as KIND_LABELS
from alliance.members.forms.departments import DefineDepartmentForm as DefineDepartmentForm
from alliance.members.forms.departments import EndDepartmentForm as EndDepartmentForm
from alliance.members.forms.departments import ImportStructureForm as ImportStructureForm
from alliance.members.forms.departments import MapCodeForm as MapCodeForm
from alliance.members.forms.departments import SetShareForm as SetShareForm
from alliance.members.forms.departments import unit_choices as unit_choices
from alliance.members.forms.institutions import ImportWorkbookForm as ImportWorkbookForm
from alliance.members.forms.links import EndLinkForm as EndLinkForm
from alliance.members.forms.links import SetLinkForm as SetLinkForm
from alliance.members.forms.staffing import FAMILY_LABELS as FAMILY_LABELS
from alliance.members.forms.staffing import STATUS_LABELS as STATUS_LABELS
from alliance.members.forms.staffing import DefinePostForm as DefinePostForm
from alliance.members.forms.staffing import RatePostForm as RatePostForm
from alliance.members.forms.staffing import RecordEmployeeForm as RecordEmployeeForm
from alliance.members.forms.staffing import SetEstablishmentForm as SetEstablishmentForm
from alliance.members.forms.staffing import rating_form as rating_form
