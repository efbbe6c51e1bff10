from decimal import Decimal

import pytest

from alliance.core.figure import State, canonical, given, trail
from alliance.core.formula import names_of, tells_the_truth
from alliance.core.period import Period
from alliance.indicators import queries
from alliance.indicators.queries import SHIPPED
from alliance.indicators.rules.kinds import Bench, element_kind, owner_of, reading_periods
from alliance.indicators.rules.libraries import read_library
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


COUNTS = {
    "five_dimensions": (106, 66), "balanced_scorecard": (103, 66), "county_2024": (25, 18), "tertiary_2025": (34, 17),
    "alliance_2018": (25, 20), "community": (30, 19),
}  # fmt: skip


@pytest.mark.parametrize("code", SHIPPED)
def test_every_library_passes_the_real_checks_and_says_where_it_comes_from(code):
    found = queries.shipped(code)
    assert (len(found.elements), len(found.indicators)) == COUNTS[code]
    assert found.code == code
    assert found.name.zh
    assert found.source.zh
    assert found.source.en
    for one in [*found.elements.values(), *found.indicators.values()]:
        assert one.definition.zh, one.code
        assert one.definition.en, one.code
        assert one.source.zh, one.code
        assert one.mark in ("verified", "template")
    assert {one.dimension for one in found.indicators.values()} == {one.code for one in found.dimensions}


def test_no_code_means_two_things_so_that_all_libraries_can_be_adopted_together():
    every: dict[str, object] = {}
    for code in SHIPPED:
        found = queries.shipped(code)
        for one in [*found.elements.values(), *found.indicators.values(), *found.dimensions]:
            assert every.setdefault(one.code, one) == one


def test_only_what_was_checked_against_the_published_text_is_called_verified():
    verified = {
        one.code for code in SHIPPED for one in queries.shipped(code).indicators.values() if one.mark != "template"
    }
    county = queries.shipped("county_2024").indicators
    assert verified == set(county) - {"C06P", "C06L"}
    numbers = {county[code].reference.en.rpartition(" ")[2] for code in verified}
    assert numbers == {str(number) for number in range(1, 15)}


def test_directions_are_those_of_practice():
    card = queries.shipped("balanced_scorecard").indicators
    assert (card["B212"].direction, card["B211"].direction) == ("lower", "higher")
    assert (card["B301"].direction, card["B302"].direction) == ("higher", "lower")
    assert (card["B104"].direction, card["B105"].direction) == ("lower", "lower")
    assert queries.shipped("tertiary_2025").indicators["T01"].direction == "monitor"


EXAMPLES = [
    # A real fill-in sheet of the national assessment.
    ("tertiary_2025", "T01", {"TE01": "418569", "E002": "34856"}, "12.01"),
    ("tertiary_2025", "T02", {"TE02": "0", "TE03": "72"}, "72"),
    ("tertiary_2025", "T03", {"TE04": "265", "TE05": "9192"}, "2.88"),
    ("tertiary_2025", "T04", {"E009": "10865", "E002": "34856"}, "31.17"),
    ("tertiary_2025", "T05", {"TE07": "3194", "E009": "10865"}, "29.40"),
    ("tertiary_2025", "T06", {"TE08": "1104", "E009": "10865"}, "10.16"),
    # One of each other kind: growth of volume, time against its baseline, ratio of ratios, median of cases.
    ("balanced_scorecard", "B212", {"E001": "9500", "E001@2025": "10000"}, "-5"),
    ("balanced_scorecard", "B206", {"E042": "24", "E042@2025": "40"}, "-40"),
    ("balanced_scorecard", "B319", {"BE060": "300", "BE061": "20", "BE062": "20"}, "-5"),
    ("balanced_scorecard", "B106", {"BE005": "1000", "BE006": "950"}, "5"),
    ("balanced_scorecard", "B318", {"BE059": ["60", "72", "90"]}, "72"),
    ("balanced_scorecard", "B317", {"BE057": "720", "BE058": "1000", "BE057@2025": "600", "BE058@2025": "1000"}, "20"),
    ("county_2024", "C04", {"CE04": "42", "CE05": "600000"}, "0.7"),
    ("county_2024", "C06", {"CE10": "8000000", "CE11": "100", "CE12": "50000000", "CE13": "500"}, "0.8"),
    ("community", "P19", {"PE26": "12", "PE01": "40000"}, "3"),
    ("alliance_2018", "A04", {"AE04": "128", "AE04@2025": "100"}, "28"),
]


@pytest.mark.parametrize(("library", "code", "filed", "value"), EXAMPLES, ids=[one[1] for one in EXAMPLES])
def test_worked_examples_of_the_shipped_libraries(library, code, filed, value):
    known = queries.shipped(library)
    year, readings, cases = Period.parse("2026"), {}, {}
    for place, written in filed.items():
        element, _, earlier = place.partition("@")
        one = known.elements[element]
        parts = Period.parse(earlier or "2026").parts(one.frequency)
        for part in parts:
            numbers = written if isinstance(written, list) else [written]
            kept = part == parts[-1] or one.aggregation != "flow"
            figures = [
                given(
                    f"H/{element}/{part.code}/{place}", element_kind(one), Decimal(number if kept else 0),
                    f"reading:H/{element}/{part.code}@1", owner=owner_of("H"),
                )
                for place, number in enumerate(numbers)
            ]  # fmt: skip
            if isinstance(written, list):
                cases["H", element, part.code] = figures if kept else []
            else:
                readings["H", element, part.code] = figures[0]
    figure = Bench(known, year, readings, cases, lead="H").value("H", code)
    assert canonical(figure.value) == canonical(Decimal(value))
    assert tells_the_truth(figure)
    assert figure.kind.clause == f"{library} {code} v1"


def test_the_examples_show_every_kind_that_the_libraries_use():
    used = {one.kind for code in SHIPPED for one in queries.shipped(code).indicators.values()}
    shown = {queries.shipped(library).indicators[code].kind for library, code, _, _ in EXAMPLES}
    assert used - shown == {"agreement_with_lead"}  # shown below, as it compares two members


def test_homogeneous_quality_compares_with_the_lead():
    bench = Bench(LIBRARY, QUARTER, filed([QUARTER]), lead="H01")
    assert canonical(bench.value("C01", "I005").value) == "100"
