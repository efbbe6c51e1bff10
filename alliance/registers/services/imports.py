"""The verb that imports the cases of a file."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from alliance.audit.services import record, verb
from alliance.core.actor import Actor
from alliance.core.acts import Act
from alliance.core.period import day_of
from alliance.core.refused import Refused
from alliance.db import insert_many
from alliance.registers.models import CaseRevision, RegisterCase
from alliance.registers.queries.imports import dry_run
from alliance.registers.rules.imports import ImportRow, Report
from alliance.registers.rules.kinds import Register, register_of
from alliance.registers.services.cases import new_case, next_number, revise
from alliance.work.rules import Place
from alliance.work.services import enqueue


def import_case(
    alliance: int, register: str, institution: str, source: str, rows: Sequence[ImportRow], *, by: Actor, now: datetime
) -> Report:
    """Import cases for a member, all or nothing; what was done. The same rows again change nothing, a newer
    version of a record is a new revision of its case. Each case waits to be confirmed as one that was typed.

    Refused with row and column: whatever the dry run finds.
    """
    kind = register_of(register)
    with verb(by, alone_in=alliance) as session:
        report = dry_run(alliance, register, institution, source, rows, today=day_of(now))
        if report.problems:
            raise Refused(
                "The file has %(count)s errors; nothing was changed.", count=len(report.problems),
                problems=report.problems,
            )  # fmt: skip
        _add(session, alliance, kind, institution, source, report, by, now)
        _change(session, alliance, kind, report, by, now)
        record(
            session, Act.REGISTERS_CASE_IMPORT, f"cases:{institution}/{register}", by=by, now=now, alliance=alliance,
            rows=len(rows), changed=report.moved,
        )  # fmt: skip
        return report


def queue_cases(
    alliance: int, register: str, institution: str, source: str, kept: str, name: str, apply: bool, *, by: Actor,
    now: datetime,
) -> int:  # fmt: skip
    """Ask that a large file of cases be checked, and with `apply` imported, outside the request; the number of the job.

    `kept` is the digest under which the file lies among the uploads of who asks.
    """
    with verb(by) as session:
        return enqueue(
            session, alliance, Act.REGISTERS_CASE_IMPORT, f"{institution}/{register}/{source}/{kept}/{apply:d}",
            subject=f"cases:{institution}/{register}",
            parameters={
                "register": register, "institution": institution, "source": source, "kept": kept, "name": name,
                "apply": apply,
            },
            origin=Place("registers.import_case", {"register": register, "institution": institution}),
            reader=None, institution=institution, by=by, now=now,
        )  # fmt: skip


def _add(
    session: Session, alliance: int, kind: Register, institution: str, source: str, report: Report, by: Actor,
    now: datetime,
) -> None:  # fmt: skip
    first = next_number(session, alliance, kind.code)
    made = [
        new_case(
            alliance, kind, institution, number, texts, by=by, now=now, origin=(source, row.record, row.version)
        )
        for number, (row, texts) in enumerate(report.new, first)
    ]  # fmt: skip
    insert_many(session, RegisterCase, made)
    added = select(RegisterCase.id, RegisterCase.fields).where(
        RegisterCase.alliance_id == alliance, RegisterCase.register == kind.code, RegisterCase.number >= first
    )
    insert_many(
        session, CaseRevision,
        [
            {"case_id": one, "revision": 1, "fields": fields, "reason": "", "filed_by": by.account, "filed_at": now}
            for one, fields in session.execute(added)
        ],
    )  # fmt: skip


def _change(session: Session, alliance: int, kind: Register, report: Report, by: Actor, now: datetime) -> None:
    for row, texts, number in report.changed:
        case = session.scalars(
            select(RegisterCase)
            .where(
                RegisterCase.alliance_id == alliance, RegisterCase.register == kind.code, RegisterCase.number == number
            )
            .with_for_update()
        ).one()  # fmt: skip
        revise(session, case, kind, texts, "", by, now)
        case.version = row.version
