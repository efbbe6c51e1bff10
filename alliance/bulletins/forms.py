"""What people write about a bulletin."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from wtforms import FieldList, FormField, HiddenField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from alliance.bulletins.rules import LONGEST
from alliance.forms import Form, Part
from alliance.i18n import lazy as _l

BLANKS = 2  # entries to fill in beside those that are there
ENTRIES = 40  # of one list


class TextsForm(Form):
    """What the office says first."""

    foreword = TextAreaField(
        _l("Foreword"),
        [Optional(), Length(max=LONGEST)],
        description=_l("What the committee wants to say first; an empty line begins a new paragraph."),
        render_kw={"rows": 7},
    )
    foreword_en = TextAreaField(
        _l("Foreword in English"),
        [Optional(), Length(max=2 * LONGEST)],
        description=_l("Opens the English bulletin; without it the Chinese foreword stands there."),
        render_kw={"rows": 5, "lang": "en"},
    )


class ComposeBulletinForm(TextsForm):
    """Compose a bulletin of a period."""

    period = SelectField(_l("Period"), [InputRequired()])


class HonourPart(Part):
    """Somebody named with honours."""

    code = SelectField(_l("Member"), default="")
    name = StringField(_l("Person or team"), description=_l("Empty when the member itself is named."))
    award = StringField(_l("Honour"), description=_l("Such as: collaboration star unit."))
    award_en = StringField(_l("Honour in English"), [Optional()], render_kw={"lang": "en"})
    reason = TextAreaField(_l("Reason"), render_kw={"rows": 2})
    reason_en = TextAreaField(_l("Reason in English"), [Optional()], render_kw={"rows": 2, "lang": "en"})


class CasePart(Part):
    """A case of good practice in words."""

    code = SelectField(_l("Member"), default="")
    title = StringField(_l("Title"))
    title_en = StringField(_l("Title in English"), [Optional()], render_kw={"lang": "en"})
    text = TextAreaField(_l("What was done, and what came of it"), render_kw={"rows": 6})
    text_en = TextAreaField(_l("The same in English"), [Optional()], render_kw={"rows": 4, "lang": "en"})


class EditBulletinForm(TextsForm):
    """Edit the texts of a draft. An entry that is emptied is taken out."""

    reference = StringField(
        _l("Document number"),
        [Optional(), Length(max=60)],
        description=_l("As the office registers it; it stands in the head of the official document."),
    )
    honours = FieldList(FormField(HonourPart), _l("Honours"), max_entries=ENTRIES)
    cases = FieldList(FormField(CasePart), _l("Cases of good practice"), max_entries=ENTRIES)
    seen = HiddenField()

    def offer(self, members: Iterable[tuple[str, str]]) -> None:
        """Blank entries to fill in, and the members to choose from."""
        choices = [("", "—"), *members]
        for entries in (self.honours, self.cases):
            filled = sum(any(_words(entry.data)) for entry in entries)
            while len(entries) < min(filled + BLANKS, ENTRIES):
                entries.append_entry()
            for entry in entries:
                entry.form.code.choices = choices

    def written(self, entries: FieldList[Any]) -> list[Mapping[str, str]]:
        """The entries in which anything stands."""
        return [_texts(entry.data) for entry in entries if any(_words(entry.data))]


def _texts(data: Mapping[str, Any]) -> dict[str, str]:
    return {key: value or "" for key, value in data.items()}


def _words(data: Mapping[str, Any]) -> list[str]:
    return [value.strip() for value in _texts(data).values() if value.strip()]


class StepForm(Form):
    """Decide or issue a bulletin."""
