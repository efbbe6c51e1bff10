"""What is true of members: institutions, their departments, and the cells of the workbooks that tell of both."""

from alliance.members.rules.institutions import COLUMNS as COLUMNS
from alliance.members.rules.institutions import CREDIT_ALPHABET as CREDIT_ALPHABET
from alliance.members.rules.institutions import InstitutionRow as InstitutionRow
from alliance.members.rules.institutions import check_rows as check_rows
from alliance.members.rules.institutions import credit_check as credit_check
from alliance.members.rules.institutions import is_credit_code as is_credit_code
from alliance.members.rules.institutions import read_row as read_row
