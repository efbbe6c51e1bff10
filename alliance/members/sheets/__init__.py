"""The workbooks of members: the institutions of an alliance with who supports whom, and the inside of one of them."""

from alliance.members.sheets.cells import write_sheets as write_sheets
from alliance.members.sheets.institutions import read_workbook as read_workbook
from alliance.members.sheets.institutions import write_rows as write_rows
from alliance.members.sheets.institutions import write_workbook as write_workbook
from alliance.members.sheets.structure import read_structure as read_structure
from alliance.members.sheets.structure import write_structure as write_structure
