"""The questions about what closed surveys found: what may be told of a member, the result for its score, and how many
were asked. Of a wave that is not closed nothing is told, because what is added last would be somebody's answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import case, func, select

from alliance.core.figure import Figure, Kind, Level, given
from alliance.core.period import Period
from alliance.core.tiers import TIERS
from alliance.db import db, lasting
from alliance.members import queries as members
from alliance.ratings.models import Survey, SurveyCell, SurveyLink
from alliance.ratings.queries.results import GROUPS, Asked, Group
from alliance.ratings.queries.surveys import WaveInfo, waves
from alliance.ratings.rules.fieldwork import KIOSK, REVOKED, USED
from alliance.ratings.rules.patients import GROUP, Rules, Surveyed, patients_figure
from alliance.ratings.rules.questions import PATIENT, Questionnaire, read_questionnaire
from alliance.ratings.rules.release import Line, Release, release
from alliance.ratings.rules.satisfaction import Interval, wilson
from alliance.ratings.rules.tally import Counts, Place, counts_of


@dataclass(frozen=True, slots=True)
class Handed:
    """How many one-time links and paper forms were handed out about a department, and how many were used."""

    out: int = 0
    used: int = 0


@dataclass(frozen=True, slots=True)
class Found:
    """What a closed wave found about a member: `told` is none where too few answered."""

    wave: WaveInfo
    questionnaire: Questionnaire
    told: Release | None
    handed: Mapping[str, Handed]  # by department
    asked: Mapping[str, int]  # by department, those at screens with them

    @property
    def people(self) -> int:
        return self.told.people if self.told else 0

    @property
    def rate(self) -> Interval | None:
        """The share of what was handed out that was used; none where only screens were set up, or where the share would
        tell that a handful answered."""
        if self.told is None:
            return None
        return wilson(sum(one.used for one in self.handed.values()), sum(one.out for one in self.handed.values()))

    @property
    def screens(self) -> int:
        """How many answered at a screen, not by a link of their own."""
        return max(self.people - sum(one.used for one in self.handed.values()), 0)

    def rate_of(self, line: Line) -> Interval | None:
        """The response rate about a department that is told by itself."""
        one = self.handed.get(line.code, Handed())
        return None if line.rest else wilson(one.used, one.out)


@dataclass(frozen=True, slots=True)
class Result:
    """The result of a member in a period, with the least number of answers that the scheme asks for."""

    institution: str
    figure: Figure
    people: int
    least: Decimal
    found: tuple[Found, ...]

    @property
    def enough(self) -> bool:
        return self.figure.value is not None


@lasting
def questionnaire_of(alliance: int, survey: str, version: int) -> Questionnaire | None:
    """A published questionnaire; one is never changed."""
    content = db.session.scalar(
        select(Survey.content).where(
            Survey.alliance_id == alliance, Survey.code == survey, Survey.version == version,
            Survey.state == "published",
        )
    )  # fmt: skip
    return read_questionnaire(content) if content else None


@lasting
def cells(wave: int, digest: str) -> dict[str, dict[Place, Counts]]:
    """What was counted when a wave was closed, by member and place."""
    rows = db.session.execute(
        select(
            SurveyCell.institution, SurveyCell.department, SurveyCell.person, SurveyCell.question, SurveyCell.option,
            SurveyCell.count,
        ).where(SurveyCell.wave_id == wave)
    )  # fmt: skip
    sorted_out: dict[str, list[tuple[str, str, str, str, int]]] = {}
    for institution, *cell in rows:
        sorted_out.setdefault(institution, []).append(tuple(cell))  # type: ignore[arg-type]
    return {institution: counts_of(those) for institution, those in sorted_out.items()}


@lasting
def links(wave: int, digest: str) -> dict[str, dict[str, Handed]]:
    """How many links and paper forms of a closed wave were handed out and used, by member and department."""
    rows = db.session.execute(
        select(
            SurveyLink.institution, SurveyLink.department, func.count(),
            func.sum(case((SurveyLink.state == USED, 1), else_=0)),
        )
        .where(SurveyLink.wave_id == wave, SurveyLink.kind != KIOSK, SurveyLink.state != REVOKED)
        .group_by(SurveyLink.institution, SurveyLink.department)
    )  # fmt: skip
    found: dict[str, dict[str, Handed]] = {}
    for institution, department, out, used in rows:
        found.setdefault(institution, {})[department] = Handed(out, int(used))
    return found


def closed(alliance: int, families: Iterable[str] = (PATIENT,)) -> list[WaveInfo]:
    """The closed waves of some families, newest first."""
    wanted = frozenset(families)
    return [one for one in waves(alliance) if one.closed_at is not None and one.family in wanted]


@lasting
def found_in(alliance: int, wave: WaveInfo) -> dict[str, Found]:
    """What a closed wave found, by member: each that was asked about."""
    questionnaire = questionnaire_of(alliance, wave.survey, wave.version)
    assert questionnaire is not None
    assert wave.closed_at is not None
    counted, handed = cells(wave.number, wave.digest), links(wave.number, wave.digest)
    found = {}
    for institution in sorted(counted.keys() | handed.keys()):
        counts, out = counted.get(institution, {}), handed.get(institution, {})
        told = release(questionnaire, counts, wave.least)
        found[institution] = Found(wave, questionnaire, told, out, _asked(counts, out))
    return found


def _asked(counts: Mapping[Place, Counts], handed: Mapping[str, Handed]) -> dict[str, int]:
    """How many were asked about a department: those to whom a link was handed out, and whoever answered at a screen
    (record 0210)."""
    people: dict[str, int] = {}
    for (department, _person), one in counts.items():
        people[department] = people.get(department, 0) + one.people
    found = {}
    for department in people.keys() | handed.keys():
        out = handed.get(department, Handed())
        found[department] = out.out + max(people.get(department, 0) - out.used, 0)
    return found


def within(period: str, whole: str) -> bool:
    """Whether a period lies within another, such as a month in its quarter."""
    inner, outer = Period.parse(period), Period.parse(whole)
    return outer.first <= inner.first and inner.last <= outer.last


def patient_results(asked: Asked) -> dict[str, Result]:
    """The results of all members in a period from the waves that are closed; nothing where none is."""
    found = [one for one in closed(asked.alliance) if within(one.period, asked.period)]
    if not found:
        return {}
    return _results(
        asked.alliance, asked.period, asked.scheme, tuple(sorted(asked.words.items())), tuple(found),
        members.facts_known(asked.alliance),
    )  # fmt: skip


@lasting
def _results(
    alliance: int, period: str, scheme: str, words: tuple[tuple[str, str], ...], those: tuple[WaveInfo, ...],
    facts: tuple[int, int],
) -> dict[str, Result]:  # fmt: skip
    """What is true of members is asked as of the last day of the period."""
    ordered = sorted(those, key=lambda one: (one.survey, one.version, one.period))
    by_wave = [found_in(alliance, wave) for wave in ordered]
    said, found = dict(words), {}
    rules = {tier: _rules(scheme, said, tier) for tier in TIERS}
    for member in members.members(alliance, Period.parse(period).last):
        mine = rules[member.tier]
        own = tuple(one[member.code] for one in by_wave if member.code in one)
        figure = patients_figure(member.code, [_surveyed(one, one.told) for one in own if one.told], mine)
        people = sum(one.told.base for one in own if one.told)
        assert mine.least.value is not None
        found[member.code] = Result(member.code, figure, people, mine.least.value, own)
    return found


def _rules(scheme: str, words: Mapping[str, str], tier: str) -> Rules:
    """How the words of the scheme make results of a tier."""
    word = f"patients_{tier}"
    kind = Kind(
        f"{GROUP}:least:{tier}", "计分所需最少有效答卷", "Valid questionnaires needed for a score", clause="groups",
        level=Level.ALLIANCE,
    )  # fmt: skip
    least = given(f"scheme/raters/{word}", kind, Decimal(words[word]), f"scheme:{scheme or '/0'}#raters.{word}")
    return Rules(least, words["patients_by_department"] == "yes", "患者满意度", "Patient survey")


def _surveyed(found: Found, told: Release) -> Surveyed:
    wave = found.wave
    return Surveyed(wave.survey, wave.version, wave.period, found.questionnaire, told, found.asked)


def last_valid(asked: Asked, institution: str) -> tuple[str, Decimal] | None:
    """The last result of a member before a period that had enough answers, and its period: shown, and not used."""
    when = Period.parse(asked.period)
    earlier = {one.period for one in closed(asked.alliance)}
    for code in sorted(earlier, key=lambda one: Period.parse(one).first, reverse=True):
        if Period.parse(code).until <= when.first:
            one = patient_results(Asked(asked.alliance, code, asked.scheme, asked.words)).get(institution)
            if one and one.figure.value is not None:
                return code, one.figure.value
    return None


def periods_of(alliance: int, families: Iterable[str] = (PATIENT,)) -> list[str]:
    """The periods with a closed wave, newest first."""
    return sorted(
        {one.period for one in closed(alliance, families)}, key=lambda one: Period.parse(one).first, reverse=True
    )


def _figures(asked: Asked) -> dict[str, Figure]:
    return {code: one.figure for code, one in patient_results(asked).items()}


def _spoke(asked: Asked) -> dict[str, int]:
    """How many answered, where it is enough to be told."""
    return {code: one.people for code, one in patient_results(asked).items() if one.people}


def _collected(alliance: int, period: str) -> bool:
    return any(one.family == PATIENT and within(one.period, period) for one in waves(alliance))


def _known(alliance: int) -> list[object]:
    return [(one.number, one.least, one.digest) for one in closed(alliance)]


GROUPS[GROUP] = Group(_figures, _spoke, _collected, _known)
