from decimal import Decimal, localcontext
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from alliance.core.figure import EXACT, half_up
from alliance.core.formula import names_of, work_out
from alliance.core.steps import Step
from alliance.evaluation.rules.methods import (
    METHODS,
    NAMES,
    Line,
    achievement_points,
    check_line,
    improvement_points,
    rank_shares,
    share,
)
from tests.core.example import cases, read

D, F = Decimal, Fraction


def line_of(case):
    def end(row, key):
        return D(row[key]) if key in row else None

    steps = tuple(Step(end(row, "from"), end(row, "to"), D(row["share"])) for row in case.get("steps", ()))
    return Line({name: D(value) for name, value in case.get("numbers", {}).items()}, steps, case.get("lower", False))


def more_of(case):
    return {"reference": D(case["reference"])} if "reference" in case else {}


def by_formula(method, line, actual, more):
    """What the printed formula of a line gives."""
    values = {name: F(value) for name, value in {**line.numbers, **more, "actual": actual}.items()}
    return work_out(METHODS[method].formula(line), values)


@pytest.mark.parametrize("case", cases("evaluation", "methods"))
def test_worked_examples(case):
    method, line, more = case["method"], line_of(case), more_of(case)
    assert check_line("x", method, line) == []
    for actual, due in case["shares"]:
        assert share(method, D(actual), line, **more) == F(due), actual
        assert by_formula(method, line, D(actual), more) == F(due), actual
    if "formula" in case:
        assert METHODS[method].formula(line) == case["formula"]


def test_every_method_has_an_example_and_a_docstring_with_its_domain_and_source():
    shown = {case["method"] for case in read("evaluation", "methods")["case"]} | {"rank_in_tier"}
    assert shown == set(METHODS)
    for name, method in METHODS.items():
        text = (rank_shares if name == "rank_in_tier" else method.share).__doc__
        assert "Domain: " in text, name
        assert "Source: E3" in text, name


@pytest.mark.parametrize("case", cases("evaluation", "methods", "fault"))
def test_what_a_line_may_not_be(case):
    found = check_line("x", case["method"], line_of(case))
    where, value, message = case["fault"]
    assert [(one.where, one.value, one.message % one.numbers) for one in found] == [(where, value, message)]


@pytest.mark.parametrize("case", cases("evaluation", "methods", "rank"))
def test_ranks_in_a_tier(case):
    line = Line({}, (), case.get("lower", False))
    values = list(map(F, case["values"]))
    assert rank_shares(values, line) == list(map(F, case["shares"]))
    assert rank_shares(list(map(D, case["values"])), line) == list(map(F, case["shares"]))
    formula = METHODS["rank_in_tier"].formula(line)
    assert [work_out(formula, {"actual": one, "values": values}) for one in values] == list(map(F, case["shares"]))


def test_a_rank_needs_the_tier():
    with pytest.raises(ValueError, match="whole tier"):
        share("rank_in_tier", D(1), Line({}))


# Published examples

ORACLE = read("evaluation", "scoring")["case"]


def oracle(method):
    return [pytest.param(case, id=case["name"]) for case in ORACLE if case.get("method") == method]


@pytest.mark.parametrize("case", oracle("attainment"))
def test_published_attainment(case):
    rows = zip(case["actual"], case["target"], case["weights"], strict=True)
    points = [weight * share("attainment", D(actual), Line({"target": D(target)})) for actual, target, weight in rows]
    assert sum(points) == F(case["score"])


@pytest.mark.parametrize("case", oracle("linear"))
def test_published_linear(case):
    line = Line({"bottom": D(case["lower"]), "target": D(case["upper"])})
    found = share("linear", F(case["numerator"], case["denominator"]) * 100, line) * case["full"]
    assert half_up(found, case["places"]) == case["score"]


@pytest.mark.parametrize("case", oracle("achievement_or_improvement"))
def test_published_achievement_or_improvement(case):
    numbers = {"threshold": case["threshold"], "benchmark": case["benchmark"], "base": case["baseline"]}
    exact = {name: F(value) for name, value in numbers.items()}
    assert achievement_points(F(case["performance"]), exact) == case["achievement"]
    assert improvement_points(F(case["performance"]), exact) == case["improvement"]
    assert share("achievement_or_improvement", case["performance"], Line(numbers)) * 10 == case["score"]


@pytest.mark.parametrize("case", oracle("band") + oracle("upper_limit"))
def test_published_falls(case):
    low, high = case.get("band", (None, None))
    numbers = {"limit": case["limit"]} if low is None else {"low": low, "high": high}
    line = Line({name: D(value) for name, value in {**numbers, "width": case["width"]}.items()})
    for actual, mark in case["values"].items():
        assert share(case["method"], D(actual), line) * case["full"] == F(mark)


@pytest.mark.parametrize("case", oracle("rank_in_tier"))
def test_published_ranks(case):
    found = rank_shares([F(value) for value in case["values"].values()], Line({}))
    assert [one * case["full"] for one in found] == list(map(F, case["marks"].values()))


def test_every_published_case_is_used():
    # That of the four domains stands with the scores.
    used = {"attainment", "linear", "achievement_or_improvement", "band", "upper_limit", "rank_in_tier"}
    assert {case.get("method", "weights") for case in ORACLE} == used | {"weights"}


# Properties

NUMBERS = st.decimals(-(10**6), 10**6, places=3)


@st.composite
def lines(draw):
    """A method with numbers that its checks take."""
    method = draw(st.sampled_from(sorted(set(METHODS) - {"rank_in_tier"})))
    kind = METHODS[method]
    optional = draw(st.sets(st.sampled_from(kind.optional))) if kind.optional else set()
    numbers = {name: draw(NUMBERS) for name in (*kind.required, *sorted(optional))}
    ends = sorted(draw(st.lists(NUMBERS, min_size=3, max_size=3, unique=True))) if method == "steps" else []
    shares = draw(st.lists(st.decimals(0, 1, places=2), min_size=2, max_size=2))
    steps = tuple(Step(*pair, rate) for pair, rate in zip(pairwise(ends), shares, strict=False))
    line = Line(numbers, steps, draw(st.booleans()))
    assume(not check_line("x", method, line))
    return method, line


@settings(deadline=None)
@given(lines(), NUMBERS, NUMBERS)
def test_a_share_lies_between_nought_and_the_cap_and_is_what_its_formula_gives(found, actual, reference):
    method, line = found
    more = {"reference": reference} if method == "reference" else {}
    exact = share(method, actual, line, **more)
    assert 0 <= exact <= F(line.numbers.get("cap", 1))
    assert exact == by_formula(method, line, actual, more)
    numbers = METHODS[method].numbers(line) | more
    with localcontext(EXACT):
        assert METHODS[method].share(actual, numbers, line) == exact


@settings(deadline=None)
@given(lines(), NUMBERS, NUMBERS, NUMBERS)
def test_better_never_scores_less(found, one, other, reference):
    method, line = found
    assume(method not in ("band", "steps"))
    more = {"reference": reference} if method == "reference" else {}
    worse, better = sorted((one, other), reverse=falls(method, line))
    assert share(method, worse, line, **more) <= share(method, better, line, **more)


def falls(method, line):
    """Whether less is better under a line: by its direction or by the order of its numbers."""
    ends = {
        "linear": ("bottom", "target"), "improvement": ("base", "target"), "reference": ("zero_at", "full_at"),
        "achievement_or_improvement": ("threshold", "benchmark"),
    }  # fmt: skip
    if method in ends:
        low, high = ends[method]
        return line.numbers[low] > line.numbers[high]
    return method in ("upper_limit", "deduction") or (method in ("attainment", "gate") and line.lower_is_better)


@given(st.lists(NUMBERS, min_size=1, max_size=12), st.booleans())
def test_ranks_share_out_the_same_whatever_the_values(values, lower):
    shares = rank_shares(values, Line({}, (), lower))
    assert all(0 <= one <= 1 for one in shares)
    if len(values) > 1:
        assert sum(shares) == F(len(values), 2)
    for (one, first), (other, second) in pairwise(zip(values, shares, strict=True)):
        assert (one == other) == (first == second)
        if one != other:
            assert (first > second) == ((one < other) if lower else (one > other))


@pytest.mark.parametrize("method", METHODS)
def test_every_name_of_a_formula_has_a_label(method):
    kind = METHODS[method]
    numbers = {name: D(2 + place) for place, name in enumerate((*kind.required, *kind.optional))}
    line = Line(numbers, (Step(None, None, D(1)),))
    assert names_of(kind.formula(line)) <= set(NAMES)
    assert names_of(kind.formula(line)) - {"actual", "reference", "values"} == set(numbers)
