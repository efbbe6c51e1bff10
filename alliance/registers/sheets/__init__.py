"""Workbooks, CSV files and papers of cases."""

from alliance.registers.sheets.referrals import paper as paper
from alliance.registers.sheets.referrals import read_rows as read_rows
from alliance.registers.sheets.referrals import template as template
