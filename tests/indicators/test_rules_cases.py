"""The cases behind a value: by how much it weighs beside those of others."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from alliance.core.figure import State, trail
from alliance.core.formula import tells_the_truth
from alliance.core.period import Period
from alliance.indicators.rules.cases import cases_behind
from alliance.indicators.rules.kinds import Bench
from tests.indicators.library import definition, library_of, reading

MARCH = Period.parse("2026-03")
RATIO = {"numerator": ["A"], "factor": "100"}
ROWS = [
    definition("R", kind="ratio", denominator=["B"], **RATIO),
    definition("TWO", kind="ratio", denominator=["B", "-C"], **RATIO),
    definition("LESS", kind="ratio", denominator=["-C"], **RATIO),
    definition("N", kind="sum", numerator=["A"]),
    definition("G", kind="growth", of="R", back="period"),
    definition("GN", kind="growth", numerator=["A"], back="period"),
    definition("D", kind="difference", numerator=["A"], denominator=["B"], external="C"),
    definition("RR", kind="ratio_of_ratios", upper="R", lower="TWO"),
    definition("AG", kind="agreement_with_lead", indicators=["R"]),
    definition("P", kind="percentile", numerator=["A"], percent="75"),
]
LIBRARY = library_of([definition(code) for code in "ABC"], ROWS)


def bench(**values: Any) -> Bench:
    readings = {
        ("C1", code, "2026-03"): reading(LIBRARY, "C1", code, "2026-03", value) for code, value in values.items()
    }
    cases = {("C1", "A", "2026-03"): [reading(LIBRARY, "C1", "A", f"2026-03-{n}", n) for n in range(1, 8)]}
    return Bench(LIBRARY, MARCH, readings, cases, lead="C1")


@pytest.mark.parametrize(
    ("code", "cases"),
    [("R", 400), ("TWO", 300), ("LESS", -100), ("G", 400), ("D", 400), ("P", 7),
     ("N", None), ("GN", None), ("RR", None), ("AG", None)],
)  # fmt: skip
def test_the_cases_are_the_denominator_of_the_indicators_own_formula(code: str, cases: int | None) -> None:
    there = bench(A="37", B="400", C="100")
    found = cases_behind(there, "C1", code)
    assert (found.value if found else None) == cases
    if found:
        assert found.owner == "institution:C1"
        figures = list(trail(found, there.value("C1", code)))
        assert len({one.key for one in figures}) == len(figures)
        assert all(map(tells_the_truth, figures))
        assert cases_behind(there, "C1", code) is found


def test_cases_that_were_not_filed_are_missing() -> None:
    found = cases_behind(bench(A="37", B="400", C=""), "C1", "TWO")
    assert found is not None
    assert (found.value, found.state) == (None, State.MISSING)


def test_cases_of_a_quarter_are_those_of_its_months_together() -> None:
    readings = {
        ("C1", "B", f"2026-0{month}"): reading(LIBRARY, "C1", "B", f"2026-0{month}", 100 * month) for month in (1, 2, 3)
    }
    found = cases_behind(Bench(LIBRARY, Period.parse("2026Q1"), readings), "C1", "R")
    assert found is not None
    assert found.value == Decimal(600)
