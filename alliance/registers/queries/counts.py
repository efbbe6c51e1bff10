"""What confirmed cases count: for members and months, for persons and years, and how results are recognised."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from sqlalchemy import ColumnElement, or_, select

from alliance.core.figure import half_up
from alliance.core.period import Period
from alliance.db import db
from alliance.registers.models import RegisterCase
from alliance.registers.queries.referral_counts import agreed_referrals
from alliance.registers.rules.cases import CONFIRMED, WITHDRAWN
from alliance.registers.rules.counted import Counted
from alliance.registers.rules.counting import counted as counted_of
from alliance.registers.rules.kinds import LISTED, REGISTERS, Measure
from alliance.registers.rules.kinds import MEASURES as CASE_MEASURES
from alliance.registers.rules.referral_counts import REFERRAL, REFERRAL_MEASURES

EVER = datetime.max.replace(tzinfo=UTC)
MEASURES: Mapping[str, Measure] = {**CASE_MEASURES, **REFERRAL_MEASURES}


def counted_cases(alliance: int, months: Collection[str], measures: Collection[str] | None = None) -> Iterator[Counted]:
    """What the confirmed cases of the registers count in some months, as known now; of some measures, when named."""
    for code, register in REGISTERS.items():
        if not months or (measures is not None and not any(one.code in measures for one in register.measures)):
            continue
        rows = select(RegisterCase.number, RegisterCase.fields).where(
            RegisterCase.alliance_id == alliance, RegisterCase.register == code, RegisterCase.state == CONFIRMED
        )
        in_month: ColumnElement[bool] = RegisterCase.month.in_(list(months))
        if any(one.spread == "weeks" for one in register.measures):
            begun = [Period.parse(month).first for month in months]  # a week may begin in the month before
            in_month = or_(
                in_month, *(RegisterCase.occurred_on.between(day - timedelta(days=6), day) for day in begun)
            )  # fmt: skip
        if register.until:
            first = min(Period.parse(month).first for month in months)
            last = max(Period.parse(month).last for month in months)
            reaching = (RegisterCase.occurred_on <= last) & (RegisterCase.until >= first)
            rows = rows.where(or_(in_month, reaching))
        else:
            rows = rows.where(in_month)
        for number, fields in db.session.execute(rows.order_by(RegisterCase.number)):
            yield from counted_of(register, number, json.loads(fields), months, measures)


def _referrals(alliance: int, months: Collection[str]) -> Iterator[Counted]:
    """The referrals that both sides agree on, as known now."""
    for month in sorted(months):
        for one in agreed_referrals(alliance, month, EVER):
            yield replace(one, case=f"{REFERRAL}/{one.case}")


# The questions of registers with a flow of their own, each told alliance and months, and which measures they count.
COUNTING: tuple[tuple[Collection[str], Callable[[int, Collection[str]], Iterable[Counted]]], ...] = (
    (REFERRAL_MEASURES, _referrals),
)


def counted(alliance: int, months: Collection[str], measures: Collection[str] | None = None) -> Iterator[Counted]:
    """What all cases count in some months, as known now, one register after the other; of some measures, when named."""
    yield from counted_cases(alliance, months, measures)
    for known, question in COUNTING:
        if measures is None or any(code in known for code in measures):
            yield from (one for one in question(alliance, months) if measures is None or one.measure in measures)


@dataclass(frozen=True, slots=True)
class PersonCount:
    """What a person did in a year: by measure the sum, and how many cases."""

    person: str
    sums: Mapping[str, Decimal]
    cases: int


def months_of(year: int) -> list[str]:
    return [f"{year}-{month:02}" for month in range(1, 13)]


def person_counts(alliance: int, institution: str, year: int, person: str = "") -> list[PersonCount]:
    """What the persons of a member did in a year over all registers, by staff number; or one person."""
    sums: dict[str, dict[str, Decimal]] = {}
    cases: dict[str, set[str]] = {}
    for one in counted_cases(alliance, months_of(year)):
        if MEASURES[one.measure].group:
            continue  # what stands there is a week or a device
        if one.institution == institution and one.person and (not person or one.person == person):
            mine = sums.setdefault(one.person, {})
            mine[one.measure] = mine.get(one.measure, Decimal(0)) + one.quantity
            cases.setdefault(one.person, set()).add(one.case)
    return [PersonCount(who, sums[who], len(cases[who])) for who in sorted(sums)]


def measures_told(counts: Iterable[PersonCount]) -> list[Measure]:
    """The measures that somebody has, in the order of the registers; of other registers by their code."""
    had = {code for one in counts for code in one.sums}
    return [measure for code, measure in MEASURES.items() if code in had]


@dataclass(frozen=True, slots=True)
class Recognition:
    """How a member treated the results of others: recognised, repeated for a listed reason, repeated without one."""

    institution: str
    recognised: int
    listed: int
    unlisted: int

    @property
    def rate(self) -> Decimal | None:
        """Recognised in % of all that was not repeated for a listed reason; two places."""
        whole = self.recognised + self.unlisted
        return half_up(Fraction(self.recognised * 100, whole), 2) if whole else None


def recognitions(alliance: int, first: date, last: date) -> list[Recognition]:
    """Recognition of results by the member of the second order, over all entries that were not withdrawn."""
    rows = select(RegisterCase.fields).where(
        RegisterCase.alliance_id == alliance, RegisterCase.register == "repeat", RegisterCase.state != WITHDRAWN,
        RegisterCase.occurred_on >= first, RegisterCase.occurred_on <= last,
    )  # fmt: skip
    found: dict[str, list[int]] = {}
    for fields in db.session.scalars(rows):
        texts = json.loads(fields)
        place = 0 if texts["recognised"] == "yes" else 1 if texts.get("reason") in LISTED else 2
        found.setdefault(texts["receiver"], [0, 0, 0])[place] += 1
    return [Recognition(code, *counts) for code, counts in sorted(found.items())]
