"""What every form has: CSRF, a one-time token, and the place where a refusal is shown."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from html import escape, unescape
from typing import Any, TypeVar
from urllib.parse import urlsplit
from uuid import uuid4

from flask_babel import gettext
from flask_wtf import FlaskForm
from flask_wtf.i18n import translations
from wtforms import DecimalField as AnyDecimalField
from wtforms import Field, FieldList, FormField, HiddenField, SelectField, SelectMultipleField, validators
from wtforms import Form as AnyForm
from wtforms.fields.choices import Choice  # type: ignore[attr-defined]
from wtforms.form import BaseForm
from wtforms.widgets import CheckboxInput, ListWidget, TextInput

from alliance import access
from alliance.core.money import cents
from alliance.core.period import Period, PeriodKind
from alliance.core.refused import AlreadyDone, Forbidden, NotFound, Refused, mark
from alliance.core.written import number_of
from alliance.i18n import bracketed, day, period, said
from alliance.i18n import lazy as _l

T = TypeVar("T")
OFFERED = {PeriodKind.QUARTER: 8, PeriodKind.MONTH: 13, PeriodKind.YEAR: 3}  # periods up to the present one
# What WTForms says by itself, marked so that the portal's catalog has it.
SAID = (
    mark("This field is required."),
    mark("Not a valid choice."),
    mark("Not a valid date value."),
    mark("Not a valid decimal value."),
    mark("Not a valid integer value."),
    mark("Field must be between %(min)d and %(max)d characters long."),
    mark("Field cannot be longer than %(max)d character."),
    mark("Field cannot be longer than %(max)d characters."),
    mark("Number must be at least %(min)s."),
    mark("Number must be between %(min)s and %(max)s."),
)


class Words:
    """WTForms' messages in the words of the portal's catalog, or, where it has none, in WTForms' own."""

    def gettext(self, message: str) -> str:
        ours = str(gettext(message))
        return ours if ours != message else str(translations.gettext(message))

    def ngettext(self, one: str, many: str, number: int) -> str:
        message = one if number == 1 else many
        ours = str(gettext(message))
        return ours if ours != message else str(translations.ngettext(one, many, number))


class NumberRange(validators.NumberRange):
    """The range of a number; of what is none its field has said so already."""

    def __call__(self, form: BaseForm, field: Field) -> None:
        if not field.process_errors:
            super().__call__(form, field)


class DecimalField(AnyDecimalField):
    """A number as files hold it too: in digits, with separators, in wide figures."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        if valuelist:
            self.data = number_of(valuelist[0])
            if self.data is None:
                raise ValueError(self.gettext("Not a valid decimal value."))


class AmountField(DecimalField):
    """An amount in whole cents, as people paste it."""

    widget = TextInput()  # a number box would refuse the separators

    def process_formdata(self, valuelist: list[Any]) -> None:
        super().process_formdata(valuelist)
        if self.data is None:
            return
        try:
            cents(self.data)
        except Refused as refused:
            raise ValueError(said(refused)) from refused


class PeriodSelect(SelectField):
    """A period, chosen in words from the recent ones of some kinds, and `ahead` of each that follow; one from an
    address is offered beside them."""

    def __init__(self, *args: Any, kinds: Sequence[PeriodKind] = tuple(OFFERED), ahead: int = 0, **kwargs: Any) -> None:
        kwargs["validate_choice"] = False
        super().__init__(*args, **kwargs)
        self.kinds, self.ahead = kinds, ahead

    def iter_choices(self) -> Iterator[Choice]:
        this, chosen = Period.parse(f"{access.today():%Y-%m}"), self.data or ""
        codes = [this.around(kind).back(back).code for kind in self.kinds for back in range(-self.ahead, OFFERED[kind])]
        for code in codes if chosen in codes else [chosen, *codes]:
            yield Choice(code, period(code) if code else gettext("Choose a period"), code == chosen, {})

    def pre_validate(self, form: BaseForm) -> None:
        try:
            self.data = Period.parse(self.data).code if self.data else self.data
        except Refused as refused:
            raise validators.ValidationError(said(refused)) from refused


class Checkboxes(SelectMultipleField):
    """Several of a list, a box for each."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class Part(AnyForm):
    """A part of a form that comes many times, such as a line."""

    class Meta(AnyForm.Meta):  # type: ignore[misc]
        def get_translations(self, form: BaseForm) -> Words:
            return Words()


class Form(FlaskForm):
    """A form of the portal; sent twice, it is done once. `refused` is set when its verb said no."""

    class Meta(FlaskForm.Meta):
        def get_translations(self, form: BaseForm) -> Words:
            return Words()

    once = HiddenField()
    refused: Refused | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.once.data:
            self.once.data = uuid4().hex

    @property
    def faulty(self) -> list[Field]:
        """The fields with errors; in place of a list of parts stand the fields of its parts."""
        return [one for field in self for one in _single(field) if one.errors]

    def done(self, work: Callable[[], T]) -> tuple[bool, T | None]:
        """Do the work of the form; (False, None) with the refusal kept for the page when the verb says no.

        What the person may not see or do, and what was done already, is answered by the app's handlers.
        """
        try:
            return True, work()
        except (AlreadyDone, Forbidden, NotFound):
            raise
        except Refused as refused:
            self.refused = refused
            access.refused(refused.message, refused.status)
            # Whatever was refused was not done: the next try is a new request.
            self.once.data = uuid4().hex
            return False, None


def _single(field: Field) -> Iterator[Field]:
    if isinstance(field, FieldList | FormField):
        for part in field:
            yield from _single(part)
    else:
        yield field


class DecideForm(Form):
    """Put what was drafted into force by a record of a body; reasons, where any are asked for, are read by the view."""

    decision = SelectField(_l("Decision"), [validators.InputRequired()])

    def offer(self, records: Iterable[tuple[str, date]]) -> None:
        """Let a record be chosen by its number and its day."""
        self.decision.choices = [(number, number + bracketed(day(held_on))) for number, held_on in records]


FORM = re.compile(r"(<form\b[^>]*>)(.*?)(</form>)", re.DOTALL)
PART = re.compile(
    r"(?P<input><input\b[^>]*>)|(?P<area><textarea\b[^>]*>)[^<]*(?=</textarea>)|(?P<select><select\b[^>]*>)"
    r"(?P<options>.*?)(?=</select>)",
    re.DOTALL,
)
OPTION = re.compile(r"<option\b[^>]*>")
FRESH = frozenset({"csrf_token", "once"})  # of the page at hand, never of an earlier one
SECRET = ("password", "totp", "patient_")  # how the names of fields begin that are never kept
UNTYPED = frozenset({"file", "password", "submit", "button", "image", "reset"})


def typed(form: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """What was typed into a form that was received: all but its tokens and its passwords."""
    return {name: list(form[name]) for name in form if name not in FRESH and not name.startswith(SECRET)}


def refilled(page: str, path: str, target: str, fields: Mapping[str, Sequence[str]]) -> str:
    """A page of ours at `path` with the fields of its form that is sent to `target` filled in again."""

    def fill(found: re.Match[str]) -> str:
        action = _attribute(found[1], "action") or path
        if _attribute(found[1], "method") != "post" or urlsplit(action).path != target:
            return found[0]
        left = {name: list(values) for name, values in fields.items()}
        return found[1] + PART.sub(lambda part: _filled(part, left), found[2]) + found[3]

    return FORM.sub(fill, page)


def _filled(part: re.Match[str], left: dict[str, list[str]]) -> str:
    """A field with what was typed into it; several of one name take their values in turn."""
    tag = part["input"] or part["area"] or part["select"]
    name, kind = _attribute(tag, "name"), _attribute(tag, "type")
    if not name or name in FRESH or name.startswith(SECRET) or kind in UNTYPED:
        return part[0]
    if part["input"] and kind in ("checkbox", "radio"):
        return _marked(tag, "checked", (_attribute(tag, "value") or "on") in left.get(name, ()))
    if name not in left:
        return part[0]
    if part["select"]:
        return tag + OPTION.sub(
            lambda option: _marked(option[0], "selected", (_attribute(option[0], "value") or "") in left[name]),
            part["options"],
        )
    value = escape(left[name].pop(0)) if left[name] else ""
    if part["area"]:
        return f"{tag}\n{value}"
    return re.sub(r"\s*/?>$", "", re.sub(r'\svalue="[^"]*"', "", tag)) + f' value="{value}">'


def _attribute(tag: str, name: str) -> str | None:
    found = re.search(rf'\s{name}(?:="([^"]*)")?(?=[\s/>])', tag)
    return unescape(found[1] or "") if found else None


def _marked(tag: str, mark: str, on: bool) -> str:
    bare = re.sub(rf"\s{mark}(?:=\"[^\"]*\")?(?=[\s/>])", "", tag)
    return re.sub(r"\s*/?>$", f" {mark}>", bare) if on else bare
