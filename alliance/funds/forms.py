"""What people type about the alliance's money."""

from __future__ import annotations

import unicodedata
from decimal import Decimal
from typing import Any

from wtforms import DecimalField, IntegerField, StringField
from wtforms.validators import InputRequired, Length
from wtforms.widgets import HiddenInput, TextInput

from alliance.core.money import cents
from alliance.core.refused import Refused
from alliance.forms import Form, NumberRange
from alliance.i18n import lazy as _l
from alliance.i18n import said


class AmountField(DecimalField):
    """An amount in whole cents, as people paste it: with separators, in wide figures too."""

    widget = TextInput()  # a number box would refuse the separators

    def process_formdata(self, valuelist: list[Any]) -> None:
        super().process_formdata([unicodedata.normalize("NFKC", text).replace(",", "").strip() for text in valuelist])
        if self.data is None:
            return
        if not self.data.is_finite() or self.data.adjusted() > 15:
            self.data = None
            raise ValueError(self.gettext("Not a valid decimal value."))
        try:
            cents(self.data)
        except Refused as refused:
            raise ValueError(said(refused)) from refused


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


class DecideFundForm(Form):
    """Approve a computed fund; the decision's number is the field `decision`, read by the view."""
