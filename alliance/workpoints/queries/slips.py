"""The questions about payslips: of a run, of a person, and what was paid in the year to date."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, and_, func, select

from alliance.core.money import yuan
from alliance.db import db
from alliance.workpoints.models import BonusRun, Slip, SlipLine
from alliance.workpoints.rules.runs import PAID
from alliance.workpoints.rules.subjects import SUBJECTS, PaidBefore, Subject

SHOWN = ("approved", PAID)  # of a run whose slips its people see


@dataclass(frozen=True, slots=True)
class SlipLineInfo:
    """A line of a slip, in cents; `figure` is the key of the figure behind it."""

    sort: str
    subject: str
    month: str
    amount: int
    figure: str


@dataclass(frozen=True, slots=True)
class SlipInfo:
    """A person's payslip in its newest revision; net in cents, what is taken off stands as a positive amount."""

    run: int
    institution: str
    month: str
    number: int
    state: str
    person: str
    revision: int
    unit: str
    group: str
    net: int
    figures: int  # the kept run of its figures
    reason: str
    made_by: str
    made_at: datetime
    lines: tuple[SlipLineInfo, ...] = ()

    @classmethod
    def of(cls, row: Slip, run: BonusRun, lines: Sequence[SlipLineInfo]) -> SlipInfo:
        """The slip of its row and its run's."""
        return cls(
            row.bonus_run_id, run.institution, run.month, run.number, run.state, row.person, row.revision, row.unit,
            row.staff_group, row.net, row.run_id, row.reason, row.made_by, row.made_at, tuple(lines),
        )  # fmt: skip


def slips(run: int, units: Collection[str] | None = None) -> list[SlipInfo]:
    """The slips of a run in their newest revision, by unit and number, with their lines."""
    rows = newest_slips().where(Slip.bonus_run_id == run)
    if units is not None:
        rows = rows.where(Slip.unit.in_(list(units)))
    found = db.session.execute(rows.order_by(Slip.unit, Slip.person)).all()
    lines: dict[tuple[str, int], list[SlipLineInfo]] = {}
    wanted = select(SlipLine).where(SlipLine.bonus_run_id == run).order_by(SlipLine.person, SlipLine.position)
    for line in db.session.scalars(wanted):
        lines.setdefault((line.person, line.revision), []).append(_line(line))
    return [SlipInfo.of(slip, of, lines.get((slip.person, slip.revision), [])) for slip, of in found]


def slip(run: int, person: str, revision: int | None = None) -> SlipInfo | None:
    """A person's slip in a run: the newest, or a revision of it."""
    rows = (
        newest_slips() if revision is None
        else select(Slip, BonusRun).join(BonusRun, BonusRun.id == Slip.bonus_run_id).where(Slip.revision == revision)
    )  # fmt: skip
    found = db.session.execute(rows.where(Slip.bonus_run_id == run, Slip.person == person)).first()
    if found is None:
        return None
    mine = select(SlipLine).where(
        SlipLine.bonus_run_id == run, SlipLine.person == person, SlipLine.revision == found[0].revision
    )
    lines = [_line(line) for line in db.session.scalars(mine.order_by(SlipLine.position))]
    return SlipInfo.of(found[0], found[1], lines)


def slips_of(alliance: int, institution: str, person: str, year: int | None = None) -> list[SlipInfo]:
    """A person's slips that were approved or paid, the newest month first, without their lines."""
    rows = newest_slips().where(
        BonusRun.alliance_id == alliance, BonusRun.institution == institution, Slip.person == person,
        BonusRun.state.in_(SHOWN),
    )  # fmt: skip
    if year is not None:
        rows = rows.where(BonusRun.month.startswith(f"{year}-", autoescape=True))
    return [SlipInfo.of(row, of, []) for row, of in db.session.execute(rows.order_by(BonusRun.month.desc()))]


def newest_slips() -> Select[Slip, BonusRun]:
    """Slips with their runs, each in its newest revision."""
    last = (
        select(Slip.bonus_run_id, Slip.person, func.max(Slip.revision).label("revision"))
        .group_by(Slip.bonus_run_id, Slip.person)
        .subquery()
    )
    return (
        select(Slip, BonusRun)
        .select_from(Slip)
        .join(BonusRun, BonusRun.id == Slip.bonus_run_id)
        .join(last, and_(last.c.bonus_run_id == Slip.bonus_run_id, last.c.person == Slip.person,
                         last.c.revision == Slip.revision))
    )  # fmt: skip


def paid_before(alliance: int, institution: str, month: str) -> list[PaidBefore]:
    """What the approved and paid months of a year before a month paid as performance, the oldest first."""
    rows = newest_slips().with_only_columns(BonusRun.month, SlipLine.subject, func.sum(SlipLine.amount)).join(
        SlipLine,
        and_(SlipLine.bonus_run_id == Slip.bonus_run_id, SlipLine.person == Slip.person,
             SlipLine.revision == Slip.revision),
    )  # fmt: skip
    rows = rows.where(
        BonusRun.alliance_id == alliance, BonusRun.institution == institution, BonusRun.state.in_(SHOWN),
        BonusRun.month >= f"{month[:4]}-01", BonusRun.month < month, SlipLine.subject != "",
    )  # fmt: skip
    found: dict[str, list[tuple[Subject, int]]] = {}
    for of, subject, cents in db.session.execute(rows.group_by(BonusRun.month, SlipLine.subject)):
        found.setdefault(of, []).append((SUBJECTS[subject], int(cents)))
    return [
        PaidBefore(
            of, yuan(sum(cents for one, cents in sums if one.performance and one.operation)),
            yuan(sum(cents for one, cents in sums if one.performance)),
        )
        for of, sums in sorted(found.items())
    ]  # fmt: skip


def _line(row: SlipLine) -> SlipLineInfo:
    return SlipLineInfo(row.sort, row.subject, row.month, row.amount, row.figure)
