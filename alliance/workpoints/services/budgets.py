"""The verbs of budgets: draft a year's, put it into force."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select

from alliance.audit.services import keep_run, record, verb
from alliance.core.actor import Actor
from alliance.core.acts import Act
from alliance.core.money import cents
from alliance.core.refused import Forbidden, NotFound, Refused
from alliance.core.written import plain
from alliance.workpoints.models import BudgetRow
from alliance.workpoints.queries import (
    WorkedBudget,
    budget_drafters,
    budget_in_force,
    budget_info,
    check_given,
    require_record,
    work_out_budget,
)
from alliance.workpoints.rules.working import number


def draft_budget(
    alliance: int, institution: str, year: int, content: Mapping[str, Any], *, by: Actor, now: datetime
) -> str:
    """Draft the budget of a year from its content (rules.plans); its reference (T01/2026@1). A draft is replaced.

    It is worked out, so what cannot be computed is refused; so is a year whose budget is in force.
    """
    data = plain(content)
    with verb(by, alone_in=alliance) as session:
        _check_open(alliance, institution, year)
        check_given(alliance, institution, year, data)
        last = session.scalars(
            select(BudgetRow)
            .where(BudgetRow.alliance_id == alliance, BudgetRow.institution == institution, BudgetRow.year == year)
            .order_by(BudgetRow.version.desc()).limit(1).with_for_update()
        ).first()  # fmt: skip
        row = last or BudgetRow(
            alliance_id=alliance, institution=institution, year=year, version=1, sha256="", decision="", decided_by=""
        )
        worked = work_out_budget(alliance, institution, year, row.version, data)
        if row.sha256 != worked.digest or row.content != data:
            # The same figures again are the same draft: what is on record of it goes on counting.
            row.content, row.sha256, row.recorded_by, row.recorded_at = data, worked.digest, by.account, now
        session.add(row)
        reference = f"{institution}/{year}@{row.version}"
        record(
            session, Act.WORKPOINTS_BUDGET_DRAFT, f"bonusbudget:{reference}", by=by, now=now, alliance=alliance,
            digest=worked.digest,
        )  # fmt: skip
        return reference


def _check_open(alliance: int, institution: str, year: int) -> None:
    if budget_in_force(alliance, institution, year):
        raise Refused("The budget of %(year)s is in force: its base per coefficient is frozen for the year.", year=year)


def decide_budget(
    alliance: int, institution: str, year: int, version: int, *, decision: str, by: Actor, now: datetime
) -> int:
    """Put a draft into force by the record of a body that decides; the run of its figures. The base is frozen.

    Refused: a draft in which one had a hand, a record on another matter or an earlier draft, figures that changed
    since the draft because establishment or scheme did.
    """
    with verb(by, alone_in=alliance) as session:
        row = session.scalars(
            select(BudgetRow)
            .where(
                BudgetRow.alliance_id == alliance,
                BudgetRow.institution == institution,
                BudgetRow.year == year,
                BudgetRow.version == version,
            )
            .with_for_update()
        ).first()
        info = budget_info(alliance, institution, year, version)
        if row is None or info is None:
            raise NotFound()
        _check_open(alliance, institution, year)
        if by.account in budget_drafters(alliance, info):
            raise Forbidden("You drafted this budget: another person must put it into force.")
        require_record(alliance, institution, decision, info.matter, since=row.recorded_at)
        worked = work_out_budget(alliance, institution, year, version, row.content)
        if worked.digest != row.sha256:
            raise Refused(
                "The figures are no longer those that were drafted: establishment or scheme has changed. Draft the "
                "budget anew and let the meeting decide on it."
            )
        run = keep_run(
            session, info.subject, worked.results, alliance=alliance,
            inputs={"budget": info.reference, "scheme": worked.scheme}, by=by, now=now,
        )  # fmt: skip
        _freeze(row, worked, run.id, decision, by, now)
        record(
            session, Act.WORKPOINTS_BUDGET_DECIDE, f"bonusbudget:{info.reference}", by=by, now=now, alliance=alliance,
            decision=decision, digest=worked.digest,
        )  # fmt: skip
        return run.id


def _freeze(row: BudgetRow, worked: WorkedBudget, run_id: int, decision: str, by: Actor, now: datetime) -> None:
    made = worked.budget
    row.run_id, row.decision, row.decided_by, row.decided_at = run_id, decision, by.account, now
    row.month, row.pooled = cents(number(made.month)), cents(number(made.pooled_month))
    row.base = cents(number(made.base))
