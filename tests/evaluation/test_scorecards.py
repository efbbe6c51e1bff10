"""A member's score sheet on paper: every line of it, the tier's medians for who may see them, nobody else's numbers."""

from __future__ import annotations

import re
from collections.abc import Callable
from io import BytesIO

import pytest
from flask import Flask
from pypdf import PdfReader

from alliance.audit import queries as audit
from alliance.evaluation import pictures, queries, services, sheets
from alliance.evaluation.rules.scheme import SchemeLine
from alliance.pdf import render
from tests.bulletins.test_pdf import CHINESE, listening
from tests.conftest import Client
from tests.glyphs import missing_glyphs
from tests.small import MEMBERS, REASON, at, by, decide

Q1 = "2026Q1"


@pytest.fixture
def run(app: Flask) -> queries.RunInfo:
    """An official run in which C2 is vetoed."""
    with app.app_context():
        decide(1, "2026-011", f"veto:C2/{Q1}", at(18))
        services.impose_veto(1, Q1, "C2", "figures were made up", decision="2026-011", by=by("chair"), now=at(18))
        services.compute_run(1, Q1, by=by("office"), now=at(20))
        found = queries.official_run(1, Q1)
        assert found is not None
        return found


def card(run: queries.RunInfo, code: str, *, comparing: bool = True) -> queries.Scorecard:
    found = queries.scorecard(1, run, code, comparing=comparing)
    assert found is not None
    return found


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("code", ["C3", "C2"])
def test_a_scorecard_on_paper_is_whole_and_speaks_one_language(
    inside: Flask, run: queries.RunInfo, code: str, language: str
) -> None:
    html = sheets.scorecard(1, card(run, code), language, site="https://portal.example")
    with listening() as said:
        content = render(html)
    assert said == []
    assert missing_glyphs(content) == []
    pdf = PdfReader(BytesIO(content))
    assert "/StructTreeRoot" in pdf.trailer["/Root"]
    text = "".join(page.extract_text() for page in pdf.pages)
    score = queries.score(run.run_id, code)
    assert score is not None
    assert f"{score.score:.2f}" in text
    if language == "en":
        own = re.sub(r'<(\w+) lang="zh-Hans-CN"[^>]*>.*?</\1>', "", html, flags=re.DOTALL)
        assert set(CHINESE.findall(own.replace("人次", ""))) == set()


def test_every_line_stands_in_its_dimension_with_its_points(inside: Flask, run: queries.RunInfo) -> None:
    found = card(run, "C3")
    assert [line.indicator for line in found.lines_of("collaboration")] == ["I1"]
    assert [line.indicator for line in found.lines_of("health")] == ["I2"]
    html = sheets.scorecard(1, found, "en")
    points = audit.figures_of(run.run_id, ["C3/I1/points", "C3/I2/points"])
    assert len(points) == 2
    for figure in points.values():
        assert figure.value is not None
        assert f">{figure.value:.2f}<" in html


def test_decisions_and_reasons_stand_at_its_end(inside: Flask, run: queries.RunInfo) -> None:
    html = sheets.scorecard(1, card(run, "C2"), "zh")
    assert "figures were made up" in html
    assert "2026-011" in html
    assert "2026-001" in html
    assert REASON in html


def test_medians_are_for_who_may_compare(inside: Flask, run: queries.RunInfo) -> None:
    assert card(run, "C3", comparing=False).medians == {}
    assert card(run, "C3", comparing=False).sheet.tier_medians == {}
    assert queries.scorecard(1, run, "NOBODY") is None


def test_the_radar_of_few_dimensions_is_left_out(inside: Flask, run: queries.RunInfo) -> None:
    assert pictures.dimensions(card(run, "C3"), lambda _: "") == ""


def test_a_line_tells_its_method_with_its_numbers(inside: Flask, run: queries.RunInfo) -> None:
    terms = card(run, "C3").sheet.lines[0].terms
    assert isinstance(terms.line, SchemeLine)
    assert terms.numbers["target"] > 0


def test_who_reads_a_score_takes_it_along_and_that_is_an_event(
    app: Flask, run: queries.RunInfo, client_as: Callable[[str], Client]
) -> None:
    lead, path = client_as("c3.lead"), f"/evaluation/scores/download/{run.run_id}"
    assert f'{path}/C3/zh"' in lead.get(f"/evaluation/scores/read/{run.run_id}/C3").get_data(as_text=True)
    answer = lead.get(f"{path}/C3/zh")
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    assert lead.get(f"{path}/C2/zh").status_code == lead.get(f"{path}/C3/fr").status_code == 404
    text = "".join(page.extract_text() for page in PdfReader(BytesIO(answer.data)).pages)
    assert not [code for code in set(MEMBERS) - {"C3"} if f"{code}医院" in text]
    with app.app_context():
        events = audit.events_on(1, [f"score:C3/{Q1}"])
    assert [(one.account, one.detail["export"]) for one in events] == [("c3.lead", "pdf")]
