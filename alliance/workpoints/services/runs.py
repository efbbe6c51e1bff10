"""The verbs of a month's run: compute, check, return, approve, pay, reverse; and its payslips."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from alliance.audit import queries as audit
from alliance.audit.models import Run
from alliance.audit.services import computing, keep_run, record, verb
from alliance.core.actor import Actor
from alliance.core.acts import Act
from alliance.core.figure import Figure, canonical
from alliance.core.money import cents, yuan
from alliance.core.period import Period, day_of
from alliance.core.refused import NotFound, Problem, Refused, mark
from alliance.core.workdays import Works
from alliance.db import insert_many
from alliance.work.rules import Place
from alliance.work.services import enqueue
from alliance.workpoints.models import BonusRun, BonusShare, BonusStep, BonusUnit, Slip, SlipLine
from alliance.workpoints.queries import months
from alliance.workpoints.queries.holdings import balances, holdings
from alliance.workpoints.queries.records import require_record
from alliance.workpoints.queries.reserves import release_problems, reserve_problems
from alliance.workpoints.queries.rolls import employees_of
from alliance.workpoints.queries.runs import (
    BonusRunInfo,
    bonus_run,
    bonus_shares,
    bonus_units,
    next_number,
    reconciled_row,
)
from alliance.workpoints.queries.slips import SHOWN, SlipInfo, slips
from alliance.workpoints.rules import runs
from alliance.workpoints.rules.issues import Issue, in_order
from alliance.workpoints.rules.ledgers import RELEASED
from alliance.workpoints.rules.month.first import FirstMonth, distribute_month
from alliance.workpoints.rules.month.given import MonthGiven
from alliance.workpoints.rules.month.ready import check_ready
from alliance.workpoints.rules.month.second import SecondMonth, share_first
from alliance.workpoints.rules.month.slips import SUM_ISSUES, SUM_ROW, KeptLine, Share, SlipsMonth, make_slips
from alliance.workpoints.rules.reconciliation import Row, reconcile
from alliance.workpoints.rules.working import Working
from alliance.workpoints.volume.partitions import Partitions

Told = Callable[[int, int], None]  # steps done, of so many
RELEASES = mark("The releases of %(count)s units' reserves are not what the run shared out, or more than they hold.")
RELEASED_LATER = mark("Later months released what this month kept of the bonuses of %(count)s units.")
NOT_WITHHELD = mark("Of %(count)s persons more is released than was withheld.")
PUBLISHED = mark("Units have published their distribution in this run; reverse it before it is computed again.")


def subject_of(run: BonusRunInfo) -> str:
    """What events and records call a run."""
    return f"bonus:{run.institution}/{run.month}@{run.number}"


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
        found = _reconciled([*first.rows, *second.rows], [*given_issues(lines), *first.issues, *second.issues])
        number = next_number(alliance, institution, month)
        row = BonusRun(
            alliance_id=alliance, institution=institution, month=month, number=number, scheme=given.reference,
            state=runs.DRAFT, first_run=kept.id, second_run=shared.id, slips_run=None, pool=_cents(first.pool), **found,
        )  # fmt: skip
        session.add(row)
        session.flush()
        _step(session, row.id, runs.CREATE, by, now)
        _keep_units(session, row.id, first, second, shared)
        record(
            session, Act.WORKPOINTS_RUN_COMPUTE, f"bonus:{institution}/{month}@{number}", by=by, now=now,
            alliance=alliance, digest=kept.digest, scheme=given.reference,
        )  # fmt: skip
        return number


def given_issues(lines: months.LinesGiven) -> list[Issue]:
    """What the charge lines leave for the issue list."""
    return list(lines.issues)


def _clear_draft(session: Session, alliance: int, institution: str, month: str, by: Actor, now: datetime) -> None:
    """Reverse the draft of the month, so that the new run takes its place."""
    before = bonus_run(alliance, institution, month)
    _check_draft(before)
    if before is None:
        return
    row = _row(session, alliance, institution, month)
    row.state = runs.REVERSED
    _step(session, row.id, runs.REVERSE, by, now, reason="computed again")
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


def _reconciled(rows: Sequence[Row], issues: Iterable[Issue]) -> dict[str, Any]:
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


def _keep_units(session: Session, run: int, first: FirstMonth, second: SecondMonth, shared: Run) -> None:
    """The units of a run with their persons, and the persons of heads' and administration's lines."""
    units, shares = [], []
    for unit, bonus in first.bonuses.items():
        one = second.units.get(unit)
        amount, reserve = _cents(bonus), one.reserve if one else None
        units.append({
            "bonus_run_id": run, "unit": unit, "bonus": amount, "reserve": _cents(reserve),
            "released": _cents(one.whole) - amount if one else 0,
            "persons": len(one.shares) if one else 0, "second_run": shared.id, "revision": 1, "published_at": None,
            "published_by": "",
        })  # fmt: skip
        shares += [_share_row(run, unit, person, figure) for person, figure in (one.shares if one else {}).items()]
    shares += [_share_row(run, "", person, figure) for person, figure in second.heads.items()]
    shares += [_share_row(run, "", person, figure) for person, figure in second.administration.items()]
    insert_many(session, BonusUnit, units)
    insert_many(session, BonusShare, shares)


def _share_row(run: int, unit: str, person: str, figure: Figure) -> dict[str, Any]:
    amount = _cents(figure)
    return {
        "bonus_run_id": run, "unit": unit, "person": person, "computed": amount, "computed_figure": figure.key,
        "amount": amount, "figure": figure.key,
    }  # fmt: skip


def _cents(figure: Figure | None) -> int:
    return cents(figure.value or Decimal(0)) if figure is not None else 0


def _row(session: Session, alliance: int, institution: str, month: str) -> BonusRun:
    """The run in force of a month, locked; NotFound when there is none."""
    rows = select(BonusRun).where(
        BonusRun.alliance_id == alliance, BonusRun.institution == institution, BonusRun.month == month,
        BonusRun.state != runs.REVERSED,
    )  # fmt: skip
    row = session.scalars(rows.with_for_update()).first()
    if row is None:
        raise NotFound()
    return row


def _step(
    session: Session, run: int, what: str, by: Actor, now: datetime, *, reason: str = "", decision: str = ""
) -> None:  # fmt: skip
    last = session.scalar(select(func.max(BonusStep.position)).where(BonusStep.bonus_run_id == run)) or 0
    session.add(BonusStep(
        bonus_run_id=run, position=last + 1, verb=what, account=by.account, at=now, reason=reason.strip(),
        decision=decision,
    ))  # fmt: skip


@computing()
def compute_slip(alliance: int, institution: str, month: str, works: Works, *, by: Actor, now: datetime) -> int:
    """Make everybody's payslip once every unit is final; how many. They rest on no charge lines any more.

    Refused: a run that is no draft, slips that are made already, units that are not final yet, each by name; whatever
    the slips need and is not there.
    """
    with verb(by, alone_in=alliance) as session:
        row = _row(session, alliance, institution, month)
        run = bonus_run(alliance, institution, month)
        assert run is not None
        if run.state != runs.DRAFT:
            raise runs.not_now(run.state)
        if run.slips_run is not None:
            raise Refused("The payslips of this run are made already; correct single ones.")
        given = months.gather(alliance, institution, month, None, scheme=run.scheme)
        _check_final(run, given.scheme.limits.publicity, works, now)
        working = Working(institution, month, run.scheme)
        made = make_slips(working, given, _shares(alliance, run))
        kept = keep_run(
            session, f"slip:{institution}/{month}", made.figures, alliance=alliance, by=by, now=now,
            inputs={"month": month, "bonus_run": run.number},
        )  # fmt: skip
        _keep_slips(session, run.id, made, given, kept.id, 0, "", by, now)
        found = _reconciled(made.rows, [])
        row.slips_run = kept.id
        row.reconciliation = [*row.reconciliation, *found["reconciliation"]]
        row.issues = [
            [one.kind, one.where, one.amount]
            for one in in_order([*run.issues, *made.issues, *(Issue(*one) for one in found["issues"])])
        ]
        _step(session, row.id, runs.SLIPS, by, now)
        record(
            session, Act.WORKPOINTS_SLIP_COMPUTE, subject_of(run), by=by, now=now, alliance=alliance,
            count=len(made.slips), digest=kept.digest,
        )  # fmt: skip
        return len(made.slips)


def _take_sums(row: BonusRun, made: SlipsMonth, kept: int) -> None:
    """Let a run say what its payslips in force add up to, in the place of what it said of them before."""
    found = _reconciled(made.rows, made.issues)
    row.slips_run = kept
    row.reconciliation = [one for one in row.reconciliation if one["code"] != SUM_ROW] + found["reconciliation"]
    issues = [Issue(*one) for one in row.issues if one[0] not in SUM_ISSUES and one[1] != SUM_ROW]
    row.issues = [
        [one.kind, one.where, one.amount] for one in in_order([*issues, *(Issue(*one) for one in found["issues"])])
    ]


def _check_final(run: BonusRunInfo, days: int, works: Works, now: datetime) -> None:
    reason = mark("its distribution is not final: publish it and wait for the days of publicity and open objections")
    problems = [
        Problem(unit.unit, "", reason) for unit in bonus_units(run.id).values()
        if not unit.is_final(day_of(now), works, days)
    ]  # fmt: skip
    if problems:
        raise Refused("%(count)s units are not final yet.", count=len(problems), problems=problems)


def _shares(alliance: int, run: BonusRunInfo) -> list[Share]:
    """The shares of a run with the figures behind them."""
    units = bonus_units(run.id)
    kept = audit.read_runs({run.second_run} | {unit.second_run for unit in units.values()}, alliance)
    found = []
    for one in bonus_shares(run.id):
        second = units[one.unit].second_run if one.unit else run.second_run
        source = f"figure:{kept[second].digest}/{one.figure}"
        sort = "head_bonus" if one.figure.endswith("/head_bonus") else "bonus"
        found.append(Share(one.person, one.unit, sort, yuan(one.amount), source))
    return found


def _keep_slips(
    session: Session, run: int, made: SlipsMonth, given: MonthGiven, kept: int, revision: int, reason: str, by: Actor,
    now: datetime,
) -> None:  # fmt: skip
    units = {person: last.unit for person, last in given.others.items()}
    units |= {one.number: one.unit for one in given.people}  # the last unit of the month comes last
    slips, lines = [], []
    for one in made.slips.values():
        slips.append({
            "bonus_run_id": run, "person": one.person, "revision": revision, "unit": units.get(one.person, ""),
            "staff_group": made.groups.get(one.person, ""), "net": _cents(one.net), "run_id": kept, "reason": reason,
            "made_by": by.account, "made_at": now,
        })  # fmt: skip
        lines += [
            {
                "bonus_run_id": run, "person": one.person, "revision": revision, "position": position,
                "sort": line.sort, "subject": made.subjects[line.amount.key], "month": line.month,
                "amount": _cents(line.amount), "figure": line.amount.key,
            }
            for position, line in enumerate(one.lines, 1)
        ]  # fmt: skip
    insert_many(session, Slip, slips)
    insert_many(session, SlipLine, lines)


def correct_slip(
    alliance: int, institution: str, month: str, person: str, reason: str, *, by: Actor, now: datetime
) -> int:  # fmt: skip
    """Make one slip again from what is filed now, beside its earlier revisions; the others stay, and what the run says
    of all its slips is worked out again. Its revision.

    The share of the unit's bonus stays as it was published. Whoever had no slip gets a first one when something was
    filed since; of one of whose lines nothing is left comes a slip of 0. Refused: a run without payslips or no draft
    any more (have it returned), no reason of ten characters, a slip that would come out the same.
    """
    if len(reason.strip()) < runs.SHORTEST:
        raise Refused("Give a reason of at least ten characters.")
    with verb(by, alone_in=alliance) as session, computing():
        row = _row(session, alliance, institution, month)
        run = bonus_run(alliance, institution, month)
        assert run is not None
        if run.slips_run is None or person not in employees_of(alliance, institution):
            raise NotFound()
        if run.state != runs.DRAFT:
            raise runs.not_now(run.state)
        known = {one.person: one for one in slips(run.id)}
        before = known.pop(person, None)
        given = months.gather(alliance, institution, month, None, scheme=run.scheme)
        working = Working(institution, month, run.scheme)
        others = _standing(alliance, known.values())
        made = make_slips(working, given, _shares(alliance, run), frozenset({person}), others)
        if before is None and not made.slips[person].lines:
            raise Refused("Nothing is due to this person for the month; file it first.")
        if before and _same(made, before):
            raise Refused("The payslip comes out as it is; correct what it rests on first.")
        revision = before.revision + 1 if before else 0
        kept = keep_run(
            session, f"slip:{institution}/{month}/{person}", made.figures, alliance=alliance, by=by, now=now,
            inputs={"month": month, "bonus_run": run.number, "revision": revision},
        )  # fmt: skip
        _keep_slips(session, run.id, made, given, kept.id, revision, reason.strip(), by, now)
        _take_sums(row, made, kept.id)
        _step(session, row.id, runs.CORRECT, by, now, reason=reason)
        record(
            session, Act.WORKPOINTS_SLIP_CORRECT, f"slip:{institution}/{month}/{person}", by=by, now=now,
            alliance=alliance, reason=reason.strip(), revision=revision,
        )  # fmt: skip
        return revision


def _standing(alliance: int, known: Collection[SlipInfo]) -> list[KeptLine]:
    """The lines of slips that stay as they are, with what leads to the figures behind them."""
    kept = audit.read_runs({one.figures for one in known}, alliance)
    return [
        KeptLine(
            one.person, one.group or "administration", line.sort, line.subject, line.figure, yuan(line.amount),
            f"figure:{kept[one.figures].digest}/{line.figure}",
        )
        for one in known for line in one.lines
    ]  # fmt: skip


def _same(made: SlipsMonth, before: SlipInfo) -> bool:
    """Whether a slip came out as it was; of whom nothing was made, nothing is due."""
    now = made.slips.get(before.person)
    mine = [(line.sort, _cents(line.amount)) for line in now.lines] if now else []
    return mine == [(line.sort, line.amount) for line in before.lines]


def _check_fresh(alliance: int, run: BonusRunInfo) -> None:
    """Refuse payslips that are not what is filed by now: pay withheld or a night entered since would be lost."""
    given = months.gather(alliance, run.institution, run.month, None, scheme=run.scheme)
    made = make_slips(Working(run.institution, run.month, run.scheme), given, _shares(alliance, run))
    known = {one.person: one for one in slips(run.id)}
    old = sorted({one.person for one in known.values() if not _same(made, one)} | (made.slips.keys() - known.keys()))
    if old:
        reason = mark("something was filed since the payslip was made; make it again")
        problems = [Problem(person, "", reason) for person in old]
        raise Refused("%(count)s payslips are not what is filed now.", count=len(old), problems=problems)


def _check_held(alliance: int, run: BonusRunInfo) -> None:
    """Refuse to pay of a reserve what was not released of it or is not in it, and to release what was not withheld."""
    _refuse(RELEASES, release_problems(alliance, run))
    left = balances(alliance, run.institution, run.month)
    released = {one.person for one in holdings(alliance, run.institution, run.month) if one.sort == RELEASED}
    _refuse(NOT_WITHHELD, [
        Problem(person, str(yuan(left[person])), mark("more is released than was withheld; take the entry back"))
        for person in sorted(released) if left.get(person, 0) < 0
    ])  # fmt: skip


def _refuse(message: str, problems: Sequence[Problem]) -> None:
    if problems:
        raise Refused(message, count=len(problems), problems=problems)


def check_run(alliance: int, institution: str, month: str, reason: str = "", *, by: Actor, now: datetime) -> None:
    """Confirm a draft as a second person. Refused while slips are missing or not what is filed by now, a difference is
    not 0, something blocks; without a reason while the share of medical operation pay is too low."""
    run = bonus_run(alliance, institution, month)
    warned = run is not None and any(one.kind == "operation_share" for one in run.issues)
    if warned and len(reason.strip()) < runs.SHORTEST:
        raise Refused("Medical operation pay is under its share; give a reason of at least ten characters.")
    _take(Act.WORKPOINTS_RUN_CHECK, runs.CHECK, alliance, institution, month, by, now, reason=reason)


def return_run(alliance: int, institution: str, month: str, reason: str, *, by: Actor, now: datetime) -> None:
    """Give a checked run back to who computes, with the reason."""
    _take(Act.WORKPOINTS_RUN_RETURN, runs.RETURN, alliance, institution, month, by, now, reason=reason)


def approve_run(alliance: int, institution: str, month: str, decision: str, *, by: Actor, now: datetime) -> None:
    """Approve a checked run on a record of the hospital's body about it; refused as a check when something was filed
    since."""
    _take(Act.WORKPOINTS_RUN_APPROVE, runs.APPROVE, alliance, institution, month, by, now, decision=decision)


def pay_run(alliance: int, institution: str, month: str, *, by: Actor, now: datetime) -> None:
    """Confirm that an approved run was paid; by somebody else than who checked it."""
    _take(Act.WORKPOINTS_RUN_PAY, runs.PAY, alliance, institution, month, by, now)


def reverse_run(
    alliance: int, institution: str, month: str, reason: str, decision: str = "", *, by: Actor, now: datetime
) -> None:
    """Take a run that is not paid out of force; everything is kept, and the month may be computed anew."""
    _take(
        Act.WORKPOINTS_RUN_REVERSE, runs.REVERSE, alliance, institution, month, by, now, reason=reason,
        decision=decision,
    )  # fmt: skip


def _take(
    act: Act, what: str, alliance: int, institution: str, month: str, by: Actor, now: datetime, *, reason: str = "",
    decision: str = "",
) -> None:  # fmt: skip
    """A step of a run, by the rules of who may take it after whom."""
    Period.parse(month)
    with verb(by, alone_in=alliance) as session:
        row = _row(session, alliance, institution, month)
        run = bonus_run(alliance, institution, month)
        assert run is not None
        state = runs.take(run.history, what, by.account, reason=reason, decision=decision, may_submit=run.may_submit)
        step = runs.move(what, run.state)
        if what in (runs.CHECK, runs.APPROVE):
            _check_held(alliance, run)
            with computing():
                _check_fresh(alliance, run)
        if what == runs.REVERSE and run.state in SHOWN:
            _refuse(RELEASED_LATER, reserve_problems(alliance, run))
        if step is not None and step.decision:
            require_record(alliance, institution, decision, subject_of(run), since=run.steps[0].at)
            if any(one.decision == decision for one in run.steps):
                raise Refused(
                    "Record %(number)s approved this run; reversing it needs one of its own.", number=decision
                )
        row.state = state
        _step(session, row.id, what, by, now, reason=reason, decision=decision)
        detail = {"reason": reason.strip()} if reason.strip() else {}
        record(session, act, subject_of(run), by=by, now=now, alliance=alliance, state=state, **detail)
