"""The forms of filing: values, files, evidence, steps."""

from __future__ import annotations

from flask_babel import gettext
from flask_wtf.file import FileField, FileRequired, MultipleFileField
from wtforms import (
    HiddenField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from alliance.forms import Form
from alliance.i18n import lazy as _l


class ReturnSubmissionForm(Form):
    """Return values: fields `reason-<element>`, read by the view."""


class ExplainValueForm(Form):
    """Explain a value."""

    about = HiddenField(validators=[InputRequired()])
    value = HiddenField()
    text = TextAreaField(
        _l("Explanation"), [InputRequired(), Length(max=1000)], description=_l("At least 10 characters.")
    )


class TableForm(Form):
    """A table of values: sent to be checked; then applied without sending it again, by the SHA-256 of what was checked
    and the digest of the report that was shown."""

    file = FileField(
        _l("File"),
        description=_l("The filled-in table, as .xlsx or CSV, of at most 20 MB."),
        render_kw={"accept": ".xlsx,.csv"},
    )
    document = StringField(_l("Document"), [Optional(), Length(max=120)], description=_l("Where the values come from."))
    kept = HiddenField()
    name = HiddenField()
    report = HiddenField()

    def validate_file(self, field: FileField) -> None:
        if not field.data and not self.kept.data:
            raise ValidationError(gettext("Choose a file."))


class ImportReadingForm(TableForm):
    """A file of readings of many members."""

    period = SelectField(_l("Period"), [InputRequired()])
    document = StringField(
        _l("Document"),
        [InputRequired(), Length(max=120)],
        description=_l("Where the values come from, such as the number of the report."),
    )
    file = FileField(
        _l("File"),
        description=_l("An .xlsx or CSV file of at most 20 MB with the columns institution, element and value."),
        render_kw={"accept": ".xlsx,.csv"},
    )


class UploadReadingForm(TableForm):
    """A member's own table of a period."""


class AddEvidenceForm(Form):
    """Files that show where a value comes from."""

    files = MultipleFileField(
        _l("Files"),
        [FileRequired(_l("Choose a file."))],
        description=_l("PDF, PNG, JPEG, XLSX, DOCX, CSV or TXT; at most 20 MB altogether, and 20 files for a value."),
        render_kw={"accept": ".pdf,.png,.jpg,.jpeg,.xlsx,.docx,.csv,.txt"},
    )


class RemoveEvidenceForm(Form):
    """Remove a file from a value."""


class FileReadingForm(Form):
    """A member's values of a period: fields `value-<element>` with `seen-<element>`, read by the view."""

    document = StringField(_l("Document"), [Optional(), Length(max=120)], description=_l("Where the values come from."))


class StepForm(Form):
    """One step of submissions: sign, submit, recall, review or accept; a reminder; a grant."""
