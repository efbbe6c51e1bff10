"""The questions about records of a hospital's bodies: what is on record of a matter, and whether it carries it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from alliance.core.period import day_of
from alliance.core.refused import Problem, Refused, mark
from alliance.db import db
from alliance.workpoints.models import BonusRun, BonusSchemeRow, BudgetRow, HospitalRecord, TargetSet
from alliance.workpoints.rules.records import BODIES, DECIDING, Meeting, adopted, unheard
from alliance.workpoints.rules.runs import REVERSED


@dataclass(frozen=True, slots=True)
class RecordInfo:
    """A record: the meeting or publicity, its matter, who recorded it and when."""

    institution: str
    meeting: Meeting
    matter: str
    recorded_by: str
    recorded_at: datetime

    @property
    def number(self) -> str:
        return self.meeting.number

    @property
    def adopted(self) -> bool:
        return adopted(self.meeting)

    @property
    def decides(self) -> bool:
        """Whether what it is about may be put into force by it."""
        return self.adopted and self.meeting.body in DECIDING


def _info(row: HospitalRecord) -> RecordInfo:
    meeting = Meeting(
        row.number, row.body, row.title, row.held_on, row.until, row.participants, row.votes_for, row.votes_against
    )
    return RecordInfo(row.institution, meeting, row.matter, row.recorded_by, row.recorded_at)


def records(alliance: int, institution: str, matter: str) -> list[RecordInfo]:
    """What is on record of a matter (scheme:T01/BONUS/1), in the order of the days."""
    found = select(HospitalRecord).where(
        HospitalRecord.alliance_id == alliance,
        HospitalRecord.institution == institution,
        HospitalRecord.matter == matter,
    )
    return [_info(row) for row in db.session.scalars(found.order_by(HospitalRecord.held_on, HospitalRecord.id))]


def record_of(alliance: int, institution: str, number: str) -> RecordInfo | None:
    """The record of a number."""
    found = select(HospitalRecord).where(
        HospitalRecord.alliance_id == alliance,
        HospitalRecord.institution == institution,
        HospitalRecord.number == number,
    )
    row = db.session.scalars(found).first()
    return _info(row) if row else None


def counting(alliance: int, institution: str, matter: str, since: datetime) -> list[RecordInfo]:
    """The records of a matter as it stands: those before the last change of what they are about do not count."""
    return [one for one in records(alliance, institution, matter) if not is_older(one, since)]


def is_older(record: RecordInfo, since: datetime) -> bool:
    """Whether a record was made before what it is about was drafted."""
    return record.recorded_at < since or record.meeting.held_on < day_of(since)


def require_record(
    alliance: int, institution: str, number: str, matter: str, *, since: datetime | None = None
) -> RecordInfo:
    """The record that puts a matter into force; Refused when there is none, it is on another matter, of a body that
    does not decide, was not adopted by more than half of those present, or is older than `since`."""
    if not number:
        raise Refused("Name the record that decided on it.")
    found = record_of(alliance, institution, number)
    if found is None:
        raise Refused(
            mark("There is no record %(number)s. Record the meeting that decided on it first."), number=number
        )
    if found.matter != matter:
        raise Refused(mark("Record %(number)s is on another matter (%(other)s)."), number=number, other=found.matter)
    if found.meeting.body not in DECIDING:
        raise Refused(
            mark("Record %(number)s is of the %(body)s, which hears and does not decide; name a meeting of the party "
                 "committee or of the directors."),
            number=number, body=BODIES[found.meeting.body],
        )  # fmt: skip
    if not found.adopted:
        raise Refused(
            mark("Record %(number)s carries nothing: %(votes)s of %(present)s present were for it; more than half "
                 "must be."),
            number=number, votes=found.meeting.votes_for, present=found.meeting.participants,
        )  # fmt: skip
    if since is not None and is_older(found, since):
        raise Refused(
            mark("Record %(number)s is older than what stands here now; the meeting has to decide on it anew."),
            number=number,
        )
    return found


def hearing_findings(alliance: int, institution: str, matter: str, since: datetime, today: date) -> list[Problem]:
    """Which hearing a matter has not had as it stands."""
    return unheard([one.meeting for one in counting(alliance, institution, matter, since)], today)


def matters(alliance: int, institution: str) -> list[str]:
    """The matters on which something may be recorded: drafts of schemes and budgets, months' runs; newest first."""
    return [f"{kind}:{one}" for kind, ask in KINDS.items() for one in ask(alliance, institution)]


def matter_exists(alliance: int, institution: str, matter: str) -> bool:
    """Whether there is anything to record on: nothing is decided on what does not exist."""
    kind, _colon, reference = matter.partition(":")
    return kind in KINDS and reference in KINDS[kind](alliance, institution)


def _schemes(alliance: int, institution: str) -> list[str]:
    rows = select(BonusSchemeRow.code, BonusSchemeRow.version).where(
        BonusSchemeRow.alliance_id == alliance, BonusSchemeRow.institution == institution
    )
    found = db.session.execute(rows.order_by(BonusSchemeRow.id.desc()))
    return [f"{institution}/{code}/{version}" for code, version in found]


def _budgets(alliance: int, institution: str) -> list[str]:
    rows = select(BudgetRow.year, BudgetRow.version).where(
        BudgetRow.alliance_id == alliance, BudgetRow.institution == institution
    )
    found = db.session.execute(rows.order_by(BudgetRow.year.desc(), BudgetRow.version.desc()))
    return [f"{institution}/{year}@{version}" for year, version in found]


def _targets(alliance: int, institution: str) -> list[str]:
    rows = select(TargetSet.year, TargetSet.version).where(
        TargetSet.alliance_id == alliance, TargetSet.institution == institution
    )
    found = db.session.execute(rows.order_by(TargetSet.year.desc(), TargetSet.version.desc()))
    return [f"{institution}/{year}@{version}" for year, version in found]


def _runs(alliance: int, institution: str) -> list[str]:
    rows = select(BonusRun.month, BonusRun.number).where(
        BonusRun.alliance_id == alliance, BonusRun.institution == institution, BonusRun.state != REVERSED
    )
    found = db.session.execute(rows.order_by(BonusRun.month.desc(), BonusRun.number.desc()))
    return [f"{institution}/{month}@{number}" for month, number in found]


KINDS: dict[str, Callable[[int, str], list[str]]] = {
    "scheme": _schemes,
    "budget": _budgets,
    "targets": _targets,
    "bonus": _runs,
}
