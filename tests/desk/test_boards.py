"""The board and a member's page: who sees whom, and that their numbers are those that were kept."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from io import BytesIO
from statistics import median
from xml.etree import ElementTree

import openpyxl
import pytest
from flask import Flask
from sqlalchemy import event, update

from alliance.audit import queries as audit
from alliance.bulletins import services as bulletins
from alliance.db import db
from alliance.desk import queries
from alliance.evaluation import queries as evaluation
from alliance.evaluation import services
from alliance.indicators import queries as indicators
from alliance.members.models import InstitutionFact
from tests.conftest import Client
from tests.registers.referring import file, see
from tests.small import at, by, decide, file_next_quarter

Q1, Q2 = "2026Q1", "2026Q2"


@pytest.fixture
def scored(app: Flask) -> list[int]:
    """Two quarters with official scores, nothing published."""
    with app.app_context():
        first = services.compute_run(1, Q1, by=by("office"), now=at(20))
        file_next_quarter(1)
        return [first, services.compute_run(1, Q2, by=by("office"), now=at(20, 7))]


def test_the_board_ranks_a_tier_and_opens_every_number(
    app: Flask, scored: list[int], client_as: Callable[[str], Client]
) -> None:
    client = client_as("chair")
    page = client.get("/boards/read", query_string={"period": Q1, "tier": "primary"}).text
    with app.app_context():
        rows = [row for row in evaluation.scores(scored[0]) if row.tier == "primary"]
    assert rows
    for row in rows:
        assert f"/figures/{scored[0]}/by-key/{row.institution}/score" in page
        assert f"{row.score:.2f}" in page


def test_an_unknown_period_is_not_found(scored: list[int], client_as: Callable[[str], Client]) -> None:
    assert client_as("chair").get("/boards/read", query_string={"period": "2019Q1"}).status_code == 404
    assert client_as("c1.lead").get("/standings/read/C1", query_string={"period": "2019Q1"}).status_code == 404


def test_an_unknown_tier_shows_the_first(scored: list[int], client_as: Callable[[str], Client]) -> None:
    assert client_as("chair").get("/boards/read", query_string={"tier": "nonsense"}).status_code == 200


def test_before_the_first_score_the_board_says_so(client_as: Callable[[str], Client]) -> None:
    assert client_as("chair").get("/boards/read").status_code == 200
    assert client_as("c1.lead").get("/standings/read/C1").status_code == 404


def test_a_member_sees_itself_and_nobody_else(scored: list[int], client_as: Callable[[str], Client]) -> None:
    lead = client_as("c1.lead")
    assert lead.get("/standings/read/C1").status_code == 200
    assert lead.get("/standings/read/C2").status_code == 404
    assert lead.get("/boards/read").status_code == 403
    assert client_as("analyst").get("/standings/read/C2").status_code == 200


def test_medians_and_ties_stay_shut_until_the_scores_are_published(
    app: Flask, scored: list[int], client_as: Callable[[str], Client]
) -> None:
    with app.app_context():
        run = evaluation.run(1, scored[0])
        assert run is not None
        shut = queries.standing(1, run, "C1", comparing=False)
        assert shut is not None
        assert not shut.sheet.tier_medians
        assert shut.tied == 0
    address = f"/figures/{scored[0]}/by-key/{shut.row.tier}/median"
    lead = client_as("c1.lead")
    assert "中位数" not in lead.get("/standings/read/C1", query_string={"period": Q1}).text
    with app.app_context():
        number = bulletins.compose_bulletin(1, Q1, "", by=by("office"), now=at(23))
        decide(1, "2026-031", f"bulletin:{number}", at(23))
        bulletins.decide_bulletin(1, number, decision="2026-031", by=by("chair"), now=at(23))
        bulletins.issue_bulletin(1, number, {"zh": b"%PDF zh", "en": b"%PDF en"}, by=by("office"), now=at(24))
        has_median = shut.row.tier in evaluation.medians(scored[0])
    assert has_median == ("中位数" in lead.get("/standings/read/C1", query_string={"period": Q1}).text)
    assert lead.get(address).status_code in (302, 404)


def test_the_steps_lead_from_the_score_before_to_the_score_now(app: Flask, scored: list[int]) -> None:
    with app.app_context():
        run = evaluation.run(1, scored[1])
        assert run is not None
        for row in evaluation.scores(run.run_id):
            found = queries.standing(1, run, row.institution, comparing=True)
            assert found is not None
            assert found.earlier is not None
            if found.row.data is None or found.earlier.data is None:
                continue
            assert found.earlier.data + sum(found.steps.values(), Decimal(0)) == found.row.data


def test_the_moves_are_the_differences_of_published_scores(app: Flask, scored: list[int]) -> None:
    with app.app_context():
        run = evaluation.run(1, scored[1])
        assert run is not None
        board = queries.board(1, run, "primary")
        now, before = ({row.institution: row.score for row in evaluation.scores(number)} for number in scored[::-1])
        assert board.moves
        for move in board.moves:
            assert (move.score, move.before) == (now[move.institution], before[move.institution])
        assert all(one.by > 0 for one in board.rises)
        assert all(one.by < 0 for one in board.falls)


@pytest.mark.parametrize(
    ("account", "address", "most"), [("chair", "/boards/read", 31), ("c1.lead", "/standings/read/C1", 23)]
)
def test_a_page_asks_few_questions_of_the_database(
    app: Flask, scored: list[int], client_as: Callable[[str], Client], account: str, address: str, most: int
) -> None:
    client = client_as(account)
    client.get(address)
    statements: list[str] = []
    with app.app_context():
        engine = db.engine

        def count(*asked: object) -> None:
            statements.append(str(asked[2]))

        event.listen(engine, "before_cursor_execute", count)
        try:
            page = client.get(address)
        finally:
            event.remove(engine, "before_cursor_execute", count)
    assert page.status_code == 200
    assert len(statements) <= most, len(statements)


def test_the_pictures_are_whole_svg(scored: list[int], client_as: Callable[[str], Client]) -> None:
    page = client_as("chair").get("/boards/read").text
    found = page.split('<svg xmlns="http://www.w3.org/2000/svg"')[1:]
    assert found
    for one in found:
        ElementTree.fromstring('<svg xmlns="http://www.w3.org/2000/svg"' + one.partition("</svg>")[0] + "</svg>")


def test_the_medians_of_the_tier_are_those_of_its_values_and_wait_for_publication(
    app: Flask, scored: list[int]
) -> None:
    with app.app_context():
        run = evaluation.holding_runs(1)[0]
        shut = queries.standing(1, run, "C1", comparing=False)
        found = queries.standing(1, run, "C1", comparing=True)
        assert shut is not None
        assert found is not None
        assert not shut.medians
        lost = [line.indicator for line in found.sheet.lines if line.lost and line.value]
        for indicator, middle in found.medians.items():
            assert indicator in lost
            values = audit.values_of(run.run_id, [f"C{n}/{indicator}/{run.period}" for n in range(1, 10)])
            assert len(values) >= 3
            assert abs(median(values.values()) - middle) < Decimal("0.01")
        assert found.medians


def test_a_lost_point_has_a_value_that_brings_it_back(scored: list[int], client_as: Callable[[str], Client]) -> None:
    page = client_as("c1.lead").get("/standings/read/C1").text
    assert "怎样再得一分" in page
    assert "升到" in page or "降到" in page


def test_the_board_tells_what_waits_at_whom_and_how_far_filing_is(
    app: Flask, scored: list[int], client_as: Callable[[str], Client]
) -> None:
    app.config["CLOCK"] = lambda: at(22, 7)
    with app.app_context():
        found = queries.matters(1, ["C1", "C2", "C3"], at(22, 7))
        newest = indicators.periods(1)[0]
        waiting = [one for one in indicators.submissions(1, newest.code) if one.waits]
    assert found
    page = client_as("chair").get("/boards/read").text
    assert "各角色待办事项" in page
    assert "各成员单位填报状态" in page
    assert f"/indicators/submissions/read/{newest.code}/" in page
    assert waiting == [] or "草稿" in page or "未开始" in page


def test_what_was_drawn_for_one_reader_shows_another_no_more(
    scored: list[int], client_as: Callable[[str], Client]
) -> None:
    """The chair compares, the lead may not yet; both pages are opened twice, one after the other."""
    chair, lead = client_as("chair"), client_as("c1.lead")
    for _ in range(2):
        whole = chair.get("/standings/read/C1", query_string={"period": Q1}).text
        own = lead.get("/standings/read/C1", query_string={"period": Q1}).text
        assert "中位数" in whole
        assert "中位数" not in own
    assert "C2" not in own


def test_a_new_run_stands_on_the_pages_at_once(
    app: Flask, scored: list[int], client_as: Callable[[str], Client]
) -> None:
    chair = client_as("chair")
    pages = [("/boards/read", {"period": Q1, "tier": "primary"}), ("/standings/read/C1", {"period": Q1})]
    before = [chair.get(path, query_string=asked).text for path, asked in pages]
    assert all(f"/figures/{scored[0]}/" in page for page in before)
    with app.app_context():
        newer = services.compute_run(1, Q1, by=by("office"), now=at(21, 7))
    for path, asked in pages:
        page = chair.get(path, query_string=asked).text
        assert f"/figures/{newer}/" in page
        assert f"/figures/{scored[0]}/" not in page


def test_a_page_drawn_before_speaks_the_readers_language(scored: list[int], client_as: Callable[[str], Client]) -> None:
    chair = client_as("chair")
    assert "Who leads" not in chair.get("/boards/read").text
    chair.send("/accounts/languages/choose", lang="en", next="/")
    english = chair.get("/boards/read").text
    assert "Who leads, who follows?" in english
    assert "Which indicator costs whom?" in english


def test_the_workbook_of_a_page_drawn_before_has_its_exact_values(
    app: Flask, scored: list[int], client_as: Callable[[str], Client]
) -> None:
    chair, asked = client_as("chair"), {"period": Q1, "tier": "primary"}
    before = chair.get("/boards/read", query_string=asked).text
    book = openpyxl.load_workbook(BytesIO(chair.get("/boards/read", query_string={**asked, "format": "xlsx"}).data))
    with app.app_context():
        exact = {float(row.score) for row in evaluation.scores(scored[0]) if row.tier == "primary" and row.score}
    assert exact <= {cell.value for sheet in book for row in sheet.rows for cell in row}
    after = chair.get("/boards/read", query_string=asked).text
    assert after.partition("<main")[2] == before.partition("<main")[2]


def test_two_installations_in_one_process_keep_their_pages_apart(copy: Callable[[str], Flask]) -> None:
    pages = []
    for name in ("甲一院", "乙一院"):
        app = copy("small")
        app.test_client_class = Client
        with app.app_context():
            db.session.execute(update(InstitutionFact).values(name_zh=name, short_zh=name))
            db.session.commit()
            services.compute_run(1, Q1, by=by("office"), now=at(20))
        client = app.test_client()
        assert isinstance(client, Client)
        pages.append(client.sign_in("chair").get("/boards/read").text)
    assert "甲一院" in pages[0]
    assert "乙一院" in pages[1]
    assert "甲一院" not in pages[1]


def test_the_board_shows_where_patients_went_and_leads_to_the_members(
    app: Flask, scored: list[int], client_as: Callable[[str], Client]
) -> None:
    chair, address = client_as("chair"), f"/boards/read?period={Q2}"
    assert 'id="flow"' not in chair.get(address).text
    with app.app_context():
        seen = at(12, 5)
        see(1, file(1, "C1", "H1", seen), "H1", seen)
        db.session.remove()
    page = chair.get(address).text
    assert 'id="flow"' in page
    assert '<a href="/registers/flows/read?month=2026-06">' in page
