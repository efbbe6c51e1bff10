"""The demo stays by itself: it is not loaded beside a real alliance, and shows no real account."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from flask import Flask

from alliance.demo import people
from alliance.members import queries
from alliance.members import services as members
from tests.conftest import Client
from tests.small import CLOCK, SYSTEM


def test_the_demo_is_not_loaded_beside_another_alliance(inside: Flask) -> None:
    answer = inside.test_cli_runner().invoke(args=["demo", "load"])
    assert answer.exit_code != 0
    assert "holds the alliance SMALL" in answer.output
    assert "emove" not in answer.output
    assert [one.code for one in queries.alliances()] == ["SMALL"]


def test_a_demo_that_was_interrupted_names_its_own_database_only(empty: Flask) -> None:
    members.found_alliance(*people.ALLIANCE, by=SYSTEM, now=CLOCK)
    answer = empty.test_cli_runner().invoke(args=["demo", "load"])
    assert answer.exit_code != 0
    assert str(empty.config["ALLIANCE"].data) + " " not in answer.output
    assert "empty.sqlite3" in answer.output or "t_test_a_demo" in answer.output


def test_the_sign_in_page_lists_accounts_of_the_demo_only(app: Flask, client_as: Callable[[str], Client]) -> None:
    app.config["ALLIANCE"] = replace(app.config["ALLIANCE"], demo=True)
    page = client_as("").get("/accounts/sessions/open").get_data(as_text=True)
    assert "c1.reporter" not in page
    assert people.PASSWORD not in page
