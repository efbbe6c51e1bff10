"""The questions about written answers: those that wait to be read, and those that were released."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sqlalchemy import func, select

from alliance.db import db
from alliance.ratings.models import Survey, SurveyText, SurveyWave
from alliance.ratings.queries.satisfaction import Found
from alliance.ratings.rules.texts import HELD, RELEASED


@dataclass(frozen=True, slots=True)
class TextInfo:
    """A written answer of a closed wave. Its order among others tells nothing: keys are drawn by chance."""

    key: str
    survey: str
    version: int
    period: str
    institution: str
    department: str  # "" also where too few answered about it
    question: str
    text: str
    state: str
    decided_by: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many written answers of a member wait to be read."""

    institution: str
    count: int


def waiting(alliance: int) -> list[Waiting]:
    """The members with written answers of closed waves that nobody has decided on."""
    rows = db.session.execute(
        select(SurveyText.institution, func.count())
        .join(SurveyWave, SurveyWave.id == SurveyText.wave_id)
        .where(SurveyWave.alliance_id == alliance, SurveyWave.closed_at.is_not(None), SurveyText.state == HELD)
        .group_by(SurveyText.institution)
        .order_by(SurveyText.institution)
    )
    return [Waiting(institution, count) for institution, count in rows]


def texts(alliance: int, state: str, institutions: Collection[str], page: int, size: int) -> tuple[list[TextInfo], int]:
    """A part of the written answers of closed waves in a state about some members, and how many there are."""
    chosen = (
        select(SurveyText, Survey.code, Survey.version, SurveyWave.period)
        .join(SurveyWave, SurveyWave.id == SurveyText.wave_id)
        .join(Survey, Survey.id == SurveyWave.survey_id)
        .where(
            SurveyWave.alliance_id == alliance, SurveyWave.closed_at.is_not(None), SurveyText.state == state,
            SurveyText.institution.in_(institutions),
        )
    )  # fmt: skip
    total = db.session.scalar(select(func.count()).select_from(chosen.subquery())) or 0
    rows = db.session.execute(
        chosen.order_by(SurveyText.institution, SurveyText.wave_id.desc(), SurveyText.question, SurveyText.key)
        .limit(size)
        .offset((page - 1) * size)
    )
    # Who reads them need not know the department.
    return [_info(row, survey, version, period, frozenset()) for row, survey, version, period in rows], total


def released_texts(found: Iterable[Found], institution: str) -> list[TextInfo]:
    """What was released of the written answers about a member in some waves; none where too few answered."""
    told = {
        one.wave.number: (one.wave, frozenset(line.code for line in one.told.lines if not line.rest))
        for one in found if one.told
    }  # fmt: skip
    rows = db.session.scalars(
        select(SurveyText)
        .where(
            SurveyText.wave_id.in_(told), SurveyText.institution == institution, SurveyText.state == RELEASED
        )
        .order_by(SurveyText.question, SurveyText.key)
    )  # fmt: skip
    infos = []
    for row in rows:
        wave, departments = told[row.wave_id]
        infos.append(_info(row, wave.survey, wave.version, wave.period, departments))
    return infos


def _info(row: SurveyText, survey: str, version: int, period: str, departments: Collection[str]) -> TextInfo:
    return TextInfo(
        row.key, survey, version, period, row.institution, row.department if row.department in departments else "",
        row.question, row.text, row.state, row.decided_by,
    )  # fmt: skip
