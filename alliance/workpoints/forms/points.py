"""What people upload about item points."""

from __future__ import annotations

from flask_babel import gettext
from flask_wtf.file import FileField
from wtforms import DateField, HiddenField, StringField
from wtforms.validators import InputRequired, Length, ValidationError

from alliance.forms import Form
from alliance.i18n import lazy as _l


class ImportPointsForm(Form):
    """A whole table of item points: checked, then applied without sending it again."""

    start = DateField(
        _l("Holds from"), [InputRequired()],
        description=_l("Until then, and for what was done until then, the table before it counts."),
    )  # fmt: skip
    title = StringField(
        _l("Document"), [InputRequired(), Length(max=120)],
        description=_l("Where the points come from, such as the number of the decision."),
    )  # fmt: skip
    file = FileField(
        _l("Table"),
        description=_l("An .xlsx or CSV file of at most 20 MB with all items. The export is the template."),
        render_kw={"accept": ".xlsx,.csv"},
    )
    kept = HiddenField()
    name = HiddenField()

    def validate_file(self, field: FileField) -> None:
        if not field.data and not self.kept.data:
            raise ValidationError(gettext("Choose a file."))
