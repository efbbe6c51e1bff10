"""The questions about definitions: the library of an alliance as of a day, its versions, the libraries that ship."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache, lru_cache
from importlib import resources
from typing import Any

from sqlalchemy import bindparam, func, select

from alliance.audit import queries as audit
from alliance.core.formula import in_words
from alliance.core.period import Period, day_of
from alliance.db import db, remembered, table_of
from alliance.indicators.models import Definition
from alliance.indicators.rules.definitions import Dimension, Element, Indicator, Library
from alliance.indicators.rules.kinds import Bench
from alliance.indicators.rules.libraries import read_alone, read_library
from alliance.indicators.rules.versions import ORIGIN, Difference, differences, needed

SHIPPED = ("five_dimensions", "balanced_scorecard", "county_2024", "tertiary_2025", "alliance_2018", "community")
WHAT = ("dimension", "element", "indicator")
NEWEST = date.max  # as of no day: the newest version of everything


def shipped_library(code: str) -> dict[str, Any]:
    """The data of a library that ships with the portal, with the elements that it shares with another one."""
    data = _file(code)
    head = data["library"]
    base = _file(head["shares"]) if "shares" in head else None
    if base is None:
        return data
    own = data.get("element", [])
    known = {row["code"] for row in own}
    named = {row["weight"] for row in own if "weight" in row}
    for row in data["indicator"]:
        named |= {term.lstrip("+-") for key in ("numerator", "denominator", "terms") for term in row.get(key, ())}
        named |= {row["external"]} if "external" in row else set()
    rows = {row["code"]: row for row in base["element"]}
    named |= {rows[one]["weight"] for one in named - known if "weight" in rows[one]}
    origin = {"library": base["library"]["code"], "mark": base["library"]["mark"]}
    shared = [{**origin, **row} for code, row in rows.items() if code in named - known]
    return {**data, "element": shared + own}


def _file(code: str) -> dict[str, Any]:
    text = resources.files("alliance.indicators").joinpath("library", f"{code}.toml").read_text("utf-8")
    return tomllib.loads(text, parse_float=Decimal)


@cache
def shipped(code: str) -> Library:
    """A library that ships with the portal, read."""
    return read_library(shipped_library(code))


def library(alliance: int, on: date | None = None) -> Library:
    """The definitions of an alliance that hold on a day, by default today; of a period, on its last day."""
    state = (str(db.engine.url), alliance, definitions_known(alliance))
    when = on or day_of(datetime.now(UTC))
    # One library for all days between two changes.
    return _library(*state, max((day for day in _starts(*state) if day <= when), default=date.min))


@remembered
def definitions_known(alliance: int) -> tuple[object, ...]:
    """Changes whenever a definition is added, and none is ever changed: their number and the last one."""
    return tuple(db.session.execute(_newest(), {"alliance": alliance}).one())


@cache
def _newest() -> Any:
    """How many definitions there are, and the last of them; built once, since every page asks it."""
    columns = table_of(Definition).c
    last = select(func.count(), func.max(columns.id), func.max(columns.added_at))
    return last.where(columns.alliance_id == bindparam("alliance"))


@lru_cache(maxsize=64)
def _starts(_database: str, alliance: int, _version: tuple[object, ...]) -> list[date]:
    return list(db.session.scalars(select(Definition.valid_from).where(Definition.alliance_id == alliance).distinct()))


@lru_cache(maxsize=64)
def _library(_database: str, alliance: int, _version: tuple[object, ...], on: date) -> Library:
    """Definitions are read often and change rarely: parsed once for each state of a database."""
    rows = db.session.scalars(
        select(Definition)
        .where(Definition.alliance_id == alliance, Definition.valid_from <= on)
        .order_by(Definition.version, Definition.id)
    )
    latest: dict[str, dict[str, Any]] = {what: {} for what in WHAT}
    for row in rows:
        latest[row.what][row.code] = written(row)
    return read_library({what: list(items.values()) for what, items in latest.items()})


def written(row: Definition) -> dict[str, Any]:
    """A kept definition as a library's file writes it, with where it comes from."""
    return {**row.spec, "library": row.library, "mark": row.mark, "version": row.version}


@dataclass(frozen=True, slots=True)
class VersionInfo:
    """A version of an indicator or element: from when, until when (not included), and why."""

    version: int
    valid_from: date
    until: date | None
    cause: str
    text: str
    added_by: str
    added_at: datetime
    definition: Element | Indicator
    changes: list[Difference]


def versions(alliance: int, what: str, code: str) -> list[VersionInfo]:
    """All versions of an indicator or element, newest first, each with what it changed."""
    rows = list(
        db.session.scalars(
            select(Definition)
            .where(Definition.alliance_id == alliance, Definition.what == what, Definition.code == code)
            .order_by(Definition.version)
        )
    )
    found: list[VersionInfo] = []
    for place, row in enumerate(rows):
        until = rows[place + 1].valid_from if place + 1 < len(rows) else None
        one = alone(what, written(row))
        changes = differences(found[-1].definition, one) if found else []
        found.append(VersionInfo(
            row.version, row.valid_from, until, row.cause, row.cause_text, row.added_by, row.added_at, one, changes,
        ))  # fmt: skip
    return found[::-1]


def alone(what: str, spec: Mapping[str, Any]) -> Element | Indicator:
    """One definition read by itself: its form is checked, what it names is not."""
    return read_alone(what, spec)


def scored_periods(alliance: int) -> list[Period]:
    """The periods that have an official run of scores."""
    return [Period.parse(code) for code in audit.computed(alliance, "score")]


@dataclass(frozen=True, slots=True)
class Adoption:
    """What adopting a part of a shipped library would bring: new, the same already, and other than adopted (left)."""

    dimensions: list[Dimension]
    elements: list[Element]
    indicators: list[Indicator]
    same: frozenset[str]
    other: dict[str, list[Difference]]
    needs: frozenset[str]  # indicators that come along because a chosen one is computed from them

    @property
    def empty(self) -> bool:
        return not (self.dimensions or self.elements or self.indicators)


def adoption(alliance: int, code: str, codes: Collection[str] | None = None) -> Adoption:
    """What adopting a shipped library, or the chosen indicators of it, would bring. Changes nothing."""
    offered, known = shipped(code), library(alliance, NEWEST)
    chosen = offered.indicators if codes is None else codes
    indicators, elements = needed(offered, list(chosen))
    sides = {offered.indicators[one].dimension for one in indicators}
    have: dict[str, Element | Indicator] = {**known.elements, **known.indicators}
    found: dict[str, Element | Indicator] = {one: offered.indicators[one] for one in indicators}
    found |= {one: offered.elements[one] for one in elements}
    other = {one: differences(have[one], item) for one, item in found.items() if one in have}
    there = {one.code for one in known.dimensions}
    return Adoption(
        [one for one in offered.dimensions if one.code in sides - there],
        [offered.elements[one] for one in elements if one not in have],
        [offered.indicators[one] for one in indicators if one not in have],
        frozenset(one for one, parts in other.items() if not parts),
        {one: parts for one, parts in other.items() if parts},
        frozenset(indicators) - frozenset(chosen),
    )


def elements_due(known: Library, tier: str, period: Period) -> list[Element]:
    """The elements that a member of a tier files in a period: those of its length; what is rated or surveyed comes
    from the raters."""
    return [
        element
        for element in known.elements.values()
        if tier in element.tiers
        and element.frequency is period.kind
        and not element.external
        and element.mode not in RATED
    ]


def indicator(alliance: int, code: str) -> Indicator | None:
    return library(alliance).indicators.get(code)


def formula_in_words(known: Library, code: str, lang: str) -> str:
    """The formula of an indicator in words, zh or en."""
    empty = Bench(known, Period.parse("2026"), {}).value("", code)
    labels = {name: part.kind.en if lang == "en" else part.kind.zh for name, part in empty.inputs}
    labels |= {one.name: one.en if lang == "en" else one.zh for one in empty.kind.names}
    return in_words(empty.kind.formula, labels, lang)


def plain(value: Any) -> Any:
    """Data with every number that is not whole as text: JSON has no exact decimals."""
    if isinstance(value, Mapping):
        return {str(key): plain(part) for key, part in value.items() if key not in ORIGIN}
    if isinstance(value, list | tuple):
        return [plain(part) for part in value]
    return value if isinstance(value, str | int | bool) else str(value)


RATED = ("rated", "surveyed")
