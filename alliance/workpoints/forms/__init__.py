"""What people type or upload about a hospital's internal bonus. The door of the room."""

from alliance.workpoints.forms.budgets import DecideBudgetForm as DecideBudgetForm
from alliance.workpoints.forms.budgets import DraftBudgetForm as DraftBudgetForm
from alliance.workpoints.forms.plans import DecideSchemeForm as DecideSchemeForm
from alliance.workpoints.forms.plans import FileRecordForm as FileRecordForm
from alliance.workpoints.forms.plans import ImportSchemeForm as ImportSchemeForm
from alliance.workpoints.forms.unit_rules import SetRuleForm as SetRuleForm
from alliance.workpoints.forms.unit_rules import fill as fill
from alliance.workpoints.forms.unit_rules import rule_of as rule_of
