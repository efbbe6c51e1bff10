"""Tables of cases, and of what was done with each."""

from alliance.registers.models.referrals import Pepper as Pepper
from alliance.registers.models.referrals import Referral as Referral
from alliance.registers.models.referrals import ReferralContact as ReferralContact
from alliance.registers.models.referrals import ReferralFee as ReferralFee
from alliance.registers.models.referrals import ReferralMessage as ReferralMessage
from alliance.registers.models.referrals import ReferralOffer as ReferralOffer
from alliance.registers.models.referrals import ReferralPair as ReferralPair
from alliance.registers.models.referrals import ReferralTurn as ReferralTurn
