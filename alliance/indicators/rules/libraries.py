"""A library from its file: every row as a definition, or what cannot be read in it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar

from alliance.core.period import PeriodKind
from alliance.core.refused import Problem, Refused, mark
from alliance.core.written import MOST_PLACES, WRONG_WORD
from alliance.indicators.rules.definitions import TIERS, Dimension, Element, Indicator, Library, Words
from alliance.indicators.rules.faults import TWICE, check_library

CODE = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,11}")
Defined = TypeVar("Defined", Element, Indicator)


def read_library(data: Mapping[str, Any]) -> Library:
    """A library from its TOML data; Refused with every problem found."""
    problems: list[Problem] = []

    def rows(what: str) -> list[_Row]:
        return [_Row(row, problems) for row in data.get(what, ())]

    head = _Row(data.get("library", {}), problems)
    origin = head.text("code"), head.text("mark", "template")
    library = Library(
        head.text("code"), head.words("name"), head.words("source"), origin[1],
        tuple(Dimension(row.text("code"), row.words("name")) for row in rows("dimension")),
        _by_code([_element(row, *origin) for row in rows("element")], problems),
        _by_code([_indicator(row, *origin) for row in rows("indicator")], problems),
    )  # fmt: skip
    problems += check_library(library)
    if problems:
        raise Refused("The library has %(count)s errors.", count=len(problems), problems=problems)
    return library


def read_alone(what: str, row: Mapping[str, Any]) -> Element | Indicator:
    """One element or indicator from its row; Refused with what cannot be read in it. What it names is not checked."""
    problems: list[Problem] = []
    cells = _Row(row, problems)
    one = _element(cells, "", "template") if what == "element" else _indicator(cells, "", "template")
    if problems:
        raise Refused("The definition has %(count)s errors.", count=len(problems), problems=problems)
    return one


def _by_code(items: Sequence[Defined], problems: list[Problem]) -> dict[str, Defined]:
    found: dict[str, Defined] = {}
    for item in items:
        if not CODE.fullmatch(item.code):
            reason = mark("a code has 1 to 12 letters and digits and starts with a letter")
            problems.append(Problem(item.code, item.code, reason))
        if item.code in found:
            problems.append(Problem(item.code, item.code, TWICE))
        found[item.code] = item
    return found


@dataclass(frozen=True, slots=True)
class _Row:
    """A row of a library's file; what cannot be read is added to the problems."""

    data: Mapping[str, Any]
    problems: list[Problem]

    def fault(self, key: str, message: str) -> None:
        where = f"{self.data.get('code', '')}.{key}"
        self.problems.append(Problem(where, str(self.data.get(key, "")), message))

    def text(self, key: str, otherwise: str = "") -> str:
        return str(self.data.get(key, otherwise))

    def words(self, key: str) -> Words:
        return Words(self.text(f"{key}_zh"), self.text(f"{key}_en"))

    def several(self, key: str, otherwise: tuple[str, ...] = ()) -> tuple[str, ...]:
        found = self.data.get(key, otherwise)
        if isinstance(found, list | tuple):
            return tuple(map(str, found))
        self.fault(key, mark("is not a list"))
        return otherwise

    def terms(self, key: str) -> tuple[tuple[int, str], ...]:
        return tuple((-1 if term.startswith("-") else 1, term.lstrip("+-")) for term in self.several(key))

    def numbers(self, key: str) -> tuple[Decimal, ...]:
        """The numbers of a list, or the one number that stands there; empty when one is none."""
        found = self.data.get(key, ())
        try:
            numbers = tuple(Decimal(str(one)) for one in (found if isinstance(found, list | tuple) else [found]))
        except InvalidOperation:
            numbers = (Decimal("NaN"),)
        if all(number.is_finite() for number in numbers):
            return numbers
        self.fault(key, mark("is not a number"))
        return ()

    def number(self, key: str) -> Decimal | None:
        return next(iter(self.numbers(key)), None)

    def places(self, otherwise: int) -> int:
        found = self.number("places")
        if found is None:
            return otherwise
        if found != int(found) or not 0 <= found <= MOST_PLACES:
            self.fault("places", mark("is not a number of decimal places"))
            return otherwise
        return int(found)

    def truth(self, key: str) -> bool:
        found = self.data.get(key, False)
        if not isinstance(found, bool):
            self.fault(key, mark("is neither true nor false"))
        return found is True

    def frequency(self) -> PeriodKind:
        found = self.text("frequency", "month")
        if found not in list(PeriodKind):
            self.fault("frequency", WRONG_WORD)
            return PeriodKind.MONTH
        return PeriodKind(found)


def _element(row: _Row, library: str, mark: str) -> Element:
    return Element(
        row.text("code"), row.words("name"), row.words("unit"), row.text("aggregation", "flow"), row.text("weight"),
        row.places(0), row.frequency(), row.text("mode", "filed"), row.several("tiers", TIERS), row.number("minimum"),
        row.number("maximum"), row.truth("external"), row.words("definition"), row.words("source"),
        row.number("soft_minimum"), row.number("soft_maximum"), row.text("whole"),
        row.words("reference_date"), row.words("officer"), row.text("code_system"), row.text("library", library),
        row.text("mark", mark), int(row.text("version", "1")),
    )  # fmt: skip


def _indicator(row: _Row, library: str, mark: str) -> Indicator:
    factor, tolerance = row.number("factor"), row.number("tolerance")
    return Indicator(
        row.text("code"), row.words("name"), row.text("kind"), row.text("dimension"),
        row.terms("terms") or row.terms("numerator"), row.terms("denominator"),
        Decimal(1) if factor is None else factor, row.text("of") or row.text("indicator"), row.text("back", "year"),
        row.text("upper"), row.text("lower"), row.text("external"), row.several("indicators"),
        Decimal(10) if tolerance is None else tolerance, row.number("threshold"), row.number("percent"),
        row.words("unit"), row.places(2), row.text("direction", "higher"), row.numbers("band"), row.number("target"),
        row.several("tiers", TIERS), row.several("tags"), row.text("synergy"), row.words("definition"),
        row.words("window"), row.words("source"), row.truth("explained"), row.words("scope"), row.words("exclusions"),
        row.words("reference"), row.text("library", library), row.text("mark", mark), int(row.text("version", "1")),
    )  # fmt: skip
