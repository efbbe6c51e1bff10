"""The demo's clock: it stands on its day, never goes back, and guards nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask

from alliance.core.period import SHANGHAI, Period
from alliance.demo.clock import Anchor, default_day
from alliance.demo.days import Days, due
from tests.conftest import Client
from tests.small import CLOCK, at

DAY = date(2026, 11, 12)
BEGUN = datetime(2026, 11, 12, 3, tzinfo=UTC)


def test_it_runs_for_a_working_day_and_then_stands_on_its_day() -> None:
    anchor = Anchor(DAY, BEGUN)
    assert anchor.at(BEGUN) == datetime(2026, 11, 12, 9, tzinfo=SHANGHAI)
    assert anchor.at(BEGUN + timedelta(minutes=5)) - anchor.at(BEGUN) == timedelta(minutes=5)
    for later in (timedelta(hours=13), timedelta(days=400)):
        assert anchor.at(BEGUN + later) == datetime(2026, 11, 12, 21, tzinfo=SHANGHAI)
    # A machine whose clock was set back takes nothing back.
    assert anchor.at(BEGUN - timedelta(days=1)) == anchor.at(BEGUN)


def test_a_demo_loaded_late_in_a_month_stands_where_two_months_are_at_work() -> None:
    assert default_day(date(2026, 11, 12)) == date(2026, 11, 12)
    assert default_day(date(2026, 11, 30)) == date(2026, 11, 15)


@pytest.mark.parametrize("today", [date(2026, 1, 1), date(2026, 2, 15), date(2027, 3, 7), date(2028, 12, 1)])
def test_on_every_day_one_month_is_filed_one_is_reviewed_and_the_others_are_final(today: date) -> None:
    days = Days(today)
    clock = datetime(today.year, today.month, today.day, 9, tzinfo=SHANGHAI)
    assert days.filed.until <= today
    assert due(days.filed) > clock
    assert due(days.reviewed) <= clock < due(days.reviewed) + timedelta(days=15)
    assert due(days.final[-1]) + timedelta(days=15) <= clock
    assert 24 <= len(days.final) + 2 <= 26
    assert days.final[0].first.month % 3 == 1
    assert len(days.scored) >= 7
    assert len(days.years) >= 2
    assert days.place(days.filed) == 23
    assert [days.place(year) for year in (days.years[0], days.years[-1])] == [0, 23]
    assert days.place(Period.parse("2001-01")) == 0


def test_deadlines_follow_the_demo_and_sessions_the_machine(app: Flask, client_as: Callable[[str], Client]) -> None:
    """Months later the demo's month is still open, and who was idle for twenty minutes is signed out all the same."""
    app.config["CLOCK"] = lambda: CLOCK + timedelta(days=300)
    app.extensions["alliance_clock"] = lambda _machine: at(5)
    client = client_as("c1.reporter")
    page = "/indicators/readings/file/2026-04/C1"
    answer = client.get(page)
    assert answer.status_code == 200
    app.config["CLOCK"] = lambda: CLOCK + timedelta(days=300, minutes=25)
    assert client.get(page).status_code == 302
