"""The questions about the discharged cases of a month: the list that stands, its limits, the filed sums beside it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from alliance.db import db
from alliance.workpoints.models import DischargeCase
from alliance.workpoints.queries.entries import cases
from alliance.workpoints.queries.schemes import scheme_in_force
from alliance.workpoints.rules.cases import CaseRules
from alliance.workpoints.rules.discharges import FLAGS, Case, Sums, Tie, untied


@dataclass(frozen=True, slots=True)
class CaseList:
    """The newest list of a month's discharged cases, by number; from which document, by whom and when."""

    revision: int
    document: str
    recorded_by: str
    recorded_at: datetime
    cases: Sequence[Case]


COLUMNS: tuple[Any, ...] = (
    DischargeCase.number, DischargeCase.unit, DischargeCase.code, DischargeCase.rw, DischargeCase.cost,
    DischargeCase.payment, DischargeCase.deductions, *(getattr(DischargeCase, flag) for flag in FLAGS),
)  # fmt: skip
NONE: frozenset[str] = frozenset()


def case_list(
    alliance: int, institution: str, month: str, units: Collection[str] | None = None
) -> CaseList | None:  # fmt: skip
    """The list that stands for a month, of some units or of all; None where none was imported."""
    place = (
        DischargeCase.alliance_id == alliance, DischargeCase.institution == institution, DischargeCase.month == month
    )  # fmt: skip
    newest = db.session.execute(
        select(
            DischargeCase.revision, DischargeCase.document, DischargeCase.recorded_by, DischargeCase.recorded_at
        )
        .where(*place)
        .order_by(DischargeCase.revision.desc())
        .limit(1)
    ).first()  # fmt: skip
    if newest is None:
        return None
    wanted = select(*COLUMNS).where(*place, DischargeCase.revision == newest[0]).order_by(DischargeCase.number)
    if units is not None:
        wanted = wanted.where(DischargeCase.unit.in_(sorted(units)))
    return CaseList(*newest, [_case(*row) for row in db.session.execute(wanted)])


def _case(number: str, unit: str, group: str, rw: Decimal, *rest: Any) -> Case:
    cost, payment, deductions, *flags = rest
    found = frozenset(flag for flag, there in zip(FLAGS, flags, strict=True) if there) if any(flags) else NONE
    return Case(number, unit, group, rw, cost, payment, deductions, found)


def newest_case_month(alliance: int, institution: str) -> str:
    """The newest month of which a list stands, "" for none."""
    wanted = (
        select(DischargeCase.month)
        .where(DischargeCase.alliance_id == alliance, DischargeCase.institution == institution)
        .order_by(DischargeCase.month.desc())
        .limit(1)
    )
    return db.session.scalar(wanted) or ""


def case_rules(alliance: int, institution: str, month: str) -> CaseRules:
    """The limits from which a case is looked at: of the scheme in force, by default as schemes have them."""
    info = scheme_in_force(alliance, institution, month)
    return info.scheme.cases if info else CaseRules()


def untied_groups(
    alliance: int, institution: str, month: str, listed: Sequence[Case], units: Collection[str] | None = None
) -> list[Tie] | None:  # fmt: skip
    """Where the filed sums of a disease group are not those of its cases, of some units or of all; None where nothing
    is filed."""
    filed = {
        (unit, one.code): Sums(one.cases, one.cost, one.payment)
        for unit, found in cases(alliance, institution, month).items() if units is None or unit in units
        for one in found
    }  # fmt: skip
    return untied(filed, listed) if filed else None
