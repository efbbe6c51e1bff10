"""What people upload about item points and point libraries, and type about single items."""

from __future__ import annotations

from flask_babel import gettext
from flask_wtf.file import FileField
from wtforms import BooleanField, DateField, HiddenField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from alliance.forms import DecimalField, Form, NumberRange
from alliance.i18n import lazy as _l
from alliance.i18n import words
from alliance.workpoints.forms.plans import strip
from alliance.workpoints.rules.overrides import LEAST, LEVELS
from alliance.workpoints.rules.tables import ROLES

ROLE_CHOICES = {"ordering": _l("Ordering"), "performing": _l("Performing"), "team": _l("Team")}


class TableForm(Form):
    """A whole table of item points: checked, then applied without sending it again."""

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


class ImportPointsForm(TableForm):
    """A hospital's own table."""

    start = DateField(
        _l("Holds from"), [InputRequired()],
        description=_l("Until then, and for what was done until then, the table before it counts."),
    )  # fmt: skip
    title = StringField(
        _l("Document"), [InputRequired(), Length(max=120)],
        description=_l("Where the points come from, such as the number of the decision."),
    )  # fmt: skip


class PublishLibraryForm(TableForm):
    """A version of a point library."""

    code = StringField(
        _l("Code of the library"), [InputRequired(), Length(max=20)], filters=[strip],
        description=_l("Capital letters, digits and hyphens. A code that is known already gets its next version."),
    )  # fmt: skip
    level = SelectField(_l("Level"), [InputRequired()])
    title = StringField(_l("Name"), [InputRequired(), Length(max=120)], filters=[strip])
    source = StringField(
        _l("Source"), [InputRequired(), Length(max=200)], filters=[strip],
        description=_l("The document that publishes these points, with its number."),
    )  # fmt: skip
    start = DateField(
        _l("May be adopted from"), [InputRequired()],
        description=_l("A hospital adopts it from the first of a month on, and none on its own."),
    )  # fmt: skip
    newest = HiddenField(default="")

    def offer(self) -> None:
        """The levels in the reader's language."""
        self.level.choices = [(code, words(text)) for code, text in LEVELS.items()]


class AdoptLibraryForm(Form):
    """From which month on a version holds; `seen` is the state of the hospital's points that the page showed."""

    month = SelectField(_l("Holds from the month"), [InputRequired()])
    seen = HiddenField()


class SetOverrideForm(Form):
    """A hospital's own points of an item and role of its library."""

    item = StringField(_l("Item code"), [InputRequired(), Length(max=80)], filters=[strip])
    role = SelectField(_l("Role"), [InputRequired()])
    points = DecimalField(
        _l("Own points"), [Optional(), NumberRange(0)], places=None,
        description=_l("0 is a value: the item earns nothing here. At most four decimal places."),
    )  # fmt: skip
    back = BooleanField(_l("Take the points of the library again"))
    month = SelectField(_l("Holds from the month"), [InputRequired()])
    reason = TextAreaField(
        _l("Reason"), [InputRequired(), Length(min=LEAST, max=500)], filters=[strip], render_kw={"rows": 3},
        description=_l("At least ten characters. Everybody who opens the points of the item reads it."),
    )  # fmt: skip
    seen = HiddenField()

    def offer(self, months: list[tuple[str, str]]) -> None:
        """The months that it may begin with, and the roles in the reader's language."""
        self.month.choices = months
        self.role.choices = [(role, ROLE_CHOICES[role]) for role in ROLES]

    def validate_points(self, field: DecimalField) -> None:
        if not self.back.data and field.data is None and not field.errors:
            raise ValidationError(gettext("Enter the points, or take those of the library again."))
        if self.back.data and field.data is not None:
            raise ValidationError(gettext("Either points of your own or those of the library, not both."))
