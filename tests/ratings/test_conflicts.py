"""Conflicts of interest: declared by experts, ended forward, and what they keep away."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask

from alliance.core.refused import NotFound, Refused
from alliance.members import queries as members
from alliance.ratings import queries, services
from tests.conftest import Client
from tests.small import CLOCK, by

TODAY = date(2026, 5, 10)
REASON = "本人2023年前在该院任职，尚有聘任关系。"


def here() -> int:
    found = members.alliance_of_code("SMALL")
    assert found
    return found.id


def declare(account: str = "expert", institution: str = "C1", start: date = TODAY, until: date | None = None) -> int:
    return services.declare_conflict(
        here(), institution, "employment", REASON, start, until, by=by(account), now=CLOCK
    )  # fmt: skip


def test_who_declares_stands_apart_from_that_day_until_the_end(inside: Flask) -> None:
    declare(until=date(2026, 6, 1))
    assert queries.conflicts_of(here(), "expert", TODAY) == {"C1"}
    assert queries.conflicts_of(here(), "expert", date(2026, 5, 9)) == frozenset()
    assert queries.conflicts_of(here(), "expert", date(2026, 6, 1)) == frozenset()
    assert queries.conflicts_of(here(), "expert3", TODAY) == frozenset()


def test_the_own_employer_needs_no_declaration(inside: Flask) -> None:
    assert queries.conflicts_of(here(), "h2.expert", TODAY) == {"H2"}


def test_one_is_declared_once_with_a_reason_and_an_end_that_lies_ahead(inside: Flask) -> None:
    declare()
    for given in ({}, {"institution": "C2", "until": TODAY}, {"institution": "C2", "until": date(2026, 1, 1)}):
        with pytest.raises(Refused):
            declare(**given)  # type: ignore[arg-type]
    with pytest.raises(Refused):
        services.declare_conflict(here(), "C3", "employment", "短", TODAY, None, by=by("expert"), now=CLOCK)
    with pytest.raises(Refused):
        services.declare_conflict(here(), "C3", "nothing", REASON, TODAY, None, by=by("expert"), now=CLOCK)
    with pytest.raises(NotFound):
        declare(institution="NOBODY")
    assert [one.institution for one in queries.conflicts(here())] == ["C1"]


def test_it_ends_forward_and_by_whom_it_concerns_only(inside: Flask) -> None:
    number = declare()
    with pytest.raises(NotFound):
        services.end_conflict(here(), number, TODAY, REASON, by=by("expert3"), now=CLOCK)
    with pytest.raises(Refused):
        services.end_conflict(here(), number, date(2026, 5, 9), REASON, by=by("expert"), now=CLOCK)
    services.end_conflict(here(), number, TODAY, REASON, by=by("expert"), now=CLOCK)
    assert queries.conflicts_of(here(), "expert", TODAY) == frozenset()
    with pytest.raises(Refused):
        services.end_conflict(here(), number, TODAY, REASON, by=by("expert"), now=CLOCK)


def test_an_expert_declares_on_a_page_and_the_office_reads_it(client_as: Callable[[str], Client]) -> None:
    expert = client_as("expert")
    sent = expert.send("/ratings/conflicts/declare", institution="C1", kind="family", reason=REASON, start="2026-05-10")
    assert sent.status_code == 302
    page = expert.get("/ratings/conflicts/list").get_data(as_text=True)
    assert REASON in page
    assert "/ratings/conflicts/end/1" in page
    assert client_as("expert3").get("/ratings/conflicts/end/1").status_code == 404
    assert REASON not in client_as("expert3").get("/ratings/conflicts/list").get_data(as_text=True)
    assert REASON in client_as("office").get("/ratings/conflicts/list").get_data(as_text=True)
    assert expert.send("/ratings/conflicts/end/1", end="2026-05-10", why=REASON).status_code == 302
    assert expert.send("/ratings/conflicts/declare", institution="C1").status_code == 422
