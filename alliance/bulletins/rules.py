"""What a bulletin says of the rows of its members: who moved, how each tier stands, how complete the data are, sums."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from alliance.core.tiers import TIERS

MOVES_SHOWN = 5  # of the largest rises, and of the largest falls
CAUSES_SHOWN = 2  # indicators named behind a move
LONGEST = 4000  # characters of a text
STANDINGS = ("on_time", "late", "missing")
MONEY = ("paid_in", "received", "net")

Row = Mapping[str, Any]


def moves(rows: Iterable[Row], direction: int) -> list[dict[str, Any]]:
    """The members that rose (1) or fell (-1) most in the rank of their tier, with the places they moved `by`."""
    there = [row for row in rows if row["moved"] and row["moved"] * direction > 0]
    there.sort(key=lambda row: (-abs(row["moved"]), row["rank"], row["code"]))
    wanted = ("code", "name_zh", "name_en", "tier", "rank", "rank_before", "score", "score_before")
    return [{key: row[key] for key in wanted} | {"by": abs(row["moved"])} for row in there[:MOVES_SHOWN]]


def causes(
    now: Mapping[str, Decimal | None], before: Mapping[str, Decimal | None], direction: int
) -> list[tuple[str, Decimal]]:
    """The indicators whose points rose (1) or fell (-1) most since the period before, with the change, points.

    Only what had points in both periods is compared: a line that is new or did not apply says nothing of a move.
    """
    changes = [
        (code, points - earlier)
        for code, points in now.items()
        if points is not None and (earlier := before.get(code)) is not None and (points - earlier) * direction > 0
    ]
    return sorted(changes, key=lambda one: (-abs(one[1]), one[0]))[:CAUSES_SHOWN]


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


def punctuality(rows: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """How many of the filings due were on time, late or are missing; `rows` hold `cells` with their `standing`."""
    cells = [cell["standing"] for row in rows for cell in row["cells"]]
    return {standing: cells.count(standing) for standing in STANDINGS}


def noticed(row: Mapping[str, Any]) -> bool:
    """Whether there is anything to tell of how a member's data came about."""
    return bool(row["returned"] or row["explained"] or row["exceptions"] or row["late"])


def unknown(
    texts: Mapping[str, Any], members: Collection[str], barred: Collection[str] = ()
) -> list[tuple[str, int, str]]:
    """What is wrong with the honours and the cases of a draft: (list, place from 1, the word for it). `barred` are the
    members that may not be honoured."""
    found = []
    for place, one in enumerate(texts["honours"], 1):
        if one["code"] and one["code"] not in members:
            found.append(("honours", place, "member"))
        if one["code"] in barred:
            found.append(("honours", place, "barred"))
        found += [("honours", place, key) for key in ("award", "reason") if not one[key]]
        if not one["code"] and not one["name"]:
            found.append(("honours", place, "name"))
        found += _too_long("honours", place, one)
    for place, one in enumerate(texts["cases"], 1):
        if one["code"] and one["code"] not in members:
            found.append(("cases", place, "member"))
        found += [("cases", place, key) for key in ("title", "text") if not one[key]]
        found += _too_long("cases", place, one)
    return found


def _too_long(what: str, place: int, one: Mapping[str, str]) -> list[tuple[str, int, str]]:
    return [(what, place, "long")] if any(len(text) > 2 * LONGEST for text in one.values()) else []
