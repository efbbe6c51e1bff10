"""The field of a diagnosis: typed as code or as name, and chosen where a name may mean several."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from flask_babel import gettext as _
from wtforms import Field, RadioField, StringField
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from alliance.core.diagnoses import Diagnosis
from alliance.forms import Form
from alliance.i18n import label
from alliance.i18n import lazy as _l
from alliance.registers.rules.diagnoses import LONGEST, meant

Find = Callable[[str], Sequence[Diagnosis]]


def coded(one: Diagnosis) -> str:
    """A diagnosis as its field offers it: I10.x05 高血压3级."""
    return f"{one.code} {label(one)}"


def strip(text: str | None) -> str | None:
    return " ".join(text.split()) if text else text


def diagnosis_field() -> StringField:
    """A diagnosis by code or name."""
    return StringField(
        _l("Diagnosis"), [InputRequired(), Length(max=LONGEST)], filters=[strip],
        description=_l("Its name or its code: a word of the name is enough to look it up."),
        render_kw={"list": "diagnoses", "autocomplete": "off"},
    )  # fmt: skip


def match_field() -> RadioField:
    """The choice among those that have a word in common; without any it is not shown."""
    return RadioField(_l("Which diagnosis is meant?"), [Optional()], choices=[], validate_choice=False)


class DiagnosisForm(Form):
    """A form with a diagnosis; `found` is what was meant, None of a code that the alliance's code systems lack. Each
    has the two fields at their place among its own."""

    diagnosis: StringField
    match: RadioField
    found: Diagnosis | None = None
    find: Find = staticmethod(lambda text: ())

    def check_code(self, code: str) -> None:
        """ValidationError: what is no code of a diagnosis."""
        raise NotImplementedError

    def validate_diagnosis(self, field: Field) -> None:
        """What was typed is a code, the whole name of one diagnosis, or leads to a choice."""
        found = self.find(field.data or "")
        self.found = meant(field.data or "", found) or next((one for one in found if one.code == self.match.data), None)
        if self.found:
            field.data = coded(self.found)
            return
        try:
            self.check_code(self.code)
        except ValidationError:
            if not found:
                raise
            self.match.choices = [(one.code, coded(one)) for one in found]
            self.match.flags.optional = False
            raise ValidationError(_("Choose which diagnosis is meant.")) from None

    @property
    def code(self) -> str:
        """The code that was meant, or typed."""
        text = self.diagnosis.data or ""
        return self.found.code if self.found else text[:1].upper() + text[1:]
