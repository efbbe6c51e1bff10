"""The verb of records: a meeting of a hospital's body, or a publicity, on a matter of the hospital."""

from __future__ import annotations

from datetime import datetime

from alliance.audit.services import record, verb
from alliance.core.actor import Actor
from alliance.core.acts import Act
from alliance.core.period import day_of
from alliance.core.refused import NotFound, Refused
from alliance.workpoints.models import HospitalRecord
from alliance.workpoints.queries import matter_exists, record_of
from alliance.workpoints.rules.records import Meeting, check_meeting


def file_record(alliance: int, institution: str, matter: str, meeting: Meeting, *, by: Actor, now: datetime) -> None:
    """Record a meeting or a publicity on a matter (scheme:T01/BONUS/1); it is never changed.

    Refused: something missing, more votes than participants, a number that is taken. NotFound: no such matter.
    """
    with verb(by, alone_in=alliance) as session:
        if not matter_exists(alliance, institution, matter):
            raise NotFound()
        problems = check_meeting(meeting, day_of(now))
        if problems:
            raise Refused("The record has %(count)s errors.", count=len(problems), problems=problems)
        if record_of(alliance, institution, meeting.number):
            raise Refused("Record %(number)s is there already; each has a number of its own.", number=meeting.number)
        session.add(
            HospitalRecord(
                alliance_id=alliance, institution=institution, number=meeting.number, body=meeting.body, matter=matter,
                title=meeting.title, held_on=meeting.held_on, until=meeting.until, participants=meeting.participants,
                votes_for=meeting.votes_for, votes_against=meeting.votes_against, recorded_by=by.account,
                recorded_at=now,
            )
        )  # fmt: skip
        record(
            session, Act.WORKPOINTS_RECORD_FILE, f"hospitalrecord:{institution}/{meeting.number}", by=by, now=now,
            alliance=alliance, matter=matter, body=meeting.body,
        )  # fmt: skip
