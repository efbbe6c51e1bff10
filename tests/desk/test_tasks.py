"""The task list: what a person can do now, and nothing else."""

from __future__ import annotations

from flask import Flask

from alliance.bulletins import services as bulletins
from alliance.core.roles import Grant, scope_of
from alliance.desk import queries
from alliance.evaluation import services as evaluation
from tests.small import PEOPLE, at, by

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


def test_a_fund_is_to_be_shared_once_its_period_is_scored(inside: Flask) -> None:
    assert ("share", Q1) not in open_tasks("office")
    evaluation.compute_run(1, Q1, by=by("office"), now=at(20))
    assert ("share", Q1) in open_tasks("office")
    assert ("share", Q1) not in open_tasks("chair")
