"""What people type about cases."""

from alliance.registers.forms.cases import AddProofForm as AddProofForm
from alliance.registers.forms.cases import CaseForm as CaseForm
from alliance.registers.forms.cases import ConfirmCaseForm as ConfirmCaseForm
from alliance.registers.forms.cases import ImportCaseForm as ImportCaseForm
from alliance.registers.forms.cases import ReasonForm as ReasonForm
from alliance.registers.forms.cases import case_form as case_form
