"""What people type about surveys in the field."""

from __future__ import annotations

from flask_wtf.file import FileField, FileRequired
from wtforms import DateField, IntegerField, RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import InputRequired, Length, Optional

from alliance.core.period import PeriodKind
from alliance.forms import Form, NumberRange, PeriodSelect
from alliance.i18n import lazy as _l
from alliance.ratings.rules.fieldwork import LEAST, MOST_LINKS

NUMERIC = {"inputmode": "numeric"}


class OpenWaveForm(Form):
    """A questionnaire goes into the field."""

    survey = SelectField(_l("Questionnaire"), [InputRequired()])
    period = PeriodSelect(_l("Period"), [InputRequired()], kinds=(PeriodKind.QUARTER,))
    opens_on = DateField(_l("First day"), [InputRequired()])
    closes_on = DateField(_l("Last day"), [InputRequired()], description=_l("Answers of this day still count."))
    least = IntegerField(
        _l("Smallest cell"), [InputRequired(), NumberRange(min=LEAST, max=1000)], default=LEAST,
        description=_l("Nothing is shown that stands on fewer answers. It can be raised later, never lowered."),
        render_kw=NUMERIC,
    )  # fmt: skip


class RaiseWaveForm(Form):
    """A larger smallest cell."""

    least = IntegerField(_l("Smallest cell"), [InputRequired(), NumberRange(min=LEAST, max=1000)], render_kw=NUMERIC)


class MakeLinkForm(Form):
    """Addresses for a place, and how they are handed out."""

    institution = SelectField(_l("Member"), [InputRequired()])
    department = SelectField(_l("Department"), [Optional()])
    person = StringField(
        _l("Doctor"), [Optional(), Length(max=40)],
        description=_l("The staff number of a doctor, only where the survey is about single doctors."),
        render_kw={"autocomplete": "off"},
    )  # fmt: skip
    form = RadioField(_l("As"), [InputRequired()], default="sheets")
    language = RadioField(
        _l("Language of the paper"), default="zh",
        choices=[SelectChoice("zh", _l("Chinese")), SelectChoice("en", _l("English"))],
        description=_l("The page of the survey can be read in both."),
    )  # fmt: skip
    count = IntegerField(
        _l("How many addresses"), [InputRequired(), NumberRange(min=1, max=MOST_LINKS)], default=30, render_kw=NUMERIC
    )


class ImportAnswerForm(Form):
    """A file of forms from paper."""

    file = FileField(
        _l("File"), [FileRequired(_l("Choose a file."))],
        description=_l("An .xlsx or .csv file of at most 20 MB, with the headings of the template."),
        render_kw={"accept": ".xlsx,.csv"},
    )  # fmt: skip
