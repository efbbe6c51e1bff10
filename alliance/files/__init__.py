"""Files that come from outside: their limits, what they are, and the tables in them."""

from alliance.files.archives import ZIP as ZIP
from alliance.files.archives import check_length as check_length
from alliance.files.archives import check_size as check_size
from alliance.files.kinds import kinds_of as kinds_of
from alliance.files.tables import HEAD_ROWS as HEAD_ROWS
from alliance.files.tables import Cell as Cell
from alliance.files.tables import Table as Table
from alliance.files.tables import open_table as open_table
from alliance.files.tables import read_table as read_table
from alliance.files.tables import sheet_texts as sheet_texts
from alliance.files.texts import read_toml as read_toml
from alliance.files.workbooks import OLE as OLE
from alliance.files.workbooks import check_workbook as check_workbook
from alliance.files.workbooks import is_workbook as is_workbook
from alliance.files.workbooks import sheet_titles as sheet_titles
