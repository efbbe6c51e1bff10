"""What a bulletin says of the rows of its members: who moved, how each tier stands, how complete the data are, sums."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from alliance.core.tiers import TIERS

MOVES_SHOWN = 5  # of the largest rises, and of the largest falls
MONEY = ("paid_in", "received", "net")

Row = Mapping[str, Any]


def moves(rows: Iterable[Row], direction: int) -> list[dict[str, Any]]:
    """The members that rose (1) or fell (-1) most in the rank of their tier, with the places they moved `by`."""
    there = [row for row in rows if row["moved"] and row["moved"] * direction > 0]
    there.sort(key=lambda row: (-abs(row["moved"]), row["rank"], row["code"]))
    wanted = ("code", "name_zh", "name_en", "tier", "rank", "rank_before")
    return [{key: row[key] for key in wanted} | {"by": abs(row["moved"])} for row in there[:MOVES_SHOWN]]


def tiers(
    rows: Sequence[Row], now: Mapping[str, str], before: Mapping[str, str], dimensions: Mapping[str, Mapping[str, str]]
) -> list[dict[str, Any]]:
    """Each tier that has members: how many, how many of them ranked, its median now and before, its medians by
    dimension, its fund sums."""
    found = []
    for code in TIERS:
        own = [row for row in rows if row["tier"] == code]
        if own:
            found.append({
                "code": code, "members": len(own), "ranked": sum(row["rank"] is not None for row in own),
                "median": now.get(code, ""), "median_before": before.get(code, ""),
                "dimensions": dict(dimensions.get(code, {})), **sums(own),
            })  # fmt: skip
    return found


def sums(rows: Sequence[Row]) -> dict[str, int]:
    """What some members together pay into the fund, receive, and have over; cents."""
    return {key: sum(row[key] or 0 for row in rows) for key in MONEY}


def completeness(rows: Sequence[Row]) -> dict[str, int]:
    """How many members there are, how many of them filed everything, and how many values are missing."""
    complete, missing = sum(row["missing"] == 0 for row in rows), sum(row["missing"] for row in rows)
    return {"members": len(rows), "complete": complete, "missing": missing}
