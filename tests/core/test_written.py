from __future__ import annotations

import pytest

from alliance.core.written import whole


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", 0), ("7", 7), ("007", 7), ("999999999", 999_999_999), ("1000000000", None), ("9" * 5000, None),
        ("", None), (None, None), ("-1", None), ("1.0", None), (" 1", None), ("１", None), ("²", None), ("abc", None),
    ],
)  # fmt: skip
def test_a_whole_number_is_read_when_any_database_holds_it(text: str | None, number: int | None) -> None:
    assert whole(text) == number
