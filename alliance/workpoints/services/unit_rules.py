"""The verb of units' own rules of the second distribution."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from alliance.audit.services import record, verb
from alliance.core.actor import Actor
from alliance.core.acts import Act
from alliance.core.period import Period, PeriodKind, day_of
from alliance.core.refused import NotFound, Problem, Refused, mark
from alliance.core.written import plain
from alliance.members import queries as members
from alliance.workpoints.models import UnitRule
from alliance.workpoints.queries import last_run_month, scheme_in_force
from alliance.workpoints.rules.checks import check_second
from alliance.workpoints.rules.publicity import Hearing, check_hearing
from alliance.workpoints.rules.scheme import read_second


def set_rule(
    alliance: int, institution: str, unit: str, month: str, content: Mapping[str, Any], hearing: Hearing, *, by: Actor,
    now: datetime,
) -> None:  # fmt: skip
    """Let a unit distribute by a rule of its own (as [second] of a scheme) from a month on, until it sets another.

    Refused: a rule that cannot be, with every problem; a hearing without a majority or in the future; a month that has
    a bonus run, or for which no scheme is in force. NotFound: no such unit.
    """
    data, place = plain(content), "second"  # faults are told by the place where a scheme has them
    with verb(by, alone_in=alliance) as session:
        if unit not in members.department_names(alliance, institution):
            raise NotFound()
        _check_month(alliance, institution, month)
        scheme = scheme_in_force(alliance, institution, month)
        if scheme is None:
            raise Refused("No bonus scheme of the hospital is in force in %(period)s.", period=month)
        rules = read_second(data, place)
        problems = check_second(place, rules, scheme.scheme.limits.reserve)
        if problems:
            raise Refused("The rule has %(count)s errors.", count=len(problems), problems=problems)
        check_hearing(unit, hearing)
        if hearing.held_on is not None and hearing.held_on > day_of(now):
            found = Problem("held_on", hearing.held_on.isoformat(), mark("lies in the future"))
            raise Refused("The hearing of %(unit)s does not carry its rule.", unit=unit, problems=[found])
        session.add(
            UnitRule(
                alliance_id=alliance, institution=institution, unit=unit, month=month, content=data,
                held_on=hearing.held_on, participants=hearing.participants, votes_for=hearing.votes_for,
                votes_against=hearing.votes_against, minutes=hearing.minutes, recorded_by=by.account, recorded_at=now,
            )
        )  # fmt: skip
        subject = f"unitrule:{institution}/{unit}/{month}"
        record(session, Act.WORKPOINTS_RULE_SET, subject, by=by, now=now, alliance=alliance, way=rules.way)


def _check_month(alliance: int, institution: str, month: str) -> None:
    if Period.parse(month).kind is not PeriodKind.MONTH:
        raise Refused("%(period)s is no month.", period=month)
    last = last_run_month(alliance, institution)
    if last and month <= last:
        raise Refused("%(period)s has a bonus run in force; the rule can begin with the month after it.", period=last)
