"""What people type about a unit's own rule of the second distribution."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import tomli_w
from wtforms import DateField, IntegerField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from alliance.core.refused import Refused
from alliance.core.written import plain, read_toml
from alliance.forms import DecimalField, Form, NumberRange
from alliance.i18n import lazy as _l
from alliance.workpoints.forms.plans import MOST, strip
from alliance.workpoints.rules.publicity import Hearing
from alliance.workpoints.rules.second import COEFFICIENT, TEMPLATE
from alliance.workpoints.rules.weighing import EQUAL, HEAD, HEAD_NURSE

HEADS, MIXED, WRITTEN = "heads", "mixed", "written"
WAYS = (
    (COEFFICIENT, _l("By coefficient: (post + seniority) × personal score")),
    (HEADS, _l("Fixed shares for the head and the head nurse, the rest by personal points")),
    (MIXED, _l("A part by post and seniority, the rest by personal points")),
    (WRITTEN, _l("Another rule, written as TOML")),
)
WHOLE = Decimal(100)


class SetRuleForm(Form):
    """How a unit distributes from a month on, and the hearing that adopted it."""

    month = SelectField(_l("Holds from the month"), [InputRequired()])
    way = RadioField(_l("How the bonus is distributed"), [InputRequired()])
    head = DecimalField(
        _l("Share of the head"), [Optional(), NumberRange(0, 100)], places=None,
        description=_l("For fixed shares. Practice: 15."),
    )  # fmt: skip
    nurse = DecimalField(
        _l("Share of the head nurse"), [Optional(), NumberRange(0, 100)], places=None,
        description=_l("For fixed shares; leave empty where there is none. Practice: 5."),
    )  # fmt: skip
    post = DecimalField(
        _l("Part by post and seniority"), [Optional(), NumberRange(0, 100)], places=None,
        description=_l("For the mixed rule. Practice: 20."),
    )  # fmt: skip
    reserve = DecimalField(
        _l("Reserve of the unit"), [Optional(), NumberRange(0, 100)], places=None,
        description=_l("Empty is none; at most what the scheme allows."),
    )  # fmt: skip
    text = TextAreaField(
        _l("Rule as TOML"), [Optional(), Length(max=20_000)], render_kw={"rows": 10, "spellcheck": "false"},
        description=_l("Written as the second distribution of a scheme, without its heading. Only for another rule."),
    )  # fmt: skip
    held_on = DateField(_l("Day of the hearing"), [InputRequired()])
    participants = IntegerField(_l("Persons present"), [InputRequired(), NumberRange(0, MOST)])
    votes_for = IntegerField(_l("Votes for"), [InputRequired(), NumberRange(0, MOST)])
    votes_against = IntegerField(_l("Votes against"), [InputRequired(), NumberRange(0, MOST)])
    minutes = StringField(
        _l("Minutes"), [InputRequired(), Length(max=120)], filters=[strip],
        description=_l("The number of the document."),
    )  # fmt: skip

    def offer(self, months: list[tuple[str, str]]) -> None:
        """The months that the rule may begin with, and the ways in the reader's language."""
        self.month.choices, self.way.choices = months, list(WAYS)

    def hearing(self) -> Hearing:
        return Hearing(
            self.held_on.data, self.participants.data or 0, self.votes_for.data or 0, self.votes_against.data or 0,
            self.minutes.data or "",
        )  # fmt: skip


def rule_of(form: SetRuleForm) -> dict[str, Any]:
    """The rule as its content; Refused for a text that is no TOML."""
    if form.way.data == WRITTEN:
        try:
            return read_toml(form.text.data or "")
        except ValueError as error:
            raise Refused("The rule is not valid TOML: %(fault)s.", fault=str(error)) from error
    found: dict[str, Any] = {"way": COEFFICIENT}
    if form.way.data == HEADS:
        found = _heads(form.head.data or Decimal(0), form.nurse.data or Decimal(0))
    elif form.way.data == MIXED:
        found = _mixed(form.post.data or Decimal(0))
    if form.reserve.data:
        found |= {"reserve": form.reserve.data, "reserve_limit": form.reserve.data}
    return found


def fill(form: SetRuleForm, content: Mapping[str, Any]) -> None:
    """Show a rule in the fields of the common cases, or else as text."""
    parts = {part["code"]: Decimal(str(part["share"])) for part in content.get("part", ())}
    if content.get("reserve"):
        form.reserve.data = Decimal(str(content["reserve"]))
    form.head.data, form.nurse.data, form.post.data = (parts.get(code) for code in (HEAD, HEAD_NURSE, "post"))
    for way in (COEFFICIENT, HEADS, MIXED):
        form.way.data = way
        if plain(rule_of(form)) == plain(content):
            return
    form.way.data, form.text.data = WRITTEN, tomli_w.dumps(plain(content))
    form.head.data = form.nurse.data = form.post.data = form.reserve.data = None


def _heads(head: Decimal, nurse: Decimal) -> dict[str, Any]:
    alike = {"code": "alike", "name_zh": "均等", "name_en": "Alike", "way": EQUAL, "weight": WHOLE}
    parts = []
    if head:
        parts.append(_part(HEAD, "科主任", "Head", head, alike) | {"who": [HEAD]})
    if nurse:
        parts.append(_part(HEAD_NURSE, "护士长", "Head nurse", nurse, alike) | {"who": [HEAD_NURSE]})
    return {"way": TEMPLATE, "part": [*parts, _points(WHOLE - head - nurse)]}


def _mixed(post: Decimal) -> dict[str, Any]:
    factor = {"code": "in_post", "name_zh": "岗位与年资系数", "name_en": "Post and seniority", "weight": WHOLE}
    part = _part("post", "岗位与年资部分", "Part by post and seniority", post, factor)
    return {"way": TEMPLATE, "part": [part, _points(WHOLE - post)] if post else [_points(WHOLE)]}


def _points(share: Decimal) -> dict[str, Any]:
    factor = {"code": "points", "name_zh": "个人工分", "name_en": "Personal points", "weight": WHOLE}
    return _part("points", "工分部分", "Part by points", share, factor)


def _part(code: str, zh: str, en: str, share: Decimal, factor: Mapping[str, Any]) -> dict[str, Any]:
    return {"code": code, "name_zh": zh, "name_en": en, "share": share, "factor": [dict(factor)]}
