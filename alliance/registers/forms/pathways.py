"""What people type about joint care pathways."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_wtf.file import FileField, FileRequired
from wtforms import (
    DateField,
    FieldList,
    FormField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
)
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from alliance.core.refused import Both
from alliance.forms import Form, Part
from alliance.i18n import lazy as _l
from alliance.i18n import words
from alliance.registers.forms.diagnoses import DiagnosisForm, diagnosis_field, match_field
from alliance.registers.rules.pathways import DIAGNOSIS, MOST_STEPS, SEXES, SIDES, Pathway, Patient, Step

REASON = _l("At least ten characters; it stands with the case from then on.")
RECORD = _l("The hospital's own number; it is kept only as a keyed hash and never shown again. No name.")


class StartCourseForm(DiagnosisForm):
    """A patient begins on a pathway."""

    pathway = SelectField(_l("Pathway"), [InputRequired()])
    day0 = DateField(_l("Day 0"), [InputRequired()], description=_l("The first visit in primary care."))
    hospital = SelectField(_l("Tertiary hospital"), [InputRequired()])
    center = SelectField(_l("Primary care"), [InputRequired()])
    record = StringField(
        _l("Record number of the hospital"), [InputRequired(), Length(max=40)], description=RECORD,
        render_kw={"autocomplete": "off"},
    )  # fmt: skip
    born = IntegerField(_l("Year of birth"), [InputRequired()], render_kw={"inputmode": "numeric"})
    sex = RadioField(_l("Sex"), [InputRequired()])
    diagnosis, match = diagnosis_field(), match_field()

    def offer(self, pathways: list[tuple[str, str]], hospitals: list[tuple[str, str]], centers: list[tuple[str, str]]
    ) -> None:  # fmt: skip
        """What there is to choose from."""
        self.pathway.choices, self.hospital.choices, self.center.choices = pathways, hospitals, centers
        self.sex.choices = [(code, words(both)) for code, both in SEXES.items()]

    def check_code(self, code: str) -> None:
        if not DIAGNOSIS.fullmatch(code.upper()):
            raise ValidationError(_("Give the diagnosis as its code in ICD-10."))

    def patient(self) -> Patient:
        """What was typed of the patient beside the record number."""
        return Patient(self.born.data or 0, self.sex.data, self.code.upper())


class FindCourseForm(Form):
    """Find the case of a patient by the hospital's record number."""

    hospital = SelectField(_l("Hospital"), [InputRequired()])
    record = StringField(
        _l("Record number of the hospital"), [InputRequired(), Length(max=40)],
        description=_l("It is sent sealed and kept nowhere; that you looked is kept."),
        render_kw={"autocomplete": "off"},
    )  # fmt: skip


class RecordStepForm(Form):
    """A step was done."""

    done_on = DateField(_l("Done on"), [InputRequired()])
    note = StringField(
        _l("Note"), [Optional(), Length(max=500)], description=_l("What was agreed or found; no name of the patient.")
    )


class WithdrawStepForm(Form):
    """A step was recorded wrongly."""

    reason = StringField(_l("Reason"), [InputRequired(), Length(max=300)], description=REASON)


class EndCourseForm(Form):
    """A case ends before its steps are done."""

    ended = DateField(_l("Ended on"), [InputRequired()])
    reason = StringField(_l("Reason"), [InputRequired(), Length(max=300)], description=REASON)


class ImportCourseForm(Form):
    """A table of cases and steps."""

    file = FileField(
        _l("File"), [FileRequired(_l("Choose a file."))],
        description=_l("An .xlsx or CSV file of at most 20 MB with the columns of the template."),
        render_kw={"accept": ".xlsx,.csv"},
    )  # fmt: skip


class StepPart(Part):
    """A step of a pathway; one without a code and a name is left out."""

    code = StringField(_l("Code"), [Optional(), Length(max=30)])
    name_zh = StringField(_l("Name in Chinese"), [Optional(), Length(max=60)])
    name_en = StringField(_l("Name in English"), [Optional(), Length(max=80)])
    side = SelectField(_l("Whose step"))
    day = IntegerField(_l("Due on day"), [Optional()], render_kw={"inputmode": "numeric"})

    @property
    def given(self) -> bool:
        return bool((self.code.data or "").strip() or (self.name_zh.data or "").strip())

    def step(self) -> Step:
        """What was typed, as the rules take it; a deadline that is not given is none."""
        zh, en = (self.name_zh.data or "").strip(), (self.name_en.data or "").strip()
        day = self.day.data if self.day.data is not None else -1
        return Step((self.code.data or "").strip(), Both(zh, en or zh), self.side.data or "", day)


class DefinePathwayForm(Form):
    """A pathway, or a new version of one."""

    code = StringField(_l("Code"), [InputRequired(), Length(max=30)])
    name_zh = StringField(_l("Name in Chinese"), [InputRequired(), Length(max=60)])
    name_en = StringField(_l("Name in English"), [Optional(), Length(max=80)])
    start = DateField(_l("Holds from"), [InputRequired()], description=_l("For cases whose day 0 is then or later."))
    steps = FieldList(FormField(StepPart), min_entries=MOST_STEPS, max_entries=MOST_STEPS)

    def offer(self) -> None:
        """What there is to choose from."""
        for entry in self.steps:
            entry.form.side.choices = [(code, words(both)) for code, both in SIDES.items()]

    def begin(self, one: Pathway) -> None:
        """What stands in the form at first: a version to go on from."""
        self.code.data, self.name_zh.data, self.name_en.data = one.code, one.name.zh, one.name.en
        for entry, step in zip(self.steps, one.steps, strict=False):
            part = entry.form
            part.code.data, part.name_zh.data, part.name_en.data = step.code, step.name.zh, step.name.en
            part.side.data, part.day.data = step.side, step.day

    def pathway(self) -> Pathway:
        """What was typed, as the rules take it."""
        assert self.start.data is not None
        zh, en = (self.name_zh.data or "").strip(), (self.name_en.data or "").strip()
        steps = tuple(entry.form.step() for entry in self.steps if entry.form.given)
        return Pathway((self.code.data or "").strip(), 0, self.start.data, Both(zh, en or zh), steps)
