"""The questions about questionnaires: which there are, in which versions, and those that ship with the portal."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib import resources

from sqlalchemy import func, select

from alliance.audit import queries as audit
from alliance.db import db, lasting
from alliance.ratings.models import Survey, SurveyWave
from alliance.ratings.rules.questions import Questionnaire, read_questionnaire

SHIPPED = ("outpatient", "inpatient", "cooperation", "staff")


@dataclass(frozen=True, slots=True)
class SurveyInfo:
    """A version of a questionnaire; `waves` counts how often it was or is in the field."""

    number: int
    code: str
    version: int
    state: str
    edited_by: str
    edited_at: datetime
    waves: int
    questionnaire: Questionnaire


@cache
def shipped(code: str) -> Questionnaire:
    """A questionnaire that ships with the portal."""
    text = resources.files("alliance.ratings").joinpath("questionnaires", f"{code}.toml").read_text("utf-8")
    return read_questionnaire(tomllib.loads(text))


@audit.until_next_event
def surveys(alliance: int) -> list[SurveyInfo]:
    """All versions of all questionnaires, by code, newest first."""
    used = select(SurveyWave.survey_id, func.count().label("waves")).group_by(SurveyWave.survey_id).subquery()
    rows = (
        select(Survey, func.coalesce(used.c.waves, 0))
        .outerjoin(used, used.c.survey_id == Survey.id)
        .where(Survey.alliance_id == alliance)
        .order_by(Survey.code, Survey.version.desc())
    )
    return [_info(row, waves) for row, waves in db.session.execute(rows)]


def _info(row: Survey, waves: int) -> SurveyInfo:
    read = read_questionnaire(row.content, whole=False)
    return SurveyInfo(row.id, row.code, row.version, row.state, row.edited_by, row.edited_at, waves, read)


def survey(alliance: int, code: str, version: int) -> SurveyInfo | None:
    return next((one for one in surveys(alliance) if (one.code, one.version) == (code, version)), None)


def published(alliance: int) -> list[SurveyInfo]:
    """The newest published version of each questionnaire."""
    found: dict[str, SurveyInfo] = {}
    for one in surveys(alliance):
        if one.state == "published":
            found.setdefault(one.code, one)
    return list(found.values())


@lasting
def questionnaire(number: int) -> Questionnaire | None:
    """A published questionnaire by the number of its row; it never changes."""
    row = db.session.execute(
        select(Survey.content).where(Survey.id == number, Survey.state == "published")
    ).scalar_one_or_none()
    return read_questionnaire(row) if row else None
