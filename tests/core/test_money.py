from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alliance.core.money import capped, cents, cents_shown, split, split_capped, yuan
from alliance.core.refused import Refused
from tests.core.example import cases

D, F = Decimal, Fraction
KEYS = st.sampled_from("abcdefghij")
WEIGHTS = st.dictionaries(KEYS, st.decimals(0, 10**6, places=4), min_size=1)


@pytest.mark.parametrize("case", cases("core", "allocation"))
def test_published_splits(case):
    assert split(case["total"], case["weights"]) == case["shares"]


@given(st.integers(0, 10**12), WEIGHTS)
def test_a_split_loses_and_makes_nothing_and_stays_within_a_cent(pool, weights):
    total = sum(map(F, weights.values()))
    if pool and not total:
        with pytest.raises(Refused, match="no taker"):
            split(pool, weights)
        return
    shares = split(pool, weights)
    assert shares.keys() == weights.keys()
    assert sum(shares.values()) == pool
    if total:
        assert all(abs(shares[key] - pool * F(weight) / total) < 1 for key, weight in weights.items())


@given(st.integers(0, 10**9), WEIGHTS, st.randoms(use_true_random=False))
def test_the_order_of_the_keys_does_not_matter(pool, weights, random):
    keys = list(weights)
    random.shuffle(keys)
    if sum(weights.values()):
        assert split(pool, {key: weights[key] for key in keys}) == split(pool, weights)


@given(st.integers(0, 10**9), WEIGHTS, st.fractions(F(1, 1000), 1000))
def test_only_the_proportion_of_the_weights_matters(pool, weights, times):
    if sum(weights.values()):
        assert split(pool, {key: F(weight) * times for key, weight in weights.items()}) == split(pool, weights)


@pytest.mark.parametrize(
    ("pool", "weights", "shares"),
    [
        (1, {"b": 1, "a": 1}, {"a": 1, "b": 0}),  # a full tie: the key that sorts first
        (3, {"a": 1, "b": 1, "c": 4}, {"a": 1, "b": 0, "c": 2}),  # halves tie, a before b; c has no remainder
        (2, {"a": 1, "b": 3}, {"a": 0, "b": 2}),  # halves tie: the larger exact share
        (5, {"a": 0, "b": 2}, {"a": 0, "b": 5}),
        (0, {"a": 0}, {"a": 0}),
        (7, {"a": F(1, 3), "b": D("0.5")}, {"a": 3, "b": 4}),
    ],
)
def test_ties_and_edges(pool, weights, shares):
    assert split(pool, weights) == shares


@pytest.mark.parametrize(("pool", "weights"), [(-1, {"a": 1}), (1, {"a": -1, "b": 2}), (0, {"a": -1}), (1, {})])
def test_what_cannot_be_split_is_refused(pool, weights):
    with pytest.raises(Refused):
        split(pool, weights)


@pytest.mark.parametrize("case", cases("core", "capped"))
def test_capped_splits(case):
    caps = {key: F(cap) for key, cap in case["caps"].items()}
    assert split_capped(case["total"], case["weights"], caps) == (case["shares"], case["left"])


CAPS = st.dictionaries(KEYS, st.fractions(0, 10**6, max_denominator=1000))


@given(st.integers(0, 10**6), WEIGHTS, CAPS)
def test_a_capped_split_adds_up_and_passes_no_cap(pool, weights, caps):
    shares, left = split_capped(pool, weights, caps)
    assert shares.keys() == weights.keys()
    assert sum(shares.values()) + left == pool
    assert min(shares.values()) >= 0
    assert left >= 0
    assert all(shares[key] <= caps[key] for key in weights if key in caps)
    # Something is left only when everybody who has a weight is at the cap.
    assert not left or all(shares[key] == caps[key] // 1 for key, weight in weights.items() if weight)


@given(st.integers(0, 10**6), WEIGHTS, CAPS, st.randoms(use_true_random=False))
def test_a_capped_split_does_not_depend_on_the_order(pool, weights, caps, random):
    keys = list(weights)
    random.shuffle(keys)
    assert split_capped(pool, {key: weights[key] for key in keys}, caps) == split_capped(pool, weights, caps)


@given(st.integers(0, 10**6), WEIGHTS, CAPS)
def test_those_below_their_cap_share_what_is_left_in_proportion(pool, weights, caps):
    shares, _ = split_capped(pool, weights, caps)
    full = capped(pool, weights, caps)
    free = {key: F(weight) for key, weight in weights.items() if key not in full and weight}
    rest = pool - sum(full.values())
    assert all(shares[key] == cap for key, cap in full.items())
    assert all(abs(shares[key] - rest * weight / sum(free.values())) < 1 for key, weight in free.items())


@given(st.integers(0, 10**6), WEIGHTS)
def test_without_caps_a_capped_split_is_a_split(pool, weights):
    if sum(weights.values()):
        assert split_capped(pool, weights, {}) == (split(pool, weights), 0)


@pytest.mark.parametrize(
    ("pool", "weights", "caps"), [(-1, {"a": 1}, {}), (1, {"a": -1}, {}), (1, {"a": 1}, {"a": F(-1)})]
)
def test_what_cannot_be_capped_is_refused(pool, weights, caps):
    with pytest.raises(Refused):
        split_capped(pool, weights, caps)


@given(st.integers(-(10**40), 10**40))
def test_yuan_and_cents_are_each_other_s_way_back(amount):
    assert cents(yuan(amount)) == amount


def test_parts_of_a_cent_are_refused():
    assert cents(D("-1.10")) == -110
    assert cents(D("1E+3")) == 100_000
    assert str(yuan(5)) == "0.05"
    with pytest.raises(Refused, match="parts of a cent"):
        cents(D("0.005"))


@pytest.mark.parametrize(
    ("value", "shown"),
    [("2613.8", "2613.80"), ("280", "280.00"), ("-5", "-5.00"), ("0.125", "0.125"), ("1E+3", "1000.00")],
)
def test_an_amount_is_shown_with_its_cents(value, shown):
    assert f"{cents_shown(Decimal(value)):f}" == shown
