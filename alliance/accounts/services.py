"""The verbs of people: create accounts, give grants, open and close sessions, seat bodies, record decisions."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from alliance.accounts.models import Account, Body, Decision, GrantRow, Person, Seat, SessionRow, Vote
from alliance.accounts.queries import concerned_by, secret_hash
from alliance.accounts.rules import FAILURES, LOCKED, check_password, count_votes
from alliance.audit.services import record, verb
from alliance.core.actor import Actor
from alliance.core.acts import Act
from alliance.core.period import day_of
from alliance.core.refused import Refused
from alliance.core.roles import ROLES
from alliance.db import transaction

hasher = PasswordHasher()  # argon2id with the library's current defaults
NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHRzb21lc2FsdA$" + "A" * 43


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer to a sign-in: the session's secret, or "" and until when the account is locked."""

    secret: str = ""
    locked_until: datetime | None = None


def create_account(
    code: str, password: str, name_zh: str, name_en: str, employer: str, *, by: Actor, now: datetime, hashed: str = ""
) -> None:
    """Create a person with an account. `hashed` is a ready hash, where many accounts share a demo password."""
    check_password(password, code)
    with verb(by) as session:
        if session.scalar(select(Account.id).where(Account.code == code)):
            raise Refused("The account %(code)s exists already.", code=code)
        person = Person(name_zh=name_zh, name_en=name_en, employer=employer)
        session.add(person)
        session.flush()
        session.add(
            Account(code=code, person_id=person.id, password=hashed or hasher.hash(password), language="", failures=0)
        )
        record(session, Act.ACCOUNTS_ACCOUNT_CREATE, f"account:{code}", by=by, now=now, alliance=None)


def give_grant(
    account: str,
    role: str,
    alliance: int,
    institution: str,
    start: date,
    until: date | None,
    *,
    by: Actor,
    now: datetime,
) -> None:
    """Give an account a role for an alliance, or for one institution of it."""
    if role not in ROLES:
        raise Refused("There is no role %(role)s.", role=role)
    with verb(by) as session:
        found = session.scalar(select(Account.id).where(Account.code == account))
        if found is None:
            raise Refused("There is no account %(code)s.", code=account)
        session.add(
            GrantRow(
                account_id=found,
                role=role,
                alliance_id=alliance,
                institution=institution,
                start=start,
                until=until,
                given_by=by.account,
                given_at=now,
            )
        )
        record(
            session,
            Act.ACCOUNTS_GRANT_GIVE,
            f"account:{account}",
            by=by,
            now=now,
            alliance=alliance,
            role=role,
            institution=institution,
        )


def open_session(code: str, password: str, *, now: datetime) -> Verdict:
    """Check a password and open a session. A verdict, not a refusal: the count of failures must be kept."""
    with transaction() as session:
        account = session.scalars(select(Account).where(Account.code == code).with_for_update()).first()
        if account is None:
            _matches(NOBODY, password)  # an unknown account takes as long as a wrong password
            return Verdict()
        by = Actor(code)
        if account.locked_until and account.locked_until > now:
            return Verdict(locked_until=account.locked_until)
        if not _matches(account.password, password):
            account.failures += 1
            if account.failures >= FAILURES:
                account.locked_until, account.failures = now + LOCKED, 0
            record(
                session, Act.ACCOUNTS_SESSION_OPEN, f"account:{code}", by=by, now=now, alliance=None, refused="password"
            )
            return Verdict(
                locked_until=account.locked_until if account.locked_until and account.locked_until > now else None
            )
        account.failures, account.locked_until = 0, None
        secret = secrets.token_urlsafe(32)
        session.add(SessionRow(secret=secret_hash(secret), account_id=account.id, opened=now, seen=now))
        record(session, Act.ACCOUNTS_SESSION_OPEN, f"account:{code}", by=by, now=now, alliance=None)
        return Verdict(secret)


def _matches(hashed: str, password: str) -> bool:
    try:
        return hasher.verify(hashed, password)
    except (VerificationError, InvalidHashError):
        return False


def touch_session(secret: str, *, now: datetime) -> None:
    """Note that a session is in use."""
    with transaction() as session:
        row = session.get(SessionRow, secret_hash(secret))
        if row:
            row.seen = now


def close_session(secret: str, *, by: Actor, now: datetime) -> None:
    """End a session; ending it twice is no fault."""
    with verb(by) as session:
        row = session.get(SessionRow, secret_hash(secret))
        if row and row.closed is None:
            row.closed = now
            record(session, Act.ACCOUNTS_SESSION_CLOSE, f"account:{by.account}", by=by, now=now, alliance=None)


def choose_language(account: str, language: str, *, by: Actor, now: datetime) -> None:
    """Remember a person's language."""
    with verb(by) as session:
        row = session.scalars(select(Account).where(Account.code == account)).one()
        row.language = language
        record(
            session,
            Act.ACCOUNTS_LANGUAGE_CHOOSE,
            f"account:{account}",
            by=by,
            now=now,
            alliance=None,
            language=language,
        )


def seat_body(
    alliance: int,
    code: str,
    name_zh: str,
    name_en: str,
    quorum: int,
    seats: Sequence[tuple[str, str]],
    start: date,
    *,
    by: Actor,
    now: datetime,
) -> None:
    """Constitute a body: seats as (account, institution it comes from), numbered from 1."""
    with verb(by) as session:
        if session.scalar(select(Body.id).where(Body.alliance_id == alliance, Body.code == code)):
            raise Refused("The body %(code)s exists already.", code=code)
        body = Body(alliance_id=alliance, code=code, name_zh=name_zh, name_en=name_en, quorum=quorum)
        session.add(body)
        session.flush()
        for number, (account, institution) in enumerate(seats, 1):
            person = session.scalars(select(Account.person_id).where(Account.code == account)).one()
            session.add(Seat(body_id=body.id, number=number, person_id=person, institution=institution, start=start))
        record(session, Act.ACCOUNTS_BODY_SEAT, f"body:{code}", by=by, now=now, alliance=alliance, seats=len(seats))


def record_decision(
    alliance: int,
    body: str,
    number: str,
    held_on: date,
    subject: str,
    text: str,
    document: str,
    choices: Mapping[int, str],
    *,
    by: Actor,
    now: datetime,
) -> bool:
    """Record a decision of a body on a subject; whether it was adopted.

    `choices` are the votes by seat number; seats of the institution that the subject concerns are recused. NotFound: a
    subject that does not exist. Refused: a number that is taken, a date in the future, an incomplete vote.
    """
    if held_on > day_of(now):
        raise Refused("The meeting lies in the future: %(day)s.", day=held_on)
    with verb(by, alone_in=alliance) as session:
        row = session.scalars(
            select(Body).where(Body.alliance_id == alliance, Body.code == body).with_for_update()
        ).first()
        if row is None:
            raise Refused("There is no body %(code)s.", code=body)
        if session.scalar(select(Decision.id).where(Decision.alliance_id == alliance, Decision.number == number)):
            raise Refused("The decision number %(number)s is taken.", number=number)
        seats, concerned = _seats(session, row.id, held_on), concerned_by(alliance, subject)
        count = count_votes(choices, {seat.number: seat.institution for seat in seats}, concerned, row.quorum)
        decision = Decision(
            alliance_id=alliance,
            number=number,
            body_id=row.id,
            held_on=held_on,
            subject=subject,
            text=text,
            document=document,
            adopted=count.adopted,
            recorded_by=by.account,
            recorded_at=now,
        )
        session.add(decision)
        session.flush()
        session.add_all(Vote(decision_id=decision.id, seat_id=seat.id, choice=choices[seat.number]) for seat in seats)
        record(
            session,
            Act.ACCOUNTS_DECISION_RECORD,
            subject,
            by=by,
            now=now,
            alliance=alliance,
            number=number,
            adopted=count.adopted,
            votes_for=count.votes_for,
            votes_against=count.votes_against,
        )
        return count.adopted


def _seats(session: Session, body: int, on: date) -> list[Seat]:
    rows = select(Seat).where(Seat.body_id == body, Seat.start <= on).where((Seat.until.is_(None)) | (Seat.until > on))
    return list(session.scalars(rows.order_by(Seat.number)))
