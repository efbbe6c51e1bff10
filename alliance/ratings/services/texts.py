"""The verbs of written answers: released to the member it is about, or withheld."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from alliance.audit.services import record, verb
from alliance.core.actor import Actor
from alliance.core.acts import Act
from alliance.core.refused import Forbidden, NotFound, Refused
from alliance.ratings.models import Survey, SurveyText, SurveyWave
from alliance.ratings.queries.satisfaction import found_in
from alliance.ratings.queries.surveys import WaveInfo, waves
from alliance.ratings.rules.texts import RELEASED, WITHHELD, blacked


def release_text(alliance: int, key: str, *, by: Actor, now: datetime) -> str:
    """Show a written answer to the people of the member, with whatever may name a person blacked out for good; gives
    the member. Refused: where so few answered that nothing else is told either."""
    with verb(by) as session:
        text, wave = _text(session, alliance, key, by)
        there = found_in(alliance, wave).get(text.institution)
        if there is None or there.told is None:
            raise Refused("Too few answered there: their words might tell who they are. They can only be withheld.")
        text.text = blacked(text.text)
        return _decide(session, Act.RATINGS_TEXT_RELEASE, text, wave, RELEASED, alliance, by=by, now=now)


def withhold_text(alliance: int, key: str, *, by: Actor, now: datetime) -> str:
    """Keep a written answer from the people of the member, also one that was released; gives the member."""
    with verb(by) as session:
        text, wave = _text(session, alliance, key, by)
        return _decide(session, Act.RATINGS_TEXT_WITHHOLD, text, wave, WITHHELD, alliance, by=by, now=now)


def _text(session: Session, alliance: int, key: str, by: Actor) -> tuple[SurveyText, WaveInfo]:
    """A written answer of a closed wave. NotFound for any other; Forbidden about the employer of who decides."""
    text = session.scalar(
        select(SurveyText)
        .join(SurveyWave, SurveyWave.id == SurveyText.wave_id)
        .join(Survey, Survey.id == SurveyWave.survey_id)
        .where(SurveyText.key == key, SurveyWave.alliance_id == alliance, SurveyWave.closed_at.is_not(None))
        .with_for_update(of=SurveyText)
    )
    if text is None:
        raise NotFound()
    if by.employer and by.employer == text.institution:
        raise Forbidden("Nobody decides on what was written about the own employer.")
    return text, next(one for one in waves(alliance) if one.number == text.wave_id)


def _decide(
    session: Session, act: Act, text: SurveyText, wave: WaveInfo, state: str, alliance: int, *, by: Actor,
    now: datetime,
) -> str:  # fmt: skip
    """The event names the survey and not the answer, of which nobody need know when it was read."""
    if text.state == state:
        raise Refused("This is decided already; look at the list again.")
    text.state, text.decided_by = state, by.account
    subject = f"surveytext:{text.institution}/{wave.survey}/{wave.version}/{wave.period}"
    record(session, act, subject, by=by, now=now, alliance=alliance)
    return text.institution
