"""What people type and upload about charge lines."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

from flask_babel import gettext
from flask_wtf.file import FileField
from wtforms import BooleanField, DateField, HiddenField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional, Regexp, ValidationError

from alliance.forms import Form
from alliance.i18n import lang
from alliance.i18n import lazy as _l
from alliance.workpoints.rules.cleaning import COLUMNS, REQUIRED
from alliance.workpoints.volume.partitions import NAME

SHOWN = 24  # characters of an example


class ColumnsForm(Form):
    """Which heading of a file is which column of a charge line: a field `column_…` for each of them."""

    def name_columns(self) -> None:
        """The names of the columns in the reader's language; those that lines can do without are marked so."""
        for column, (zh, en) in COLUMNS.items():
            field = self[f"column_{column}"]
            field.label.text = en if lang() == "en" else zh
            field.flags.optional = column not in REQUIRED

    @property
    def column_fields(self) -> list[Any]:
        return [self[f"column_{column}"] for column in COLUMNS]

    @property
    def columns(self) -> dict[str, str]:
        """The mapping as it was filled in."""
        return {column: (self[f"column_{column}"].data or "").strip() for column in COLUMNS}


class LoadChargeForm(ColumnsForm):
    """A file of charge lines: sent first, so that its headings can be mapped, and then loaded."""

    month = SelectField(_l("Month"), [InputRequired()])
    source = StringField(
        _l("Source"),
        [InputRequired(), Regexp(rf"^{NAME.pattern}$", message=_l("Letters, digits, - and _ only."))],
        filters=[lambda text: text.strip() if text else text],
        description=_l("The system that the file comes from, such as HIS. A corrected file of the same source replaces "
                       "exactly its own lines of the month."),
    )  # fmt: skip
    file = FileField(
        _l("File"),
        description=_l("CSV (UTF-8 or GB18030) or Parquet, at most 2 GB; .xlsx, at most 20 MB."),
        render_kw={"accept": ".csv,.txt,.tsv,.xlsx,.parquet"},
    )
    kept = HiddenField()
    name = HiddenField()

    def validate_file(self, field: FileField) -> None:
        if not field.data and not self.kept.data:
            raise ValidationError(gettext("Choose a file."))

    @property
    def sent_name(self) -> str:
        return PurePath(self.file.data.filename or "").name[:120]

    def offer(self, columns: Mapping[str, str]) -> None:
        """The headings of the file, each with an example of what stands beneath it, to choose from for each column."""
        words = {heading: f"{heading} · {cell:.{SHOWN}}" if cell else heading for heading, cell in columns.items()}
        for field in self.column_fields:
            field.choices = [("", "—"), *words.items()]


class MapChargeForm(ColumnsForm):
    """The headings of a source's files, typed."""


for _column in COLUMNS:
    setattr(LoadChargeForm, f"column_{_column}", SelectField(default="", choices=[], validate_choice=False))
    setattr(MapChargeForm, f"column_{_column}", StringField(validators=[Optional(), Length(max=120)]))


class WithdrawChargeForm(Form):
    """Why a loaded file is taken out again."""

    reason = TextAreaField(
        _l("Reason"), [InputRequired(), Length(max=400)], description=_l("At least ten characters."),
        render_kw={"rows": 3},
    )  # fmt: skip


class MapCodeForm(Form):
    """What a code of charge lines means from a day on."""

    what = SelectField(_l("What the code names"), [InputRequired()])
    outside = StringField(_l("Code in the charge lines"), [InputRequired(), Length(max=100)])
    item = StringField(
        _l("Means the item"), [Optional(), Length(max=100)],
        description=_l("The code of an item of the point table; its points count for the lines."),
    )  # fmt: skip
    unit = SelectField(_l("Means the department"), validate_choice=False)
    person = StringField(
        _l("Means the person"), [Optional(), Length(max=40)], description=_l("The staff number."),
        render_kw={"list": "staff-numbers"},
    )  # fmt: skip
    aside = BooleanField(
        _l("Put its lines aside for good"),
        description=_l("They earn no points in any month from that day on, and stay counted in the list of codes."),
    )
    reason = TextAreaField(
        _l("Reason"), [Optional(), Length(max=400)], render_kw={"rows": 2},
        description=_l("Needed where lines are put aside: at least ten characters."),
    )  # fmt: skip
    start = DateField(
        _l("Holds from"), [InputRequired()], description=_l("What was recorded before stays and holds until that day.")
    )

    @property
    def meaning(self) -> str:
        """What was said about the code; nothing where its lines are put aside."""
        return "" if self.aside.data else (self[self.what.data].data or "").strip()

    def validate_aside(self, _field: BooleanField) -> None:
        if self.what.data in ("item", "unit", "person") and not self.aside.data and not self.meaning:
            raise ValidationError(gettext("Say what the code means, or put its lines aside for good."))
