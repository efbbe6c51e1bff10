"""What people type or upload about the inside of a hospital, and the words for it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal

from flask_babel import gettext as _
from flask_wtf.file import FileField, FileRequired
from wtforms import DateField, Field, FieldList, FormField, IntegerField, SelectField, StringField
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from alliance.core.refused import mark
from alliance.forms import DecimalField, Form, NumberRange, Part
from alliance.i18n import label
from alliance.i18n import lazy as _l
from alliance.members.rules.departments import DepartmentFact

KIND_LABELS: Mapping[str, str] = {
    "clinical_department": mark("Clinical department"),
    "inpatient_group": mark("Inpatient medical group"),
    "inpatient_nursing": mark("Inpatient nursing unit"),
    "outpatient_medical": mark("Outpatient medical unit"),
    "outpatient_nursing": mark("Outpatient nursing unit"),
    "medical_technology": mark("Technology department"),
    "medical_support": mark("Support department"),
    "logistics": mark("Logistics department"),
    "administration": mark("Administrative department"),
}
CLASS_LABELS: Mapping[str, str] = {
    "clinical": mark("Clinical services"),
    "medical_technology": mark("Medical technology services"),
    "medical_support": mark("Medical support services"),
    "administrative": mark("Administration and logistics"),
}
BLANKS = 3  # lines to fill in beside those that are there
LINES = 40


class FromStart(Form):
    """What holds from a day on."""

    start = DateField(
        _l("Holds from"), [InputRequired()], description=_l("What was recorded before stays and holds until that day.")
    )


def check_free(known: Collection[str], field: Field) -> None:
    """Refuse a code that somebody types as a new one and that is there already: it would change what it names."""
    if field.data in known:
        raise ValidationError(_("%(code)s is there already; open it to change it.", code=field.data))


class DefineDepartmentForm(FromStart):
    """A department, new or as it is from a day on."""

    known: Collection[str] = ()  # codes that a new one may not have
    code = StringField(
        _l("Code"),
        [InputRequired(), Length(max=16)],
        filters=[lambda text: text.strip().upper() if text else text],
        description=_l("Capital letters, digits and hyphens; it never changes."),
    )
    parent = SelectField(_l("Parent department"))
    name_zh = StringField(_l("Name in Chinese"), [InputRequired(), Length(max=60)])
    name_en = StringField(_l("Name in English"), [Optional(), Length(max=80)])
    kind = SelectField(_l("Kind of department"), [InputRequired()])
    accounting = SelectField(_l("Cost accounting class"))
    beds = IntegerField(_l("Beds"), [Optional(), NumberRange(0, 100_000)])

    def validate_code(self, field: Field) -> None:
        check_free(self.known, field)

    def offer(self, departments: Iterable[tuple[DepartmentFact, int]]) -> None:
        """The choices: the departments of the day, the kinds and classes in the reader's language."""
        self.parent.choices = unit_choices(departments, "—", but=self.code.data or "")
        self.kind.choices = [("", _l("Choose…")), *((code, _l(words)) for code, words in KIND_LABELS.items())]
        usual = ("", _l("as usual for its kind"))
        self.accounting.choices = [usual, *((code, _l(words)) for code, words in CLASS_LABELS.items())]


class EndDepartmentForm(Form):
    """The end of a department."""

    ended = DateField(
        _l("Ends on"), [InputRequired()], description=_l("The first day on which it does not exist any more.")
    )


class MapCodeForm(FromStart):
    """Where a code of a hospital system leads."""

    system = StringField(
        _l("Hospital system"),
        [InputRequired(), Length(max=20)],
        filters=[lambda text: text.strip() if text else text],
        description=_l("Such as HIS, LIS or PACS; always written the same way."),
    )
    outside = StringField(
        _l("Code in that system"),
        [InputRequired(), Length(max=40)],
        filters=[lambda text: text.strip() if text else text],
    )
    department = SelectField(_l("Leads to"))


class SharePart(Part):
    """One unit that is served."""

    served = SelectField(_l("Unit served"), default="")
    share = DecimalField(_l("Share"), [Optional(), NumberRange(0, 100)], places=None)


class SetShareForm(FromStart):
    """Whom a unit serves. A line that is emptied is taken out."""

    lines = FieldList(FormField(SharePart), _l("Units served"), max_entries=LINES)

    def offer(self, departments: Iterable[tuple[DepartmentFact, int]], but: str) -> None:
        """Blank lines to fill in, and the units to choose from."""
        choices = unit_choices(departments, "—", but=but)
        filled = sum(bool(line.form.served.data) for line in self.lines)
        while len(self.lines) < min(filled + BLANKS, LINES):
            self.lines.append_entry()
        for line in self.lines:
            line.form.served.choices = choices

    @property
    def shares(self) -> list[tuple[str, Decimal]]:
        """What was filled in; a unit without a share has none, which the verb refuses."""
        return [
            (line.form.served.data, line.form.share.data or Decimal(0)) for line in self.lines if line.form.served.data
        ]


class ImportStructureForm(Form):
    """The workbook of a hospital's inside."""

    file = FileField(
        _l("Workbook of the hospital"),
        [FileRequired(_l("Choose a file."))],
        description=_l(
            "An .xlsx file of at most 20 MB. The workbook that can be downloaded here is the template; "
            "a sheet that is not there says nothing."
        ),
        render_kw={"accept": ".xlsx"},
    )


def unit_choices(departments: Iterable[tuple[DepartmentFact, int]], none: str, but: str = "") -> list[tuple[str, str]]:
    """Departments as a tree, after the words for none."""
    shown = [(one.code, f"{'　' * depth}{label(one)} {one.code}") for one, depth in departments if one.code != but]
    return [("", none), *shown]
