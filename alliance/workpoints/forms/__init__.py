"""What people type or upload about the bonus."""

from alliance.workpoints.forms.payslips import CorrectSlipForm as CorrectSlipForm
