"""The pages on which a hospital decides: what each says, to whom, and what stays shut."""

from __future__ import annotations

import re
from collections.abc import Callable
from io import BytesIO

import pytest
from flask import Flask

from alliance.workpoints import queries, services
from alliance.workpoints.sheets import template_scheme
from tests.conftest import Client
from tests.small import at, by
from tests.workpoints.small_bonus import (
    BUDGET,
    HOSPITAL,
    hear,
    month_run,
    put_budget,
    put_scheme,
    scheme_data,
)

As = Callable[[str], Client]


def text(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, answer.get_data(as_text=True)[:2000]
    return answer.get_data(as_text=True)


def test_the_template_is_taken_as_a_draft_recorded_and_decided_on_the_pages(app: Flask, client_as: As) -> None:
    office, lead = client_as("h1.bonus"), client_as("h1.lead")
    template = office.get("/workpoints/schemes/template/H1")
    assert (template.status_code, template.mimetype) == (200, "application/toml")
    token = office.token("/workpoints/schemes/import/H1")
    file = (BytesIO(template.data), "scheme.toml")
    answer = office.post("/workpoints/schemes/import/H1", data={"csrf_token": token, "file": file})
    assert answer.location == "/workpoints/schemes/read/H1/BONUS/1"
    assert "尚未" in text(lead, answer.location) or "草案" in text(lead, answer.location)
    record = {
        "matter": "scheme:H1/BONUS/1", "body": "directors", "number": "院办3号", "title": "会议纪要",
        "held_on": "2026-05-10", "participants": "9", "votes_for": "8", "votes_against": "1",
    }  # fmt: skip
    assert office.send("/workpoints/records/file/H1", **record).status_code == 302
    page = "/workpoints/schemes/decide/H1/BONUS/1"
    refused = lead.send(page, decision="院办3号")
    assert refused.status_code == 422
    assert "reason-records.staff_congress" in refused.get_data(as_text=True)
    reason = "职代会六月召开，先行试运行。"
    reasons = {"reason-records.staff_congress": reason, "reason-records.publicity": reason}
    assert lead.send(page, decision="院办3号", **reasons).status_code == 302
    with app.app_context():
        assert queries.scheme_in_force(1, HOSPITAL, "2026-05") is not None
    assert reason in text(office, "/workpoints/schemes/read/H1/BONUS/1")


def test_a_file_with_errors_is_not_taken_and_each_error_is_told(client_as: As) -> None:
    office = client_as("h1.bonus")
    wrong = template_scheme().replace("year_end = 10", "year_end = 30")
    for content, said in ((wrong, "budget.year_end"), ("= nothing", "TOML")):
        token = office.token("/workpoints/schemes/import/H1")
        file = (BytesIO(content.encode()), "scheme.toml")
        answer = office.post("/workpoints/schemes/import/H1", data={"csrf_token": token, "file": file})
        assert (answer.status_code, said in answer.get_data(as_text=True)) == (422, True)


def test_two_versions_are_compared_on_the_page(app: Flask, client_as: As) -> None:
    with app.app_context():
        put_scheme(1)
        data = scheme_data(budget={"year_end": 12}, first={"model": "point", "closing": "exact"})
        services.import_scheme(1, HOSPITAL, data, by=by("h1.bonus"), now=at(3, 5))
    page = text(client_as("h1.finance"), "/workpoints/schemes/read/H1/BONUS/2?against=BONUS/1")
    assert "<td>10</td><td>12</td>" in page
    assert "<td>岗位系数模型</td><td>工分模型</td>" in page


def test_a_budget_is_drafted_looked_at_and_decided_on_the_pages(app: Flask, client_as: As) -> None:
    with app.app_context():
        put_scheme(1)
    office, lead = client_as("h1.bonus"), client_as("h1.lead")
    assert 'name="lines-0-kind"' in text(office, "/workpoints/budgets/draft/H1/2026")
    data = {name: value for name, value in BUDGET.items() if name != "sources"}
    for place, line in enumerate(BUDGET["sources"]):
        data |= {f"lines-{place}-{name}": value for name, value in ({"item_class": ""} | line).items()}
    data |= {"lines-5-kind": "penalty", "lines-5-item_class": "", "lines-5-amount": "", "lines-5-document": ""}
    assert office.send("/workpoints/budgets/draft/H1/2026", **data).status_code == 302
    page = text(lead, "/workpoints/budgets/read?institution=H1&year=2026")
    assert "6,965.17" in page
    assert "70,000.00 ÷ 10.05" in page
    with app.app_context():
        hear(1, "budget:H1/2026@1", "预算", at(10, 5))
    refused = lead.send("/workpoints/budgets/decide/H1/2026/1", decision="预算-职代会")
    assert refused.status_code == 422
    assert lead.send("/workpoints/budgets/decide/H1/2026/1", decision="预算-院办").status_code == 302
    page = text(client_as("h1.finance"), "/workpoints/budgets/read?year=2026")
    assert "77,916.66" in page
    assert 'value="40000.00"' not in page


def test_what_is_wrong_in_a_line_is_told_by_its_field(client_as: As) -> None:
    answer = client_as("h1.bonus").send(
        "/workpoints/budgets/draft/H1/2026", **{"lines-0-kind": "moon", "lines-0-amount": "12,50"}
    )
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert '<a href="#lines-0-amount">年度金额：请填写数字。</a>' in page
    assert '<a href="#lines-0-kind">来源类别：请选择有效的选项。</a>' in page
    assert "Not a valid" not in page


def test_a_line_is_not_lost_and_what_the_budget_refuses_is_told_at_its_field(app: Flask, client_as: As) -> None:
    """Blank lines are left out; a deduction whose amount was forgotten would only make the pool larger."""
    with app.app_context():
        put_scheme(1)
    data = {name: value for name, value in BUDGET.items() if name != "sources"}
    for place, (kind, amount, paper) in enumerate(
        (("disposable", "100000", "财务1号"), ("welfare_fund", "", ""), ("risk_fund", "", "财务2号"))
    ):
        line = {"kind": kind, "item_class": "", "amount": amount, "document": paper}
        data |= {f"lines-{place}-{name}": value for name, value in line.items()}
    office, path = client_as("h1.bonus"), "/workpoints/budgets/draft/H1/2026"
    forgotten = office.send(path, **data)
    assert forgotten.status_code == 422
    assert 'href="#lines-2-document"' in forgotten.get_data(as_text=True)
    refused = office.send(path, **data | {"lines-2-amount": "-5", "lines-2-document": "", "goal_document": "考核"})
    assert refused.status_code == 422
    assert '<a href="#lines-2-amount">年度金额：不得小于0；扣除项请使用相应类别</a>' in refused.get_data(as_text=True)
    assert "sources." not in refused.get_data(as_text=True)


def test_what_passes_the_approved_total_is_told_as_an_amount(app: Flask, client_as: As) -> None:
    with app.app_context():
        put_scheme(1)
        over = BUDGET | {"approved": "1000"}
        services.draft_budget(1, HOSPITAL, 2026, over, by=by("h1.bonus"), now=at(3, 5))
    page = text(client_as("h1.bonus"), "/workpoints/budgets/read?institution=H1&year=2026")
    assert re.search(r"超出\d{1,3}(,\d{3})+\.\d\d元。", page)


def test_a_draft_is_opened_again_with_what_was_typed(app: Flask, client_as: As) -> None:
    with app.app_context():
        put_scheme(1)
        services.draft_budget(1, HOSPITAL, 2026, BUDGET, by=by("h1.bonus"), now=at(3, 5))
    page = text(client_as("h1.bonus"), "/workpoints/budgets/draft/H1/2026")
    assert 'value="1000000.00"' in page
    assert 'value="财务预算1号"' in page


def test_paid_stands_against_the_budget(app: Flask, client_as: As) -> None:
    with app.app_context():
        put_scheme(1)
        month_run(1, "2026-01", "paid", put_budget(1), {"0001": 80_000_00})
    page = text(client_as("h1.finance"), "/workpoints/budgets/read?year=2026")
    assert "82,499.99" in page
    assert "−2,499.99" in page
    assert "累计已发 8.0 万元" in page
    assert "累计计划 8.2 万元" in page


def test_a_year_without_posts_says_why_there_is_no_budget(app: Flask, client_as: As) -> None:
    assert client_as("h1.bonus").get("/workpoints/budgets/read?year=9999").status_code == 404
    assert "2026" in text(client_as("h1.bonus"), "/workpoints/budgets/read?year=soon")


@pytest.mark.parametrize(
    ("way", "typed", "found"),
    [
        ("coefficient", {}, ["coefficient"]),
        ("heads", {"head": "15", "nurse": "5"}, ["template", "alike", "alike", "points"]),
        ("mixed", {"post": "20"}, ["template", "in_post", "points"]),
        (
            "written",
            {"text": '[[part]]\ncode = "a"\nshare = 100\n[[part.factor]]\ncode = "points"'},
            ["coefficient", "points"],
        ),
    ],
)
def test_a_head_sets_the_rule_of_the_own_unit(
    app: Flask, client_as: As, way: str, typed: dict[str, str], found: list[object]
) -> None:
    with app.app_context():
        put_scheme(1)
    head = client_as("h1.head")
    hearing = {
        "held_on": "2026-05-08",
        "participants": "10",
        "votes_for": "8",
        "votes_against": "1",
        "minutes": "科务会5号",
    }
    data = {"month": "2026-05", "way": way} | typed | hearing
    assert head.send("/workpoints/rules/set/H1/N1", **data).status_code == 302
    with app.app_context():
        rules = queries.unit_rules(1, HOSPITAL, "2026-05")["N1"]
        assert [rules.way, *(one.code for part in rules.parts for one in part.factors)] == found
    assert "科务会5号" in text(head, "/workpoints/rules/read?unit=N1&month=2026-05")
    assert "N1" in text(head, "/workpoints/rules/set/H1/N1")


def test_a_rule_without_a_majority_or_that_is_no_toml_is_told_on_the_form(app: Flask, client_as: As) -> None:
    with app.app_context():
        put_scheme(1)
    data = {
        "month": "2026-05", "way": "coefficient", "held_on": "2026-05-08", "participants": "10", "votes_for": "5",
        "votes_against": "5", "minutes": "5",
    }  # fmt: skip
    head = client_as("h1.head")
    assert head.send("/workpoints/rules/set/H1/N1", **data).status_code == 422
    answer = head.send("/workpoints/rules/set/H1/N1", **(data | {"way": "written", "text": "="}))
    assert (answer.status_code, "TOML" in answer.get_data(as_text=True)) == (422, True)


@pytest.mark.parametrize(
    ("account", "path"),
    [
        ("c1.lead", "/workpoints/schemes/list?institution=H1"),
        ("c1.lead", "/workpoints/schemes/read/H1/BONUS/1"),
        ("c1.lead", "/workpoints/schemes/export/H1/BONUS/1"),
        ("c1.lead", "/workpoints/schemes/template/H1"),
        ("c1.lead", "/workpoints/budgets/read?institution=H1"),
        ("c1.lead", "/workpoints/records/file/H1"),
        ("c1.lead", "/workpoints/rules/read?institution=H1"),
        ("h1.head", "/workpoints/rules/read?unit=D2"),
        ("h1.head", "/workpoints/rules/set/H1/D2"),
        ("h1.bonus", "/workpoints/schemes/import/H2"),
        ("h1.bonus", "/workpoints/budgets/draft/H2/2026"),
        ("h1.bonus", "/workpoints/schemes/read/H1/BONUS/9"),
        ("h1.bonus", "/workpoints/rules/set/H1/NOBODY"),
    ],
)
def test_what_is_another_hospitals_or_is_not_there_is_not_found(
    app: Flask, client_as: As, account: str, path: str
) -> None:
    with app.app_context():
        put_scheme(1)
    assert client_as(account).get(path).status_code == 404


@pytest.mark.parametrize(
    "path",
    ["/workpoints/schemes/decide/H1/BONUS/1", "/workpoints/budgets/decide/H1/2026/1", "/workpoints/records/file/H1"],
)
def test_another_hospitals_director_decides_nothing_here(app: Flask, client_as: As, path: str) -> None:
    with app.app_context():
        put_scheme(1)
    assert client_as("c1.lead").send(path, decision="方案1-院办").status_code == 404
