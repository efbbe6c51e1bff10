"""What closed surveys found, for the scores and on the pages: nothing early, nothing small, nothing of others."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import select

from alliance.audit.models import Event
from alliance.core.figure import State, trail
from alliance.core.formula import tells_the_truth
from alliance.core.refused import Forbidden, NotFound, Refused
from alliance.core.roles import Scope
from alliance.db import db
from alliance.desk import queries as desk
from alliance.evaluation import queries as evaluation
from alliance.evaluation.queries.ratings import rating_figures
from alliance.ratings import queries, services
from alliance.ratings.models import SurveyLink, SurveyText, SurveyWave
from tests.conftest import Client
from tests.ratings.surveyed import rows, wave
from tests.small import CLOCK, by

Clients = Callable[[str], Client]
C1 = {("D1", "0001"): [5] * 20, ("D1", ""): [4] * 10, ("D2", ""): [2] * 12, ("D3", ""): [1] * 4}


def alliance() -> int:
    return int(db.session.scalars(select(SurveyWave.alliance_id)).first() or 1)


def told(period: str = "2026Q1") -> dict[str, queries.Result]:
    return queries.patient_results(evaluation.rater_words(1, period))


def test_a_closed_survey_gives_each_member_a_figure_that_opens(inside: Flask) -> None:
    wave(1, [*rows("C1", C1), *rows("C2", {("", ""): [5] * 29})])
    found = rating_figures(1, "2026Q1")
    figure = found["patients", "C1"]
    assert (figure.key, figure.kind.code, figure.kind.unit_en) == ("C1/group/patients", "group:patients", "points")
    assert figure.value == Decimal("66.30")
    assert all(
        tells_the_truth(part) for part in trail(*(one for (group, _), one in found.items() if group == "patients"))
    )
    few = found["patients", "C2"]
    assert (few.value, few.state) == (None, State.NOT_APPLICABLE)
    assert found["patients", "C3"].state is State.NOT_APPLICABLE


def test_an_open_survey_tells_nothing_and_keeps_documents_out(inside: Flask) -> None:
    known = queries.results_known(1)
    wave(1, rows("C1", C1), closed=False)
    assert told() == {}
    assert queries.collected(1, "2026Q1") == {"patients"}
    assert queries.collected(1, "2026Q2") == frozenset()
    assert queries.results_known(1) == known


def test_closing_another_wave_changes_what_is_known(inside: Flask) -> None:
    wave(1, rows("C1", C1))
    before, first = queries.results_known(1), told()["C1"]
    wave(1, rows("C1", {("D1", ""): [1] * 46}), code="in")
    assert queries.results_known(1) != before
    after = told()["C1"]
    assert after.people == first.people + 46
    assert after.figure.value
    assert first.figure.value
    assert abs(after.figure.value - first.figure.value / 2) <= Decimal("0.01")


def test_a_wave_of_four_enters_nothing_so_no_two_results_differ_by_it(inside: Flask) -> None:
    wave(1, rows("C1", C1))
    before = told()["C1"]
    wave(1, rows("C1", {("D1", ""): [1] * 4}), code="in")
    after = told()["C1"]
    assert (after.figure.value, after.people) == (before.figure.value, before.people)
    assert after.found[0].told is None
    assert (after.found[0].rate, after.found[0].people) == (None, 0)


def test_months_are_together_the_quarter(inside: Flask) -> None:
    wave(1, rows("C1", {("", ""): [5] * 20}), period="2026-01")
    wave(1, rows("C1", {("", ""): [1] * 20}), period="2026-03", code="in")
    assert told()["C1"].figure.value == Decimal(50)
    assert told("2026-01")["C1"].figure.value is None


def test_the_last_valid_result_is_shown_and_not_used(inside: Flask) -> None:
    wave(1, rows("C1", {("", ""): [5] * 40}), period="2025Q4")
    wave(1, rows("C1", {("", ""): [1] * 10}), code="in")
    asked = evaluation.rater_words(1, "2026Q1")
    assert queries.patient_results(asked)["C1"].figure.value is None
    assert queries.last_valid(asked, "C1") == ("2025Q4", Decimal(100))


def test_the_response_rate_is_of_links_handed_out(inside: Flask) -> None:
    number = wave(1, rows("C1", C1), unused={("C1", "D1"): 54})
    for link in db.session.scalars(select(SurveyLink).where(SurveyLink.state == "used").limit(6)):
        link.state = "revoked"  # whoever answered there came by a screen
    db.session.commit()
    found = queries.found_in(1, next(one for one in queries.closed(1) if one.number == number))["C1"]
    assert found.rate is not None
    assert (found.rate.count, found.rate.whole, found.screens) == (40, 94, 6)
    assert sum(found.asked.values()) == 100


def test_pages_of_a_member_are_for_its_people_and_for_those_who_read_all(app: Flask, client_as: Clients) -> None:
    with app.app_context():
        wave(1, [*rows("C1", C1), *rows("C2", {("", ""): [3] * 31})], unused={("C1", "D1"): 20})
    address = "/ratings/satisfaction/read/C1?period=2026Q1"
    for account in ("c1.lead", "c1.reporter", "office", "analyst", "chair", "regulator"):
        assert client_as(account).get(address).status_code == 200, account
    for account in ("c2.lead", "c2.reporter"):
        assert client_as(account).get(address).status_code == 404, account
        assert client_as(account).get("/ratings/satisfaction/export/C1/2026Q1").status_code == 404
        assert client_as(account).get("/ratings/counts/read/out/1/2026Q1/C1/envi1").status_code == 404
    assert client_as("h1.nurse").get(address).status_code == 403


def test_a_page_names_no_department_of_four_and_no_number_to_find_it_by(app: Flask, client_as: Clients) -> None:
    with app.app_context():
        wave(1, rows("C1", C1))
    for language in ("zh", "en"):
        client = client_as("c1.lead")
        client.send("/accounts/languages/choose", language=language)
        page = client.get("/ratings/satisfaction/read/C1?period=2026Q1").get_data(as_text=True)
        assert not re.search(r"\bD3\b", page)
        assert "66.30" in page
        assert re.search(r"(其他科室|Other departments)", page)
    answer = client_as("c1.lead").get("/ratings/satisfaction/export/C1/2026Q1")
    lines = answer.get_data(as_text=True).splitlines()
    departments = [line.split(",") for line in lines if ",department,D" in line or ",department,*" in line]
    assert [(one[5], one[8]) for one in departments] == [("D1", "30"), ("*", "16")]


def test_doctors_are_told_to_their_own_hospital_alone(app: Flask, client_as: Clients) -> None:
    with app.app_context():
        wave(1, rows("H1", {("D1", "0001"): [5] * 70, ("D1", "0002"): [4] * 60}))
    for account, shown in (("h1.lead", True), ("h1.bonus", True), ("analyst", False), ("chair", False)):
        client = client_as(account)
        page = client.get("/ratings/satisfaction/read/H1").get_data(as_text=True)
        assert ("甲医师" in page) == shown, account
        lines = client.get("/ratings/satisfaction/export/H1/2026Q1").get_data(as_text=True)
        assert (",person,D1,0001," in lines) == shown, account


def test_a_question_opens_to_counts_in_classes(app: Flask, client_as: Clients) -> None:
    with app.app_context():
        wave(1, rows("C1", C1, again="9"))
    client = client_as("c1.lead")
    page = client.get("/ratings/counts/read/out/1/2026Q1/C1/envi1").get_data(as_text=True)
    assert "65.2" in page  # 30 of 46 are satisfied
    assert client.get("/ratings/counts/read/out/1/2026Q1/C1/again").status_code == 200
    for nothing in ("words", "none"):
        assert client.get(f"/ratings/counts/read/out/1/2026Q1/C1/{nothing}").status_code == 404
    assert client.get("/ratings/counts/read/out/2/2026Q1/C1/envi1").status_code == 404
    assert client.get("/ratings/counts/read/out/1/2026Q2/C1/envi1").status_code == 404


def test_before_closing_every_page_is_as_if_nobody_had_answered(app: Flask, client_as: Clients) -> None:
    with app.app_context():
        wave(1, rows("C1", C1), closed=False, texts=[("C1", "D1", "很好")])
    for account, address in (
        ("c1.lead", "/ratings/satisfaction/read/C1?period=2026Q1"),
        ("office", "/ratings/satisfaction/list?period=2026Q1"),
        ("office", "/ratings/texts/list"),
    ):
        page = client_as(account).get(address).get_data(as_text=True)
        assert "46" not in page.split("<main")[1]
        assert "很好" not in page
    assert client_as("c1.lead").get("/ratings/counts/read/out/1/2026Q1/C1/envi1").status_code == 404
    assert client_as("c1.lead").get("/ratings/satisfaction/export/C1/2026Q1").status_code == 404


def test_the_office_sees_who_has_too_few(app: Flask, client_as: Clients) -> None:
    with app.app_context():
        wave(1, [*rows("C1", C1), *rows("C2", {("", ""): [5] * 12})])
    page = client_as("office").get("/ratings/satisfaction/list").get_data(as_text=True)
    assert "66.30" in page
    assert "100.00" not in page
    assert client_as("c1.lead").get("/ratings/satisfaction/list").status_code == 403


def test_written_answers_are_read_before_they_are_released(app: Flask, client_as: Clients) -> None:
    text = "医生很好，请回电13912345678"
    with app.app_context():
        wave(1, rows("C1", C1), texts=[("C1", "D3", text), ("H1", "", "停车难")])
        key = db.session.scalar(select(SurveyText.key).where(SurveyText.institution == "C1"))
    office, lead = client_as("office"), client_as("c1.lead")
    page = office.get("/ratings/texts/list").get_data(as_text=True)
    assert "<mark>13912345678" in page
    assert "停车难" not in page  # the office's own employer
    assert "医生很好" not in lead.get("/ratings/satisfaction/read/C1").get_data(as_text=True)
    assert lead.send(f"/ratings/texts/release/{key}").status_code == 403
    assert office.send(f"/ratings/texts/release/{key}").status_code == 302
    shown = lead.get("/ratings/satisfaction/read/C1").get_data(as_text=True)
    assert "医生很好" in shown
    assert "13912345678" not in shown
    assert "D3" not in shown
    assert office.send(f"/ratings/texts/withhold/{key}").status_code == 302
    assert "医生很好" not in lead.get("/ratings/satisfaction/read/C1").get_data(as_text=True)
    with app.app_context():
        kept = db.session.get(SurveyText, key)
        assert kept
        assert "13912345678" not in kept.text
        subjects = db.session.scalars(select(Event.subject).where(Event.act.like("ratings:text:%"))).all()
        assert {one for one in subjects if one.startswith("surveytext")} == {"surveytext:C1/out/1/2026Q1"}


@pytest.mark.parametrize("page", ["99999999999999999999", "-1", "x"])
def test_a_page_that_no_list_has_is_empty(app: Flask, client_as: Clients, page: str) -> None:
    assert client_as("office").get(f"/ratings/texts/list?page={page}").status_code == 200


def test_what_can_only_be_withheld_has_no_button_to_release_it(app: Flask, client_as: Clients) -> None:
    with app.app_context():
        wave(1, rows("C1", C1), texts=[("C1", "", "医生很好"), ("C2", "", "只有我一个人")])
        kept = {row.institution: row.key for row in db.session.scalars(select(SurveyText))}
    page = client_as("office").get("/ratings/texts/list").get_data(as_text=True)
    assert f"/ratings/texts/release/{kept['C1']}" in page
    assert f"/ratings/texts/release/{kept['C2']}" not in page
    assert f"/ratings/texts/withhold/{kept['C2']}" in page


def test_nobody_decides_on_texts_about_the_own_employer_or_of_an_open_survey(inside: Flask) -> None:
    wave(1, rows("H1", {("", ""): [5] * 120}), texts=[("H1", "", "停车难"), ("C1", "", "只有我一个人")])
    wave(1, [], code="in", closed=False, texts=[("C1", "", "还没结束")])
    keys = {one.text: one.key for one in db.session.scalars(select(SurveyText))}
    with pytest.raises(Forbidden):
        services.release_text(1, keys["停车难"], by=by("office"), now=CLOCK)
    assert services.release_text(1, keys["停车难"], by=by("office2"), now=CLOCK) == "H1"
    with pytest.raises(Refused):
        services.release_text(1, keys["停车难"], by=by("office2"), now=CLOCK)
    with pytest.raises(Refused, match="Too few"):
        services.release_text(1, keys["只有我一个人"], by=by("office"), now=CLOCK)
    services.withhold_text(1, keys["只有我一个人"], by=by("office"), now=CLOCK)
    with pytest.raises(NotFound):
        services.release_text(1, keys["还没结束"], by=by("office"), now=CLOCK)


def test_surveys_of_employees_are_for_the_hospital_and_not_for_the_score(app: Flask, client_as: Clients) -> None:
    with app.app_context():
        wave(1, rows("H1", {("D1", ""): [5] * 20, ("D2", ""): [3] * 8}), code="staff", family="staff")
        assert queries.group_figures(evaluation.rater_words(1, "2026Q1")) == {}
    address = "/ratings/units/list/H1?family=staff&period=2026Q1"
    for account in ("h1.bonus", "h1.lead"):
        page = client_as(account).get(address).get_data(as_text=True)
        assert "检验科" in page
    assert client_as("office").get(address).status_code == 403
    assert client_as("c1.lead").get(address).status_code == 404
    assert client_as("h1.lead").get("/ratings/units/list/H1?family=patient").status_code == 404
    assert client_as("h1.lead").get("/ratings/counts/read/staff/1/2026Q1/H1/envi1").status_code == 404


def test_written_answers_wait_at_home(app: Flask, client_as: Clients) -> None:
    with app.app_context():
        wave(1, rows("C1", C1), texts=[("C1", "", "甲"), ("C1", "", "乙")])
    assert "/ratings/texts/list" in client_as("office").get("/").get_data(as_text=True)
    with app.app_context():
        assert [(one.institution, one.count) for one in queries.waiting(1)] == [("C1", 2)]
        assert "survey" in desk.ORIGINS


def test_without_a_member_one_comes_to_the_own_or_to_all(app: Flask, client_as: Clients) -> None:
    with app.app_context():
        wave(1, rows("C1", C1))
    for account, leads_to in (
        ("c1.reporter", "/ratings/satisfaction/read/C1"),
        ("h1.bonus", "/ratings/satisfaction/read/H1"),
        ("office", "/ratings/satisfaction/list"),
    ):
        client = client_as(account)
        assert client.get("/ratings/satisfaction/read").location == leads_to
        assert client.get(leads_to).status_code == 200


def test_the_result_is_followed_over_the_periods(app: Flask, client_as: Clients) -> None:
    with app.app_context():
        wave(1, rows("C1", {("", ""): [5] * 40}), period="2025Q4")
        wave(1, rows("C1", C1), code="in")
    page = client_as("c1.lead").get("/ratings/satisfaction/read/C1").get_data(as_text=True)
    assert re.search(r"(各周期满意度|Satisfaction by period)", page)
    book = client_as("c1.lead").get("/ratings/satisfaction/read/C1?format=xlsx")
    assert book.status_code == 200
    assert book.data[:2] == b"PK"


def test_forms_from_paper_are_handed_out_too(inside: Flask) -> None:
    wave(1, rows("C1", {("", ""): [4] * 30}), unused={("C1", ""): 30})
    for link in db.session.scalars(select(SurveyLink)):
        link.kind = "paper"
    db.session.commit()
    rate = queries.found_in(1, queries.closed(1)[0])["C1"].rate
    assert rate is not None
    assert rate.share == 50


def test_a_result_leads_to_its_figure_in_the_official_run(app: Flask, client_as: Clients) -> None:
    asked = []

    def kept(scope: Scope, period: str, group: str, values: dict[str, Decimal | None]) -> dict[str, tuple[int, int]]:
        asked.append((scope.account, period, group, values["C1"]))
        return {"C1": (7, 11)}

    with app.app_context():
        wave(1, rows("C1", C1))
    lead, office = client_as("c1.lead"), client_as("office")
    page = "/ratings/satisfaction/read/C1?period=2026Q1"
    assert "/figures/" not in lead.get(page).get_data(as_text=True)  # nothing official yet
    app.config["RESULTS_KEPT"] = kept
    assert "/figures/7/11" in lead.get(page).get_data(as_text=True)
    assert "/figures/7/11" in office.get("/ratings/satisfaction/list?period=2026Q1").get_data(as_text=True)
    assert asked[0] == ("c1.lead", "2026Q1", "patients", Decimal("66.30"))
