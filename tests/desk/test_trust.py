"""Money at stake, effects, values that stand out and data quality: what they say, and that nothing is kept."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import func, select

from alliance.audit.models import Event
from alliance.core.figure import State
from alliance.core.period import Period
from alliance.db import db
from alliance.desk import queries as desk
from alliance.evaluation import queries as evaluation
from alliance.evaluation import services as scoring
from alliance.funds import queries as funds
from alliance.funds import services as paying
from alliance.indicators import queries as indicators
from alliance.indicators import services as filing
from alliance.indicators.rules.checks import expected, outlier
from alliance.indicators.rules.filing import Entry
from alliance.indicators.rules.quality import Tally, together
from tests.conftest import Client
from tests.small import MEMBERS, at, by, decide, entry

MARCH, QUARTER = "2026-03", "2026Q1"
NOW = at(20, 5)


@pytest.fixture
def shared(inside: Flask) -> Flask:
    """The first quarter, scored and shared by decision."""
    scoring.compute_run(1, QUARTER, by=by("office"), now=at(10, 5))
    rows = [paying.TotalRow(code, 10_000_000, Decimal(100), None) for code in MEMBERS]
    paying.file_total(1, QUARTER, rows, "doc", by=by("office"), now=at(10, 5))
    run = paying.compute_fund(1, QUARTER, by=by("office"), now=at(11, 5))
    decide(1, "2026-040", f"fund:{run}", at(12, 5))
    paying.decide_fund(1, run, decision="2026-040", by=by("chair"), now=at(12, 5))
    return inside


def test_scores_with_other_readings_are_those_of_a_whole_computation(shared: Flask) -> None:
    """What is worked out for those concerned alone is what scoring everybody from such readings gives."""
    ground = evaluation.scores_if(1, QUARTER, MARCH, NOW)
    assert ground is not None
    assert ground.official
    official = evaluation.official_run(1, QUARTER)
    assert official is not None
    rows = {row.institution: row for row in evaluation.scores(official.run_id)}
    assert {code: one.score for code, one in ground.scores().items()} == {code: row.score for code, row in rows.items()}
    then = ground.scores({("C3", "E1", MARCH): Decimal(20)})
    assert {code for code in MEMBERS if then[code] != ground.scores()[code]} == {"C3"}
    # C3 files 100 referrals of 1,212 instead of 117: 8.25 of a target of 10 are 49.5 of 60 points.
    assert then["C3"].collaboration == Decimal("82.5")
    _correct("C3", "E1", "20")
    run = scoring.compute_run(1, QUARTER, by=by("office"), now=at(21, 5))
    again = {row.institution: row.score for row in evaluation.scores(run)}
    assert again == {code: one.score for code, one in then.items()}


def _correct(member: str, element: str, value: str) -> None:
    """Change an accepted value under an exception, and have it accepted again."""
    lead, reporter = by(f"{member.lower()}.lead"), by(f"{member.lower()}.reporter")
    number = filing.ask_exception(1, MARCH, member, "自查发现漏计，申请更正。", at(25, 5), by=lead, now=at(20, 5))
    filing.grant_exception(1, number, by=by("office2"), now=at(20, 5, 3))
    filing.file_reading(1, MARCH, member, {element: (entry(value), 1)}, "", by=reporter, now=at(20, 5, 4))
    filing.sign_submission(1, MARCH, [member], by=lead, now=at(20, 5, 5))
    filing.submit_submission(1, MARCH, [member], by=lead, now=at(20, 5, 6))
    filing.accept_submission(1, MARCH, [member], by=by("office2"), now=at(20, 5, 7))


def test_an_effect_shows_money_now_and_then_and_keeps_nothing(shared: Flask) -> None:
    before = db.session.scalar(select(func.count()).select_from(Event))
    found = desk.effect(1, MARCH, {("C3", "E1"): Decimal(20)}, NOW)
    assert found is not None
    (row,) = found.touched
    fund = funds.decided_fund(1, QUARTER)
    assert fund is not None
    shares = {one.institution: one.received for one in funds.shares(fund.run_id)}
    assert {one.member.code: one.share for one in found.rows} == shares
    assert row.share_then is not None
    assert row.share_then < shares["C3"]
    assert sum(one.share_then or 0 for one in found.rows) + fund.reserve == fund.pool
    assert all(one.money > 0 for one in found.others)
    assert db.session.scalar(select(func.count()).select_from(Event)) == before
    blank = desk.effect(1, MARCH, {("C3", "E1"): None}, NOW)
    assert blank is not None
    assert blank.touched[0].score_then == Decimal("25.00")  # not filed scores 0; no peers rated it


def test_stakes_need_something_to_be_expected_and_a_decided_fund(inside: Flask) -> None:
    assert desk.stakes(1, MARCH, NOW) == ({}, "")
    assert desk.ranked_outliers(1, MARCH, NOW) == ([], "")


def test_money_at_stake_is_the_difference_to_the_share_with_the_expected_value(shared: Flask) -> None:
    """With one earlier year at hand the same month of it is expected."""
    _file_long_ago("C3", "E1", "20")
    assert indicators.expected_values(1, MARCH) == {("C3", "E1"): Decimal(20)}
    money, fund = desk.stakes(1, MARCH, NOW)
    found = desk.effect(1, MARCH, {("C3", "E1"): Decimal(20)}, NOW)
    assert found is not None
    assert fund == QUARTER
    assert money == {"C3": {"E1": abs(found.touched[0].money)}}
    assert money["C3"]["E1"] > 0


def _file_long_ago(member: str, element: str, value: str) -> None:
    """A value of the same month a year ago, as a later import would bring it."""
    from alliance.indicators.models import Reading

    db.session.add(
        Reading(
            alliance_id=1, institution=member, element=element, period="2025-03", revision=1, value=value,
            state=State.VALUE.value, origin="imported", document="", filed_by="office", filed_at=at(1, 5),
        )
    )  # fmt: skip
    db.session.commit()


@pytest.mark.parametrize(
    ("value", "earlier", "last_year", "far"),
    [
        ("100", ["100", "101", "99", "100"], None, None),
        ("150", ["100", "101", "99", "100"], None, "median"),
        ("150", ["100", "101", "99", "100"], "148", "median"),
        ("150", ["100", "101", "99", "100"], "100", "both"),
        ("100", ["100", "101", "99", "100"], "150", "season"),
        ("115", ["100", "101", "99", "100"], None, None),  # not a fifth
        ("150", ["100", "101", "99"], "100", None),  # too few to say what is usual
        ("150", ["60", "140", "100", "180"], None, None),  # they always differ so
    ],
)
def test_a_value_stands_out_from_its_median_or_from_last_year(
    value: str, earlier: list[str], last_year: str | None, far: str | None
) -> None:
    found = outlier(Decimal(value), [Decimal(one) for one in earlier], Decimal(last_year) if last_year else None)
    assert (found.far if found else None) == far


def test_what_is_expected_is_the_median_or_last_year() -> None:
    row = [Decimal(one) for one in ("10", "30", "20", "40")]
    assert expected(row, Decimal(99)) == 25
    assert expected(row[:3], Decimal(99)) == 99
    assert expected([], None) is None


def test_measures_of_quality_add_up_over_months() -> None:
    first = Tally(due=4, filled=3, submissions=1, on_time=1, values=3, valid=3, checked=10, wrong=1,
                  waited={"filed": (60, 120)})  # fmt: skip
    second = Tally(due=4, filled=4, submissions=1, values=4, valid=3, captured=1, waited={"captured": (30,)})
    both = together([first, second])
    assert both.percent("completeness") == Decimal("87.5")
    assert both.percent("timeliness") == 50
    assert both.percent("validity") == Decimal("85.7")
    assert both.percent("captured") == Decimal("14.3")
    assert both.percent("errors") == 10
    assert both.percent("consistency") is None
    assert (both.hours(), both.hours("filed"), both.hours("captured")) == (1, Decimal("1.5"), Decimal("0.5"))


def test_the_quality_of_a_member_is_counted_and_opens_to_its_lists(inside: Flask) -> None:
    entries = {"E1": (entry("60"), 0), "E2": (Entry(None, State.NOT_APPLICABLE), 0)}
    filing.file_reading(1, "2026-04", "C1", entries, "", by=by("c1.reporter"), now=at(2, 5))
    row = indicators.quality(1, "C1", at(20, 6))
    assert row is not None
    assert [code for code, _ in row.months] == ["2026-01", "2026-02", "2026-03", "2026-04"]
    tally = dict(row.months)["2026-04"]
    assert (tally.filled, tally.due, tally.on_time, tally.submissions) == (2, 4, 0, 1)
    # Filed on the 2nd of May at 10:00 in Shanghai: 34 hours after the end of April.
    assert (tally.values, tally.valid, tally.captured, tally.hours("filed")) == (1, 1, 0, 34)
    assert row.total.percent("completeness") == Decimal("87.5")
    months = [one for one in indicators.quality_months(1, at(20, 6)) if one.code == "2026-04"]
    missing = [one.element for one in indicators.quality_items(1, "C1", "completeness", months) if not one.good]
    assert missing == ["E3", "E4"]
    assert [one.good for one in indicators.quality_items(1, "C1", "timeliness", months)] == [False]
    assert [one.hours for one in indicators.quality_items(1, "C1", "latency", months)] == [34]
    assert indicators.quality(1, "C9", at(20, 6)) is None
    # A change of a month is counted at once, although months are counted once for each state.
    filing.file_reading(1, "2026-04", "C1", {"E3": (entry("50"), 0)}, "", by=by("c1.reporter"), now=at(3, 5))
    again = indicators.quality(1, "C1", at(20, 6))
    assert again is not None
    assert dict(again.months)["2026-04"].filled == 3


def test_the_pages_open_for_those_who_read_all(app: Flask, client_as: Callable[[str], Client]) -> None:
    app.config["CLOCK"] = lambda: at(20, 6)
    office = client_as("office")
    for path in (
        "/indicators/qualities/list", f"/indicators/qualities/list?period={MARCH}", "/desk/outliers/list",
        f"/desk/outliers/list?period={MARCH}&far=both", f"/desk/effects/read/{MARCH}",
        f"/desk/effects/read/{MARCH}?of=C3-E1", f"/desk/effects/read/{MARCH}?value-C3-E1=20&value-C1-E2=",
        *(f"/indicators/qualities/read/C1?measure={one}&period={MARCH}" for one in (
            "completeness", "timeliness", "validity", "consistency", "captured", "errors", "latency")),
    ):  # fmt: skip
        assert office.get(path).status_code == 200, path
    assert office.get(f"/desk/effects/read/{MARCH}?value-C3-E1=viele").status_code == 422
    for path in (
        f"/desk/effects/read/{MARCH}?of=C9-E1", f"/desk/effects/read/{MARCH}?of=C3-E9", "/desk/effects/read/2031-01",
        "/desk/outliers/list?period=2031-01", "/indicators/qualities/read/C1?measure=charm",
        "/indicators/qualities/list?period=2031-01",
    ):  # fmt: skip
        assert office.get(path).status_code == 404, path
    lead = client_as("c1.lead")
    assert lead.get("/indicators/qualities/read/C1").status_code == 200
    assert lead.get("/indicators/qualities/read/C2").status_code == 404
    assert lead.get("/indicators/qualities/list").status_code == 403
    assert lead.get(f"/desk/effects/read/{MARCH}?of=C1-E1").status_code == 403
    assert Period.parse(MARCH).code in office.get("/indicators/qualities/read/C1").get_data(as_text=True)


def test_vetoes_that_came_after_the_scores_are_a_task(shared: Flask) -> None:
    from alliance.core.roles import Scope

    scope = Scope(1, "office", "H1", frozenset({"office"}), None)
    assert not [one for one in desk.tasks(scope, NOW) if one.what == "rescore"]
    decide(1, "2026-045", f"veto:C3/{QUARTER}", at(13, 5))
    scoring.impose_veto(1, QUARTER, "C3", "抽查的病例无就诊记录。", decision="2026-045", by=by("chair"), now=at(13, 5))
    assert [one.period for one in desk.tasks(scope, NOW) if one.what == "rescore"] == [QUARTER]
