from decimal import Decimal
from fractions import Fraction
from math import isqrt

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from alliance.core import figure as figures
from alliance.core.figure import SPLIT, Figure, Kind, Name, State, canonical
from alliance.core.formula import (
    FormulaError,
    bound,
    in_words,
    is_list,
    median,
    names_of,
    parse,
    percentile,
    power,
    rank,
    sqrt,
    tells_the_truth,
    with_numbers,
    work_out,
)
from tests.core.example import cases
from tests.core.printed import Printed

D, F = Decimal, Fraction


@pytest.mark.parametrize("case", cases("core", "formulas"))
def test_formulas_in_words_and_with_numbers(case):
    text, values = case["formula"], case["values"]
    for lang in ("zh", "en"):
        labels = {name: pair[lang] for name, pair in case.get("labels", {}).items()}
        assert in_words(text, labels, lang) == case["words"][lang]
        assert with_numbers(text, shown(values), lang) == case["numbers"][lang]
    assert work_out(text, numbers(values)) == F(case["gives"])


def shown(values):
    """The values as a page hands them over: canonical text, lists as they are."""
    return {
        name: [canonical(D(one)) for one in value] if isinstance(value, list) else canonical(D(value))
        for name, value in values.items()
    }


def numbers(values):
    return {name: [F(one) for one in value] if isinstance(value, list) else F(value) for name, value in values.items()}


@pytest.mark.parametrize(
    "text",
    [
        "", "a +", "a > b", "1 + (a > b)", "min(a > b, 1)", "a if b else c", "1 if a < b < c else 0", "sum", "sum + 1",
        "a.b", "f(a)", "1e5", "1_000", "0x1F", "1.", ".5", "True", "'a'", "[1]", "a[0]", "a and b", "not a", "a ** b",
        "a // b", "a % b", "~a", "+a", "half_up(a)", "min()", "count(a, b)", "rank(a)", "sum(*a)", "abs(x=1)",
        "lambda: 1", "(a, b)", "a := 1", "__import__('os')", "a; b",
    ],
)  # fmt: skip
def test_what_is_not_of_the_grammar_is_refused(text):
    with pytest.raises(FormulaError):
        parse(text)


def test_numbers_are_taken_as_they_are_written():
    assert work_out("0.1 + 0.2", {}) == F(3, 10)
    assert work_out("12345678901234567890.123456789", {}) == F("12345678901234567890.123456789")


def test_names_and_lists():
    text = "sum(points * weight) / total + count(values > own) + rank(own, others)"
    assert names_of(text) == {"points", "weight", "total", "values", "own", "others"}
    assert {name for name in names_of(text) if is_list(text, name)} == {"points", "weight", "values", "own", "others"}
    assert not is_list("max(a, 0)", "a")


@pytest.mark.parametrize(
    ("text", "values", "result"),
    [
        ("max(a, 0) / b", {"a": F(-1), "b": F(4)}, 0),
        ("1 / a if a != 0 else 0", {"a": F(0)}, 0),  # only the branch that holds is worked out
        ("sum(a * b)", {"a": [F(1), F(2)], "b": [F(3), F(4)]}, 11),
        ("sum(a * b)", {"a": [F(1), F(2)], "b": F(10)}, 30),
        ("sum(a, 1, a)", {"a": [F(1), F(2)]}, 7),
        ("sum(a)", {"a": []}, 0),
        ("count(a)", {"a": [F(0), F(0)]}, 2),
        ("count(a >= 1)", {"a": [F(0), F(1), F(2)]}, 2),
        ("count(a)", {"a": F(5)}, 1),
        ("count(a < b)", {"a": F(5), "b": F(5)}, 0),
        ("abs(a)", {"a": F(-5, 2)}, F(5, 2)),
        ("floor(a)", {"a": F(-5, 2)}, -3),
        ("half_up(a, 1)", {"a": F(-1, 20)}, F(-1, 10)),
        ("median(a)", {"a": [F(9), F(1), F(4)]}, 4),
        ("median(a, 2)", {"a": [F(9), F(1), F(4)]}, 3),
        ("rank(a, b)", {"a": F(80), "b": [F(90), F(80), F(80), F(70)]}, 2),
        ("percentile(a, 75)", {"a": [F(40), F(10), F(30), F(20)]}, 30),
        ("sqrt(2, 4)", {}, F("1.4142")),
        ("power(1.1, 3, 4)", {}, F("1.331")),
        ("power(2, 0.5, 4)", {}, F("1.4142")),
        ("min(a, b) if a == b else 7", {"a": F(2), "b": F(2)}, 2),
    ],
)
def test_working_out(text, values, result):
    assert work_out(text, values) == result


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("a / b", {"a": F(1), "b": F(0)}),
        ("median(a)", {"a": []}),
        ("max(a)", {"a": []}),
        ("percentile(a, 50)", {"a": []}),
        ("power(0, 0 - 1, 2)", {}),
    ],
)
def test_what_has_no_result_divides_by_nought(text, values):
    with pytest.raises(ZeroDivisionError):
        work_out(text, values)


@pytest.mark.parametrize(
    ("text", "values", "reason"),
    [
        ("a + b", {"a": F(1)}, "no input is called b"),
        ("a + 1", {"a": [F(1), F(2)]}, "gives a list"),
        ("sum(a * b)", {"a": [F(1), F(2)], "b": [F(1), F(2), F(3)]}, "different lengths"),
        ("1 if a > 0 else 2", {"a": [F(1), F(2)]}, "decides nothing"),
    ],
)
def test_inputs_that_do_not_fit_are_refused(text, values, reason):
    with pytest.raises(FormulaError, match=reason):
        work_out(text, values)


@settings(deadline=None)
@given(st.lists(st.fractions(), min_size=1))
def test_rank_median_and_percentile_agree_with_counting(values):
    middle = median(values)
    assert 2 * sum(value < middle for value in values) <= len(values)
    assert 2 * sum(value > middle for value in values) <= len(values)
    ranks = [rank(value, values) for value in values]
    assert all(place == 1 + sum(other > value for other in values) for place, value in zip(ranks, values, strict=True))
    assert percentile(values, F(100)) == max(values)
    assert percentile(values, F(1, 1000)) == min(values)


@given(st.fractions(0, 10**9), st.integers(0, 8))
def test_square_roots_are_right_in_the_last_place(value, places):
    root, half = sqrt(value, F(places)), F(1, 2 * 10**places)
    assert max(root - half, 0) ** 2 <= value < (root + half) ** 2
    if isqrt(value.numerator) ** 2 == value.numerator and value.denominator == 1:
        assert root == isqrt(value.numerator)


@given(st.fractions(0, 10**6), st.integers(0, 8))
def test_a_power_of_a_half_is_the_square_root(value, places):
    assert power(value, F(1, 2), F(places)) == sqrt(value, F(places))


def test_powers():
    assert power(F(-2), F(3), F(0)) == -8
    assert power(F(10**30), F(3, 2), F(2)) == F(10**45)
    with pytest.raises(ValueError, match="broken power"):
        power(F(-2), F(1, 2), F(2))
    with pytest.raises(ValueError, match="negative"):
        sqrt(F(-1), F(2))


# Random formulas

CONSTANTS = st.one_of(st.integers(0, 99).map(str), st.decimals(0, 99, places=2).map(canonical))
WHOLE = ["sum(p * w) / sum(w)", "rank(a, p)", "percentile(w, 40)"]
LEAVES = st.one_of(st.sampled_from(["a", "b", "c", *WHOLE]), CONSTANTS)
COMPARED = st.sampled_from(["<", "<=", ">", ">=", "==", "!="])


def wider(inner):
    pairs = st.tuples(inner, inner)
    return st.one_of(
        st.tuples(inner, st.sampled_from("+-*/"), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
        inner.map(lambda text: f"(-{text})"),
        inner.map(lambda text: f"abs({text})"),
        inner.map(lambda text: f"floor({text})"),
        inner.map(lambda text: f"half_up({text}, 1)"),
        pairs.map(lambda t: f"min({t[0]}, {t[1]})"),
        pairs.map(lambda t: f"max({t[0]}, {t[1]}, 0)"),
        st.tuples(inner, COMPARED, inner, inner, inner).map(lambda t: f"({t[3]} if {t[0]} {t[1]} {t[2]} else {t[4]})"),
        inner.map(lambda text: f"sum(p * {text})"),
        st.tuples(COMPARED, inner).map(lambda t: f"count(p {t[0]} {t[1]})"),
        inner.map(lambda text: f"median(p - {text})"),
        inner.map(lambda text: f"sum(p, {text})"),
    )


FORMULAS = st.recursive(LEAVES, wider, max_leaves=8)
VALUES = st.decimals(-99, 99, places=1)
SETS = st.fixed_dictionaries({
    **dict.fromkeys("abc", VALUES),
    "p": st.lists(VALUES, min_size=3, max_size=3),
    "w": st.lists(VALUES, min_size=3, max_size=3),
})  # fmt: skip


def outcome(text, values):
    try:
        return work_out(text, values)
    except ZeroDivisionError:
        return "nothing"


@settings(deadline=None)
@given(FORMULAS, SETS, st.sampled_from(["zh", "en"]))
def test_a_formula_in_words_says_the_same(text, values, lang):
    printed = Printed(in_words(text, {}, lang), lang)
    assert outcome(printed.grammar, numbers(values)) == outcome(text, numbers(values))


@settings(deadline=None)
@given(FORMULAS, SETS, st.sampled_from(["zh", "en"]))
def test_a_formula_with_numbers_gives_the_same(text, values, lang):
    printed = Printed(with_numbers(text, shown(values), lang), lang)
    lists = {name: list(map(F, found)) for name, found in printed.lists.items()}
    assert outcome(printed.grammar, lists) == outcome(text, numbers(values))


def test_a_long_sum_is_cut_short_and_says_how_many():
    values = {"a": [str(one) for one in range(1, 31)]}
    assert with_numbers("sum(a)", values, "zh") == "1 + 2 + 3 + 4 + 5 + 6 + 7 + 8 + …（共 30 项）"
    assert with_numbers("sum(a) / 2", values, "en") == "(1 + 2 + 3 + 4 + 5 + 6 + 7 + 8 + … (30 in all)) ÷ 2"
    assert with_numbers("median(a)", values, "zh") == "中位数([1，2，3，4，5，6，7，8，…（共 30 项）])"


def test_a_sum_of_nothing_and_of_one():
    assert with_numbers("fund - sum(share)", {"fund": "5", "share": []}, "zh") == "5 − 0"
    assert with_numbers("fund - sum(share)", {"fund": "5", "share": ["-2"]}, "zh") == "5 − (−2)"


# The truth of a figure


def one(value, state=None):
    return figures.given(
        f"in/{value}", Kind("in", "入", "in"), None if value is None else D(value), "reading:x", state=state
    )


def made(formula, value, inputs, *, rounding="", state=State.VALUE):
    kind = Kind("k", "数", "number", formula=formula, rounding=rounding)
    return Figure("k", kind, None if value is None else D(value), state, inputs=tuple(inputs))


NA, MISSING = State.NOT_APPLICABLE, State.MISSING
RATE = "a / b * 100"
AB = [("a", one(37)), ("b", one(412))]
LIST = figures.derived("l", Kind("l", "列", "list", formula="count(v)"), 3, [("v", one(v)) for v in (90, 80, 80)])


@pytest.mark.parametrize(
    ("figure", "true"),
    [
        (made(RATE, "8.98", AB, rounding="2"), True),
        (made(RATE, "8.97", AB, rounding="2"), False),
        (made(RATE, "8.980582524", AB, rounding="2"), False),
        (made(RATE, "8.98", AB, rounding="3"), False),
        (made(RATE, "8.98", AB), False),
        (made("a * b", "15244", AB), True),
        (made("a * b", "15244.0000000001", AB), False),
        (made("a - b", "-375", AB), True),
        (made("b * a / b2", "33.34", [*AB, ("b2", one("457.24"))], rounding=SPLIT), True),
        (made("b * a / b2", "33.33", [*AB, ("b2", one("457.24"))], rounding=SPLIT), True),
        (made("b * a / b2", "33.35", [*AB, ("b2", one("457.24"))], rounding=SPLIT), False),
        (made("b * a / b2", "33.335", [*AB, ("b2", one("457.24"))], rounding=SPLIT), False),
        (made("sum(a)", "449", [("a", one(37)), ("a", one(412))]), True),
        (made("sum(a)", "37", [("a", one(37)), ("a", one(412))]), False),
        (made("sum(a)", "0", []), True),
        (made("sum(a)", "37", [("a", one(37))]), True),
        (made("a + b", "74", [("a", one(37))]), False),  # b has no input
        (made("1 + count(scores > score)", 2, [("score", one(80)), ("scores[]", LIST)]), True),
        (made("1 + count(scores > score)", 3, [("score", one(80)), ("scores[]", LIST)]), False),
        (made("median(scores)", "80", [("scores[]", LIST)], rounding="2"), True),
        (made("median(scores)", "85", [("scores[]", LIST)], rounding="2"), False),
        # Without a value
        (made(RATE, None, [("a", one(37)), ("b", one(0))], rounding="2", state=NA), True),
        (made(RATE, None, [("a", one(37)), ("b", one(0))], rounding="2", state=MISSING), False),
        (made(RATE, "0", [("a", one(37)), ("b", one(0))], rounding="2"), False),
        (made(RATE, None, [("a", one(37)), ("b", one(None))], rounding="2", state=MISSING), True),
        (made(RATE, None, [("a", one(37)), ("b", one(None))], rounding="2", state=NA), True),
        (made(RATE, None, [("a", one(37)), ("b", one(None, NA))], rounding="2", state=NA), True),
        (made(RATE, None, [("a", one(37)), ("b", one(None, NA))], rounding="2", state=MISSING), False),
        (made(RATE, "0", [("a", one(37)), ("b", one(None))], rounding="2"), False),
        (made(RATE, None, AB, rounding="2", state=NA), False),  # it could be worked out
        (made(RATE, None, AB, rounding="2", state=MISSING), False),
        (made("0", "0", [("actual", one(None))]), True),
        (one(5), True),
    ],
)
def test_telling_the_truth(figure, true):
    assert tells_the_truth(figure) is true


@given(VALUES, VALUES, st.integers(0, 6), VALUES)
def test_any_other_value_than_the_right_one_is_a_lie(a, b, places, other):
    assume(b)
    inputs = [("a", one(a)), ("b", one(b))]
    right = figures.half_up(F(a) / F(b) * 100, places)
    assert tells_the_truth(made(RATE, right, inputs, rounding=str(places)))
    assume(other != right)
    assert not tells_the_truth(made(RATE, other, inputs, rounding=str(places)))


def test_values_under_their_names():
    assert bound([("score", one(80)), ("scores[]", LIST), ("a", one(None)), ("a", one(1))]) == {
        "score": [D(80)], "scores": [D(90), D(80), D(80)], "a": [None, D(1)],
    }  # fmt: skip


def test_kinds_name_what_their_formulas_use():
    kind = Kind("k", "数", "number", formula=RATE, names=(Name("a", "甲", "first"), Name("b", "乙", "second")))
    assert in_words(kind.formula, {name.name: name.zh for name in kind.names}, "zh") == "甲 ÷ 乙 × 100"
