"""The questions about referrals: lists, one case, what its sides may read, messages, offers, what waits."""

from __future__ import annotations

from base64 import b64decode
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import ColumnElement, and_, func, not_, or_, select, union_all

from alliance.cipher import PREFIX, Keyring, Unreadable, keyring
from alliance.core.money import yuan
from alliance.core.roles import Scope
from alliance.db import db, remembered, table_of
from alliance.registers.models import (
    Pepper,
    Referral,
    ReferralContact,
    ReferralFee,
    ReferralFile,
    ReferralMessage,
    ReferralOffer,
)
from alliance.registers.rules.people import Contact
from alliance.registers.rules.referrals import FILED, RETURNED

CONTACT, PURPOSE, SUMMARY = "referral.contact", "referral.purpose", "referral.summary"
MESSAGE, PEPPER, ATTACHED = "referral.message", "patient.pepper", "referral.attached"


@dataclass(frozen=True, slots=True)
class ReferralInfo:
    """A case, without anything that names the patient."""

    id: int
    number: str
    sender: str
    receiver: str
    direction: str
    specialty: str
    diagnosis: str
    system: str
    system_version: str
    urgency: str
    birth_year: int
    sex: str
    state: str
    version: int
    filed_at: datetime
    filed_by: str
    answer_due: datetime
    answered_at: datetime | None
    answered_by: str
    seen_on: date | None
    seen_month: str
    discharged_on: date | None
    summary_due: datetime | None
    returned_at: datetime | None
    follow_due: datetime | None
    followed_on: date | None
    ended_at: datetime | None
    reason: str
    due_at: datetime | None
    due_by: str
    disputed_by: str
    pointless: bool
    counts: bool
    offer_id: int | None
    source: str
    record: str


REFERRAL = table_of(Referral).c
COLUMNS = [REFERRAL[one.name] for one in fields(ReferralInfo)]

# In which way a case waits that has a deadline: the same as `waiting` counts.
_OF_SUMMARY = and_(REFERRAL.summary_due.is_not(None), REFERRAL.due_at == REFERRAL.summary_due)
WAITS: Mapping[str, ColumnElement[bool]] = {
    "answer": REFERRAL.state == FILED,
    "summary": and_(REFERRAL.state.not_in((FILED, RETURNED)), _OF_SUMMARY),
    "follow_up": or_(REFERRAL.state == RETURNED, and_(REFERRAL.state != FILED, not_(_OF_SUMMARY))),
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list of referrals is narrowed to; "" and None for all."""

    state: str = ""
    direction: str = ""
    sender: str = ""
    receiver: str = ""
    specialty: str = ""
    month: str = ""
    pointless: bool = False
    counted: bool = False
    overdue: datetime | None = None  # what is overdue at this moment
    waits: str = ""  # answer, summary or follow_up: what waits in this way
    owed_by: frozenset[str] = frozenset()  # and at these institutions; at any when none is named
    number: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """What only the two sides read of a case: the patient's contact, why the patient was sent, the summary."""

    contact: Contact
    purpose: str
    summary: str


@dataclass(frozen=True, slots=True)
class AttachedInfo:
    """A file of a message, with the key of its bytes."""

    id: int
    institution: str
    added_at: datetime
    name: str
    media: str
    size: int
    sha256: str
    key: str = field(repr=False)

    @property
    def kilobytes(self) -> int:
        return -(-self.size // 1024)


@dataclass(frozen=True, slots=True)
class MessageInfo:
    """A message on a case with its files; its text is None when it was erased."""

    institution: str
    kind: str
    text: str | None
    recorded_by: str
    recorded_at: datetime
    files: Sequence[AttachedInfo] = ()


@dataclass(frozen=True, slots=True)
class OfferInfo:
    """Slots or beds of a day."""

    id: int
    institution: str
    specialty: str
    kind: str
    day: date
    capacity: int
    taken: int

    @property
    def free(self) -> int:
        return self.capacity - self.taken


def _reach(scope: Scope) -> list[ColumnElement[bool]]:
    """The cases that a reader may know of: all, or those of the own institutions."""
    mine = [REFERRAL.alliance_id == scope.alliance_id]
    if scope.institutions is not None:
        codes = sorted(scope.institutions)
        mine.append(or_(REFERRAL.sender.in_(codes), REFERRAL.receiver.in_(codes)))
    return mine


def _narrowed(wanted: Wanted) -> list[ColumnElement[bool]]:
    columns = {"state": "state", "direction": "direction", "sender": "sender", "receiver": "receiver",
               "specialty": "specialty", "month": "seen_month", "number": "number"}  # fmt: skip
    found = [REFERRAL[column] == getattr(wanted, name) for name, column in columns.items() if getattr(wanted, name)]
    if wanted.pointless:
        found.append(REFERRAL.pointless.is_(True))
    if wanted.counted:
        found.append(REFERRAL.counts.is_(True))
    if wanted.overdue:
        found.append(REFERRAL.due_at <= wanted.overdue)
    if wanted.waits in WAITS:
        found += [REFERRAL.due_at.is_not(None), WAITS[wanted.waits]]
        found += [REFERRAL.due_by.in_(sorted(wanted.owed_by))] if wanted.owed_by else []
    return found


def referrals(scope: Scope, wanted: Wanted, page: int, size: int) -> tuple[list[ReferralInfo], int]:
    """A page of the cases in reach, newest first, and how many there are in all."""
    parts = [[*part, *_narrowed(wanted)] for part in _parts(scope)]
    count = select(func.count()).select_from(table_of(Referral))
    total = sum(db.session.scalar(count.where(*part)) or 0 for part in parts)
    # Each side is asked in the order of its own index; together they would be sorted as a whole.
    first = [
        select(REFERRAL.id).where(*part).order_by(REFERRAL.id.desc()).limit(page * size).subquery() for part in parts
    ]
    ids = union_all(*(select(part.c.id) for part in first))
    rows = select(*COLUMNS).where(REFERRAL.id.in_(ids)) if len(parts) > 1 else select(*COLUMNS).where(*parts[0])
    rows = rows.order_by(REFERRAL.id.desc()).limit(size).offset((page - 1) * size)
    return [ReferralInfo(*row) for row in db.session.execute(rows)], total


def _parts(scope: Scope) -> list[list[ColumnElement[bool]]]:
    """The reach of a reader in parts that have no case in common: all, or what the own institutions sent and what they
    received from others."""
    mine = [REFERRAL.alliance_id == scope.alliance_id]
    if scope.institutions is None:
        return [mine]
    codes = sorted(scope.institutions)
    return [
        [*mine, REFERRAL.sender.in_(codes)],
        [*mine, REFERRAL.receiver.in_(codes), REFERRAL.sender.not_in(codes)],
    ]  # fmt: skip


def referral(scope: Scope, number: str) -> ReferralInfo | None:
    """A case in reach; None for any other."""
    row = db.session.execute(select(*COLUMNS).where(*_reach(scope), REFERRAL.number == number)).first()
    return ReferralInfo(*row) if row else None


LATE = 200  # referrals of an institution that tell what it refers of late


def usual_diagnoses(alliance: int, sender: str, limit: int) -> list[tuple[str, str]]:
    """What an institution refers of late, as code system and code, the most frequent first."""
    rows = select(REFERRAL.system, REFERRAL.diagnosis).where(
        REFERRAL.alliance_id == alliance, REFERRAL.sender == sender
    )  # fmt: skip
    found = Counter(
        (row.system, row.diagnosis) for row in db.session.execute(rows.order_by(REFERRAL.id.desc()).limit(LATE))
    )
    return [place for place, _count in sorted(found.items(), key=lambda one: (-one[1], one[0]))[:limit]]


def row_of(alliance: int, number: str) -> str:
    """What the sealed texts of a case are bound to."""
    return f"{alliance}/{number}"


def told(alliance: int, one: ReferralInfo) -> Told | None:
    """What names the patient; None when it was erased. Who may read it is asked before. Unreadable."""
    kept = db.session.get(ReferralContact, one.id)
    if kept is None:
        return None
    keys, row = keyring(), row_of(alliance, one.number)
    summary = keys.decrypt(kept.summary, SUMMARY, row) if kept.summary else ""
    purpose = keys.decrypt(kept.purpose, PURPOSE, row) if kept.purpose else ""
    return Told(Contact(*keys.decrypt(kept.contact, CONTACT, row).split("\n")), purpose, summary)


def messages(alliance: int, one: ReferralInfo) -> list[MessageInfo]:
    """The messages on a case in their order. Who may read them is asked before. Unreadable."""
    keys, files = keyring(), _files(alliance, one)
    rows = select(ReferralMessage).where(ReferralMessage.referral_id == one.id).order_by(ReferralMessage.id)
    return [
        MessageInfo(
            row.institution, row.kind,
            keys.decrypt(row.text, MESSAGE, f"{row_of(alliance, one.number)}/{row.id}") if row.text else None,
            row.recorded_by, row.recorded_at, files.get(row.id, []),
        )
        for row in db.session.scalars(rows)
    ]  # fmt: skip


def _files(alliance: int, one: ReferralInfo) -> dict[int, list[AttachedInfo]]:
    """The files of a case by their message. Unreadable."""
    keys, row, found = keyring(), row_of(alliance, one.number), dict[int, list[AttachedInfo]]()
    rows = (
        select(ReferralFile, ReferralMessage.institution, ReferralMessage.recorded_at)
        .join(ReferralMessage, ReferralMessage.id == ReferralFile.message_id)
        .where(ReferralMessage.referral_id == one.id)
        .order_by(ReferralFile.id)
    )
    for file, institution, added_at in db.session.execute(rows):
        key, _newline, name = keys.decrypt(file.sealed, ATTACHED, row).partition("\n")
        found.setdefault(file.message_id, []).append(
            AttachedInfo(file.id, institution, added_at, name, file.media, file.size, file.sha256, key)
        )
    return found


def attached_files(alliance: int, one: ReferralInfo) -> list[AttachedInfo]:
    """The files of a case's dispute in their order. Who may read them is asked before. Unreadable."""
    return [file for files in _files(alliance, one).values() for file in files]


def opened_bytes(alliance: int, one: ReferralInfo, file: AttachedInfo, kept: bytes) -> bytes:
    """What was attached, of the bytes that are kept. Unreadable."""
    row = row_of(alliance, one.number)
    return b64decode(Keyring([file.key]).decrypt(kept.decode("ascii", "replace"), ATTACHED, row))


def kept_files() -> set[str]:
    """Every file that some message has."""
    return set(db.session.scalars(select(ReferralFile.sha256)))


def fees(one: ReferralInfo) -> dict[str, Decimal]:
    """What the treatment of a case cost by class, in yuan."""
    rows = db.session.scalars(select(ReferralFee).where(ReferralFee.referral_id == one.id).order_by(ReferralFee.kind))
    return {row.kind: yuan(row.cents) for row in rows}


def offers(alliance: int, first: date, last: date, institution: str = "") -> list[OfferInfo]:
    """What is offered on some days, by day, institution and specialty; of one institution, when it is named."""
    offer = table_of(ReferralOffer).c
    rows = select(*(offer[one.name] for one in fields(OfferInfo))).where(
        offer.alliance_id == alliance, offer.day.between(first, last)
    )
    rows = rows.where(offer.institution == institution) if institution else rows
    rows = rows.order_by(offer.day, offer.institution, offer.specialty, offer.kind)
    return [OfferInfo(*row) for row in db.session.execute(rows)]


def offer_of(alliance: int, number: int) -> OfferInfo | None:
    row = db.session.get(ReferralOffer, number)
    if row is None or row.alliance_id != alliance:
        return None
    return OfferInfo(row.id, row.institution, row.specialty, row.kind, row.day, row.capacity, row.taken)


@dataclass(frozen=True, slots=True)
class Waiting:
    """Cases of an institution that wait in one way: answer, summary or follow_up; how many, how many of them are
    overdue, and until when the first is due."""

    institution: str
    what: str
    count: int
    overdue: int
    due: datetime


@remembered
def waiting(alliance: int, institutions: frozenset[str], now: datetime) -> list[Waiting]:
    """What waits at institutions at a moment, by kind."""
    if not institutions:
        return []
    rows = select(REFERRAL.due_by, REFERRAL.state, REFERRAL.summary_due, REFERRAL.due_at).where(
        REFERRAL.alliance_id == alliance, REFERRAL.due_at.is_not(None), REFERRAL.due_by.in_(sorted(institutions))
    )
    found: dict[tuple[str, str], list[datetime]] = {}
    for institution, state, summary_at, due in db.session.execute(rows):
        what = "answer" if state == FILED else "follow_up" if state == RETURNED or due != summary_at else "summary"
        found.setdefault((institution, what), []).append(due)
    return [
        Waiting(code, what, len(dues), sum(due <= now for due in dues), min(dues))
        for (code, what), dues in sorted(found.items())
    ]


def foreign_keys() -> dict[str, int]:
    """Under which keys that the deployment does not have data of patients are encrypted, and how many."""
    found = Counter[str]()
    for column in (Pepper.sealed, ReferralContact.contact, ReferralMessage.text, ReferralFile.sealed):
        prefix = func.substr(column, 1, PREFIX)
        found.update(dict(db.session.execute(select(prefix, func.count()).where(column != "").group_by(prefix)).all()))
    return {name: count for name, count in sorted(found.items()) if not keyring().knows(name)}


def unreadable_keys() -> list[str]:
    """The cases whose contact data cannot be read, each tried, and the alliances whose keys of patients cannot."""
    keys, lost = keyring(), list[str]()
    for alliance, sealed in db.session.execute(select(Pepper.alliance_id, Pepper.sealed)):
        lost += [] if _reads(keys, sealed, PEPPER, str(alliance)) else [f"patients:{alliance}"]
    rows = select(REFERRAL.alliance_id, REFERRAL.number, ReferralContact.contact)
    joined = rows.join(ReferralContact, ReferralContact.referral_id == REFERRAL.id)
    for alliance, number, kept in db.session.execute(joined):
        lost += [] if _reads(keys, kept, CONTACT, row_of(alliance, number)) else [f"referral:{number}"]
    return sorted(lost)


def _reads(keys: Keyring, kept: str, purpose: str, row: str) -> bool:
    try:
        keys.decrypt(kept, purpose, row)
    except Unreadable:
        return False
    return True


def pepper(alliance: int) -> bytes | None:
    """What the keys of patients are made with; None while nothing was filed. Unreadable."""
    row = db.session.get(Pepper, alliance)
    return bytes.fromhex(keyring().decrypt(row.sealed, PEPPER, str(alliance))) if row else None
