"""The questions about links between members."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import or_, select

from alliance.core.refused import Problem, Refused
from alliance.db import db
from alliance.members.models import MemberLink
from alliance.members.queries.institutions import all_facts
from alliance.members.rules.institutions import InstitutionRow
from alliance.members.rules.links import LinkFact, Spell, Support, check_spell, partners


@dataclass(frozen=True, slots=True)
class LinkInfo(LinkFact):
    """A link as it was recorded."""

    recorded_by: str = ""
    recorded_at: datetime | None = None
    ended_by: str = ""


def _rows(alliance: int) -> Any:
    columns = (
        MemberLink.supporter, MemberLink.supported, MemberLink.specialty, MemberLink.share, MemberLink.start,
        MemberLink.until, MemberLink.recorded_by, MemberLink.recorded_at, MemberLink.ended_by,
    )  # fmt: skip
    return (
        select(*columns)
        .where(MemberLink.alliance_id == alliance, or_(MemberLink.until.is_(None), MemberLink.until > MemberLink.start))
        .order_by(MemberLink.supported, MemberLink.specialty, MemberLink.start, MemberLink.supporter)
    )


def links(alliance: int, on: date, institution: str = "") -> list[LinkInfo]:
    """The links that hold on a day, by the member supported; of one member, at either end, where it is named."""
    found = [LinkInfo(*row) for row in db.session.execute(_rows(alliance))]
    return [one for one in found if one.holds(on, on) and institution in ("", one.supporter, one.supported)]


def links_of(alliance: int, supported: str, specialty: str) -> list[LinkInfo]:
    """All that was ever recorded of the supporters of a member in a specialty, by the day on which it began."""
    rows = _rows(alliance).where(MemberLink.supported == supported, MemberLink.specialty == specialty)
    return [LinkInfo(*row) for row in db.session.execute(rows)]


def linked(alliance: int, first: date, last: date) -> set[frozenset[str]]:
    """The pairs of members that a link joins on some day between two days, both included."""
    return partners((LinkInfo(*row) for row in db.session.execute(_rows(alliance))), first, last)


def spells(alliance: int) -> list[Spell]:
    """Everything recorded of who supports whom, by member, specialty and first day."""
    found: dict[tuple[str, str, date], list[LinkInfo]] = {}
    for row in db.session.execute(_rows(alliance)):
        one = LinkInfo(*row)
        found.setdefault((one.supported, one.specialty, one.start), []).append(one)
    return [
        Spell(Support(*place, tuple((one.supporter, one.share) for one in same)), same[0].until, {})
        for place, same in found.items()
    ]


@dataclass(frozen=True, slots=True)
class SpellChange:
    """What importing a spell would do: `new`, `changed`, `ended` (on its last day alone) or `same`."""

    spell: Spell
    what: str


def spell_changes(
    alliance: int, given: Sequence[Spell], institutions: Sequence[InstitutionRow] = ()
) -> list[SpellChange]:
    """What an import would change of who supports whom, in the order of days; `institutions` come with it.

    Refused as the import itself would be: as rules.links has it, and whatever lies before something recorded.
    """
    recorded: dict[tuple[str, str], dict[date, Spell]] = {}
    for one in spells(alliance):
        recorded.setdefault(one.place, {})[one.support.start] = one
    starts = {place: set(known) for place, known in recorded.items()}
    for one in given:
        starts.setdefault(one.place, set()).add(one.support.start)
    facts = sorted([*all_facts(alliance), *institutions], key=lambda fact: fact.start)
    found, problems = [], list[Problem]()
    for one in sorted(given, key=lambda one: one.support.start):
        known = recorded.get(one.place, {})
        following = min((day for day in starts[one.place] if day > one.support.start), default=None)
        what = _difference(one, known.get(one.support.start), following)
        found.append(SpellChange(one, what))
        if what != "same":
            later = [day for day in known if what != "ended" or day > (one.ends(following) or day)]
            problems += check_spell(one, _members_on(facts, one.support.start), later, following)
    if problems:
        raise Refused("The workbook has %(count)s errors.", count=len(problems), problems=problems)
    return found


def _difference(one: Spell, before: Spell | None, following: date | None) -> str:
    if before is None:
        return "new"
    if sorted(one.support.shares) != sorted(before.support.shares):
        return "changed"
    ends, ended = one.ends(following), before.ends(following)
    if ends == ended:
        return "same"
    return "ended" if ends and (ended is None or ends < ended) else "changed"


def _members_on(facts: Iterable[InstitutionRow], on: date) -> set[str]:
    """The codes of those who are members on a day, of facts by the day from which they hold."""
    there = {one.code: one for one in facts if one.start <= on}
    return {code for code, one in there.items() if one.joined <= on and (one.left is None or on < one.left)}
