"""The fields of the style page: one of each kind, as the pages of the wings have them."""

from __future__ import annotations

from typing import Any

from flask_wtf.file import FileField
from wtforms import BooleanField, DateField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Optional

from alliance.forms import DecimalField, Form
from alliance.i18n import lazy as _l
from alliance.i18n import period


class ReadStyleForm(Form):
    """It is shown and never sent; `wrong` leaves its fields with their complaints."""

    document = StringField(_l("Document"), [InputRequired(_l("Name the document."))])
    period = SelectField(_l("Period"), [Optional()])
    value = DecimalField(
        _l("Value"), [InputRequired(_l("A number is needed."))], description=_l("With two places at most.")
    )
    until = DateField(_l("Until"), [Optional()])
    reason = TextAreaField(_l("Reason"), [Optional()], description=_l("At least 10 characters."))
    direction = RadioField(_l("Direction"), [Optional()])
    sure = BooleanField(_l("I have compared them with the source."), [Optional()])
    file = FileField(_l("File"), [Optional()], description=_l("PDF or Excel, 20 MB at most."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, meta={"csrf": False}, **kwargs)
        self.period.choices = [(code, period(code)) for code in ("2026-03", "2026Q1", "2026")]
        self.direction.choices = [("up", _l("higher is better")), ("down", _l("lower is better"))]

    def wrong(self) -> ReadStyleForm:
        """The form as it is after it was sent empty."""
        self.validate()
        return self
