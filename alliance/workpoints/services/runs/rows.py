"""What every verb of a month's run keeps: its row, its steps, its reconciliation."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from alliance.core.actor import Actor
from alliance.core.figure import Figure, canonical
from alliance.core.money import cents
from alliance.core.refused import NotFound
from alliance.workpoints.models import BonusRun, BonusStep
from alliance.workpoints.queries.runs import BonusRunInfo, reconciled_row
from alliance.workpoints.rules import runs
from alliance.workpoints.rules.issues import Issue
from alliance.workpoints.rules.reconciliation import Row, reconcile
from alliance.workpoints.rules.working import Working


def subject_of(run: BonusRunInfo) -> str:
    """What events and records call a run."""
    return f"bonus:{run.institution}/{run.month}@{run.number}"


def locked(session: Session, alliance: int, institution: str, month: str) -> BonusRun:
    """The run in force of a month, locked; NotFound when there is none."""
    rows = select(BonusRun).where(
        BonusRun.alliance_id == alliance, BonusRun.institution == institution, BonusRun.month == month,
        BonusRun.state != runs.REVERSED,
    )  # fmt: skip
    row = session.scalars(rows.with_for_update()).first()
    if row is None:
        raise NotFound()
    return row


def keep_step(
    session: Session, run: int, what: str, by: Actor, now: datetime, *, reason: str = "", decision: str = ""
) -> None:  # fmt: skip
    last = session.scalar(select(func.max(BonusStep.position)).where(BonusStep.bonus_run_id == run)) or 0
    session.add(BonusStep(
        bonus_run_id=run, position=last + 1, verb=what, account=by.account, at=now, reason=reason.strip(),
        decision=decision,
    ))  # fmt: skip


def reconciled(rows: Sequence[Row], issues: Iterable[Issue]) -> dict[str, Any]:
    """The reconciliation and the issue list as a run keeps them."""
    found = reconcile(Working("", "", ""), rows, list(issues))
    kept = [
        reconciled_row(
            one.row.code, one.row.zh, one.row.en, canonical(one.row.source.value), canonical(one.allocated.value),
            canonical(one.difference.value),
        )
        for one in found.rows
    ]  # fmt: skip
    return {"reconciliation": kept, "issues": [[one.kind, one.where, one.amount] for one in found.issues]}


def in_cents(figure: Figure | None) -> int:
    return cents(figure.value or Decimal(0)) if figure is not None else 0
