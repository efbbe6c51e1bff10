"""The questions about surveys: which wave is in the field, from when to when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from alliance.audit import queries as audit
from alliance.db import db
from alliance.ratings.models import Survey, SurveyWave


@dataclass(frozen=True, slots=True)
class WaveInfo:
    """A questionnaire in the field, or closed."""

    number: int
    survey: str
    version: int
    family: str
    period: str
    opens_on: date
    closes_on: date
    least: int
    closed_at: datetime | None
    digest: str


@audit.until_next_event
def waves(alliance: int) -> list[WaveInfo]:
    """All waves of an alliance, newest first."""
    rows = (
        select(SurveyWave, Survey.code, Survey.version, Survey.family)
        .join(Survey, Survey.id == SurveyWave.survey_id)
        .where(SurveyWave.alliance_id == alliance)
        .order_by(SurveyWave.id.desc())
    )
    return [
        WaveInfo(
            row.id, code, version, family, row.period, row.opens_on, row.closes_on, row.least, row.closed_at, row.digest
        )
        for row, code, version, family in db.session.execute(rows)
    ]
