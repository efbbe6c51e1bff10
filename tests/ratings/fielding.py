"""A survey of the small alliance in the field, for the tests of what is asked and answered."""

from __future__ import annotations

from datetime import date

from alliance.ratings import queries, services
from alliance.ratings.rules.fieldwork import ONCE
from alliance.ratings.rules.questions import CHOICE, SCALE, Reply
from tests.small import CLOCK, by

OPENS, CLOSES = date(2026, 5, 1), date(2026, 5, 31)
TODAY = date(2026, 5, 10)


def survey(code: str = "outpatient", *, least: int = 5) -> int:
    """A shipped questionnaire, published and in the field; the number of the wave."""
    services.draft_survey(1, code, code, by=by("office"), now=CLOCK)
    services.publish_survey(1, code, 1, by=by("office"), now=CLOCK)
    return services.open_wave(1, code, 1, "2026Q2", OPENS, CLOSES, least, by=by("office"), now=CLOCK)


def links(wave: int, count: int, institution: str = "C1", department: str = "", kind: str = ONCE) -> list[str]:
    made = services.make_link(1, wave, (institution, department, ""), kind, count, by=by("office"), now=CLOCK)
    return [one.token for one in made]


def ticked(code: str = "outpatient", mark: str = "4") -> dict[str, str]:
    """A whole form as it is sent."""
    found = {}
    for question in queries.shipped(code).questions:
        if question.kind == SCALE:
            found[question.code] = mark
        elif question.kind == CHOICE:
            found[question.code] = question.options[0].code
        else:
            found[question.code] = "9" if question.kind == "nps" else ""
    return found


def reply(code: str = "outpatient", mark: str = "4", words: str = "") -> Reply:
    answers = {name: value for name, value in ticked(code, mark).items() if value}
    return Reply(answers, {"words": words} if words else {})
