"""What a second person says of an entry of a ledger: it pays or counts, or it does not and why."""

from __future__ import annotations

from wtforms import HiddenField, RadioField, StringField
from wtforms.validators import InputRequired, Length, Optional

from alliance.forms import Form
from alliance.i18n import lazy as _l
from alliance.workpoints.rules.ledgers import ACCEPTED, ENTERED, REFUSED


class ReviewTaskForm(Form):
    """Whether a task is paid, in the state at hand; one that was accepted can only be refused."""

    accept, refuse = _l("Accept: the task is paid"), _l("Refuse")

    seen = HiddenField()
    verdict = RadioField(_l("Verdict"), [InputRequired()])
    reason = StringField(
        _l("Reason"), [Optional(), Length(max=200)], description=_l("Needed to refuse; at least ten characters.")
    )

    def offer(self, state: str, accepts: bool) -> None:
        """The verdicts that can be given in a state."""
        accept = [(ACCEPTED, self.accept)] if state == ENTERED and accepts else []
        self.verdict.choices = [*accept, (REFUSED, self.refuse)]
        if not self.is_submitted():
            self.seen.data = state


class ReviewReserveForm(ReviewTaskForm):
    """Whether a release of a reserve is paid."""

    accept = _l("Accept: it joins the bonus of the unit")


class ReviewWorkloadForm(ReviewTaskForm):
    """Whether work becomes a line."""

    accept, refuse = _l("Accept: the work counts"), _l("Refuse: the work does not count")
