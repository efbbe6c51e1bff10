"""What people type about cases: the form of each register comes from its declaration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_wtf.file import FileField, FileRequired
from wtforms import Field as Box
from wtforms import HiddenField, RadioField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields import MultipleFileField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import InputRequired, Length, ValidationError
from wtforms.validators import Optional as Left
from wtforms.widgets import DateInput, DateTimeLocalInput

from alliance.core.refused import Refused
from alliance.forms import Form
from alliance.i18n import lazy as _l
from alliance.i18n import said, words
from alliance.registers.queries import Register
from alliance.registers.rules.imports import SOURCE
from alliance.registers.rules.kinds.shapes import (
    CHOICE,
    DATE,
    LONG,
    MEMBER,
    MEMBERS,
    MOMENT,
    MONEY,
    NUMBER,
    PERSON,
    YES,
    Field,
)

Choices = Sequence[tuple[str, str]]


class CaseForm(Form):
    """The fields of a case; subclasses have one for each field of their register."""

    register: Register

    @property
    def given(self) -> dict[str, str]:
        """What was typed, by field."""
        found: dict[str, str] = {}
        for one in self.register.fields:
            data = self[one.code].data
            found[one.code] = " ".join(data) if isinstance(data, list) else str(data or "")
        return found

    @property
    def boxes(self) -> list[tuple[Field, Box]]:
        """Each field with its box, in the order of the register."""
        return [(one, self[one.code]) for one in self.register.fields]

    def place(self) -> None:
        """Put what a verb refused to the fields where it stands; what belongs to none stays above them."""
        refused = self.refused
        left = []
        for problem in refused.problems if refused else ():
            code = str(problem.at.get("code", ""))
            if code in self:
                self[code].errors = [*self[code].errors, said(problem)]
            else:
                left.append(problem)
        if refused and refused.problems:
            self.refused = Refused(refused.message, problems=left, **refused.numbers) if left else None


def case_form(register: Register, members: Choices, begun: Mapping[str, str], reason: bool = False) -> CaseForm:
    """The form of a register, begun with some texts; with a reason where it corrects."""
    boxes: dict[str, Any] = {"register": register}
    for one in register.fields:
        boxes[one.code] = _box(one, members)
    if reason:
        boxes["reason"] = TextAreaField(
            _("Reason of the correction"), [InputRequired(), Length(min=10, max=500)], render_kw={"rows": 2}
        )
    made = type("RegisterForm", (CaseForm,), boxes)
    data: dict[str, Any] = dict(begun)
    for one in register.fields:
        if one.type == MEMBERS:
            data[one.code] = begun.get(one.code, "").split()
    form: CaseForm = made(data=data)
    return form


def _box(one: Field, members: Choices) -> Any:
    checks = [] if one.required else [Left()]
    common: dict[str, Any] = {"label": words(one.name), "validators": checks, "description": _hint(one)}
    if one.type == CHOICE:
        choices = [SelectChoice("", _("Choose"))]
        choices += [SelectChoice(code, words(name)) for code, name in one.choices.items()]
        return SelectField(choices=choices, validate_choice=False, **common)
    if one.type == YES:
        return RadioField(
            choices=[SelectChoice("yes", _("Yes")), SelectChoice("no", _("No"))], validate_choice=False, **common
        )
    if one.type == MEMBER:
        return SelectField(choices=[SelectChoice("", _("Choose")), *_offered(members)], validate_choice=False, **common)
    if one.type == MEMBERS:
        return SelectMultipleField(choices=_offered(members), validate_choice=False, **common)
    if one.type == LONG:
        return TextAreaField(render_kw={"rows": 3}, **common)
    if one.type == DATE:
        return StringField(widget=DateInput(), **common)
    if one.type == MOMENT:
        return StringField(widget=DateTimeLocalInput(), **common)
    typed = {"inputmode": "decimal"} if one.type in (NUMBER, MONEY) else {}
    return StringField(render_kw={**typed, "autocomplete": "off"}, **common)


def _offered(members: Choices) -> list[SelectChoice]:
    return [SelectChoice(code, name) for code, name in members]


def _hint(one: Field) -> str:
    if one.hint.en:
        return words(one.hint)
    if one.type == PERSON:
        return _("Staff number; the name where the member keeps no list of staff in the portal.")
    return ""


class ConfirmCaseForm(Form):
    """Confirm what was chosen."""


class ReasonForm(Form):
    """Why a case is disputed or withdrawn."""

    reason = TextAreaField(_l("Reason"), [InputRequired(), Length(min=10, max=500)], render_kw={"rows": 3})


class ImportCaseForm(Form):
    """A file of cases, and the system that it comes from."""

    source = StringField(
        _l("Source"),
        [InputRequired(), Length(max=SOURCE)],
        description=_l("The system the file comes from, such as HIS. A record of it stands once in the register."),
    )
    file = FileField(
        _l("File"),
        description=_l("An .xlsx or .csv file of at most 20 MB, with the headings of the template."),
        render_kw={"accept": ".xlsx,.csv"},
    )
    kept = HiddenField()
    name = HiddenField()

    def validate_file(self, field: FileField) -> None:
        if not field.data and not self.kept.data:
            raise ValidationError(_("Choose a file."))


class AddProofForm(Form):
    """Files that show that a case took place."""

    files = MultipleFileField(
        _l("Files"),
        [FileRequired(_l("Choose a file."))],
        description=_l("PDF, PNG, JPEG, XLSX, DOCX, CSV or TXT; at most 20 MB altogether, and 20 files for a case."),
        render_kw={"accept": ".pdf,.png,.jpg,.jpeg,.xlsx,.docx,.csv,.txt"},
    )
