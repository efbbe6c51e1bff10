"""Periods that open by themselves when the timetable says so, and the office that is told when one cannot."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from flask import Flask
from sqlalchemy import select

from alliance.accounts import queries as people
from alliance.accounts import services as accounts
from alliance.audit.models import Event
from alliance.core.roles import Grant, scope_of
from alliance.db import db
from alliance.desk import queries as desk
from alliance.indicators import queries, services
from alliance.indicators.rules.calendar import Timetable
from alliance.jobs import timed
from tests.conftest import Client
from tests.small import at, by

MAY = "2026-05"
SET = Timetable(opens=2, automatic=True)


def set_timetable(one: Timetable, day: date = date(2026, 6, 1)) -> None:
    services.set_timetable(1, day, one, by=by("office"), now=at(20, 5))


def opened(now: datetime) -> list[str]:
    before = {one.code for one in queries.periods(1)}
    timed.open_periods(now)
    return sorted({one.code for one in queries.periods(1)} - before)


def lose_reviewer(app: Flask) -> None:
    found = people.person(1, "office2", date(2026, 5, 20), at(20, 5))
    assert found
    accounts.revoke_grant(1, found.grants[0].id, date(2026, 5, 20), "moved", by=by("security"), now=at(20, 5))


def waiting(now: datetime) -> list[tuple[str, str]]:
    scope = scope_of("office", "H1", [Grant("office", 1)], 1)
    return [
        (task.period, " ".join(task.note.numbers.get("who", ())) if task.note else "")  # type: ignore[arg-type]
        for task in desk.tasks(scope, now)
        if task.what == "open"
    ]


def test_a_period_opens_on_its_day_once_and_as_the_calendar_says(inside: Flask) -> None:
    set_timetable(SET)
    assert opened(at(1, 6)) == []  # in Shanghai the first of June
    assert opened(at(2, 6)) == [MAY]
    assert opened(at(2, 6)) == []
    info = queries.period(1, MAY)
    assert info is not None
    assert info.due_at == queries.calendar(1, MAY).due_at
    events = list(db.session.scalars(select(Event).where(Event.subject == f"period:{MAY}")))
    assert [(one.account, one.act) for one in events] == [("worker", "indicators:period:open")]


def test_an_alliance_that_does_not_want_it_opens_by_hand(inside: Flask) -> None:
    assert opened(at(2, 6)) == []  # it set no timetable
    set_timetable(Timetable())
    assert opened(at(2, 6)) == []
    set_timetable(SET, date(2026, 7, 1))
    assert opened(at(2, 6)) == []  # May ends before the day from which it is wanted
    assert opened(at(2, 7)) == ["2026-06"]
    set_timetable(Timetable(), date(2026, 8, 1))
    assert opened(at(2, 8)) == []


def test_a_period_whose_filing_is_over_is_left_to_the_office(inside: Flask) -> None:
    set_timetable(SET)
    assert opened(at(9, 6)) == []
    assert waiting(at(9, 6)) == []


def test_without_a_reviewer_it_stays_shut_and_the_office_is_told(inside: Flask) -> None:
    set_timetable(SET)
    lose_reviewer(inside)
    assert opened(at(2, 6)) == []
    assert waiting(at(2, 6)) == [(MAY, "H1")]
    accounts.give_grant("office2", "office", 1, "", date(2026, 6, 2), None, by=by("security"), now=at(2, 6))
    assert opened(at(2, 6)) == [MAY]
    assert waiting(at(2, 6)) == []


def test_the_office_is_told_when_nothing_opens_it(inside: Flask) -> None:
    set_timetable(SET)
    assert waiting(at(2, 6, 0)) == [(MAY, "")]  # eight hours after midnight
    assert queries.period(1, MAY) is None


def test_home_says_why_and_the_timetable_is_set_with_a_tick(app: Flask, client_as: Callable[[str], Client]) -> None:
    app.config["CLOCK"] = lambda: at(20, 5)
    client = client_as("office")
    page = client.get("/indicators/timetables/set").get_data(as_text=True)
    assert 'name="automatic"' in page
    assert "checked" in page.split('name="automatic"')[1].split(">")[0] + page.split('name="automatic"')[0][-120:]
    form = {"opens": "2", "due": "8", "review": "12", "preview": "15", "objections": "5", "valid_from": "2026-06-01"}
    assert client.send("/indicators/timetables/set", automatic="y", **form).status_code == 302
    with app.app_context():
        assert queries.timetable(1, date(2026, 6, 1)) == SET
        lose_reviewer(app)
    app.config["CLOCK"] = lambda: at(2, 6)
    page = client_as("office").get("/").get_data(as_text=True)
    assert "未能自动开放" in page
    assert "/indicators/periods/open?period=2026-05" in page
