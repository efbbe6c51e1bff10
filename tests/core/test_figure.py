import sys
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alliance.core.figure import (
    ALLIANCE,
    SPLIT,
    Figure,
    Kind,
    Name,
    State,
    canonical,
    derived,
    digest,
    finite,
    half_up,
    kind_text,
    quotient,
    settle,
    sum_exactly,
    trail,
)
from alliance.core.figure import given as filed

D, F = Decimal, Fraction
FILED = Kind("element:A", "元", "element")
SUM = Kind("sum", "合计", "sum", formula="sum(a)", names=(Name("a", "各项", "parts"),))
HUGE = 10 ** (sys.get_int_max_str_digits() + 1)


@pytest.mark.parametrize(
    ("value", "places", "rounded"),
    [
        (D("0.005"), 2, "0.01"),
        (D("-0.005"), 2, "-0.01"),
        (D("0.00499999999999999999999999999999999"), 2, "0.00"),
        (F(1, 3), 6, "0.333333"),
        (F(2, 3), 0, "1"),
        (F(1, 2), 0, "1"),
        (F(-1, 2), 0, "-1"),
        (1250, -2, "1.3E+3"),
        (0, 2, "0.00"),
        (D("1E+3"), 1, "1000.0"),
        (D("1234567890123456789012345678901234567890.125"), 2, "1234567890123456789012345678901234567890.13"),
    ],
)  # fmt: skip
def test_half_up(value, places, rounded):
    assert str(half_up(value, places)) == rounded


def test_half_up_is_exact_for_any_length():
    assert half_up(F(2 * HUGE + 1, 2), 0) == D(HUGE + 1)
    assert half_up(D(HUGE), 2) == D(HUGE)


@given(st.decimals(-(10**30), 10**30, places=9), st.integers(0, 12))
def test_half_up_agrees_with_the_decimal_library(value, places):
    found = half_up(value, places)
    assert found == value.quantize(D(1).scaleb(-places), context=Context(prec=100, rounding=ROUND_HALF_UP))
    assert found.as_tuple().exponent == -places


@given(st.fractions(), st.integers(0, 12))
def test_half_up_moves_by_half_a_place_at_most_and_mirrors(value, places):
    found = half_up(value, places)
    assert abs(F(found) - value) * 2 <= F(1, 10**places)
    assert F(half_up(-value, places)) == -F(found)


@given(st.fractions(), st.integers(0, 12), st.integers(1, 9))
def test_rounding_does_not_depend_on_the_decimal_context(value, places, precision):
    due = half_up(value, places)
    with localcontext() as context:
        context.prec = precision
        assert str(half_up(value, places)) == str(due)


@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_a_decimal_is_finite_as_it_is(value):
    if -500 < value.adjusted() < 500:
        assert finite(*value.as_integer_ratio()) == value


def test_what_has_no_end_needs_a_rounding():
    assert finite(7, 40) == D("0.175")
    assert finite(-3, -4) == D("0.75")
    with pytest.raises(ValueError, match="no finite decimal expansion"):
        settle(F(1, 3), "")
    assert settle(F(1, 3), "2") == D("0.33")
    assert settle(3, "") == 3
    assert settle(D("1.10"), SPLIT) == D("1.10")


@given(st.lists(st.decimals(-(10**25), 10**25, places=12), max_size=20))
def test_sums_lose_no_digit(values):
    assert F(sum_exactly(values)) == sum(map(F, values))


@given(
    st.decimals(-(10**20), 10**20, places=6),
    st.decimals(-(10**20), 10**20, places=6),
    st.sampled_from([1, D("0.1"), 100]),
)
def test_quotients_are_exact(top, bottom, times):
    if bottom:
        assert quotient(top, bottom, times) == F(top) / F(bottom) * F(times)
    else:
        with pytest.raises(ZeroDivisionError):
            quotient(top, bottom, times)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""), (D("1.50"), "1.5"), (D("100"), "100"), (D("1E+2"), "100"), (D("-0.00"), "0"), (D("0E+5"), "0"),
        (D("0.000000001"), "0.000000001"), (D("-12.30"), "-12.3"), (D("1E-20"), "0.00000000000000000001"),
    ],
)  # fmt: skip
def test_canonical(value, text):
    assert canonical(value) == text


@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_equal_values_have_one_text_and_it_reads_back(value):
    if -50 < value.adjusted() < 50:
        text = canonical(value)
        assert D(text) == value
        assert canonical(D(text)) == text
        assert "E" not in text


def test_a_figure_has_a_value_or_says_why_not():
    with pytest.raises(ValueError, match="state"):
        Figure("a", FILED, None, source="reading:a")
    with pytest.raises(ValueError, match="state"):
        Figure("a", FILED, D(1), State.MISSING, source="reading:a")
    assert filed("a", FILED, None, "reading:a").state is State.MISSING
    assert filed("a", FILED, None, "reading:a", state=State.NOT_APPLICABLE).state is State.NOT_APPLICABLE
    assert derived("b", SUM, None, []).state is State.NOT_APPLICABLE
    assert derived("b", SUM, None, [], state=State.MISSING).state is State.MISSING


def test_a_figure_has_a_source_or_a_formula_and_not_both():
    with pytest.raises(ValueError, match="source or a formula"):
        Figure("a", FILED, D(1))
    with pytest.raises(ValueError, match="source or a formula"):
        Figure("a", SUM, D(1), source="reading:a")


def test_figures_cannot_be_changed():
    figure = filed("a", FILED, D(1), "reading:a")
    with pytest.raises(AttributeError):
        figure.value = D(2)
    assert figure.owner == ALLIANCE


def chain(*values):
    """Figures that rest on each other: each sum on two before it."""
    found = [filed(f"a{place}", FILED, value, f"reading:{place}") for place, value in enumerate(values)]
    for place in range(len(values) - 1):
        parts = [("a", found[place]), ("a", found[-1])]
        found.append(derived(f"s{place}", SUM, sum(part.value for _, part in parts), parts))
    return found


def test_a_trail_gives_each_figure_once_and_inputs_first():
    figures = chain(D(1), D(2), D(3))
    found = list(trail(figures[-1], figures[-2], figures[-1]))
    assert len(found) == len(set(map(id, found)))
    places = {id(figure): place for place, figure in enumerate(found)}
    assert all(places[id(part)] < places[id(figure)] for figure in found for _, part in figure.inputs)
    assert {figure.key for figure in found} == {"a0", "a1", "a2", "s0", "s1"}


def test_a_trail_of_any_depth():
    figure = filed("0", FILED, D(1), "reading:0")
    for place in range(1, 5000):
        figure = derived(str(place), SUM, D(1), [("a", figure)])
    assert [found.key for found in trail(figure)] == [str(place) for place in range(5000)]


@given(st.lists(st.decimals(0, 100, places=2), min_size=2, max_size=5), st.randoms(use_true_random=False))
def test_a_digest_does_not_depend_on_the_order_or_on_noughts_at_the_end(values, random):
    figures = chain(*values)
    mixed = list(figures)
    random.shuffle(mixed)
    assert digest(figures) == digest(mixed)
    assert digest(chain(*(value.quantize(D("0.0001")) for value in values))) == digest(figures)


def changed(**changes):
    fields = {"key": "a", "kind": FILED, "value": D(1), "source": "reading:a", "owner": ALLIANCE} | changes
    return digest([Figure(**fields)])


@pytest.mark.parametrize(
    "changes",
    [
        {"key": "b"}, {"value": D(2)}, {"source": "reading:b"}, {"owner": "institution:C01"},
        {"value": None, "state": State.MISSING}, {"value": None, "state": State.NOT_APPLICABLE},
        *({"kind": Kind("element:A", "元", "element", **{field: "2"})}
          for field in ("unit_zh", "unit_en", "rounding", "clause")),
        {"kind": Kind("element:A", "元", "element", names=(Name("a", "甲", "a"),))},
        {"kind": Kind("element:A", "元", "element ")},
    ],
)  # fmt: skip
def test_every_part_of_a_figure_enters_the_digest(changes):
    assert changed(**changes) != changed()


def test_names_and_inputs_enter_the_digest():
    one, other = (filed(key, FILED, D(1), f"reading:{key}") for key in "ab")
    digests = {
        digest([derived("s", SUM, D(1), inputs)])
        for inputs in (
            [("a", one)],
            [("a", other)],
            [("b", one)],
            [("a", one), ("a", other)],
            [("a", other), ("a", one)],
        )
    }
    assert len(digests) == 5


def test_the_digest_of_nothing_is_one():
    assert digest([]) == digest(iter(()))


def test_two_figures_with_one_key_are_a_fault():
    with pytest.raises(ValueError, match="same key"):
        digest([filed("a", FILED, D(1), "reading:a"), filed("a", FILED, D(1), "reading:a")])


@pytest.mark.parametrize("sign", ["\t", "\n"])
def test_a_source_cannot_pass_for_another_line(sign):
    with pytest.raises(ValueError, match="tab or a line break"):
        digest([filed("a", FILED, D(1), f"reading:a{sign}b")])


def test_labels_cannot_pass_for_one_another():
    assert kind_text(Kind("k", "a|b", "c")) != kind_text(Kind("k", "a", "b|c"))
