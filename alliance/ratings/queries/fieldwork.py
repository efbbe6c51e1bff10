"""The questions about surveys in the field: a wave, an address, what was handed out and what came in."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Executable, bindparam, func, select

from alliance.accounts import queries as accounts
from alliance.core.roles import Scope
from alliance.db import db
from alliance.members import queries as members
from alliance.ratings.models import SurveyLink, SurveyUrn, SurveyWave
from alliance.ratings.queries.questionnaires import questionnaire
from alliance.ratings.queries.surveys import WaveInfo, waves
from alliance.ratings.rules.fieldwork import (
    CHASED,
    KIOSK,
    OPEN,
    PAPER,
    SLOW,
    Handed,
    Place,
    is_open,
    members_told,
    told,
)
from alliance.ratings.rules.questions import PATIENT, Questionnaire

TOKEN = re.compile(r"[A-Za-z0-9_-]{16,64}")


@dataclass(frozen=True, slots=True)
class Address:
    """What stands behind an address that is open: the questions, and for whom they are asked. No number of a link."""

    alliance: int
    wave: int
    kind: str  # once, kiosk
    institution: str
    department: str
    questionnaire: Questionnaire


@dataclass(frozen=True, slots=True)
class Field:
    """How a wave does: each place, whole members, and the screens that stand somewhere."""

    places: list[Handed]
    members: list[Handed]
    kiosks: list[tuple[str, str, int]]  # institution, department, how many
    waiting: int | None  # answers that are not mixed yet, where they are not too few


def hashed(token: str) -> str:
    """What is kept of the token of an address."""
    return hashlib.sha256(token.encode()).hexdigest()


def address(token: str, today: date) -> Address | None:
    """What an address leads to; None for one that was guessed, used, revoked, or whose wave is not open: they are not
    told apart."""
    if not TOKEN.fullmatch(token):
        return None
    row = db.session.execute(_address(), {"token": hashed(token)}).first()
    if row is None or not is_open(row.opens_on, row.closes_on, row.closed_at is not None, today):
        return None
    asked = questionnaire(row.survey_id)
    if asked is None:
        return None
    return Address(row.alliance_id, row.wave_id, row.kind, row.institution, row.department, asked)


def _address() -> Executable:
    return (
        select(
            SurveyLink.wave_id, SurveyLink.kind, SurveyLink.institution, SurveyLink.department, SurveyWave.alliance_id,
            SurveyWave.survey_id, SurveyWave.opens_on, SurveyWave.closes_on, SurveyWave.closed_at,
        )
        .join(SurveyWave, SurveyWave.id == SurveyLink.wave_id)
        .where(SurveyLink.token == bindparam("token"), SurveyLink.state == OPEN, SurveyLink.kind != PAPER)
    )  # fmt: skip


def wave(alliance: int, number: int) -> WaveInfo | None:
    return next((one for one in waves(alliance) if one.number == number), None)


def wave_questions(alliance: int, number: int) -> Questionnaire | None:
    """What a wave asks."""
    found = db.session.scalar(
        select(SurveyWave.survey_id).where(SurveyWave.alliance_id == alliance, SurveyWave.id == number)
    )
    return questionnaire(found) if found else None


def whose(scope: Scope, family: str) -> frozenset[str] | None:
    """The members for which a reader sees and hands out a survey: the office for all (None), the office of a hospital
    for its own units."""
    if scope.institutions is None:
        return None
    return frozenset() if family == PATIENT else scope.inside


def seen_waves(scope: Scope) -> list[WaveInfo]:
    """The waves in reach of a reader."""
    found = waves(scope.alliance_id)
    return [one for one in found if whose(scope, one.family) is None or whose(scope, one.family)]


def field(number: int, least: int, only: frozenset[str] | None = None) -> Field:
    """How a wave does, of all members or of some. Nothing is told of less than `least` answers."""
    rows = db.session.execute(
        select(SurveyLink.institution, SurveyLink.department, SurveyLink.kind, SurveyLink.state, func.count())
        .where(SurveyLink.wave_id == number)
        .group_by(SurveyLink.institution, SurveyLink.department, SurveyLink.kind, SurveyLink.state)
    )
    counts: dict[tuple[str, str], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    kiosks: dict[tuple[str, str], int] = defaultdict(int)
    for institution, department, kind, state, count in rows:
        if only is not None and institution not in only:
            continue
        if kind != KIOSK:
            counts[institution, department][state] += count
        elif state == OPEN:
            kiosks[institution, department] += count
    places = told(counts, least)
    waiting = db.session.scalar(select(func.count()).select_from(SurveyUrn).where(SurveyUrn.wave_id == number)) or 0
    return Field(
        places, members_told(places, counts, least), [(*place, count) for place, count in sorted(kiosks.items())],
        None if waiting < least or only is not None else waiting,
    )  # fmt: skip


def handed_out(number: int, only: frozenset[str] | None = None) -> bool:
    """Whether any address or form of a wave was handed out, of all members or of some."""
    here = select(SurveyLink.token).where(SurveyLink.wave_id == number)
    if only is not None:
        here = here.where(SurveyLink.institution.in_(sorted(only)))
    return db.session.scalar(here.limit(1)) is not None


def slow(one: WaveInfo, on: date, only: frozenset[str] | None = None) -> list[Handed]:
    """The places of a wave that come to an end with a low response: numbers, no persons."""
    left = (one.closes_on - on).days
    if one.closed_at or on < one.opens_on or left > SLOW:
        return []
    found = field(one.number, one.least, only)
    return [line for line in found.places if line.handed and (line.percent is None or line.percent < CHASED)]


def live_waves(alliance: int, on: date) -> list[WaveInfo]:
    """The waves that take answers on a day."""
    return [one for one in waves(alliance) if is_open(one.opens_on, one.closes_on, bool(one.closed_at), on)]


def units(alliance: int, institution: str, on: date) -> list[tuple[str, str, str]]:
    """The departments of a member: code and name in both languages."""
    return [(fact.code, fact.name_zh, fact.name_en) for fact, _ in members.departments_on(alliance, institution, on)]


def wrong_places(alliance: int, places: list[Place], on: date) -> list[tuple[int, str]]:
    """Which of some places do not exist, by their position: the name of the part that is wrong. A doctor is looked up
    where the staff of the member are known."""
    known = {one.code for one in members.members(alliance, on)}
    units_of: dict[str, set[str]] = {}
    staff_of: dict[str, set[str]] = {}
    found = []
    for position, (institution, department, person) in enumerate(places):
        if institution not in known:
            found.append((position, "institution"))
        elif department:
            if institution not in units_of:
                units_of[institution] = {code for code, _, _ in units(alliance, institution, on)}
            if department not in units_of[institution]:
                found.append((position, "department"))
                continue
        if institution in known and person:
            if institution not in staff_of:
                staff_of[institution] = set(members.employee_names(alliance, institution))
            if staff_of[institution] and person not in staff_of[institution]:
                found.append((position, "person"))
    return found


def holders_of_surveys(alliance: int, institution: str, on: date) -> list[str]:
    """The accounts that hand out the surveys of a hospital's own units."""
    return [
        one.account
        for one in accounts.holders(alliance, on)
        if one.grant.role == "hospital_office" and one.grant.institution == institution
    ]
