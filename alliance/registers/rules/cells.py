"""What was typed or imported into the fields of a case, read as canonical text; what is wrong with it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import date, datetime, time

from alliance.core.figure import canonical
from alliance.core.refused import mark
from alliance.core.written import CLOCK, DAY, narrow, number_of, read_day
from alliance.registers.rules.kinds.shapes import (
    CHOICE,
    DATE,
    LONG,
    MEMBER,
    MEMBERS,
    MOMENT,
    MONEY,
    NUMBER,
    PERSON,
    PERSONS,
    TEXT,
    YES,
    Field,
    Register,
)

Fault = tuple[str, str, dict[str, object]]  # field, English message id, its numbers
WORDS = {"是": "yes", "yes": "yes", "y": "yes", "1": "yes", "true": "yes",
         "否": "no", "no": "no", "n": "no", "0": "no", "false": "no"}  # fmt: skip
LONGEST = {TEXT: 200, LONG: 4000, PERSON: 40, MEMBER: 12, MEMBERS: 400, PERSONS: 4000}
BETWEEN = re.compile(r"[\s,，、;；]+")
MISSING = mark("is missing")
NO_WORD = mark("is not one of the words allowed here")


class Wrong(Exception):
    """A text that is not what its field takes."""

    def __init__(self, message: str, **numbers: object) -> None:
        super().__init__(message)
        self.message, self.numbers = message, numbers


def read_fields(
    register: Register, given: Mapping[str, str], read: dict[tuple[str, str], str] | None = None
) -> tuple[dict[str, str], list[Fault]]:
    """The fields of a case as canonical text, and all that is wrong with them: each by itself, then together.

    `read` remembers, over the rows of one file, what a text of a field came to: days, members and words come again.
    """
    texts: dict[str, str] = {}
    read = {} if read is None else read
    faults: list[Fault] = []
    for one in register.fields:
        text = given.get(one.code, "").strip()
        if not text:
            if one.required:
                faults.append((one.code, MISSING, {}))
            continue
        key = (one.code, text)
        try:
            if key not in read:
                read[key] = READERS[one.type](text, one)
            texts[one.code] = read[key]
        except Wrong as wrong:
            faults.append((one.code, wrong.message, wrong.numbers))
    if not faults:
        faults = [fault for check in register.checks for fault in check(texts)]
    return texts, faults


def _text(text: str, field: Field) -> str:
    plain = text if field.type == LONG else " ".join(text.split())
    if len(plain) > LONGEST[field.type]:
        raise Wrong(mark("has more than %(count)s characters"), count=LONGEST[field.type])
    if not plain.isprintable() and any(unicodedata.category(one) == "Cc" and one not in "\r\n\t" for one in plain):
        raise Wrong(mark("holds a sign that no text has"))
    return plain


def _number(text: str, field: Field) -> str:
    value = number_of(narrow(text).replace(" ", ""))
    if value is None or value.adjusted() > 12 or len(value.as_tuple().digits) > 24:
        raise Wrong(mark("is not a number"))
    places = 2 if field.type == MONEY else field.places
    exponent = value.normalize().as_tuple().exponent
    if isinstance(exponent, int) and -exponent > places:
        raise Wrong(mark("has more than %(count)s decimal places"), count=places)
    if not field.least <= value <= field.most:
        raise Wrong(mark("is not from %(least)s to %(most)s"), least=field.least, most=field.most)
    return canonical(value)


def _date(text: str, _field: Field) -> str:
    found = read_day(text)
    if found is None:
        raise Wrong(mark("is not a date; write 2026-01-31"))
    return found.isoformat()


def _moment(text: str, field: Field) -> str:
    plain = narrow(text)
    day = DAY.match(plain)
    clock = CLOCK.fullmatch(plain[day.end() :]) if day else None
    if day and clock:
        with suppress(ValueError):
            hour, minute = map(int, clock.groups())
            return datetime.combine(date(*map(int, day.groups())), time(hour, minute)).isoformat("T", "minutes")
    raise Wrong(mark("is not a time of a day; write 2026-01-31 09:30"))


def _choice(text: str, field: Field) -> str:
    found = field.said.get(text.lower())
    if found is None:
        raise Wrong(NO_WORD)
    return found


def _yes(text: str, _field: Field) -> str:
    if text.lower() not in WORDS:
        raise Wrong(mark("is not yes or no"))
    return WORDS[text.lower()]


def _member(text: str, field: Field) -> str:
    return _text(text, field).upper()


def _members(text: str, field: Field) -> str:
    return " ".join(dict.fromkeys(one for one in BETWEEN.split(_text(text, field).upper()) if one))


def _persons(text: str, field: Field) -> str:
    return " ".join(dict.fromkeys(one for one in BETWEEN.split(_text(text, field)) if one))


READERS: Mapping[str, Callable[[str, Field], str]] = {
    TEXT: _text, LONG: _text, NUMBER: _number, MONEY: _number, DATE: _date, MOMENT: _moment, CHOICE: _choice,
    YES: _yes, MEMBER: _member, MEMBERS: _members, PERSON: _text, PERSONS: _persons,
}  # fmt: skip
