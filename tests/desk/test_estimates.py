"""What is still running: worked out anew each night, a member's own to itself, and nobody's pay."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from flask import Flask

from alliance.audit import queries as audit
from alliance.core.refused import NotFound
from alliance.desk import queries
from alliance.evaluation import queries as evaluation_queries
from alliance.evaluation import services as evaluation
from alliance.funds import queries as fund_queries
from alliance.funds import services as funds
from alliance.funds.services import TotalRow
from alliance.indicators import services as indicators
from alliance.jobs import timetable
from alliance.work.services import note_task
from tests.conftest import Client
from tests.desk.test_explanation import scope
from tests.small import MEMBERS, SYSTEM, at, by, entry, readings

Q1, Q2 = "2026Q1", "2026Q2"


def estimate(day: int, month: int) -> list[str]:
    found = evaluation.estimate_scores(1, by=SYSTEM, now=at(day, month))
    funds.estimate_funds(1, by=SYSTEM, now=at(day, month))
    return found


def submit(code: str, month: str, **other: str) -> None:
    entries = {element: (entry(value), 0) for element, value in {**readings(code, month), **other}.items()}
    reporter, lead = by(f"{code.lower()}.reporter"), by(f"{code.lower()}.lead")
    indicators.file_reading(1, month, code, entries, "report", by=reporter, now=at(2, 5))
    indicators.sign_submission(1, month, [code], by=lead, now=at(3, 5))
    indicators.submit_submission(1, month, [code], by=lead, now=at(3, 5))


def test_the_running_month_quarter_and_year_are_estimated_and_a_scored_quarter_no_more(inside: Flask) -> None:
    assert estimate(10, 5) == ["2026-04", Q2, Q1, "2026"]
    evaluation.compute_run(1, Q1, by=by("office"), now=at(20))
    assert estimate(11, 5) == ["2026-04", Q2, "2026"]
    assert [one.period for one in evaluation_queries.estimates(1)] == ["2026-04", Q2, "2026"]


def test_a_quarter_that_is_whole_comes_out_as_its_official_run_does(inside: Flask) -> None:
    estimate(20, 4)
    run = evaluation.compute_run(1, Q1, by=by("office"), now=at(20))
    found = evaluation_queries.estimate(1, Q1)
    assert found is not None
    assert found.months == 3
    assert [(row.institution, row.score, row.rank) for row in found.scores] == [
        (row.institution, row.score, row.rank) for row in evaluation_queries.scores(run)
    ]


def test_of_an_open_month_those_count_that_have_submitted_it(inside: Flask) -> None:
    """C1 and C2 of three centers: nobody is ranked; what C3 did not file yet is no debt."""
    submit("C1", "2026-04")
    submit("C2", "2026-04")
    estimate(10, 5)
    month, quarter = evaluation_queries.estimate(1, "2026-04"), evaluation_queries.estimate(1, Q2)
    assert month is not None
    assert quarter is not None
    assert [row.institution for row in month.scores] == ["C2", "C1"]
    assert quarter.months == 0
    assert {(row.score, row.missing) for row in quarter.scores} == {(None, 0)}


def test_after_the_deadline_what_is_due_and_not_filed_scores_nothing(inside: Flask) -> None:
    """Filing of April closes on 1 June: C3 has filed nothing; May and June are not due yet and cost nobody points."""
    for code in ("H1", "H2", "C1", "C2"):
        submit(code, "2026-04")
    estimate(2, 6)
    found = evaluation_queries.estimate(1, Q2)
    assert found is not None
    assert found.months == 1
    rows = {row.institution: row for row in found.scores}
    assert (rows["C3"].score, rows["C3"].missing, rows["C3"].rank) == (Decimal(0), 2, 3)
    assert rows["C2"].missing == 0
    standing = evaluation_queries.standing_so_far(found, "C1")
    assert standing is not None
    assert standing.to_next == (rows["C2"].score or 0) - (rows["C1"].score or 0)
    figures = evaluation_queries.estimate_figures(1, Q2)
    assert figures is not None
    # One month counts: 60 referrals of 400 discharges of C1 as filed for April.
    total = figures.read_figure(figures.numbers["C1/E1/2026Q2"])
    assert total is not None
    assert total.value == Decimal(readings("C1", "2026-04")["E1"])


def test_money_is_estimated_by_the_period_of_the_scheme_with_the_last_totals_there_are(inside: Flask) -> None:
    rows = [TotalRow(code, 10_000_000, Decimal(100)) for code in MEMBERS]
    funds.file_total(1, Q1, rows, "list", by=by("office"), now=at(20))
    estimate(10, 5)
    found = fund_queries.fund_estimate(1, Q1)
    assert found is not None
    assert found.totals_of == Q1
    assert sum(one.paid_in for one in found.shares.values()) == 7_500_000
    assert sum(one.received for one in found.shares.values()) == 7_500_000
    assert fund_queries.fund_estimate(1, "2026") is None
    assert fund_queries.fund_estimate(1, Q2) is None  # nothing filed for it, no fund decided before it


def test_a_member_sees_its_own_result_and_nothing_of_the_others(inside: Flask) -> None:
    rows = [TotalRow(code, 10_000_000, Decimal(100)) for code in MEMBERS]
    funds.file_total(1, Q1, rows, "list", by=by("office"), now=at(20))
    estimate(10, 5)
    board = queries.estimate_board(scope("c1.lead"), Q1)
    assert board is not None
    assert [row.standing.result.institution for row in board.rows] == ["C1"]
    assert len(queries.estimate_board(scope("office"), Q1).rows) == 5  # type: ignore[union-attr]
    for what, figures in (
        ("scores", evaluation_queries.estimate_figures(1, Q1)),
        ("fund", fund_queries.fund_estimate_figures(1, Q1)),
    ):
        assert figures is not None
        for number in figures.numbers.values():
            figure = figures.read_figure(number)
            assert figure is not None
            assert queries.explain_estimate(scope("office"), what, Q1, number, "en").figure.key == figure.key
            mine = figure.owner == "institution:C1" or (figure.owner == "alliance" and bool(figure.source))
            if mine:
                shown = queries.explain_estimate(scope("c1.lead"), what, Q1, number, "zh")
                assert {line.owner for line in shown.inputs if not line.shut} <= {"institution:C1", "alliance"}
            else:
                with pytest.raises(NotFound):
                    queries.explain_estimate(scope("c1.lead"), what, Q1, number, "zh")


def test_the_page_shows_the_own_result_and_opens_its_numbers(app: Flask, client_as: type[Client]) -> None:
    with app.app_context():
        estimate(10, 5)
    page = client_as("c1.lead").get(f"/desk/estimates/read?period={Q1}")
    assert page.status_code == 200
    assert "C2医院" not in page.text
    ways = re.findall(rf"/figures/estimates/scores/{Q1}/\d+", page.text)
    assert len(ways) == 2  # score and rank
    for way in ways:
        assert client_as("c1.lead").get(way).status_code == 200
        assert client_as("c2.lead").get(way).status_code == 404
    assert client_as("office").get("/desk/estimates/read").status_code == 200
    assert client_as("office").get("/desk/estimates/read?period=2031").status_code == 404


def test_each_night_leaves_one_event_and_no_older_estimate(inside: Flask) -> None:
    estimate(10, 5)
    first = evaluation_queries.estimate(1, Q1)
    estimate(11, 5)
    second = evaluation_queries.estimate(1, Q1)
    assert first is not None
    assert second is not None
    assert (first.digest, second.computed_at) == (second.digest, at(11, 5))
    assert len(audit.events_on(1, [f"estimate:{Q1}"])) == 2


def test_a_missed_night_is_caught_up_once(inside: Flask) -> None:
    assert timetable.is_missed("estimate", 2, at(10, 5))
    note_task("estimate", started=at(10, 5, 19), ended=at(10, 5, 19))  # 03:00 of the 11th in Shanghai
    assert not timetable.is_missed("estimate", 2, at(11, 5, 10))
    assert timetable.is_missed("estimate", 2, at(11, 5, 18))  # 02:00 of the 12th
