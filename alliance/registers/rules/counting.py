"""For whom a confirmed case counts, how much and in which month."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date, timedelta
from decimal import Decimal

from alliance.core.period import Period
from alliance.registers.rules.cases import case_code, occurred_on
from alliance.registers.rules.counted import Counted
from alliance.registers.rules.kinds import Measure, Register
from alliance.registers.rules.kinds.shapes import ONE, Texts


def counted(
    register: Register, number: int, texts: Texts, months: Collection[str], measures: Collection[str] | None = None
) -> Iterator[Counted]:
    """What a confirmed case adds to the measures of its members in some months; nothing of nought. Only to some
    measures, when they are named."""
    code, month = case_code(register.code, number), occurred_on(register, texts)[:7]
    for measure in register.measures:
        if measures is not None and measure.code not in measures:
            continue
        if not measure.spread:
            if month in months:
                yield from _shared(measure, register, texts, code, month, measure.quantity(texts))
            continue
        if measure.spread == "weeks":
            at = sunday_of(occurred_on(register, texts))[:7]
            if at in months:
                yield from _shared(measure, register, texts, code, at, measure.quantity(texts))
            continue
        for at, quantity in _spread(measure, register, texts, months):
            yield from _shared(measure, register, texts, code, at, quantity)


def sunday_of(day: str) -> str:
    """The Sunday on which the ISO week of a day ends; of a moment by its day."""
    found = date.fromisoformat(day[:10])
    return (found + timedelta(days=7 - found.isoweekday())).isoformat()


def _shared(
    measure: Measure, register: Register, texts: Texts, code: str, month: str, quantity: Decimal
) -> Iterator[Counted]:
    """The same for each member that it counts for, and for each person at the first."""
    if not quantity:
        return
    people = register.persons(measure.person, texts) if measure.person else []
    if measure.group:
        people = [measure.group(texts)]
    for place, end in enumerate(measure.ends):
        for who in texts.get(end, "").split():
            for person in people if people and place == 0 else [""]:
                yield Counted(who, month, measure.code, quantity, code, person)


def _spread(
    measure: Measure, register: Register, texts: Texts, months: Collection[str]
) -> Iterator[tuple[str, Decimal]]:
    """The months in which a case with a beginning and an end counts: its days there, or one at the end of the month."""
    first, last = date.fromisoformat(texts[register.day][:10]), date.fromisoformat(texts[register.until])
    for month in months:
        when = Period.parse(month)
        if measure.spread == "days":
            days = (min(last, when.last) - max(first, when.first)).days + 1
            if days > 0:
                yield month, Decimal(days) * measure.quantity(texts)
        elif first <= when.last <= last:
            yield month, ONE * measure.quantity(texts)
