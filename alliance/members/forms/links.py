"""What people type about who supports whom."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from flask_babel import gettext as _
from wtforms import DateField, FieldList, FormField, SelectField
from wtforms.validators import InputRequired, Optional

from alliance.core.specialties import SPECIALTIES
from alliance.forms import DecimalField, Form, NumberRange, Part
from alliance.i18n import lazy as _l
from alliance.i18n import words
from alliance.members.forms.departments import BLANKS, FromStart

LINES = 12


class SupporterPart(Part):
    """One supporter with its share."""

    supporter = SelectField(_l("Supporting member"), default="")
    share = DecimalField(_l("Share"), [Optional(), NumberRange(0, 100)], places=None)


class SetLinkForm(FromStart):
    """Who supports a member in a specialty. A line that is emptied is taken out."""

    supported = SelectField(_l("Supported member"), [InputRequired()])
    specialty = SelectField(_l("Medical specialty"))
    lines = FieldList(FormField(SupporterPart), _l("Supporting members"), max_entries=LINES)

    def offer(self, members: Sequence[tuple[str, str]]) -> None:
        """Blank lines to fill in, and the members and specialties to choose from."""
        self.supported.choices = [("", _("Choose…")), *members]
        self.specialty.choices = [
            ("", _("All specialties")),
            *((code, f"{words(name)} {code}") for code, name in SPECIALTIES.items()),
        ]
        filled = sum(bool(line.form.supporter.data) for line in self.lines)
        while len(self.lines) < min(filled + BLANKS, LINES):
            self.lines.append_entry()
        for line in self.lines:
            line.form.supporter.choices = [("", "—"), *members]

    @property
    def shares(self) -> tuple[tuple[str, Decimal], ...]:
        """What was filled in; a supporter without a share has none, which the verb refuses."""
        return tuple(
            (line.form.supporter.data, line.form.share.data or Decimal(0))
            for line in self.lines
            if line.form.supporter.data
        )


class EndLinkForm(Form):
    """The end of the support of a member in a specialty."""

    until = DateField(
        _l("Ends on"), [InputRequired()], description=_l("The first day on which nobody supports it any more.")
    )
