"""Files in and papers out of the bonus."""

from alliance.workpoints.sheets.payments import BANK as BANK
from alliance.workpoints.sheets.payments import TAX as TAX
from alliance.workpoints.sheets.payments import payment_csv as payment_csv
from alliance.workpoints.sheets.payments import payment_workbook as payment_workbook
from alliance.workpoints.sheets.payments import sort_name as sort_name
from alliance.workpoints.sheets.payslips import line_name as line_name
from alliance.workpoints.sheets.payslips import line_sign as line_sign
from alliance.workpoints.sheets.payslips import slips_archive as slips_archive
from alliance.workpoints.sheets.payslips import slips_paper as slips_paper
