"""Signing in, grants and decisions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO

import pytest
from flask import Flask

from alliance.accounts import queries, services
from alliance.core.refused import NotFound, Refused
from tests.conftest import Client
from tests.small import CLOCK, PASSWORD, at, by, decide


def test_five_wrong_passwords_lock_the_account_and_time_opens_it(inside: Flask) -> None:
    for _ in range(4):
        assert services.open_session("office", "wrong", now=CLOCK) == services.Verdict()
    locked = services.open_session("office", "wrong", now=CLOCK)
    assert locked.locked_until == CLOCK + timedelta(minutes=30)
    assert services.open_session("office", PASSWORD, now=CLOCK).secret == ""
    later = CLOCK + timedelta(minutes=31)
    assert services.open_session("office", PASSWORD, now=later).secret


def test_a_session_ends_when_it_is_closed_or_idle(inside: Flask) -> None:
    secret = services.open_session("office", PASSWORD, now=CLOCK).secret
    found = queries.account_of_session(secret, CLOCK)
    assert found is not None
    assert found.code == "office"
    assert queries.account_of_session(secret, CLOCK + timedelta(minutes=21)) is None
    services.close_session(secret, by=by("office"), now=CLOCK)
    assert queries.account_of_session(secret, CLOCK) is None


def test_a_grant_that_has_ended_gives_nothing(inside: Flask, app: Flask, client_as: Callable[[str], Client]) -> None:
    services.create_account("guest", PASSWORD, "客", "Guest", "", by=by("office"), now=CLOCK)
    services.give_grant("guest", "office", 1, "", at(1).date(), CLOCK.date(), by=by("office"), now=CLOCK)
    assert client_as("guest").get("/").status_code == 403


@pytest.mark.parametrize("password", ["short-1", "onlyletters", "1234567890", "my-office-2026"])
def test_a_weak_password_is_refused(inside: Flask, password: str) -> None:
    with pytest.raises(Refused):
        services.create_account("office", password, "甲", "A", "", by=by("office"), now=CLOCK)


def test_a_decision_needs_a_vote_of_every_seat(inside: Flask) -> None:
    with pytest.raises(Refused) as caught:
        services.record_decision(
            1, "committee", "2026-050", CLOCK.date(), "scheme:2026/1", "t", "d", {1: "for"}, by=by("chair"), now=CLOCK
        )
    assert [problem.place for problem in caught.value.problems] == ["seat 2"]
    assert queries.decision(1, "2026-050") is None


def test_the_seat_of_the_member_concerned_is_recused(inside: Flask) -> None:
    with pytest.raises(Refused):
        services.record_decision(
            1,
            "committee",
            "2026-050",
            CLOCK.date(),
            "veto:H2/2026Q1",
            "t",
            "d",
            {1: "for", 2: "against"},
            by=by("chair"),
            now=CLOCK,
        )
    assert services.record_decision(
        1,
        "committee",
        "2026-050",
        CLOCK.date(),
        "veto:H2/2026Q1",
        "t",
        "d",
        {1: "for", 2: "recused"},
        by=by("chair"),
        now=CLOCK,
    )


def test_a_number_is_given_once_and_no_meeting_lies_in_the_future(inside: Flask) -> None:
    with pytest.raises(Refused, match="taken"):
        services.record_decision(
            1,
            "committee",
            "2026-001",
            CLOCK.date(),
            "scheme:2026/1",
            "t",
            "d",
            {1: "for", 2: "for"},
            by=by("chair"),
            now=CLOCK,
        )
    tomorrow = CLOCK.date() + timedelta(days=1)
    with pytest.raises(Refused, match="future"):
        services.record_decision(
            1,
            "committee",
            "2026-051",
            tomorrow,
            "scheme:2026/1",
            "t",
            "d",
            {1: "for", 2: "for"},
            by=by("chair"),
            now=CLOCK,
        )


def test_the_next_number_of_a_decision_is_free(inside: Flask) -> None:
    assert queries.next_number(1, 2026) == "2026-002"
    decide(1, "2026-003", "scheme:2026/1", CLOCK)
    decide(1, "2026-x", "scheme:2026/1", CLOCK)
    assert queries.next_number(1, 2026) == "2026-004"


@pytest.mark.parametrize(
    "subject", ["scheme:2026/9", "scheme:x", "fund:1", "fund:x", "bulletin:2026-01", "veto:XX/2026Q1", "veto:C1/2026Q9",
                "veto:C1", "party:1", ""],
)  # fmt: skip
def test_nothing_is_decided_on_what_does_not_exist(
    app: Flask, client_as: Callable[[str], Client], subject: str
) -> None:
    with app.app_context(), pytest.raises(NotFound):
        decide(1, "2026-050", subject, CLOCK)
    assert client_as("chair").get(f"/accounts/decisions/record?subject={subject}").status_code == 404


@pytest.mark.parametrize(
    "target", ["https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere", "javascript:1"]
)
def test_signing_in_leads_nowhere_else(app: Flask, client_as: Callable[[str], Client], target: str) -> None:
    client = client_as("")
    answer = client.post(
        f"/accounts/sessions/open?next={target}",
        data={"account": "office", "password": PASSWORD, "csrf_token": client.token()},
    )
    assert answer.location == "/"


def test_a_form_sent_twice_leads_where_the_first_led(client_as: Callable[[str], Client]) -> None:
    client = client_as("office")
    data = {"period": "2026-05", "last_day": "2026-06-30", "once": "abc"}
    first = client.send("/indicators/periods/open", **data)
    again = client.send("/indicators/periods/open", **data)
    assert (first.status_code, again.status_code) == (302, 302)
    assert first.location == again.location == "/indicators/periods/read/2026-05"


def test_an_upload_over_the_limit_is_refused_by_name(client_as: Callable[[str], Client]) -> None:
    answer = client_as("office").post(
        "/members/workbook/import",
        input_stream=BytesIO(b"--x"),
        environ_overrides={"CONTENT_LENGTH": str(50 * 2**20)},
        content_type="multipart/form-data; boundary=x",
    )
    assert answer.status_code == 413
    assert "20 MB" in answer.get_data(as_text=True)
