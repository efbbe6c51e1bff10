"""The task list: what waits for a person, from every wing.

A wing joins it with one module here: functions marked `waits_for(roles)` that are asked for those who hold one of the
roles and give tasks, each with its words and the name of the view where it is done. Nothing else has to know of them.
"""

from alliance.desk.queries.tasks import bonus as bonus
from alliance.desk.queries.tasks import cooperation as cooperation
from alliance.desk.queries.tasks import experts as experts
from alliance.desk.queries.tasks import fielding as fielding
from alliance.desk.queries.tasks import filing as filing
from alliance.desk.queries.tasks import ledgers as ledgers
from alliance.desk.queries.tasks import money as money
from alliance.desk.queries.tasks import notices as notices
from alliance.desk.queries.tasks import pathways as pathways
from alliance.desk.queries.tasks import pay as pay
from alliance.desk.queries.tasks import people as people
from alliance.desk.queries.tasks import publishing as publishing
from alliance.desk.queries.tasks import ratings as ratings
from alliance.desk.queries.tasks import referrals as referrals
from alliance.desk.queries.tasks import running as running
from alliance.desk.queries.tasks import scores as scores
from alliance.desk.queries.tasks import trust as trust
from alliance.desk.queries.tasks import verification as verification
from alliance.desk.queries.tasks import written as written
from alliance.desk.queries.tasks.registry import Asked as Asked
from alliance.desk.queries.tasks.registry import Matter as Matter
from alliance.desk.queries.tasks.registry import Own as Own
from alliance.desk.queries.tasks.registry import Task as Task
from alliance.desk.queries.tasks.registry import finished as finished
from alliance.desk.queries.tasks.registry import matters as matters
from alliance.desk.queries.tasks.registry import tasks as tasks
from alliance.desk.queries.tasks.registry import tasks_at as tasks_at
from alliance.desk.queries.tasks.registry import waits_for as waits_for
