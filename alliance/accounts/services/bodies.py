"""The verbs of bodies: found them, seat them by dates, record their decisions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from alliance.accounts.models import Account, Body, Decision, Seat, Vote
from alliance.accounts.queries import concerned_by, lives_here
from alliance.accounts.rules import count_votes
from alliance.audit.services import record, verb
from alliance.core.actor import Actor
from alliance.core.acts import Act
from alliance.core.period import day_of
from alliance.core.refused import NotFound, Refused


def found_body(alliance: int, code: str, name_zh: str, name_en: str, quorum: int, *, by: Actor, now: datetime) -> None:
    """Constitute a body without seats yet. Refused: a code that is taken, a quorum that is no percentage."""
    if not 1 <= quorum <= 100:
        raise Refused("A quorum is a whole number of percent from 1 to 100.")
    with verb(by) as session:
        _add_body(session, alliance, code, name_zh, name_en, quorum)
        record(session, Act.ACCOUNTS_BODY_FOUND, f"body:{code}", by=by, now=now, alliance=alliance, quorum=quorum)


def _add_body(session: Session, alliance: int, code: str, name_zh: str, name_en: str, quorum: int) -> Body:
    if session.scalar(select(Body.id).where(Body.alliance_id == alliance, Body.code == code)):
        raise Refused("The body %(code)s exists already.", code=code)
    body = Body(alliance_id=alliance, code=code, name_zh=name_zh, name_en=name_en, quorum=quorum)
    session.add(body)
    session.flush()
    return body


def _body(session: Session, alliance: int, code: str) -> Body:
    """A body, locked, so that seats and decisions of one body wait for each other."""
    rows = select(Body).where(Body.alliance_id == alliance, Body.code == code)
    found = session.scalars(rows.with_for_update()).first()
    if found is None:
        raise NotFound()
    return found


def _last_held(session: Session, body: int) -> date | None:
    return session.scalar(select(func.max(Decision.held_on)).where(Decision.body_id == body))


def add_seat(
    alliance: int,
    body: str,
    account: str,
    institution: str,
    start: date,
    until: date | None,
    *,
    by: Actor,
    now: datetime,
) -> int:
    """Seat a person on a body from a day until a day; the number of the seat, which is never given again.

    Refused: a person who sits there in that time already, a day on which the body has met already.
    """
    if until is not None and until <= start:
        raise Refused("A seat ends after the day on which it begins.")
    with verb(by) as session:
        row = _body(session, alliance, body)
        person = session.scalar(select(Account.person_id).where(Account.code == account, lives_here(alliance)))
        if person is None:
            raise NotFound()
        if person == session.scalar(select(Account.person_id).where(Account.code == by.account)):
            raise Refused("You cannot give yourself a seat; another security administrator can.")
        held = _last_held(session, row.id)
        if held is not None and start <= held:
            raise Refused(
                "The body met on %(day)s; a decision keeps the seats of its day, so a seat begins after it.", day=held
            )
        seats = list(session.scalars(select(Seat).where(Seat.body_id == row.id)))
        for seat in seats:
            if seat.person_id == person and start < (seat.until or date.max) and seat.start < (until or date.max):
                raise Refused("This person has seat %(seat)s of the body in that time.", seat=seat.number)
        number = max((seat.number for seat in seats), default=0) + 1
        session.add(
            Seat(body_id=row.id, number=number, person_id=person, institution=institution, start=start, until=until)
        )
        record(
            session,
            Act.ACCOUNTS_SEAT_ADD,
            f"body:{body}",
            by=by,
            now=now,
            alliance=alliance,
            seat=number,
            account=account,
            institution=institution,
        )
        return number


def end_seat(alliance: int, body: str, number: int, until: date, reason: str, *, by: Actor, now: datetime) -> None:
    """End a seat: from the day `until` on it is empty. Refused: a day on which it has voted, or after its end."""
    with verb(by) as session:
        row = _body(session, alliance, body)
        seat = session.scalars(select(Seat).where(Seat.body_id == row.id, Seat.number == number)).first()
        if seat is None:
            raise NotFound()
        if seat.until is not None and seat.until <= until:
            raise Refused("Seat %(seat)s ends on %(day)s already.", seat=number, day=seat.until)
        voted = session.scalar(
            select(func.max(Decision.held_on))
            .join(Vote, Vote.decision_id == Decision.id)
            .where(Vote.seat_id == seat.id)
        )
        if voted is not None and until <= voted:
            raise Refused("Seat %(seat)s voted on %(day)s and cannot end before the day after.", seat=number, day=voted)
        seat.until = max(until, seat.start)
        record(
            session,
            Act.ACCOUNTS_SEAT_END,
            f"body:{body}",
            by=by,
            now=now,
            alliance=alliance,
            seat=number,
            until=seat.until.isoformat(),
            reason=reason,
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
        body = _add_body(session, alliance, code, name_zh, name_en, quorum)
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
