"""Papers and tables of ratings, in and out."""

from alliance.ratings.sheets.answers import PaperFile as PaperFile
from alliance.ratings.sheets.answers import form_template as form_template
from alliance.ratings.sheets.answers import read_forms as read_forms
from alliance.ratings.sheets.links import Sender as Sender
from alliance.ratings.sheets.links import addresses as addresses
from alliance.ratings.sheets.links import gateway_table as gateway_table
from alliance.ratings.sheets.links import link_sheets as link_sheets
from alliance.ratings.sheets.reports import report_address as report_address
from alliance.ratings.sheets.reports import report_paper as report_paper
from alliance.ratings.sheets.satisfaction import satisfaction_csv as satisfaction_csv
