"""Cross-rating by its rules: the published oracle, who rates whom, what strikes, what is left out."""

from __future__ import annotations

import tomllib
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alliance.core.figure import half_up
from alliance.core.refused import Refused
from alliance.ratings.rules.flags import Flag, counted, find_flags
from alliance.ratings.rules.peer_items import SHIPPED, check_floor, weighted
from alliance.ratings.rules.peers import (
    cells,
    check_marks,
    constant,
    group_score,
    keep,
    open_items,
    scales,
    shows_counts,
    targets,
    trimmed,
)

ORACLE = Path(__file__).parent / "examples" / "leniency.toml"
ITEMS = ("P01", "P02")


def oracle() -> dict[str, Any]:
    found: dict[str, Any] = tomllib.loads(ORACLE.read_text("utf-8"))["case"][0]
    return found


def matrix(rows: list[list[int]]) -> dict[tuple[str, str], dict[str, int]]:
    """Marks of everybody for everybody in one item, the own cells too: the rules leave them out."""
    names = [f"M{place}" for place in range(len(rows))]
    return {(a, b): {"P": rows[x][y]} for x, a in enumerate(names) for y, b in enumerate(names)}


def test_leniency_is_taken_out_as_published() -> None:
    """Each rater is scaled to the mean 100, own cell out, and the means of the columns come out as published."""
    one = oracle()
    found = cells(matrix(one["ratings"]))
    marks = [
        keep(found[f"M{place}", "P"]).mark(Decimal(100), corrected=True, trim=False, places=0) for place in range(4)
    ]
    assert marks == [Decimal(mark) for mark in one["result"]] == [94, 97, 109, 100]


def test_a_severe_and_a_lenient_rater_say_the_same_once_scaled() -> None:
    marks = {("A", "X"): {"P": 2}, ("A", "Y"): {"P": 1}, ("B", "X"): {"P": 4}, ("B", "Y"): {"P": 2}}
    assert scales(marks) == {"A": Fraction(2, 3), "B": Fraction(1, 3)}
    found = cells(marks)
    assert found["X", "P"].relative == Fraction(4, 3)
    # A scaled mark may pass the top mark; only the result of 100 is capped.
    assert keep(found["X", "P"]).mark(Decimal(4), corrected=True, trim=False, places=4) == Decimal("5.32")
    assert group_score([(Decimal(100), Decimal("5.3333"))]) == 100


def test_the_raw_mark_is_the_plain_mean() -> None:
    marks = {("A", "X"): {"P": 2}, ("B", "X"): {"P": 5}, ("C", "X"): {"P": 4}}
    assert keep(cells(marks)["X", "P"]).mark(Decimal(3), corrected=False, trim=False, places=4) == Decimal("3.67")


def test_from_ten_raters_on_a_tenth_at_either_end_may_be_left_out() -> None:
    assert trimmed(range(9)) == range(9)
    assert list(trimmed(list(range(10)))) == list(range(1, 9))
    assert list(trimmed(list(range(20)))) == list(range(2, 18))
    marks = {(f"R{place}", "X"): {"P": 1 if place == 0 else 4} for place in range(10)}
    found = cells(marks)["X", "P"]
    assert (found.raw, found.raw_trimmed) == (Fraction(37, 10), Fraction(4))


def test_a_result_is_the_weighted_share_of_the_top_mark() -> None:
    assert group_score([(Decimal(60), Decimal(4)), (Decimal(40), Decimal("3.5"))]) == 76
    assert group_score([]) is None


def test_who_rates_whom_follows_links_and_three_closed_cases() -> None:
    members = ["A", "B", "C", "D"]
    cases = {frozenset("AC"): 3, frozenset("AD"): 2, frozenset("CD"): 40}
    found = targets(members, {frozenset("AB")}, cases)
    assert [(one.rater, one.target) for one in found] == [
        ("A", "C"), ("A", "B"), ("B", "A"), ("C", "D"), ("C", "A"), ("D", "C"),
    ]  # fmt: skip


def test_nobody_rates_more_than_ten_those_with_most_cases_first() -> None:
    others = [f"C{place:02}" for place in range(15)]
    cases = {frozenset(("A", one)): 3 for one in others} | {frozenset(("A", "C14")): 9}
    mine = [one.target for one in targets(["A", *others], set(), cases) if one.rater == "A"]
    assert mine == ["C14", *others[:9]]


def test_a_constant_rater_changes_nothing() -> None:
    rest = {("A", "X"): {"P": 2}, ("A", "Y"): {"P": 4}, ("B", "X"): {"P": 3}, ("B", "Y"): {"P": 5}}
    same = {("Z", "X"): {"P": 5}, ("Z", "Y"): {"P": 5}}
    assert constant(rest | same) == {"Z"}
    flags = find_flags(rest | same)
    assert [flag.key for flag in flags] == ["constant-Z"]
    assert flags[0].by_rule
    assert cells(counted(rest | same, flags)) == cells(rest)


def test_straight_lines_and_all_at_the_top_strike() -> None:
    straight = {("A", one): dict.fromkeys(ITEMS, mark) for one, mark in (("X", 3), ("Y", 5))}
    top = {("B", one): {f"P{place}": 5 for place in range(10)} for one in "XY"}
    top["B", "X"]["P0"] = 4
    fair = {("C", "X"): {"P01": 3, "P02": 4}, ("C", "Y"): {"P01": 5, "P02": 2}}
    assert [flag.key for flag in find_flags(straight | top | fair)] == ["maximum-B", "straight-A"]


def everybody(names: str, friends: set[frozenset[str]]) -> dict[tuple[str, str], dict[str, int]]:
    """Everybody gives everybody 2, 3 by turns, and friends 5."""
    return {
        (a, b): dict.fromkeys(ITEMS, 5 if frozenset((a, b)) in friends else 2 + (ord(a) + ord(b)) % 2)
        | ({"P01": 3} if frozenset((a, b)) not in friends else {"P02": 4})
        for a in names
        for b in names
        if a != b
    }


def test_two_that_favour_each_other_strike_and_only_their_own_marks_are_left_out() -> None:
    marks = everybody("ABCDEF", {frozenset("AB")})
    assert Flag("exchange", ("A", "B")) in find_flags(marks)
    left = counted(marks, [Flag("exchange", ("A", "B"))])
    assert set(marks) - set(left) == {("A", "B"), ("B", "A")}


def test_three_that_favour_each_other_are_a_bloc_and_no_pairs() -> None:
    marks = everybody("ABCDEFGH", {frozenset("AB"), frozenset("BC"), frozenset("AC")})
    assert [flag.key for flag in find_flags(marks) if flag.kind in ("exchange", "bloc")] == ["bloc-A-B-C"]


def test_how_often_a_mark_was_given_is_told_only_if_it_tells_on_nobody() -> None:
    assert shows_counts({3: 3, 5: 4}, 3)
    assert not shows_counts({3: 2, 5: 4}, 3)
    assert not shows_counts({5: 9}, 3)  # all gave the same: that would tell everybody's mark
    assert not shows_counts({3: 3, 5: 4}, 4)


def test_weights_add_up_and_the_floor_is_never_lowered() -> None:
    assert sum(one.weight for one in SHIPPED) == 100
    assert all(len(one.anchors) == 5 for one in SHIPPED)
    with pytest.raises(Refused):
        weighted({"P01": Decimal(99)})
    assert [one.code for one in weighted({"P01": Decimal(60), "P03": Decimal(40)})] == ["P01", "P03"]
    with pytest.raises(Refused):
        check_floor(2)


def test_what_no_form_sends_is_refused() -> None:
    for marks in ({"P01": 6}, {"P01": -1}, {"nothing": 3}):
        with pytest.raises(Refused):
            check_marks(ITEMS, marks)
    assert open_items(ITEMS, {"P02": 0}) == ["P01"]


@given(st.lists(st.lists(st.integers(1, 5), min_size=4, max_size=4), min_size=4, max_size=4))
def test_every_rater_weighs_alike_once_scaled(rows: list[list[int]]) -> None:
    """The mean over all cells of a rater is 1 after scaling, whatever was given."""
    marks = matrix(rows)
    for rater, times in scales(marks).items():
        given_marks = [row["P"] for (a, b), row in marks.items() if a == rater and a != b]
        assert sum(given_marks) * times == len(given_marks)
    for cell in cells(marks).values():
        assert half_up(cell.raw, 6) >= 1
