"""What a page asks several times, the database answers once."""

from __future__ import annotations

from flask import Flask

from alliance.db import remembered, transaction


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
