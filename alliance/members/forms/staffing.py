"""What people type about posts and staff, and the words for it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from decimal import Decimal

from flask_babel import gettext as _
from wtforms import DateField, Field, IntegerField, SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import InputRequired, Length, Optional

from alliance.core.refused import mark
from alliance.forms import DecimalField, Form, NumberRange
from alliance.i18n import label
from alliance.i18n import lazy as _l
from alliance.members.forms.departments import FromStart, check_free, unit_choices
from alliance.members.rules.departments import DepartmentFact
from alliance.members.rules.posts import PostFact, ScaleFact

FAMILY_LABELS: Mapping[str, str] = {
    "doctor": mark("Doctors"),
    "nurse": mark("Nurses"),
    "technician": mark("Technicians"),
    "pharmacist": mark("Pharmacists"),
    "administration": mark("Administration and services"),
}
STATUS_LABELS: Mapping[str, str] = {"active": mark("in post"), "leave": mark("on leave"), "left": mark("has left")}


def _capitals(text: str | None) -> str | None:
    return text.strip().upper() if text else text


CAPITALS: Sequence[Callable[[str | None], str | None]] = (_capitals,)


def _part(words: str) -> DecimalField:
    return DecimalField(words, [InputRequired(), NumberRange(0, 99)], places=None)


class DefinePostForm(FromStart):
    """A post, new or as it is from a day on."""

    known: Collection[str] = ()  # codes that a new one may not have
    code = StringField(
        _l("Code"),
        [InputRequired(), Length(max=16)],
        filters=CAPITALS,
        description=_l("Capital letters, digits and hyphens; it never changes."),
    )
    name_zh = StringField(_l("Name in Chinese"), [InputRequired(), Length(max=60)])
    name_en = StringField(_l("Name in English"), [Optional(), Length(max=80)])
    family = SelectField(_l("Family"), [InputRequired()])
    skill = _part(_l("Skill coefficient"))
    management = _part(_l("Management coefficient"))
    risk = _part(_l("Risk coefficient"))
    ended = DateField(
        _l("Ends on"),
        [Optional()],
        description=_l("The first day on which it does not exist any more; blank for no end."),
    )

    def validate_code(self, field: Field) -> None:
        check_free(self.known, field)

    def offer(self) -> None:
        """The families in the reader's language."""
        self.family.choices = [("", _l("Choose…")), *((code, _l(text)) for code, text in FAMILY_LABELS.items())]

    @property
    def parts(self) -> tuple[Decimal, Decimal, Decimal]:
        skill, management, risk = (part.data or Decimal(0) for part in (self.skill, self.management, self.risk))
        return skill, management, risk


class RatePostForm(Form):
    """The sheet of one rater; the levels are fields `level-<factor>`."""

    rater = StringField(
        _l("Rater"),
        [InputRequired(), Length(max=60)],
        description=_l("As it stands on the signed sheet; at least three raters make a grade."),
    )
    start = DateField(_l("Day of the evaluation"), [InputRequired()], description=_l("The same for all its sheets."))


def rating_form(scale: ScaleFact) -> type[RatePostForm]:
    """The form of a sheet with one field for each factor of the scale."""
    fields = {
        f"level_{one.code}": SelectField(
            label(one),
            [InputRequired()],
            choices=[
                SelectChoice("", _l("Choose…")),
                *(SelectChoice(str(level), f"{level} · {points}") for level, points in enumerate(one.levels, 1)),
            ],
            description=_l("Level and its points; the weight is %(weight)s%%.") % {"weight": f"{one.weight:f}"},
        )
        for one in scale.factors
    }
    return type("ScaledRatePostForm", (RatePostForm,), fields)


class SetEstablishmentForm(FromStart):
    """How many posts of a kind a department has."""

    post = SelectField(_l("Post"), [InputRequired()])
    number = IntegerField(
        _l("Posts established"), [InputRequired(), NumberRange(0, 10_000)], description=_l("0 removes the post.")
    )

    def offer(self, found: Iterable[PostFact]) -> None:
        self.post.choices = post_choices(found)


class RecordEmployeeForm(FromStart):
    """An employee, new or as it is from a day on."""

    known: Collection[str] = ()  # numbers that a new one may not have
    number = StringField(
        _l("Staff number"),
        [InputRequired(), Length(max=16)],
        filters=CAPITALS,
        description=_l("Capital letters, digits and hyphens; it never changes."),
    )
    name_zh = StringField(_l("Full name"), [InputRequired(), Length(max=60)])
    name_en = StringField(_l("Name in Latin letters"), [Optional(), Length(max=60)])
    department = SelectField(
        _l("Department"), [InputRequired()], description=_l("The day of a transfer belongs to the new department.")
    )
    post = SelectField(_l("Post"), [InputRequired()])
    title = StringField(_l("Professional title"), [Optional(), Length(max=40)])
    hired = DateField(_l("Hired on"), [InputRequired()])
    status = SelectField(_l("Status"), [InputRequired()])

    def validate_number(self, field: Field) -> None:
        check_free(self.known, field)

    def offer(self, departments: Iterable[tuple[DepartmentFact, int]], found: Iterable[PostFact]) -> None:
        self.department.choices = unit_choices(departments, _("Choose…"))
        self.post.choices = post_choices(found)
        self.status.choices = [(code, _l(text)) for code, text in STATUS_LABELS.items()]


def post_choices(found: Iterable[PostFact]) -> list[tuple[str, str]]:
    """Posts by code and name, after none."""
    return [("", _("Choose…")), *((one.code, f"{label(one)} {one.code}") for one in found)]
