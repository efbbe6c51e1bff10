"""The task list: what a person can do now, and nothing else."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask

from alliance.accounts import services as accounts
from alliance.bulletins import services as bulletins
from alliance.core.roles import Grant, scope_of
from alliance.desk import queries
from alliance.evaluation import services as evaluation
from alliance.indicators import services as indicators
from tests.conftest import Client
from tests.small import PEOPLE, at, by, entry, file_next_quarter, readings

Q1 = "2026Q1"


def open_tasks(account: str) -> set[tuple[str, str]]:
    employer, role, place = PEOPLE[account]
    scope = scope_of(account, employer, [Grant(role, 1, place)], 1)
    return {(task.what, task.subject or task.period) for task in queries.tasks(scope, at(25))}


def test_a_bulletin_waits_for_its_decision_until_its_scores_are_replaced(inside: Flask) -> None:
    evaluation.compute_run(1, Q1, by=by("office"), now=at(20))
    number = bulletins.compose_bulletin(1, Q1, "", by=by("office"), now=at(23))
    assert ("decide_bulletin", number) in open_tasks("chair")
    evaluation.enter_rating(1, Q1, "peers", "C1", 90, 12, "signed", by=by("office"), now=at(24))
    evaluation.compute_run(1, Q1, by=by("office"), now=at(25))
    assert ("decide_bulletin", number) not in open_tasks("chair")


def test_who_sits_on_the_committee_and_leads_a_member_has_the_tasks_of_both(inside: Flask) -> None:
    """And the own score at home, beside the way to the ranking of all."""
    evaluation.compute_run(1, Q1, by=by("office"), now=at(20))
    bulletin = bulletins.compose_bulletin(1, Q1, "", by=by("office"), now=at(23))
    entries = {element: (entry(value), 0) for element, value in readings("C3", "2026-04").items()}
    indicators.file_reading(1, "2026-04", "C3", entries, "list", by=by("c3.reporter"), now=at(2, 5))
    scope = scope_of("c3.lead", "C3", [Grant("committee", 1), Grant("member_lead", 1, "C3")], 1)
    found = {(task.what, task.institution, task.subject) for task in queries.tasks(scope, at(3, 5))}
    assert ("sign", "C3", "") in found
    assert ("decide_bulletin", "", bulletin) in found
    assert {task[1] for task in found} == {"", "C3"}
    assert scope.institutions is None


def test_home_shows_the_own_score_of_a_committee_member(app: Flask, client_as: Callable[[str], Client]) -> None:
    """The newest period counts, not the newest computation."""
    with app.app_context():
        accounts.give_grant("c3.lead", "committee", 1, "", at(1).date(), None, by=by("office"), now=at(1))
        evaluation.compute_run(1, Q1, by=by("office"), now=at(20))
        file_next_quarter(1)
        later = evaluation.compute_run(1, "2026Q2", by=by("office"), now=at(20, 7))
        evaluation.compute_run(1, Q1, by=by("office"), now=at(21, 7))
    app.config["CLOCK"] = lambda: at(22, 7)
    page = client_as("c3.lead").get("/").get_data(as_text=True)
    assert f"/evaluation/scores/read/{later}/C3" in page
    assert f"/evaluation/runs/read/{later}" in page


def test_a_fund_is_to_be_shared_once_its_period_is_scored(inside: Flask) -> None:
    assert ("share", Q1) not in open_tasks("office")
    evaluation.compute_run(1, Q1, by=by("office"), now=at(20))
    assert ("share", Q1) in open_tasks("office")
    assert ("share", Q1) not in open_tasks("chair")
