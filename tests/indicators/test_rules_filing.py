from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alliance.core.figure import State, canonical
from alliance.core.refused import Refused
from alliance.indicators.rules.definitions import Element, Words
from alliance.indicators.rules.filing import (
    BLANK,
    STEPS,
    Progress,
    check_acceptance,
    check_open,
    check_step,
    default_due,
    read_value,
)

D = Decimal
COUNT = Element("A", Words("人次", "visits"), Words("人次", "visits"), minimum=D(0))
RATE = Element("B", Words("率", "rate"), Words("%", "%"), places=2, minimum=D(-50), maximum=D(50))


def entry(text, element=COUNT):
    problems = []
    return read_value(text, element, problems, "row 1"), problems


@pytest.mark.parametrize(
    ("text", "element", "value"),
    [
        ("0", COUNT, "0"), ("-0", COUNT, "0"), ("1234", COUNT, "1234"), ("1,234,567", COUNT, "1234567"),
        ("1 234", COUNT, "1234"), ("１，２３４", COUNT, "1234"), (" 12 ", COUNT, "12"), ("12.00", COUNT, "12"),
        ("1.2E+3", COUNT, "1200"), ("12.", COUNT, "12"), ("+3", COUNT, "3"), (".5", RATE, "0.5"), ("50", RATE, "50"),
        ("8.98%", RATE, "8.98"), ("８.９８％", RATE, "8.98"), ("-1.5 %", RATE, "-1.5"), ("−1.5", RATE, "-1.5"),
        ("-50", RATE, "-50"),
    ],
)  # fmt: skip
def test_numbers_as_people_write_them(text, element, value):
    found, problems = entry(text, element)
    assert (problems, found.text, found.state) == ([], value, State.VALUE)


@pytest.mark.parametrize("text", ["不适用", "n/a", " N/A ", "NA", "ｎ／ａ", "Not applicable"])
def test_not_applicable_is_said_in_words(text):
    found, problems = entry(text)
    assert (problems, found.value, found.state) == ([], None, State.NOT_APPLICABLE)


@pytest.mark.parametrize("text", ["", "  ", "\t", "　"])
def test_blank_is_missing(text):
    assert entry(text) == (BLANK, [])


@pytest.mark.parametrize(
    ("text", "element", "reason"),
    [
        ("twelve", COUNT, "is not a number"), ("12%", COUNT, "is not a number"), ("1_000", COUNT, "is not a number"),
        ("1,5", COUNT, "is not a number"), ("12,34", COUNT, "is not a number"), ("1 2", COUNT, "is not a number"),
        ("--1", COUNT, "is not a number"), ("1e", COUNT, "is not a number"), (".", COUNT, "is not a number"),
        ("NaN", COUNT, "is not a number"), ("Infinity", COUNT, "is not a number"), ("0x10", COUNT, "is not a number"),
        ("٣", COUNT, "is not a number"),
        ("5²", COUNT, "is not a number"), ("37①", COUNT, "is not a number"), ("%", RATE, "is not a number"),
        ("1e99", COUNT, "more digits"),
        ("1" * 25, COUNT, "more digits"), ("0." + "1" * 25, RATE, "more digits"), ("12.5", COUNT, "1 decimal places"),
        ("8.981", RATE, "3 decimal places"), ("-1", COUNT, "least possible value 0"),
        ("-50.01", RATE, "least possible value -50"), ("50.01", RATE, "greatest possible value 50"),
    ],
)  # fmt: skip
def test_what_is_no_value_is_told_with_its_place(text, element, reason):
    found, problems = entry(text, element)
    assert found == BLANK
    assert [(one.where, one.value) for one in problems] == [("row 1", text)]
    assert reason in problems[0].message % problems[0].numbers


def test_all_that_is_wrong_with_a_value_is_told():
    _, problems = entry("-1.5")
    assert len(problems) == 2


@given(st.decimals(-50, 50, places=2))
def test_every_value_that_fits_is_read_as_it_is(value):
    for text in (str(value), canonical(value), f"{value:,}", f"{value}%"):
        found, problems = entry(text, RATE)
        assert (problems, found.value) == ([], value)


@given(st.text(max_size=12))
def test_no_text_breaks_the_reading(text):
    found, problems = entry(text, RATE)
    assert found == BLANK or not problems


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("progress", Progress)
def test_steps_go_one_way(step, progress):
    if progress in STEPS[step]:
        check_step(step, progress, "C01")
    else:
        with pytest.raises(Refused, match="C01"):
            check_step(step, progress, "C01")


@pytest.mark.parametrize(
    ("step", "progress", "reason"),
    [
        ("file", Progress.ACCEPTED, "locked"),
        ("file", Progress.SUBMITTED, "under review"),
        ("sign", Progress.OPEN, "nothing to sign"),
        ("submit", Progress.DRAFT, "must be signed"),
        ("accept", Progress.SIGNED, "has not submitted"),
    ],
)
def test_a_refused_step_says_why(step, progress, reason):
    with pytest.raises(Refused, match=reason):
        check_step(step, progress, "C01")


def test_nobody_accepts_the_figures_of_the_own_house_or_of_the_own_hand():
    check_acceptance("C01", "", "office", {"clerk", "lead"})
    check_acceptance("C01", "H01", "office", {"clerk", "lead"})
    with pytest.raises(Refused, match="employed by C01"):
        check_acceptance("C01", "C01", "office", set())
    with pytest.raises(Refused, match="another person"):
        check_acceptance("C01", "H01", "lead", {"clerk", "lead"})


def test_one_minute_late_is_late():
    due = default_due(datetime(2026, 4, 1, tzinfo=UTC), 8)
    assert due == datetime(2026, 4, 9, tzinfo=UTC)
    check_open(due, datetime(2026, 4, 8, 23, 59, tzinfo=UTC), "2026-03")
    with pytest.raises(Refused, match="performance office"):
        check_open(due, due, "2026-03")
