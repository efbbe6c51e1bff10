"""What of a hospital's internal bonus goes in and out as files. The door of the room."""

from alliance.workpoints.sheets.months import MonthSheet as MonthSheet
from alliance.workpoints.sheets.months import read_month as read_month
from alliance.workpoints.sheets.months import read_roster as read_roster
from alliance.workpoints.sheets.months import write_month as write_month
from alliance.workpoints.sheets.months import write_roster as write_roster
from alliance.workpoints.sheets.points import read_points as read_points
from alliance.workpoints.sheets.points import write_points as write_points
from alliance.workpoints.sheets.points import write_points_csv as write_points_csv
from alliance.workpoints.sheets.schemes import TEMPLATE as TEMPLATE
from alliance.workpoints.sheets.schemes import template_scheme as template_scheme
from alliance.workpoints.sheets.schemes import write_scheme as write_scheme
