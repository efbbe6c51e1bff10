"""Shifts and rosters: weeks, late changes, nights, workbooks, and whose roster one sees."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest
from flask import Flask

from alliance.core.refused import NotFound, Refused
from alliance.members import services as members
from alliance.members.rules.staff import EmployeeFact
from alliance.workpoints import queries, services, sheets
from alliance.workpoints.queries import GivenDay
from alliance.workpoints.rules.allowances import Night, NightRate, night_allowances
from alliance.workpoints.rules.duties import ShiftFact
from alliance.workpoints.rules.working import Working
from tests.conftest import Client
from tests.small import CLOCK, YEAR, by
from tests.workpoints.small_month import shift_table, workbook

WEEK, MONDAY = "2026-W19", date(2026, 5, 4)  # CLOCK is its Sunday
LATE = "2026-W18"
REASON = "替班登记更正，附科室换班单"


def day(place: int, shift: str, *, unit: str = "N1", person: str = "0002", seen: int | None = None) -> GivenDay:
    return GivenDay(unit, person, MONDAY + timedelta(days=place), shift, seen)


def file(*given: GivenDay, unit: str = "N1", week: str = WEEK, reason: str = "", account: str = "h1.head") -> int:
    return services.file_roster(1, "H1", unit, week, given, reason, by=by(account), now=CLOCK)


def test_a_week_is_filed_and_counted(inside: Flask) -> None:
    shift_table(1)
    assert file(day(0, "D"), day(1, "N1"), day(2, "N2"), day(3, "")) == 3
    found = queries.roster(1, "H1", "N1", WEEK)
    line = found.lines[0]
    assert [one.shift if one else None for one in line.days[:4]] == ["D", "N1", "N2", None]
    assert (line.week.nights, line.week.days, line.month.nights, line.month.days) == (2, 3, 2, 3)
    assert not found.is_closed(CLOCK)
    assert file(day(0, "D"), day(1, "D")) == 1
    assert queries.nights(1, "H1", "2026-05") == [Night("0002", MONDAY + timedelta(days=2), "N2")]


def test_what_the_roster_refuses(inside: Flask) -> None:
    shift_table(1)
    for given, reason in (
        (day(0, "X"), "is no shift"),
        (day(0, "D", person="0001"), "does not work in"),
        (day(0, "D", person="0404"), "does not work in"),
    ):
        with pytest.raises(Refused) as refused:
            file(given)
        assert reason in str(refused.value)
    with pytest.raises(Refused) as refused:
        file(day(0, "D"), day(0, "N1"))
    assert "stands in the table twice" in str(refused.value)
    with pytest.raises(NotFound):
        file(day(9, "D"))
    with pytest.raises(NotFound):
        file(day(0, "D"), unit="D1-1")
    assert queries.roster_cells(1, "H1", MONDAY, MONDAY) == {}


def test_nobody_stands_on_two_rosters_on_a_day(inside: Flask) -> None:
    shift_table(1)
    file(day(0, "D"), day(1, "D"))
    moved = EmployeeFact("0002", "乙护士", "Nurse B", "D1-2", "P2", "护师", date(2024, 7, 1), "active", MONDAY)
    members.record_employee(1, "H1", moved, by=by("h1.personnel"), now=CLOCK)
    with pytest.raises(Refused) as refused:
        file(day(0, "N1", unit="D1-2"), unit="D1-2")
    assert "roster of N1" in str(refused.value)
    file(day(0, ""))
    assert file(day(0, "N1", unit="D1-2"), unit="D1-2") == 1
    assert queries.roster_days(1, "H1", "0002", "2026-05")[0].unit == "D1-2"
    lines = queries.roster(1, "H1", "N1", WEEK).lines
    assert [line.fact.number for line in lines] == ["0002"]  # its Tuesday still stands here
    assert lines[0].here == (False,) * 7


def test_two_people_at_once_do_not_overwrite_each_other(inside: Flask) -> None:
    shift_table(1)
    file(day(0, "D", seen=0))
    with pytest.raises(Refused) as refused:
        file(day(0, "N1", seen=0))
    assert "somebody changed this day" in str(refused.value)
    assert file(day(0, "N1", seen=1)) == 1


def test_a_late_change_needs_a_reason(inside: Flask) -> None:
    shift_table(1)
    late = GivenDay("N1", "0002", date(2026, 5, 3), "N1")
    with pytest.raises(Refused) as refused:
        file(late, week=LATE)
    assert "closed" in str(refused.value)
    with pytest.raises(Refused):
        file(late, week=LATE, reason="too short")
    assert file(late, week=LATE, reason=REASON) == 1
    assert queries.roster_days(1, "H1", "0002", "2026-05")[0].reason == REASON
    assert file(late, week=LATE) == 0  # the same again needs none


def test_a_shift_that_is_no_night_any_more_is_none_from_its_day_on(inside: Flask) -> None:
    shift_table(1)
    changed = ShiftFact("N2", "晚班", "Evening", "16:00–24:00", False, MONDAY + timedelta(days=1))
    services.define_shift(1, "H1", changed, by=by("h1.bonus"), now=CLOCK)
    file(day(0, "N2"), day(1, "N2"))
    assert queries.nights(1, "H1", "2026-05") == [Night("0002", MONDAY, "N2")]


def test_a_night_without_a_rate_is_refused_by_the_run(inside: Flask) -> None:
    shift_table(1)
    file(day(0, "N1"), day(1, "N2"))
    roster = queries.nights(1, "H1", "2026-05")
    rates = [NightRate("N1", Decimal(280), YEAR, date(2027, 1, 1))]
    with pytest.raises(Refused) as refused:
        night_allowances(Working("H1", "2026-05", "H1/BONUS/1"), roster, rates)
    assert [one.where for one in refused.value.problems] == ["0002/2026-05-05"]
    rates.append(NightRate("N2", Decimal(180), YEAR, date(2027, 1, 1)))
    paid = night_allowances(Working("H1", "2026-05", "H1/BONUS/1"), roster, rates)
    assert paid["0002"].value == Decimal("460.00")
    late = roster[0].name
    assert late is not None
    labels = [(name, part.kind.zh) for name, part in paid["0002"].inputs]
    assert len({*labels}) == len(labels) == 4
    assert ("rate", f"夜班费标准：{late.zh}（N1）") in labels


HEADS = ["unit", "person", *(f"{number}日 {number}" for number in range(1, 32))]


def test_a_month_comes_as_a_workbook(inside: Flask) -> None:
    shift_table(1)
    rows = [HEADS, ["N1", "0002", "", "", "", "N1", "d", *[""] * 26]]
    given = sheets.read_roster(workbook({"排班 roster": rows}), "r.xlsx", "2026-05")
    assert [(one.day.day, one.shift) for one in given] == [(4, "N1"), (5, "D")]
    assert services.import_roster(1, "H1", "2026-05", given, "", by=by("h1.bonus"), now=CLOCK) == 2
    emptied = [HEADS, ["N1", "0002", "", "", "", "-", *[""] * 27]]
    given = sheets.read_roster(workbook({"roster": emptied}), "r.xlsx", "2026-05")
    assert services.import_roster(1, "H1", "2026-05", given, "", by=by("h1.bonus"), now=CLOCK) == 1
    assert queries.nights(1, "H1", "2026-05") == []


def test_a_bad_cell_of_the_workbook_is_told_in_its_place(inside: Flask) -> None:
    shift_table(1)
    rows = [HEADS, ["N1", "0002", *[""] * 3, "ZZ", *[""] * 27], ["D2", "0002", *[""] * 3, "D", *[""] * 27]]
    given = sheets.read_roster(workbook({"roster": rows}), "r.xlsx", "2026-05")
    with pytest.raises(Refused) as refused:
        services.import_roster(1, "H1", "2026-05", given, "", by=by("h1.bonus"), now=CLOCK)
    told = [(one.at["row"], one.at["column"].en, one.message) for one in refused.value.problems]  # type: ignore[attr-defined]
    assert told[0] == (2, "4", "is no shift of this day")
    assert told[1][:2] == (3, "4")
    assert "does not work in" in told[1][2]


def test_the_workbook_given_out_changes_nothing(app: Flask, client_as: Callable[[str], Client]) -> None:
    with app.app_context():
        shift_table(1)
        file(day(0, "D"), day(1, "N1"))
    answer = client_as("h1.bonus").get("/workpoints/rosters/template/H1/2026-05")
    with app.app_context():
        given = sheets.read_roster(answer.data, "r.xlsx", "2026-05")
        span = (date(2026, 5, 1), date(2026, 5, 31))
        assert queries.roster_changes(1, "H1", span, given, "", CLOCK)[0] == []


def test_staff_see_the_own_line_only(app: Flask, client_as: Callable[[str], Client]) -> None:
    with app.app_context():
        shift_table(1)
        other = EmployeeFact("0003", "丙护士", "Nurse C", "N1", "P2", "护师", date(2024, 7, 1), "active", YEAR)
        members.record_employee(1, "H1", other, by=by("h1.personnel"), now=CLOCK)
        file(day(0, "N1"), day(0, "N1", person="0003"))
    nurse = client_as("h1.nurse")
    page = nurse.get(f"/workpoints/rosters/read?institution=H1&unit=N1&week={WEEK}").get_data(as_text=True)
    assert "0002" in page
    assert "0003" not in page
    assert nurse.get(f"/workpoints/rosters/read?institution=H1&unit=D1-1&week={WEEK}").status_code == 404
    assert nurse.get("/workpoints/nights/read/H1/2026-05/0002").status_code == 200
    assert nurse.get("/workpoints/nights/read/H1/2026-05/0003").status_code == 404
    assert nurse.get(f"/workpoints/rosters/file/H1/N1/{WEEK}").status_code == 403
    for account in ("h1.head", "h1.bonus", "h1.finance", "h1.lead"):
        client = client_as(account)
        assert "0003" in client.get(f"/workpoints/rosters/read?institution=H1&unit=N1&week={WEEK}").get_data(True)
        assert client.get("/workpoints/nights/read/H1/2026-05/0003").status_code == 200
        assert client.get("/workpoints/nights/read/H1/2026-05/0404").status_code == 404


def test_the_grid_files_a_week_and_copies_the_one_before(app: Flask, client_as: Callable[[str], Client]) -> None:
    with app.app_context():
        shift_table(1)
    client, path = client_as("h1.head"), f"/workpoints/rosters/file/H1/N1/{WEEK}"
    sent = client.send(path, **{"d.0002.2026-05-04": "N1", "d.0002.2026-05-05": "", "seen.0002": "0.0.0.0.0.0.0"})
    assert sent.status_code == 302
    copied = client.get("/workpoints/rosters/file/H1/N1/2026-W20?copy=1").get_data(as_text=True)
    assert '<option value="N1" selected>' in copied
    bad = client.send(path, **{"d.0002.2026-05-04": "ZZ", "seen.0002": "1.0.0.0.0.0.0"})
    assert bad.status_code == 422
    assert 'href="#d.0002.2026-05-04"' in bad.get_data(as_text=True)
    assert client.get(f"/workpoints/rosters/file/H1/D2/{WEEK}").status_code == 404
    assert client.get("/workpoints/rosters/file/H1/N1/2026-W99").status_code == 404


def test_the_shift_table_is_defined_on_its_page(client_as: Callable[[str], Client]) -> None:
    client = client_as("h1.bonus")
    given = {"code": "n1", "name_zh": "大夜", "name_en": "Night", "hours": "00:00–08:00", "night": "y",
             "start": "2026-01-01"}  # fmt: skip
    assert client.send("/workpoints/shifts/define/H1", **given).status_code == 302
    assert "00:00–08:00" in client.get("/workpoints/shifts/define/H1?code=N1").get_data(as_text=True)
    assert client.send("/workpoints/shifts/define/H1", **{**given, "hours": "8-16"}).status_code == 422
    assert client_as("c1.lead").get("/workpoints/shifts/define/H1").status_code == 403


def test_a_shift_that_begins_within_a_week_can_be_chosen_and_marks_its_own_days(inside: Flask) -> None:
    shift_table(1)
    late = ShiftFact("L", "后夜", "Late", "18:00–24:00", True, MONDAY + timedelta(days=2))
    for fact in (late, ShiftFact("N2", "晚班", "Evening", "16:00–24:00", False, MONDAY + timedelta(days=2))):
        services.define_shift(1, "H1", fact, by=by("h1.bonus"), now=CLOCK)
    file(day(0, "N2"), day(2, "N2"), day(3, "L"))
    found = queries.roster(1, "H1", "N1", WEEK)
    assert "L" in found.shifts
    assert found.lines[0].nights == (True, False, False, True, False, False, False)
    assert found.lines[0].week.nights == 2


def test_what_only_begins_like_a_shift_is_none(app: Flask, client_as: Callable[[str], Client]) -> None:
    with app.app_context():
        shift_table(1, [ShiftFact("NITE", "夜班", "Night", "20:00–08:00", True, YEAR)])
    told = client_as("h1.head").send(f"/workpoints/rosters/file/H1/N1/{WEEK}", **{f"d.0002.{MONDAY}": "NITES"})
    assert told.status_code == 422
    assert ">NITES<" in told.get_data(as_text=True)
