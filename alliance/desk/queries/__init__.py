"""The questions that look across the wings. The door of the room."""

from alliance.desk.queries.boards import Board as Board
from alliance.desk.queries.boards import Move as Move
from alliance.desk.queries.boards import Standing as Standing
from alliance.desk.queries.boards import board as board
from alliance.desk.queries.boards import standing as standing
from alliance.desk.queries.estimates import EstimateBoard as EstimateBoard
from alliance.desk.queries.estimates import estimate_board as estimate_board
from alliance.desk.queries.explanations import ORIGINS as ORIGINS
from alliance.desk.queries.explanations import Computed as Computed
from alliance.desk.queries.explanations import Explanation as Explanation
from alliance.desk.queries.explanations import Hand as Hand
from alliance.desk.queries.explanations import InputLine as InputLine
from alliance.desk.queries.explanations import Origin as Origin
from alliance.desk.queries.explanations import explain as explain
from alliance.desk.queries.explanations import explain_estimate as explain_estimate
from alliance.desk.queries.explanations import explain_trial as explain_trial
from alliance.desk.queries.explanations import may_read as may_read
from alliance.desk.queries.explanations import number_of as number_of
from alliance.desk.queries.explanations import opens as opens
from alliance.desk.queries.tasks import Matter as Matter
from alliance.desk.queries.tasks import Own as Own
from alliance.desk.queries.tasks import Task as Task
from alliance.desk.queries.tasks import finished as finished
from alliance.desk.queries.tasks import matters as matters
from alliance.desk.queries.tasks import tasks as tasks
