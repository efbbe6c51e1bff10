"""How a visitor signs in to the demo: by the password and the one-time code that its pages show."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Flask

from alliance.accounts.rules.totp import STEP, one_time_code
from alliance.demo import people
from tests.conftest import Client

MACHINE = datetime(2027, 3, 1, 3, tzinfo=UTC)  # months after the day on which the demo stands


def test_the_sign_in_pages_show_the_code_that_is_taken_next(demo: Flask) -> None:
    """After a code was used the next one is shown; when that is used too, none."""
    demo.config["CLOCK"] = lambda: MACHINE
    secret = people.totp_secret("office2")
    for ahead in (0, 1):
        code = one_time_code(secret, int(MACHINE.timestamp()) // STEP + ahead)
        client = Client(demo, demo.response_class)
        page = client.get("/accounts/sessions/open").get_data(as_text=True)
        assert code in page
        assert code in client.post(
            "/accounts/sessions/open",
            data={"account": "office2", "password": people.PASSWORD, "csrf_token": client.token()},
            follow_redirects=True,
        ).get_data(as_text=True)
        token = client.token("/accounts/sessions/confirm")
        answer = client.post("/accounts/sessions/confirm", data={"totp_code": code, "csrf_token": token})
        assert answer.status_code == 302
        assert client.get("/").status_code == 200
    page = client.get("/accounts/sessions/open").get_data(as_text=True)
    assert "半分钟后" in page
    assert one_time_code(secret, int(MACHINE.timestamp()) // STEP + 1) not in page
    demo.config.pop("CLOCK")
