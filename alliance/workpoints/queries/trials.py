"""The questions about schemes on trial: what a scheme would give in a month, and the trials that were kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from sqlalchemy import Select, select

from alliance.db import db
from alliance.workpoints.models import BonusRun, BonusTrial
from alliance.workpoints.queries import months
from alliance.workpoints.queries.schemes import SchemeInfo
from alliance.workpoints.rules.month.first import distribute_month
from alliance.workpoints.rules.month.second import SecondMonth, share_first
from alliance.workpoints.rules.month.slips import Share, make_slips
from alliance.workpoints.rules.runs import REVERSED
from alliance.workpoints.rules.trials import MOST_MONTHS, Compared, Outcome, backdated, outcome
from alliance.workpoints.rules.working import Working
from alliance.workpoints.volume.partitions import Partitions

TRIAL = "trial"  # stands where a kept run has its digest: figures of a trial are shown nowhere


@dataclass(frozen=True, slots=True)
class TrialInfo:
    """A trial as it was kept: the version tried, its text's digest, the scheme of each month that it is compared with,
    and who gets what; each person with the unit of the last month."""

    number: int
    institution: str
    scheme: str
    sha256: str
    months: dict[str, str]
    recorded_by: str
    recorded_at: datetime
    units: tuple[Compared, ...]
    persons: tuple[Compared, ...]
    unit_of: dict[str, str]


def work_out(
    alliance: int, institution: str, month: str, partitions: Partitions, scheme: SchemeInfo
) -> tuple[Outcome, dict[str, str]]:  # fmt: skip
    """What a scheme gives in a month by what is filed today, and everybody's last unit of it; nothing is kept.

    Refused: everything that keeps a run of the month from being computed.
    """
    lines = months.lines_of(alliance, institution, month, partitions, scheme)
    given = months.gather(alliance, institution, month, lines, scheme.reference)
    tried = replace(given.scheme, nights=backdated(given.scheme.nights))
    given = replace(given, scheme=tried, holdings=[], corrections=[])
    first = distribute_month(Working(institution, month, scheme.reference), given)
    second = share_first(Working(institution, month, scheme.reference), given, first, TRIAL)
    slips = make_slips(Working(institution, month, scheme.reference), given, _shares(second))
    return outcome(first, slips), {one.number: one.unit for one in given.people}


def _shares(second: SecondMonth) -> list[Share]:
    rows = [("bonus", unit, one.shares) for unit, one in second.units.items()]
    rows += [("head_bonus", "", second.heads), ("bonus", "", second.administration)]
    return [
        Share(person, unit, sort, figure.value or Decimal(0), f"figure:{TRIAL}/{figure.key}")
        for sort, unit, shares in rows for person, figure in shares.items()
    ]  # fmt: skip


def trial_months(alliance: int, institution: str) -> list[str]:
    """The months on which a scheme may be tried, the newest first: the last twelve that have a run in force."""
    rows = select(BonusRun.month).where(
        BonusRun.alliance_id == alliance, BonusRun.institution == institution, BonusRun.state != REVERSED
    )
    return list(db.session.scalars(rows.order_by(BonusRun.month.desc()).limit(MOST_MONTHS)))


def _trials(alliance: int, institution: str) -> Select[BonusTrial]:
    return select(BonusTrial).where(BonusTrial.alliance_id == alliance, BonusTrial.institution == institution)


def trials(alliance: int, institution: str, scheme: str) -> list[TrialInfo]:
    """The trials of a version, the newest first."""
    rows = _trials(alliance, institution).where(BonusTrial.scheme == scheme).order_by(BonusTrial.id.desc())
    return [_info(row) for row in db.session.scalars(rows)]


def trial_info(alliance: int, institution: str, number: int) -> TrialInfo | None:
    """One trial; None where there is none."""
    row = db.session.scalar(_trials(alliance, institution).where(BonusTrial.id == number))
    return _info(row) if row else None


def _info(row: BonusTrial) -> TrialInfo:
    return TrialInfo(
        row.id, row.institution, row.scheme, row.sha256, row.months, row.recorded_by, row.recorded_at,
        _compared(row.units), _compared([one[:3] for one in row.persons]), {one[0]: one[3] for one in row.persons},
    )  # fmt: skip


def _compared(rows: Sequence[Sequence[str | int]]) -> tuple[Compared, ...]:
    return tuple(Compared(str(code), int(before), int(after)) for code, before, after in rows)
