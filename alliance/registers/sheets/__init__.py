"""Workbooks, tables and papers of cases, in and out."""

from alliance.registers.sheets.cases import count_cases as count_cases
from alliance.registers.sheets.cases import read_cases as read_cases
from alliance.registers.sheets.cases import write_cases as write_cases
from alliance.registers.sheets.cases import write_template as write_template
from alliance.registers.sheets.certificates import certificate_paper as certificate_paper
from alliance.registers.sheets.certificates import confirmation as confirmation
from alliance.registers.sheets.confirmations import confirmation_template as confirmation_template
from alliance.registers.sheets.confirmations import read_confirmations as read_confirmations
from alliance.registers.sheets.ledgers import read_standard as read_standard
from alliance.registers.sheets.ledgers import write_standard as write_standard
from alliance.registers.sheets.pathways import read_courses as read_courses
from alliance.registers.sheets.pathways import write_course_template as write_course_template
from alliance.registers.sheets.referrals import count_rows as count_rows
from alliance.registers.sheets.referrals import paper as paper
from alliance.registers.sheets.referrals import read_rows as read_rows
from alliance.registers.sheets.referrals import template as template
