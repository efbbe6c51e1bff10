"""The pages of bulletins: who is offered which step, and that a download is the very bytes that were issued."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from io import BytesIO

import pytest
from flask import Flask
from pypdf import PdfReader

from alliance.bulletins import services
from alliance.evaluation import services as evaluation
from alliance.funds import services as funds
from alliance.funds.services import TotalRow
from tests.conftest import Client, run_jobs
from tests.small import MEMBERS, at, by, decide

Q1, HERE = "2026Q1", "/bulletins/bulletins"
PAPER = {"zh": b"%PDF-1 zh", "en": b"%PDF-1 en"}
SignIn = Callable[[str], Client]


@pytest.fixture(autouse=True)
def shared(app: Flask) -> None:
    """A scored quarter with a decided fund."""
    with app.app_context():
        evaluation.compute_run(1, Q1, by=by("office"), now=at(20))
        rows = [TotalRow(code, 10_000_000, None) for code in MEMBERS]
        funds.file_total(1, Q1, rows, "signed list", by=by("office"), now=at(20))
        number = funds.compute_fund(1, Q1, by=by("office"), now=at(21))
        decide(1, "2026-010", f"fund:{number}", at(22))
        funds.decide_fund(1, number, decision="2026-010", by=by("chair"), now=at(22))


@pytest.fixture
def number(app: Flask) -> str:
    """The number of a bulletin that waits for its decision."""
    with app.app_context():
        return services.compose_bulletin(1, Q1, "开头\n\n结尾", foreword_en="Begin", by=by("office"), now=at(23))


def bring(app: Flask, number: str, *, to: str) -> None:
    with app.app_context():
        decide(1, "2026-020", f"bulletin:{number}", at(24))
        if to in ("decided", "issued"):
            services.decide_bulletin(1, number, decision="2026-020", by=by("chair"), now=at(24))
        if to == "issued":
            services.issue_bulletin(1, number, PAPER, by=by("office2"), now=at(25))


def actions(text: str) -> list[str]:
    """Where the buttons in the head of a page lead."""
    head = text.partition('class="page-action">')[2].partition("</div>")[0]
    found = re.findall(r'class="btn[^"]*" href="([^"]+)"', head)
    return [link for link in found if not link.endswith("format=xlsx")]  # every page with a table offers that


def test_compose_bulletin_says_what_will_be_in_it_and_leads_to_the_draft(client_as: SignIn) -> None:
    office = client_as("office")
    page = office.get(f"{HERE}/compose").get_data(as_text=True)
    assert Q1 in page
    assert "2026/1" in page
    answer = office.send(f"{HERE}/compose", period=Q1, foreword="开头", foreword_en="Begin", once="a" * 32)
    assert (answer.status_code, answer.location) == (302, f"{HERE}/read/2026-01")
    again = office.send(f"{HERE}/compose", period=Q1, foreword="开头", once="a" * 32)
    assert again.location == f"{HERE}/read/2026-01"
    assert office.get(f"{HERE}/read/2026-02").status_code == 404


def test_a_period_without_scores_cannot_be_composed(client_as: SignIn) -> None:
    answer = client_as("office").send(f"{HERE}/compose", period="2026Q2")
    assert answer.status_code == 422


def test_each_role_is_offered_its_own_step(app: Flask, client_as: SignIn, number: str) -> None:
    chair, office, member = client_as("chair"), client_as("office"), client_as("c1.reporter")
    here = f"{HERE}/read/{number}"

    def offered(client: Client) -> list[str]:
        return actions(client.get(here).get_data(as_text=True))

    assert offered(chair)[0].startswith("/accounts/decisions/record?subject=bulletin:")
    assert offered(office) == []
    assert member.get(here).status_code == 404
    bring(app, number, to="recorded")
    assert offered(chair) == ["#decide"]
    assert chair.send(f"{HERE}/decide/{number}", decision="2026-020").location == here
    assert offered(chair) == []
    assert offered(office) == [f"{HERE}/issue/{number}"]
    assert office.get(f"{HERE}/issue/{number}").status_code == 200


def test_what_is_issued_is_downloaded_to_the_byte(app: Flask, client_as: SignIn, number: str) -> None:
    bring(app, number, to="decided")
    office = client_as("office")
    page = office.send(f"{HERE}/issue/{number}").location
    run_jobs(app)
    assert office.get(page).location == f"{HERE}/read/{number}"
    member = client_as("c1.reporter")
    page = member.get(f"{HERE}/read/{number}").get_data(as_text=True)
    assert actions(page) == [f"{HERE}/download/{number}/zh", f"{HERE}/download/{number}/en"]
    for language, tag in (("zh", "zh-Hans-CN"), ("en", "en")):
        answer = member.get(f"{HERE}/download/{number}/{language}")
        digest = hashlib.sha256(answer.data).hexdigest()
        assert (answer.mimetype, answer.headers["X-Content-SHA256"]) == ("application/pdf", digest)
        assert digest in page
        pdf = PdfReader(BytesIO(answer.data))
        assert pdf.trailer["/Root"]["/Lang"] == tag
        assert number in pdf.pages[0].extract_text()
    assert member.get(f"{HERE}/download/{number}/fr").status_code == 404
    assert office.get(f"{HERE}/issue/{number}").location == f"{HERE}/read/{number}"
    assert office.send(f"{HERE}/issue/{number}").status_code == 422


def test_a_member_reads_the_scores_of_all_and_opens_its_own_amounts(app: Flask, client_as: SignIn, number: str) -> None:
    bring(app, number, to="issued")
    member = client_as("c1.reporter")
    page = member.get(f"{HERE}/read/{number}").get_data(as_text=True)
    links = set(re.findall(r'class="number" href="([^"]+)"', page))
    assert {link for link in links if "C2/score" in link}
    assert {link for link in links if "C1/share" in link}
    assert not {link for link in links if "C2/share" in link or "C2/paid_in" in link}
    bars = set(re.findall(r'<a href="([^"]+)"', "".join(re.findall(r"<svg.*?</svg>", page, re.DOTALL))))
    assert {link for link in bars if "C2/score" in link}
    assert bars <= links
    assert [link for link in links if member.get(link, follow_redirects=True).status_code != 200] == []


def test_the_list_shows_members_what_is_issued(app: Flask, client_as: SignIn, number: str) -> None:
    member, office = client_as("c1.reporter"), client_as("office")
    assert number not in member.get(f"{HERE}/list").get_data(as_text=True)
    assert f"{HERE}/read/{number}" in office.get(f"{HERE}/list").get_data(as_text=True)
    bring(app, number, to="issued")
    assert f"{HERE}/download/{number}/en" in member.get(f"{HERE}/list").get_data(as_text=True)


def test_a_corrected_bulletin_leads_to_its_correction(app: Flask, client_as: SignIn, number: str) -> None:
    bring(app, number, to="issued")
    with app.app_context():
        later = services.compose_bulletin(1, Q1, "更正", by=by("office"), now=at(26))
        decide(1, "2026-021", f"bulletin:{later}", at(26))
        services.decide_bulletin(1, later, decision="2026-021", by=by("chair"), now=at(26))
        services.issue_bulletin(1, later, PAPER, by=by("office"), now=at(27))
    member = client_as("c1.reporter")
    assert f'href="{HERE}/read/{later}"' in member.get(f"{HERE}/read/{number}").get_data(as_text=True)
    assert f'href="{HERE}/read/{number}"' in member.get(f"{HERE}/read/{later}").get_data(as_text=True)
