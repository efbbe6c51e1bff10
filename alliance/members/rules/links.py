"""What is true of links: who supports whom in which specialty, with shares that add up to 100 %."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from alliance.core.figure import canonical, sum_exactly
from alliance.core.refused import Both, Problem, mark
from alliance.core.specialties import SPECIALTIES
from alliance.members.rules.cells import MISSING
from alliance.members.rules.structure import Sheet

WHOLE = Decimal(100)
SUPPORTS = Sheet(
    Both("成员单位支援关系", "member_links"),
    {
        "supported": "受援单位代码",
        "specialty": "专科",
        "supporter": "支援单位代码",
        "share": "比例(%)",
        "start": "生效日期",
        "until": "终止日期",
    },
    ("supported", "specialty", "supporter", "share", "start"),
)
EVERY = Both("全部专科", "all")  # specialties together
IN_ROW = mark("sheet %(sheet)s, row %(row)s")


@dataclass(frozen=True, slots=True)
class LinkFact:
    """A supporter of a member in a specialty ("": in all of them) with its share in %, from a day until a day."""

    supporter: str
    supported: str
    specialty: str
    share: Decimal
    start: date
    until: date | None = None

    def holds(self, first: date, last: date) -> bool:
        """Whether there is a day between two days, both included, on which it holds."""
        return self.start <= last and (self.until is None or max(self.start, first) < self.until)


@dataclass(frozen=True, slots=True)
class Support:
    """All who support a member in a specialty from a day on, with their shares."""

    supported: str
    specialty: str
    start: date
    shares: tuple[tuple[str, Decimal], ...]


def check_support(one: Support, there: Collection[str]) -> list[Problem]:
    """What is wrong with the supporters of a member; `there` are the members of the day."""
    found = [Problem(code, code, mark("is no member on this day")) for code in _unknown(one, there)]
    if one.specialty and one.specialty not in SPECIALTIES:
        found.append(Problem("specialty", one.specialty, mark("is no specialty of the catalogue")))
    codes = [code for code, _share in one.shares]
    if one.supported in codes:
        found.append(Problem(one.supported, one.supported, mark("a member does not support itself")))
    found += [Problem(code, code, mark("is named twice")) for code in sorted({c for c in codes if codes.count(c) > 1})]
    found += [
        Problem(code, canonical(share), mark("a share lies above 0 and is at most 100"))
        for code, share in one.shares
        if not 0 < share <= WHOLE
    ]
    total = sum_exactly(share for _code, share in one.shares)
    if total != WHOLE:
        found.append(Problem("share", canonical(total), mark("the shares must add up to exactly 100")))
    return found


def _unknown(one: Support, there: Collection[str]) -> list[str]:
    return sorted({one.supported, *(code for code, _share in one.shares)} - set(there))


def partners(links: Iterable[LinkFact], first: date, last: date) -> set[frozenset[str]]:
    """The pairs of members that a link joins on some day between two days."""
    return {frozenset((one.supporter, one.supported)) for one in links if one.holds(first, last)}


def later_start(links: Sequence[LinkFact], start: date) -> date | None:
    """The first day after another on which something else begins to hold."""
    return min((one.start for one in links if one.start > start), default=None)


@dataclass(frozen=True, slots=True)
class Spell:
    """All who support a member in a specialty, until a day (None: until others do); where a workbook says so, in which
    rows, by supporter."""

    support: Support
    until: date | None
    rows: Mapping[str, int]

    @property
    def place(self) -> tuple[str, str]:
        return self.support.supported, self.support.specialty

    def ends(self, following: date | None) -> date | None:
        """The first day on which it holds no more, where others begin on a day after it."""
        return min((day for day in (self.until, following) if day), default=None)


@dataclass(frozen=True, slots=True)
class SupportRow:
    """One line of the workbook."""

    link: LinkFact
    number: int


def read_support(cells: Mapping[str, str], number: int, problems: list[Problem]) -> SupportRow | None:
    """A supporter from the cells of a row; the specialty by its code or a name. None with every problem added."""
    row, before = SUPPORTS.row(cells, number, problems), len(problems)
    supported, supporter = row.needed("supported").upper(), row.needed("supporter").upper()
    said = row.needed("specialty")
    specialty = "" if said.lower() in (EVERY.zh, EVERY.en) else _named(said)
    if specialty and specialty not in SPECIALTIES:
        row.fault("specialty", mark("is no specialty of the catalogue"))
    share, start, until = row.hundredths("share"), row.needed_day("start"), row.day("until")
    if not row.text("share"):
        row.fault("share", MISSING)
    if start and until and until <= start:
        row.fault("until", mark("must be after the first day"))
    if len(problems) > before or start is None or share is None:
        return None
    return SupportRow(LinkFact(supporter, supported, specialty, share, start, until), number)


def _named(said: str) -> str:
    """The code of a specialty by its code or one of its names; what was said where there is none."""
    return next((code for code, name in SPECIALTIES.items() if said in (name.zh, name.en)), said)


def spells_of(rows: Sequence[SupportRow], problems: list[Problem]) -> list[Spell]:
    """The lines of one member, specialty and day together; that they end on different days is a problem."""
    found: dict[tuple[str, str, date], list[SupportRow]] = {}
    for row in rows:
        found.setdefault((row.link.supported, row.link.specialty, row.link.start), []).append(row)
    for same in found.values():
        ends = {row.link.until for row in same}
        if len(ends) > 1:
            reason = mark("those who support a member from one day on end on one day")
            problems.append(_wrong(same[-1].number, same[-1].link.supported, reason))
    return [
        Spell(
            Support(*place, tuple((row.link.supporter, row.link.share) for row in same)),
            same[0].link.until,
            {row.link.supporter: row.number for row in same},
        )
        for place, same in found.items()
    ]


def _wrong(row: int, value: str, reason: str, **numbers: object) -> Problem:
    return Problem(IN_ROW, value, reason, numbers, at={"sheet": SUPPORTS.name, "row": row})


def check_spell(one: Spell, there: Collection[str], recorded: Sequence[date], following: date | None) -> list[Problem]:
    """What is wrong with a line of the workbook that changes something.

    `there` are the members of its first day, `recorded` the days on which others were recorded to begin in its place,
    `following` is the next of these, and of those in the workbook.
    """
    first = min(one.rows.values())
    found = [
        replace(_wrong(one.rows.get(problem.where, first), problem.value, problem.message), numbers=problem.numbers)
        for problem in check_support(one.support, there)
    ]
    if one.until and following and following < one.until:
        found.append(
            _wrong(first, one.until.isoformat(), mark("others begin on %(day)s, before this day"), day=following)
        )
    later = [day for day in recorded if day > one.support.start]
    if later:
        reason = mark("from %(day)s on something else is recorded; end or change it on that day or later")
        found.append(_wrong(first, one.support.start.isoformat(), reason, day=max(later)))
    return found
