import re
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alliance.core.figure import State, digest, trail
from alliance.core.formula import names_of, tells_the_truth
from alliance.core.period import Period
from alliance.indicators.rules.kinds import WORK, Bench, reading_periods
from tests.core.example import cases, read
from tests.indicators.library import bench_of, definition, library_for, library_of, reading, readings_of

D = Decimal
CASES = cases("indicators", "kinds")


@pytest.mark.parametrize("case", CASES)
def test_worked_examples(case):
    figure = bench_of(case).value("C01", "I")
    assert (figure.value, figure.state) == (case.get("value"), case.get("state", "value"))
    if "formula" in case:
        assert figure.kind.formula == case["formula"]
    assert (figure.key, figure.owner) == (f"C01/I/{case.get('period', '2026-03')}", "institution:C01")


@pytest.mark.parametrize("case", CASES)
def test_all_that_a_value_rests_on_tells_the_truth_and_names_its_inputs(case):
    figures = list(trail(bench_of(case).value("C01", "I")))
    assert [figure.key for figure in figures if not tells_the_truth(figure)] == []
    assert len({figure.key for figure in figures}) == len(figures)
    for figure in figures:
        if figure.kind.formula:
            assert names_of(figure.kind.formula) <= {name.name for name in figure.kind.names}


@pytest.mark.parametrize("case", CASES)
def test_the_readings_needed_are_found_by_their_periods(case):
    library = library_for(case)
    needed = reading_periods(library, ["I"], Period.parse(case.get("period", "2026-03")))
    bench = bench_of(case)
    bench.readings = {place: figure for place, figure in bench.readings.items() if place[2] in needed}
    assert bench.value("C01", "I").value == case.get("value")


def test_every_kind_has_a_worked_example_and_a_docstring_with_its_domain_and_source():
    assert {case["indicator"]["kind"] for case in read("indicators", "kinds")["case"]} == set(WORK)
    for work in WORK.values():
        assert "Domain: " in work.__doc__
        assert re.search(r"Source:\s", work.__doc__)


def test_each_value_and_total_is_worked_out_once():
    case = next(case.values[0] for case in CASES if case.id.startswith("flow over a quarter"))
    bench = bench_of(case)
    assert bench.value("C01", "I") is bench.value("C01", "I", bench.period)
    assert bench.total("C01", "A", bench.period) is bench.total("C01", "A", bench.period)
    assert bench.value("C01", "I").inputs == (("A", bench.total("C01", "A", bench.period)),)


def test_what_was_due_and_not_filed_is_a_figure():
    library = library_of([definition("A")], [definition("I", kind="sum", terms=["A"])])
    bench = Bench(library, Period.parse("2026-03"), {})
    ((_, found),) = bench.value("C01", "I").inputs
    assert (found.state, found.source) == (State.MISSING, "reading:C01/A/2026-03@0")
    assert bench.total("C01", "A", bench.period) is found


def test_the_reference_of_the_alliance_belongs_to_nobody():
    library = library_of([definition("R", external=True)], [])
    bench = Bench(library, Period.parse("2026-03"), {("", "R", "2026-03"): reading(library, "", "R", "2026-03", 5)})
    found = bench.total("C01", "R", bench.period)
    assert (found.value, found.owner) == (5, "alliance")
    assert bench.total("C02", "R", bench.period) is found


@settings(deadline=None)
@given(
    st.sampled_from([case.values[0] for case in CASES]),
    st.lists(
        st.one_of(st.sampled_from(["", "n/a", 0]), st.decimals(-(10**22), 10**22, places=2)), min_size=24, max_size=24
    ),
)
def test_whatever_is_filed_the_figures_tell_the_truth(case, values):
    values = iter(values)
    refilled = {
        key: [next(values) for _ in value] if isinstance(value, list) else next(values)
        for key, value in case.get("readings", {}).items()
    }
    bench = bench_of({**case, "readings": refilled})
    figures = list(trail(bench.value("C01", "I")))
    assert [figure.key for figure in figures if not tells_the_truth(figure)] == []
    assert digest(figures) == digest(trail(bench_of({**case, "readings": refilled}).value("C01", "I")))


def test_readings_of_other_members_do_not_matter():
    case = CASES[0].values[0]
    library = library_for(case)
    mixed = readings_of(library, case) | {("C02", "A", "2026-03"): reading(library, "C02", "A", "2026-03", 1)}
    assert Bench(library, Period.parse("2026-03"), mixed).value("C01", "I").value == D("8.98")


def test_of_a_period_that_is_running_only_the_months_counted_are_due():
    case = {
        "period": "2026Q1",
        "indicator": {"kind": "ratio", "numerator": ["A"], "denominator": ["B"], "factor": "100"},
        "readings": {"A": ["1", "2", ""], "B": ["4", "4", ""]},
    }
    whole = bench_of(case)
    counted = [*(frozenset(range(count)) for count in (0, 1, 2, 3)), None]
    values = [replace(whole, months=months, totals={}, values={}).value("C01", "I") for months in counted]
    assert [value.value for value in values] == [None, D("25"), D("37.5"), None, None]
    assert [value.state for value in values] == [
        State.NOT_APPLICABLE,
        State.VALUE,
        State.VALUE,
        State.MISSING,
        State.MISSING,
    ]
