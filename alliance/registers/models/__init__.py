"""Tables of cases, and of what was done with each."""

from alliance.registers.models.cases import CaseProof as CaseProof
from alliance.registers.models.cases import CaseRevision as CaseRevision
from alliance.registers.models.cases import Certificate as Certificate
from alliance.registers.models.cases import RegisterCase as RegisterCase
from alliance.registers.models.ledgers import LedgerEntry as LedgerEntry
from alliance.registers.models.ledgers import LedgerItem as LedgerItem
from alliance.registers.models.ledgers import LedgerNotice as LedgerNotice
from alliance.registers.models.ledgers import LedgerStandard as LedgerStandard
from alliance.registers.models.pathways import PathwayCase as PathwayCase
from alliance.registers.models.pathways import PathwayRecord as PathwayRecord
from alliance.registers.models.pathways import PathwayStep as PathwayStep
from alliance.registers.models.pathways import PathwayVersion as PathwayVersion
from alliance.registers.models.referrals import Pepper as Pepper
from alliance.registers.models.referrals import Referral as Referral
from alliance.registers.models.referrals import ReferralContact as ReferralContact
from alliance.registers.models.referrals import ReferralFee as ReferralFee
from alliance.registers.models.referrals import ReferralFile as ReferralFile
from alliance.registers.models.referrals import ReferralMessage as ReferralMessage
from alliance.registers.models.referrals import ReferralOffer as ReferralOffer
from alliance.registers.models.referrals import ReferralPair as ReferralPair
from alliance.registers.models.referrals import ReferralTurn as ReferralTurn
