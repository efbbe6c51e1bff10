"""The verbs of questionnaires: a draft is begun, edited and published; what is published never changes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from alliance.audit.services import record, verb
from alliance.core.actor import Actor
from alliance.core.acts import Act
from alliance.core.refused import NotFound, Refused, mark
from alliance.ratings.models import Survey
from alliance.ratings.queries import questionnaires
from alliance.ratings.rules.questions import CODE, read_questionnaire


def draft_survey(alliance: int, code: str, model: str, *, by: Actor, now: datetime) -> int:
    """Begin a draft under a code: the next version of what is there, else a copy of a shipped questionnaire. Gives the
    number of the version. Refused: a draft of it is there already, no such model, a code that is none."""
    if not CODE.fullmatch(code):
        raise Refused(mark("A code is a small letter, then small letters, digits and _; %(code)s is none."), code=code)
    with verb(by, alone_in=alliance) as session:
        last = session.scalars(
            select(Survey)
            .where(Survey.alliance_id == alliance, Survey.code == code)
            .order_by(Survey.version.desc())
            .limit(1)
        ).first()
        if last is not None and last.state == "draft":
            raise Refused(
                mark("There is a draft of this questionnaire already, version %(version)s."), version=last.version
            )
        if last is None and model not in questionnaires.SHIPPED:
            raise Refused(mark("Choose the questionnaire to begin with."))
        content = dict(last.content) if last is not None else questionnaires.shipped(model).content
        version = last.version + 1 if last is not None else 1
        family = content["family"]
        session.add(
            Survey(
                alliance_id=alliance, code=code, version=version, family=family, content=content, state="draft",
                edited_by=by.account, edited_at=now,
            )
        )  # fmt: skip
        record(session, Act.RATINGS_SURVEY_DRAFT, f"survey:{code}/{version}", by=by, now=now, alliance=alliance)
    return version


def edit_survey(
    alliance: int, code: str, version: int, content: Mapping[str, Any], *, by: Actor, now: datetime
) -> None:
    """Change a draft; what still lacks something is kept and told before it is published. Refused: what can never be
    right, and a published version."""
    asked = read_questionnaire(content, whole=False)
    with verb(by) as session:
        row = _version(session, alliance, code, version)
        if row.state != "draft":
            raise Refused(
                mark("A published version is never changed, least of all while it runs. Begin a new version.")
            )
        if asked.family != row.family:
            raise Refused(mark("The family of a questionnaire stays as it is."))
        row.content, row.edited_by, row.edited_at = asked.content, by.account, now
        record(
            session, Act.RATINGS_SURVEY_EDIT, f"survey:{code}/{version}", by=by, now=now, alliance=alliance,
            questions=len(asked.questions),
        )  # fmt: skip


def publish_survey(alliance: int, code: str, version: int, *, by: Actor, now: datetime) -> None:
    """Publish a draft, for good. Refused with all that is missing or wrong."""
    with verb(by) as session:
        row = _version(session, alliance, code, version)
        if row.state != "draft":
            raise Refused(mark("This version is published already."))
        row.content = read_questionnaire(row.content).content
        row.state, row.edited_by, row.edited_at = "published", by.account, now
        record(session, Act.RATINGS_SURVEY_PUBLISH, f"survey:{code}/{version}", by=by, now=now, alliance=alliance)


def _version(session: Session, alliance: int, code: str, version: int) -> Survey:
    row = session.scalars(
        select(Survey)
        .where(Survey.alliance_id == alliance, Survey.code == code, Survey.version == version)
        .with_for_update()
    ).first()
    if row is None:
        raise NotFound()
    return row
