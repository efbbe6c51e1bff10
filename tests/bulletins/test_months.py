"""Months are watched in bulletins of their own: scored by data alone, ground of no payment, their numbers kept."""

from __future__ import annotations

import pytest
from flask import Flask

from alliance.audit import queries as audit
from alliance.bulletins import queries, services
from alliance.bulletins.views import document
from alliance.core.figure import canonical
from alliance.core.refused import Refused
from alliance.core.roles import Grant, scope_of
from alliance.evaluation import queries as evaluation
from tests.small import MEMBERS, at, by, decide

MONTH = "2026-03"
PAPER = {"zh": b"%PDF-1 zh", "en": b"%PDF-1 en"}


def found(number: str) -> queries.BulletinInfo:
    bulletin = queries.bulletin(scope_of("office", "H1", [Grant("office", 1, "")], 1), number)
    assert bulletin is not None
    return bulletin


def composed(month: str = MONTH) -> str:
    return services.compose_bulletin(1, month, "", by=by("office"), now=at(10, 5))


def test_a_month_is_told_without_fund_vetoes_and_rater_groups(inside: Flask) -> None:
    bulletin = found(composed())
    content = bulletin.content
    assert bulletin.monitoring
    assert {row["code"] for row in content["rows"]} == set(MEMBERS)
    assert (content["fund"], content["groups"], content["findings"]) == (None, [], [])
    assert all(row["collaboration"] for row in content["rows"])


def test_the_numbers_of_a_month_are_kept_as_a_run_of_its_own(inside: Flask) -> None:
    content = found(composed()).content
    run = audit.read_run(content["score_run"], 1)
    assert run is not None
    assert (run.subject, run.digest) == (f"monitoring:{MONTH}", content["score_digest"])
    kept = {one.key: one for one in audit.load_run(content["score_run"])}
    assert [row["score"] for row in content["rows"]] == [
        canonical(kept[f"{row['code']}/score"].value) for row in content["rows"]
    ]
    assert evaluation.official_run(1, MONTH) is None


def test_a_month_says_on_paper_that_nobody_is_paid_by_it(inside: Flask) -> None:
    bulletin = found(composed())
    assert "no payment is based on them" in document(bulletin, "en")
    assert "不作为" in document(bulletin, "zh")


def test_a_month_moves_against_the_month_before(inside: Flask) -> None:
    content = found(composed()).content
    assert content["period_before"] == "2026-02"
    assert all(row["score_before"] for row in content["rows"])


def test_only_months_of_which_something_is_accepted_are_offered(inside: Flask) -> None:
    offered = queries.prospects(1, at(10, 7))
    assert [(one.period, one.kind, one.members) for one in offered] == [
        (month, "monitoring", len(MEMBERS)) for month in (MONTH, "2026-02", "2026-01")
    ]
    assert {one.period for one in queries.prospects(1, at(20))} == set()  # not due yet
    with pytest.raises(Refused, match="there is nothing to monitor"):
        composed("2026-04")


def test_a_month_goes_the_way_of_every_bulletin(inside: Flask) -> None:
    number = composed()
    decide(1, "2026-020", f"bulletin:{number}", at(11, 5))
    services.decide_bulletin(1, number, decision="2026-020", by=by("chair"), now=at(11, 5))
    services.issue_bulletin(1, number, PAPER, by=by("office2"), now=at(12, 5))
    assert found(number).state == "issued"
    assert found(composed()).content["corrects"] == number
