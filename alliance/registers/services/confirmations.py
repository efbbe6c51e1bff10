"""The verbs by which a receiver says of many referrals at once what became of them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from alliance.audit.services import record, verb
from alliance.core.actor import Actor
from alliance.core.acts import Act
from alliance.core.period import day_of
from alliance.core.refused import NotFound, Refused
from alliance.core.workdays import Works
from alliance.registers.models import Referral
from alliance.registers.queries.confirmations import confirmation_changes
from alliance.registers.queries.referrals import REFERRAL
from alliance.registers.rules.confirmations import REASONED, ConfirmationRow, Confirmations, Said, row_problem, steps_to
from alliance.registers.rules.referrals import STEPS
from alliance.registers.services.referral_keeping import PART, load, settle_pairs
from alliance.registers.services.referral_steps import CHANGED, accept, decline, end, seen, silent

Left = tuple[str, Refused]  # the number of a case that stays as it was, and why


def record_confirmation(
    alliance: int, institution: str, chosen: Sequence[tuple[str, int]], said: Said, works: Works, *, by: Actor,
    now: datetime,
) -> list[Left]:  # fmt: skip
    """Say the same of several cases of a receiver, given as (number, version that was looked at); those that stay as
    they were, each with its reason. Each case is asked by itself and moves wholly or not at all.

    Refused: nothing chosen; what is said of one case only, because it needs a reason. NotFound: another's case.
    """
    if not chosen:
        raise Refused("Choose at least one referral.")
    if said.outcome in REASONED:
        raise Refused("Open the referral to say this of it: it needs a reason of its own.")
    left: list[Left] = []
    with verb(by, alone_in=alliance) as session:
        keys: set[str] = set()
        for number, version in sorted(set(chosen)):
            row = _load(session, alliance, number, institution)
            try:
                if row.version != version:
                    raise Refused(CHANGED)
                _move(session, row, said, works, by, now)
                keys.add(row.patient_key)
            except Refused as refused:
                left.append((number, refused))
        _settle(session, alliance, keys, works, by, now)
        record(
            session, Act.REGISTERS_CONFIRMATION_RECORD, f"referrals:{institution}", by=by, now=now, alliance=alliance,
            count=len(set(chosen)) - len(left), left=len(left),
        )  # fmt: skip
    return left


def import_confirmation(
    alliance: int, institution: str, rows: Sequence[ConfirmationRow], works: Works, *, by: Actor, now: datetime
) -> Confirmations:
    """Take what a receiver's system says of its referrals, all rows or none; what was done. The same file again changes
    nothing. Refused: every row that is wrong."""
    with verb(by, alone_in=alliance) as session:
        found = confirmation_changes(alliance, institution, rows, now)
        problems, keys = list(found.problems), set[str]()
        for one in found.moved:
            row = _load(session, alliance, one.number, institution)
            try:
                _move(session, row, one.said, works, by, now)
            except Refused as refused:  # a reason that names the patient
                problems.append(row_problem(one.row, "reason", one.number, refused))
            keys.add(row.patient_key)
        if problems:
            raise Refused(
                "The file has %(count)s errors; nothing was changed.", count=len(problems), problems=problems
            )  # fmt: skip
        _settle(session, alliance, keys, works, by, now)
        record(
            session, Act.REGISTERS_CONFIRMATION_IMPORT, f"referrals:{institution}", by=by, now=now, alliance=alliance,
            count=len(found.moved), rows=len(rows),
        )  # fmt: skip
        return found


def _load(session: Session, alliance: int, number: str, institution: str) -> Referral:
    row = load(session, alliance, number)
    if row.receiver != institution:
        raise NotFound()
    return row


def _move(session: Session, row: Referral, said: Said, works: Works, by: Actor, now: datetime) -> None:
    """Lead a case to what is said of it. Everything is asked before anything is changed."""
    steps = steps_to(said, row.state, row.direction, day_of(row.filed_at), row.seen_on, day_of(now))
    if said.outcome in REASONED:
        silent(session, row, said.reason)
    for step in steps:
        row.state = STEPS[step].after
        if step == "accept":
            accept(session, row, by, now)
        elif step == "see":
            assert said.day is not None
            seen(session, row, said.day, by, now)
        elif step == "decline":
            decline(session, row, said.reason, works, by, now)
        else:
            end(session, row, said.reason, Act.REGISTERS_REFERRAL_MISS, works, by, now)


def _settle(
    session: Session, alliance: int, keys: Collection[str], works: Works, by: Actor, now: datetime
) -> None:  # fmt: skip
    """Settle the pairs of all patients at once; of many cases one by one it would take its time."""
    ordered = sorted(set(keys) - {""})
    for start in range(0, len(ordered), PART):
        settle_pairs(session, alliance, REFERRAL.patient_key.in_(ordered[start : start + PART]), works, by, now)
