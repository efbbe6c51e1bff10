"""The verbs of surveys in the field: opened, the smallest cell raised, the answers mixed, closed."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from alliance.accounts import queries as accounts
from alliance.audit.services import record, verb
from alliance.core.actor import Actor
from alliance.core.acts import Act
from alliance.core.period import Period, day_of
from alliance.core.refused import NotFound, Refused, mark
from alliance.db import insert_many, table_of
from alliance.post.services import queue_mail
from alliance.ratings.models import (
    Survey,
    SurveyAnswer,
    SurveyCell,
    SurveyLink,
    SurveyText,
    SurveyUrn,
    SurveyWave,
)
from alliance.ratings.queries import fieldwork
from alliance.ratings.rules.fieldwork import OPEN, REVOKED, batch, check_wave
from alliance.ratings.rules.questions import PATIENT, Questionnaire, read_questionnaire
from alliance.ratings.rules.release import HIDDEN, kept_places
from alliance.ratings.rules.tally import Row, counts_of, tally


def open_wave(
    alliance: int, code: str, version: int, period: str, opens_on: date, closes_on: date, least: int, *, by: Actor,
    now: datetime,
) -> int:  # fmt: skip
    """Bring a published questionnaire into the field for a period; the number of the wave. Refused: a draft, days that
    make no sense, a cell under 5, a questionnaire that is in the field for this period already."""
    when = Period.parse(period).code
    problems = list(check_wave(opens_on, closes_on, least, day_of(now)))
    if problems:
        raise Refused(mark("The survey cannot be opened like this."), problems=problems)
    with verb(by, alone_in=alliance) as session:
        survey = session.scalars(
            select(Survey).where(Survey.alliance_id == alliance, Survey.code == code, Survey.version == version)
        ).first()
        if survey is None or survey.state != "published":
            raise Refused(mark("Publish the questionnaire first."))
        there = select(SurveyWave.id).join(Survey, Survey.id == SurveyWave.survey_id)
        if session.scalar(
            there.where(SurveyWave.alliance_id == alliance, SurveyWave.period == when, Survey.code == code)
        ):
            raise Refused(mark("This questionnaire is or was in the field for %(period)s already."), period=when)
        row = SurveyWave(
            alliance_id=alliance, survey_id=survey.id, period=when, opens_on=opens_on, closes_on=closes_on,
            least=least, opened_by=by.account, opened_at=now, closed_by=None, closed_at=None, digest="",
        )  # fmt: skip
        session.add(row)
        session.flush()
        record(
            session, Act.RATINGS_WAVE_OPEN, f"wave:{row.id}", by=by, now=now, alliance=alliance,
            survey=f"{code}/{version}", period=when, opens=opens_on.isoformat(), closes=closes_on.isoformat(),
            least=least,
        )  # fmt: skip
        return row.id


def raise_wave(alliance: int, number: int, least: int, *, by: Actor, now: datetime) -> None:
    """Raise the smallest cell that is shown. Refused: lowering it, and a wave that is closed."""
    with verb(by) as session:
        row = held_wave(session, alliance, number)
        if least <= row.least:
            raise Refused(mark("The smallest cell can be raised from %(least)s, never lowered."), least=row.least)
        before, row.least = row.least, least
        record(
            session, Act.RATINGS_WAVE_RAISE, f"wave:{number}", by=by, now=now, alliance=alliance, before=before,
            least=least,
        )  # fmt: skip


def close_wave(alliance: int, number: int, *, by: Actor, now: datetime) -> int:
    """Close a wave for good: the last answers are taken with all others and counted, and the counts are kept of what is
    told singly, of the rest together; the answers are not. How many there were. Refused: it is closed already."""
    with verb(by) as session:
        row = held_wave(session, alliance, number)
        asked = read_questionnaire(session.scalars(select(Survey.content).where(Survey.id == row.survey_id)).one())
        _empty(session, number)
        answers, told = _folded(asked, _taken(session, number), row.least)
        _mix_texts(session, number, told)
        cells = _count(asked, answers)
        insert_many(session, SurveyCell, [{"wave_id": number, **cell} for cell in cells])
        row.closed_by, row.closed_at, row.digest = by.account, now, _digest(cells)
        record(
            session, Act.RATINGS_WAVE_CLOSE, f"wave:{number}", by=by, now=now, alliance=alliance,
            answers=len(answers), digest=row.digest,
        )  # fmt: skip
        return len(answers)


def mix_answer(*, by: Actor, now: datetime) -> int:
    """Empty the urn of every wave in which enough lies; how many answers. By the worker, again and again.

    One event tells how many, none tells of a single answer: a moment of each would be a clock.
    """
    moved = 0
    with verb(by) as session:
        waiting = session.execute(
            select(SurveyWave.id, SurveyWave.alliance_id, SurveyWave.least, func.count())
            .join(SurveyUrn, SurveyUrn.wave_id == SurveyWave.id)
            .group_by(SurveyWave.id, SurveyWave.alliance_id, SurveyWave.least)
        ).all()
        for number, alliance, least, count in waiting:
            if count >= batch(least):
                emptied = _empty(session, number)
                moved += emptied
                record(
                    session, Act.RATINGS_ANSWER_MIX, f"wave:{number}", by=by, now=now, alliance=alliance,
                    answers=emptied,
                )  # fmt: skip
    return moved


def remind_wave(alliance: int, number: int, occasion: int, *, by: Actor, now: datetime) -> int:
    """Write to whoever hands a survey out where few have answered, so many days before its end; to how many. The mail
    holds no figure. One occasion reminds once: `by` carries the token of it."""
    one = fieldwork.wave(alliance, number)
    if one is None:
        raise NotFound()
    low = {line.institution for line in fieldwork.slow(one, day_of(now))}
    people = {held.account for held in accounts.holders(alliance, day_of(now)) if held.grant.role == "office"}
    if one.family != PATIENT:
        for institution in low:
            people |= set(fieldwork.holders_of_surveys(alliance, institution, day_of(now)))
    with verb(by) as session:
        written = accounts.reached(sorted(people), "tasks") if low else []
        queue_mail(
            session, "survey", written, f"wave:{number}", {"wave": str(number), "period": one.period},
            alliance=alliance, now=now, topic="tasks",
        )  # fmt: skip
        record(
            session, Act.RATINGS_WAVE_REMIND, f"wave:{number}", by=by, now=now, alliance=alliance, days=occasion,
            places=len(low),
        )  # fmt: skip
        return len(written)


def held_wave(session: Session, alliance: int, number: int) -> SurveyWave:
    """An open wave, held while a verb changes it; answers that come in at the same moment wait. Refused: closed."""
    row = session.scalars(
        select(SurveyWave).where(SurveyWave.alliance_id == alliance, SurveyWave.id == number).with_for_update()
    ).first()
    if row is None:
        raise NotFound()
    if row.closed_at is not None:
        raise Refused(mark("This survey is closed."))
    return row


def new_key() -> str:
    """The key of an answer: by chance, so that it tells nothing."""
    return secrets.token_hex(16)


def shuffled(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows in an order of chance that nobody can foretell, each under a new key."""
    mixed = [row | {"key": new_key()} for row in rows]
    secrets.SystemRandom().shuffle(mixed)
    return mixed


def _empty(session: Session, number: int) -> int:
    """Move what lies in the urn to the answers, in one order of chance, and what was written in another."""
    taken = session.execute(
        delete(SurveyUrn)
        .where(SurveyUrn.wave_id == number)
        .returning(SurveyUrn.institution, SurveyUrn.department, SurveyUrn.person, SurveyUrn.answers, SurveyUrn.texts)
    ).all()
    place = [{"wave_id": number, "institution": row[0], "department": row[1]} for row in taken]
    ticked = [at | {"person": row[2], "answers": row[3]} for at, row in zip(place, taken, strict=True)]
    written = [
        at | {"question": question, "text": text, "state": "held", "decided_by": ""}
        for at, row in zip(place, taken, strict=True)
        for question, text in json.loads(row[4]).items()
    ]
    insert_many(session, SurveyAnswer, shuffled(ticked))
    insert_many(session, SurveyText, shuffled(written))
    _mix_marks(session, number)
    return len(taken)


def _mix_marks(session: Session, number: int) -> None:
    """Write the marks of all addresses that were used or refused anew, in the order of their digests.

    PostgreSQL keeps with each row the transaction that wrote it, and lays a changed row behind the others: the marks
    would lie in the order of the batches, as the answers do.
    """
    marks = delete(SurveyLink).where(
        SurveyLink.wave_id == number, SurveyLink.state.not_in((OPEN, REVOKED))
    )  # fmt: skip
    taken = session.execute(marks.returning(*table_of(SurveyLink).columns)).all()
    insert_many(session, SurveyLink, sorted((dict(row._mapping) for row in taken), key=lambda row: str(row["token"])))


def _taken(session: Session, number: int) -> list[Row]:
    """All answers of a wave, which are kept no longer: what is counted of them is."""
    columns = (SurveyAnswer.institution, SurveyAnswer.department, SurveyAnswer.person, SurveyAnswer.answers)
    taken = session.execute(delete(SurveyAnswer).where(SurveyAnswer.wave_id == number).returning(*columns))
    return [Row(institution, department, person, json.loads(given)) for institution, department, person, given in taken]


def _folded(asked: Questionnaire, answers: Iterable[Row], least: int) -> tuple[list[Row], dict[str, set[str]]]:
    """Answers at the places under which they are counted, and the departments of each member that are told."""
    by_member: dict[str, list[Row]] = defaultdict(list)
    for row in answers:
        by_member[row.institution].append(row)
    found: list[Row] = []
    told: dict[str, set[str]] = {}
    for institution, rows in by_member.items():
        counts = counts_of((*place, n) for (_who, *place), n in tally(asked, rows).items())  # type: ignore[misc]
        places = kept_places(asked, counts, least)
        found += [Row(institution, *places[row.department, row.person], row.answers) for row in rows]
        told[institution] = {department for department, _person in places.values() if department != HIDDEN}
    return found, told


def _mix_texts(session: Session, number: int, told: Mapping[str, Collection[str]]) -> None:
    """What was written in a wave under new keys in a new order, so that not even the batches of it are known any more,
    and without the departments that are not told."""
    texts = (SurveyText.institution, SurveyText.department, SurveyText.question, SurveyText.text, SurveyText.state,
             SurveyText.decided_by)  # fmt: skip
    written = session.execute(delete(SurveyText).where(SurveyText.wave_id == number).returning(*texts)).all()
    hidden = {"department": ""}
    rows = (
        {"wave_id": number} | dict(row._mapping) | ({} if row.department in told.get(row.institution, ()) else hidden)
        for row in written
    )
    insert_many(session, SurveyText, shuffled(rows))


def _count(asked: Questionnaire, answers: Sequence[Row]) -> list[dict[str, Any]]:
    """The cells of a wave, in order."""
    names = ("institution", "department", "person", "question", "option")
    return [dict(zip(names, place, strict=True)) | {"count": n} for place, n in sorted(tally(asked, answers).items())]


def _digest(cells: Sequence[Mapping[str, Any]]) -> str:
    text = json.dumps([list(cell.values()) for cell in cells], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
