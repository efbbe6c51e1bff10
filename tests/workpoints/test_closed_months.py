"""A month whose bonus is approved: what it takes no more, and what its pages show in the place of a form."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from flask import Flask

from alliance.core.refused import Refused
from alliance.workpoints import queries, services
from alliance.workpoints.queries.duties import GivenDay
from alliance.workpoints.rules.duties import ShiftFact, check_paid_nights
from tests.conftest import Client
from tests.small import YEAR, by
from tests.workpoints.small_bonus import HOSPITAL, meet
from tests.workpoints.test_runs import MONTH, REASON, approved, day, prepared, slips

SignIn = Callable[[str], Client]
NIGHT = ShiftFact("N1", "大夜", "Night", "00:00–08:00", True, YEAR)
LATE = "漏排一个大夜班，经核实后补录"


def file(person: str, on: date, shift: str) -> int:
    given = [GivenDay("N1", person, on, shift)]
    return services.import_roster(1, HOSPITAL, f"{on:%Y-%m}", given, LATE, by=by("h1.bonus"), now=day(12))


def test_the_roster_of_an_approved_month_stays_what_was_paid(inside: Flask) -> None:
    """Until then a night may still be put right; afterwards the roster would show another number than the payslips."""
    slips(prepared(1))
    assert file("0003", date(2026, 6, 20), "N1") == 1
    services.correct_slip(1, HOSPITAL, MONTH, "0003", LATE, by=by("h1.bonus"), now=day(9))
    services.check_run(1, HOSPITAL, MONTH, REASON, by=by("h1.finance"), now=day(10))
    approve()
    for shift in ("", "N1"):
        with pytest.raises(Refused) as refused:
            file("0003", date(2026, 6, 20 if not shift else 21), shift)
        assert "enter a correction that is paid with a later month" in str(refused.value.problems[0].message)
    assert file("0003", date(2026, 6, 20), "N1") == 0  # the same again changes nothing
    assert file("0003", date(2026, 7, 1), "N1") == 1


def approve() -> None:
    meet(1, f"bonus:{HOSPITAL}/{MONTH}@1", "6月发放", day(10))
    services.approve_run(1, HOSPITAL, MONTH, "6月发放", by=by("h1.lead"), now=day(11))


def test_the_shift_table_makes_no_other_nights_of_an_approved_month(inside: Flask) -> None:
    approved(prepared(1))
    for start in (YEAR, date(2026, 6, 30)):
        with pytest.raises(Refused, match="are paid by this shift as it was"):
            services.define_shift(1, HOSPITAL, replace(NIGHT, night=False, start=start), by=by("h1.bonus"), now=day(12))
    assert len(queries.nights(1, HOSPITAL, MONTH)) == 10
    services.define_shift(1, HOSPITAL, replace(NIGHT, name_zh="后夜"), by=by("h1.bonus"), now=day(12))
    july = replace(NIGHT, night=False, start=date(2026, 7, 1))
    services.define_shift(1, HOSPITAL, july, by=by("h1.bonus"), now=day(12))
    assert len(queries.nights(1, HOSPITAL, MONTH)) == 10


def test_a_change_before_another_fact_is_seen_too() -> None:
    """A shift that was no night in May and is one from the 10th of June: May may not become nights, nor June none."""
    facts = [replace(NIGHT, night=False), replace(NIGHT, start=date(2026, 6, 10))]
    check_paid_nights(facts, replace(NIGHT, start=date(2026, 5, 1)), {"2026-04"})
    for night, closed in ((True, "2026-05"), (True, "2026-06")):
        with pytest.raises(Refused):
            check_paid_nights(facts, replace(NIGHT, night=night, start=date(2026, 5, 1)), {closed})
    check_paid_nights(facts, replace(NIGHT, night=False, start=date(2026, 6, 1)), {"2026-05", "2026-06"})


PAGES = (
    ("h1.bonus", f"/workpoints/entries/file/{HOSPITAL}/{MONTH}"),
    ("h1.bonus", f"/workpoints/entries/import/{HOSPITAL}/{MONTH}"),
    ("h1.bonus", f"/workpoints/rosters/import/{HOSPITAL}/{MONTH}"),
    ("h1.bonus", f"/workpoints/workloads/import/{HOSPITAL}/{MONTH}"),
    ("h1.head", f"/workpoints/entries/file/{HOSPITAL}/{MONTH}?unit=N1"),
    ("h1.head", f"/workpoints/rosters/file/{HOSPITAL}/N1/2026-W25"),
    ("h1.head", f"/workpoints/units/shift/{HOSPITAL}/{MONTH}/N1"),
    ("h1.nurse", f"/workpoints/objections/file/{HOSPITAL}/{MONTH}/N1"),
)


def test_pages_of_an_approved_month_have_a_sentence_and_no_form(app: Flask, client_as: SignIn) -> None:
    with app.app_context():
        approved(prepared(1))
    for account, path in PAGES:
        page = client_as(account).get(path)
        assert page.status_code == 200, path
        main = page.get_data(as_text=True).split("<main")[1].split("</main>")[0]
        assert 'method="post"' not in main, path
        assert 'class="notice notice-info"' in main, path


def test_a_week_of_two_months_is_filed_for_the_open_one(app: Flask, client_as: SignIn) -> None:
    with app.app_context():
        approved(prepared(1))
    page = client_as("h1.head").get(f"/workpoints/rosters/file/{HOSPITAL}/N1/2026-W27").get_data(as_text=True)
    assert 'name="d.0002.2026-07-01"' in page
    assert 'name="d.0002.2026-06-30"' not in page
