"""The question what a file of confirmations would change, row by row."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import select

from alliance.core.period import day_of
from alliance.core.refused import Problem, Refused
from alliance.db import db
from alliance.registers.queries.referrals import REFERRAL
from alliance.registers.rules.confirmations import ConfirmationRow, Confirmations, row_problem, steps_to

PART = 500  # numbers in one condition


class _Standing(NamedTuple):
    number: str
    state: str
    direction: str
    filed_at: datetime
    seen_on: date | None


def confirmation_changes(
    alliance: int, institution: str, rows: Sequence[ConfirmationRow], now: datetime
) -> Confirmations:  # fmt: skip
    """What a file of confirmations of a receiver would change, and every row that is wrong; nothing is changed by
    asking."""
    standing = _standing(alliance, institution, [one.number for one in rows])
    moved, same, problems, seen = list[ConfirmationRow](), 0, list[Problem](), dict[str, int]()
    for row in rows:
        try:
            if row.number in seen:
                raise Refused("stands in row %(first)s already", first=seen[row.number])
            if row.number not in standing:
                raise Refused("is no referral to this institution")
        except Refused as refused:
            problems.append(row_problem(row.row, "number", row.number, refused))
            continue
        seen[row.number], one = row.row, standing[row.number]
        try:
            steps = steps_to(row.said, one.state, one.direction, day_of(one.filed_at), one.seen_on, day_of(now))
        except Refused as refused:
            problems.append(row_problem(row.row, "outcome", row.number, refused))
            continue
        if steps:
            moved.append(row)
        else:
            same += 1
    return Confirmations(moved, same, problems)


def _standing(alliance: int, institution: str, numbers: Sequence[str]) -> dict[str, _Standing]:
    found = {}
    for start in range(0, len(numbers), PART):
        rows = select(
            REFERRAL.number, REFERRAL.state, REFERRAL.direction, REFERRAL.filed_at, REFERRAL.seen_on
        ).where(
            REFERRAL.alliance_id == alliance, REFERRAL.receiver == institution,
            REFERRAL.number.in_(numbers[start : start + PART]),
        )  # fmt: skip
        found.update({row.number: _Standing(*row) for row in db.session.execute(rows)})
    return found
