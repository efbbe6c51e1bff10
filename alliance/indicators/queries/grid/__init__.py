"""The questions behind the page where a clerk files: a room for each noun."""

from alliance.indicators.queries.grid.filing import Filing as Filing
from alliance.indicators.queries.grid.filing import filing as filing
from alliance.indicators.queries.grid.judging import Judged as Judged
from alliance.indicators.queries.grid.judging import explained_values as explained_values
from alliance.indicators.queries.grid.judging import judge as judge
from alliance.indicators.queries.grid.lines import Grid as Grid
from alliance.indicators.queries.grid.lines import Group as Group
from alliance.indicators.queries.grid.lines import Line as Line
from alliance.indicators.queries.grid.lines import grid as grid
