"""Bodies and their dated seats, and the command that founds an alliance."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask

from alliance.accounts import queries, services
from alliance.core.refused import NotFound, Refused
from alliance.members import queries as members
from tests.conftest import Client
from tests.small import CLOCK, by

TODAY = CLOCK.date()


def add(account: str = "c1.lead", body: str = "committee") -> int:
    return services.add_seat(1, body, account, "C1", TODAY, None, by=by("security"), now=CLOCK)


def end(number: int, days: int = 0) -> None:
    services.end_seat(1, "committee", number, TODAY + timedelta(days=days), "moved", by=by("security"), now=CLOCK)


def decide(number: str, choices: dict[int, str], days: int = 0) -> None:
    now = CLOCK + timedelta(days=days)
    services.record_decision(
        1, "committee", number, now.date(), "scheme:2026/1", "t", "d", choices, by=by("chair"), now=now
    )


def test_a_decision_keeps_the_seats_of_its_day(inside: Flask) -> None:
    decide("2026-050", {1: "for", 2: "for"}, days=-2)
    assert add() == 3
    end(2)
    decide("2026-051", {1: "for", 3: "for"})
    found = [queries.decision(1, number) for number in ("2026-050", "2026-051")]
    assert [[seat.number for seat, _ in one.votes] for one in found if one] == [[1, 2], [1, 3]]
    assert [term.state(TODAY) for term in queries.terms(1, "committee")] == ["now", "past", "now"]


def test_a_seat_cannot_be_given_or_taken_on_a_day_that_was_decided_on(inside: Flask) -> None:
    decide("2026-050", {1: "for", 2: "for"})
    with pytest.raises(Refused, match="met on"):
        add()
    with pytest.raises(Refused, match="voted on"):
        end(2)
    end(2, days=1)
    with pytest.raises(Refused, match="ends on"):
        end(2, days=3)


def test_a_person_sits_once_and_a_number_is_never_given_again(inside: Flask) -> None:
    with pytest.raises(Refused, match="seat 1"):
        add("chair")
    with pytest.raises(Refused, match="give yourself"):
        add("security")
    assert add() == 3
    end(3)
    assert add("c2.lead") == 4
    assert add() == 5
    with pytest.raises(NotFound):
        add(body="nothing")
    with pytest.raises(NotFound):
        end(77)


def test_a_body_is_founded_and_seated_on_pages(client_as: Callable[[str], Client]) -> None:
    security = client_as("security")
    body = {"code": "ethics", "name_zh": "伦理委员会", "name_en": "", "quorum": "66"}
    assert security.send("/accounts/bodies/found", **body | {"quorum": "101"}).status_code == 422
    assert security.send("/accounts/bodies/found", **body).status_code == 302
    assert "已存在" in security.send("/accounts/bodies/found", **body).get_data(as_text=True)
    seat = {"account": "c1.lead", "institution": "C1", "start": TODAY.isoformat(), "last": "2026-12-31"}
    assert security.send("/accounts/seats/add/ethics", **seat).status_code == 302
    page = client_as("c2.reporter").get("/accounts/bodies/list").get_data(as_text=True)
    assert "甲c1.lead" in page
    assert "2026-12-31" in page
    chair = (
        client_as("chair").get("/accounts/decisions/record?subject=scheme:2026/1&body=ethics").get_data(as_text=True)
    )
    assert "甲c1.lead" in chair
    assert client_as("chair").get("/accounts/decisions/record?subject=scheme:2026/1&body=none").status_code == 404


def test_an_alliance_is_founded_by_a_command_with_two_first_persons(empty: Flask) -> None:
    runner = empty.test_cli_runner()
    arguments = ["alliance", "found", "CITY", "--zh", "某市医疗集团", "--en", "City", "--address", "https://p.example/"]
    done = runner.invoke(args=arguments)
    assert done.exit_code == 0, done.output
    links = re.findall(r"https://p\.example/accounts/passwords/set/([\w-]{43})", done.output)
    assert len(links) == 2
    owner = members.alliance_of_code("CITY")
    assert owner
    on = (CLOCK + timedelta(days=3650)).date()
    people = queries.people(owner.id, on, CLOCK)[0]
    assert {line.account: [one.role for one in line.grants] for line in people} == {
        "admin": ["admin"],
        "security": ["security_admin"],
    }
    again = runner.invoke(args=arguments)
    assert again.exit_code == 0
    assert len(queries.people(owner.id, on, CLOCK)[0]) == 2
    for wrong in (["--admin-account", "security"], ["--lead-account", "Not A Name"]):
        assert runner.invoke(args=[*arguments, *wrong]).exit_code == 1
    taken = runner.invoke(args=["alliance", "found", "TOWN", "--zh", "某县", "--en", "Town"])
    assert taken.exit_code == 1
    assert members.alliance_of_code("TOWN") is None


def test_the_links_of_the_first_persons_lead_to_where_the_portal_is_reached(empty: Flask) -> None:
    empty.config["ALLIANCE"] = replace(empty.config["ALLIANCE"], address="https://portal.example.org")
    done = empty.test_cli_runner().invoke(args=["alliance", "found", "CITY", "--zh", "某市医疗集团", "--en", "City"])
    assert done.exit_code == 0, done.output
    assert done.output.count("https://portal.example.org/accounts/passwords/set/") == 2
