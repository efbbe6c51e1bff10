"""What is typed about verifications by third parties, by office, experts and members."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_wtf.file import FileField
from wtforms import (
    BooleanField,
    DateField,
    FieldList,
    FormField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, Optional

from alliance.core.period import PeriodKind
from alliance.forms import Checkboxes, Form, NumberRange, Part, PeriodSelect
from alliance.i18n import lazy as _l
from alliance.ratings.rules.plans import Action
from alliance.ratings.rules.verification import COMPLETIONS, LEAST, MOST, SEVERITIES, VERDICTS

ACCEPT = {"accept": ".pdf,.png,.jpg,.jpeg,.xlsx,.docx,.csv,.txt"}
FILE = _l("One file of at most 20 MB, without names of patients: PDF, PNG, JPEG, XLSX, DOCX, CSV or TXT.")
ACTIONS = 4  # rows for actions, where fewer were written
LONG = 2000
Choices = Sequence[tuple[str, str]]


def said_choices(words: Mapping[str, str]) -> list[tuple[str, str]]:
    """Codes with their marked words in the reader's language."""
    return [(code, _(text)) for code, text in words.items()]


class OpenEngagementForm(Form):
    """A third party is engaged."""

    organisation = StringField(_l("Organisation"), [InputRequired(), Length(max=120)])
    contract = StringField(_l("Number of the contract"), [InputRequired(), Length(max=60)])
    file = FileField(_l("Contract"), [Optional()], description=FILE, render_kw=ACCEPT)
    period = PeriodSelect(_l("Period"), [InputRequired()], kinds=(PeriodKind.QUARTER, PeriodKind.MONTH))
    institutions = Checkboxes(_l("Members whose figures are verified"), [InputRequired()])
    experts = Checkboxes(
        _l("Experts"), [InputRequired()],
        description=_l("Each reads what these members filed, from the first to the last day and no longer."),
    )  # fmt: skip
    starts = DateField(_l("First day"), [InputRequired()])
    ends = DateField(_l("Last day"), [InputRequired()])
    size = IntegerField(
        _l("Figures in the sample"), [InputRequired(), NumberRange(LEAST, MOST)],
        description=_l("Over all these members; where there are fewer figures, all are drawn."),
    )  # fmt: skip
    weighed = BooleanField(
        _l("Give more places to figures at risk"),
        description=_l("Figures that a cross-check found wrong count four times, those that were filed anew twice."),
    )

    def offer(self, members: Choices, experts: Choices) -> None:
        """What there is to choose from."""
        self.institutions.choices = list(members)
        self.experts.choices = list(experts)


class RescheduleEngagementForm(Form):
    """The last day of an engagement moves."""

    ends = DateField(_l("Last day"), [InputRequired()])
    reason = TextAreaField(_l("Reason"), [InputRequired(), Length(min=10, max=500)], render_kw={"rows": 3})


class RecordVerificationForm(Form):
    """What the source says of a figure."""

    verdict = RadioField(_l("Is the figure verified?"), [InputRequired()])
    corrected = StringField(
        _l("Value at the source"), [Optional(), Length(max=60)], description=_l("Only where the figure is corrected.")
    )
    source = StringField(
        _l("Source looked at"), [InputRequired(), Length(max=200)],
        description=_l("Which register or system, of which day, and who showed it."),
    )  # fmt: skip
    remark = TextAreaField(
        _l("Remark"), [Optional(), Length(max=1000)], render_kw={"rows": 3},
        description=_l("What differs or is missing; needed unless the figure is verified."),
    )  # fmt: skip
    file = FileField(_l("Evidence"), [Optional()], description=FILE, render_kw=ACCEPT)

    def offer(self) -> None:
        self.verdict.choices = said_choices(VERDICTS)


class ConfirmCompletionForm(Form):
    """Whether what the indicators of a member ask for was completed; their fields are read by `verdicts`."""

    def verdicts(self, sent: Mapping[str, Any], codes: Iterable[str]) -> dict[str, tuple[str, str]]:
        """(verdict, reason) by indicator, as they were sent."""
        return {
            code: (str(sent.get(f"verdict-{code}", ""))[:10], str(sent.get(f"reason-{code}", ""))[:1000])
            for code in codes
        }

    @property
    def offered(self) -> list[tuple[str, str]]:
        return said_choices(COMPLETIONS)


class RecordFindingForm(Form):
    """A finding about a member."""

    institution = SelectField(_l("Member"), [InputRequired()])
    severity = RadioField(_l("Severity"), [InputRequired()])
    area = StringField(
        _l("Figure or area"), [InputRequired(), Length(max=120)],
        description=_l("For example the data element, or filing of cases in general."),
    )  # fmt: skip
    text = TextAreaField(_l("What was found"), [InputRequired(), Length(max=LONG)], render_kw={"rows": 4})
    expected = TextAreaField(
        _l("What the third party expects"), [InputRequired(), Length(max=LONG)], render_kw={"rows": 3}
    )
    due = DateField(_l("Until"), [InputRequired()])

    def offer(self, members: Choices) -> None:
        """What there is to choose from."""
        self.institution.choices = list(members)
        self.severity.choices = said_choices(SEVERITIES)


class ActionPart(Part):
    """An action of a plan."""

    text = StringField(_l("What is to be done"), [Optional(), Length(max=200)])
    owner = StringField(_l("Who does it"), [Optional(), Length(max=60)])
    due = DateField(_l("Until"), [Optional()])


class FilePlanForm(Form):
    """What a member does about a finding."""

    problem = TextAreaField(_l("Problem"), [InputRequired(), Length(max=LONG)], render_kw={"rows": 3})
    cause = TextAreaField(
        _l("Cause of the problem"), [InputRequired(), Length(max=LONG)], render_kw={"rows": 3},
        description=_l("Why it came to this, not what it was."),
    )  # fmt: skip
    actions = FieldList(FormField(ActionPart), min_entries=ACTIONS, max_entries=12)

    def written(self) -> list[Action]:
        """The rows that have a day; the form is not valid where one has none."""
        rows = [row.form for row in self.actions]
        return [Action(row.text.data or "", row.owner.data or "", row.due.data) for row in rows if row.due.data]

    def validate_actions(self, field: Any) -> None:
        """Each row in which something stands has a day."""
        for row in (entry.form for entry in field):
            if (row.text.data or row.owner.data) and row.due.data is None and not row.due.errors:
                row.due.errors = [_("This field is required.")]
                field.errors = [*field.errors, {"due": row.due.errors}]

    def begin(self, problem: str, cause: str, actions: Sequence[Action]) -> None:
        """Fill in what was written before."""
        self.problem.data, self.cause.data = problem, cause
        while len(self.actions) < len(actions):
            self.actions.append_entry()
        for entry, one in zip(self.actions, actions, strict=False):
            entry.form.text.data, entry.form.owner.data, entry.form.due.data = one.text, one.owner, one.due_on


class ReviewPlanForm(Form):
    """The office accepts or returns a plan."""

    step = RadioField(_l("Verdict"), [InputRequired()])
    reason = TextAreaField(
        _l("Reason"), [Optional(), Length(max=1000)], render_kw={"rows": 3},
        description=_l("Needed where the plan is returned; the member reads it."),
    )  # fmt: skip

    def offer(self) -> None:
        self.step.choices = [("accept", _("Accept the plan")), ("return", _("Return it"))]


class FinishPlanForm(Form):
    """A member reports its plan as done."""

    text = TextAreaField(_l("What was done"), [InputRequired(), Length(min=10, max=LONG)], render_kw={"rows": 4})
    file = FileField(_l("Evidence"), [InputRequired()], description=FILE, render_kw=ACCEPT)


class ConfirmPlanForm(Form):
    """What was done is confirmed, or more is to be done."""

    step = RadioField(_l("Verdict"), [InputRequired()])
    reason = TextAreaField(
        _l("Reason"), [Optional(), Length(max=1000)], render_kw={"rows": 3},
        description=_l("Needed where more is to be done; the member reads it."),
    )  # fmt: skip

    def offer(self) -> None:
        self.step.choices = [("confirm", _("Confirm it as done")), ("reopen", _("More is to be done"))]
