"""What people type about cases."""

from alliance.registers.forms.ledgers import AddEntryForm as AddEntryForm
from alliance.registers.forms.ledgers import AnswerObjectionForm as AnswerObjectionForm
from alliance.registers.forms.ledgers import FileObjectionForm as FileObjectionForm
from alliance.registers.forms.ledgers import ImportStandardForm as ImportStandardForm
from alliance.registers.forms.ledgers import PublishLedgerForm as PublishLedgerForm
from alliance.registers.forms.ledgers import ReviewEntryForm as ReviewEntryForm
from alliance.registers.forms.pathways import DefinePathwayForm as DefinePathwayForm
from alliance.registers.forms.pathways import EndCourseForm as EndCourseForm
from alliance.registers.forms.pathways import FindCourseForm as FindCourseForm
from alliance.registers.forms.pathways import ImportCourseForm as ImportCourseForm
from alliance.registers.forms.pathways import RecordStepForm as RecordStepForm
from alliance.registers.forms.pathways import StartCourseForm as StartCourseForm
from alliance.registers.forms.pathways import WithdrawStepForm as WithdrawStepForm
