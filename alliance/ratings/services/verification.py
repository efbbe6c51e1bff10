"""The verbs of who verifies: judge a figure, confirm what was completed, record a finding or take it back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from alliance.audit.services import record, record_many, verb
from alliance.core.actor import Actor
from alliance.core.acts import Act
from alliance.core.period import Period, day_of
from alliance.core.refused import NotFound, Problem, Refused
from alliance.indicators import queries as indicators
from alliance.ratings.models import Completion, Finding, VerifiedFigure
from alliance.ratings.queries.engagements import VerifiedInfo, completions, engagement, figures_drawn
from alliance.ratings.rules.verification import check_completion, check_finding, check_verdict
from alliance.ratings.services.engagements import Looked, check_expert, check_experts, kept, locked_row
from alliance.store import Store


@dataclass(frozen=True, slots=True)
class Judged:
    """What an expert says of a figure: `corrected` as it was typed, "" for none; a file as (name, bytes)."""

    figure: int
    verdict: str
    corrected: str
    source: str
    remark: str
    file: tuple[str, bytes] | None = None


def record_verification(
    alliance: int, number: str, rows: Sequence[Judged], store: Store, *, by: Actor, now: datetime
) -> int:
    """Record what the source says of figures, all of them or none; how many. Until the engagement is locked a later
    record takes the place of an earlier one. What was filed stays as it is.

    NotFound: a figure that is not drawn, who is no expert of the engagement. Forbidden: a conflict of interest.
    Refused: what the rules say of verdict, value, source, remark and file.
    """
    one = engagement(alliance, number)
    drawn = {row.id: row for row in figures_drawn(one.id)} if one else {}
    if not rows or any(row.figure not in drawn for row in rows):
        raise NotFound()
    whose = sorted({drawn[row.figure].institution for row in rows})
    check_experts(alliance, number, by, now, whose)
    told = [(row, _value(alliance, drawn[row.figure], row.corrected)) for row in rows]
    for row, value in told:
        figure = drawn[row.figure]
        has_file = bool(figure.file_sha256 or (row.file and row.file[0]))
        check_verdict(row.verdict, figure.value, value, row.source, row.remark, has_file)
    files = [kept(row.file, store) for row in rows]
    with verb(by, alone_in=alliance) as session:
        locked_row(session, alliance, number)
        check_experts(alliance, number, by, now, whose)
        for (row, value), looked in zip(told, files, strict=True):
            _keep(session, row, value, looked, by, now)
        record_many(
            session, Act.RATINGS_VERIFICATION_RECORD, [f"verification:{code}/{number}" for code in whose], by=by,
            now=now, alliance=alliance,
            outcome=[
                [f"{drawn[row.figure].institution}/{drawn[row.figure].element}/{drawn[row.figure].period}", row.verdict]
                for row in rows
            ],
            files=[[looked[0], looked[3]] for looked in files if looked[3]],
        )  # fmt: skip
        return len(rows)


def _keep(
    session: Session, judged: Judged, value: Decimal | None, looked: Looked, by: Actor, now: datetime
) -> None:  # fmt: skip
    row = session.get_one(VerifiedFigure, judged.figure)
    row.verdict, row.corrected = judged.verdict, "" if value is None else format(value, "f")
    row.source, row.remark = judged.source.strip(), judged.remark.strip()
    if looked[3]:
        row.file_name, row.file_media, row.file_size, row.file_sha256 = looked
    row.checked_by, row.checked_at = by.account, now


def _value(alliance: int, figure: VerifiedInfo, text: str) -> Decimal | None:
    """The value that the source shows, None for none; Refused where it is no value of the element."""
    if not text.strip():
        return None
    problems: list[Problem] = []
    known = indicators.library(alliance, Period.parse(figure.period).last).elements[figure.element]
    where = {"who": figure.institution, "element": figure.element}
    entry = indicators.read_value(text, known, problems, indicators.VALUE, **where)
    if problems or entry.value is None:
        raise Refused("The value found cannot be taken.", problems=problems)
    return entry.value


def confirm_completion(
    alliance: int, number: str, institution: str, verdicts: Mapping[str, tuple[str, str]], *, by: Actor, now: datetime
) -> int:
    """Confirm for the indicators of a member whether what they ask for was completed: (yes, partly or no; reason) by
    indicator, all of them that rest on figures drawn; how many.

    NotFound: who is no expert of the engagement. Forbidden: a conflict of interest. Refused: one that is left out, no
    reason.
    """
    check_expert(alliance, number, by, now, institution)
    one = engagement(alliance, number)
    assert one is not None
    due = [row.indicator for row in completions(alliance, one, figures_drawn(one.id, {institution}))]
    for code in due:
        check_completion(*verdicts.get(code, ("", "")))
    with verb(by, alone_in=alliance) as session:
        locked_row(session, alliance, number)
        check_expert(alliance, number, by, now, institution)
        session.execute(
            delete(Completion).where(Completion.engagement_id == one.id, Completion.institution == institution)
        )
        session.add_all(
            Completion(
                engagement_id=one.id, institution=institution, indicator=code, verdict=verdicts[code][0],
                reason=verdicts[code][1].strip(), confirmed_by=by.account, confirmed_at=now,
            )
            for code in due
        )  # fmt: skip
        record(
            session, Act.RATINGS_COMPLETION_CONFIRM, f"verification:{institution}/{number}", by=by, now=now,
            alliance=alliance, outcome=[[code, verdicts[code][0]] for code in due],
        )  # fmt: skip
        return len(due)


def record_finding(
    alliance: int, number: str, institution: str, severity: str, area: str, text: str, expected: str, due: date, *,
    by: Actor, now: datetime,
) -> int:  # fmt: skip
    """Record a finding about a member; its number within the engagement. It opens an improvement plan with the lock.

    NotFound: who is no expert of it. Forbidden: a conflict of interest. Refused: what nobody could act upon.
    """
    check_expert(alliance, number, by, now, institution)
    check_finding(severity, area, text, expected, due, day_of(now))
    with verb(by, alone_in=alliance) as session:
        row = locked_row(session, alliance, number)
        check_expert(alliance, number, by, now, institution)
        last = session.scalar(select(func.max(Finding.number)).where(Finding.engagement_id == row.id)) or 0
        session.add(
            Finding(
                engagement_id=row.id, number=last + 1, institution=institution, severity=severity, area=area.strip(),
                text=text.strip(), expected=expected.strip(), due_on=due, recorded_by=by.account, recorded_at=now,
            )
        )  # fmt: skip
        record(
            session, Act.RATINGS_FINDING_RECORD, f"improvement:{institution}/{number}/{last + 1}", by=by, now=now,
            alliance=alliance, severity=severity, due=due.isoformat(),
        )  # fmt: skip
        return last + 1


def withdraw_finding(alliance: int, number: str, finding: int, *, by: Actor, now: datetime) -> None:
    """Take a finding back before the engagement is locked. NotFound: one that is not there."""
    check_expert(alliance, number, by, now)
    with verb(by, alone_in=alliance) as session:
        row = locked_row(session, alliance, number)
        found = session.scalars(
            select(Finding).where(Finding.engagement_id == row.id, Finding.number == finding)
        ).first()
        if found is None:
            raise NotFound()
        check_expert(alliance, number, by, now, found.institution)
        record(
            session, Act.RATINGS_FINDING_WITHDRAW, f"improvement:{found.institution}/{number}/{finding}", by=by,
            now=now, alliance=alliance,
        )  # fmt: skip
        session.delete(found)
