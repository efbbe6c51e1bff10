"""Closed waves for tests: a questionnaire for patients, answers by department and doctor, links, cells as closing keeps
them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime

from alliance.audit import services as audit
from alliance.core.actor import Actor
from alliance.core.acts import Act
from alliance.core.refused import Both
from alliance.db import db
from alliance.ratings.models import Survey, SurveyAnswer, SurveyCell, SurveyLink, SurveyText, SurveyWave
from alliance.ratings.rules.questions import STANDARD, Option, Question, Questionnaire
from alliance.ratings.rules.tally import Row, tally

QUESTIONS = {f"{dimension[:4]}{place}": dimension for dimension in STANDARD for place in (1, 2)}


def asked(family: str = "patient", questions: Mapping[str, str] = QUESTIONS) -> Questionnaire:
    """A questionnaire of scales by code and dimension, a recommendation, a choice and free words."""
    return Questionnaire(
        family, Both("门诊满意度", "Outpatients"), Both("匿名填写。", "Nobody knows who answers."),
        (
            *(Question(code, "scale", of, f"{code}？", f"{code}?", (), False, True) for code, of in questions.items()),
            Question("again", "nps", "", "会推荐吗？", "Would you recommend it?", (), False, False),
            Question(
                "way", "choice", "", "如何预约？", "How did you book?",
                (Option("web", "网上", "Online"), Option("desk", "窗口", "At the desk")), False, False,
            ),
            Question("words", "text", "", "其他意见？", "Anything else?", (), False, False),
        ),
    )  # fmt: skip


def rows(institution: str, places: Mapping[tuple[str, str], Iterable[int]], **others: str) -> list[Row]:
    """An answer for each mark given at a place (department, doctor): the same mark to all questions, but for others."""
    return [
        Row(institution, department, person, dict.fromkeys(QUESTIONS, str(mark)) | others)
        for (department, person), marks in places.items()
        for mark in marks
    ]


def wave(
    alliance: int, answers: Iterable[Row], *, code: str = "out", period: str = "2026Q1", family: str = "patient",
    least: int = 5, closed: bool = True, unused: Mapping[tuple[str, str], int] | None = None,
    texts: Iterable[tuple[str, str, str]] = (), version: int = 1,
) -> int:  # fmt: skip
    """A wave with answers, each by a link of its own, and links of which none came back; texts are (member,
    department, words). Its number."""
    now, questionnaire, answers = datetime(2026, 4, 2, tzinfo=UTC), asked(family), list(answers)
    survey = Survey(
        alliance_id=alliance, code=code, version=version, family=family, content=questionnaire.content,
        state="published", edited_by="office", edited_at=now,
    )  # fmt: skip
    db.session.add(survey)
    db.session.flush()
    cells = tally(questionnaire, answers)
    digest = hashlib.sha256(repr(sorted(cells.items())).encode()).hexdigest()
    row = SurveyWave(
        alliance_id=alliance, survey_id=survey.id, period=period, opens_on=date(2026, 3, 1),
        closes_on=date(2026, 3, 31), least=least, opened_by="office", opened_at=now,
        closed_by="office" if closed else None, closed_at=now if closed else None, digest=digest if closed else "",
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    for number, one in enumerate(answers):
        _link(row.id, one.institution, one.department, one.person, "used", number)
        db.session.add(
            SurveyAnswer(
                key=_key("a", row.id, number),
                wave_id=row.id,
                institution=one.institution,
                department=one.department,
                person=one.person,
                answers=json.dumps(dict(one.answers)),
            )
        )
    for place, ((institution, department), count) in enumerate((unused or {}).items()):
        for number in range(count):
            _link(row.id, institution, department, "", "open", 10_000 * (place + 1) + number)
    for number, (institution, department, text) in enumerate(texts):
        db.session.add(
            SurveyText(
                key=_key("t", row.id, number),
                wave_id=row.id,
                institution=institution,
                department=department,
                question="words",
                text=text,
                state="held",
                decided_by="",
            )
        )
    if closed:
        db.session.add_all(
            SurveyCell(
                wave_id=row.id,
                institution=place[0],
                department=place[1],
                person=place[2],
                question=place[3],
                option=place[4],
                count=count,
            )
            for place, count in cells.items()
        )
    act = Act.RATINGS_WAVE_CLOSE if closed else Act.RATINGS_WAVE_OPEN
    audit.record(db.session(), act, f"wave:{row.id}", by=Actor("office"), now=now, alliance=alliance)
    db.session.commit()
    return row.id


def _link(number: int, institution: str, department: str, person: str, state: str, place: int) -> None:
    db.session.add(
        SurveyLink(
            token=_key("l", number, place),
            wave_id=number,
            institution=institution,
            department=department,
            person=person,
            kind="once",
            state=state,
        )
    )


def _key(*parts: object) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()
