"""The pages of cross-rating: a form filled on the page, half of it, one's own name, late, and what is not shown."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask

from alliance.accounts.queries import Recipient
from alliance.audit import queries as audit
from alliance.core.roles import Grant, scope_of
from alliance.desk import queries as desk
from alliance.desk.queries import tasks
from alliance.evaluation import queries as evaluation
from alliance.evaluation import services as scores
from alliance.letters import compose
from alliance.post.queries import MailInfo
from alliance.ratings import queries, services
from alliance.ratings.services import Sheet
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


def tabs(client: Client, page: str) -> list[list[str]]:
    """The tabs of a page by row, the open ones with a star."""
    rows = re.findall(r'<nav class="tabs.*?</nav>', client.get(page).get_data(as_text=True), re.DOTALL)
    links = [re.findall(r"<a href[^>]*?( aria-current=[^>]*)?>([^<]*)</a>", row) for row in rows]
    return [[text + ("*" if here else "") for here, text in row] for row in links]


def test_pages_about_ratings_stand_in_two_rows_of_tabs(begun: Flask, client_as: Signed) -> None:
    office = client_as("office")
    groups = ["评价结果", "成员单位互评", "第三方评估", "核验", "满意度调查"]
    above, beneath = tabs(office, "/ratings/panels/list")
    assert above == [one + "*" * (one == "第三方评估") for one in groups]
    assert beneath[0] == "专家组*"
    above, beneath = tabs(office, f"/ratings/rounds/read/{PERIOD}")  # a page beneath those of the group
    assert above[1] == "成员单位互评*"
    assert not any(text.endswith("*") for text in beneath)
    above, beneath = tabs(client_as("c1.lead"), "/ratings/ratings/list")
    assert "第三方评估" not in above
    assert "本单位评价*" in beneath


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


def test_the_page_of_handing_in_says_what_is_open_and_has_no_button_yet(begun: Flask, client_as: Signed) -> None:
    client, page = client_as("c1.lead"), f"/ratings/ratings/submit/{PERIOD}/C1"
    client.send(f"/ratings/ratings/save/{PERIOD}/C1/C2", seen="0", comment="", **whole())
    shown = client.get(page).get_data(as_text=True)
    assert f"/ratings/ratings/save/{PERIOD}/C1/C3" in shown
    assert f"/ratings/ratings/save/{PERIOD}/C1/C2" not in shown
    assert f'action="{page}"' not in shown
    for target in MEMBERS:
        if target not in ("C1", "C2"):
            client.send(f"/ratings/ratings/save/{PERIOD}/C1/{target}", seen="0", comment="", **whole())
    assert f'action="{page}"' in client.get(page).get_data(as_text=True)
    client.send(page)
    assert f'action="{page}"' not in client.get(page).get_data(as_text=True)


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


def test_what_strikes_between_the_own_employer_and_another_member_is_shown_to_others_only(
    app: Flask, client_as: Signed
) -> None:  # fmt: skip
    """Two that rate each other down: who is employed by one of them would learn what the other gave."""
    with app.app_context():
        open_round(1)
        for rater in MEMBERS:
            sheets = {
                target: Sheet(
                    {code: 1 + (not at % 3) for at, code in enumerate(CODES)}
                    if {rater, target} == {"H1", "C1"}
                    else marks_of(rater, target)
                )
                for target in MEMBERS
                if target != rater
            }
            who = by(f"{rater.lower()}.lead")
            services.save_rating(1, PERIOD, rater, sheets, by=who, now=OPENED)
            services.submit_rating(1, PERIOD, rater, by=who, now=OPENED)
    app.config["CLOCK"] = lambda: LATER
    of_h1, of_h2 = client_as("office"), client_as("office2")
    assert "互评分值明显偏离" in of_h2.get(f"/ratings/rounds/read/{PERIOD}").get_data(as_text=True)
    page = of_h1.get(f"/ratings/rounds/read/{PERIOD}").get_data(as_text=True)
    assert "互评分值明显偏离" not in page
    assert "涉及您的任职单位" in page


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


def test_a_result_opens_into_the_official_run_that_it_entered(closed: Flask, client_as: Signed) -> None:
    page, lead = f"/ratings/results/read/{PERIOD}/C3", client_as("c3.lead")
    assert "/figures/" not in lead.get(page).get_data(as_text=True)
    with closed.app_context():
        scores.compute_run(1, PERIOD, by=by("office"), now=LATER)
    (link,) = set(re.findall(r"/figures/\d+/\d+", lead.get(page).get_data(as_text=True)))
    assert lead.get(link).status_code == 200
    assert client_as("c2.lead").get(link).status_code == 404
    with closed.app_context():
        reader = scope_of("c2.lead", "C2", (Grant("member_lead", 1, "C2"),), 1)
        value = evaluation.group_values(evaluation.official_run(1, PERIOD).run_id, ["C3"])["C3/peers"].value
        assert desk.kept_results(reader, PERIOD, "peers", {"C3": value}) == {}
        whole = scope_of("office", "", (Grant("office", 1),), 1)
        assert desk.kept_results(whole, PERIOD, "peers", {"C3": value}).keys() == {"C3"}
        assert desk.kept_results(whole, PERIOD, "peers", {"C3": value + 1}) == {}  # it is another one since


def test_the_office_moves_the_last_day_of_a_round(begun: Flask, client_as: Signed) -> None:
    office, page = client_as("office"), f"/ratings/rounds/reschedule/{PERIOD}"
    assert page in office.get(f"/ratings/rounds/read/{PERIOD}").get_data(as_text=True)
    assert office.get(page).status_code == 200
    reason = "成员单位系统停机，无法按时填报。"
    assert office.send(page, due="2026-04-21", reason=reason).status_code == 422
    assert office.send(page, due="2026-05-20", reason=reason).status_code == 302
    assert "2026-05-20" in office.get(f"/ratings/rounds/read/{PERIOD}").get_data(as_text=True)
    assert client_as("office2").get("/ratings/rounds/reschedule/2020Q1").status_code == 404
    with begun.app_context():
        mail = MailInfo(
            1, 1, "m1", "c1.lead", "rating_moved", "tasks", "peerform", {"period": PERIOD, "institution": "C1",
            "due": OPENED.isoformat()}, "waiting", 0, OPENED, OPENED, None, "",
        )  # fmt: skip
        letter = compose(mail, Recipient("lead@example.org", "en"), begun.config["ALLIANCE"], OPENED)
    assert "Hospital C1" in letter.text


def test_a_closed_round_is_not_moved(closed: Flask, client_as: Signed) -> None:
    assert client_as("office").get(f"/ratings/rounds/reschedule/{PERIOD}").status_code == 404


def test_marks_of_items_are_read_in_points_and_counted_beside_the_result(closed: Flask, client_as: Signed) -> None:
    with closed.app_context():
        asked = evaluation.rater_words(1, PERIOD)
        figure = queries.group_figures(asked)["peers", "C1"]
        kinds = [one.kind for name, one in figure.inputs if name == "mark"]
        rows = {row.institution: row.n for row in evaluation.rating_results(1, PERIOD) if row.group == "peers"}
        number = scores.compute_run(1, PERIOD, by=by("office"), now=LATER)
        places = audit.figure_numbers(number, ["C1/peers/P01"])
    assert {(kind.unit_zh, kind.unit_en, kind.rounding) for kind in kinds} == {("分（满分5分）", "of 5 points", "2")}
    assert rows == dict.fromkeys(MEMBERS, 4)
    shown = client_as("office").get(f"/ratings/results/read/{PERIOD}/C1").get_data(as_text=True)
    assert shown.count("满分5分") == 2
    page = client_as("office").get(f"/figures/{number}/{places['C1/peers/P01']}").get_data(as_text=True)
    assert re.search(r"\d\.\d\d(?!\d)[^分]{0,80}分（满分5分）", page)


@pytest.mark.parametrize(("mid", "places"), [("3", "2"), ("3.5", "3"), ("3.12345", "4")])
def test_a_mid_mark_with_places_keeps_those_of_its_marks(closed: Flask, mid: str, places: str) -> None:
    with closed.app_context():
        asked = evaluation.rater_words(1, PERIOD)
        words = {**asked.words, "peers_mid": mid}
        figures = queries.group_figures(queries.Asked(1, PERIOD, asked.scheme, words))
        marks = [one for name, one in figures["peers", "C1"].inputs if name == "mark"]
        found = queries.peer_round(1, PERIOD)
        assert found
        results = queries.peer_results(found, queries.Words.of(words))
    assert {one.kind.rounding for one in marks} == {places}
    assert figures["peers", "C1"].value == results["C1"].corrected
