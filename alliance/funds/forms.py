"""What people type about the alliance's money."""

from __future__ import annotations

from decimal import Decimal

from wtforms import IntegerField, StringField
from wtforms.validators import InputRequired, Length
from wtforms.widgets import HiddenInput

from alliance.forms import AmountField, Form, NumberRange
from alliance.i18n import lazy as _l


class FileTotalForm(Form):
    """Totals of all members of a period: fields `total-<code>`, `heads-<code>`, `last-<code>`, read by the view."""

    document = StringField(
        _l("Document"),
        [InputRequired(), Length(max=120)],
        description=_l("The signed list that the totals are taken from."),
    )


class AddLineForm(Form):
    """A source of the fund beside what members pay in."""

    name = StringField(_l("Name of the source"), [InputRequired(), Length(max=120)])
    amount = AmountField(
        _l("Amount, CNY"),
        [InputRequired(), NumberRange(min=0, max=Decimal(10) ** 13)],
        places=None,
        render_kw={"inputmode": "decimal"},
    )
    line_document = StringField(_l("Document"), [InputRequired(), Length(max=120)])


class CorrectLineForm(AddLineForm):
    """What a source is, said anew."""

    seen = IntegerField(widget=HiddenInput())


class ComputeFundForm(Form):
    """Share the fund of a period."""
