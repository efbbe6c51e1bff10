"""Explanations: any number opens down to its record, and not one leaks to whom it is shut."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal

import pytest
from flask import Flask

from alliance.audit import queries as audit
from alliance.bulletins import services as bulletins
from alliance.core.figure import State
from alliance.core.refused import NotFound
from alliance.core.roles import Grant, Scope, scope_of
from alliance.desk import queries
from alliance.desk.queries import pay
from alliance.evaluation import queries as evaluation_queries
from alliance.evaluation import services as evaluation
from alliance.funds import services as funds
from alliance.funds.services import TotalRow
from alliance.indicators import services as indicators
from alliance.indicators.rules.filing import Entry, Row
from tests.conftest import Client
from tests.small import LIBRARY, MEMBERS, MONTHS, PEOPLE, REASON, SCHEME, at, by, decide, file_next_quarter

Q1 = "2026Q1"


@pytest.fixture
def runs(inside: Flask) -> tuple[int, int]:
    return make_runs()


def make_runs() -> tuple[int, int]:
    """A scored quarter and its fund, not decided, nothing published."""
    for place, code in enumerate(MEMBERS):
        office = by("office2" if code == "H1" else "office")
        evaluation.enter_rating(1, Q1, "peers", code, Decimal(80 + place), 5, "minutes", by=office, now=at(19))
    score = evaluation.compute_run(1, Q1, by=by("office"), now=at(20))
    rows = [TotalRow(code, 10_000_000, Decimal(100)) for code in MEMBERS]
    funds.file_total(1, Q1, rows, "list", by=by("office"), now=at(20))
    return score, funds.compute_fund(1, Q1, by=by("office"), now=at(21))


@pytest.fixture
def referred(inside: Flask) -> tuple[int, int, int]:
    """A quarter judged against a reference of the alliance's own, its decided fund, and the fund after it."""
    element = {"code": "E9", "name_zh": "区域转诊率", "name_en": "Referral rate of the region", "unit_zh": "%",
               "unit_en": "%", "aggregation": "stock", "places": 2, "external": True}  # fmt: skip
    indicators.load_library(1, {**LIBRARY, "element": [*LIBRARY["element"], element]}, by=by("office"), now=at(1))
    for month in MONTHS:
        rows = [Row("", "E9", Entry(Decimal(4), State.VALUE))]
        indicators.import_reading(1, month, rows, "bulletin of the region", by=by("office"), now=at(10))
    first, second = SCHEME["line"]
    line = {**first, "method": "reference", "external": "E9", "zero_at": "-5", "full_at": "10"}
    del line["target"]
    evaluation.import_scheme(1, {**SCHEME, "line": [line, second]}, by=by("office"), now=at(11))
    decide(1, "2026-002", "scheme:2026/2", at(12))
    info = evaluation_queries.scheme_info(1, "2026", 2)
    assert info is not None
    reasons = {one.where: REASON for one in evaluation_queries.soft_findings(1, info)}
    evaluation.decide_scheme(1, "2026", 2, reasons, decision="2026-002", by=by("chair"), now=at(12))
    evaluation.enter_rating(1, Q1, "peers", "C3", Decimal(90), 5, "minutes", by=by("office2"), now=at(19))
    score = evaluation.compute_run(1, Q1, by=by("office"), now=at(20))
    funds.file_total(1, Q1, [TotalRow(code, 10_000_000, None) for code in MEMBERS], "list", by=by("office"), now=at(20))
    first_fund = funds.compute_fund(1, Q1, by=by("office"), now=at(21))  # nobody has a headcount: all is left
    decide(1, "2026-020", f"fund:{first_fund}", at(22))
    funds.decide_fund(1, first_fund, decision="2026-020", by=by("chair"), now=at(22))
    file_next_quarter(1)
    evaluation.compute_run(1, "2026Q2", by=by("office"), now=at(20, 7))
    rows_of_totals = [TotalRow(code, 10_000_000, Decimal(10)) for code in MEMBERS]
    funds.file_total(1, "2026Q2", rows_of_totals, "list", by=by("office"), now=at(20, 7))
    second_fund = funds.compute_fund(1, "2026Q2", by=by("office"), now=at(21, 7))
    decide(1, "2026-021", f"fund:{second_fund}", at(22, 7))
    funds.decide_fund(1, second_fund, decision="2026-021", by=by("chair"), now=at(22, 7))
    return score, first_fund, second_fund


def publish(fund: int) -> None:
    """The fund decided, and a bulletin about the quarter issued."""
    decide(1, "2026-020", f"fund:{fund}", at(22))
    funds.decide_fund(1, fund, decision="2026-020", by=by("chair"), now=at(22))
    bulletin = bulletins.compose_bulletin(1, Q1, "", by=by("office"), now=at(23))
    decide(1, "2026-021", f"bulletin:{bulletin}", at(23))
    bulletins.decide_bulletin(1, bulletin, decision="2026-021", by=by("chair"), now=at(23))
    bulletins.issue_bulletin(1, bulletin, {"zh": b"%PDF zh", "en": b"%PDF en"}, by=by("office"), now=at(24))


def scope(account: str) -> Scope:
    employer, role, place = PEOPLE[account]
    return scope_of(account, employer, [Grant(role, 1, place)], 1)


def test_a_score_opens_down_to_the_reading_and_its_two_people(runs: tuple[int, int]) -> None:
    score, _ = runs
    number = queries.number_of(scope("chair"), score, "C3/score")
    way = ["C3/data_score", "C3/I1/points", "C3/I1/share", "C3/I1/2026Q1", "C3/E1/2026Q1", "C3/E1/2026-03"]
    for key in way:
        explained = queries.explain(scope("chair"), score, number, "en")
        number = next(line.number for line in explained.inputs if line.key == key)
    reading = queries.explain(scope("chair"), score, number, "en")
    assert reading.figure.value == Decimal(37)
    assert reading.origin is not None
    assert [(hand.what, hand.account) for hand in reading.origin.hands] == [
        ("filed", "c3.reporter"), ("signed", "c3.lead"), ("submitted", "c3.lead"), ("accepted", "office2"),
    ]  # fmt: skip


def links_of_origin(client: Client, run: int, number: int) -> list[str]:
    """The addresses under "where it was recorded" on the page of a figure."""
    page = client.get(f"/figures/{run}/{number}")
    assert page.status_code == 200
    section = re.search(r'<section aria-labelledby="origin">.*?</section>', page.get_data(as_text=True), re.DOTALL)
    return re.findall(r'href="([^"]+)"', section[0]) if section else []


def test_the_score_sheet_tells_no_median_before_it_is_published(app: Flask, client_as: Callable[[str], Client]) -> None:
    """The page shows a member what its figures' own doors show, and neither more nor less."""
    with app.app_context():
        score, fund = make_runs()
        median = audit.figures_of(score, ["primary/median"])["primary/median"]
    member, office = client_as("c3.lead"), client_as("office")
    words = f"/figures/{score}/{median.number}", "Median of the tier", "median of the tier"
    for client, shown in ((member, False), (office, True)):
        client.set_cookie("language", "en")
        assert client.get(f"/figures/{score}/{median.number}").status_code == (200 if shown else 404)
        page = client.get(f"/evaluation/scores/read/{score}/C3").get_data(as_text=True)
        assert {one in page for one in words} == {shown}
        links = re.findall(rf"/figures/{score}/\d+", page)
        assert {client.get(link).status_code for link in links} == {200}
    with app.app_context():
        publish(fund)
    page = member.get(f"/evaluation/scores/read/{score}/C3").get_data(as_text=True)
    assert all(one in page for one in words)


@pytest.mark.parametrize("account", ["chair", "c3.lead", "c3.reporter"])
def test_every_link_to_a_record_opens(
    referred: tuple[int, int, int], client_as: Callable[[str], Client], account: str
) -> None:
    """One figure of each kind of source, its link followed as a person would."""
    client, own = client_as(account), PEOPLE[account][2]
    followed = set()
    for run in referred:
        sources: set[str] = set()
        for number, figure in enumerate(audit.load_run(run), 1):
            kind = figure.source.partition(":")[0] + (":own" if figure.source.startswith("reading:/") else "")
            kind += ":reserve" if figure.source.endswith("/reserve") else ""
            mine = not own or figure.owner in (f"institution:{own}", "alliance")
            if figure.source and mine and kind not in sources:
                sources.add(kind)
                for link in links_of_origin(client, run, number):
                    assert client.get(link).status_code == 200, (account, figure.key, link)
                    followed.add(kind)
    assert followed >= {"reading", "reading:own", "scheme", "figure", "figure:reserve"}


@pytest.mark.parametrize("month", [(), ("2026-05",)])
def test_a_number_of_a_units_rule_leads_to_the_rule_from_its_month_on(month: tuple[str, ...]) -> None:
    """Without a month where the run was computed before its source named one."""
    place = "/".join(("unitrule", "D01-1", *month))
    found = pay.ORIGINS["bonusscheme"](1, f"T01/BONUS/1#{place}.part.post.share")
    assert found[0] == ("unitrule", "T01", "D01-1", *month)


def test_the_reference_opens_inside_the_members_own_share(referred: tuple[int, int, int]) -> None:
    reader, score = scope("c3.lead"), referred[0]
    for key, part in (("C3/I1/share", "/E9/2026Q1"), ("/E9/2026Q1", "/E9/2026-03")):
        explained = queries.explain(reader, score, queries.number_of(reader, score, key), "en")
        assert [line.value for line in explained.inputs if line.key == part] == [Decimal(4)]


def test_a_value_that_nobody_filed_leads_nowhere(runs: tuple[int, int], client_as: Callable[[str], Client]) -> None:
    trial = evaluation.try_run(1, "2026Q2", "2026", 1, by=by("analyst"), now=at(9, 5))
    figures = evaluation_queries.trial_figures(1, trial)
    assert figures is not None
    number = next(number for key, number in figures.numbers.items() if key == "C3/E1/2026-05")
    page = client_as("analyst").get(f"/figures/trials/{trial}/{number}")
    assert page.status_code == 200
    assert "/indicators/readings/read" not in page.get_data(as_text=True)


def test_the_formula_stands_in_words_and_with_its_numbers(runs: tuple[int, int]) -> None:
    score, _ = runs
    number = queries.number_of(scope("c3.lead"), score, "C3/I1/2026Q1")
    explained = queries.explain(scope("c3.lead"), score, number, "zh")
    assert explained.words == "转诊人次 ÷ 出院人次 × 100"
    assert explained.numbers == "117 ÷ 1,212 × 100"


@pytest.mark.parametrize("account", ["c1.reporter", "c1.lead", "h1.lead", "office", "chair", "analyst", "regulator"])
def test_no_figure_of_a_run_leaks_to_a_role(runs: tuple[int, int], account: str) -> None:
    """Every figure of both runs, tried by every role: what may not be seen is not found; what is shown of an input that
    may not be seen is its name alone."""
    reader, own = scope(account), PEOPLE[account][2]
    for run in runs:
        for number, figure in enumerate(audit.load_run(run), 1):
            foreign = bool(own) and shut(figure.owner, figure.source, own)
            hidden = foreign or (bool(own) and run == runs[1])  # a fund that is not decided is not a member's yet
            if hidden:
                with pytest.raises(NotFound):
                    queries.explain(reader, run, number, "en")
                continue
            explained = queries.explain(reader, run, number, "en")
            for line, (_, part) in zip(explained.inputs, audit.Kept(run).inputs_of(number), strict=True):
                strange = bool(own) and shut(part.owner, part.source, own)
                assert line.shut == strange
                if strange:
                    assert (line.value, line.key, line.number) == (None, "", 0)
                    assert part.value is None or len(str(part.value)) < 3 or str(part.value) not in explained.numbers


def shut(owner: str, source: str, own: str) -> bool:
    """Whether a member may not see a figure before it is published: another's, or computed over all."""
    return owner != f"institution:{own}" and (owner != "alliance" or not source)


def test_a_figure_that_is_shut_is_not_found_by_its_key_either(runs: tuple[int, int]) -> None:
    for key in ("C3/score", "C3/veto", "C3/no-such-figure"):
        with pytest.raises(NotFound):
            queries.number_of(scope("c1.lead"), runs[0], key)


def test_what_is_published_opens_for_all_and_what_is_beneath_does_not(runs: tuple[int, int]) -> None:
    score, fund = runs
    with pytest.raises(NotFound):
        queries.number_of(scope("c1.lead"), score, "C3/score")
    publish(fund)
    number = queries.number_of(scope("c1.lead"), score, "C3/score")
    explained = queries.explain(scope("c1.lead"), score, number, "en")
    assert explained.figure.value is not None
    assert all(line.shut for line in explained.inputs)
    assert explained.origin is None
    with pytest.raises(NotFound):
        queries.number_of(scope("c1.lead"), score, "C3/data_score")


def test_another_alliance_learns_nothing(runs: tuple[int, int]) -> None:
    with pytest.raises(NotFound):
        queries.explain(scope_of("x", "", [Grant("regulator", 2)], 2), runs[0], 1, "en")


def test_home_names_what_is_to_be_done(app: Flask, client_as: Callable[[str], Client]) -> None:
    text = client_as("c1.reporter").get("/").get_data(as_text=True)
    assert "/indicators/readings/file/2026-04/C1" in text
    assert "/indicators/readings/file/2026-04/C2" not in text


def test_the_numbers_of_a_trial_open_as_those_of_the_official_run_do(runs: tuple[int, int]) -> None:
    trial = evaluation.try_run(1, Q1, "2026", 1, by=by("analyst"), now=at(20))
    for number in range(1, len(audit.load_run(runs[0])) + 1):
        tried, kept = (
            queries.explain_trial(scope("analyst"), trial, number, "en"),
            queries.explain(scope("analyst"), runs[0], number, "en"),
        )
        for one in ("words", "numbers", "origin"):
            assert getattr(tried, one) == getattr(kept, one)
        assert (tried.figure.key, tried.figure.value) == (kept.figure.key, kept.figure.value)
        assert [line.key for line in tried.inputs] == [line.key for line in kept.inputs]
        assert {one.key for one in tried.used_by} == {one.key for one in kept.used_by}


@pytest.mark.parametrize("account", ["c1.lead", "chair", "regulator"])
def test_a_trial_does_not_exist_for_others(runs: tuple[int, int], account: str) -> None:
    trial = evaluation.try_run(1, Q1, "2026", 1, by=by("analyst"), now=at(20))
    with pytest.raises(NotFound):
        queries.explain_trial(scope(account), trial, 1, "en")
