"""The verbs of addresses: made by number, revoked by place."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update

from alliance.audit.services import record, verb
from alliance.core.actor import Actor
from alliance.core.acts import Act
from alliance.core.period import day_of
from alliance.core.refused import NotFound, Problem, Refused, mark
from alliance.db import insert_many
from alliance.ratings.models import SurveyLink
from alliance.ratings.queries.fieldwork import hashed, wrong_places
from alliance.ratings.rules.fieldwork import KIOSK, MOST_LINKS, ONCE, OPEN, REVOKED, Place
from alliance.ratings.services.waves import held_wave

BYTES = 16  # of chance in an address: nobody guesses one
MOST_KIOSKS = 20  # screens at once


@dataclass(frozen=True, slots=True)
class NewLink:
    """An address that was just made: what it holds is nowhere kept."""

    token: str
    institution: str
    department: str
    person: str
    kind: str


def make_link(
    alliance: int, number: int, place: Place, kind: str, count: int, *, by: Actor, now: datetime
) -> list[NewLink]:
    """Make so many addresses of a wave for a place. They are given out here and only here: what is kept cannot be
    turned back. Refused: a closed wave, a place that does not exist, too many."""
    most = MOST_LINKS if kind == ONCE else MOST_KIOSKS
    if kind not in (ONCE, KIOSK) or not 1 <= count <= most:
        raise Refused(mark("From 1 to %(most)s addresses are made at once."), most=most)
    wrong = wrong_places(alliance, [place], day_of(now))
    if wrong and wrong[0][1] == "person":
        raise Refused(mark("Nobody on the staff of %(who)s has the number %(number)s."), who=place[0], number=place[2])
    if wrong:
        message = mark("there is no such place on this day")
        raise Refused(mark("The addresses cannot be made."), problems=[Problem(wrong[0][1], place[0], message)])
    made = [NewLink(secrets.token_urlsafe(BYTES), *place, kind) for _ in range(count)]
    with verb(by) as session:
        wave = held_wave(session, alliance, number)
        if day_of(now) > wave.closes_on:
            raise Refused(mark("This survey has ended; its addresses would lead nowhere."))
        insert_many(
            session,
            SurveyLink,
            [
                {
                    "token": hashed(one.token), "wave_id": number, "institution": one.institution,
                    "department": one.department, "person": one.person, "kind": kind, "state": OPEN,
                }
                for one in made
            ],
        )  # fmt: skip
        record(
            session, Act.RATINGS_LINK_MAKE, f"wave:{number}", by=by, now=now, alliance=alliance,
            institution=place[0], department=place[1], kind=kind, count=count,
        )  # fmt: skip
    return made


def revoke_link(
    alliance: int, number: int, institution: str, department: str, kind: str, *, by: Actor, now: datetime
) -> int:
    """Revoke the open addresses of a place, such as sheets that were lost or a screen that was taken away; how many."""
    with verb(by) as session:
        held_wave(session, alliance, number)
        here = (
            SurveyLink.wave_id == number, SurveyLink.institution == institution, SurveyLink.department == department,
            SurveyLink.kind == kind, SurveyLink.state == OPEN,
        )  # fmt: skip
        count = session.scalar(select(func.count()).select_from(SurveyLink).where(*here)) or 0
        if not count:
            raise NotFound()
        session.execute(update(SurveyLink).where(*here).values(state=REVOKED))
        record(
            session, Act.RATINGS_LINK_REVOKE, f"wave:{number}", by=by, now=now, alliance=alliance,
            institution=institution, department=department, kind=kind, count=count,
        )  # fmt: skip
        return count
