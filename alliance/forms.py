"""What every form has: CSRF, a one-time token, and the place where a refusal is shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar
from uuid import uuid4

from flask_babel import gettext
from flask_wtf import FlaskForm
from flask_wtf.i18n import translations
from wtforms import Field, HiddenField, validators
from wtforms.form import BaseForm

from alliance import access
from alliance.core.refused import AlreadyDone, Forbidden, NotFound, Refused, mark

T = TypeVar("T")
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
