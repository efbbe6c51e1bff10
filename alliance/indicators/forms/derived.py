"""The forms of what cases feed."""

from __future__ import annotations

from wtforms import RadioField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import InputRequired

from alliance.core.period import PeriodKind
from alliance.forms import Form, PeriodSelect
from alliance.i18n import lazy as _l


class SetFeedForm(Form):
    """From which month on an element is derived, or is not."""

    month = PeriodSelect(_l("From month"), [InputRequired()], kinds=(PeriodKind.MONTH,), ahead=2)
    derived = RadioField(
        _l("The data element is"),
        [InputRequired()],
        choices=[
            SelectChoice("yes", _l("derived from confirmed cases")),
            SelectChoice("no", _l("filed by the members")),
        ],
    )


class DeriveReadingForm(Form):
    """Derive a month at once."""
