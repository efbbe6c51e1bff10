"""Reads tables of words and numbers that somebody wrote; every problem of form is collected, not only the first."""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import MISSING, dataclass, fields
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar

from alliance.core.figure import canonical
from alliance.core.refused import Problem, mark

MOST_PLACES = 15
LARGEST, FINEST = 16, 30  # digits before and behind the point of what anybody writes
DEEPEST, TOO_DEEP = 20, "too many tables and lists inside each other"  # of TOML
MOST_BITS = 4096  # of a whole number in it; one of 4300 digits Python would not even write
NO_TEXT, TOO_LONG = "a sign that no text has", "a whole number that nobody writes"
SEPARATED = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+(\.\d+)?", re.ASCII)
DIGITS = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)", re.ASCII)
WIDE = "".join(map(chr, range(0xFF01, 0xFF5F))) + "\u3000"  # ！ to ～, which stand 0xFEE0 above ! to ~, and the blank
NARROW = "".join(map(chr, range(0x21, 0x7F))) + " "
ORDINARY = str.maketrans(WIDE + "\u00a0\u2009\u202f−–", NARROW + "   --")
DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?", re.ASCII)
CLOCK = re.compile(r"[ T]+(\d{1,2}):(\d{2})(?::\d{2}(?:\.\d+)?)?", re.ASCII)  # behind a day
WRONG_WORD = mark("is not one of the words allowed here")
NO_DATE = mark("is not a date; write 2026-01-31")
Made = TypeVar("Made")


def plain(value: Any) -> Any:
    """Data with every number and date as text, so that it can be written again exactly."""
    if isinstance(value, Mapping):
        return {str(key): plain(part) for key, part in value.items() if part is not None}
    if isinstance(value, list | tuple):
        return [plain(part) for part in value]
    return canonical(value) if isinstance(value, Decimal) else str(value)


def content_digest(data: Mapping[str, Any]) -> str:
    """SHA-256 of plain data, whatever the order of keys or the white space of its text; hex."""
    text = json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def whole(text: str | None) -> int | None:
    """A whole number as it is written, from 0 on and of nine digits at most, so that any database holds it; or None."""
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 10 else None


def narrow(text: str) -> str:
    """A number or date as it is typed, wide signs, blanks and minus made the ordinary ones; no other sign becomes a
    digit, so that 5² is not 52."""
    return text if text.isascii() else text.translate(ORDINARY)


def unseparated(text: str) -> str:
    """A number without the separators of its thousands; any other text, such as 12,50, as it is: it is no number."""
    return text.replace(",", "") if SEPARATED.fullmatch(text) else text


def fits(number: Decimal) -> bool:
    """Whether a number is of a size that anybody writes: 1e-99999999 is one of a hundred million digits."""
    exponent = number.as_tuple().exponent
    return isinstance(exponent, int) and number.adjusted() < LARGEST and exponent >= -FINEST


def number_of(text: str) -> Decimal | None:
    """The number of a text, in wide figures too, with the separators of its thousands or without; None for what is
    none."""
    digits = unseparated(narrow(text).strip())
    found = Decimal(digits) if len(digits) <= LARGEST + FINEST and DIGITS.fullmatch(digits) else None
    return found if found is not None and fits(found) else None


def read_day(text: str) -> date | None:
    """The day of a text: 2026-01-31, 2026/1/31, 2026年1月31日, with the time that spreadsheets add too; None for what
    is none."""
    plain = narrow(text).strip()
    found = DAY.match(plain)
    if found and (found.end() == len(plain) or CLOCK.fullmatch(plain, found.end())):
        with suppress(ValueError):
            return date(*map(int, found.groups()))
    return None


def read_toml(text: str) -> dict[str, Any]:
    """The data of TOML, numbers exact; ValueError with the fault for what is none or is written as nobody writes it:
    nested too deep, a whole number of thousands of digits, a text with a NUL, which no database keeps."""
    try:
        found = tomllib.loads(text, parse_float=_toml_number)
    except tomllib.TOMLDecodeError:
        raise
    except ValueError:
        raise ValueError(TOO_LONG) from None
    except RecursionError:
        raise ValueError(TOO_DEEP) from None
    _check_plain(found, DEEPEST)
    return found


def _toml_number(text: str) -> Decimal:
    """What nobody writes is no number, and is refused where the number is read."""
    found = Decimal(text.replace("_", ""))
    return found if fits(found) else Decimal("NaN")


def _check_plain(value: Any, deepest: int) -> None:
    if deepest <= 0:
        raise ValueError(TOO_DEEP)
    if isinstance(value, str) and "\0" in value:
        raise ValueError(NO_TEXT)
    if isinstance(value, int) and value.bit_length() > MOST_BITS:
        raise ValueError(TOO_LONG)
    parts = [*value, *value.values()] if isinstance(value, dict) else value if isinstance(value, list) else ()
    for part in parts:
        _check_plain(part, deepest - 1)


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads the parts of a text; what cannot be read is added to the problems, and something harmless stands in."""

    problems: list[Problem]

    def fault(self, where: str, value: object, message: str, **numbers: object) -> None:
        self.problems.append(Problem(where, str(value), message, numbers))

    def table(self, where: str, value: Any, words: Sequence[str] = ()) -> Mapping[str, Any]:
        """A table, of which only some words may be keys when any are named."""
        if not isinstance(value, Mapping):
            self.fault(where, value, mark("is not a table"))
            return {}
        for key in value:
            if words and key not in words:
                self.fault(f"{where}.{key}", key, WRONG_WORD)
        return {str(key): part for key, part in value.items() if not words or key in words}

    def word(self, where: str, value: object, words: Sequence[str]) -> str:
        if value not in words:
            self.fault(where, value, WRONG_WORD)
            return words[0]
        return str(value)

    def truth(self, where: str, value: object) -> bool:
        return self.word(where, str(value).lower(), ("false", "true")) == "true"

    def decimal(self, where: str, value: object) -> Decimal:
        try:
            number = Decimal(str(value))
        except InvalidOperation:
            number = Decimal("NaN")
        if fits(number):
            return number
        self.fault(where, value, mark("is not a number"))
        return Decimal(0)

    def percent(self, where: str, value: object) -> Decimal:
        number = self.decimal(where, value)
        if not 0 <= number <= 100:
            self.fault(where, canonical(number), mark("must lie between 0 and 100"))
        return number

    def places(self, where: str, value: object, otherwise: int) -> int:
        number = Decimal(otherwise) if value is None else self.decimal(where, value)
        if number != int(number) or not 0 <= number <= MOST_PLACES:
            self.fault(where, value, mark("is not a number of decimal places"))
            return otherwise
        return int(number)

    def day(self, where: str, value: object) -> date:
        try:
            return date.fromisoformat(str(value))
        except ValueError:
            self.fault(where, value, NO_DATE)
            return date(1970, 1, 1)

    def record(self, made: type[Made], where: str, value: Any, words: Mapping[str, Sequence[str]]) -> Made:
        """A dataclass whose fields are words, truths, numbers and days, each read as the kind of its default.

        A field whose name `words` holds takes one of them. A field without a default must be there.
        """
        known = fields(made)  # type: ignore[arg-type]
        row = self.table(where, value, [one.name for one in known])
        found: dict[str, Any] = {}
        for one in known:
            place = f"{where}.{one.name}"
            if one.name in row:
                found[one.name] = self._part(place, row[one.name], one.default, words.get(one.name, ()))
            elif one.default is MISSING and one.default_factory is MISSING:
                self.fault(place, "", mark("is missing"))
                found[one.name] = ""
        return made(**found)

    def _part(self, place: str, value: Any, default: Any, words: Sequence[str]) -> Any:
        if words:
            return self.word(place, value, words)
        if isinstance(default, bool):
            return self.truth(place, value)
        if isinstance(default, Decimal):
            return self.decimal(place, value)
        if isinstance(default, int):
            return self.places(place, value, default)
        return str(value)
