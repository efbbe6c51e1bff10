from __future__ import annotations

import pytest

from alliance.core.written import unseparated, whole


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
