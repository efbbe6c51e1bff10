"""What a receiver types about several referrals at once."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_wtf.file import FileField, FileRequired
from wtforms import DateField, RadioField
from wtforms.validators import InputRequired, Optional

from alliance.forms import Form
from alliance.i18n import lazy as _l
from alliance.i18n import words
from alliance.registers.rules.confirmations import AT_ONCE, OUTCOMES, Said
from alliance.registers.rules.referrals import SEEN


class RecordConfirmationForm(Form):
    """What became of the referrals that were chosen."""

    outcome = RadioField(_l("Outcome"), [InputRequired()], default=SEEN)
    day = DateField(_l("Seen on"), [Optional()])

    def offer(self, today: date) -> None:
        """The outcomes in the reader's language, and today for the day."""
        self.outcome.choices = [(code, words(OUTCOMES[code])) for code in AT_ONCE]
        if not self.is_submitted() or self.day.raw_data is None:
            self.day.data = today

    def validate(self, extra_validators: Any = None) -> bool:
        # A day left out ends the checks of its field, so that it is asked for here.
        found = bool(super().validate(extra_validators))
        if found and self.outcome.data == SEEN and not self.day.data:
            self.day.errors = [_("Give the day on which the patient was seen.")]
            return False
        return found

    def said(self) -> Said:
        """What was typed, as the verb takes it."""
        return Said(self.outcome.data, self.day.data if self.outcome.data == SEEN else None)


class ImportConfirmationForm(Form):
    """A file of the receiver's own system."""

    file = FileField(
        _l("Table of confirmations"),
        [FileRequired(_l("Choose a file."))],
        description=_l("An .xlsx or CSV file with at most 2,000 rows: number of the referral, outcome, day, reason."),
        render_kw={"accept": ".xlsx,.csv"},
    )
