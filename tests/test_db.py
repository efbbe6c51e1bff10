"""What a page asks several times, the database answers once."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask
from sqlalchemy import create_engine, text

from alliance.db import db, remembered, transaction
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
