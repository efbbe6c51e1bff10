"""What people type about work that no system feeds."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from flask_babel import gettext as _
from flask_wtf.file import FileRequired, MultipleFileField
from wtforms import DateField, RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import InputRequired, Length, Optional

from alliance.forms import DecimalField, Form, NumberRange
from alliance.i18n import lazy as _l
from alliance.workpoints.forms.months import workbook_field
from alliance.workpoints.queries import WorkloadInfo
from alliance.workpoints.rules.activity import INPATIENT, OUTPATIENT
from alliance.workpoints.rules.workloads import DOCUMENT, ITEM, MOST, ROLES, TEXT


def _upper(text: str | None) -> str | None:
    return text.strip().upper() if text else text


def _files(text: str, needed: object) -> MultipleFileField:
    return MultipleFileField(
        text,
        [needed],
        description=_l(
            "PDF, PNG, JPEG, XLSX, DOCX, CSV or TXT; at most 20 MB altogether, and 10 files for an entry. Cover names "
            "of patients."
        ),
        render_kw={"accept": ".pdf,.png,.jpg,.jpeg,.xlsx,.docx,.csv,.txt"},
    )


def given_files(field: MultipleFileField) -> list[tuple[str, bytes]]:
    """The files that were chosen, as name and bytes."""
    return [(one.filename or "", one.read()) for one in field.data or () if one]


class EnterWorkloadForm(Form):
    """Work of a day: item, quantity, unit, person, role and what it rests on."""

    day = DateField(_l("Day"), [InputRequired()])
    item = StringField(
        _l("Item code"),
        [InputRequired(), Length(max=ITEM)],
        filters=(lambda text: text.strip() if text else text,),
        description=_l("As in the table of item points; the points follow from it."),
    )
    quantity = DecimalField(_l("Quantity"), [InputRequired(), NumberRange(0, int(MOST))], places=None)
    unit = SelectField(_l("Department"), [InputRequired()])
    person = StringField(
        _l("Staff number"),
        [Optional(), Length(max=16)],
        filters=(_upper,),
        description=_l("Leave it empty when the work is the unit's and nobody's in particular."),
        render_kw={"list": "people", "autocomplete": "off"},
    )
    role = RadioField(_l("Role"), [InputRequired()])
    setting = RadioField(_l("Setting"), [InputRequired()])
    text = StringField(_l("Work done"), [InputRequired(), Length(max=TEXT)])
    document = StringField(
        _l("Evidence"),
        [InputRequired(), Length(max=DOCUMENT)],
        description=_l("The book, list or signed paper in which it stands, with page or number."),
    )
    files = _files(_l("A copy of it"), Optional())

    def offer(self, units: Iterable[tuple[str, str]]) -> None:
        """The units, roles and settings in the reader's language."""
        self.unit.choices = list[SelectChoice]([("", ""), *units])
        self.role.choices = [(code, _(words)) for code, words in ROLES.items()]
        self.setting.choices = [(OUTPATIENT, _("Outpatient")), (INPATIENT, _("Inpatient"))]

    def begin(self, day: date, before: WorkloadInfo | None) -> None:
        """What stands in the form at first: nothing, or an entry that was returned, to be corrected."""
        self.day.data, self.role.data, self.setting.data = day, next(iter(ROLES)), OUTPATIENT
        for name in ("day", "item", "quantity", "unit", "person", "role", "setting", "text", "document"):
            if before:
                self[name].data = getattr(before.work, name)


class ImportWorkloadForm(Form):
    """The workbook of a month's workload ledger."""

    file = workbook_field()


class AttachWorkloadForm(Form):
    """Files that show the work of an entry."""

    files = _files(_l("Files"), FileRequired(_l("Choose a file.")))
