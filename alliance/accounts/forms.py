"""What people type about themselves and about decisions."""

from __future__ import annotations

from wtforms import DateField, PasswordField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import InputRequired, Length

from alliance.accounts.queries import BodyInfo
from alliance.accounts.rules import CHOICES
from alliance.forms import Form
from alliance.i18n import lazy as _l

CHOICE_LABELS = {
    "for": _l("for"),
    "against": _l("against"),
    "abstained": _l("abstained"),
    "recused": _l("recused"),
    "absent": _l("absent"),
}


class OpenSessionForm(Form):
    """Sign in."""

    account = StringField(_l("Account"), [InputRequired(), Length(max=64)], render_kw={"autocomplete": "username"})
    password = PasswordField(
        _l("Password"), [InputRequired(), Length(max=128)], render_kw={"autocomplete": "current-password"}
    )


class RecordDecisionForm(Form):
    """A decision of a body: number, day, matter, text, document. The votes are fields `seat-<number>`."""

    number = StringField(_l("Decision number"), [InputRequired(), Length(max=32)])
    held_on = DateField(_l("Day of the meeting"), [InputRequired()])
    text = TextAreaField(_l("Decision"), [InputRequired(), Length(min=4, max=2000)], render_kw={"rows": 3})
    document = StringField(
        _l("Document number of the minutes"),
        [InputRequired(), Length(max=120)],
        description=_l("As it stands on the signed minutes."),
    )


def decision_form(body: BodyInfo) -> type[RecordDecisionForm]:
    """The form of a decision with one field for each seat of the body."""
    fields = {
        f"seat_{seat.number}": SelectField(
            str(seat.number),
            choices=[SelectChoice("", ""), *(SelectChoice(choice, CHOICE_LABELS[choice]) for choice in CHOICES)],
            validate_choice=True,
        )
        for seat in body.seats
    }
    return type("SeatedDecisionForm", (RecordDecisionForm,), fields)
