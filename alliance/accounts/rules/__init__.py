"""What is true of people: sign-ins and one-time codes, grants and their separation, votes."""

from alliance.accounts.rules.sign_in import check_account as check_account
from alliance.accounts.rules.sign_in import check_password as check_password
from alliance.accounts.rules.votes import CHOICES as CHOICES
from alliance.accounts.rules.votes import Count as Count
from alliance.accounts.rules.votes import count_votes as count_votes
