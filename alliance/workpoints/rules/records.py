"""The records of a hospital's own bodies: meetings that decide or hear, and publicity (W0, M9)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from alliance.core.refused import Both, Problem, mark

PARTY, DIRECTORS, CONGRESS, PUBLICITY = "party_committee", "directors", "staff_congress", "publicity"
BODIES: Mapping[str, Both] = {
    PARTY: Both("党委会", "party committee"),
    DIRECTORS: Both("院长办公会", "directors' meeting"),
    CONGRESS: Both("职工代表大会", "staff congress"),
    PUBLICITY: Both("公示", "publicity"),
}
DECIDING = frozenset({PARTY, DIRECTORS})  # what they adopt may be put into force
HEARING: Mapping[str, str] = {
    CONGRESS: mark("the staff congress should have heard it; there is no record of that"),
    PUBLICITY: mark("it should have been published until a day that is past; there is no record of that"),
}


FIELDS = {
    "number": Both("文号", "Number"),
    "title": Both("文件标题", "Title"),
    "body": Both("议事机构", "Body"),
    "held_on": Both("会议日期或公示起始日", "Day"),
    "until": Both("公示截止日", "Last day of the publicity"),
    "votes": Both("表决情况", "Votes"),
}


@dataclass(frozen=True, slots=True)
class Meeting:
    """A meeting or a publicity as it was recorded; `until` is the last day of a publicity, which has no vote."""

    number: str
    body: str
    title: str
    held_on: date
    until: date | None = None
    participants: int = 0
    votes_for: int = 0
    votes_against: int = 0


def adopted(meeting: Meeting) -> bool:
    """Whether more than half of those present were for it; a publicity is no vote."""
    return meeting.body == PUBLICITY or 2 * meeting.votes_for > meeting.participants


def check_meeting(meeting: Meeting, today: date) -> list[Problem]:
    """What is missing in a record or cannot be."""
    problems = [
        _wrong(place, "", mark("is missing"))
        for place, text in (("number", meeting.number), ("title", meeting.title)) if not text.strip()
    ]  # fmt: skip
    if meeting.body not in BODIES:
        problems.append(_wrong("body", meeting.body, mark("is not one of the words allowed here")))
    if meeting.held_on > today:
        problems.append(_wrong("held_on", meeting.held_on.isoformat(), mark("lies in the future")))
    return problems + (_check_publicity(meeting) if meeting.body == PUBLICITY else _check_votes(meeting))


def _wrong(field: str, value: str, message: str) -> Problem:
    return Problem("%(field)s", value, message, at={"field": FIELDS[field]})


def _check_publicity(meeting: Meeting) -> list[Problem]:
    if meeting.until is None:
        return [_wrong("until", "", mark("is missing"))]
    if meeting.until < meeting.held_on:
        return [_wrong("until", meeting.until.isoformat(), mark("the publicity ends before it begins"))]
    return []


def _check_votes(meeting: Meeting) -> list[Problem]:
    cast = meeting.votes_for + meeting.votes_against
    if meeting.participants < 1 or min(meeting.votes_for, meeting.votes_against) < 0 or cast > meeting.participants:
        text = f"{meeting.votes_for} + {meeting.votes_against} / {meeting.participants}"
        return [_wrong("votes", text, mark("there are more votes than participants"))]
    return []


def unheard(meetings: Collection[Meeting], today: date) -> list[Problem]:
    """Which hearing a matter has not had: the staff congress's vote, a publicity that is over."""
    had = {one.body for one in meetings if adopted(one) and (one.until is None or one.until < today)}
    return [Problem(f"records.{body}", "", reason) for body, reason in HEARING.items() if body not in had]
