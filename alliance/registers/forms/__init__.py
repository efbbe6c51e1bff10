"""What people type about cases."""

from alliance.registers.forms.cases import AddProofForm as AddProofForm
from alliance.registers.forms.cases import CaseForm as CaseForm
from alliance.registers.forms.cases import ConfirmCaseForm as ConfirmCaseForm
from alliance.registers.forms.cases import ImportCaseForm as ImportCaseForm
from alliance.registers.forms.cases import ReasonForm as ReasonForm
from alliance.registers.forms.cases import case_form as case_form
from alliance.registers.forms.referrals import CancelReferralForm as CancelReferralForm
from alliance.registers.forms.referrals import CertifyPairForm as CertifyPairForm
from alliance.registers.forms.referrals import ChargeReferralForm as ChargeReferralForm
from alliance.registers.forms.referrals import CloseReferralForm as CloseReferralForm
from alliance.registers.forms.referrals import CountersignPairForm as CountersignPairForm
from alliance.registers.forms.referrals import DeclineReferralForm as DeclineReferralForm
from alliance.registers.forms.referrals import DischargeReferralForm as DischargeReferralForm
from alliance.registers.forms.referrals import FileReferralForm as FileReferralForm
from alliance.registers.forms.referrals import FollowReferralForm as FollowReferralForm
from alliance.registers.forms.referrals import ImportReferralForm as ImportReferralForm
from alliance.registers.forms.referrals import MissReferralForm as MissReferralForm
from alliance.registers.forms.referrals import PublishOfferForm as PublishOfferForm
from alliance.registers.forms.referrals import ReturnReferralForm as ReturnReferralForm
from alliance.registers.forms.referrals import SeeReferralForm as SeeReferralForm
from alliance.registers.forms.referrals import StepForm as StepForm
from alliance.registers.forms.referrals import WriteMessageForm as WriteMessageForm
from alliance.registers.forms.referrals import specialties as specialties
