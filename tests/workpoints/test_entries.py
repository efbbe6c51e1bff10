"""Filing the numbers of a bonus month: cells, revisions, workbooks, and who may."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from io import BytesIO

import pytest
from flask import Flask

from alliance.audit.queries import events_on
from alliance.core.figure import State
from alliance.core.refused import NotFound, Refused
from alliance.db import db
from alliance.members import services as members
from alliance.members.rules.staff import EmployeeFact
from alliance.workpoints import queries, services, sheets
from alliance.workpoints.models import BonusSchemeRow, UnitRule
from alliance.workpoints.queries import Given
from alliance.workpoints.rules.entries import BLANK, DOES_NOT_APPLY, Entry
from tests.conftest import Client
from tests.small import CLOCK, by
from tests.workpoints.small_month import MONTH, workbook

DOCUMENT = "绩效办〔2026〕4号"


def value(text: str) -> Entry:
    return Entry(Decimal(text), State.VALUE)


def file(*given: Given, account: str = "h1.bonus", month: str = MONTH, institution: str = "H1") -> int:
    return services.file_entry(1, institution, month, given, DOCUMENT, by=by(account), now=CLOCK)


def test_nought_and_not_applicable_are_kept_and_blank_is_not_there(inside: Flask) -> None:
    file(Given("D1-1", "score", value("0")), Given("N1", "score", DOES_NOT_APPLY), Given("D2", "score", BLANK))
    found = queries.unit_entries(1, "H1", MONTH)
    assert (found["D1-1", "score"].value, found["D1-1", "score"].state) == (Decimal(0), State.VALUE)
    assert (found["N1", "score"].value, found["N1", "score"].state) == (None, State.NOT_APPLICABLE)
    assert ("D2", "score") not in found


def test_a_value_changes_by_a_new_revision_and_can_be_taken_back(inside: Flask) -> None:
    assert file(Given("D1-1", "score", value("91.5"))) == 1
    assert file(Given("D1-1", "score", value("91.50"))) == 0
    assert file(Given("D1-1", "score", value("92"))) == 1
    assert queries.unit_entries(1, "H1", MONTH)["D1-1", "score"].revision == 2
    assert file(Given("D1-1", "score", BLANK)) == 1
    assert ("D1-1", "score") not in queries.unit_entries(1, "H1", MONTH)
    history = queries.cell_history(1, "H1", MONTH, "D1-1", "score")
    assert [one.value for one in history] == [None, Decimal(92), Decimal("91.5")]
    assert {one.recorded_by for one in history} == {"h1.bonus"}


def test_a_person_has_numbers_in_the_unit_where_it_is_in_post(inside: Flask) -> None:
    file(Given("D1-1", "score", value("95"), "0001"), Given("N1", "excluded", value("2"), "0002"))
    found = queries.person_entries(1, "H1", MONTH)
    assert found["D1-1", "0001", "score"].value == Decimal(95)
    assert queries.person_entries(1, "H1", MONTH, "N1").keys() == {("N1", "0002", "excluded")}
    with pytest.raises(Refused) as refused:
        file(Given("N1", "score", value("95"), "0001"))
    assert "not in post in this unit" in str(refused.value)


def test_who_changes_units_in_the_month_has_numbers_in_both(inside: Flask) -> None:
    moved = EmployeeFact(
        "0001", "甲医师", "Doctor A", "D1-2", "P1", "主治医师", date(2016, 4, 1), "active", date(2026, 4, 16)
    )
    members.record_employee(1, "H1", moved, by=by("h1.personnel"), now=CLOCK)
    assert file(Given("D1-1", "score", value("95"), "0001"), Given("D1-2", "score", value("90"), "0001")) == 2


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (Given("D9", "score", value("90")), "no unit"),
        (Given("D1-1", "happiness", value("90")), "no kind"),
        (Given("D1-1", "happiness", value("90"), "0001"), "no kind"),
        (Given("D1-1", "score", value("90"), "0404"), "not in post"),
        (Given("D1-1", "score", value("130")), "must lie between"),
    ],
)
def test_an_impossible_cell_is_told_and_nothing_is_kept(inside: Flask, given: Given, reason: str) -> None:
    with pytest.raises(Refused) as refused:
        file(Given("D1-2", "score", value("90")), given)
    assert reason in str(refused.value)
    assert queries.unit_entries(1, "H1", MONTH) == {}


def test_two_people_at_once_do_not_overwrite_each_other(inside: Flask) -> None:
    file(Given("D1-1", "score", value("90"), seen=0))
    with pytest.raises(Refused) as refused:
        file(Given("D1-1", "score", value("80"), seen=0))
    assert "somebody changed this cell" in str(refused.value)
    assert queries.unit_entries(1, "H1", MONTH)["D1-1", "score"].value == Decimal(90)
    assert file(Given("D1-1", "score", value("80"), seen=1)) == 1


def test_nobody_files_the_own_score(inside: Flask) -> None:
    with pytest.raises(Refused) as refused:
        file(Given("N1", "score", value("100"), "0002"), account="h1.nurse")
    assert "your own number" in str(refused.value)


def test_no_document_no_month_no_member(inside: Flask) -> None:
    given = [Given("D1-1", "score", value("90"))]
    for nothing in (" ", "figure:abc/C03/score", "  figure:abc/C03/score"):  # figures are taken over, never typed
        with pytest.raises(Refused):
            services.file_entry(1, "H1", MONTH, given, nothing, by=by("h1.bonus"), now=CLOCK)
    with pytest.raises(Refused):
        file(*given, month="2026Q2")
    with pytest.raises(NotFound):
        file(*given, institution="H9")


def test_the_event_names_units_and_no_person(inside: Flask) -> None:
    file(Given("D1-1", "score", value("95"), "0001"))
    event = events_on(1, [f"bonusmonth:H1/{MONTH}"], 1)[0]
    assert event.detail == {"units": ["D1-1"], "cells": 1, "document": DOCUMENT}


def test_factors_of_the_rules_in_force_are_kinds_too(inside: Flask) -> None:
    part = {"code": "p", "name_zh": "一", "name_en": "One", "share": "100"}
    hand = {"alliance_id": 1, "institution": "H1", "recorded_by": "h1.bonus", "recorded_at": CLOCK}
    factors = [{"code": "reading", "name_zh": "阅片量", "name_en": "Readings", "weight": "100", "times": "title"}]
    content = {"way": "template", "part": [part | {"factor": factors}]}
    db.session.add(
        UnitRule(
            **hand, unit="D2", month="2026-04", content=content, held_on=date(2026, 3, 1), participants=10,
            votes_for=10, votes_against=0, minutes="doc",
        )
    )  # fmt: skip
    whole = {"second": {"part": [part | {"factor": [factors[0] | {"code": "beds", "times": ""}]}]}}
    db.session.add(
        BonusSchemeRow(
            **hand, code="BONUS", version=1, content=whole, sha256="", valid_from=date(2026, 1, 1), decision="1",
            reasons={},
        )
    )  # fmt: skip
    db.session.commit()
    assert {"reading", "title", "beds"} <= queries.person_kinds(1, "H1", MONTH).keys()
    assert "reading" in queries.person_kinds(1, "H1", MONTH, "D2")
    assert "reading" not in queries.person_kinds(1, "H1", MONTH, "D1-1")
    assert "reading" not in queries.person_kinds(1, "H1", "2026-03")


UNITS: list[object] = ["科室代码 unit", "考核得分 score", "变动成本 variable_cost"]
PERSONS: list[object] = ["科室代码 unit", "工号 person", "姓名 name", "个人考核得分 score", "不参与分配 excluded"]
CASES: list[object] = [
    "unit",
    "code",
    "rw",
    "cases",
    "days",
    "cost",
    "payment",
    "reference_days",
    "reference_cost",
    "standard_cost",
]
WHOLE: dict[str, list[list[object]]] = {
    "科室 units": [UNITS, ["D1-1", 91.5, 40000], ["N1", "不适用", ""]],
    "人员 persons": [PERSONS, ["D1-1", "0001", "甲", 95, ""], ["N1", "0002", "乙", 0, "产假"]],
    "cases": [CASES, ["D1-1", "FR21", 1.25, 20, 160, 240000, 230000, 8.5, 11800, ""]],
}


def read(content: bytes) -> queries.GivenMonth:
    return sheets.read_month(content, "month.xlsx", queries.person_kinds(1, "H1", MONTH))


def test_a_workbook_files_a_month_and_again_changes_nothing(inside: Flask) -> None:
    given = read(workbook(WHOLE))
    assert len(queries.entry_changes(1, "H1", MONTH, given, "h1.bonus")) == 7
    assert queries.unit_entries(1, "H1", MONTH) == {}  # a check keeps nothing
    assert services.import_entry(1, "H1", MONTH, given, DOCUMENT, by=by("h1.bonus"), now=CLOCK) == 7
    assert queries.unit_entries(1, "H1", MONTH)["N1", "score"].state is State.NOT_APPLICABLE
    assert queries.person_entries(1, "H1", MONTH)["N1", "0002", "score"].value == 0
    case = queries.cases(1, "H1", MONTH)["D1-1"][0]
    assert (case.code, case.rw, case.cases, case.standard_cost) == ("FR21", Decimal("1.25"), 20, None)
    assert services.import_entry(1, "H1", MONTH, given, DOCUMENT, by=by("h1.bonus"), now=CLOCK) == 0


def test_a_blank_cell_says_nothing_and_a_dash_empties(inside: Flask) -> None:
    file(Given("D1-1", "score", value("90")), Given("D1-1", "variable_cost", value("1")))
    given = read(workbook({"units": [UNITS, ["D1-1", "", "-"]]}))
    assert services.import_entry(1, "H1", MONTH, given, DOCUMENT, by=by("h1.bonus"), now=CLOCK) == 1
    assert queries.unit_entries(1, "H1", MONTH).keys() == {("D1-1", "score")}


def test_a_disease_group_is_taken_back_with_no_cases(inside: Flask) -> None:
    services.import_entry(1, "H1", MONTH, read(workbook(WHOLE)), DOCUMENT, by=by("h1.bonus"), now=CLOCK)
    gone = read(workbook({"cases": [CASES, ["D1-1", "FR21", 1.25, 0, 0, 0, 0, 0, 0, ""]]}))
    services.import_entry(1, "H1", MONTH, gone, DOCUMENT, by=by("h1.bonus"), now=CLOCK)
    assert queries.cases(1, "H1", MONTH) == {}


def test_the_code_of_a_disease_group_is_a_code(inside: Flask) -> None:
    long = read(workbook({"cases": [CASES, ["D1-1", "F" * 65, 1.25, 20, 1, 1, 1, 1, 1, ""]]}))
    with pytest.raises(Refused, match="longer than 64"):
        services.import_entry(1, "H1", MONTH, long, DOCUMENT, by=by("h1.bonus"), now=CLOCK)


def test_each_bad_cell_is_told_with_sheet_row_column_value_and_reason(inside: Flask) -> None:
    bad = workbook(
        {
            "units": [UNITS, ["D1-1", "good", 1.005], ["", 90, ""]],
            "persons": [PERSONS, ["D1-1", "0001", "甲", 95, "holiday"]],
            "cases": [CASES, ["D1-1", "FR21", "", 20, 160, 1, 1, 1, 1, ""]],
        }
    )
    with pytest.raises(Refused) as refused:
        read(bad)
    told = [(one.at["sheet"].en, one.at["row"], one.at["column"].en, one.value) for one in refused.value.problems]  # type: ignore[attr-defined]
    assert told == [
        ("units", 2, "score", "good"),
        ("units", 2, "variable_cost", "1.005"),
        ("units", 3, "unit", ""),
        ("persons", 2, "excluded", "holiday"),
        ("cases", 2, "rw", ""),
    ]


def test_what_a_workbook_names_that_is_not_there_is_told_in_its_place(inside: Flask) -> None:
    given = read(workbook({"persons": [PERSONS, ["N1", "0001", "甲", 95, ""], ["N1", "0002", "乙", 95, ""],
                                       ["N1", "0002", "乙", 96, ""]]}))  # fmt: skip
    with pytest.raises(Refused) as refused:
        queries.entry_changes(1, "H1", MONTH, given, "h1.bonus")
    told = [(one.at["row"], one.message) for one in refused.value.problems]
    assert told == [(2, "is not in post in this unit in the month"), (4, "stands in the table twice")]


def test_the_workbook_given_out_changes_nothing_when_it_comes_back(
    inside: Flask, client_as: Callable[[str], Client]
) -> None:
    services.import_entry(1, "H1", MONTH, read(workbook(WHOLE)), DOCUMENT, by=by("h1.bonus"), now=CLOCK)
    answer = client_as("h1.bonus").get(f"/workpoints/entries/template/H1/{MONTH}")
    assert answer.status_code == 200
    assert len(queries.entry_changes(1, "H1", MONTH, read(answer.data), "h1.bonus")) == 0
    with pytest.raises(Refused):
        read(workbook({"other": [["a"], [1]]}))


def test_the_page_checks_a_workbook_and_then_applies_it(app: Flask, client_as: Callable[[str], Client]) -> None:
    client, path = client_as("h1.bonus"), f"/workpoints/entries/import/H1/{MONTH}"
    with app.test_request_context():
        content = workbook(WHOLE)
    upload = {"file": (BytesIO(content), "m.xlsx"), "document": DOCUMENT, "csrf_token": client.token()}
    checked = client.post(path, data=upload | {"check": "1"})
    assert checked.status_code == 200
    assert "6" in checked.get_data(as_text=True)
    upload = {"file": (BytesIO(content), "m.xlsx"), "document": DOCUMENT, "csrf_token": client.token()}
    assert client.post(path, data=upload | {"apply": "1"}).status_code == 302
    assert "91.5" in client.get(f"/workpoints/entries/read?institution=H1&month={MONTH}&unit=D1-1").get_data(True)


def test_the_grid_files_what_differs_and_tells_bad_cells_in_their_place(
    app: Flask, client_as: Callable[[str], Client]
) -> None:
    client, path = client_as("h1.bonus"), f"/workpoints/entries/file/H1/{MONTH}?group=quality"
    good = {"document": DOCUMENT, "v.D1-1.score": "90", "v.N1.score": "0", "v.D2.score": "n/a"}
    assert client.send(path, **good).status_code == 302
    page = client.get(path).get_data(as_text=True)
    assert re.search(r'name="v\.N1\.score"[^>]*value="0"', page)
    assert re.search(r'name="v\.D1\.score"[^>]*value=""', page)
    bad = client.send(path, **{**good, "seen.D1-1": "score:1", "seen.N1": "score:1", "v.D1-1.score": "ninety"})
    assert bad.status_code == 422
    text = bad.get_data(as_text=True)
    assert 'href="#v.D1-1.score"' in text
    assert 'value="ninety"' in text
    stale = client.send(path, **{**good, "v.D1-1.score": "50", "seen.N1": "score:1", "seen.D2": "score:1"})
    assert stale.status_code == 422
    assert re.search(r'name="v\.D1-1\.score"[^>]*value="90"', stale.get_data(as_text=True))


def test_the_head_files_scores_of_the_own_people_and_nothing_else(
    app: Flask, client_as: Callable[[str], Client]
) -> None:
    client, path = client_as("h1.head"), f"/workpoints/entries/file/H1/{MONTH}"
    assert client.send(f"{path}?unit=D1-1", **{"document": DOCUMENT, "v.0001.score": "96"}).status_code == 302
    assert client.get(f"/workpoints/entries/read?institution=H1&month={MONTH}&unit=D1-1").status_code == 200
    for other in (path, f"{path}?unit=D2", f"{path}?unit=D1-1&group=pay", f"{path}?unit=D1-1&group=head"):
        assert client.get(other).status_code == 404, other
    assert client.get(f"/workpoints/entries/read?institution=H1&month={MONTH}&unit=D2").status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "/workpoints/entries/read?institution=H1",
        "/workpoints/rosters/read?institution=H1",
        "/workpoints/nights/read/H1/2026-04/0001",
        "/workpoints/tasks/list?institution=H1",
        "/workpoints/tasks/review/H1/1",
        "/workpoints/holdings/list?institution=H1",
    ],
)
def test_outside_of_the_hospital_nothing_of_it_is_found(client_as: Callable[[str], Client], path: str) -> None:
    assert client_as("c1.lead").get(path).status_code in (403, 404)
