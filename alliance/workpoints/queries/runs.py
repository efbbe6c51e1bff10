"""The questions about the runs of a hospital's bonus: their state, their units, shares, shifts and objections."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import InstrumentedAttribute

from alliance.audit import queries as audit
from alliance.core.period import Period, day_of
from alliance.core.workdays import Works
from alliance.db import db
from alliance.members import queries as members
from alliance.workpoints.models import (
    BonusRun,
    BonusShare,
    BonusStep,
    BonusUnit,
    CaseRow,
    ChargeLoad,
    HeadShift,
    Objection,
    PersonEntry,
    Slip,
    UnitEntry,
)
from alliance.workpoints.rules.issues import Issue
from alliance.workpoints.rules.publicity import last_day, may_be_final
from alliance.workpoints.rules.runs import DRAFT, REVERSED, Done


@dataclass(frozen=True, slots=True)
class StepInfo:
    """A step of a run."""

    verb: str
    account: str
    at: datetime
    reason: str
    decision: str


@dataclass(frozen=True, slots=True)
class ReconciledInfo:
    """A row of the reconciliation, in yuan."""

    code: str
    zh: str
    en: str
    source: Decimal
    allocated: Decimal
    difference: Decimal


@dataclass(frozen=True, slots=True)
class BonusRunInfo:
    """A run of a month; `pool` in cents."""

    id: int
    institution: str
    month: str
    number: int
    scheme: str
    state: str
    first_run: int
    second_run: int
    slips_run: int | None
    pool: int
    rows: tuple[ReconciledInfo, ...]
    issues: tuple[Issue, ...]
    steps: tuple[StepInfo, ...]

    @property
    def history(self) -> list[Done]:
        """The steps as the rules know them."""
        return [Done(step.verb, step.account) for step in self.steps]

    @property
    def distributing(self) -> bool:
        """Whether its units still distribute: a draft without payslips."""
        return self.state == DRAFT and self.slips_run is None

    @property
    def may_submit(self) -> bool:
        """Whether slips are made, every difference is 0 and nothing blocks."""
        balanced = not any(row.difference for row in self.rows)
        return self.slips_run is not None and balanced and not any(one.blocks for one in self.issues)


@dataclass(frozen=True, slots=True)
class SinceInfo:
    """What was recorded for a month after its run was computed: sources of charge lines, numbers filed, and facts of
    departments, posts and staff."""

    charges: int
    numbers: int
    facts: int


@dataclass(frozen=True, slots=True)
class UnitInfo:
    """A unit in a run; money in cents. `released` of what earlier months kept, `reserve` kept of the bonus; `published`
    is the day on which its distribution was published."""

    unit: str
    bonus: int
    released: int
    reserve: int
    persons: int
    second_run: int
    revision: int
    published_at: datetime | None
    published_by: str
    open_objections: int

    @property
    def published(self) -> date | None:
        return day_of(self.published_at) if self.published_at else None

    def last_day(self, works: Works, days: int) -> date | None:
        """The last day of its publicity."""
        return last_day(self.published, works, days) if self.published else None

    def is_final(self, today: date, works: Works, days: int) -> bool:
        """Whether it was published long enough, with no objection open. Where nobody gets anything, nothing is due."""
        return not self.persons or may_be_final(today, self.published, works, self.open_objections, days)


@dataclass(frozen=True, slots=True)
class ShareInfo:
    """A person's share of a unit's bonus; in cents. `unit` is "" for a line of heads or administration. The figures are
    keys in the second distribution as it was computed, and as it stands."""

    unit: str
    person: str
    computed: int
    computed_figure: str
    amount: int
    figure: str


@dataclass(frozen=True, slots=True)
class ShiftInfo:
    """A shift by a unit's head, in cents."""

    person: str
    change: int
    reason: str
    account: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ObjectionInfo:
    """An objection to a published distribution."""

    id: int
    unit: str
    person: str
    text: str
    instance: str
    state: str
    filed_by: str
    filed_at: datetime
    answer: str
    answered_by: str
    answered_at: datetime | None


def bonus_runs(alliance: int, institution: str) -> list[BonusRunInfo]:
    """All runs of a hospital, the newest month first, of a month the newest run first."""
    rows = select(BonusRun).where(BonusRun.alliance_id == alliance, BonusRun.institution == institution)
    found = list(db.session.scalars(rows.order_by(BonusRun.month.desc(), BonusRun.number.desc())))
    return [_info(row, steps) for row, steps in _with_steps(found)]


def bonus_run(alliance: int, institution: str, month: str, number: int | None = None) -> BonusRunInfo | None:
    """The run of a month: the one in force, or by its number any."""
    rows = select(BonusRun).where(
        BonusRun.alliance_id == alliance, BonusRun.institution == institution, BonusRun.month == month,
        BonusRun.state != REVERSED if number is None else BonusRun.number == number,
    )  # fmt: skip
    row = db.session.scalars(rows).first()
    return next((_info(one, steps) for one, steps in _with_steps([row] if row else [])), None)


def recorded_since(alliance: int, run: BonusRunInfo) -> SinceInfo:
    """What a run cannot know: charge lines, disease groups, numbers and staff of its month that came after it was
    computed.

    What only payslips rest on is left out: they are made, checked and approved on what is filed by then.
    """

    def count(
        table: type[ChargeLoad | UnitEntry | PersonEntry | CaseRow], *more: ColumnElement[bool],
        of: InstrumentedAttribute[str] | None = None,
    ) -> int:  # fmt: skip
        rows = select(func.count((table.id if of is None else of).distinct())).where(
            table.alliance_id == alliance, table.institution == run.institution, table.month == run.month,
            table.recorded_at > run.steps[0].at, *more,
        )  # fmt: skip
        return db.session.scalar(rows) or 0

    numbers = count(UnitEntry) + count(PersonEntry, PersonEntry.kind != "file_wage") + count(CaseRow)
    facts = members.recorded_since(alliance, run.institution, Period.parse(run.month), run.steps[0].at)
    return SinceInfo(count(ChargeLoad, of=ChargeLoad.source), numbers, facts)


def run_of_figures(alliance: int, run_id: int) -> BonusRunInfo | None:
    """The bonus run to which a kept run of figures belongs."""
    units = select(BonusUnit.bonus_run_id).where(BonusUnit.second_run == run_id)
    corrected = select(Slip.bonus_run_id).where(Slip.run_id == run_id)
    rows = select(BonusRun).where(
        BonusRun.alliance_id == alliance,
        (BonusRun.first_run == run_id)
        | (BonusRun.second_run == run_id)
        | (BonusRun.slips_run == run_id)
        | BonusRun.id.in_(units)
        | BonusRun.id.in_(corrected),
    )
    row = db.session.scalars(rows.limit(1)).first()
    return next((_info(one, steps) for one, steps in _with_steps([row] if row else [])), None)


def _with_steps(rows: Sequence[BonusRun]) -> list[tuple[BonusRun, list[BonusStep]]]:
    found: dict[int, list[BonusStep]] = {row.id: [] for row in rows}
    steps = select(BonusStep).where(BonusStep.bonus_run_id.in_(found)).order_by(BonusStep.position)
    for step in db.session.scalars(steps) if found else ():
        found[step.bonus_run_id].append(step)
    return [(row, found[row.id]) for row in rows]


def _info(row: BonusRun, steps: Sequence[BonusStep]) -> BonusRunInfo:
    return BonusRunInfo(
        row.id, row.institution, row.month, row.number, row.scheme, row.state, row.first_run, row.second_run,
        row.slips_run, row.pool,
        tuple(_row(one) for one in row.reconciliation), tuple(Issue(*one) for one in row.issues),
        tuple(StepInfo(step.verb, step.account, step.at, step.reason, step.decision) for step in steps),
    )  # fmt: skip


def _row(kept: dict[str, str]) -> ReconciledInfo:
    amounts = (Decimal(kept[name]) for name in ("source", "allocated", "difference"))
    return ReconciledInfo(kept["code"], kept["zh"], kept["en"], *amounts)


def next_number(alliance: int, institution: str, month: str) -> int:
    """The number of the next run of a month."""
    rows = select(func.max(BonusRun.number)).where(
        BonusRun.alliance_id == alliance, BonusRun.institution == institution, BonusRun.month == month
    )
    return (db.session.scalar(rows) or 0) + 1


def bonus_units(run: int) -> dict[str, UnitInfo]:
    """The units of a run by code."""
    rows = select(Objection.unit, func.count()).where(Objection.bonus_run_id == run, Objection.state == "open")
    waiting: dict[str, int] = dict(db.session.execute(rows.group_by(Objection.unit)).all())
    units = select(BonusUnit).where(BonusUnit.bonus_run_id == run).order_by(BonusUnit.unit)
    return {
        row.unit: UnitInfo(
            row.unit, row.bonus, row.released, row.reserve, row.persons, row.second_run, row.revision, row.published_at,
            row.published_by, waiting.get(row.unit, 0),
        )
        for row in db.session.scalars(units)
    }  # fmt: skip


def bonus_shares(run: int, unit: str | None = None, person: str | None = None) -> list[ShareInfo]:
    """The shares of a run, of a unit or a person where asked, by unit and person."""
    rows = select(BonusShare).where(BonusShare.bonus_run_id == run)
    if unit is not None:
        rows = rows.where(BonusShare.unit == unit)
    if person is not None:
        rows = rows.where(BonusShare.person == person)
    return [
        ShareInfo(row.unit, row.person, row.computed, row.computed_figure, row.amount, row.figure)
        for row in db.session.scalars(rows.order_by(BonusShare.unit, BonusShare.person))
    ]


def head_shifts(run: int, unit: str, revision: int) -> dict[str, ShiftInfo]:
    """The shifts that made a revision of a unit's distribution, by person."""
    rows = select(HeadShift).where(
        HeadShift.bonus_run_id == run, HeadShift.unit == unit, HeadShift.revision == revision
    )
    return {
        row.person: ShiftInfo(row.person, row.change, row.reason, row.account, row.at)
        for row in db.session.scalars(rows.order_by(HeadShift.person))
    }


def objections(run: int, unit: str | None = None, person: str | None = None) -> list[ObjectionInfo]:
    """The objections in a run, the newest first."""
    rows = select(Objection).where(Objection.bonus_run_id == run)
    if unit is not None:
        rows = rows.where(Objection.unit == unit)
    if person is not None:
        rows = rows.where(Objection.person == person)
    return [_objection(row) for row in db.session.scalars(rows.order_by(Objection.id.desc()))]


def _objection(row: Objection) -> ObjectionInfo:
    return ObjectionInfo(
        row.id, row.unit, row.person, row.text, row.instance, row.state, row.filed_by, row.filed_at, row.answer,
        row.answered_by, row.answered_at,
    )  # fmt: skip


def units_of_person(run: int, person: str) -> list[str]:
    """The units of whose bonus a person has a share in a run."""
    rows = select(BonusShare.unit).where(BonusShare.bonus_run_id == run, BonusShare.person == person)
    return sorted(unit for unit in db.session.scalars(rows) if unit)


@audit.until_next_event
def waiting_runs(alliance: int, institution: str) -> list[BonusRunInfo]:
    """The runs that are not paid yet, the oldest month first."""
    rows = select(BonusRun).where(
        BonusRun.alliance_id == alliance, BonusRun.institution == institution,
        BonusRun.state.in_((DRAFT, "checked", "approved")),
    )  # fmt: skip
    found = list(db.session.scalars(rows.order_by(BonusRun.month)))
    return [_info(row, steps) for row, steps in _with_steps(found)]


def reconciled_row(code: str, zh: str, en: str, source: str, allocated: str, difference: str) -> dict[str, Any]:
    """A row of the reconciliation as it is kept."""
    return {"code": code, "zh": zh, "en": en, "source": source, "allocated": allocated, "difference": difference}
