"""The verbs on cases."""

from alliance.registers.services.referral_contacts import erase_referral_contacts as erase_referral_contacts
from alliance.registers.services.referral_contacts import renew_keys as renew_keys
from alliance.registers.services.referral_offers import publish_offer as publish_offer
from alliance.registers.services.referral_pairs import certify_pair as certify_pair
from alliance.registers.services.referral_pairs import countersign_pair as countersign_pair
from alliance.registers.services.referral_steps import accept_referral as accept_referral
from alliance.registers.services.referral_steps import cancel_referral as cancel_referral
from alliance.registers.services.referral_steps import charge_referral as charge_referral
from alliance.registers.services.referral_steps import close_referral as close_referral
from alliance.registers.services.referral_steps import decline_referral as decline_referral
from alliance.registers.services.referral_steps import discharge_referral as discharge_referral
from alliance.registers.services.referral_steps import follow_referral as follow_referral
from alliance.registers.services.referral_steps import miss_referral as miss_referral
from alliance.registers.services.referral_steps import return_referral as return_referral
from alliance.registers.services.referral_steps import see_referral as see_referral
from alliance.registers.services.referral_steps import write_message as write_message
from alliance.registers.services.referrals import Past as Past
from alliance.registers.services.referrals import file_referral as file_referral
from alliance.registers.services.referrals import import_referral as import_referral
from alliance.registers.services.referrals import take_over_referrals as take_over_referrals
