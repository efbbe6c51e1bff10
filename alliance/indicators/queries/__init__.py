"""The questions about filing. The door of the wing."""

from alliance.indicators.queries.imports import changes as changes
from alliance.indicators.queries.libraries import RATED as RATED
from alliance.indicators.queries.libraries import elements_due as elements_due
from alliance.indicators.queries.libraries import formula_in_words as formula_in_words
from alliance.indicators.queries.libraries import indicator as indicator
from alliance.indicators.queries.libraries import library as library
from alliance.indicators.queries.libraries import shipped_library as shipped_library
from alliance.indicators.queries.periods import PeriodInfo as PeriodInfo
from alliance.indicators.queries.periods import period as period
from alliance.indicators.queries.periods import periods as periods
from alliance.indicators.queries.readings import ReadingInfo as ReadingInfo
from alliance.indicators.queries.readings import everything_due as everything_due
from alliance.indicators.queries.readings import history as history
from alliance.indicators.queries.readings import newest_revision as newest_revision
from alliance.indicators.queries.readings import readings as readings
from alliance.indicators.queries.readings import revisions as revisions
from alliance.indicators.queries.submissions import SubmissionInfo as SubmissionInfo
from alliance.indicators.queries.submissions import people as people
from alliance.indicators.queries.submissions import submission as submission
from alliance.indicators.queries.submissions import submissions as submissions
from alliance.indicators.queries.values import figures_of_readings as figures_of_readings
from alliance.indicators.queries.values import values as values
from alliance.indicators.rules.filing import Progress as Progress
