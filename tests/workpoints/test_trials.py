"""A scheme on trial: what it would have given in past months, beside what the scheme in force gives."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask

from alliance.audit import queries as audit
from alliance.core.refused import NotFound, Refused
from alliance.workpoints import queries, services
from alliance.workpoints.rules.trials import Compared, balance, in_order
from alliance.workpoints.volume.partitions import Partitions
from tests.conftest import Client, run_jobs
from tests.small import by
from tests.workpoints.small_bonus import HOSPITAL, scheme_data
from tests.workpoints.test_runs import MONTH, computed, day, prepared

OFFICE = by("h1.bonus")
SignIn = Callable[[str], Client]
TRY, READ = f"/workpoints/schemes/try/{HOSPITAL}/BONUS/2", f"/workpoints/trials/read/{HOSPITAL}"


def drafted(**tables: object) -> None:
    services.import_scheme(1, HOSPITAL, scheme_data(**tables), by=OFFICE, now=day(3))


def tried(months: tuple[str, ...] = (MONTH,)) -> queries.TrialInfo:
    number = services.try_scheme(
        1, HOSPITAL, "BONUS", 2, months, Partitions(Path("/nonexistent")), by=OFFICE, now=day(4)
    )
    found = queries.trial_info(1, HOSPITAL, number)
    assert found is not None
    return found


@pytest.fixture
def month(inside: Flask) -> int:
    """A month with a run; its scheme pays a night with 280 yuan."""
    return computed(prepared(1))


def test_who_has_ten_nights_wins_ten_times_what_a_night_is_raised_by(month: int) -> None:
    drafted(night=[{"shift": "N1", "rate": "300", "from": "2026-01-01"}])
    found = tried()
    changes = {one.code: one.change for one in found.persons}
    assert changes == {"0001": 0, "0002": 10 * 20_00, "0003": 0}
    assert all(one.change == 0 for one in found.units)
    assert found.unit_of == {"0001": "D1-1", "0002": "N1", "0003": "N1"}
    assert (balance(found.persons).winners, balance(found.persons).others) == (1, 2)


def test_a_month_that_is_chosen_twice_counts_once(month: int) -> None:
    drafted(night=[{"shift": "N1", "rate": "300", "from": "2026-01-01"}])
    assert {one.code: one.change for one in tried((MONTH, MONTH)).persons}["0002"] == 10 * 20_00


def test_rates_that_begin_with_the_scheme_are_tried_on_months_before_it(month: int) -> None:
    drafted(scheme={"valid_from": "2027-01-01"}, night=[{"shift": "N1", "rate": "300", "from": "2027-01-01"}])
    assert {one.code: one.change for one in tried().persons}["0002"] == 10 * 20_00


def test_a_version_that_changes_nothing_gives_what_the_run_gave(month: int) -> None:
    drafted(night=[{"shift": "N1", "rate": "280", "from": "2026-01-01"}])
    found = tried()
    assert {one.code: one.after for one in found.units} == {
        code: unit.bonus for code, unit in queries.bonus_units(month).items()
    }
    assert all(one.change == 0 for one in (*found.units, *found.persons))
    shares = queries.bonus_shares(month, "D1-1")
    assert [one.after for one in found.persons if one.code == "0001"] == [one.amount for one in shares]


def test_a_version_that_shares_the_whole_pool_gives_all_of_it_to_units_and_persons(month: int) -> None:
    night = [{"shift": "N1", "rate": "280", "from": "2026-01-01"}]
    drafted(first={"model": "driver", "closing": "exact"}, drivers={"establishment": 100}, night=night)
    found = tried()
    run = queries.bonus_run(1, HOSPITAL, MONTH)
    assert run is not None
    assert sum(one.after for one in found.units) == run.pool
    assert sum(one.after for one in found.persons) == run.pool + 10 * 280_00
    assert {one.code for one in found.units if one.before != one.after} == {"D1-1", "N1"}


def test_a_trial_changes_no_run_and_leaves_an_event_without_amounts(month: int) -> None:
    drafted()
    runs = queries.bonus_runs(1, HOSPITAL)
    tried()
    assert queries.bonus_runs(1, HOSPITAL) == runs
    events = audit.events_on(1, [f"bonusscheme:{HOSPITAL}/BONUS/2"])
    (event,) = (one for one in events if one.act == "workpoints:scheme:try")
    assert set(event.detail) == {"trial", "months", "sha256"}


def test_what_cannot_be_tried_is_refused(month: int) -> None:
    drafted()
    with pytest.raises(Refused, match="at least one month"):
        services.queue_trial(1, HOSPITAL, "BONUS", 2, [], by=OFFICE, now=day(4))
    with pytest.raises(Refused, match="2026-05 has no run"):
        services.queue_trial(1, HOSPITAL, "BONUS", 2, ["2026-05"], by=OFFICE, now=day(4))
    with pytest.raises(NotFound):
        services.queue_trial(1, HOSPITAL, "BONUS", 9, [MONTH], by=OFFICE, now=day(4))


def test_a_trial_of_a_month_that_cannot_be_computed_says_what_is_missing(month: int) -> None:
    drafted(first={"model": "point", "closing": "exact"})
    with pytest.raises(Refused) as refused:
        tried()
    assert "points" in str(refused.value)


def test_the_office_tries_a_draft_and_the_director_reads_who_loses(app: Flask, client_as: SignIn) -> None:
    with app.app_context():
        computed(prepared(1))
        drafted(night=[{"shift": "N1", "rate": "180", "from": "2026-01-01"}])
    office = client_as("h1.bonus")
    assert TRY in office.get("/workpoints/schemes/read/H1/BONUS/2").text
    answer = office.post(TRY, data={"csrf_token": office.token(TRY), "months": [MONTH]})
    assert answer.status_code == 302
    assert "/work/jobs/read/" in answer.location
    assert run_jobs(app) == 1
    with app.app_context():
        (trial,) = queries.trials(1, HOSPITAL, "H1/BONUS/2")
    director = client_as("h1.lead")
    assert f"{READ}/{trial.number}" in director.get("/workpoints/schemes/read/H1/BONUS/2").text
    page = director.get(f"{READ}/{trial.number}").text
    assert "−1,000.00" in page
    assert "0002" in page
    assert "0001" not in director.get(f"{READ}/{trial.number}?unit=N1").text
    assert director.get(TRY).status_code == 403
    with app.app_context():
        drafted(night=[{"shift": "N1", "rate": "181", "from": "2026-01-01"}])
    assert "草案已有改动" in director.get(f"{READ}/{trial.number}").text


def test_who_loses_most_stands_first() -> None:
    rows = in_order([Compared("A", 100, 90), Compared("B", 100, 150), Compared("C", 0, 5), Compared("D", 200, 190)])
    assert [one.code for one in rows] == ["A", "D", "C", "B"]
    assert [str(one.percent) for one in rows] == ["-10.0", "-5.0", "None", "50.0"]
