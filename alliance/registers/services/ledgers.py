"""The verbs of assessment ledgers: import a standard, add an entry, review it, object to it, answer, publish."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from alliance.accounts import queries as accounts
from alliance.audit.services import record, verb
from alliance.core.actor import Actor
from alliance.core.acts import Act
from alliance.core.media import media_of, plain_name
from alliance.core.period import Period, day_of, end_of
from alliance.core.refused import Both, NotFound, Refused
from alliance.files import kinds_of
from alliance.members import queries as members
from alliance.registers.models import LedgerEntry, LedgerItem, LedgerNotice, LedgerStandard
from alliance.registers.queries.ledgers import entry as entry_of
from alliance.registers.queries.ledgers import ledger_files, ledger_totals, standard_on, standards
from alliance.registers.rules.ledger_notices import Remark, Single, entry_notice, month_notice
from alliance.registers.rules.ledgers import (
    ACCEPTED,
    ENTERED,
    FILE_LIMIT,
    KINDS,
    UPHELD,
    WITHDRAWN,
    Entry,
    Item,
    check_answer,
    check_entry,
    check_items,
    check_objection,
    check_review,
)
from alliance.store import Store
from alliance.work.rules import Place
from alliance.work.services import enqueue

KEPT_UNNAMED = timedelta(days=1)  # bytes that no entry refers to: of a verb that was refused, or is under way


def import_standard(
    alliance: int, institution: str, kind: str, items: Sequence[Item], start: date, title: str, *, by: Actor,
    now: datetime,
) -> int:  # fmt: skip
    """A new version of a ledger's standard, from a day on; its number, and 0 where the one of that day says the same.

    Refused: what rules.check_items refuses; a day on which something was entered already.
    """
    if kind not in KINDS:
        raise NotFound()
    check_items(items)
    with verb(by, alone_in=alliance) as session:
        there = standards(alliance, institution, kind)
        held = standard_on(alliance, institution, kind, start)
        if held and held.items == tuple(items):
            return 0
        last = session.scalar(
            select(func.max(LedgerEntry.day)).where(
                LedgerEntry.alliance_id == alliance, LedgerEntry.institution == institution, LedgerEntry.kind == kind
            )
        )
        if last and last >= start:
            raise Refused("An entry of %(day)s was made by the standard before; choose a later day.", day=last)
        version = max((one.version for one in there), default=0) + 1
        row = LedgerStandard(
            alliance_id=alliance, institution=institution, kind=kind, version=version, start=start,
            title=title.strip(), recorded_by=by.account, recorded_at=now,
        )  # fmt: skip
        session.add(row)
        session.flush()
        session.add_all(
            LedgerItem(standard_id=row.id, place=place, code=one.code, name_zh=one.zh, name_en=one.en,
                       points=one.points)
            for place, one in enumerate(items)
        )  # fmt: skip
        record(
            session, Act.REGISTERS_STANDARD_IMPORT, f"ledgerstandard:{institution or '*'}/{kind}@{version}", by=by,
            now=now, alliance=alliance, start=start.isoformat(), count=len(items),
        )  # fmt: skip
        return version


def add_entry(
    alliance: int, institution: str, given: Entry, file: tuple[str, bytes] | None, store: Store, *, by: Actor,
    now: datetime,
) -> int:  # fmt: skip
    """Enter something against a department or a person of a member, in the alliance's ledger ("") also against the
    member as a whole, with evidence given as (name, bytes); its number. It counts once another person accepted it.

    Refused: what rules.check_entry refuses; who or what was not there on the day; a file that is no evidence.
    """
    name, media, content = looked(file)
    digest = store.keep(content) if content else ""
    with verb(by, alone_in=alliance) as session:
        standard = standard_on(alliance, institution, given.kind, given.day) if given.kind in KINDS else None
        one = check_entry(given, standard.by_code if standard else {}, day_of(now))
        assert standard is not None
        _check_whom(alliance, institution, one)
        number = (session.scalar(
            select(func.max(LedgerEntry.number)).where(
                LedgerEntry.alliance_id == alliance, LedgerEntry.institution == institution
            )
        ) or 0) + 1  # fmt: skip
        session.add(
            LedgerEntry(
                alliance_id=alliance, institution=institution, number=number, kind=one.kind, month=one.month,
                day=one.day, standard=standard.version, item=one.item, member=one.member, unit=one.unit,
                person=one.person, hundredths=int(one.points * Decimal(100)), note=one.note.strip(), grade=one.grade,
                author=one.author, file_name=name, file_media=media, file_size=len(content), file_sha256=digest,
                state=ENTERED, entered_by=by.account, entered_at=now,
            )
        )  # fmt: skip
        record(
            session, Act.REGISTERS_ENTRY_ADD, subject(institution, one.member, number), by=by, now=now,
            alliance=alliance, matter=one.kind, **({"sha256": digest} if digest else {}),
        )  # fmt: skip
        return number


def subject(institution: str, member: str, number: int) -> str:
    """An entry as events name it: under the member it is about, in whose own ledger or in the alliance's."""
    return f"ledgerentry:{member}/{number}" if institution else f"ledgerentry:{member}/alliance/{number}"


def looked(file: tuple[str, bytes] | None) -> tuple[str, str, bytes]:
    """Name, media type and bytes of a file that may be evidence; nothing of each without one. Refused when it may
    not: a program, whatever its name; an empty or too large one."""
    if file is None:
        return "", "", b""
    name, content = plain_name(file[0]), file[1]
    if not content:
        raise Refused("%(name)s is empty.", name=name)
    if len(content) > FILE_LIMIT:
        raise Refused("%(name)s is larger than %(limit)s MB.", name=name, limit=FILE_LIMIT // 2**20)
    return name, media_of(kinds_of(content, name), name), content


def _check_whom(alliance: int, institution: str, one: Entry) -> None:
    if institution and one.member != institution:
        raise NotFound()
    if one.member not in {member.code for member in members.members(alliance, one.day)}:
        raise Refused("%(who)s was no member on %(day)s.", who=one.member, day=one.day)
    if institution and not (one.unit or one.person):
        raise Refused("Name the department or the person whom the entry is about.")
    if one.unit and not members.department_exists(alliance, one.member, one.unit, one.day):
        raise Refused("On %(day)s there was no department %(code)s.", day=one.day, code=one.unit)
    known = members.employee_names(alliance, one.member) if one.person or one.author else {}
    for number in (one.person, one.author):
        if number and number not in known:
            raise Refused("%(who)s has no employee with the number %(number)s.", who=one.member, number=number)


def _locked(session: Session, alliance: int, institution: str, number: int) -> LedgerEntry:
    row = session.scalars(
        select(LedgerEntry)
        .where(
            LedgerEntry.alliance_id == alliance, LedgerEntry.institution == institution, LedgerEntry.number == number
        )
        .with_for_update()
    ).first()  # fmt: skip
    if row is None:
        raise NotFound()
    return row


def _check_recusal(row: LedgerEntry, by: Actor) -> None:
    """Refused: who is employed by a member decides on an entry about it in the alliance's ledger."""
    if not row.institution and by.employer == row.member:
        raise Refused("You work for %(who)s; somebody from elsewhere decides on this entry.", who=row.member)


def _own_number(row: LedgerEntry, by: Actor) -> str:
    employer, own = accounts.employee_of(by.account)
    return own if employer == row.member else ""


def review_entry(
    alliance: int, institution: str, number: int, verdict: str, reason: str = "", *, by: Actor, now: datetime
) -> None:
    """Accept an entry, or refuse it with a reason.

    Refused: what was reviewed already; who made it, is concerned by it, or works for the member it is about.
    """
    with verb(by) as session:
        row = _locked(session, alliance, institution, number)
        _check_recusal(row, by)
        check_review(
            row.state, verdict, reason, entered_by=row.entered_by, reviewer=by.account, person=row.person,
            own=_own_number(row, by),
        )  # fmt: skip
        row.state, row.reviewed_by, row.reviewed_at, row.reason = verdict, by.account, now, reason.strip()
        record(
            session, Act.REGISTERS_ENTRY_REVIEW, subject(institution, row.member, number), by=by, now=now,
            alliance=alliance, value=verdict,
        )  # fmt: skip


def file_objection(alliance: int, institution: str, number: int, reason: str, *, by: Actor, now: datetime) -> None:
    """Object to an accepted entry that concerns oneself, one's unit or one's member, once, with a reason."""
    with verb(by) as session:
        row = _locked(session, alliance, institution, number)
        check_objection(row.state, row.objected_by, reason)
        row.objected_by, row.objected_at, row.objection = by.account, now, reason.strip()
        record(
            session, Act.REGISTERS_OBJECTION_FILE, subject(institution, row.member, number), by=by, now=now,
            alliance=alliance,
        )  # fmt: skip


def answer_objection(
    alliance: int, institution: str, number: int, outcome: str, answer: str, *, by: Actor, now: datetime
) -> None:
    """Answer the objection to an entry: upheld, and the entry counts no longer, or dismissed, and it stands.

    Refused: who made the entry or objected, is concerned, or works for the member it is about.
    """
    with verb(by) as session:
        row = _locked(session, alliance, institution, number)
        _check_recusal(row, by)
        check_answer(
            row.objected_at is not None, row.outcome, outcome, answer, entered_by=row.entered_by,
            objected_by=row.objected_by, answerer=by.account,
        )  # fmt: skip
        if row.person and _own_number(row, by) == row.person:
            raise Refused("This entry is about you; another person answers.")
        row.outcome, row.answered_by, row.answered_at, row.answer = outcome, by.account, now, answer.strip()
        row.state = WITHDRAWN if outcome == UPHELD else row.state
        record(
            session, Act.REGISTERS_OBJECTION_ANSWER, subject(institution, row.member, number), by=by, now=now,
            alliance=alliance, value=outcome,
        )  # fmt: skip


def publish_ledger(
    alliance: int, institution: str, month: str, kind: str, entry: int, remark: Remark, last_day: date, *, by: Actor,
    now: datetime,
) -> int:  # fmt: skip
    """Ask for a notice of a month's ledger of a kind or of all ("") or, as a special one, of an entry (else 0); the
    number of the job. The wing of notices publishes it, and whom it concerns must read it.

    Refused: a last day that has passed; an entry that does not count; nothing to tell of.
    """
    if kind and kind not in KINDS:
        raise NotFound()
    if end_of(last_day) <= now:
        raise Refused("The last day to confirm has passed already.")
    with verb(by) as session:
        member, texts = _told(alliance, institution, month, kind, entry, remark)
        place = institution or "alliance"
        parameters = {
            "institution": institution, "month": month, "kind": kind, "entry": entry, "member": member,
            "texts": texts, "last_day": last_day.isoformat(),
        }  # fmt: skip
        return enqueue(
            session, alliance, Act.REGISTERS_LEDGER_PUBLISH, f"{place}/{month}/{kind}/{entry}",
            subject=f"ledger:{place}/{month}", parameters=parameters,
            origin=Place("registers.publish_ledger", {"place": place, "month": month}), reader=None,
            institution=institution, by=by, now=now,
        )  # fmt: skip


def _told(
    alliance: int, institution: str, month: str, kind: str, entry: int, remark: Remark
) -> tuple[str, dict[str, str]]:  # fmt: skip
    """The member whom a notice of one entry concerns, "" for all; and its titles and texts."""
    names = {(one.code, ""): Both(one.name_zh, one.name_en) for one in members.institutions(
        alliance, Period.parse(month).last)}  # fmt: skip
    if institution:
        known = members.department_names(alliance, institution)
        names |= {(institution, code): Both(one.name_zh, one.name_en) for code, one in known.items()}
    if not entry:
        found = ledger_totals(alliance, institution, [month], "unit" if institution else "member")
        return "", month_notice(month, kind, [one for one in found if kind in ("", one.kind)], names, remark)
    one = entry_of(alliance, institution, entry)
    if one is None or one.month != month:
        raise NotFound()
    if one.state != ACCEPTED:
        raise Refused("A notice tells of an entry that was accepted.")
    items = next(
        held.by_code for held in standards(alliance, institution, one.kind) if held.version == one.standard
    )  # fmt: skip
    whom = names.get((one.member, one.unit)) or names[one.member, ""]
    return one.member, entry_notice(
        Single(one.number, one.kind, one.day, items[one.item], whom, one.points), remark
    )  # fmt: skip


def link_ledger(
    alliance: int, institution: str, month: str, kind: str, entry: int, notice: str, *, by: Actor, now: datetime
) -> None:
    """Note that a notice was published of a month's ledger, so that its pages tell who has read it."""
    with verb(by) as session:
        session.add(
            LedgerNotice(
                alliance_id=alliance, institution=institution, month=month, kind=kind, entry=entry, notice=notice,
                recorded_by=by.account, recorded_at=now,
            )
        )  # fmt: skip
        record(
            session, Act.REGISTERS_LEDGER_LINK, f"ledger:{institution or 'alliance'}/{month}", by=by, now=now,
            alliance=alliance, number=notice,
        )  # fmt: skip


def clear_ledger_files(store: Store, *, now: datetime) -> int:
    """Remove bytes that no entry refers to and that were not kept within a day; how many files."""
    return store.clear(now - KEPT_UNNAMED, ledger_files())
