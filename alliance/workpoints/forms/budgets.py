"""What people type about the budget of a year."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from flask_babel import gettext as _
from wtforms import FieldList, FormField, HiddenField, SelectField, StringField
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from alliance.core.refused import Problem
from alliance.forms import DecimalField, Form, NumberRange, Part, T
from alliance.i18n import lang, said
from alliance.i18n import lazy as _l
from alliance.workpoints.forms.plans import strip
from alliance.workpoints.rules.budget import LINES
from alliance.workpoints.rules.income import CLASSES, MEDICAL_SERVICE

BLANKS = 2  # lines to fill in beside those that are there
ROWS = 60
LARGEST = 10**13
DOCUMENT = _l("Document")


class LinePart(Part):
    """A source line; without an amount it is none."""

    kind = SelectField(_l("Kind of source"))
    item_class = SelectField(_l("Class of charges"))
    amount = DecimalField(_l("Amount of the year"), [Optional(), NumberRange(-LARGEST, LARGEST)], places=2)
    document = StringField(DOCUMENT, [Optional(), Length(max=120)], filters=[strip])
    figure = HiddenField()

    def validate_document(self, field: StringField) -> None:
        """Refuse a line whose amount was forgotten; one that the alliance paid is left out by emptying its amount."""
        if self.amount.data is None and not self.amount.errors and not self.figure.data:
            raise ValidationError(_("There is no amount; type it, or empty the document to leave the line out."))


class DraftBudgetForm(Form):
    """The budget of a year: its sources, the goal score, the planned allowances, the approved total."""

    lines = FieldList(FormField(LinePart), max_entries=ROWS)
    goal = DecimalField(
        _l("Hospital's goal score"), [InputRequired(), NumberRange(0, 200)], places=None,
        description=_l("In points; ÷ 100 and kept within the limits of the scheme it multiplies the pool."),
    )  # fmt: skip
    goal_document = StringField(DOCUMENT, [InputRequired(), Length(max=120)], filters=[strip])
    allowances = DecimalField(
        _l("Planned night and task allowances of the year"), [InputRequired(), NumberRange(0, LARGEST)], places=2,
        description=_l("They are paid beside the pool and count in the performance-wage total."),
    )  # fmt: skip
    allowances_document = StringField(DOCUMENT, [InputRequired(), Length(max=120)], filters=[strip])
    approved = DecimalField(
        _l("Approved performance-wage total of the year"), [InputRequired(), NumberRange(0, LARGEST)], places=2,
        description=_l("As approved by the authorities; pool and allowances are held against it."),
    )  # fmt: skip
    approved_document = StringField(DOCUMENT, [InputRequired(), Length(max=120)], filters=[strip])

    def offer(self) -> None:
        """The kinds of sources and the classes of charges that pay may rest on, in the reader's language."""
        english = lang() == "en"
        kinds = [("", ""), *((code, one.en if english else one.zh) for code, one in LINES.items())]
        classes = [
            ("", "—"), *((code, pair[english]) for code, pair in CLASSES.items() if code in MEDICAL_SERVICE),
        ]  # fmt: skip
        for line in self.lines:
            line.form.kind.choices, line.form.item_class.choices = kinds, classes

    def fill(self, rows: Iterable[dict[str, Any]]) -> None:
        """Lines to begin with, and some blank ones."""
        for row in [*rows, *({} for _blank in range(BLANKS))]:
            self.lines.append_entry(row)

    def content(self) -> dict[str, Any]:
        """What was typed, as rules.plans reads it; lines without an amount are left out."""
        sources = [{key: value for key, value in line.data.items() if value not in (None, "")} for line in self._given]
        single = {name: self[name].data for name in ("goal", "allowances", "approved")}
        return {"sources": sources} | single | {f"{name}_document": self[f"{name}_document"].data for name in single}

    @property
    def _given(self) -> list[FormField[Any]]:
        return [line for line in self.lines if line.data["amount"] is not None]

    def done(self, work: Callable[[], T]) -> tuple[bool, T | None]:
        """As of any form; what is wrong in a field is told there alone."""
        ok, found = super().done(work)
        told = [self._told(one) for one in self.refused.problems] if self.refused else []
        if told and all(told):
            self.refused = None
        return ok, found

    def _told(self, problem: Problem) -> bool:
        """Whether a problem belongs to a field, which then has it."""
        part, name = self, problem.where
        if name.startswith("sources."):
            _sources, place, name = name.split(".")
            part = self._given[int(place) - 1].form
        if name not in part:
            return False
        part[name].errors = [*part[name].errors, said(problem)]
        return True
