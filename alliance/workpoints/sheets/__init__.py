"""Files in and papers out of the bonus."""

from alliance.workpoints.sheets.months import MonthSheet as MonthSheet
from alliance.workpoints.sheets.months import read_month as read_month
from alliance.workpoints.sheets.months import read_roster as read_roster
from alliance.workpoints.sheets.months import write_month as write_month
from alliance.workpoints.sheets.months import write_roster as write_roster
