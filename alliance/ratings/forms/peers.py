"""What people type in cross-rating, and the words for what strikes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from flask_babel import gettext as _
from wtforms import DateField, HiddenField, IntegerField, RadioField, SelectField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import InputRequired, Length, Optional

from alliance.core.period import end_of
from alliance.core.refused import mark
from alliance.core.written import whole
from alliance.forms import DecimalField, Form, NumberRange
from alliance.i18n import lazy as _l
from alliance.i18n import period as in_words
from alliance.i18n import words
from alliance.ratings.rules.flags import BLOC, CONSTANT, EXCHANGE, MAXIMUM, STRAIGHT
from alliance.ratings.rules.peer_items import SHIPPED, Item
from alliance.ratings.rules.peers import CANNOT_JUDGE, FLOOR

FLAG_WORDS: Mapping[str, str] = {
    CONSTANT: mark("%(who)s gave everybody the same mark in everything."),
    MAXIMUM: mark("%(who)s gave the top mark nearly everywhere."),
    STRAIGHT: mark("%(who)s gave each member one and the same mark through all items."),
    EXCHANGE: mark("%(who)s rate each other far otherwise than others rate them."),
    BLOC: mark("%(who)s rate each other higher than others rate them."),
}
FLAG_NAMES: Mapping[str, str] = {
    CONSTANT: mark("constant rater"),
    MAXIMUM: mark("nearly all at the top"),
    STRAIGHT: mark("straight lines"),
    EXCHANGE: mark("tit for tat"),
    BLOC: mark("bloc"),
}


class OpenRoundForm(Form):
    """A round of cross-rating; the weights of its items are fields `weight_<code>`."""

    period = SelectField(_l("Quarter"), [InputRequired()])
    floor = IntegerField(
        _l("Raters behind whatever is shown"),
        [InputRequired(), NumberRange(FLOOR, 20)],
        default=FLOOR,
        description=_l("At least 3; the number may be raised, never lowered."),
    )

    def offer(self, periods: Sequence[str]) -> None:
        self.period.choices = [(one, in_words(one)) for one in periods]

    @property
    def weights(self) -> dict[str, Decimal]:
        return {one.code: self[f"weight_{one.code}"].data or Decimal(0) for one in SHIPPED}


def opening_form() -> type[OpenRoundForm]:
    """The form of a round with a weight for each item."""
    fields = {
        f"weight_{one.code}": DecimalField(
            words(one.name), [InputRequired(), NumberRange(0, 100)], default=one.weight, places=None
        )
        for one in SHIPPED
    }
    return type("WeighedOpenRoundForm", (OpenRoundForm,), fields)


class RescheduleRoundForm(Form):
    """The last day of a round moves."""

    due = DateField(
        _l("Last day"),
        [InputRequired()],
        description=_l("Members have until 24:00 of this day; late forms are not taken."),
    )
    reason = TextAreaField(_l("Reason"), [InputRequired(), Length(min=10, max=500)], render_kw={"rows": 3})

    @property
    def due_at(self) -> datetime:
        assert self.due.data is not None
        return end_of(self.due.data)


class SaveRatingForm(Form):
    """The marks for one member; the items are fields `mark_<code>`."""

    seen = HiddenField(default="0")
    comment = TextAreaField(
        _l("Remark"),
        [Optional(), Length(max=1000)],
        description=_l("At most 1,000 characters; the office and the committee read it without your name."),
    )

    def fill(self, marks: Mapping[str, int], comment: str, version: int) -> None:
        for code, given in marks.items():
            if f"mark_{code}" in self:
                self[f"mark_{code}"].data = str(given)
        self.comment.data, self.seen.data = comment, str(version)

    @property
    def version(self) -> int:
        return whole(self.seen.data) or 0

    @property
    def marks(self) -> dict[str, int]:
        """What was chosen, by item; what no choice stands for is a mark that the verb refuses."""
        found = {
            field.name.removeprefix("mark_"): field.data
            for field in self
            if field.name.startswith("mark_") and field.data
        }
        return {code: -1 if (mark := whole(text)) is None else mark for code, text in found.items()}


def rating_form(items: Sequence[Item]) -> type[SaveRatingForm]:
    """The form of a round with its levels in words."""
    fields = {
        f"mark_{one.code}": RadioField(
            words(one.name),
            choices=[
                *(SelectChoice(str(level), f"{level} · {words(text)}") for level, text in enumerate(one.anchors, 1)),
                SelectChoice(str(CANNOT_JUDGE), _("Cannot judge")),
            ],
            validate_choice=False,
        )
        for one in items
    }
    return type("WordedSaveRatingForm", (SaveRatingForm,), fields)


class DecideFlagForm(Form):
    """Whether what strikes counts."""

    verdict = RadioField(
        _l("The marks concerned"),
        [InputRequired()],
        choices=[SelectChoice("keep", _l("count")), SelectChoice("leave", _l("are left out"))],
    )
    reason = TextAreaField(_l("Reason"), [InputRequired(), Length(min=10, max=1000)])
