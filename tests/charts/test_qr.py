"""The QR code of a key: it says what it is, has its white border, and refuses what does not fit."""

from __future__ import annotations

import re

import pytest

from alliance.charts.qr import svg

FINDER = ["1111111", "1000001", "1011101", "1011101", "1011101", "1000001", "1111111"]


def drawn(picture: str) -> list[str]:
    """The modules inside the white border, row by row."""
    side = int(re.findall(r'viewBox="0 0 (\d+) ', picture)[0])
    runs = re.findall(r"M(\d+) (\d+)h(\d+)v1h-\3z", picture)
    dark = {(int(y), int(x) + more) for x, y, wide in runs for more in range(int(wide))}
    return ["".join("1" if (y, x) in dark else "0" for x in range(4, side - 4)) for y in range(4, side - 4)]


@pytest.mark.parametrize(("length", "side"), [(14, 21), (26, 25), (62, 33), (106, 41), (213, 57)])
def test_a_code_has_the_size_of_its_text_and_its_three_corners(length: int, side: int) -> None:
    rows = drawn(svg(("0123456789abcdefghijklmnopqrstuvwxyz" * 6)[:length], "key"))
    assert len(rows) == side
    for part in (rows[:7], [row[-7:] for row in rows[:7]], rows[-7:]):
        assert [row[:7] for row in part] == FINDER


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match=r"does not fit|too large|Data"):
        svg("x" * 5000, "key")


def test_the_picture_says_what_it_is_and_has_white_around_it() -> None:
    picture = svg("a", 'key "1"')
    assert 'viewBox="0 0 29 29"' in picture
    assert 'aria-label="key &#34;1&#34;"' in picture
    assert "M4 4h7v1h-7z" in picture
