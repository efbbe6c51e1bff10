"""Tables of a hospital's internal bonus: its plans, its charges, its months and its runs."""

from alliance.workpoints.models.charges import ChargeCode as ChargeCode
from alliance.workpoints.models.charges import ChargeLoad as ChargeLoad
from alliance.workpoints.models.charges import ChargeMapping as ChargeMapping
from alliance.workpoints.models.charges import ItemPointRow as ItemPointRow
from alliance.workpoints.models.charges import PointTable as PointTable
from alliance.workpoints.models.charges import WorkloadRow as WorkloadRow
from alliance.workpoints.models.months import CaseRow as CaseRow
from alliance.workpoints.models.months import CorrectionRow as CorrectionRow
from alliance.workpoints.models.months import Holding as Holding
from alliance.workpoints.models.months import PersonEntry as PersonEntry
from alliance.workpoints.models.months import RosterDay as RosterDay
from alliance.workpoints.models.months import ShiftRow as ShiftRow
from alliance.workpoints.models.months import TaskRow as TaskRow
from alliance.workpoints.models.months import UnitEntry as UnitEntry
from alliance.workpoints.models.plans import BonusSchemeRow as BonusSchemeRow
from alliance.workpoints.models.plans import BudgetRow as BudgetRow
from alliance.workpoints.models.plans import HospitalRecord as HospitalRecord
from alliance.workpoints.models.plans import UnitRule as UnitRule
from alliance.workpoints.models.runs import BonusRun as BonusRun
from alliance.workpoints.models.runs import BonusShare as BonusShare
from alliance.workpoints.models.runs import BonusStep as BonusStep
from alliance.workpoints.models.runs import BonusUnit as BonusUnit
from alliance.workpoints.models.runs import HeadShift as HeadShift
from alliance.workpoints.models.runs import Objection as Objection
from alliance.workpoints.models.runs import Slip as Slip
from alliance.workpoints.models.runs import SlipLine as SlipLine
