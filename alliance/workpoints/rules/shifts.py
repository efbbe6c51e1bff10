"""The head's shift (W14): single amounts moved inside a limit, with reasons, the sum unchanged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import floor

from alliance.core.figure import Figure, Name, canonical, derived, sum_exactly
from alliance.core.money import cents, yuan
from alliance.core.refused import Problem, Refused, mark
from alliance.workpoints.rules.working import Label, Working, number

SHORTEST, LONGEST = 10, 300  # characters of a reason
COMPUTED = Name("computed", "计算金额", "amount as computed")
CHANGE = Name("change", "调整", "shift")


@dataclass(frozen=True, slots=True)
class Shift:
    """An amount in yuan added to (or taken from) what was computed for a person, with the reason."""

    person: str
    change: Decimal
    reason: str


def shifted(
    working: Working, unit: str, shares: Mapping[str, Figure], shifts: Sequence[Shift], limit: Decimal, source: str
) -> dict[str, Figure]:  # fmt: skip
    """The shares with the head's shifts; who is not shifted keeps the same figure.

    `limit` in % of what was computed for the person, the end included; `source` leads to the shifts
    (shift:H01/2026-03/C03@1). Refused, with person and amount: beyond the limit, no reason of ten characters, nobody
    of the unit, twice the same person, parts of a cent, shifts that do not add up to 0.
    """
    problems = [problem for shift in shifts for problem in _problems(unit, shares, shift, limit)]
    people = [shift.person for shift in shifts]
    problems += [
        Problem(f"{unit}/{person}", person, mark("is shifted twice"))
        for person in sorted(set(people)) if people.count(person) > 1
    ]  # fmt: skip
    total = sum_exactly(shift.change for shift in shifts)
    if total:
        problems.append(Problem(unit, canonical(total), mark("the shifts must add up to 0")))
    if problems:
        raise Refused("%(count)s shifts of %(unit)s are refused.", count=len(problems), unit=unit, problems=problems)
    return {
        **shares,
        **{shift.person: _shifted(working, unit, shares[shift.person], shift, source) for shift in shifts},
    }


def _problems(unit: str, shares: Mapping[str, Figure], shift: Shift, limit: Decimal) -> list[Problem]:
    where, amount = f"{unit}/{shift.person}", canonical(shift.change)
    if shift.person not in shares:
        return [Problem(where, amount, mark("nobody of this unit has this number"))]
    found = []
    most = Fraction(limit) * abs(Fraction(number(shares[shift.person]))) / 100
    if abs(Fraction(shift.change)) > most:
        reason = mark("at most ±%(most)s CNY: %(limit)s%% of the %(computed)s CNY that were computed")
        numbers: dict[str, object] = {
            "most": yuan(floor(most * 100)),
            "limit": limit,
            "computed": shares[shift.person].value,
        }
        found.append(Problem(where, amount, reason, numbers))
    if len(shift.reason.strip()) < SHORTEST:
        found.append(Problem(where, shift.reason, mark("a shift needs a reason of ten characters")))
    if len(shift.reason) > LONGEST:
        found.append(Problem(where, shift.reason[:40], mark("is longer than %(most)s characters"), {"most": LONGEST}))
    try:
        cents(shift.change)
    except Refused:
        found.append(Problem(where, amount, mark("has parts of a cent")))
    return found


def _shifted(working: Working, unit: str, computed: Figure, shift: Shift, source: str) -> Figure:
    key, owner = f"unit/{unit}/person/{shift.person}", working.owner(person=shift.person)
    change = working.entered(
        f"{key}/shift", Label("shift", "负责人调整", "Shift by the head"), shift.change, f"{source}/{shift.person}",
        owner=owner,
    )  # fmt: skip
    kind = working.kind(
        Label("person_bonus:shifted", "个人奖金（调整后）", "Personal bonus (shifted)"), "computed + change", "2",
        names=(COMPUTED, CHANGE),
    )  # fmt: skip
    exact = Fraction(number(computed)) + Fraction(shift.change)
    return derived(f"{key}/shifted", kind, exact, (("computed", computed), ("change", change)), owner=owner)
