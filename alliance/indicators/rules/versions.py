"""Versions of definitions: what differs, from when a version may hold, what adopting a part of a library needs."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from typing import Any

from alliance.core.figure import canonical
from alliance.core.period import MONTHS, Period, PeriodKind
from alliance.core.refused import Refused
from alliance.indicators.rules.definitions import Element, Indicator, Library, Words

BEGINNING = date.min  # of what was there before anything was scored
CAUSES = ("policy", "need", "finding", "objection")
LEAST = 10  # characters of a cause
OWN = "own"  # the library and the mark of what the alliance defines itself
ORIGIN = ("library", "mark", "version")
LISTS = ("tiers", "tags", "indicators", "band")
TERMS = ("numerator", "denominator")
TERM = re.compile(r"([+\-−]?)\s*([A-Za-z]\w*)")


@dataclass(frozen=True, slots=True)
class Difference:
    """A field of a definition that another version writes otherwise."""

    field: str
    before: str
    after: str


def flat(one: Element | Indicator) -> dict[str, str]:
    """A definition as text by field, texts in both languages as two fields; as people type it."""
    found: dict[str, str] = {}
    for field in fields(one):
        if field.name in ORIGIN:
            continue
        value = getattr(one, field.name)
        if isinstance(value, Words):
            found |= {f"{field.name}_zh": value.zh, f"{field.name}_en": value.en}
        else:
            found[field.name] = _text(value)
    return found


def _text(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case Decimal():
            return canonical(value)
        case tuple() if value and isinstance(value[0], tuple):
            return " ".join(("− " if sign < 0 else "+ ") + code for sign, code in value).removeprefix("+ ")
        case tuple():
            return ", ".join(_text(part) for part in value)
    return str(value)


def differences(before: Element | Indicator | None, after: Element | Indicator) -> list[Difference]:
    """What another version says otherwise, field by field; everything that is said at all when there was none."""
    old, new = flat(before) if before else {}, flat(after)
    return [Difference(name, old.get(name, ""), text) for name, text in new.items() if old.get(name, "") != text]


def spec_of(typed: Mapping[str, str]) -> dict[str, Any]:
    """A definition as a library's file writes it, from the text of its fields; blank fields are left out."""
    spec: dict[str, Any] = {}
    for name, text in typed.items():
        text = text.strip()
        if not text:
            continue
        if name in TERMS:
            spec[name] = _terms(text)
        elif name in LISTS:
            spec[name] = [part for part in re.split(r"[\s,，、;；–]+", text) if part]
        elif name in ("external", "explained") and text in ("true", "false"):
            spec[name] = text == "true"
        else:
            spec[name] = text
    # Blank lists of tiers would be read as all tiers.
    if "tiers" in typed and not typed["tiers"].strip():
        spec["tiers"] = []
    return spec


def _terms(text: str) -> list[str]:
    """E001 + E002 − E003 as terms; what is none stands as it is, for the check to name it."""
    if TERM.sub("", text).strip():
        return [text]
    return [("-" if sign in ("-", "−") else "") + code for sign, code in TERM.findall(text)]


def _period_of(kind: PeriodKind, day: date) -> Period:
    month = day.year * 12 + day.month - 1
    return Period(month - month % MONTHS[kind], kind)


def first_start(kind: PeriodKind, scored: Iterable[Period], after: date) -> date:
    """The first period start on or after a day that no scored period reaches."""
    last = max([after, *(one.until for one in scored)])
    start = _period_of(kind, last)
    return start.first if start.first >= last else start.until


def check_start(start: date, kind: PeriodKind, scored: Collection[Period], before: date | None) -> None:
    """Refuse a start that is no period start, that a scored period reaches, or that is not after the version before."""
    if _period_of(kind, start).first != start:
        raise Refused("A version holds from the first day of a %(kind)s.", kind=kind.value)
    reached = [one for one in scored if one.until > start]
    if reached:
        raise Refused(
            "%(period)s is scored already: a version can hold from %(start)s at the earliest.",
            period=max(reached, key=lambda one: one.until).code,
            start=max(one.until for one in reached).isoformat(),
        )
    if before is not None and start <= before:
        raise Refused("The version before holds from %(start)s: choose a later day.", start=before.isoformat())


def check_cause(cause: str, text: str) -> None:
    """Refuse a new version that does not say why."""
    if cause not in CAUSES:
        raise Refused("Name the cause of the new version.")
    if len(text.strip()) < LEAST:
        raise Refused("Say in at least %(count)s characters why the definition changes.", count=LEAST)


def needed(known: Library, codes: Collection[str]) -> tuple[list[str], list[str]]:
    """The indicators and elements that chosen indicators rest on, themselves included, in the library's order."""
    wanted: set[str] = set()
    todo = list(codes)
    while todo:
        code = todo.pop()
        if code not in wanted and code in known.indicators:
            wanted.add(code)
            todo += known.indicators[code].refers_to
    elements = {name for code in wanted for name in known.indicators[code].elements}
    elements |= {known.elements[name].weight for name in elements if known.elements[name].aggregation == "mean"}
    return (
        [code for code in known.indicators if code in wanted],
        [code for code in known.elements if code in elements],
    )
