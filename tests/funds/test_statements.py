"""A member's statement on paper: every amount with its formula, and no number of another member's."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from io import BytesIO

import pytest
from flask import Flask
from pypdf import PdfReader

from alliance.audit import queries as audit
from alliance.core.figure import ALLIANCE
from alliance.db import db
from alliance.evaluation import services as evaluation
from alliance.funds import queries, services, sheets
from alliance.pdf import AsksOutside, render, render_all
from alliance.work import services as work
from tests.bulletins.test_pdf import CHINESE, listening, objects
from tests.conftest import Client, file_made, run_jobs
from tests.glyphs import missing_glyphs
from tests.small import CLOCK, MEMBERS, at, by, decide

Q1 = "2026Q1"
SignIn = Callable[[str], Client]


@pytest.fixture
def fund(app: Flask) -> queries.FundInfo:
    """A decided fund."""
    with app.app_context():
        number = computed()
        decide(1, "2026-010", f"fund:{number}", at(22))
        services.decide_fund(1, number, decision="2026-010", by=by("chair"), now=at(22))
        found = queries.fund(1, number)
        assert found is not None
        return found


def computed() -> int:
    """A fund; the totals differ from member to member, so that one is told from another in print."""
    evaluation.compute_run(1, Q1, by=by("office"), now=at(20))
    rows = [
        services.TotalRow(code, 12_345_678 + 3_210_987 * place, Decimal(100 + place), None)
        for place, code in enumerate(MEMBERS)
    ]
    services.file_total(1, Q1, rows, "list", by=by("office"), now=at(20))
    return services.compute_fund(1, Q1, by=by("office"), now=at(21))


def statement(fund: queries.FundInfo, code: str) -> queries.Statement:
    found = queries.statement(1, fund, code)
    assert found is not None
    return found


def test_each_amount_stands_with_its_formula_and_rests_on_what_stands_above(
    inside: Flask, fund: queries.FundInfo
) -> None:
    steps = queries.steps(statement(fund, "C3"), "en")
    keys = [step.figure.key for step in steps]
    assert keys[-1] == "C3/net"
    assert {"C3/paid_in", "C3/weight", "C3/share", f"fund/{Q1}/pool", f"fund/{Q1}/weights"} <= set(keys)
    kept = audit.Kept(fund.run_id)
    for place, step in enumerate(steps):
        above = {one.figure.number for one in steps[:place]}
        inputs = [part for _name, part in kept.inputs_of(step.figure.number) if step.figure.owner != ALLIANCE]
        assert {part.number for part in inputs if part.kind.formula} <= above
        assert step.words
    sources = {one.kind for one in queries.givens(1, statement(fund, "C3"))}
    assert sources == {"total", "scheme", "figure"}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_statement_on_paper_is_whole_and_speaks_one_language(
    inside: Flask, fund: queries.FundInfo, language: str
) -> None:
    html = sheets.statement(1, statement(fund, "C3"), language, site="https://portal.example")
    with listening() as said:
        content = render(html)
    assert said == []
    assert missing_glyphs(content) == []
    text = "".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages)
    own = queries.share(fund.run_id, "C3")
    assert own is not None
    assert f"{own.received / 100:,.2f}" in text
    assert fund.digest in re.sub(r"\s", "", text)
    assert html.count('<ul class="signatures">') == 1
    if language == "en":
        assert CHINESE.findall(re.sub(r'<(\w+) lang="zh-Hans-CN"[^>]*>.*?</\1>', "", html, flags=re.DOTALL)) == []


def test_nothing_of_another_member_stands_on_it(inside: Flask, fund: queries.FundInfo) -> None:
    text = sheets.statement(1, statement(fund, "C3"), "zh")
    for code in set(MEMBERS) - {"C3"}:
        other = queries.share(fund.run_id, code)
        assert other is not None
        figures = audit.figures_of(fund.run_id, [f"{code}/paid_in", f"{code}/weight", f"{code}/performance_total"])
        assert f"{code}医院" not in text
        for figure in figures.values():
            assert f">{figure.value:,.2f}" not in text
            assert str(figure.value) not in text


def test_who_reads_a_statement_takes_it_along_and_that_is_an_event(
    app: Flask, fund: queries.FundInfo, client_as: SignIn
) -> None:
    lead, path = client_as("c3.lead"), f"/funds/statements/download/{fund.run_id}"
    assert f'{path}/C3/zh"' in lead.get(f"/funds/statements/read/{fund.run_id}/C3").get_data(as_text=True)
    answer = lead.get(f"{path}/C3/zh")
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    assert lead.get(f"{path}/C2/zh").status_code == lead.get(f"{path}/C3/fr").status_code == 404
    with app.app_context():
        events = audit.events_on(1, [f"statement:C3/{Q1}"])
    assert [(one.account, one.detail["export"]) for one in events] == [("c3.lead", "pdf")]


def test_a_draft_is_marked_and_closed_to_members(app: Flask, client_as: SignIn) -> None:
    with app.app_context():
        number = computed()
        found = queries.fund(1, number)
        assert found is not None
        html = sheets.statement(1, statement(found, "C3"), "zh")
        assert 'class="draft"' in html
        assert 'class="signatures"' not in html
    path = f"/funds/statements/download/{number}/C3/zh"
    assert client_as("c3.lead").get(path).status_code == 404
    assert client_as("office").get(path).status_code == 200


def test_all_statements_are_one_file_made_by_a_job(app: Flask, fund: queries.FundInfo, client_as: SignIn) -> None:
    office = client_as("office")
    path = f"/funds/statements/print/{fund.run_id}/zh"
    assert f'action="{path}"' in office.get(f"/funds/funds/read/{fund.run_id}").get_data(as_text=True)
    answer = office.send(path)
    assert run_jobs(app) == 1
    made = file_made(office, answer.location)
    file = office.get(made)
    assert (file.status_code, file.mimetype) == (200, "application/pdf")
    pdf = PdfReader(BytesIO(file.data))
    marks = [one.title for one in pdf.outline if not isinstance(one, list)]
    assert marks == [f"{code}医院" for code in sorted(MEMBERS)]
    assert "/StructTreeRoot" in pdf.trailer["/Root"]
    assert sum(one.get("/S") == "/H1" for one in objects(pdf)) == len(MEMBERS)
    assert missing_glyphs(file.data) == []
    feet = [re.findall(r"第(\d+)页，共(\d+)页", page.extract_text())[-1] for page in pdf.pages]
    assert feet.count(("1", feet[0][1])) == len(MEMBERS)  # each counts its own pages
    assert client_as("office2").get(made).status_code == 404


def test_a_cancelled_job_leaves_no_file(
    inside: Flask, app: Flask, fund: queries.FundInfo, monkeypatch: pytest.MonkeyPatch
) -> None:
    number, made = services.print_statement(1, fund.run_id, "en", by=by("office"), now=CLOCK), []
    real = sheets.statement

    def cancelling(*args: object, **given: object) -> str:
        made.append(args)
        work.cancel_job(1, number, by=by("office"), now=CLOCK)
        return real(*args, **given)  # type: ignore[arg-type]

    monkeypatch.setattr("alliance.jobs.scores.statement", cancelling)
    run_jobs(app)
    db.session.rollback()
    assert len(made) == 1
    assert not list((app.config["ALLIANCE"].data / "uploads").rglob("*/*/*"))


@pytest.mark.parametrize(
    "hostile",
    [
        '<img src="file:///etc/passwd">',
        '<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd" width="9" height="9"/></svg>',
    ],
)
def test_no_paper_among_many_asks_outside(hostile: str) -> None:
    papers = [f'<html lang="en"><title>t</title><body>{part}</body></html>' for part in ("<p>a</p>", hostile)]
    with pytest.raises(AsksOutside):
        render_all(papers, "all")
    with pytest.raises(ValueError, match="nothing"):
        render_all([], "all")
