"""The questions about bulletins. The door of the wing."""

from alliance.bulletins.queries.composing import Prospect as Prospect
from alliance.bulletins.queries.composing import compose as compose
from alliance.bulletins.queries.composing import is_outdated as is_outdated
from alliance.bulletins.queries.composing import prospects as prospects
from alliance.bulletins.queries.issued import BulletinInfo as BulletinInfo
from alliance.bulletins.queries.issued import Confirmed as Confirmed
from alliance.bulletins.queries.issued import bulletin as bulletin
from alliance.bulletins.queries.issued import bulletin_info as bulletin_info
from alliance.bulletins.queries.issued import bulletins as bulletins
from alliance.bulletins.queries.issued import confirmed as confirmed
from alliance.bulletins.queries.issued import corrected_by as corrected_by
from alliance.bulletins.queries.issued import files as files
from alliance.bulletins.queries.issued import hands as hands
from alliance.bulletins.queries.issued import last_issued as last_issued
from alliance.bulletins.queries.issued import matter as matter
from alliance.bulletins.queries.issued import pdf as pdf
from alliance.bulletins.queries.issued import published_runs as published_runs
from alliance.bulletins.queries.standings import MONITORING as MONITORING
