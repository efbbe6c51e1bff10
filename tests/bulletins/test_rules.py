"""What a bulletin says of its rows: moves, tiers, sums, completeness."""

from __future__ import annotations

from typing import Any

from alliance.bulletins.rules import MOVES_SHOWN, completeness, moves, sums, tiers


def row(code: str, tier: str = "primary", **more: Any) -> dict[str, Any]:
    known: dict[str, Any] = {
        "code": code, "name_zh": code, "name_en": code, "tier": tier, "rank": 1, "rank_before": 1, "moved": 0,
        "missing": 0, "vetoed": False,
        "score": "80", "score_before": "79", "paid_in": None, "received": None, "net": None,
    }  # fmt: skip
    return known | more


def test_the_largest_moves_come_first_and_the_better_rank_of_equals() -> None:
    rows = [row("A", rank=5, rank_before=8, moved=3), row("B", rank=2, rank_before=5, moved=3), row("C", moved=7)]
    rows += [row("D", moved=-1), row("E", moved=0), row("F", moved=None)]
    assert [(one["code"], one["by"]) for one in moves(rows, 1)] == [("C", 7), ("B", 3), ("A", 3)]
    assert [(one["code"], one["by"]) for one in moves(rows, -1)] == [("D", 1)]
    assert moves([], 1) == []


def test_no_more_moves_are_told_than_can_be_read() -> None:
    rows = [row(f"M{place:02}", moved=place) for place in range(1, 20)]
    assert [one["by"] for one in moves(rows, 1)] == list(range(19, 19 - MOVES_SHOWN, -1))


def test_tiers_stand_in_their_order_and_only_those_that_have_members() -> None:
    rows = [row("C1", paid_in=100, received=250, net=150), row("C2", rank=None, vetoed=True), row("T1", "tertiary")]
    found = tiers(rows, {"primary": "80"}, {"primary": "78.5"}, {"primary": {"cost": "70"}})
    assert [(one["code"], one["members"], one["ranked"]) for one in found] == [("tertiary", 1, 1), ("primary", 2, 1)]
    assert (found[1]["median"], found[1]["median_before"], found[0]["median"]) == ("80", "78.5", "")
    assert (found[0]["dimensions"], found[1]["dimensions"]) == ({}, {"cost": "70"})
    assert (found[1]["paid_in"], found[1]["received"], found[1]["net"]) == (100, 250, 150)


def test_sums_of_nobody_and_of_those_without_a_fund_are_nought() -> None:
    assert sums([]) == sums([row("A")]) == {"paid_in": 0, "received": 0, "net": 0}


def test_the_sums_of_the_tiers_are_the_sum_of_all() -> None:
    rows = [row(code, tier, paid_in=3 * place, received=5 * place, net=2 * place)
            for place, (code, tier) in enumerate([("A", "primary"), ("B", "secondary"), ("C", "primary")])]  # fmt: skip
    by_tier = tiers(rows, {}, {}, {})
    assert sums(rows) == {key: sum(one[key] for one in by_tier) for key in ("paid_in", "received", "net")}


def test_completeness_counts_members_and_values() -> None:
    rows = [row("A"), row("B", missing=2), row("C", missing=1, vetoed=True)]
    assert completeness(rows) == {"members": 3, "complete": 1, "missing": 3}
