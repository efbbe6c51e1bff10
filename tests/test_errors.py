"""The pages of errors: in the reader's words, in one language, with a way on, and nothing of the server's own."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask_wtf.csrf import CSRFError
from werkzeug import exceptions

from alliance.i18n import LANGUAGES
from tests import walk
from tests.conftest import Client
from tests.small import CLOCK

ERRORS: list[tuple[Exception, int]] = [
    (exceptions.BadRequest(), 400),
    (CSRFError("The CSRF token is missing."), 400),
    (exceptions.Forbidden(), 403),
    (exceptions.NotFound(), 404),
    (exceptions.RequestEntityTooLarge(), 413),
    (exceptions.UnsupportedMediaType(), 415),
    (exceptions.TooManyRequests(), 429),
    (exceptions.ServiceUnavailable(), 503),
    (ValueError("a fault of the program"), 500),
]


@pytest.mark.parametrize("language", list(LANGUAGES))
@pytest.mark.parametrize(("error", "status"), ERRORS, ids=[type(error).__name__ for error, _ in ERRORS])
def test_an_error_speaks_the_language_of_its_reader(app: Flask, error: Exception, status: int, language: str) -> None:
    with app.test_request_context("/", headers={"Cookie": f"language={language}"}):
        answer = app.make_response(app.handle_user_exception(error))
    page = answer.get_data(as_text=True)
    assert answer.status_code == status
    assert walk.wrong_words(page) == []
    assert len(re.findall(r"<h1[ >]", page)) == 1
    assert type(error).__name__ not in page
    assert str(getattr(error, "description", "") or error) not in page
    assert 'class="btn btn-primary"' in page


def test_a_page_of_an_ended_session_leads_to_the_sign_in_and_says_why(
    app: Flask, client_as: Callable[[str], Client]
) -> None:
    client = client_as("c1.lead")
    app.config["CLOCK"] = lambda: CLOCK + timedelta(hours=1)
    answer = client.get("/indicators/submissions/list")
    assert answer.status_code == 302
    page = client.get(answer.location).get_data(as_text=True)
    assert "会话已结束" in page
    assert "/indicators/submissions/list" in answer.location.replace("%2F", "/")


def test_who_never_signed_in_is_told_nothing_of_a_session(client_as: Callable[[str], Client]) -> None:
    client = client_as("")
    answer = client.get("/indicators/submissions/list")
    assert "会话已结束" not in client.get(answer.location).get_data(as_text=True)
