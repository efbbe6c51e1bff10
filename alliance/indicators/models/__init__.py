"""Tables of definitions, periods, readings, submissions and what belongs to them."""

from alliance.indicators.models.codes import CodeMapping as CodeMapping
from alliance.indicators.models.codes import CodeSystemRow as CodeSystemRow
from alliance.indicators.models.codes import CodeTerm as CodeTerm
from alliance.indicators.models.definitions import Definition as Definition
from alliance.indicators.models.definitions import StandardText as StandardText
from alliance.indicators.models.derived import CountedCase as CountedCase
from alliance.indicators.models.derived import ElementFeed as ElementFeed
from alliance.indicators.models.periods import DayRow as DayRow
from alliance.indicators.models.periods import LockException as LockException
from alliance.indicators.models.periods import PeriodRow as PeriodRow
from alliance.indicators.models.periods import Reminder as Reminder
from alliance.indicators.models.periods import TimetableRow as TimetableRow
from alliance.indicators.models.readings import Evidence as Evidence
from alliance.indicators.models.readings import Reading as Reading
from alliance.indicators.models.reports import ReportedValue as ReportedValue
from alliance.indicators.models.rounds import CheckFinding as CheckFinding
from alliance.indicators.models.rounds import CheckItem as CheckItem
from alliance.indicators.models.rounds import CheckRound as CheckRound
from alliance.indicators.models.rounds import CheckSample as CheckSample
from alliance.indicators.models.rounds import Falsification as Falsification
from alliance.indicators.models.submissions import Explanation as Explanation
from alliance.indicators.models.submissions import ReturnedItem as ReturnedItem
from alliance.indicators.models.submissions import Submission as Submission
from alliance.indicators.models.submissions import SubmissionRound as SubmissionRound
