"""The verb that computes a month's run: the pool to units and persons."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from alliance.audit.models import Run
from alliance.audit.services import computing, keep_run, record, verb
from alliance.core.actor import Actor
from alliance.core.acts import Act
from alliance.core.figure import Figure
from alliance.core.refused import Refused, mark
from alliance.db import insert_many
from alliance.work.rules import Place
from alliance.work.services import enqueue
from alliance.workpoints.models import BonusRun, BonusShare, BonusUnit
from alliance.workpoints.queries import months
from alliance.workpoints.queries.runs import BonusRunInfo, bonus_run, bonus_units, next_number
from alliance.workpoints.rules import runs
from alliance.workpoints.rules.month.first import FirstMonth, distribute_month
from alliance.workpoints.rules.month.given import MonthGiven
from alliance.workpoints.rules.month.ready import check_ready
from alliance.workpoints.rules.month.second import SecondMonth, share_first
from alliance.workpoints.rules.working import Working
from alliance.workpoints.services.runs.rows import in_cents, keep_step, locked, reconciled
from alliance.workpoints.volume.partitions import Partitions

Told = Callable[[int, int], None]  # steps done, of so many
PUBLISHED = mark("Units have published their distribution in this run; reverse it before it is computed again.")


def queue_run(alliance: int, institution: str, month: str, *, by: Actor, now: datetime) -> int:
    """Ask that a month be computed outside the request; the number of the job, of the open one where there is one.

    Refused as `compute_run`, save for what only the charge lines show.
    """
    _check_draft(bonus_run(alliance, institution, month))
    check_ready(months.gather(alliance, institution, month, months.LinesGiven()))
    with verb(by) as session:
        return enqueue(
            session, alliance, Act.WORKPOINTS_RUN_COMPUTE, f"{institution}/{month}",
            subject=f"bonus:{institution}/{month}", parameters={"institution": institution, "month": month},
            origin=Place("workpoints.compute_run", {"institution": institution, "month": month}),
            reader=Act.WORKPOINTS_RUN_READ, institution=institution, by=by, now=now,
        )  # fmt: skip


@computing()  # around the function: the figures are gone when the search for rubbish begins again
def compute_run(
    alliance: int, institution: str, month: str, partitions: Partitions, *, by: Actor, now: datetime,
    progress: Told | None = None,
) -> int:  # fmt: skip
    """Distribute a month's pool to units and persons and keep every figure; the number of the run.

    A draft that nobody has published from is reversed and computed anew. The charge lines are added up before the
    transaction. Refused: a run that has gone further; with all that is missing, a month that cannot be computed.
    """
    lines = months.lines_of(alliance, institution, month, partitions)
    if progress:
        progress(1, 2)
    with verb(by, alone_in=alliance) as session:
        _clear_draft(session, alliance, institution, month, by, now)
        given = months.gather(alliance, institution, month, lines)
        first, kept = _first(session, alliance, given, lines.inputs, by, now)
        second, shared = _second(session, alliance, given, first, kept, by, now)
        found = reconciled([*first.rows, *second.rows], [*lines.issues, *first.issues, *second.issues])
        number = next_number(alliance, institution, month)
        row = BonusRun(
            alliance_id=alliance, institution=institution, month=month, number=number, scheme=given.reference,
            state=runs.DRAFT, first_run=kept.id, second_run=shared.id, slips_run=None,
            pool=in_cents(first.pool), **found,
        )  # fmt: skip
        session.add(row)
        session.flush()
        keep_step(session, row.id, runs.CREATE, by, now)
        _keep_units(session, row.id, first, second, shared)
        record(
            session, Act.WORKPOINTS_RUN_COMPUTE, f"bonus:{institution}/{month}@{number}", by=by, now=now,
            alliance=alliance, digest=kept.digest, scheme=given.reference,
        )  # fmt: skip
        return number


def _clear_draft(session: Session, alliance: int, institution: str, month: str, by: Actor, now: datetime) -> None:
    """Reverse the draft of the month, so that the new run takes its place."""
    before = bonus_run(alliance, institution, month)
    _check_draft(before)
    if before is None:
        return
    row = locked(session, alliance, institution, month)
    row.state = runs.REVERSED
    keep_step(session, row.id, runs.REVERSE, by, now, reason="computed again")
    session.flush()


def _check_draft(before: BonusRunInfo | None) -> None:
    """Refuse to put a new run in the place of one that has gone further, or from which a unit has published."""
    if before is None:
        return
    if before.state != runs.DRAFT:
        raise runs.not_now(before.state)
    if any(unit.published_at for unit in bonus_units(before.id).values()):
        raise Refused(PUBLISHED)


def _first(
    session: Session, alliance: int, given: MonthGiven, inputs: Mapping[str, Any], by: Actor, now: datetime
) -> tuple[FirstMonth, Run]:
    working = Working(given.hospital, given.month.code, given.reference)
    first = distribute_month(working, given)
    kept = keep_run(
        session, f"bonus:{given.hospital}/{given.month.code}", first.figures, alliance=alliance, by=by, now=now,
        inputs={"month": given.month.code, "scheme": given.reference, **inputs},
    )  # fmt: skip
    return first, kept


def _second(
    session: Session, alliance: int, given: MonthGiven, first: FirstMonth, kept: Run, by: Actor, now: datetime
) -> tuple[SecondMonth, Run]:
    """The second distribution, whose pools are figures of the first."""
    second = share_first(Working(given.hospital, given.month.code, given.reference), given, first, kept.digest)
    shared = keep_run(
        session, f"unit:{given.hospital}/{given.month.code}", second.figures, alliance=alliance, by=by, now=now,
        inputs={"month": given.month.code, "first": kept.digest},
    )  # fmt: skip
    return second, shared


def _keep_units(session: Session, run: int, first: FirstMonth, second: SecondMonth, shared: Run) -> None:
    """The units of a run with their persons, and the persons of heads' and administration's lines."""
    units, shares = [], []
    for unit, bonus in first.bonuses.items():
        one = second.units.get(unit)
        amount, reserve = in_cents(bonus), one.reserve if one else None
        units.append({
            "bonus_run_id": run, "unit": unit, "bonus": amount, "reserve": in_cents(reserve),
            "released": in_cents(one.whole) - amount if one else 0,
            "persons": len(one.shares) if one else 0, "second_run": shared.id, "revision": 1, "published_at": None,
            "published_by": "",
        })  # fmt: skip
        shares += [_share_row(run, unit, person, figure) for person, figure in (one.shares if one else {}).items()]
    shares += [_share_row(run, "", person, figure) for person, figure in second.heads.items()]
    shares += [_share_row(run, "", person, figure) for person, figure in second.administration.items()]
    insert_many(session, BonusUnit, units)
    insert_many(session, BonusShare, shares)


def _share_row(run: int, unit: str, person: str, figure: Figure) -> dict[str, Any]:
    amount = in_cents(figure)
    return {
        "bonus_run_id": run, "unit": unit, "person": person, "computed": amount, "computed_figure": figure.key,
        "amount": amount, "figure": figure.key,
    }  # fmt: skip
