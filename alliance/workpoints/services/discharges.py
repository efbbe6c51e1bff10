"""The verb of the discharged cases of a month: import their list."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from alliance.audit.services import record, verb
from alliance.core.actor import Actor
from alliance.core.acts import Act
from alliance.core.refused import NotFound, Problem, Refused
from alliance.db import insert_many
from alliance.members import queries as members
from alliance.workpoints.models import DischargeCase
from alliance.workpoints.queries.discharges import case_list
from alliance.workpoints.queries.rolls import roll
from alliance.workpoints.rules.discharges import FLAGS, MOST, Case, case_faults
from alliance.workpoints.rules.ledgers import NO_DOCUMENT, check_month


def import_case(
    alliance: int, institution: str, month: str, cases: Sequence[Case], document: str, *, by: Actor, now: datetime
) -> int:  # fmt: skip
    """Keep a month's list of discharged cases as its next revision, in place of the one that stands; how many cases,
    0 where the same list stands already. At any time: nothing is paid by it.

    Refused: what is no month, no case or too many, a case number that is none or could name a patient, one given
    twice, a unit that there is not, no document. NotFound: no member.
    """
    check_month(month)
    if not document.strip():
        raise Refused(NO_DOCUMENT)
    if not 0 < len(cases) <= MOST:
        raise Refused(
            "A month's list holds 1 to %(most)s cases; this one holds %(count)s.", most=MOST, count=len(cases)
        )
    with verb(by, alone_in=alliance) as session:
        if members.institution_id(alliance, institution) is None:
            raise NotFound()
        problems = [
            Problem(cases[place].unit, value, reason)
            for place, _column, value, reason in case_faults(cases, roll(alliance, institution, month).units)
        ]
        if problems:
            raise Refused(
                "The table has %(count)s errors; nothing was changed.", count=len(problems), problems=problems
            )
        before = case_list(alliance, institution, month)
        if before and before.cases == sorted(cases, key=lambda one: one.number):
            return 0
        revision = before.revision + 1 if before else 1
        hand = {
            "alliance_id": alliance, "institution": institution, "month": month, "revision": revision,
            "document": document.strip(), "recorded_by": by.account, "recorded_at": now,
        }  # fmt: skip
        insert_many(session, DischargeCase, [hand | _row(one) for one in cases])
        record(
            session, Act.WORKPOINTS_CASE_IMPORT, f"dischargecases:{institution}/{month}@{revision}", by=by, now=now,
            alliance=alliance, count=len(cases), document=document.strip(),
        )  # fmt: skip
        return len(cases)


def _row(one: Case) -> dict[str, object]:
    return {
        "number": one.number, "unit": one.unit, "code": one.group, "rw": one.rw, "cost": one.cost,
        "payment": one.payment, "deductions": one.deductions, **{flag: flag in one.flags for flag in FLAGS},
    }  # fmt: skip
