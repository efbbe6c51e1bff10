"""Tables of cases, in and out."""

from alliance.registers.sheets.ledgers import read_standard as read_standard
from alliance.registers.sheets.ledgers import write_standard as write_standard
from alliance.registers.sheets.pathways import read_courses as read_courses
from alliance.registers.sheets.pathways import write_course_template as write_course_template
