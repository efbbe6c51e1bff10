"""Tables of cases, and of what was done with each."""

from alliance.registers.models.cases import CaseProof as CaseProof
from alliance.registers.models.cases import CaseRevision as CaseRevision
from alliance.registers.models.cases import Certificate as Certificate
from alliance.registers.models.cases import RegisterCase as RegisterCase
from alliance.registers.models.referrals import Pepper as Pepper
from alliance.registers.models.referrals import Referral as Referral
from alliance.registers.models.referrals import ReferralContact as ReferralContact
from alliance.registers.models.referrals import ReferralFee as ReferralFee
from alliance.registers.models.referrals import ReferralMessage as ReferralMessage
from alliance.registers.models.referrals import ReferralOffer as ReferralOffer
from alliance.registers.models.referrals import ReferralPair as ReferralPair
from alliance.registers.models.referrals import ReferralTurn as ReferralTurn
