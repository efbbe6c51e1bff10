from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from alliance.core.written import narrow, number_of, read_day, read_toml, unseparated, whole


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", 0), ("7", 7), ("007", 7), ("999999999", 999_999_999), ("1000000000", None), ("9" * 5000, None),
        ("", None), (None, None), ("-1", None), ("1.0", None), (" 1", None), ("１", None), ("²", None), ("abc", None),
    ],
)  # fmt: skip
def test_a_whole_number_is_read_when_any_database_holds_it(text: str | None, number: int | None) -> None:
    assert whole(text) == number


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("1,234.50", "1234.50"), ("-12,345,678", "-12345678"), ("1234.5", "1234.5"), ("12,50", "12,50"),
        ("1,2,3", "1,2,3"), ("1234,567", "1234,567"), ("0.123,456", "0.123,456"), (",", ","), ("", ""),
    ],
)  # fmt: skip
def test_separators_go_where_they_part_thousands(text: str, plain: str) -> None:
    assert unseparated(text) == plain


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1,234.50", "1234.50"), ("-0.05", "-0.05"), ("1e3", None), ("9999999999999999", "9999999999999999"),
        ("1e16", None), ("1e-99999999", None), ("1e99999999", None), ("0e99999999", None), ("NaN", None),
        ("１，２３４．５０", "1234.50"), ("−5", "-5"), ("–5", "-5"), ("5²", None), ("⑤", None), ("５₂", None),
        ("-Infinity", None), ("12,50", None), ("", None), ("9" * 5000, None), (f"0.{'1' * 31}", None),
    ],
)  # fmt: skip
def test_a_number_is_of_a_size_that_anybody_writes(text: str, number: str | None) -> None:
    """1e-99999999 is eleven letters and, written out, a hundred megabytes of noughts."""
    assert number_of(text) == (None if number is None else Decimal(number))


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-01-31", "2026-01-31"), ("2026/1/5", "2026-01-05"), ("2026.1.5", "2026-01-05"),
        ("2026年9月6日", "2026-09-06"), ("２０２６－０１－３１", "2026-01-31"), (" 2026-01-31 00:00:00 ", "2026-01-31"),
        ("2026-01-31T08:15", "2026-01-31"), ("2026-02-30", None), ("2026-1-151", None), ("2026-01-31 Monday", None),
        ("20260131", None), ("2026-W39-4", None), ("31.01.2026", None), ("46053", None), ("", None),
    ],
)  # fmt: skip
def test_a_day_is_read_as_people_write_it(text: str, day: str | None) -> None:
    """Of 2026-1-151 nobody knows which day it is."""
    assert read_day(text) == (None if day is None else date.fromisoformat(day))


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("１，２３４．５０", "1,234.50"), ("－５", "-5"), ("−5", "-5"), ("1\u202f234", "1 234"),
        ("５０％", "50%"), ("不适用", "不适用"), ("5²", "5²"), ("37①", "37①"), ("37⑴", "37⑴"),
        ("½", "½"), ("٣", "٣"), ("", ""),
    ],
)  # fmt: skip
def test_wide_figures_become_narrow_and_marks_of_notes_no_figures(text: str, plain: str) -> None:
    """The mark of a footnote beside a number is none of its digits: 37① is not 371."""
    assert narrow(text) == plain


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("a = [1", "Unclosed array"),
        (f"a = {'9' * 6000}", "a whole number that nobody writes"),
        (f"a = [0x{'f' * 6000}]", "a whole number that nobody writes"),
        (f"a = {'[' * 3000}{']' * 3000}", "inside each other"),
        (f"a{'.a' * 3000} = 1", "inside each other"),
        (r'a = { b = ["\u0000"] }', "a sign that no text has"),
        (r'"a\u0000" = 1', "a sign that no text has"),
    ],
)
def test_what_nobody_writes_in_toml_is_told_and_breaks_nothing(text: str, fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        read_toml(text)


def test_a_number_of_toml_is_exact_or_none() -> None:
    found = read_toml("a = 0.1\nb = 1e-99999999\nc = inf\nd = { e = [1, 2] }")
    assert (found["a"], found["d"]) == (Decimal("0.1"), {"e": [1, 2]})
    assert found["b"].is_nan()
    assert found["c"].is_nan()
