"""The questions about corrections: what was entered, what a paid month gave, what entering more would change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from alliance.audit import queries as audit
from alliance.core.money import yuan
from alliance.core.period import Period
from alliance.core.refused import Problem, Refused, mark
from alliance.db import db
from alliance.workpoints.models import CorrectionRow
from alliance.workpoints.queries.duties import TWICE
from alliance.workpoints.queries.rolls import check_open
from alliance.workpoints.queries.runs import bonus_run, bonus_runs
from alliance.workpoints.queries.slips import SHOWN, slip, slips
from alliance.workpoints.rules.ledgers import CorrectionPaper, check_correction, check_not_own, check_right
from alliance.workpoints.rules.payslips import LINES
from alliance.workpoints.rules.runs import PAID

NET = "net"  # the sort of what a slip pays in all
WHOLE = f"/{NET}"  # how the figure of a whole payslip ends
AHEAD = 4  # months after the last one approved in which a correction may be paid


@dataclass(frozen=True, slots=True)
class CorrectionInfo:
    """What a past month should have paid a person; `paid` is the digest of the run and the key of the figure that was
    paid. In cents."""

    number: int
    person: str
    month: str
    pays_in: str
    paid: str
    paid_amount: int
    amount: int
    reason: str
    document: str
    recorded_by: str
    recorded_at: datetime

    @property
    def difference(self) -> int:
        """What the later month pays, or with a minus takes back."""
        return self.amount - self.paid_amount


@dataclass(frozen=True, slots=True)
class PaidPart:
    """A line of a payslip that was paid, or its sum (sort `net`): the figure as digest and key, in cents."""

    figure: str
    sort: str
    subject: str
    amount: int

    @property
    def is_taken(self) -> bool:
        """Whether it was taken off: withheld or recovered."""
        return self.sort != NET and LINES[self.sort][2] < 0


@dataclass(frozen=True, slots=True)
class PaidPerson:
    """What a paid month gave a person in all, as it was put right last, in cents."""

    person: str
    unit: str
    amount: int


@dataclass(frozen=True, slots=True)
class GivenRight:
    """What a line of a person's payslip should have been, in cents: `paid` is its figure as digest and key, "" for the
    payslip as a whole; `row` where it stands in a file, 0 for none."""

    person: str
    cents: int
    paid: str = ""
    row: int = 0


@dataclass(frozen=True, slots=True)
class RightPart:
    """What was paid of a figure, as it was put right last, beside what is right; in cents."""

    person: str
    figure: str
    before: int
    right: int

    @property
    def difference(self) -> int:
        """What is paid later, or with a minus taken back; 0 where nothing is to be corrected."""
        return self.right - self.before


CORRECTION: tuple[Any, ...] = (
    CorrectionRow.number, CorrectionRow.person, CorrectionRow.month, CorrectionRow.pays_in, CorrectionRow.paid,
    CorrectionRow.paid_amount, CorrectionRow.amount, CorrectionRow.reason, CorrectionRow.document,
    CorrectionRow.recorded_by, CorrectionRow.recorded_at,
)  # fmt: skip


def corrections(alliance: int, institution: str, pays_in: str = "") -> list[CorrectionInfo]:
    """The corrections that are paid with a month, or with any, by number."""
    wanted = select(*CORRECTION).where(CorrectionRow.alliance_id == alliance, CorrectionRow.institution == institution)
    wanted = wanted.where(CorrectionRow.pays_in == pays_in) if pays_in else wanted
    return [CorrectionInfo(*row) for row in db.session.execute(wanted.order_by(CorrectionRow.number))]


def _corrected(alliance: int, institution: str, month: str) -> dict[str, list[CorrectionInfo]]:
    """The corrections of a paid month by person, the last one last."""
    found: dict[str, list[CorrectionInfo]] = {}
    for one in corrections(alliance, institution):
        if one.month == month:
            found.setdefault(one.person, []).append(one)
    return found


def paid_in_all(alliance: int, institution: str, month: str) -> list[PaidPerson]:
    """What each payslip of a paid month gave, by unit and staff number; empty where nothing was paid."""
    run, done = bonus_run(alliance, institution, month), _corrected(alliance, institution, month)
    if run is None or run.state != PAID:
        return []
    return [
        PaidPerson(one.person, one.unit, one.net + sum(past.difference for past in done.get(one.person, ())))
        for one in slips(run.id)
    ]


def paid_lines(alliance: int, institution: str, person: str, month: str) -> list[PaidPart]:
    """What the payslip of a paid month gave a person, line by line, and its sum; empty when nothing was paid."""
    return _paid_lines(alliance, institution, month, [person]).get(person, [])


def _paid_lines(alliance: int, institution: str, month: str, persons: Sequence[str]) -> dict[str, list[PaidPart]]:
    """The same of several persons: of one alone the others' payslips are not read."""
    run = bonus_run(alliance, institution, month)
    if run is None or run.state != PAID:
        return {}
    found = [slip(run.id, persons[0])] if len(persons) == 1 else slips(run.id)
    mine = {one.person: one for one in found if one is not None}
    kept = audit.read_runs({one.figures for one in mine.values()}, alliance)
    paid = {}
    for person, one in mine.items():
        if one.figures in kept:
            digest = kept[one.figures].digest
            lines = [PaidPart(f"{digest}/{line.figure}", line.sort, line.subject, line.amount) for line in one.lines]
            paid[person] = [*lines, PaidPart(f"{digest}/person/{person}{WHOLE}", NET, "", one.net)]
    return paid


def months_to_pay(alliance: int, institution: str, month: str) -> list[str]:
    """The months with which a correction of a paid one may be paid, the next first: none that is approved."""
    shut = {run.month for run in bonus_runs(alliance, institution) if run.state in SHOWN}
    first, last = Period.parse(month), Period.parse(max({month, *shut}))
    codes = [first.back(-ahead).code for ahead in range(1, last.start - first.start + AHEAD + 1)]
    return [code for code in codes if code not in shut]


def correction_changes(
    alliance: int, institution: str, paper: CorrectionPaper, given: Sequence[GivenRight], own: str = ""
) -> list[RightPart]:
    """What correcting a paid month would change, with nothing kept: one by one or many at once, by the same rules.

    What was corrected before counts as it was put right last, so no difference is paid twice. Refused, rows of a file
    with every one that is wrong: what was never paid, what was taken off, lines of a payslip and its sum both, a
    person twice, an amount that is none, a month that is not later or is approved, no reason, no document; when every
    amount is the one that was paid; what `own`, the staff number of who enters it, is paid.
    """
    check_correction(paper)
    check_open(alliance, institution, paper.pays_in)
    paid = _paid_lines(alliance, institution, paper.month, [one.person for one in given])
    done, problems, seen = _corrected(alliance, institution, paper.month), list[Problem](), set[str]()
    found = []
    for one in given:
        try:
            if one.person in seen:
                raise Refused(TWICE)
            part = _right_part(one, paper.month, paid.get(one.person, ()), done.get(one.person, ()))
            check_not_own([one.person] if part.difference else [], own)
            found.append(part)
        except Refused as refused:
            if not one.row:
                raise
            problems.append(_problem(one, refused.message, refused.numbers))
        seen.add(one.person)
    if problems:
        raise Refused("%(count)s corrections cannot be entered; nothing was changed.",
                      count=len(problems), problems=problems)  # fmt: skip
    if not any(one.difference for one in found):
        raise Refused("What was paid, as it was put right last, is the right amount: nothing is left to correct.")
    return found


def _right_part(
    given: GivenRight, month: str, paid: Iterable[PaidPart], done: Sequence[CorrectionInfo]
) -> RightPart:  # fmt: skip
    check_right(given.cents)
    lines = {one.figure: one for one in paid}
    if not lines:
        raise Refused("This person has no payslip of %(period)s that was paid.", period=month)
    figure = given.paid or next(one.figure for one in lines.values() if one.sort == NET)
    if figure not in lines:
        raise Refused("No payslip of %(period)s paid this line; choose one that was paid.", period=month)
    if lines[figure].is_taken:  # less of it would be more
        raise Refused("This line was taken off: release what was withheld, or correct what is paid in all.")
    if any(one.paid.endswith(WHOLE) != figure.endswith(WHOLE) for one in done):  # the one holds the other
        raise Refused(
            "This payslip was corrected before, by its lines or as a whole; go on in the same way, or it counts twice."
        )
    before = [one.amount for one in done if one.paid == figure]
    return RightPart(given.person, figure, before[-1] if before else lines[figure].amount, given.cents)


def _problem(one: GivenRight, message: str, numbers: Mapping[str, object]) -> Problem:
    at: dict[str, object] = {"row": one.row, "person": one.person}
    return Problem(mark("row %(row)s, staff number %(person)s"), str(yuan(one.cents)), message, dict(numbers), at)
