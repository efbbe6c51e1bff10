"""What of a hospital's internal bonus goes in and out as files. The door of the room."""

from alliance.workpoints.sheets.months import MonthSheet as MonthSheet
from alliance.workpoints.sheets.months import read_month as read_month
from alliance.workpoints.sheets.months import read_roster as read_roster
from alliance.workpoints.sheets.months import read_totals as read_totals
from alliance.workpoints.sheets.months import write_month as write_month
from alliance.workpoints.sheets.months import write_roster as write_roster
from alliance.workpoints.sheets.months import write_totals as write_totals
from alliance.workpoints.sheets.payments import BANK as BANK
from alliance.workpoints.sheets.payments import TAX as TAX
from alliance.workpoints.sheets.payments import payment_csv as payment_csv
from alliance.workpoints.sheets.payments import payment_workbook as payment_workbook
from alliance.workpoints.sheets.payments import read_returns as read_returns
from alliance.workpoints.sheets.payments import sort_name as sort_name
from alliance.workpoints.sheets.payslips import line_name as line_name
from alliance.workpoints.sheets.payslips import line_sign as line_sign
from alliance.workpoints.sheets.payslips import slips_archive as slips_archive
from alliance.workpoints.sheets.payslips import slips_paper as slips_paper
from alliance.workpoints.sheets.points import read_points as read_points
from alliance.workpoints.sheets.points import write_points as write_points
from alliance.workpoints.sheets.points import write_points_csv as write_points_csv
from alliance.workpoints.sheets.schemes import TEMPLATE as TEMPLATE
from alliance.workpoints.sheets.schemes import template_scheme as template_scheme
from alliance.workpoints.sheets.schemes import write_scheme as write_scheme
from alliance.workpoints.sheets.workloads import read_workloads as read_workloads
from alliance.workpoints.sheets.workloads import write_workloads as write_workloads
