"""The verbs on cases: file, correct, confirm, dispute, withdraw, attach a file."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from alliance.audit.services import record, record_many, verb
from alliance.core.actor import Actor
from alliance.core.acts import Act
from alliance.core.period import day_of
from alliance.core.refused import NotFound, Problem, Refused, mark
from alliance.registers.models import CaseRevision, RegisterCase
from alliance.registers.queries.cases import ground, named_in, standing_twin
from alliance.registers.rules.cases import (
    CONFIRMED,
    DISPUTED,
    FILED,
    WITHDRAWN,
    check_confirmer,
    check_reason,
    check_step,
    confirmer,
    faults_of,
    occurred_on,
    twin_of,
)
from alliance.registers.rules.cells import Fault, read_fields
from alliance.registers.rules.kinds import Register, register_of

BEHIND = mark("Case %(number)s was corrected while you looked at it; nothing was confirmed. See what it says now.")


def file_case(
    alliance: int, register: str, institution: str, given: Mapping[str, str], *, by: Actor, now: datetime
) -> int:  # fmt: skip
    """File a case for a member, its fields as they were typed; its number. It counts once the other end has confirmed
    it, or for want of one the member's lead.

    Refused, with the fields: what is missing or wrong, who was no member or not on the staff on the day, a day that has
    not come, a case that stands already.
    """
    kind = register_of(register)
    with verb(by, alone_in=alliance) as session:
        texts = checked(alliance, kind, institution, given, day_of(now))
        number = next_number(session, alliance, register)
        session.add(row := RegisterCase(**new_case(alliance, kind, institution, number, texts, by=by, now=now)))
        session.flush()
        session.add(_revision(row, "", by, now))
        record(
            session, Act.REGISTERS_CASE_FILE, subject_of(row), by=by, now=now, alliance=alliance, month=row.month
        )  # fmt: skip
        return number


def checked(
    alliance: int, kind: Register, institution: str, given: Mapping[str, str], today: date, but: int = 0
) -> dict[str, str]:  # fmt: skip
    """The fields of a case as canonical texts; Refused with each fault at its field. `but` is the case itself."""
    texts, faults = read_fields(kind, given)
    if not faults:
        against = ground(alliance, today, named_in(kind, texts))
        faults = list(faults_of(kind, texts, institution, against))
    if faults:
        raise Refused(
            "%(count)s fields are missing or wrong; nothing was saved.", count=len(faults),
            problems=[problem_of(kind, fault, given) for fault in faults],
        )  # fmt: skip
    twin = standing_twin(alliance, kind.code, twin_of(kind, texts), but)
    if twin is not None:
        raise Refused("The same case stands already, under number %(number)s.", number=twin)
    return texts


def problem_of(kind: Register, fault: Fault, given: Mapping[str, str]) -> Problem:
    """A fault of a field, at its field."""
    code, message, numbers = fault
    name = kind.field(code).name
    return Problem(mark("%(field)s"), given.get(code, ""), message, numbers, {"field": name, "code": code})


def new_case(
    alliance: int, kind: Register, institution: str, number: int, texts: Mapping[str, str], *, by: Actor,
    now: datetime, origin: tuple[str, str, int] = ("", "", 0),
) -> dict[str, Any]:  # fmt: skip
    """The columns of a case that is filed; `origin` is source, record and version of an import."""
    return {
        "alliance_id": alliance, "register": kind.code, "number": number, "institution": institution,
        **columns_of(kind, institution, texts), "state": FILED, "revision": 1, "source": origin[0],
        "record": origin[1], "version": origin[2], "filed_by": by.account, "filed_at": now, "decided_by": "",
        "decided_at": None, "reason": "",
    }  # fmt: skip


def columns_of(kind: Register, institution: str, texts: Mapping[str, str]) -> dict[str, Any]:
    """What of the fields stands in columns of its own, and the fields whole."""
    day = occurred_on(kind, texts)
    people = [f"{texts[one.of]}/{who}" for one in kind.people for who in kind.persons(one.code, texts)]
    return {
        "counterpart": confirmer(kind, texts, institution), "members": f" {' '.join(named_in(kind, texts))} ",
        "people": f" {' '.join(people)} " if people else "", "occurred_on": date.fromisoformat(day),
        "until": date.fromisoformat(texts[kind.until]) if kind.until else None, "month": day[:7],
        "fields": json.dumps(texts, ensure_ascii=False, sort_keys=True, separators=(",", ":")),
        "twin": twin_of(kind, texts),
    }  # fmt: skip


def _revision(row: RegisterCase, reason: str, by: Actor, now: datetime) -> CaseRevision:
    return CaseRevision(
        case_id=row.id, revision=row.revision, fields=row.fields, reason=reason, filed_by=by.account, filed_at=now
    )  # fmt: skip


def next_number(session: Session, alliance: int, register: str) -> int:
    """The next number of a register."""
    last = session.scalar(
        select(func.max(RegisterCase.number)).where(
            RegisterCase.alliance_id == alliance, RegisterCase.register == register
        )
    )
    return (last or 0) + 1


def subject_of(row: RegisterCase) -> str:
    return f"case:{row.institution}/{row.register}-{row.number}"


def locked(session: Session, alliance: int, register: str, numbers: Collection[int]) -> list[RegisterCase]:
    """Cases of a register, locked in one order; NotFound when one is not there."""
    rows = list(
        session.scalars(
            select(RegisterCase)
            .where(
                RegisterCase.alliance_id == alliance, RegisterCase.register == register,
                RegisterCase.number.in_(set(numbers)),
            )
            .order_by(RegisterCase.number)
            .with_for_update()
        )
    )  # fmt: skip
    if not rows or len(rows) < len(set(numbers)):
        raise NotFound()
    return rows


def correct_case(
    alliance: int, register: str, number: int, given: Mapping[str, str], reason: str, seen: int, *, by: Actor,
    now: datetime,
) -> int:  # fmt: skip
    """Correct what a case says, as a new revision with a reason; its number. It is confirmed anew. `seen` is the
    revision that its author had before the eyes.

    Refused as file_case is; a case that was withdrawn, or that somebody else corrected meanwhile.
    """
    kind = register_of(register)
    check_reason(reason)
    with verb(by, alone_in=alliance) as session:
        row = locked(session, alliance, register, [number])[0]
        check_step("correct", row.state)
        if row.revision != seen:
            raise Refused("Somebody corrected this case while you typed; look at it and correct it again.")
        texts = checked(alliance, kind, row.institution, given, day_of(now), number)
        revise(session, row, kind, texts, reason.strip(), by, now)
        record(
            session, Act.REGISTERS_CASE_CORRECT, subject_of(row), by=by, now=now, alliance=alliance,
            reason=reason.strip(), version=row.revision,
        )  # fmt: skip
        return row.revision


def revise(
    session: Session, row: RegisterCase, kind: Register, texts: Mapping[str, str], reason: str, by: Actor,
    now: datetime,
) -> None:  # fmt: skip
    """Give a case other fields: a new revision that waits to be confirmed."""
    for name, value in columns_of(kind, row.institution, texts).items():
        setattr(row, name, value)
    row.revision += 1
    row.state, row.filed_by, row.filed_at = FILED, by.account, now
    row.decided_by, row.decided_at, row.reason = "", None, ""
    session.flush()
    session.add(_revision(row, reason, by, now))


def confirm_case(
    alliance: int, register: str, numbers: Sequence[int], seen: Mapping[int, int] | None = None, *, by: Actor,
    now: datetime,
) -> int:  # fmt: skip
    """Confirm cases for the member at the other end, or, where there is none, for the member's lead; how many. All of
    them or none. `seen` are the revisions by number that the person had before the eyes; None where nobody looks.

    Refused: who is not employed by the member that confirms, who filed the case, what was decided already, what
    somebody corrected meanwhile.
    """
    if not numbers:
        raise Refused("Choose at least one case.")
    with verb(by) as session:
        rows = locked(session, alliance, register, numbers)
        hands = _hands(session, [row.id for row in rows])
        for row in rows:
            check_step("confirm", row.state)
            check_confirmer(row.counterpart, by=by.account, employer=by.employer, hands=hands[row.id])
            if seen is not None and seen.get(row.number) != row.revision:
                raise Refused(BEHIND, number=row.number)
            _decide(row, CONFIRMED, "", by, now)
        subjects = [subject_of(row) for row in rows]
        record(session, Act.REGISTERS_CASE_CONFIRM, subjects[0], by=by, now=now, alliance=alliance, count=len(rows))
        record_many(session, Act.REGISTERS_CASE_CONFIRM, subjects[1:], by=by, now=now, alliance=alliance)
        return len(rows)


def _hands(session: Session, cases: Sequence[int]) -> dict[int, frozenset[str]]:
    """Who filed or corrected each of some cases."""
    found: dict[int, set[str]] = {one: set() for one in cases}
    for case, account in session.execute(
        select(CaseRevision.case_id, CaseRevision.filed_by).where(CaseRevision.case_id.in_(cases))
    ):
        found[case].add(account)
    return {case: frozenset(accounts) for case, accounts in found.items()}


def _decide(row: RegisterCase, state: str, reason: str, by: Actor, now: datetime) -> None:
    row.state, row.reason, row.decided_by, row.decided_at = state, reason, by.account, now


def dispute_case(alliance: int, register: str, number: int, reason: str, *, by: Actor, now: datetime) -> None:
    """Dispute a case, also one confirmed before, with a reason: it counts no more until it is settled. Refused as
    confirm_case is, and without a reason."""
    check_reason(reason)
    with verb(by) as session:
        row = locked(session, alliance, register, [number])[0]
        check_step("dispute", row.state)
        hands = _hands(session, [row.id])[row.id]
        check_confirmer(row.counterpart, by=by.account, employer=by.employer, hands=hands)
        _decide(row, DISPUTED, reason.strip(), by, now)
        record(
            session, Act.REGISTERS_CASE_DISPUTE, subject_of(row), by=by, now=now, alliance=alliance,
            reason=reason.strip(),
        )  # fmt: skip


def withdraw_case(alliance: int, register: str, number: int, reason: str, *, by: Actor, now: datetime) -> None:
    """Withdraw a case with a reason: it stays readable and counts no more. Refused: a case withdrawn already."""
    check_reason(reason)
    with verb(by) as session:
        row = locked(session, alliance, register, [number])[0]
        check_step("withdraw", row.state)
        _decide(row, WITHDRAWN, reason.strip(), by, now)
        record(
            session, Act.REGISTERS_CASE_WITHDRAW, subject_of(row), by=by, now=now, alliance=alliance,
            reason=reason.strip(),
        )  # fmt: skip
