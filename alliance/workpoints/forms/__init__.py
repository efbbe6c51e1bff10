"""What people type or upload about the bonus."""

from alliance.workpoints.forms.charges import LoadChargeForm as LoadChargeForm
from alliance.workpoints.forms.charges import MapChargeForm as MapChargeForm
from alliance.workpoints.forms.charges import MapCodeForm as MapCodeForm
from alliance.workpoints.forms.charges import WithdrawChargeForm as WithdrawChargeForm
from alliance.workpoints.forms.points import ImportPointsForm as ImportPointsForm
