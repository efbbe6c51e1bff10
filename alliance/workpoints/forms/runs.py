"""What people type about a run: reasons, decisions, shifts, objections and their answers."""

from __future__ import annotations

from collections.abc import Mapping

from wtforms import HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from alliance.core.refused import Problem, Refused, mark
from alliance.core.written import number_of
from alliance.forms import Form
from alliance.i18n import lazy as _l
from alliance.workpoints.rules.shifts import Shift

REASON = (InputRequired(), Length(min=10, max=300))
NO_AMOUNT = mark("is no amount in CNY; write digits, such as -120.50")


class ComputeRunForm(Form):
    """Compute a month."""


class ComputeSlipForm(Form):
    """Make the payslips of a run."""


class CheckRunForm(Form):
    """Confirm a draft as a second person."""

    reason = StringField(
        _l("Remark"), [Optional(), Length(max=300)],
        description=_l("Needed, in ten characters or more, while medical operation pay is under its share."),
    )  # fmt: skip


class ReturnRunForm(Form):
    """Give a checked run back."""

    reason = StringField(_l("Reason"), REASON, description=_l("In ten characters or more."))


class ApproveRunForm(Form):
    """Approve a checked run on a record of the hospital's body."""

    decision = SelectField(_l("Decided by"), [InputRequired()])


class PayRunForm(Form):
    """Confirm that a run was paid."""


class ReverseRunForm(Form):
    """Take a run out of force."""

    reason = StringField(_l("Reason"), REASON, description=_l("In ten characters or more."))
    decision = SelectField(_l("Decided by"), [Optional()])


class PublishUnitForm(Form):
    """Publish the distribution of a unit, in the revision at hand."""

    seen = HiddenField()


class ShiftUnitForm(Form):
    """The shifts of a unit's head, all of them; an amount and a reason for each person."""

    seen = HiddenField()

    @staticmethod
    def shifts(fields: Mapping[str, str], unit: str) -> list[Shift]:
        """The shifts that were typed; Refused with each amount that cannot be read."""
        found, problems = [], []
        for name in fields:
            prefix, _, person = name.partition("-")
            text = fields[name].strip()
            if prefix != "change" or not text:
                continue
            change = number_of(text)
            if change is None:
                problems.append(Problem(f"{unit}/{person}", text[:40], NO_AMOUNT))
            elif change:
                found.append(Shift(person, change, fields.get(f"reason-{person}", "")))
        if problems:
            raise Refused(
                "%(count)s shifts of %(unit)s are refused.", count=len(problems), unit=unit, problems=problems
            )
        return found


class FileObjectionForm(Form):
    """Object to a published distribution."""

    text = TextAreaField(
        _l("What do you object to?"), [InputRequired(), Length(min=10, max=1000)],
        description=_l("The head of the unit answers first; then you may turn to the office."),
    )  # fmt: skip


class AnswerObjectionForm(Form):
    """Answer an objection."""

    accepted = RadioField(
        _l("Answer"), [InputRequired()], choices=[("yes", _l("Accepted: the distribution is put right")),
                                                  ("no", _l("Refused: it stays"))],
    )  # fmt: skip
    answer = TextAreaField(_l("Reason"), [InputRequired(), Length(min=10, max=1000)])
