"""What people type about panels, scores, visits and rubrics."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from flask_wtf.file import FileField
from wtforms import BooleanField, DateField, IntegerField, RadioField, SelectField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from alliance.core.period import end_of
from alliance.core.refused import Both
from alliance.forms import Checkboxes, Form, PeriodSelect
from alliance.i18n import lazy as _l
from alliance.i18n import words
from alliance.ratings.rules.panels import LONGEST
from alliance.ratings.rules.rubrics import Check

ANSWERS = {"yes": Both("是", "Yes"), "no": Both("否", "No"), "none": Both("未查看", "Not looked at")}
LAST_DAY = _l("Experts have until 24:00 of this day; what is late is left out.")


class DueForm(Form):
    """A form with a last day."""

    due = DateField(_l("Last day"), [InputRequired()], description=LAST_DAY)

    @property
    def due_at(self) -> datetime:
        assert self.due.data is not None
        return end_of(self.due.data)


class OpenPanelForm(DueForm):
    """A panel of experts is convened."""

    period = PeriodSelect(_l("Period"), [InputRequired()])
    rubric = SelectField(_l("Rubric"), [InputRequired()])
    experts = Checkboxes(_l("Experts"), description=_l("At least two; each item has a pair of them."))
    institutions = Checkboxes(_l("Members to be judged"))
    items = Checkboxes(_l("Items"), description=_l("Of the rubric chosen above; an item of another one is left out."))


class AskExpertForm(DueForm):
    """A further expert is asked."""

    expert = RadioField(_l("Expert"), [InputRequired()])


class ReplaceExpertForm(DueForm):
    """What an expert has not locked goes to another person."""

    expert = RadioField(_l("Who takes it over"), [InputRequired()])
    reason = TextAreaField(_l("Reason"), [InputRequired(), Length(min=10, max=500)], render_kw={"rows": 3})


class WithdrawExpertForm(Form):
    """An expert is withdrawn from a panel."""

    reason = TextAreaField(_l("Reason"), [InputRequired(), Length(min=10, max=500)], render_kw={"rows": 3})


class ReschedulePanelForm(DueForm):
    """The last day of a panel moves."""

    reason = TextAreaField(_l("Reason"), [InputRequired(), Length(min=10, max=500)], render_kw={"rows": 3})


class ClosePanelForm(Form):
    """A panel is closed."""

    reason = TextAreaField(
        _l("Reason, where items stay with too few scores or too little agreement"), [Optional(), Length(max=500)],
        render_kw={"rows": 3},
    )  # fmt: skip


class RemindPanelForm(Form):
    """Experts are reminded."""


class ReleaseRemarkForm(Form):
    """Remarks are released to the members they are about."""

    remarks = Checkboxes(_l("Remarks"), coerce=int)


class GiveScoreForm(Form):
    """A score of an item of a member."""

    score = IntegerField(
        _l("Score, 0 to 100"), [Optional()], description=_l("The level in words follows from the score."),
        render_kw={"inputmode": "numeric"},
    )  # fmt: skip
    unable = BooleanField(
        _l("I cannot judge this"), description=_l("It is no nought: the score is left out. Say why in the remark.")
    )
    remark = TextAreaField(
        _l("Remark of the expert"), [Optional(), Length(max=LONGEST)],
        description=_l("Without names of persons. The member may read it later, but never who wrote it."),
        render_kw={"rows": 4},
    )  # fmt: skip
    file = FileField(
        _l("Evidence"),
        description=_l("A picture, a PDF or an office file of at most 20 MB; required under 60 and over 90."),
    )  # fmt: skip


class LockScoreForm(Form):
    """What was saved is locked."""


class RecordVisitForm(Form):
    """A visit on site."""

    visited_on = DateField(_l("Day of the visit"), [InputRequired()])
    met = TextAreaField(
        _l("Whom you met"), [InputRequired(), Length(max=500)],
        description=_l("Posts and departments in words; names are not needed."), render_kw={"rows": 2},
    )  # fmt: skip
    findings = TextAreaField(_l("What you found"), [InputRequired(), Length(max=LONGEST)], render_kw={"rows": 5})


def visit_form(checks: Sequence[Check]) -> RecordVisitForm:
    """The form with an answer for each point of the checklist."""
    fields = {f"check_{one.code}": RadioField(words(one.name), [InputRequired()]) for one in checks}
    made: type[RecordVisitForm] = type("VisitForm", (RecordVisitForm,), fields)
    form = made()
    for one in checks:
        field = form[f"check_{one.code}"]
        assert isinstance(field, RadioField)
        field.choices = [(code, words(both)) for code, both in ANSWERS.items()]
    return form


class ConfirmVisitForm(Form):
    """The member's lead signs a visit."""

    answer = TextAreaField(
        _l("What is to be said about it"), [Optional(), Length(max=LONGEST)], render_kw={"rows": 3}
    )  # fmt: skip


class ImportRubricForm(Form):
    """A rubric from a file, or one that ships with the portal."""

    shipped = SelectField(_l("Rubric that ships with the portal"), [Optional()])
    file = FileField(
        _l("File"), description=_l("Or a TOML file; the export of any rubric is a template."),
        render_kw={"accept": ".toml"},
    )  # fmt: skip
