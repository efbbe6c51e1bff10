"""What experts type about their conflicts of interest."""

from __future__ import annotations

from wtforms import DateField, RadioField, SelectField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from alliance.forms import Form
from alliance.i18n import lazy as _l
from alliance.i18n import words
from alliance.ratings.rules.conflicts import KINDS

WHY = _l("At least ten characters. The performance office reads it, the member does not.")


class DeclareConflictForm(Form):
    """A conflict of interest with a member."""

    institution = SelectField(_l("Member"), [InputRequired()])
    kind = RadioField(_l("Kind of tie"), [InputRequired()])
    reason = TextAreaField(
        _l("Reason"), [InputRequired(), Length(max=500)], description=WHY, render_kw={"rows": 3}
    )  # fmt: skip
    start = DateField(_l("First day"), [InputRequired()])
    until = DateField(
        _l("Until, not included"), [Optional()], description=_l("Leave it empty where no end is known.")
    )  # fmt: skip

    def offer(self, members: list[tuple[str, str]]) -> None:
        """What there is to choose from."""
        self.institution.choices = members
        self.kind.choices = [(code, words(both)) for code, both in KINDS.items()]


class EndConflictForm(Form):
    """A conflict of interest ends."""

    end = DateField(_l("From this day on it holds no more"), [InputRequired()])
    why = TextAreaField(_l("Reason"), [InputRequired(), Length(max=500)], description=WHY, render_kw={"rows": 3})
