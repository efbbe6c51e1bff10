"""QR codes: drawn as other encoders draw them, and read by readers (checked with two independent ones when made)."""

from __future__ import annotations

import hashlib

import pytest

from alliance.charts.qr import modules, svg


def drawn(text: str) -> str:
    return "\n".join("".join("#" if on else "." for on in row) for row in modules(text))


SMALL = """#######.##..#.#######
#.....#...#.#.#.....#
#.###.#..#.##.#.###.#
#.###.#.####..#.###.#
#.###.#.###.#.#.###.#
#.....#.####..#.....#
#######.#.#.#.#######
........#..##........
#...#.###..#.#####..#
.#.#.#.##.###....##..
####.#######..####.#.
..##.#..###..####..##
.#.####.....###.##...
........#...###.#.##.
#######.#.#.##..##.#.
#.....#....##..##..##
#.###.#.#..#..##....#
#.###.#..####..##.###
#.###.#..#.#..#.#....
#.....#..##..##.#....
#######.#.#.####.#..#"""


def test_a_small_code_is_drawn_to_the_last_module() -> None:
    assert drawn("otpauth") == SMALL


@pytest.mark.parametrize(
    ("length", "side", "digest"),
    [
        (14, 21, "776b93b5085fa2a1"),
        (26, 25, "e91070965f2bba16"),
        (42, 29, "7544022783bc7e75"),
        (62, 33, "3602120f0f56ddf3"),
        (84, 37, "ea4de0941c26d744"),
        (106, 41, "6c84a632a9bb8ba2"),
        (122, 45, "6e513b689211b41b"),
        (152, 49, "5683ae231900d295"),
        (180, 53, "d9c5c28f7bd5a8d4"),
        (213, 57, "86f8905e6e86db6e"),
    ],
)
def test_codes_of_every_size_stay_as_they_were_checked(length: int, side: int, digest: str) -> None:
    rows = drawn(("0123456789abcdefghijklmnopqrstuvwxyz" * 6)[:length])
    assert len(rows.split("\n")) == side
    assert hashlib.sha256(rows.encode()).hexdigest()[:16] == digest


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="214 bytes"):
        modules("x" * 214)


def test_the_picture_says_what_it_is_and_has_white_around_it() -> None:
    picture = svg("a", 'key "1"')
    assert 'viewBox="0 0 29 29"' in picture
    assert 'aria-label="key &#34;1&#34;"' in picture
    assert "M4 4h1v1h-1z" in picture
