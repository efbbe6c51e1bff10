"""The verbs of answering: by an address, or from paper. Nothing here knows or keeps who answers, from where or when."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from alliance.audit.services import record, verb
from alliance.core.actor import Actor
from alliance.core.acts import Act
from alliance.core.period import day_of
from alliance.core.refused import NotFound, Refused, mark
from alliance.db import insert_many, transaction
from alliance.ratings.models import SurveyLink, SurveyUrn, SurveyWave
from alliance.ratings.queries.fieldwork import hashed
from alliance.ratings.queries.paper import PaperForm, check_forms
from alliance.ratings.rules.fieldwork import KIOSK, ONCE, OPEN, PAPER, REFUSED, USED, Place, is_open
from alliance.ratings.rules.questions import Reply, canonical_json
from alliance.ratings.services.waves import held_wave, new_key, shuffled


def give_answer(token: str, reply: Reply, *, today: date) -> None:
    """Take one answer: it falls into the urn, and its address is marked, both or none. NotFound: an address that is
    not, or no longer, open. There is no event, because its moment would be a clock."""
    with transaction() as session:
        wave, place = _taken(session, token, USED, today)
        insert_many(session, SurveyUrn, [_in_urn(wave, place, reply)])


def refuse_answer(token: str, *, today: date) -> None:
    """Mark that somebody would rather not; nothing else is kept, and on a screen for many not even that."""
    with transaction() as session:
        _taken(session, token, REFUSED, today)


def _taken(session: Session, token: str, state: str, today: date) -> tuple[int, Place]:
    """Mark an address for one person, in one statement so that of two at once one is told that it is not open; a
    screen stays as it is. The wave is held first, as whoever revokes addresses does."""
    columns = (SurveyLink.wave_id, SurveyLink.institution, SurveyLink.department, SurveyLink.person, SurveyLink.kind)
    here = (SurveyLink.token == hashed(token), SurveyLink.state == OPEN)
    row = session.execute(select(*columns).where(*here, SurveyLink.kind.in_((ONCE, KIOSK)))).first()
    if row is None:
        raise NotFound()
    _hold_open(session, row.wave_id, today)
    if row.kind == ONCE:
        marked = update(SurveyLink).where(*here).values(state=state).returning(SurveyLink.wave_id)
        if session.execute(marked).first() is None:
            raise NotFound()
    return row.wave_id, (row.institution, row.department, row.person)


def _hold_open(session: Session, wave: int, today: date) -> None:
    """Keep a wave open until this answer lies in its urn."""
    found = session.execute(
        select(SurveyWave.opens_on, SurveyWave.closes_on, SurveyWave.closed_at)
        .where(SurveyWave.id == wave)
        .with_for_update(read=True, key_share=True)
    ).one()
    if not is_open(found.opens_on, found.closes_on, found.closed_at is not None, today):
        raise NotFound()


def _in_urn(wave: int, place: Place, reply: Reply) -> dict[str, object]:
    return {
        "key": new_key(), "wave_id": wave, "institution": place[0], "department": place[1], "person": place[2],
        "answers": canonical_json(reply.answers), "texts": canonical_json(reply.texts),
    }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Taken:
    """What an import of paper forms brought."""

    forms: int
    handed: int


def import_answer(
    alliance: int, number: int, forms: Sequence[PaperForm], handed: Mapping[tuple[str, str], int], digest: str, *,
    by: Actor, now: datetime,
) -> Taken:  # fmt: skip
    """Take forms that were filled in on paper, and how many had been handed out by member and department (at least as
    many as came back). Refused: wrong forms, a wave that is not open, the same file (`digest`) twice."""
    check_forms(alliance, number, forms, day_of(now))
    counts: dict[tuple[str, str], int] = {}
    for form in forms:
        at = (form.place[0], form.place[1])
        counts[at] = counts.get(at, 0) + 1
    out = {at: max(count, handed.get(at, 0)) for at, count in counts.items()}
    with verb(by) as session:
        wave = held_wave(session, alliance, number)
        if day_of(now) < wave.opens_on:
            raise Refused(mark("This survey has not begun yet."))
        marks: list[dict[str, object]] = [
            {
                "token": _paper_token(number, digest, at, n), "wave_id": number, "institution": at[0],
                "department": at[1], "person": "", "kind": PAPER, "state": USED if n < counts[at] else OPEN,
            }
            for at, count in out.items()
            for n in range(count)
        ]  # fmt: skip
        first = select(SurveyLink.token).where(SurveyLink.token == marks[0]["token"])
        if session.scalar(first):
            raise Refused(mark("The forms of this file were taken already."))
        insert_many(session, SurveyLink, marks)
        insert_many(session, SurveyUrn, shuffled(_in_urn(number, form.place, form.reply) for form in forms))
        record(
            session, Act.RATINGS_ANSWER_IMPORT, f"wave:{number}", by=by, now=now, alliance=alliance, forms=len(forms),
            handed=len(marks),
        )  # fmt: skip
    return Taken(len(forms), len(marks))


def _paper_token(number: int, digest: str, at: tuple[str, str], n: int) -> str:
    """What stands for a form that was handed out on paper: known from its file, so that the same file is known again;
    no address leads to it."""
    return hashlib.sha256(f"paper/{number}/{digest}/{at[0]}/{at[1]}/{n}".encode()).hexdigest()
