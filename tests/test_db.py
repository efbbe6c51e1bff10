"""What a page asks several times, the database answers once; and what never changes, once for good."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask
from sqlalchemy import create_engine, text

from alliance.db import Lasting, db, lasting, remembered, transaction
from tests.conftest import Client


def test_a_question_is_answered_once_for_a_request_and_anew_after_a_verb(app: Flask) -> None:
    asked: list[int] = []

    @remembered
    def question(number: int) -> list[int]:
        asked.append(number)
        return [number]

    with app.test_request_context():
        question(1).append(2)
        assert question(1) == [1]  # whoever changes a list changes one of its own
        assert question(3) == [3]
        assert asked == [1, 3]
        with transaction():
            question(1)
            question(1)
        assert asked == [1, 3, 1, 1]
        question(1)
        question(1)
    assert asked == [1, 3, 1, 1, 1]
    with app.app_context():  # a job, which may go on for minutes
        question(1)
        question(1)
    assert len(asked) == 7


def test_a_database_that_was_restarted_costs_nobody_a_page(app: Flask, client_as: Callable[[str], Client]) -> None:
    office = client_as("office")
    assert office.get("/").status_code == 200
    with app.app_context():
        url = db.engine.url
    if url.get_backend_name() == "postgresql":
        other = create_engine(url)
        with other.connect() as connection:
            ended = connection.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            ).all()
        other.dispose()
        assert ended
    assert office.get("/").status_code == 200


def test_an_answer_that_stays_is_kept_for_its_own_database(copy: Callable[[str], Flask]) -> None:
    asked: list[str] = []
    answers = {"one": [1, 2], "two": []}

    @lasting
    def question(which: str) -> list[int]:
        asked.append(which)
        return answers[which]

    one, other = copy("empty"), copy("empty")
    with one.app_context():
        question("one").append(3)
        assert question("one") == [1, 2]  # whoever changes a list changes one of its own
        assert asked == ["one"]
        assert question("two") == question("two") == []  # what is not there may come yet
        assert asked == ["one", "two", "two"]
        answers["two"] = [4]
        assert question("two") == [4]
    with other.app_context():
        answers["one"] = [5]
        assert question("one") == [5]
    with one.app_context():
        assert question("one") == [1, 2]


def test_what_a_verb_may_take_back_is_not_kept(empty: Flask) -> None:
    asked: list[int] = []

    @lasting
    def question(number: int) -> list[int]:
        asked.append(number)
        return [number]

    with transaction():
        question(1)
        question(1)
    question(1)
    with transaction():
        question(1)  # what was kept before holds in a verb too
    assert asked == [1, 1, 1]


def test_of_what_is_kept_the_least_asked_goes(empty: Flask) -> None:
    kept: Lasting[int] = Lasting(2)
    for number in (1, 2):
        kept.keep(number, number)
    assert kept.find(1) == 1
    kept.keep(3, 3)
    assert kept.everything() == {1: 1, 3: 3}
