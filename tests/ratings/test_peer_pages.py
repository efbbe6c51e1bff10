"""The pages of cross-rating: a form filled on the page, half of it, one's own name, late, and what is not shown."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask

from alliance.core.roles import Grant, scope_of
from alliance.desk.queries import tasks
from alliance.ratings import queries, services
from tests.conftest import Client
from tests.ratings.small_peers import CODES, LATER, OPENED, PERIOD, close, marks_of, open_round, rate_all
from tests.small import MEMBERS, by

Signed = Callable[[str], Client]


@pytest.fixture
def begun(app: Flask) -> Flask:
    """A round that is open, seen on the day after it began."""
    with app.app_context():
        open_round(1)
    app.config["CLOCK"] = lambda: OPENED
    return app


@pytest.fixture
def closed(app: Flask) -> Flask:
    with app.app_context():
        open_round(1)
        rate_all(1)
        close(1)
    return app


def whole(mark: int = 4) -> dict[str, str]:
    return {f"mark_{code}": str(mark) for code in CODES}


def test_a_member_rates_on_the_page_and_hands_in_once(begun: Flask, client_as: Signed) -> None:
    client = client_as("c1.lead")
    assert "还剩" in client.get("/ratings/ratings/list").get_data(as_text=True)
    for target in MEMBERS:
        if target != "C1":
            page = f"/ratings/ratings/save/{PERIOD}/C1/{target}"
            assert client.send(page, seen="0", comment="", **whole()).status_code == 302
    assert client.send(f"/ratings/ratings/submit/{PERIOD}/C1").status_code == 302
    text = client.get(f"/ratings/ratings/save/{PERIOD}/C1/C2").get_data(as_text=True)
    assert "不可修改" in text
    assert client.send(f"/ratings/ratings/save/{PERIOD}/C1/C2", seen="1", **whole(5)).status_code == 422


def test_half_a_form_is_told_item_by_item_and_nothing_is_lost(begun: Flask, client_as: Signed) -> None:
    client = client_as("c1.lead")
    page = f"/ratings/ratings/save/{PERIOD}/C1/C2"
    assert client.send(page, seen="0", comment="至此", mark_P01="0").status_code == 302
    answer = client.send(f"/ratings/ratings/submit/{PERIOD}/C1")
    assert answer.status_code == 422
    assert "未评条目" in answer.get_data(as_text=True)
    assert "至此" in client.get(page).get_data(as_text=True)


@pytest.mark.parametrize(
    ("target", "data", "status"),
    [
        ("C1", whole(), 422),  # oneself, by a changed form
        ("H9", whole(), 404),
        ("C2", {"mark_P01": "9"}, 422),
        ("C2", {"mark_P01": "x"}, 422),
        ("C2", {"comment": "字" * 10_000}, 422),
    ],
)
def test_a_changed_form_is_refused_kindly(
    begun: Flask, client_as: Signed, target: str, data: dict[str, str], status: int
) -> None:
    answer = client_as("c1.lead").send(f"/ratings/ratings/save/{PERIOD}/C1/{target}", seen="0", **data)
    assert answer.status_code == status
    with begun.app_context():
        found = queries.peer_round(1, PERIOD)
        assert found
        assert not any(row.marks for row in queries.own_pairs(found.id, "C1"))


def test_nobody_opens_the_form_of_another_member(begun: Flask, client_as: Signed) -> None:
    client = client_as("c1.lead")
    assert client.get(f"/ratings/ratings/save/{PERIOD}/C2/C3").status_code == 404
    assert client.get("/ratings/ratings/list?institution=C2").status_code == 404
    assert client.send(f"/ratings/ratings/submit/{PERIOD}/C2").status_code == 404


def test_who_rates_has_a_task_until_it_is_handed_in(begun: Flask) -> None:
    lead = scope_of("c1.lead", "C1", [Grant("member_lead", 1, "C1", date(2026, 1, 1))], 1)
    with begun.app_context():
        assert [one.view for one in tasks(lead, OPENED) if one.what == "rate_peers"] == ["ratings.list_ratings"]
        assert not [one for one in tasks(lead, LATER) if one.what == "rate_peers"]
        office = scope_of("office", "H1", [Grant("office", 1)], 1)
        assert [one.view for one in tasks(office, LATER) if one.what == "peers"] == ["ratings.read_round"]


def test_the_office_follows_reminds_and_closes(begun: Flask, client_as: Signed) -> None:
    client = client_as("office")
    assert client.get("/ratings/rounds/open").status_code == 200
    assert "提醒所有未提交单位" in client.get(f"/ratings/rounds/read/{PERIOD}").get_data(as_text=True)
    client.send(f"/ratings/raters/remind/{PERIOD}", rater="C2")
    assert "已提醒1家单位" in client.get(f"/ratings/rounds/read/{PERIOD}").get_data(as_text=True)
    assert client.send(f"/ratings/rounds/close/{PERIOD}").status_code == 422


def test_a_member_sees_what_others_say_together_and_no_name(closed: Flask, client_as: Signed) -> None:
    client = client_as("c1.lead")
    text = client.get(f"/ratings/results/read/{PERIOD}/C1").get_data(as_text=True)
    assert "4家评价单位" in text.replace("<span>", "")
    assert "不显示，以免推断出评价单位" in text
    for code in MEMBERS:
        assert code == "C1" or f"{code}医院" not in text
    assert client.get(f"/ratings/results/read/{PERIOD}/C2").status_code == 404
    assert client.get("/ratings/results/list").status_code == 403
    assert client_as("chair").get("/ratings/results/list").status_code == 200
    assert client_as("chair").get(f"/ratings/results/read/{PERIOD}/C2").status_code == 200


def test_remarks_are_for_the_office_and_the_committee(app: Flask, client_as: Signed) -> None:
    remark = "Answers every call within the hour."
    with app.app_context():
        open_round(1)
        rate_all(1, "C1")
        sheets = {code: services.Sheet(marks_of("C1", code), remark) for code in MEMBERS if code != "C1"}
        services.save_rating(1, PERIOD, "C1", sheets, by=by("c1.lead"), now=OPENED)
        services.submit_rating(1, PERIOD, "C1", by=by("c1.lead"), now=OPENED)
        close(1)
    page = f"/ratings/results/read/{PERIOD}"
    for account in ("office", "chair", "analyst", "regulator"):
        text = client_as(account).get(f"{page}/C2").get_data(as_text=True)
        assert (remark in text) == (account in ("office", "chair")), account
    assert remark not in client_as("c2.lead").get(f"{page}/C2").get_data(as_text=True)
    assert remark not in client_as("office").get(f"{page}/H1").get_data(as_text=True)


def test_the_list_of_results_knows_what_was_collected(closed: Flask, client_as: Signed) -> None:
    text = client_as("office").get(f"/evaluation/ratings/list?period={PERIOD}&group=peers").get_data(as_text=True)
    assert "由本系统采集" in text


def test_practice_leaves_nothing_behind(begun: Flask, client_as: Signed) -> None:
    client = client_as("c1.quality")
    assert client.get("/ratings/practices/read").status_code == 200
    scenes = [f"{item}-{who}" for who in "ABC" for item in ("P01", "P09")]
    page = "/ratings/practices/read?" + "&".join(f"{name}=5" for name in scenes)
    assert "同一分值" in client.get(page).get_data(as_text=True)
    with begun.app_context():
        found = queries.peer_round(1, PERIOD)
        assert found
        assert found.submitted == 0


def test_links_are_recorded_and_ended_on_the_page(app: Flask, client_as: Signed) -> None:
    client = client_as("office")
    data = {"supported": "C1", "specialty": "", "start": "2026-01-01", "lines-0-supporter": "H1"}
    assert client.send("/members/links/set", **{**data, "lines-0-share": "60"}).status_code == 422
    assert client.send("/members/links/set", **{**data, "lines-0-share": "100"}).status_code == 302
    assert "100%" in client_as("c1.reporter").get("/members/links/list").get_data(as_text=True)
    assert client.get("/members/links/end/C1/all").status_code == 200
    assert client.send("/members/links/end/C1/all", until="2026-05-01").status_code == 302
    assert "无帮扶关系" in client.get("/members/links/list").get_data(as_text=True)
