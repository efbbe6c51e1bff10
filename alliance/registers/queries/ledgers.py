"""The questions about assessment ledgers: standards, entries, totals, the notices that were published of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, func, literal, or_, select, true, union_all

from alliance.audit import queries as audit
from alliance.db import db
from alliance.registers.models import LedgerEntry, LedgerItem, LedgerNotice, LedgerStandard
from alliance.registers.rules.counted import Counted
from alliance.registers.rules.ledgers import ACCEPTED, ENTERED, WITHDRAWN, Item, Total, sums


@dataclass(frozen=True, slots=True)
class StandardInfo:
    """A version of the standard of a ledger; it holds from a day on."""

    institution: str
    kind: str
    version: int
    start: date
    title: str
    recorded_by: str
    recorded_at: datetime
    items: tuple[Item, ...] = ()

    @property
    def by_code(self) -> dict[str, Item]:
        return {item.code: item for item in self.items}


@dataclass(frozen=True, slots=True)
class FileInfo:
    """The evidence of an entry."""

    name: str
    media: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class EntryInfo:
    """An entry of a ledger with its item, its review, and the objection to it."""

    institution: str  # whose ledger; "" the alliance's
    number: int
    kind: str
    month: str
    day: date
    standard: int
    item: str
    member: str
    unit: str
    person: str
    points: Decimal
    note: str
    grade: str
    author: str
    file: FileInfo | None
    state: str
    entered_by: str
    entered_at: datetime
    reviewed_by: str
    reviewed_at: datetime | None
    reason: str
    objected_by: str
    objected_at: datetime | None
    objection: str
    outcome: str
    answered_by: str
    answered_at: datetime | None
    answer: str

    @property
    def objected(self) -> bool:
        """Whether an objection waits for its answer."""
        return self.objected_at is not None and self.answered_at is None


@dataclass(frozen=True, slots=True)
class Reach:
    """Which entries of a ledger somebody may see: all, or those that concern the members, the units or the person."""

    whole: bool = False
    members: frozenset[str] = frozenset()
    units: frozenset[str] = frozenset()
    person: str = ""

    def sees(self, one: EntryInfo) -> bool:
        mine = bool(self.person) and one.person == self.person
        return self.whole or one.member in self.members or one.unit in self.units or mine


@dataclass(frozen=True, slots=True)
class Found:
    """Which entries of a ledger are asked for."""

    month: str = ""
    kind: str = ""
    state: str = ""
    member: str = ""
    unit: str = ""
    person: str = ""
    objected: bool = False


def standards(alliance: int, institution: str, kind: str = "") -> list[StandardInfo]:
    """The versions of the standards of a ledger, of one kind or of all, the newest of each kind first."""
    rows = select(LedgerStandard).where(
        LedgerStandard.alliance_id == alliance, LedgerStandard.institution == institution
    )
    rows = rows.where(LedgerStandard.kind == kind) if kind else rows
    found = list(db.session.scalars(rows.order_by(LedgerStandard.kind, LedgerStandard.version.desc())))
    items: dict[int, list[Item]] = {}
    listed = select(LedgerItem).where(LedgerItem.standard_id.in_([row.id for row in found])).order_by(LedgerItem.place)
    for one in db.session.scalars(listed):
        items.setdefault(one.standard_id, []).append(Item(one.code, one.name_zh, one.name_en, one.points))
    return [
        StandardInfo(row.institution, row.kind, row.version, row.start, row.title, row.recorded_by, row.recorded_at,
                     tuple(items[row.id]))
        for row in found
    ]  # fmt: skip


def standard_on(alliance: int, institution: str, kind: str, day: date) -> StandardInfo | None:
    """The standard that holds on a day: the latest begun, of these the latest version; None before the first."""
    begun = [one for one in standards(alliance, institution, kind) if one.start <= day]
    return max(begun, key=lambda one: (one.start, one.version), default=None)


def entries(
    alliance: int, institution: str, reach: Reach, wanted: Found, page: int, size: int
) -> tuple[list[EntryInfo], int]:  # fmt: skip
    """A page of the entries of a ledger that are asked for, newest first, and how many there are."""
    rows = _wanted(alliance, institution, reach, wanted)
    total = db.session.scalar(select(func.count()).select_from(rows.subquery())) or 0
    ordered = rows.order_by(LedgerEntry.day.desc(), LedgerEntry.number.desc())
    return [_info(row) for row in db.session.scalars(ordered.limit(size).offset((page - 1) * size))], total


def entry(alliance: int, institution: str, number: int) -> EntryInfo | None:
    """One entry; None when there is none."""
    rows = _ledger(alliance, institution).where(LedgerEntry.number == number)
    row = db.session.scalar(rows)
    return _info(row) if row else None


def _ledger(alliance: int, institution: str) -> Select[Any]:
    return select(LedgerEntry).where(LedgerEntry.alliance_id == alliance, LedgerEntry.institution == institution)


def _wanted(alliance: int, institution: str, reach: Reach, wanted: Found) -> Select[Any]:
    rows = _ledger(alliance, institution).where(_reached(reach))
    for name in ("month", "kind", "state", "member", "unit", "person"):
        asked = getattr(wanted, name)
        rows = rows.where(getattr(LedgerEntry, name) == asked) if asked else rows
    return rows.where(_objected()) if wanted.objected else rows


def _objected() -> ColumnElement[bool]:
    return and_(LedgerEntry.objected_at.is_not(None), LedgerEntry.answered_at.is_(None))


def _reached(reach: Reach) -> ColumnElement[bool]:
    if reach.whole:
        return true()
    mine = LedgerEntry.person == reach.person if reach.person else false()
    return or_(LedgerEntry.member.in_(reach.members), LedgerEntry.unit.in_(reach.units), mine)


def _info(row: LedgerEntry) -> EntryInfo:
    file = FileInfo(row.file_name, row.file_media, row.file_size, row.file_sha256) if row.file_sha256 else None
    return EntryInfo(
        row.institution, row.number, row.kind, row.month, row.day, row.standard, row.item, row.member, row.unit,
        row.person, Decimal(row.hundredths) / 100, row.note, row.grade, row.author, file, row.state, row.entered_by,
        row.entered_at, row.reviewed_by, row.reviewed_at, row.reason, row.objected_by, row.objected_at, row.objection,
        row.outcome, row.answered_by, row.answered_at, row.answer,
    )  # fmt: skip


def _counts(known: datetime | None) -> ColumnElement[bool]:
    """Of entries, whether they count: accepted, and not withdrawn after an objection, as far as it was known."""
    if known is None:
        return LedgerEntry.state == ACCEPTED
    later = and_(LedgerEntry.state == WITHDRAWN, LedgerEntry.answered_at > known)
    return and_(LedgerEntry.reviewed_at <= known, or_(LedgerEntry.state == ACCEPTED, later))


def ledger_totals(
    alliance: int,
    institution: str,
    months: Iterable[str],
    by: str = "member",
    *,
    reach: Reach | None = None,
    known: datetime | None = None,
) -> list[Total]:
    """The points of accepted entries of a ledger by kind and month, and `by` "member", "unit" (of a member) or
    "person"; what is no unit's or person's stands under "". As known at a moment, by default as it is now."""
    fine = {"member": (), "unit": (LedgerEntry.unit,), "person": (LedgerEntry.unit, LedgerEntry.person)}[by]
    keys = (LedgerEntry.kind, LedgerEntry.month, LedgerEntry.member, *fine)
    rows = (
        select(*keys, func.sum(LedgerEntry.hundredths), func.count())
        .where(
            LedgerEntry.alliance_id == alliance, LedgerEntry.institution == institution,
            LedgerEntry.month.in_(list(months)), _counts(known), _reached(reach or Reach(whole=True)),
        )
        .group_by(*keys)
        .order_by(*keys)
    )  # fmt: skip
    nothing = ("",) * (2 - len(fine))
    return sums((*row[:-2], *nothing, int(row[-2]), int(row[-1])) for row in map(tuple, db.session.execute(rows)))


def counted_ledgers(alliance: int, month: str, known: datetime) -> list[Counted]:
    """What the accepted entries of the alliance's ledgers in a month give to the members they are about, as known at a
    moment: `ledger.<kind>.points`, and `ledger.<kind>.entries` for a mean of them."""
    rows = _ledger(alliance, "").where(LedgerEntry.month == month, _counts(known)).order_by(LedgerEntry.number)
    found = []
    for one in map(_info, db.session.scalars(rows)):
        for measure, quantity in (("points", one.points), ("entries", Decimal(1))):
            found.append(Counted(one.member, month, f"ledger.{one.kind}.{measure}", quantity, str(one.number)))
    return found


@audit.until_next_event
def open_entry_counts(alliance: int, account: str, employer: str) -> dict[tuple[str, str, str], int]:
    """How many entries wait by ledger, month and what for: "review" by another person, or "objection" to be answered;
    without those on which the account may not decide."""
    others = or_(LedgerEntry.institution != "", LedgerEntry.member != employer)
    waiting = (
        ("review", LedgerEntry.state == ENTERED),
        ("objection", and_(_objected(), LedgerEntry.objected_by != account)),
    )
    rows = union_all(*(
        select(LedgerEntry.institution, LedgerEntry.month, literal(what), func.count())
        .where(LedgerEntry.alliance_id == alliance, LedgerEntry.entered_by != account, others, waits)
        .group_by(LedgerEntry.institution, LedgerEntry.month)
        for what, waits in waiting
    ))  # fmt: skip
    return {(institution, month, what): count for institution, month, what, count in db.session.execute(rows)}


@dataclass(frozen=True, slots=True)
class Published:
    """A notice that was published of a month's ledger: of all kinds or of one, or of a single entry."""

    month: str
    kind: str
    entry: int
    notice: str
    recorded_at: datetime


def published(alliance: int, institution: str, month: str) -> list[Published]:
    """The notices published of a month's ledger, the newest first."""
    rows = select(LedgerNotice).where(
        LedgerNotice.alliance_id == alliance, LedgerNotice.institution == institution, LedgerNotice.month == month
    )
    return [
        Published(row.month, row.kind, row.entry, row.notice, row.recorded_at)
        for row in db.session.scalars(rows.order_by(LedgerNotice.id.desc()))
    ]


def ledger_files() -> set[str]:
    """The digests of all files that entries refer to."""
    return set(db.session.scalars(select(LedgerEntry.file_sha256).where(LedgerEntry.file_sha256 != "").distinct()))
