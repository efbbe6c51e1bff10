"""What people type about the budget set of a year and its target agreements."""

from __future__ import annotations

from wtforms import BooleanField, HiddenField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from alliance.forms import Form
from alliance.i18n import lazy as _l
from alliance.workpoints.forms.plans import strip

LONGEST = 4000  # characters of the terms


class DraftTargetForm(Form):
    """The budget set of a year; its numbers are fields `v.<line>.<kind>` and are read by the view."""

    seen = HiddenField()
    document = StringField(
        _l("Document"),
        [Optional(), Length(max=120)],
        filters=[strip],
        description=_l("Number and title of the signed paper that this rests on."),
    )
    terms = TextAreaField(
        _l("Terms of every agreement"),
        [Optional(), Length(max=LONGEST)],
        filters=[strip],
        description=_l("What both sides undertake beside the numbers: how targets are assessed, and what follows."),
        render_kw={"rows": 6},
    )


class SignAgreementForm(Form):
    """Sign the agreement of a department as it was read."""

    seen = HiddenField()
    agreed = BooleanField(_l("I have read this agreement and sign it"), [InputRequired()])
