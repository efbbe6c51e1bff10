"""The charge lines of the demo's lead hospital: two months, in the newest some codes wait for the office."""

from __future__ import annotations

from flask import Flask

from alliance.core.period import Period
from alliance.demo import charging
from alliance.demo.days import Days
from alliance.demo.inside import HOSPITAL
from alliance.members import queries as members
from alliance.workpoints import queries
from alliance.workpoints.volume.partitions import partitions_of
from tests.conftest import DEMO_DAY


def test_two_months_of_the_lead_hospital_are_loaded_and_codes_of_the_newest_wait(demo: Flask) -> None:
    months = [month.code for month in Days(DEMO_DAY).final[-2:]]
    with demo.app_context():
        (alliance,) = (one.id for one in members.alliances())
        lines = partitions_of(demo.config["ALLIANCE"].data, alliance)
        found = [queries.month_lines(lines, alliance, HOSPITAL, month) for month in months]
        assert queries.loaded_months(alliance, HOSPITAL) == months[::-1]
        assert len(queries.items(alliance, HOSPITAL, DEMO_DAY)) == 2000
    assert found[0].unknown == []
    assert {(one.what, one.code) for one in found[1].unknown} == {
        ("item", charging.NEW["item"]), ("performing_unit", charging.NEW["unit"]),
        ("performing_person", charging.NEW["person"]),
    }  # fmt: skip
    assert all(month.lines > charging.LINES * 0.99 for month in found)
    assert all(one.points > 0 for one in found[0].earned if one.lines > 100)


def test_the_lines_are_the_same_each_time() -> None:
    month, start = Period.parse("2026-08"), Days(DEMO_DAY).start
    once = list(charging.lines(month, charging.FEW, start, odd=True))
    assert once == list(charging.lines(month, charging.FEW, start, odd=True))
    assert len(once) == charging.FEW
