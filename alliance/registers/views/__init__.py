"""The doors of registers."""

from alliance.registers.views import cases as cases
from alliance.registers.views import confirmations as confirmations
from alliance.registers.views import diagnoses as diagnoses
from alliance.registers.views import imports as imports
from alliance.registers.views import ledgers as ledgers
from alliance.registers.views import pathways as pathways
from alliance.registers.views import persons as persons
from alliance.registers.views import proofs as proofs
from alliance.registers.views import referral_imports as referral_imports
from alliance.registers.views import standards as standards
from alliance.registers.views.blueprint import blueprint as blueprint
from alliance.registers.views.referral_reports import list_offers as list_offers
from alliance.registers.views.referral_steps import accept_referral as accept_referral
from alliance.registers.views.referrals import list_referrals as list_referrals
