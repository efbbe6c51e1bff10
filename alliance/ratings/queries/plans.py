"""The questions about findings and the improvement plans that they open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from alliance.audit import queries as audit
from alliance.core.roles import Scope
from alliance.db import db
from alliance.ratings.models import Engagement, Finding, ImprovementPlan, PlanStep
from alliance.ratings.queries.engagements import opened_members, visible_engagements
from alliance.ratings.rules.plans import Action, due, is_overdue


@dataclass(frozen=True, slots=True)
class StepInfo:
    """A step of a plan."""

    id: int
    step: str
    text: str
    file_name: str
    file_media: str
    file_size: int
    file_sha256: str
    done_by: str
    done_at: datetime


@dataclass(frozen=True, slots=True)
class FindingInfo:
    """A finding with its plan; `state` "" before the engagement is locked, when there is no plan yet."""

    id: int
    engagement: str
    number: int
    institution: str
    severity: str
    area: str
    text: str
    expected: str
    due_on: date
    recorded_by: str
    recorded_at: datetime
    state: str = ""
    problem: str = ""
    cause: str = ""
    actions: tuple[Action, ...] = ()
    waits_until: datetime | None = None

    @property
    def subject(self) -> str:
        return f"improvement:{self.institution}/{self.engagement}/{self.number}"

    @property
    def due(self) -> datetime | None:
        """When what comes next is due."""
        return due(self.state, self.waits_until, self.due_on)

    def is_overdue(self, now: datetime) -> bool:
        return bool(self.state) and is_overdue(self.state, self.waits_until, self.due_on, now)


@audit.until_next_event
def findings(alliance: int, number: str = "", institutions: frozenset[str] | None = None) -> list[FindingInfo]:
    """Findings with their plans, newest engagement first; of one engagement or some members, where named."""
    rows = (
        select(Engagement.number, Finding, ImprovementPlan)
        .join(Finding, Finding.engagement_id == Engagement.id)
        .outerjoin(ImprovementPlan, ImprovementPlan.finding_id == Finding.id)
        .where(Engagement.alliance_id == alliance)
        .order_by(Engagement.id.desc(), Finding.number)
    )
    if number:
        rows = rows.where(Engagement.number == number)
    if institutions is not None:
        rows = rows.where(Finding.institution.in_(sorted(institutions)))
    return [_info(code, row, plan) for code, row, plan in db.session.execute(rows)]


def _info(number: str, row: Finding, plan: ImprovementPlan | None) -> FindingInfo:
    facts = (
        row.id, number, row.number, row.institution, row.severity, row.area, row.text, row.expected, row.due_on,
        row.recorded_by, row.recorded_at,
    )  # fmt: skip
    if plan is None:
        return FindingInfo(*facts)
    actions = tuple(Action(text, owner, date.fromisoformat(day)) for text, owner, day in plan.actions)
    return FindingInfo(*facts, plan.state, plan.problem, plan.cause, actions, plan.waits_until)


def plans(scope: Scope, on: date) -> list[FindingInfo]:
    """The findings with plans that a reader may open: of an expert those of an engagement that lasts."""
    if scope.institutions is None:
        return [one for one in findings(scope.alliance_id) if one.state]
    seen = {one.number: opened_members(scope, one, on) for one in visible_engagements(scope, on)}
    return [
        one for one in findings(scope.alliance_id)
        if one.state and (one.institution in scope.own or one.institution in seen.get(one.engagement, ()))
    ]  # fmt: skip


def plan(scope: Scope, number: str, finding: int, on: date) -> FindingInfo | None:
    """The plan of a finding that a reader may open."""
    return next((one for one in plans(scope, on) if (one.engagement, one.number) == (number, finding)), None)


def plan_steps(finding: int) -> list[StepInfo]:
    """What happened with a plan, oldest first."""
    rows = select(PlanStep).where(PlanStep.finding_id == finding).order_by(PlanStep.id)
    return [
        StepInfo(
            row.id, row.step, row.text, row.file_name, row.file_media, row.file_size, row.file_sha256, row.done_by,
            row.done_at,
        )
        for row in db.session.scalars(rows)
    ]  # fmt: skip


def plan_files() -> set[str]:
    """The digests of the files that steps of plans refer to."""
    return set(db.session.scalars(select(PlanStep.file_sha256).distinct())) - {""}
