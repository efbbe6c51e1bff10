"""The questions about units' own rules of the second distribution: which holds in a month, what there was before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from alliance.db import db
from alliance.workpoints.models import UnitRule
from alliance.workpoints.rules.publicity import Hearing
from alliance.workpoints.rules.scheme import read_second
from alliance.workpoints.rules.second import SecondRules


@dataclass(frozen=True, slots=True)
class UnitRuleInfo:
    """A unit's rule with the month from which it holds, the hearing that adopted it and who recorded it."""

    unit: str
    month: str
    rules: SecondRules
    content: Mapping[str, Any]
    hearing: Hearing
    recorded_by: str
    recorded_at: datetime


def place_of_rule(unit: str, month: str) -> str:
    """Where the numbers of a unit's rule from a month on are kept, so that those of two units never meet."""
    return f"unitrule/{unit}/{month}"


def all_unit_rules(alliance: int, institution: str) -> list[UnitRuleInfo]:
    """Every rule recorded of a hospital's units, the newest first: by month, then by the order of recording."""
    rows = db.session.scalars(
        select(UnitRule)
        .where(UnitRule.alliance_id == alliance, UnitRule.institution == institution)
        .order_by(UnitRule.month.desc(), UnitRule.id.desc())
    )
    return [
        UnitRuleInfo(
            row.unit, row.month, read_second(row.content, place_of_rule(row.unit, row.month)), row.content,
            Hearing(row.held_on, row.participants, row.votes_for, row.votes_against, row.minutes),
            row.recorded_by, row.recorded_at,
        )
        for row in rows
    ]  # fmt: skip


def unit_rule_infos(alliance: int, institution: str, month: str) -> dict[str, UnitRuleInfo]:
    """The rule of each unit that has one of its own in a month."""
    found: dict[str, UnitRuleInfo] = {}
    for one in all_unit_rules(alliance, institution):
        if one.month <= month:
            found.setdefault(one.unit, one)
    return found


def unit_rules(alliance: int, institution: str, month: str) -> dict[str, SecondRules]:
    """How the units that have a rule of their own distribute in a month; all others do as the scheme says."""
    return {unit: one.rules for unit, one in unit_rule_infos(alliance, institution, month).items()}
