"""The verbs of a run's payslips: make them all, correct one; and whether they are what is filed now."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy.orm import Session

from alliance.audit import queries as audit
from alliance.audit.services import computing, keep_run, record, verb
from alliance.core.actor import Actor
from alliance.core.acts import Act
from alliance.core.money import yuan
from alliance.core.period import day_of
from alliance.core.refused import NotFound, Problem, Refused, mark
from alliance.core.workdays import Works
from alliance.db import insert_many
from alliance.workpoints.models import BonusRun, Slip, SlipLine
from alliance.workpoints.queries import months
from alliance.workpoints.queries.rolls import employees_of
from alliance.workpoints.queries.runs import BonusRunInfo, bonus_run, bonus_shares, bonus_units
from alliance.workpoints.queries.slips import SlipInfo, slips
from alliance.workpoints.rules import runs
from alliance.workpoints.rules.issues import Issue, in_order
from alliance.workpoints.rules.month.given import MonthGiven
from alliance.workpoints.rules.month.slips import SUM_ISSUES, SUM_ROW, KeptLine, Share, SlipsMonth, make_slips
from alliance.workpoints.rules.working import Working
from alliance.workpoints.services.runs.rows import in_cents, keep_step, locked, reconciled, subject_of


@computing()
def compute_slip(alliance: int, institution: str, month: str, works: Works, *, by: Actor, now: datetime) -> int:
    """Make everybody's payslip once every unit is final; how many. They rest on no charge lines any more.

    Refused: a run that is no draft, slips that are made already, units that are not final yet, each by name; whatever
    the slips need and is not there.
    """
    with verb(by, alone_in=alliance) as session:
        row = locked(session, alliance, institution, month)
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
        found = reconciled(made.rows, [])
        row.slips_run = kept.id
        row.reconciliation = [*row.reconciliation, *found["reconciliation"]]
        row.issues = [
            [one.kind, one.where, one.amount]
            for one in in_order([*run.issues, *made.issues, *(Issue(*one) for one in found["issues"])])
        ]
        keep_step(session, row.id, runs.SLIPS, by, now)
        record(
            session, Act.WORKPOINTS_SLIP_COMPUTE, subject_of(run), by=by, now=now, alliance=alliance,
            count=len(made.slips), digest=kept.digest,
        )  # fmt: skip
        return len(made.slips)


def _take_sums(row: BonusRun, made: SlipsMonth, kept: int) -> None:
    """Let a run say what its payslips in force add up to, in the place of what it said of them before."""
    found = reconciled(made.rows, made.issues)
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
            "staff_group": made.groups.get(one.person, ""), "net": in_cents(one.net), "run_id": kept, "reason": reason,
            "made_by": by.account, "made_at": now,
        })  # fmt: skip
        lines += [
            {
                "bonus_run_id": run, "person": one.person, "revision": revision, "position": position,
                "sort": line.sort, "subject": made.subjects[line.amount.key], "month": line.month,
                "amount": in_cents(line.amount), "figure": line.amount.key,
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
        row = locked(session, alliance, institution, month)
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
        keep_step(session, row.id, runs.CORRECT, by, now, reason=reason)
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
    mine = [(line.sort, in_cents(line.amount)) for line in now.lines] if now else []
    return mine == [(line.sort, line.amount) for line in before.lines]


def check_fresh(alliance: int, run: BonusRunInfo) -> None:
    """Refuse payslips that are not what is filed by now: pay withheld or a night entered since would be lost."""
    given = months.gather(alliance, run.institution, run.month, None, scheme=run.scheme)
    made = make_slips(Working(run.institution, run.month, run.scheme), given, _shares(alliance, run))
    known = {one.person: one for one in slips(run.id)}
    old = sorted({one.person for one in known.values() if not _same(made, one)} | (made.slips.keys() - known.keys()))
    if old:
        reason = mark("something was filed since the payslip was made; make it again")
        problems = [Problem(person, "", reason) for person in old]
        raise Refused("%(count)s payslips are not what is filed now.", count=len(old), problems=problems)
