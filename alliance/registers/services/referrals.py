"""The verbs that bring referrals in: one by one, from a file, and those of an earlier register."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from alliance.audit.services import record, verb
from alliance.cipher import Keyring, keyring
from alliance.core.actor import Actor
from alliance.core.acts import Act
from alliance.core.period import day_of
from alliance.core.refused import NotFound, Problem, Refused
from alliance.core.workdays import Works
from alliance.db import insert_many
from alliance.members import queries as members
from alliance.registers.models import Pepper, Referral, ReferralContact, ReferralOffer, ReferralTurn
from alliance.registers.queries.referral_imports import ImportRow, referral_changes
from alliance.registers.queries.referrals import CONTACT, PEPPER, PURPOSE, REFERRAL, SUMMARY, pepper, row_of
from alliance.registers.rules.people import patient_key, read_identity, read_name, read_phone
from alliance.registers.rules.referral_counts import counts
from alliance.registers.rules.referral_offers import check_free
from alliance.registers.rules.referrals import (
    CLOSED,
    DECLINED,
    DOWN,
    FIELDS,
    FILED,
    RECEIVER,
    RETURNED,
    SEEN,
    Given,
    answer_due,
    check_parties,
    direction_of,
    faults,
    follow_due,
    next_due,
    summary_due,
)
from alliance.registers.services.referral_keeping import settle_pairs


@dataclass(frozen=True, slots=True)
class Past:
    """A case of an earlier register, with all that happened to it."""

    sender: str
    given: Given
    filed_at: datetime
    answered_at: datetime | None = None
    declined: str = ""  # the reason
    seen_on: date | None = None
    discharged_on: date | None = None
    returned_at: datetime | None = None
    summary: str = ""
    followed_on: date | None = None
    closed_at: datetime | None = None
    filed_by: str = ""  # accounts, where they are known
    answered_by: str = ""


@dataclass(frozen=True, slots=True)
class _Maker:
    """What rows of cases are made with."""

    alliance: int
    keys: Keyring
    pepper: bytes
    tiers: Mapping[str, str]
    works: Works
    now: datetime
    by: Actor

    def row(self, number: str, sender: str, given: Given, filed_at: datetime) -> tuple[dict[str, Any], dict[str, Any]]:
        """A case that was just filed, and what names its patient, as rows of their tables."""
        identity = read_identity(given.identity)
        contact = "\n".join((read_name(given.name), read_phone(given.phone), identity.number))
        due, bound = answer_due(given.urgency, max(filed_at, self.now), self.works), row_of(self.alliance, number)
        purpose = given.purpose.strip()
        return {
            "alliance_id": self.alliance, "number": number, "sender": sender, "receiver": given.receiver,
            "direction": direction_of(self.tiers[sender], self.tiers[given.receiver]), "specialty": given.specialty,
            "diagnosis": given.diagnosis, "system": given.system, "system_version": given.version,
            "urgency": given.urgency, "birth_year": identity.birth.year, "sex": identity.sex,
            "patient_key": patient_key(identity.number, self.pepper), "state": FILED, "version": 1,
            "filed_at": filed_at, "filed_by": self.by.account, "answer_due": due, "answered_at": None,
            "answered_by": "", "seen_on": None, "seen_month": "", "discharged_on": None, "summary_due": None,
            "returned_at": None, "follow_due": None, "followed_on": None, "ended_at": None, "reason": "",
            "due_at": due, "due_by": given.receiver, "disputed_by": "", "pointless": False, "counts": False,
            "offer_id": given.offer or None, "source": "", "record": "", "record_version": 0,
        }, {
            "contact": self.keys.encrypt(contact, CONTACT, bound),
            "purpose": self.keys.encrypt(purpose, PURPOSE, bound) if purpose else "", "summary": "",
        }  # fmt: skip


def file_referral(alliance: int, sender: str, given: Given, works: Works, *, by: Actor, now: datetime) -> str:
    """File a case; its number. The receiver answers until it is due.

    Refused: every field that is wrong; a referral to oneself; an institution that is no member today; a slot or bed
    that is gone.
    """
    today = day_of(now)
    found = faults(given, today)
    if found:
        problems = [Problem(FIELDS[one.field], one.value, one.refused.message, one.refused.numbers) for one in found]
        raise Refused("The referral cannot be filed like this.", problems=problems)
    with verb(by, alone_in=alliance) as session:
        check_parties(sender, given.receiver, _tiers(alliance, today))
        if given.offer:
            _take_offer(session, alliance, given, today)
        maker = _maker(session, alliance, works, by, now)
        number = _numbers(session, alliance, today.year, 1)[0]
        case, sealed = maker.row(number, sender, given, now)
        case["answer_due"] = case["due_at"] = answer_due(given.urgency, now, works)
        _keep(session, alliance, [(case, sealed)])
        settle_pairs(session, alliance, REFERRAL.patient_key == case["patient_key"], works, by, now)
        record(
            session, Act.REGISTERS_REFERRAL_FILE, f"referral:{sender}/{number}", by=by, now=now, alliance=alliance,
            institution=given.receiver,
        )  # fmt: skip
        return number


def _tiers(alliance: int, on: date) -> dict[str, str]:
    return {one.code: one.tier for one in members.members(alliance, on)}


def _maker(session: Session, alliance: int, works: Works, by: Actor, now: datetime) -> _Maker:
    drawn, keys = pepper(alliance), keyring()
    if drawn is None:
        drawn = secrets.token_bytes(32)
        sealed = keys.encrypt(drawn.hex(), PEPPER, str(alliance))
        session.add(Pepper(alliance_id=alliance, sealed=sealed, made_at=now))
        session.flush()
    tiers = {one.code: one.tier for one in members.institutions(alliance, day_of(now))}
    return _Maker(alliance, keys, drawn, tiers, cache(works), now, by)  # of many cases few days


def _numbers(session: Session, alliance: int, year: int, count: int) -> list[str]:
    """The next numbers of a year."""
    last = session.scalar(
        select(func.max(REFERRAL.number)).where(
            REFERRAL.alliance_id == alliance, REFERRAL.number.between(f"{year}-000000", f"{year}-999999")
        )
    )
    first = int(last.partition("-")[2]) + 1 if last else 1
    return [f"{year}-{first + place:06}" for place in range(count)]


def _take_offer(session: Session, alliance: int, given: Given, today: date) -> None:
    offer = session.get(ReferralOffer, given.offer, with_for_update=True, populate_existing=True)
    if offer is None or offer.alliance_id != alliance:
        raise NotFound()
    check_free(offer.institution, given.receiver, offer.day, offer.capacity, offer.taken, today)
    session.execute(update(ReferralOffer).where(ReferralOffer.id == offer.id).values(taken=ReferralOffer.taken + 1))


def _keep(session: Session, alliance: int, made: Sequence[tuple[dict[str, Any], dict[str, Any]]]) -> dict[str, int]:
    """Add cases with what is sealed of them; the ids by number."""
    insert_many(session, Referral, [case for case, _sealed in made])
    first, last = made[0][0]["number"], made[-1][0]["number"]
    ids: dict[str, int] = {
        number: key
        for key, number in session.execute(
            select(REFERRAL.id, REFERRAL.number).where(
                REFERRAL.alliance_id == alliance, REFERRAL.number.between(first, last)
            )
        )
    }
    insert_many(session, ReferralContact, [{"referral_id": ids[case["number"]], **sealed} for case, sealed in made])
    return ids


def import_referral(
    alliance: int, sender: str, source: str, rows: Sequence[ImportRow], works: Works, *, by: Actor, now: datetime
) -> int:
    """Bring in the cases that a system of the sender delivers; how many were new or replaced.

    All or nothing. The same record in the same version changes nothing; a higher version replaces a case that nobody
    has answered yet. Refused: every row that is wrong.
    """
    with verb(by, alone_in=alliance) as session:
        found = referral_changes(alliance, sender, source, rows, now)
        if found.problems:
            raise Refused(
                "The file has %(count)s errors; nothing was changed.", count=len(found.problems),
                problems=found.problems,
            )  # fmt: skip
        maker = _maker(session, alliance, works, by, now)
        made = []
        for number, row in zip(_numbers(session, alliance, day_of(now).year, len(found.new)), found.new, strict=True):
            case, sealed = maker.row(number, sender, row.given, row.filed_at or now)
            case |= {"source": source, "record": row.record, "record_version": row.version}
            made.append((case, sealed))
        if made:
            _keep(session, alliance, made)
        for known, row in found.replaced:
            _replace(session, maker, known, sender, row)
        changed = len(found.new) + len(found.replaced)
        if changed:
            recent = select(REFERRAL.patient_key).where(
                REFERRAL.alliance_id == alliance, REFERRAL.sender == sender, REFERRAL.source == source,
                REFERRAL.state == FILED,
            )  # fmt: skip
            settle_pairs(session, alliance, REFERRAL.patient_key.in_(recent), works, by, now)
        record(
            session, Act.REGISTERS_REFERRAL_IMPORT, f"referrals:{sender}", by=by, now=now, alliance=alliance,
            count=changed, rows=len(rows),
        )  # fmt: skip
        return changed


def _replace(session: Session, maker: _Maker, known: tuple[int, str], sender: str, row: ImportRow) -> None:
    """A record that its system delivered anew, in the place of what it said before."""
    key, number = known
    case, sealed = maker.row(number, sender, row.given, row.filed_at or maker.now)
    kept = ("filed_by", "version", "source", "record", "offer_id", "pointless", "counts", "disputed_by")
    values = {name: value for name, value in case.items() if name not in kept}
    values |= {"record_version": row.version, "version": Referral.version + 1}
    session.execute(update(Referral).where(Referral.id == key).values(**values))
    session.execute(update(ReferralContact).where(ReferralContact.referral_id == key).values(**sealed))


def take_over_referrals(alliance: int, cases: Sequence[Past], works: Works, *, by: Actor, now: datetime) -> list[str]:
    """Take over the cases of an earlier register with all that happened to them, in the order of filing; their numbers.

    Refused: the first field that is wrong. No door leads here: of what is filed today both sides confirm their part.
    """
    with verb(by, alone_in=alliance) as session:
        maker = _maker(session, alliance, works, by, now)
        numbers: list[str] = []
        for year in sorted({day_of(one.filed_at).year for one in cases}):
            mine = [one for one in cases if day_of(one.filed_at).year == year]
            made = []
            for number, one in zip(_numbers(session, alliance, year, len(mine)), mine, strict=True):
                wrong = faults(one.given, day_of(one.filed_at))
                if wrong:
                    raise wrong[0].refused
                made.append(_lived(maker, number, one))
            ids = _keep(session, alliance, made)
            numbers += [case["number"] for case, _sealed in made]
            insert_many(session, ReferralTurn, [
                {"alliance_id": alliance, "referral_id": ids[case["number"]], "at": _confirmed(case), "counts": True}
                for case, _sealed in made if case["counts"]
            ])  # fmt: skip
        settle_pairs(session, alliance, REFERRAL.alliance_id == alliance, works, by, now)
        record(
            session, Act.REGISTERS_REFERRAL_IMPORT, "referrals:earlier", by=by, now=now, alliance=alliance,
            count=len(cases), rows=len(cases),
        )  # fmt: skip
        return numbers


def _confirmed(case: Mapping[str, Any]) -> datetime:
    """When the receiver is taken to have confirmed a case of an earlier register: a day after it was filed or seen."""
    waited = timedelta(days=max((case["seen_on"] - day_of(case["filed_at"])).days, 0) + 1)
    confirmed: datetime = case["filed_at"] + waited
    return confirmed


def _lived(maker: _Maker, number: str, one: Past) -> tuple[dict[str, Any], dict[str, Any]]:
    case, sealed = maker.row(number, one.sender, one.given, one.filed_at)
    due = answer_due(one.given.urgency, one.filed_at, maker.works)
    back = one.returned_at
    since = one.seen_on if case["direction"] == DOWN else day_of(back) if back else None
    case |= {
        "state": _state(one), "answer_due": due, "answered_at": one.answered_at,
        "answered_by": one.answered_by if one.answered_at else "", "filed_by": one.filed_by or maker.by.account,
        "seen_on": one.seen_on, "seen_month": f"{one.seen_on:%Y-%m}" if one.seen_on else "",
        "discharged_on": one.discharged_on, "returned_at": back, "followed_on": one.followed_on,
        "summary_due": summary_due(one.discharged_on, maker.works) if one.discharged_on else None,
        "follow_due": follow_due(since) if since else None, "reason": one.declined,
        "ended_at": one.closed_at or (one.answered_at if one.declined else None),
    }  # fmt: skip
    case["counts"] = counts(case["state"], False, False)
    due_at, side = next_due(
        case["state"], case["direction"], answer=due, summary=case["summary_due"], follow=case["follow_due"],
        followed=one.followed_on is not None,
    )  # fmt: skip
    case |= {"due_at": due_at, "due_by": (one.given.receiver if side == RECEIVER else one.sender) if side else ""}
    if one.summary:
        sealed["summary"] = maker.keys.encrypt(one.summary, SUMMARY, row_of(maker.alliance, number))
    return case, sealed


def _state(one: Past) -> str:
    """The state in which a case of an earlier register is."""
    if one.declined:
        return DECLINED
    if one.closed_at:
        return CLOSED
    if one.returned_at:
        return RETURNED
    if one.seen_on:
        return SEEN
    return "accepted" if one.answered_at else FILED
