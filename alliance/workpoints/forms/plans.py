"""What people type or upload about bonus schemes and records of a hospital's bodies."""

from __future__ import annotations

from datetime import date

from flask_wtf.file import FileField, FileRequired
from wtforms import DateField, IntegerField, SelectField, StringField
from wtforms.validators import InputRequired, Length, Optional

from alliance.forms import Checkboxes, Form, NumberRange
from alliance.i18n import lazy as _l
from alliance.i18n import words
from alliance.workpoints.rules.records import BODIES, PUBLICITY, Meeting

MOST = 100_000  # people at a meeting


def strip(text: str | None) -> str | None:
    """Typed text without the blanks around it."""
    return text.strip() if text else text


class ImportSchemeForm(Form):
    """A bonus scheme as TOML."""

    file = FileField(
        _l("Scheme file"),
        [FileRequired(_l("Choose a file."))],
        description=_l("A .toml file: the template filled in, or the export of a version with changes."),
        render_kw={"accept": ".toml"},
    )


class DecideForm(Form):
    """Put a scheme, a budget or a budget set into force; reasons are fields `reason-<place>`, read by the view."""

    decision = SelectField(_l("Record of the deciding meeting"), [InputRequired()])


class TrySchemeForm(Form):
    """Try a version on past months."""

    months = Checkboxes(_l("Months"), [InputRequired()])


class FileRecordForm(Form):
    """A meeting of one of the hospital's bodies, or a publicity."""

    matter = SelectField(_l("Matter"), [InputRequired()])
    body = SelectField(
        _l("Body"), [InputRequired()],
        description=_l("The party committee or the directors decide; the staff congress hears and votes; a publicity "
                       "has no vote."),
    )  # fmt: skip
    number = StringField(
        _l("Number of the document"), [InputRequired(), Length(max=60)], filters=[strip],
        description=_l("The minutes' or the announcement's own number."),
    )  # fmt: skip
    title = StringField(_l("Title of the document"), [InputRequired(), Length(max=200)], filters=[strip])
    held_on = DateField(_l("Held on, or published on"), [InputRequired()])
    until = DateField(_l("Published until"), [Optional()], description=_l("The last day; of a publicity only."))
    participants = IntegerField(_l("Persons present"), [Optional(), NumberRange(0, MOST)])
    votes_for = IntegerField(_l("Votes for"), [Optional(), NumberRange(0, MOST)])
    votes_against = IntegerField(_l("Votes against"), [Optional(), NumberRange(0, MOST)])

    def offer(self, matters: list[tuple[str, str]]) -> None:
        """The matters with their words, and the bodies in the reader's language."""
        self.matter.choices = [("", ""), *matters]
        self.body.choices = [("", ""), *((code, words(name)) for code, name in BODIES.items())]

    def meeting(self, today: date) -> Meeting:
        """What was typed; of a publicity without the votes, of a meeting without the last day."""
        head = (self.number.data or "", self.body.data, self.title.data or "", self.held_on.data or today)
        if self.body.data == PUBLICITY:
            return Meeting(*head, self.until.data)
        votes = (self.participants.data or 0, self.votes_for.data or 0, self.votes_against.data or 0)
        return Meeting(*head, None, *votes)
