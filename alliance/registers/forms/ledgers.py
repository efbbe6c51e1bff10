"""What people type about assessment ledgers."""

from __future__ import annotations

from decimal import Decimal

from flask_wtf.file import FileField, FileRequired
from wtforms import DateField, DecimalField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional
from wtforms.widgets import TextInput

from alliance.forms import Form, NumberRange
from alliance.i18n import lazy as _l
from alliance.i18n import words
from alliance.registers.rules.ledgers import ACCEPTED, ANSWERS, GRADES, REFUSED, REVIEW_OF_RECORDS, Entry

FILES = ".pdf,.png,.jpg,.jpeg,.xlsx,.docx,.csv,.txt"
REASON = _l("At least ten characters; it stands with the entry from then on.")


class AddEntryForm(Form):
    """Something is entered in a ledger of a kind; which of the fields there are depends on the ledger."""

    day = DateField(_l("Day"), [InputRequired()])
    item = SelectField(_l("Item"), [InputRequired()])
    member = SelectField(_l("Member"), [InputRequired()])
    unit = SelectField(_l("Department"), [Optional()])
    person = StringField(
        _l("Staff number"), [Optional(), Length(max=40)], description=_l("Of the person whom the entry is about."),
        render_kw={"autocomplete": "off"},
    )  # fmt: skip
    author = StringField(
        _l("Author of the record"), [Optional(), Length(max=40)], description=_l("The staff number of who wrote it.")
    )
    points = DecimalField(
        _l("Points"), [InputRequired(), NumberRange()], places=None, widget=TextInput(),
        description=_l("Up to what the item gives; with a minus where it takes off."),
    )  # fmt: skip
    grade = SelectField(_l("Grade of the record"), [Optional()])
    note = TextAreaField(_l("What was found"), [InputRequired(), Length(max=1000)], render_kw={"rows": 4})
    file = FileField(
        _l("Evidence"), [Optional()], description=_l("PDF, PNG, JPEG, XLSX, DOCX, CSV or TXT; at most 20 MB."),
        render_kw={"accept": FILES},
    )  # fmt: skip

    def offer(
        self, kind: str, items: list[tuple[str, str]], members: list[tuple[str, str]], units: list[tuple[str, str]]
    ) -> None:
        """What there is to choose from; the fields that this ledger does not have go."""
        self.item.choices, self.member.choices = items, members
        self.unit.choices = [("", _l("nobody's in particular")), *units]
        self.grade.choices = [("", _l("by the score")), *((code, words(both)) for code, both in GRADES.items())]
        if kind != REVIEW_OF_RECORDS:
            del self.grade, self.author
        if not units:
            del self.unit
        if len(members) == 1:
            self.member.data = members[0][0]

    def entry(self, kind: str) -> Entry:
        """What was typed, as the rules take it."""
        assert self.day.data is not None

        def text(name: str) -> str:
            return (self[name].data or "").strip() if name in self else ""

        return Entry(
            kind, self.day.data, self.item.data, self.member.data, text("unit"), text("person"),
            self.points.data or Decimal(0), text("note"), text("grade"), text("author"),
        )  # fmt: skip

    def evidence(self) -> tuple[str, bytes] | None:
        """Name and bytes of the file, None without one."""
        file = self.file.data
        return (file.filename, file.read()) if file and file.filename else None


class ReviewEntryForm(Form):
    """Whether an entry counts."""

    verdict = RadioField(_l("Verdict"), [InputRequired()])
    reason = StringField(
        _l("Reason"), [Optional(), Length(max=300)], description=_l("Needed to refuse it; at least ten characters.")
    )

    def offer(self) -> None:
        """What there is to choose from."""
        self.verdict.choices = [
            (ACCEPTED, _l("Accept: the entry counts")), (REFUSED, _l("Refuse: the entry does not count"))
        ]  # fmt: skip


class FileObjectionForm(Form):
    """The one concerned objects."""

    reason = TextAreaField(
        _l("Why the entry is wrong"), [InputRequired(), Length(max=1000)], description=REASON, render_kw={"rows": 4}
    )


class AnswerObjectionForm(Form):
    """An objection is answered."""

    outcome = RadioField(_l("Answer"), [InputRequired()])
    answer = TextAreaField(_l("Reason"), [InputRequired(), Length(max=1000)], description=REASON, render_kw={"rows": 4})

    def offer(self) -> None:
        """What there is to choose from."""
        self.outcome.choices = [(code, words(both)) for code, both in ANSWERS.items()]


class ImportStandardForm(Form):
    """The items of a ledger with their points."""

    start = DateField(_l("Holds from"), [InputRequired()], description=_l("For what is entered of that day or later."))
    title = StringField(_l("Document"), [InputRequired(), Length(max=120)], description=_l("The rule it comes from."))
    file = FileField(
        _l("File"), [FileRequired(_l("Choose a file."))],
        description=_l("An .xlsx or CSV file of at most 20 MB with the columns of the template."),
        render_kw={"accept": ".xlsx,.csv"},
    )  # fmt: skip


class PublishLedgerForm(Form):
    """A notice of a month's ledger, or of one entry."""

    kind = SelectField(_l("Ledger"), [Optional()])
    remark_zh = TextAreaField(
        _l("What is to be said besides, in Chinese"), [Optional(), Length(max=2000)],
        render_kw={"rows": 4, "lang": "zh-Hans-CN"},
    )  # fmt: skip
    remark_en = TextAreaField(
        _l("The same in English"), [Optional(), Length(max=2000)], render_kw={"rows": 3, "lang": "en"}
    )
    last_day = DateField(_l("Last day to confirm"), [InputRequired()])
