"""The verbs that lead a referral from one state to the next, each by one of its two sides."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from alliance.audit.services import verb
from alliance.cipher import keyring
from alliance.core.actor import Actor
from alliance.core.acts import Act
from alliance.core.period import day_of
from alliance.core.refused import Refused, mark
from alliance.core.workdays import Works
from alliance.registers.models import Referral, ReferralContact, ReferralFee
from alliance.registers.queries.referrals import CONTACT, REFERRAL, SUMMARY, row_of
from alliance.registers.rules.people import Contact, check_silent
from alliance.registers.rules.referrals import (
    DOWN,
    TEXT,
    check_day,
    check_fees,
    check_line,
    check_step,
    follow_due,
    side_of,
    summary_due,
)
from alliance.registers.services.referral_keeping import finish, give_back, load, settle_pairs

CHANGED = mark("Somebody changed this referral while you looked at it. See how it stands now.")


def _step(session: Session, alliance: int, number: str, institution: str, version: int, name: str) -> Referral:
    """The case of a step, its state changed; NotFound, Refused: not this side, not out of this state, an older
    version."""
    row = load(session, alliance, number)
    side = side_of(row.sender, row.receiver, institution)
    row.state = check_step(name, row.state, row.direction, side)
    if version != row.version:
        raise Refused(CHANGED)
    return row


def silent(session: Session, row: Referral, text: str) -> str:
    """A reason, which stays when the contact data are erased: it must not name the patient."""
    line = check_line(text)
    check_silent(line, contact_of(session, row))
    return line


def contact_of(session: Session, row: Referral) -> Contact | None:
    """The contact of a case's patient, inside a verb; None when it was erased. Unreadable."""
    kept = session.get(ReferralContact, row.id)
    if kept is None:
        return None
    return Contact(*keyring().decrypt(kept.contact, CONTACT, row_of(row.alliance_id, row.number)).split("\n"))


def accept_referral(alliance: int, number: str, institution: str, version: int, *, by: Actor, now: datetime) -> None:
    """The receiver takes the patient. Of two who accept at once the second is told."""
    with verb(by) as session:
        accept(session, _step(session, alliance, number, institution, version, "accept"), by, now)


def accept(session: Session, row: Referral, by: Actor, now: datetime) -> None:
    """What accepting does to a case whose state was changed."""
    row.answered_at, row.answered_by = now, by.account
    finish(session, row, Act.REGISTERS_REFERRAL_ACCEPT, by, now)


def decline_referral(
    alliance: int, number: str, institution: str, version: int, reason: str, works: Works, *, by: Actor, now: datetime
) -> None:
    """The receiver does not take the patient, and says why."""
    with verb(by) as session:
        decline(
            session, _step(session, alliance, number, institution, version, "decline"), reason, works, by, now
        )  # fmt: skip


def decline(session: Session, row: Referral, reason: str, works: Works, by: Actor, now: datetime) -> None:
    """What declining does to a case whose state was changed; Refused: a reason that names the patient."""
    row.answered_at, row.answered_by = now, by.account
    end(session, row, reason, Act.REGISTERS_REFERRAL_DECLINE, works, by, now)


def cancel_referral(
    alliance: int, number: str, institution: str, version: int, reason: str, works: Works, *, by: Actor, now: datetime
) -> None:
    """The sender takes a case back before anybody accepted it."""
    with verb(by) as session:
        row = _step(session, alliance, number, institution, version, "cancel")
        end(session, row, reason, Act.REGISTERS_REFERRAL_CANCEL, works, by, now)


def miss_referral(
    alliance: int, number: str, institution: str, version: int, reason: str, works: Works, *, by: Actor, now: datetime
) -> None:
    """The receiver says that an accepted patient did not come."""
    with verb(by) as session:
        row = _step(session, alliance, number, institution, version, "miss")
        end(session, row, reason, Act.REGISTERS_REFERRAL_MISS, works, by, now)


def end(session: Session, row: Referral, reason: str, act: Act, works: Works, by: Actor, now: datetime) -> None:
    """A case whose patient did not move."""
    row.reason, row.ended_at = silent(session, row, reason), now
    give_back(session, row)
    finish(session, row, act, by, now)
    if row.pointless:
        settle_pairs(session, row.alliance_id, REFERRAL.patient_key == row.patient_key, works, by, now)


def see_referral(
    alliance: int, number: str, institution: str, version: int, day: date, works: Works, *, by: Actor, now: datetime
) -> None:
    """The receiver confirms that the patient was seen; the case counts for the month of this day."""
    with verb(by, alone_in=alliance) as session:
        row = _step(session, alliance, number, institution, version, "see")
        check_day(day, day_of(row.filed_at), day_of(now))
        seen(session, row, day, by, now)
        if row.patient_key:
            settle_pairs(session, alliance, REFERRAL.patient_key == row.patient_key, works, by, now)


def seen(session: Session, row: Referral, day: date, by: Actor, now: datetime) -> None:
    """What seeing the patient does to a case whose state was changed and whose day was checked; the pairs of the
    patient are settled after it."""
    row.seen_on, row.seen_month = day, f"{day:%Y-%m}"
    row.follow_due = follow_due(day) if row.direction == DOWN else None
    finish(session, row, Act.REGISTERS_REFERRAL_SEE, by, now)


def discharge_referral(
    alliance: int, number: str, institution: str, version: int, day: date, works: Works, *, by: Actor, now: datetime
) -> None:
    """The receiver discharges the patient; the summary is due from this day."""
    with verb(by) as session:
        row = _step(session, alliance, number, institution, version, "discharge")
        _discharge(row, day, works, now)
        finish(session, row, Act.REGISTERS_REFERRAL_DISCHARGE, by, now)


def _discharge(row: Referral, day: date, works: Works, now: datetime) -> None:
    assert row.seen_on is not None
    check_day(day, row.seen_on, day_of(now))
    row.discharged_on, row.summary_due = day, summary_due(day, works)


def return_referral(
    alliance: int, number: str, institution: str, version: int, day: date, summary: str, works: Works, *, by: Actor,
    now: datetime,
) -> None:  # fmt: skip
    """The receiver returns the patient, discharged on a day, with a summary for the follow-up."""
    with verb(by) as session:
        row = _step(session, alliance, number, institution, version, "return")
        text = summary.strip()
        if not text:
            raise Refused("Write the summary for the follow-up.")
        if len(text) > TEXT:
            raise Refused("The text is longer than %(most)s characters.", most=TEXT)
        _discharge(row, day, works, now)
        row.returned_at = now
        if row.direction != DOWN:
            row.follow_due = follow_due(day_of(now))
        sealed = keyring().encrypt(text, SUMMARY, row_of(alliance, number))
        session.execute(
            update(ReferralContact).where(ReferralContact.referral_id == row.id).values(summary=sealed)
        )  # fmt: skip
        finish(session, row, Act.REGISTERS_REFERRAL_RETURN, by, now)


def follow_referral(
    alliance: int, number: str, institution: str, version: int, day: date, *, by: Actor, now: datetime
) -> None:
    """The side that sees the patient again records its first follow-up."""
    with verb(by) as session:
        row = _step(session, alliance, number, institution, version, "follow")
        if row.followed_on:
            raise Refused("The first follow-up is recorded already, on %(day)s.", day=row.followed_on)
        first = row.seen_on if row.direction == DOWN else row.discharged_on
        check_day(day, first or day_of(row.filed_at), day_of(now))
        row.followed_on = day
        finish(session, row, Act.REGISTERS_REFERRAL_FOLLOW, by, now)


def close_referral(
    alliance: int, number: str, institution: str, version: int, reason: str, *, by: Actor, now: datetime
) -> None:
    """The sender closes a case; without a follow-up it says why there is none. From now on the contact data are kept
    for thirty days."""
    with verb(by) as session:
        row = _step(session, alliance, number, institution, version, "close")
        if reason.strip() or row.followed_on is None:
            row.reason = silent(session, row, reason)
        row.ended_at = now
        finish(session, row, Act.REGISTERS_REFERRAL_CLOSE, by, now)


def charge_referral(
    alliance: int, number: str, institution: str, version: int, fees: Mapping[str, int], *, by: Actor, now: datetime
) -> None:
    """The receiver records what the treatment cost, by class and in cents; what was recorded before is replaced."""
    check_fees(fees)
    with verb(by) as session:
        row = _step(session, alliance, number, institution, version, "charge")
        session.execute(delete(ReferralFee).where(ReferralFee.referral_id == row.id))
        session.add_all(
            ReferralFee(referral_id=row.id, kind=kind, cents=cents) for kind, cents in fees.items() if cents
        )
        finish(session, row, Act.REGISTERS_REFERRAL_CHARGE, by, now)
