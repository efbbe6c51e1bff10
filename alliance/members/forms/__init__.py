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
