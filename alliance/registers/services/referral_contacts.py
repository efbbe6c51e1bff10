"""The verbs on what names patients: erased when its time is over, encrypted anew under the newest key."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from alliance.audit.services import SYSTEM, record, verb
from alliance.cipher import Keyring, keyring
from alliance.core.actor import Actor
from alliance.core.acts import Act
from alliance.registers.models import Pepper, Referral, ReferralContact, ReferralFile, ReferralMessage
from alliance.registers.queries.referrals import ATTACHED, CONTACT, MESSAGE, PEPPER, PURPOSE, SUMMARY, row_of
from alliance.registers.rules.referrals import KEPT_DAYS, KEY_YEARS


def erase_referral_contacts(*, now: datetime, by: Actor = SYSTEM) -> int:
    """Erase what names the patients of cases that ended thirty days ago, with reasons, summaries, messages and the keys
    of their files, and after three years the patients' own; of how many cases. By the worker, once a day."""
    with verb(by) as session:
        over = select(Referral.id).where(Referral.ended_at <= now - timedelta(days=KEPT_DAYS))
        counts: dict[int, int] = dict(
            session.execute(
                select(Referral.alliance_id, func.count())
                .join(ReferralContact, ReferralContact.referral_id == Referral.id)
                .where(Referral.id.in_(over))
                .group_by(Referral.alliance_id)
            ).all()
        )
        session.execute(delete(ReferralContact).where(ReferralContact.referral_id.in_(over)))
        written = select(ReferralMessage.id).where(ReferralMessage.referral_id.in_(over))
        session.execute(delete(ReferralFile).where(ReferralFile.message_id.in_(written)))
        session.execute(
            update(ReferralMessage)
            .where(ReferralMessage.referral_id.in_(over), ReferralMessage.text != "")
            .values(text="")
            .execution_options(synchronize_session=False)
        )
        session.execute(
            update(Referral)
            .where(Referral.ended_at <= now - timedelta(days=365 * KEY_YEARS), Referral.patient_key != "")
            .values(patient_key="")
            .execution_options(synchronize_session=False)
        )
        for alliance, count in sorted(counts.items()):
            record(
                session,
                Act.REGISTERS_CONTACT_ERASE,
                "referrals:contacts",
                by=by,
                now=now,
                alliance=alliance,
                count=count,
            )
        return sum(counts.values())


def renew_keys(*, by: Actor, now: datetime) -> int:
    """Encrypt anew what names patients and is not under the newest key of the deployment; how much was.

    The keys of patients stay what they are: what they are made with is only encrypted anew. Unreadable, and nothing
    changed, when something cannot be read.
    """
    keys = keyring()
    with verb(by) as session:
        count = _renew_peppers(session, keys) + _renew_contacts(session, keys) + _renew_messages(session, keys)
        count += _renew_files(session, keys)
        if count:
            record(session, Act.REGISTERS_KEYS_RENEW, "keys:patients", by=by, now=now, alliance=None, count=count)
        return count


def _anew(keys: Keyring, kept: str, purpose: str, row: str) -> str:
    if not kept or kept.startswith(f"{keys.newest}."):
        return kept
    return keys.encrypt(keys.decrypt(kept, purpose, row), purpose, row)


def _renew_peppers(session: Session, keys: Keyring) -> int:
    rows = session.scalars(select(Pepper).where(~Pepper.sealed.startswith(f"{keys.newest}."))).all()
    for row in rows:
        row.sealed = _anew(keys, row.sealed, PEPPER, str(row.alliance_id))
    return len(rows)


def _renew_contacts(session: Session, keys: Keyring) -> int:
    rows = session.execute(
        select(ReferralContact, Referral.alliance_id, Referral.number)
        .join(Referral, Referral.id == ReferralContact.referral_id)
        .where(~ReferralContact.contact.startswith(f"{keys.newest}."))
    ).all()
    for row, alliance, number in rows:
        bound = row_of(alliance, number)
        row.contact = _anew(keys, row.contact, CONTACT, bound)
        row.purpose = _anew(keys, row.purpose, PURPOSE, bound)
        row.summary = _anew(keys, row.summary, SUMMARY, bound)
    return len(rows)


def _renew_messages(session: Session, keys: Keyring) -> int:
    rows = session.execute(
        select(ReferralMessage, Referral.alliance_id, Referral.number)
        .join(Referral, Referral.id == ReferralMessage.referral_id)
        .where(ReferralMessage.text != "", ~ReferralMessage.text.startswith(f"{keys.newest}."))
    ).all()
    for row, alliance, number in rows:
        row.text = _anew(keys, row.text, MESSAGE, f"{row_of(alliance, number)}/{row.id}")
    return len(rows)


def _renew_files(session: Session, keys: Keyring) -> int:
    rows = session.execute(
        select(ReferralFile, Referral.alliance_id, Referral.number)
        .join(ReferralMessage, ReferralMessage.id == ReferralFile.message_id)
        .join(Referral, Referral.id == ReferralMessage.referral_id)
        .where(~ReferralFile.sealed.startswith(f"{keys.newest}."))
    ).all()
    for row, alliance, number in rows:
        row.sealed = _anew(keys, row.sealed, ATTACHED, row_of(alliance, number))
    return len(rows)
