"""The demo stays by itself: it is not loaded beside a real alliance, and shows no real account."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from flask import Flask

from alliance.demo import people, story
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


def test_a_real_alliance_of_the_same_name_is_no_half_demo(empty: Flask) -> None:
    members.found_alliance(*people.ALLIANCE, by=SYSTEM, now=CLOCK)
    answer = empty.test_cli_runner().invoke(args=["demo", "load"])
    assert answer.exit_code != 0
    assert f"holds the alliance {people.ALLIANCE[0]}" in answer.output
    assert len(queries.alliances()) == 1


def test_an_interrupted_load_begins_anew(empty: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    members.found_alliance(*people.ALLIANCE, by=story.SYSTEM, now=CLOCK)
    told = []
    monkeypatch.setattr(story, "load", lambda day, say, months: told.append((queries.alliances(), day, months)))
    answer = empty.test_cli_runner().invoke(args=["demo", "load", "--day", "2026-11-12"])
    assert answer.exit_code == 0, answer.output
    assert told == [([], date(2026, 11, 12), 24)]


def test_the_sign_in_page_lists_accounts_of_the_demo_only(app: Flask, client_as: Callable[[str], Client]) -> None:
    app.config["ALLIANCE"] = replace(app.config["ALLIANCE"], demo=True)
    page = client_as("").get("/accounts/sessions/open").get_data(as_text=True)
    assert "c1.reporter" not in page
    assert people.PASSWORD not in page
