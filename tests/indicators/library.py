"""Small libraries and benches for the tests of the rules."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from alliance.core.figure import Figure, State, given
from alliance.core.period import Period, PeriodKind
from alliance.indicators.rules.definitions import Library
from alliance.indicators.rules.kinds import Bench, Place, element_kind, owner_of
from alliance.indicators.rules.libraries import read_library

STATES = {"": State.MISSING, "n/a": State.NOT_APPLICABLE}
PLACE = re.compile(r"(?:(?P<who>\w*)/)?(?P<element>\w+)(?:@(?P<period>.+))?")


def definition(code: str, **more: Any) -> dict[str, Any]:
    """A row of a library's file."""
    return {"code": code, "name_zh": f"{code}项", "name_en": f"item {code}", **more}


def library_of(elements: Iterable[Mapping[str, Any]], indicators: Iterable[Mapping[str, Any]]) -> Library:
    return read_library({"library": {"code": "small"}, "element": list(elements), "indicator": list(indicators)})


def library_for(case: Mapping[str, Any]) -> Library:
    """The library of a worked example: its indicator I, others, and whatever elements they name."""
    rows = [definition("I", **case["indicator"]), *(definition(**row) for row in case.get("further", ()))]
    own = case.get("elements", {})
    named = {
        term.lstrip("-") for row in rows for key in ("numerator", "denominator", "terms") for term in row.get(key, ())
    }
    named |= {row["external"] for row in rows if "external" in row} | {
        row["weight"] for row in own.values() if "weight" in row
    }
    return library_of([definition(code, **own.get(code, {})) for code in sorted(named)], rows)


def reading(library: Library, who: str, element: str, period: str, value: Any) -> Figure:
    key = f"{who}/{element}/{period}"
    number = None if value in STATES else Decimal(value)
    kind = element_kind(library.elements[element])
    return given(key, kind, number, f"reading:{key}@1", owner=owner_of(who), state=STATES.get(value))


def readings_of(library: Library, case: Mapping[str, Any]) -> dict[Place, Figure]:
    found: dict[Place, Figure] = {}
    period = case.get("period", "2026-03")
    for key, value in case.get("readings", {}).items():
        place = PLACE.fullmatch(key)
        assert place is not None
        who = "C01" if place["who"] is None else place["who"]
        months = [part.code for part in Period.parse(period).parts(PeriodKind.MONTH)]
        values = (
            dict(zip(months, value, strict=True)) if isinstance(value, list) else {place["period"] or period: value}
        )
        for when, one in values.items():
            found[who, place["element"], when] = reading(library, who, place["element"], when, one)
    return found


def bench_of(case: Mapping[str, Any]) -> Bench:
    """The bench of a worked example; see tests/indicators/examples/kinds.toml."""
    library, period = library_for(case), case.get("period", "2026-03")
    cases = {}
    for element, values in case.get("cases", {}).items():
        kind = element_kind(library.elements[element])
        cases["C01", element, period] = [
            given(
                f"case/{place}", kind, None if value == "" else Decimal(value), f"case:{place}", owner="institution:C01"
            )
            for place, value in enumerate(values)
        ]
    return Bench(library, Period.parse(period), readings_of(library, case), cases, lead="LEAD")
