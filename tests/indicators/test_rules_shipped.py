from decimal import Decimal

import pytest

from alliance.core.figure import State, canonical, given, trail
from alliance.core.formula import names_of, tells_the_truth
from alliance.core.period import Period
from alliance.indicators.rules.definitions import read_library
from alliance.indicators.rules.kinds import Bench, element_kind, owner_of, reading_periods
from tests.core.example import shipped

LIBRARY = read_library(shipped("indicators/library/five_dimensions"))
QUARTER = Period.parse("2026Q1")
TIERS = {"H01": "tertiary", "S01": "secondary", "C01": "primary"}


def filed(quarters):
    """A reading of 7 in every period that the library may look at, for every member."""
    periods = {code for quarter in quarters for code in reading_periods(LIBRARY, LIBRARY.indicators, quarter)}
    found = {}
    for who in TIERS:
        for element in LIBRARY.elements.values():
            for code in periods:
                if Period.parse(code).kind is element.frequency:
                    key = f"{who}/{element.code}/{code}"
                    figure = given(key, element_kind(element), Decimal(7), f"reading:{key}@1", owner=owner_of(who))
                    found[who, element.code, code] = figure
    return found


def test_the_five_dimension_library_is_sound():
    assert len(LIBRARY.indicators) == 66
    assert len(LIBRARY.elements) == 106
    assert LIBRARY.mark == "template"
    assert len(LIBRARY.dimensions) == 7


@pytest.mark.parametrize(
    "period", [QUARTER, QUARTER.parts(LIBRARY.elements["E001"].frequency)[0], Period.parse("2026")]
)
def test_every_indicator_is_worked_out_and_tells_the_truth(period):
    bench = Bench(LIBRARY, period, filed([period]), lead="H01")
    values = [bench.value(who, code) for who in TIERS for code in LIBRARY.indicators]
    figures = list(trail(*values))
    assert [figure.key for figure in figures if not tells_the_truth(figure)] == []
    for figure in figures:
        if figure.kind.formula:
            assert names_of(figure.kind.formula) <= {name.name for name in figure.kind.names}
    without = {value.key.split("/")[1] for value in values if value.value is None}
    due = [code for code, one in LIBRARY.indicators.items() if all(_due(element, period) for element in one.elements)]
    # What is filed once a year is not due in a quarter; everything else has a value.
    assert without == set(LIBRARY.indicators) - set(due)


def _due(element, period):
    return bool(period.parts(LIBRARY.elements[element].frequency))


def test_growth_of_cost_per_visit_against_the_region():
    readings = filed([QUARTER])
    bench = Bench(LIBRARY, QUARTER, readings, lead="H01")
    assert canonical(bench.value("C01", "I013").value) == "0"
    assert canonical(bench.value("C01", "I014").value) == "-7"
    first_year = {place: figure for place, figure in readings.items() if place[2].startswith("2026")}
    bench = Bench(LIBRARY, QUARTER, first_year, lead="H01")
    assert bench.value("C01", "I013").state is State.NOT_APPLICABLE
    assert bench.value("C01", "I014").state is State.NOT_APPLICABLE
    cut = {place: figure for place, figure in first_year.items() if place[1:] != ("E025", "2026-02")}
    bench = Bench(LIBRARY, QUARTER, cut, lead="H01")
    assert bench.value("C01", "I013").state is State.MISSING
    assert bench.value("C01", "I014").state is State.MISSING


def test_it_looks_back_one_year_and_no_further():
    assert {code[:4] for code in reading_periods(LIBRARY, LIBRARY.indicators, QUARTER)} == {"2025", "2026"}
    assert reading_periods(LIBRARY, ["I001"], QUARTER) == {"2026-01", "2026-02", "2026-03"}
