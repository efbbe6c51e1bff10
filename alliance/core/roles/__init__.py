"""Roles and what each may do, grants, and the scope of a reader. The door of the room."""

from alliance.core.roles.bundles import OWN as OWN
from alliance.core.roles.bundles import PEOPLE as PEOPLE
from alliance.core.roles.bundles import RUNNING as RUNNING
from alliance.core.roles.grants import Grant as Grant
from alliance.core.roles.grants import held as held
from alliance.core.roles.grants import may as may
from alliance.core.roles.inside import READ_BONUS as READ_BONUS
from alliance.core.roles.kinds import DEPARTMENTAL as DEPARTMENTAL
from alliance.core.roles.kinds import ENGAGED as ENGAGED
from alliance.core.roles.kinds import ONLY_ONE as ONLY_ONE
from alliance.core.roles.kinds import PERSONAL as PERSONAL
from alliance.core.roles.kinds import PLACED as PLACED
from alliance.core.roles.kinds import SEPARATED as SEPARATED
from alliance.core.roles.kinds import STRONG as STRONG
from alliance.core.roles.rights import ROLES as ROLES
from alliance.core.roles.scope import Scope as Scope
from alliance.core.roles.scope import scope_of as scope_of
