"""The verbs of a hospital's internal bonus. The door of the room."""

from alliance.workpoints.services.budgets import decide_budget as decide_budget
from alliance.workpoints.services.budgets import draft_budget as draft_budget
from alliance.workpoints.services.records import file_record as file_record
from alliance.workpoints.services.schemes import decide_scheme as decide_scheme
from alliance.workpoints.services.schemes import import_scheme as import_scheme
from alliance.workpoints.services.unit_rules import set_rule as set_rule
