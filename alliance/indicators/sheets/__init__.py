"""Values in tables, in and out. The door of the room."""

from alliance.indicators.sheets.codes import read_pairs as read_pairs
from alliance.indicators.sheets.codes import read_terms as read_terms
from alliance.indicators.sheets.readings import mark_faults as mark_faults
from alliance.indicators.sheets.readings import read_filled as read_filled
from alliance.indicators.sheets.readings import read_readings as read_readings
from alliance.indicators.sheets.reports import notice_of as notice_of
from alliance.indicators.sheets.reports import read_reported as read_reported
from alliance.indicators.sheets.templates import Line as Line
from alliance.indicators.sheets.templates import rules as rules
from alliance.indicators.sheets.templates import write_member_csv as write_member_csv
from alliance.indicators.sheets.templates import write_member_template as write_member_template
from alliance.indicators.sheets.templates import write_readings as write_readings
from alliance.indicators.sheets.templates import write_readings_csv as write_readings_csv
