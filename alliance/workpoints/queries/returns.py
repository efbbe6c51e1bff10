"""The questions about payments that the bank returned: what came back of a run, what may come back still."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from alliance.core.money import yuan
from alliance.core.refused import Problem, mark
from alliance.db import db
from alliance.workpoints.models import BankReturn, BonusRun
from alliance.workpoints.queries.runs import BonusRunInfo
from alliance.workpoints.queries.slips import slips
from alliance.workpoints.rules.returns import REASON, WITHHELD, Returned, last_batch, still_out
from alliance.workpoints.rules.runs import REVERSED

NO_SLIP = mark("has no payslip in this run")
NO_AMOUNT = mark("must be above 0")
TOO_MUCH = mark("is more than the %(most)s CNY of this person that the bank has")
NO_REASON = mark("says not why the bank returned it")
TOO_LONG = mark("has a reason of more than %(most)s characters")


@dataclass(frozen=True, slots=True)
class BankReturnInfo:
    """A payment that came back: number, person, amount in cents, the batch that paid it, reason and document, what
    became of it, and by whom; `paid_batch` is the batch that paid it again, 0 for none."""

    number: int
    person: str
    amount: int
    batch: int
    reason: str
    document: str
    state: str
    paid_batch: int
    note: str
    recorded_by: str
    recorded_at: datetime
    settled_by: str
    settled_at: datetime | None

    @property
    def fact(self) -> Returned:
        return Returned(self.amount, self.batch, self.state, self.paid_batch)


@dataclass(frozen=True, slots=True)
class GivenReturn:
    """What the bank says of a payment that it returned: staff number, amount in cents, reason; `row` where it stands
    in a file, 0 for none."""

    person: str
    cents: int
    reason: str
    row: int = 0


def bank_returns(run: int, person: str = "") -> list[BankReturnInfo]:
    """What came back of a run, or of a person in it, in the order of entry."""
    rows = select(BankReturn).where(BankReturn.bonus_run_id == run).order_by(BankReturn.number)
    return [
        BankReturnInfo(
            row.number, row.person, row.amount, row.batch, row.reason, row.document, row.state, row.paid_batch,
            row.note, row.recorded_by, row.recorded_at, row.settled_by, row.settled_at,
        )
        for row in db.session.scalars(rows.where(BankReturn.person == person) if person else rows)
    ]  # fmt: skip


def return_problems(run: BonusRunInfo, given: Sequence[GivenReturn]) -> list[Problem]:
    """What is wrong with payments that are said to have come back: nobody's, none, more than the bank has."""
    nets = {one.person: one.net for one in slips(run.id)}
    known: dict[str, list[Returned]] = {}
    for info in bank_returns(run.id):
        known.setdefault(info.person, []).append(info.fact)
    problems = []
    for one in given:
        mine = known.setdefault(one.person, [])
        most = still_out(nets.get(one.person, 0), mine)
        if one.person not in nets:
            problems.append(_problem(one, NO_SLIP))
        elif one.cents <= 0:
            problems.append(_problem(one, NO_AMOUNT))
        elif one.cents > most:
            problems.append(_problem(one, TOO_MUCH, {"most": yuan(most)}))
        elif not one.reason.strip():
            problems.append(_problem(one, NO_REASON))
        elif len(one.reason) > REASON:
            problems.append(_problem(one, TOO_LONG, {"most": REASON}))
        else:
            mine.append(Returned(one.cents, last_batch(mine)))
    return problems


def _problem(one: GivenReturn, message: str, numbers: dict[str, object] | None = None) -> Problem:
    if not one.row:
        return Problem(one.person, str(yuan(one.cents)), message, numbers or {})
    at = {"row": one.row, "person": one.person}
    return Problem(mark("row %(row)s, staff number %(person)s"), str(yuan(one.cents)), message, numbers or {}, at)


def withheld_returns(alliance: int, institution: str) -> dict[str, int]:
    """What came back and is withheld of each person, in cents, of the runs in force."""
    rows = db.session.execute(
        select(BankReturn.person, func.sum(BankReturn.amount))
        .join(BonusRun, BonusRun.id == BankReturn.bonus_run_id)
        .where(
            BankReturn.alliance_id == alliance, BankReturn.institution == institution, BankReturn.state == WITHHELD,
            BonusRun.state != REVERSED,
        )
        .group_by(BankReturn.person)
    )  # fmt: skip
    return {person: int(amount) for person, amount in rows}
