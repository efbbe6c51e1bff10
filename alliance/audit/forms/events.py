"""What a reader of the log may ask for: events by day, account, act, subject and kind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wtforms import DateField, Form, SelectField, StringField, validators

from alliance.core.refused import mark
from alliance.forms import Words
from alliance.i18n import lazy

KINDS: Mapping[str, str] = {
    "change": mark("Change"),
    "refused": mark("Refused"),
    "export": mark("Export"),
    "opened": mark("Opened"),
}


class EventFilterForm(Form):
    """The filter of the log; it stands in the address."""

    class Meta(Form.Meta):  # type: ignore[misc]
        def get_translations(self, form: Any) -> Words:
            return Words()

    since = DateField(lazy("From day"), [validators.Optional()])
    until = DateField(lazy("To day"), [validators.Optional()])
    account = StringField(lazy("Account"), [validators.Length(max=80)])
    act = SelectField(lazy("What was done"), validate_choice=False)
    subject = StringField(lazy("Subject"), [validators.Length(max=200)])
    kind = SelectField(lazy("Kind of event"), validate_choice=False)
