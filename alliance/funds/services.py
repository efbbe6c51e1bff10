"""The verbs of money: file totals and pool lines, compute the fund, decide it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from alliance.accounts import queries as accounts
from alliance.audit import queries as audit
from alliance.audit.services import computing, keep_run, pack, record, verb
from alliance.core.actor import Actor
from alliance.core.acts import Act
from alliance.core.figure import canonical, digest, trail
from alliance.core.money import cents, yuan
from alliance.core.period import Period
from alliance.core.refused import Forbidden, NotFound, Problem, Refused, mark
from alliance.db import insert_many
from alliance.evaluation import queries as evaluation
from alliance.funds.models import FundEstimate, FundRun, FundShare, PoolLine, Total
from alliance.funds.queries import (
    TotalInfo,
    check_current,
    check_undecided,
    fund,
    fund_info,
    lines,
    totals,
    work_out,
    work_out_so_far,
)
from alliance.funds.rules import Pool
from alliance.members import queries as members
from alliance.work.rules import Place
from alliance.work.services import enqueue


@dataclass(frozen=True, slots=True)
class TotalRow:
    """What is filed about a member; money in cents, None where it is not known.

    `seen` is the revision that its author had before the eyes, 0 for none, None when it does not matter.
    """

    institution: str
    performance_total: int | None
    headcount: Decimal | None
    last_per_head: int | None = None
    seen: int | None = None


def file_total(alliance: int, period: str, rows: Sequence[TotalRow], document: str, *, by: Actor, now: datetime) -> int:
    """File performance totals and headcounts with their document; how many changed. All or nothing.

    Refused: a negative amount, a stranger, no document, a row that somebody else changed meanwhile.
    """
    if not document.strip():
        raise Refused("Name the document that the totals are taken from.")
    known = {one.code for one in members.members(alliance, Period.parse(period).last)}
    problems = [
        Problem("%(who)s", row.institution, mark("is no member in this period"), at={"who": row.institution})
        for row in rows
        if row.institution not in known
    ]
    for row in rows:
        numbers = (row.performance_total, row.headcount, row.last_per_head)
        problems += [
            Problem(row.institution, str(n), mark("must be 0 or more")) for n in numbers if n is not None and n < 0
        ]
    if problems:
        raise Refused("The table has %(count)s errors; nothing was changed.", count=len(problems), problems=problems)
    with verb(by, alone_in=alliance) as session:
        before = totals(alliance, period)
        changed = [row for row in rows if _differs(row, before.get(row.institution))]
        _check_seen(changed, before)
        insert_many(
            session,
            Total,
            [
                {
                    "alliance_id": alliance,
                    "period": period,
                    "institution": row.institution,
                    "revision": (before[row.institution].revision if row.institution in before else 0) + 1,
                    "performance_total": row.performance_total,
                    "headcount": row.headcount,
                    "last_per_head": row.last_per_head,
                    "document": document.strip(),
                    "filed_by": by.account,
                    "filed_at": now,
                }
                for row in changed
            ],
        )
        record(
            session,
            Act.FUNDS_TOTAL_FILE,
            f"totals:{period}",
            by=by,
            now=now,
            alliance=alliance,
            changed=[row.institution for row in changed],
            document=document.strip(),
        )
        return len(changed)


def _check_seen(rows: Sequence[TotalRow], before: Mapping[str, TotalInfo]) -> None:
    """Refuse rows that were written on top of what their author has not seen."""
    stale = [
        row
        for row in rows
        if row.seen is not None and row.seen != (before[row.institution].revision if row.institution in before else 0)
    ]
    if stale:
        reason = mark("somebody changed this row while you typed; look at what stands there now and file it again")
        raise Refused(
            "%(count)s rows were changed by somebody else; nothing was overwritten.",
            count=len(stale),
            problems=[Problem("%(who)s", _typed(row), reason, at={"who": row.institution}) for row in stale],
        )


def _typed(row: TotalRow) -> str:
    """What was meant to be filed of a member, for its author to type again; amounts in yuan."""
    total, last = (None if one is None else yuan(one) for one in (row.performance_total, row.last_per_head))
    return " / ".join(canonical(one) or "—" for one in (total, row.headcount, last))


def _differs(row: TotalRow, before: object) -> bool:
    return before is None or any(
        getattr(before, name) != getattr(row, name) for name in ("performance_total", "headcount", "last_per_head")
    )


def add_line(
    alliance: int, period: str, name: str, amount: Decimal, document: str, *, by: Actor, now: datetime
) -> None:
    """Add a source of the fund beside what members pay in, in yuan.

    Refused: a negative amount, no name or document, a period whose fund is decided.
    """
    _check_line(period, name, amount, document)
    with verb(by, alone_in=alliance) as session:
        check_undecided(alliance, period)
        number = len(lines(alliance, period)) + 1
        _keep_line(session, alliance, period, (number, 1), name, amount, document, by, now)


def correct_line(
    alliance: int, period: str, number: int, seen: int, name: str, amount: Decimal, document: str, *,
    by: Actor, now: datetime,
) -> None:  # fmt: skip
    """Say anew what a source is: a new revision, beside the earlier ones. An amount of 0 takes it out of the fund.

    `seen` is the revision that the author had before the eyes. Refused as `add_line`; a source corrected meanwhile.
    """
    _check_line(period, name, amount, document)
    with verb(by, alone_in=alliance) as session:
        check_undecided(alliance, period)
        standing = next((one for one in lines(alliance, period) if one.number == number), None)
        if standing is None:
            raise NotFound()
        if standing.revision != seen:
            raise Refused("Somebody else corrected this source meanwhile; look at it and correct it again.")
        _keep_line(session, alliance, period, (number, seen + 1), name, amount, document, by, now)


def _check_line(period: str, name: str, amount: Decimal, document: str) -> None:
    if amount < 0:
        raise Refused("The pool line %(line)s is %(amount)s; it must be 0 or more.", line=name, amount=amount)
    if not name.strip() or not document.strip():
        raise Refused("A pool line needs a name and a document.")
    Period.parse(period)


def _keep_line(
    session: Session, alliance: int, period: str, place: tuple[int, int], name: str, amount: Decimal, document: str,
    by: Actor, now: datetime,
) -> None:  # fmt: skip
    """Add a source at its place, which is number and revision."""
    number, revision = place
    session.add(PoolLine(
        alliance_id=alliance, period=period, number=number, revision=revision, name=name.strip(),
        amount=cents(amount), document=document.strip(), filed_by=by.account, filed_at=now,
    ))  # fmt: skip
    subject = f"line:{period}/{number}@{revision}"
    record(session, Act.FUNDS_TOTAL_FILE, subject, by=by, now=now, alliance=alliance, cents=cents(amount))


def print_statement(alliance: int, run_id: int, language: str, *, by: Actor, now: datetime) -> int:
    """Ask that the statements of all members of a fund be set as one PDF; the number of the job.

    The file lies among those of who asks, so each has a job of their own. NotFound: no such fund.
    """
    with verb(by) as session:
        if fund(alliance, run_id) is None:
            raise NotFound()
        return enqueue(
            session, alliance, Act.FUNDS_STATEMENT_PRINT, f"{run_id}/{language}/{by.account}",
            subject=f"fund:{run_id}", parameters={"number": run_id, "language": language},
            origin=Place("funds.read_fund", {"number": run_id}), reader=None, by=by, now=now,
        )  # fmt: skip


def compute_fund(alliance: int, period: str, *, by: Actor, now: datetime) -> int:
    """Share the fund of a period by its official scores, and keep every figure; the number of the run."""
    with verb(by, alone_in=alliance) as session, computing():
        check_undecided(alliance, period)
        pool, scores = work_out(alliance, period)
        run = keep_run(
            session,
            f"fund:{period}",
            pool.figures,
            alliance=alliance,
            by=by,
            now=now,
            inputs={"period": period, "score_run": scores.run_id},
        )
        session.add(
            FundRun(
                run_id=run.id,
                alliance_id=alliance,
                period=period,
                score_run_id=scores.run_id,
                pool=cents(pool.total.value or Decimal(0)),
                reserve=cents(pool.reserve.value or Decimal(0)),
                decision="",
                decided_by="",
            )
        )
        session.flush()
        insert_many(session, FundShare, [{"run_id": run.id, **row} for row in _shares(pool)])
        record(
            session,
            Act.FUNDS_FUND_COMPUTE,
            f"run:{run.id}",
            by=by,
            now=now,
            alliance=alliance,
            period=period,
            digest=run.digest,
        )
        return run.id


def decide_fund(alliance: int, run_id: int, *, decision: str, by: Actor, now: datetime) -> None:
    """Approve a computed fund by decision.

    Refused: an own computation, another fund of the period decided before, an earlier fund that waits, a fund that
    would come out differently now.
    """
    with verb(by, alone_in=alliance) as session, computing():
        row = session.scalars(
            select(FundRun).where(FundRun.run_id == run_id, FundRun.alliance_id == alliance).with_for_update()
        ).first()
        if row is None:
            raise NotFound()
        check_undecided(alliance, row.period)
        run = audit.read_run(run_id, alliance)
        if run is None or run.account == by.account:
            raise Forbidden("You computed this fund: another person must approve it.")
        check_current(alliance, fund_info(alliance, row))
        accounts.require_decision(alliance, decision, f"fund:{run_id}", since=run.at)
        row.decision, row.decided_by, row.decided_at = decision, by.account, now
        record(session, Act.FUNDS_FUND_DECIDE, f"run:{run_id}", by=by, now=now, alliance=alliance, decision=decision)


def _shares(pool: Pool) -> list[dict[str, Any]]:
    """The rows of what each member pays in and receives, in cents."""
    return [
        {
            "institution": share.code,
            "paid_in": cents(share.paid_in.value or Decimal(0)),
            "received": cents(share.received.value or Decimal(0)),
            "reason": share.reason,
        }
        for share in pool.shares
    ]


def estimate_funds(alliance: int, *, by: Actor, now: datetime) -> list[str]:
    """Estimate the money of every period with provisional scores, in the place of the estimates before; the periods
    estimated. Nothing is ever paid by them."""
    done = []
    with verb(by, alone_in=alliance) as session, computing():
        session.execute(delete(FundEstimate).where(FundEstimate.alliance_id == alliance))
        for estimate in evaluation.estimates(alliance):
            worked = work_out_so_far(alliance, estimate.period)
            if worked is None:
                continue
            pool, totals_of = worked
            found = digest(trail(*pool.figures))
            session.add(
                FundEstimate(
                    alliance_id=alliance,
                    period=estimate.period,
                    totals_of=totals_of,
                    digest=found,
                    shares=_shares(pool),
                    figures=pack(pool.figures),
                    computed_by=by.account,
                    computed_at=now,
                )
            )
            subject = f"estimate:{estimate.period}"
            record(session, Act.FUNDS_ESTIMATE_COMPUTE, subject, by=by, now=now, alliance=alliance, digest=found)
            done.append(estimate.period)
    return done
