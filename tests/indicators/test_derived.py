"""Readings derived from cases: what feeds them, the cases that were counted, corrections of closed months."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask

from alliance.core.period import Period
from alliance.core.refused import Refused
from alliance.indicators import queries, services
from alliance.indicators.rules.derived import (
    DERIVED,
    Derivation,
    Feed,
    Share,
    corrections,
    held,
    is_fed,
    value_of,
)
from alliance.indicators.rules.filing import Progress
from alliance.jobs import timed
from alliance.registers import queries as registers
from alliance.registers import services as cases
from tests.small import at, by, entry, readings

MONTH = "2026-04"
SOON = at(7, 5)
EXTRA: dict[str, Any] = {
    "library": {"code": "extra", "name_zh": "补充库", "name_en": "Extra library"},
    "dimension": [{"code": "collaboration", "name_zh": "协同程度", "name_en": "Collaboration"}],
    "element": [
        {"code": "E058", "name_zh": "专家下沉半日人次", "name_en": "Expert visits", "mode": "register",
         "tiers": ["tertiary"]},
        {"code": "E062", "name_zh": "派驻骨干医生人数", "name_en": "Key doctors posted", "mode": "register",
         "tiers": ["tertiary"], "aggregation": "stock"},
    ],
}  # fmt: skip


def share(case: str, quantity: str = "1", month: str = MONTH, person: str = "") -> Share:
    return Share(month, "visit.half_days", case, person, Decimal(quantity))


def test_every_element_that_is_derived_rests_on_measures_that_a_register_counts() -> None:
    shipped = {one["code"] for name in queries.SHIPPED for one in queries.shipped_library(name)["element"]}
    assert set(DERIVED) <= shipped
    assert {measure for one in DERIVED.values() for measure in one.measures} <= set(registers.MEASURES)


def test_the_feed_that_was_set_last_for_the_latest_month_holds() -> None:
    feeds = [Feed("E1", "2026-01", True), Feed("E1", "2026-04", False), Feed("E1", "2026-04", True)]
    assert [is_fed(feeds, "E1", month) for month in ("2025-12", "2026-01", "2026-03", "2026-04")] == [
        False, True, True, True,
    ]  # fmt: skip
    assert not is_fed(feeds[:2], "E1", "2026-05")
    assert not is_fed(feeds, "E2", "2026-05")


def test_a_later_month_owes_what_became_known_and_what_was_taken_back() -> None:
    known = [share("visit/1"), share("visit/3", "2"), share("visit/4", "3")]
    kept = [share("visit/1"), share("visit/2"), share("visit/4", "5")]
    assert {one.case: str(one.quantity) for one in corrections(known, kept)} == {
        "visit/2": "-1", "visit/3": "2", "visit/4": "-2",
    }  # fmt: skip
    assert corrections(known, known) == []


def test_a_figure_is_never_under_nought_and_the_rest_stays_owed() -> None:
    shares = [share("visit/1"), share("visit/2", "-3", "2026-03")]
    assert [str(one.quantity) for one in held(shares)] == ["1", "-1"]
    assert held(shares[:1]) == shares[:1]


def test_persons_are_counted_who_reach_a_sum() -> None:
    rule = Derivation(("posting.days",), 12, Decimal(183))
    shares = [share("a", "100", person="1"), share("b", "83", person="1"), share("c", "182", person="2")]
    assert value_of(rule, shares) == 1


def shares_of(measure: str, *months: str) -> list[Share]:
    return [
        Share(one.month, one.measure, one.case, one.person, one.quantity)
        for one in registers.counted(1, months, {measure})
    ]


@pytest.mark.usefixtures("inside")
def test_weeks_with_four_visits_are_counted_in_the_month_of_their_sunday() -> None:
    """The week from Monday 30 March to Sunday 5 April 2026 belongs to April, that from 27 April to May."""
    for day, half in (("2026-03-30", "am"), ("2026-03-30", "pm"), ("2026-03-31", "am"), ("2026-03-31", "pm")):
        visit(1, day, half)
    for day in ("2026-04-07", "2026-04-08", "2026-04-27"):
        visit(1, day)
    shares = shares_of("visit.in_week", "2026-04")
    assert sorted({(one.month, one.person) for one in shares}) == [("2026-04", "2026-W14"), ("2026-04", "2026-W15")]
    assert value_of(DERIVED["E060"], shares) == 1
    assert shares_of("visit.in_week", "2026-03") == []
    # A week is nobody's work: persons are counted without it.
    found = registers.person_counts(1, "H1", 2026)
    assert [one.person for one in found] == ["0001"]
    assert "visit.in_week" not in found[0].sums


@pytest.mark.usefixtures("inside")
def test_doctors_with_forty_hours_of_training_within_twelve_months_count_once() -> None:
    trained = [
        ("2025-05-10", "20", "甲 乙"),
        ("2026-04-03", "20", "甲"),
        ("2026-04-04", "24", ""),
        ("2025-04-30", "24", "乙"),
    ]
    for order, (day, hours, doctors) in enumerate(trained):
        given = {
            "giver": "H2", "receiver": "C1", "teacher": "丙", "day": day, "mode": "online", "topic": f"{order}",
            "hours": hours, "attendees": "5", "doctors": doctors,
        }  # fmt: skip
        number = cases.file_case(1, "training", "C1", given, by=by("c1.reporter"), now=at(6, 5))
        cases.confirm_case(1, "training", [number], by=by("h2.lead"), now=at(6, 5))
    assert DERIVED["E066"].window == 12
    year = [Period.parse("2026-04").back(count).code for count in range(12)]
    shares = shares_of("training.hours_attended", *year)
    assert sorted((one.person, str(one.quantity)) for one in shares) == [("乙", "20"), ("甲", "20"), ("甲", "20")]
    assert value_of(DERIVED["E066"], shares) == 1


@pytest.mark.usefixtures("inside")
def test_devices_are_counted_that_another_member_used_within_three_months() -> None:
    used = [("ct-01", "02-03", "2"), ("CT-01", "04-03", "1.5"), ("MR-02", "03-09", "0"), ("MR-03", "01-09", "1")]
    for order, (device, day, hours) in enumerate(used):
        given = {
            "giver": "H1", "receiver": "C1", "device": device, "name": "CT", "day": f"2026-{day}", "booked": "2",
            "used": hours, "record": f"B{order}",
        }  # fmt: skip
        number = cases.file_case(1, "equipment", "C1", given, by=by("c1.reporter"), now=at(6, 5))
        cases.confirm_case(1, "equipment", [number], by=by("h1.lead"), now=at(6, 5))
    assert DERIVED["E072"].window == 3
    assert value_of(DERIVED["E072"], shares_of("equipment.devices", "2026-02", "2026-03", "2026-04")) == 1


@pytest.fixture
def alliance(inside: Flask) -> int:
    services.load_library(1, EXTRA, by=by("office"), now=at(2, 5))
    return 1


def visit(alliance: int, day: str, half: str = "am", *, confirmed: bool = True) -> int:
    given = {
        "giver": "H1", "receiver": "C1", "expert": "0001", "rank": "chief", "day": day,
        "half": "morning" if half == "am" else "afternoon", "hours": "4", "patients": "10", "specialty": "内科",
    }  # fmt: skip
    number = cases.file_case(alliance, "visit", "C1", given, by=by("c1.reporter"), now=at(6, 5))
    if confirmed:
        cases.confirm_case(alliance, "visit", [number], by=by("h1.lead"), now=at(6, 5))
    return number


def derive(alliance: int, month: str = MONTH, now: datetime = SOON) -> int:
    return services.derive_reading(alliance, month, by=by("office"), now=now)


def feed(alliance: int, month: str = MONTH, derived: bool = True) -> None:
    services.set_feed(alliance, "E058", month, derived, by=by("office"), now=at(6, 5))


def stands(alliance: int, month: str = MONTH) -> tuple[int, str, str]:
    one = queries.readings(alliance, month, "H1")["E058"]
    return one.revision, str(one.value), one.origin


def test_nothing_is_derived_before_it_is_switched_on(alliance: int) -> None:
    visit(alliance, "2026-04-07")
    assert derive(alliance) == 0
    feed(alliance, "2026-05")
    assert derive(alliance) == 0
    feed(alliance)
    assert derive(alliance) == 1
    assert stands(alliance) == (1, "1", "captured")
    feed(alliance, derived=False)
    visit(alliance, "2026-04-08")
    assert derive(alliance) == 0


def test_a_derived_reading_keeps_its_cases_and_changes_with_them(alliance: int) -> None:
    feed(alliance)
    numbers = [visit(alliance, "2026-04-07"), visit(alliance, "2026-04-07", "pm")]
    visit(alliance, "2026-04-08", confirmed=False)
    assert derive(alliance) == 1
    assert derive(alliance) == 0
    found = queries.counted_shares(alliance, MONTH, "H1", "E058", 1)
    assert [one.case for one in found] == [f"visit/{number}" for number in numbers]
    cases.withdraw_case(alliance, "visit", numbers[0], "当日改期，未实际到场", by=by("c1.reporter"), now=at(7, 5))
    other = visit(alliance, "2026-04-09")
    assert derive(alliance) == 1  # the sum is the same, the cases are others
    assert stands(alliance) == (2, "2", "captured")
    assert queries.counted_number(alliance, MONTH, "H1", "E058", 1) == 2
    assert {one.case for one in queries.counted_shares(alliance, MONTH, "H1", "E058", 2)} == {
        f"visit/{numbers[1]}", f"visit/{other}",
    }  # fmt: skip


def test_no_case_is_nought_and_a_clerk_does_not_overtype_it(alliance: int) -> None:
    feed(alliance)
    derive(alliance)
    assert stands(alliance) == (1, "0", "captured")
    with pytest.raises(Refused, match="captured at its source"):
        services.file_reading(
            alliance, MONTH, "H1", {"E058": (entry("9"), 1)}, "", by=by("h1.reporter"), now=at(7, 5)
        )  # fmt: skip


def test_a_signature_falls_with_a_derived_value(alliance: int) -> None:
    feed(alliance)
    derive(alliance)
    values = {code: (entry(value), 0) for code, value in {**readings("H1", MONTH), "E062": "3"}.items()}
    services.file_reading(alliance, MONTH, "H1", values, "doc", by=by("h1.reporter"), now=at(7, 5))
    services.sign_submission(alliance, MONTH, ["H1"], by=by("h1.lead"), now=at(8, 5))
    visit(alliance, "2026-04-07")
    derive(alliance, now=at(8, 5))
    found = queries.submission(alliance, MONTH, "H1")
    assert found is not None
    assert found.state is Progress.DRAFT


def submit(alliance: int, month: str, now: datetime) -> None:
    values = {code: (entry(value), 0) for code, value in {**readings("H1", month), "E062": "3"}.items()}
    services.file_reading(alliance, month, "H1", values, "doc", by=by("h1.reporter"), now=now)
    services.sign_submission(alliance, month, ["H1"], by=by("h1.lead"), now=now)
    services.submit_submission(alliance, month, ["H1"], by=by("h1.lead"), now=now)


def test_what_is_known_after_a_month_was_handed_in_enters_the_next_as_a_correction(alliance: int) -> None:
    feed(alliance)
    first, second = visit(alliance, "2026-04-07"), visit(alliance, "2026-04-08")
    late = visit(alliance, "2026-04-09", confirmed=False)
    derive(alliance)
    submit(alliance, MONTH, at(8, 5))
    cases.confirm_case(alliance, "visit", [late], by=by("h1.lead"), now=at(9, 5))
    cases.dispute_case(alliance, "visit", second, "当日专家未到现场，请核对", by=by("h1.lead"), now=at(9, 5))
    visit_again = visit(alliance, "2026-04-07", "pm")
    assert derive(alliance, now=at(9, 5)) == 0  # handed in: it stays as it is
    assert stands(alliance) == (1, "2", "captured")
    services.open_period(alliance, "2026-05", at(1, 7), by=by("office"), now=at(1, 6))
    assert derive(alliance, "2026-05", at(2, 6)) == 1
    assert stands(alliance, "2026-05") == (1, "1", "captured")
    found = queries.counted_shares(alliance, "2026-05", "H1", "E058", 1)
    assert {(one.month, one.case): str(one.quantity) for one in found} == {
        (MONTH, f"visit/{second}"): "-1", (MONTH, f"visit/{late}"): "1", (MONTH, f"visit/{visit_again}"): "1",
    }  # fmt: skip
    assert first
    submit(alliance, "2026-05", at(3, 6))
    services.open_period(alliance, "2026-06", at(1, 8), by=by("office"), now=at(1, 7))
    assert derive(alliance, "2026-06", at(2, 7)) == 1
    assert stands(alliance, "2026-06") == (1, "0", "captured")  # what was corrected is not corrected again


def test_a_month_that_is_over_for_filing_is_not_derived(alliance: int) -> None:
    feed(alliance)
    visit(alliance, "2026-04-07")
    assert derive(alliance, now=at(1, 6) + timedelta(days=1)) == 0
    with pytest.raises(Refused, match="not open"):
        derive(alliance, "2026-09")
    with pytest.raises(Refused, match="not open"):
        derive(alliance, "2026Q2")


def test_who_reached_half_a_year_is_a_stock_over_twelve_months(alliance: int) -> None:
    services.set_feed(alliance, "E062", MONTH, True, by=by("office"), now=at(6, 5))
    given = {"giver": "H1", "receiver": "C1", "person": "0001", "rank": "attending", "form": "full_time",
             "start": "2026-01-01", "until": "2026-07-02"}  # fmt: skip
    number = cases.file_case(alliance, "posting", "H1", given, by=by("h1.reporter"), now=at(6, 5))
    cases.confirm_case(alliance, "posting", [number], by=by("c1.lead"), now=at(6, 5))
    derive(alliance)
    assert queries.readings(alliance, MONTH, "H1")["E062"].value == 0
    services.open_period(alliance, "2026-06", at(1, 8), by=by("office"), now=at(1, 7))
    services.open_period(alliance, "2026-07", at(1, 9), by=by("office"), now=at(1, 8))
    derive(alliance, "2026-06", at(2, 7))
    derive(alliance, "2026-07", at(2, 8))
    assert queries.readings(alliance, "2026-06", "H1")["E062"].value == 0
    assert queries.readings(alliance, "2026-07", "H1")["E062"].value == 1


def test_only_what_a_register_feeds_is_switched_on(alliance: int) -> None:
    for element, month in (("E1", MONTH), ("E063", MONTH), ("E058", "2026Q2")):
        with pytest.raises(Refused):
            services.set_feed(alliance, element, month, True, by=by("office"), now=at(6, 5))


def test_the_nightly_task_derives_the_open_months_the_oldest_first(alliance: int) -> None:
    feed(alliance)
    visit(alliance, "2026-04-07")
    services.open_period(alliance, "2026-05", at(1, 7), by=by("office"), now=at(10, 5))
    timed.derive_readings(at(10, 5))
    assert stands(alliance) == (1, "1", "captured")
    assert stands(alliance, "2026-05") == (1, "0", "captured")
    timed.derive_readings(at(11, 5))
    assert stands(alliance) == (1, "1", "captured")
