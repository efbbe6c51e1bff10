"""The forms of code systems and mappings."""

from __future__ import annotations

from flask_wtf.file import FileField, FileRequired
from wtforms import (
    DateField,
    SelectField,
    StringField,
)
from wtforms.validators import InputRequired, Length, Regexp

from alliance.forms import Form
from alliance.i18n import lazy as _l
from alliance.indicators.forms.definitions import FIELD_LABELS


def _table_file(columns: str) -> FileField:
    return FileField(
        _l("File"), [FileRequired(_l("Choose a file."))], description=columns, render_kw={"accept": ".xlsx,.csv"}
    )


class ImportCodesystemForm(Form):
    """A version of a code system with its codes."""

    code = StringField(
        _l("Code"),
        [InputRequired(), Regexp(r"^[A-Za-z0-9_-]{1,20}$", message=_l("Letters, digits and hyphens only."))],
        description=_l("Short, such as ICD-10-CN or LOINC; it never changes."),
    )
    version = StringField(
        _l("Version"),
        [InputRequired(), Regexp(r"^[A-Za-z0-9._-]{1,20}$", message=_l("Letters, digits, dots and hyphens only."))],
    )
    name_zh = StringField(FIELD_LABELS["name_zh"], [InputRequired(), Length(max=200)])
    name_en = StringField(FIELD_LABELS["name_en"], [InputRequired(), Length(max=200)])
    source = StringField(
        _l("Source"), [InputRequired(), Length(max=400)], description=_l("Who publishes it, under which number.")
    )
    valid_from = DateField(_l("Holds from"), [InputRequired()])
    file = _table_file(_l("An .xlsx or CSV file of at most 20 MB with the columns code, name_zh and name_en."))


class ImportMappingForm(Form):
    """What the codes of one version are in another, from a day."""

    source = SelectField(_l("Codes of"), [InputRequired()])
    target = SelectField(_l("are mapped to"), [InputRequired()])
    valid_from = DateField(_l("Holds from"), [InputRequired()], description=_l("Earlier rows stay for earlier days."))
    file = _table_file(
        _l("An .xlsx or CSV file of at most 20 MB with the columns code and target; a blank target ends a mapping.")
    )
