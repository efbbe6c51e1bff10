"""The verbs of permissions: give a role, name a deputy, end a role."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from alliance.accounts.models import Account, GrantRow, Person
from alliance.accounts.queries import grant_of, lives_here
from alliance.accounts.rules.grants import check_deputy, check_grant, check_last
from alliance.accounts.services.sessions import end_sessions
from alliance.audit.services import record, verb
from alliance.core.actor import Actor
from alliance.core.acts import Act
from alliance.core.period import day_of
from alliance.core.refused import NotFound, Refused
from alliance.core.roles import Grant
from alliance.members import queries as members


def give_grant(
    account: str,
    role: str,
    alliance: int,
    institution: str,
    start: date,
    until: date | None,
    *,
    department: str = "",
    by: Actor,
    now: datetime,
) -> int:
    """Give an account a role for an alliance, one institution of it or one department of that; the grant's number.

    Refused: a role for oneself, roles that one person may not hold together (rules.grants), a department that is not
    there on the first day. NotFound: an account of another alliance.
    """
    new = Grant(role, alliance, institution, start, until or date.max, department)
    with verb(by) as session:
        row = _give(session, account, new, by, now)
        record(
            session,
            Act.ACCOUNTS_GRANT_GIVE,
            f"account:{account}",
            by=by,
            now=now,
            alliance=alliance,
            role=role,
            institution=institution,
            **_within(new),
        )
        return row.id


def name_deputy(alliance: int, grant: int, account: str, start: date, until: date, *, by: Actor, now: datetime) -> int:
    """Let somebody stand in for the holder of a grant, from a day until a day; the number of the deputy's grant.

    Refused: as for a grant; more than the grant itself; the holder as the own deputy.
    """
    with verb(by) as session:
        row = _grant(session, alliance, grant)
        new = Grant(row.role, alliance, row.institution, start, until, row.department)
        check_deputy(new, grant_of(row), row.deputy_of is not None)
        made = _give(session, account, new, by, now, deputy_of=grant)
        record(
            session,
            Act.ACCOUNTS_DEPUTY_NAME,
            f"account:{account}",
            by=by,
            now=now,
            alliance=alliance,
            role=row.role,
            institution=row.institution,
            **_within(new),
            grant=grant,
        )
        return made.id


def revoke_grant(alliance: int, grant: int, until: date, reason: str, *, by: Actor, now: datetime) -> None:
    """End a grant with the day `until`, which is the first without it, and its deputies with it.

    The sessions of everybody concerned end at once. Refused: a day that is past or after its end; the last grant of
    those who could give it back.
    """
    today = day_of(now)
    if until < today:
        raise Refused("A role ends today or later, not on %(day)s.", day=until)
    with verb(by) as session:
        row = _grant(session, alliance, grant)
        if row.until is not None and row.until <= until:
            raise Refused("This role ends on %(day)s already.", day=row.until)
        others = select(GrantRow).where(
            GrantRow.alliance_id == alliance, GrantRow.id != grant, GrantRow.deputy_of.is_(None)
        )
        if row.deputy_of is None:
            check_last(row.role, until, map(grant_of, session.scalars(others)))
        deputies = session.scalars(select(GrantRow).where(GrantRow.deputy_of == grant)).all()
        for ended in [row, *(one for one in deputies if one.until is None or one.until > until)]:
            ended.until = max(until, ended.start)
            ended.ended_by, ended.ended_at, ended.reason = by.account, now, reason
            end_sessions(session, ended.account_id, now)
        account = session.scalars(select(Account.code).where(Account.id == row.account_id)).one()
        record(
            session,
            Act.ACCOUNTS_GRANT_REVOKE,
            f"account:{account}",
            by=by,
            now=now,
            alliance=alliance,
            role=row.role,
            institution=row.institution,
            **_within(grant_of(row)),
            until=until.isoformat(),
        )


def _give(
    session: Session, account: str, new: Grant, by: Actor, now: datetime, deputy_of: int | None = None
) -> GrantRow:
    _one_at_a_time(session)
    found = session.execute(
        select(Account.id, Account.person_id).where(Account.code == account, lives_here(new.alliance_id))
    ).first()
    if found is None:
        raise NotFound()
    # Whom nobody keeps yet is kept from now on by the alliance that gives the first role.
    session.execute(
        update(Person)
        .where(Person.id == found.person_id, Person.alliance_id.is_(None))
        .values(alliance_id=new.alliance_id)
    )
    if found.person_id == session.scalar(select(Account.person_id).where(Account.code == by.account)):
        raise Refused("You cannot give yourself a role; another security administrator can.")
    mine = select(GrantRow).join(Account).where(Account.person_id == found.person_id)
    check_grant(new, _grants(session.scalars(mine).all()), _others(session, new, found.person_id))
    _check_department(new)
    row = GrantRow(
        account_id=found.id,
        role=new.role,
        alliance_id=new.alliance_id,
        institution=new.institution,
        start=new.start,
        until=None if new.until == date.max else new.until,
        given_by=by.account,
        given_at=now,
        deputy_of=deputy_of,
        department=new.department,
    )
    session.add(row)
    session.flush()
    return row


def _within(grant: Grant) -> dict[str, str]:
    """What an event says of the department of a role that is held for one."""
    return {"department": grant.department} if grant.department else {}


def _check_department(new: Grant) -> None:
    if new.department and not members.department_exists(new.alliance_id, new.institution, new.department, new.start):
        raise Refused(
            "On %(day)s %(who)s has no department %(code)s.", day=new.start, who=new.institution, code=new.department
        )


def _others(session: Session, new: Grant, person: int) -> list[Grant]:
    """The grants of the same role that other people hold."""
    rows = select(GrantRow).join(Account).where(GrantRow.alliance_id == new.alliance_id, GrantRow.role == new.role)
    return _grants(session.scalars(rows.where(Account.person_id != person)).all())


def _grants(rows: Sequence[GrantRow]) -> list[Grant]:
    return [grant_of(row) for row in rows]


def _grant(session: Session, alliance: int, number: int) -> GrantRow:
    """A grant of the alliance; NotFound for any other."""
    _one_at_a_time(session)
    row = session.get(GrantRow, number)
    if row is None or row.alliance_id != alliance:
        raise NotFound()
    return row


def _one_at_a_time(session: Session) -> None:
    """Verbs on grants wait for each other: what one person may not hold together hangs on rows that are not there yet.

    SQLite lets one verb begin after the other anyway.
    """
    if session.connection().dialect.name == "postgresql":
        session.execute(text("LOCK TABLE grant_row IN SHARE ROW EXCLUSIVE MODE"))
