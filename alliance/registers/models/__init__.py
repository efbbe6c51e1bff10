"""Tables of cases, and of what was done with each."""

from alliance.registers.models.cases import CaseProof as CaseProof
from alliance.registers.models.cases import CaseRevision as CaseRevision
from alliance.registers.models.cases import Certificate as Certificate
from alliance.registers.models.cases import RegisterCase as RegisterCase
