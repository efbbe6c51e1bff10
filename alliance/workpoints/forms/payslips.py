"""What is typed about payslips."""

from __future__ import annotations

from wtforms import TextAreaField
from wtforms.validators import InputRequired, Length

from alliance.forms import Form
from alliance.i18n import lazy as _l


class CorrectSlipForm(Form):
    """Why one payslip is made again."""

    reason = TextAreaField(
        _l("Reason"),
        [InputRequired(), Length(min=10, max=1000)],
        description=_l("At least ten characters. The employee reads it on the payslip."),
        render_kw={"rows": 3},
    )
