"""How wide a label will be, and where it may be broken into lines."""

from __future__ import annotations

from functools import lru_cache
from itertools import accumulate, pairwise
from unicodedata import combining, east_asian_width

SIZE = 13.0  # of ordinary labels, in user units
SMALL = 11.5  # of ticks, units and notes
TINY = 9.5  # of the numbers in narrow cells
LEADING = 1.2  # from line to line, in sizes

# Advance widths in ems, of Noto Sans CJK SC and of Arial the wider: a fallback font must not overflow.
_WIDTHS = {
    0.30: "',.:;Iijl| ",
    0.35: "!()-[]f{}",
    0.40: "/\\rt",
    0.50: '"*csxz',
    0.56: "#$0123456789?JL^_ekvy–−°",
    0.60: "+<=>`aghnou~",
    0.65: "FTZbdpq",
    0.70: "&ABEKPSVXY",
    0.75: "CDHNRU",
    0.80: "GOQw",
    0.85: "M",
    0.95: "%Wm",
    1.05: "@",
}
_ADVANCE = {character: width for width, characters in _WIDTHS.items() for character in characters}
_SPACING = 0.125  # between an ideograph and a letter or digit, where a browser spaces them
_BOLDER = 1.08  # Latin letters only: an ideograph is as wide in bold

_NEVER_FIRST = "、，。；：？！）》」』】〕”’%…·,.;:?!)]}"
_NEVER_LAST = "（《「『【〔“‘([{"
# A hospital's name reads best when it is broken after the institution that it belongs to.
_WHOLE = ("医院", "集团", "中心", "公司", "分院", "院区", "大学", "Hospital", "、", "，", "）", ")", ",")
_TORN = 0.4  # what a break elsewhere costs, beside the unevenness of the lines


@lru_cache(maxsize=4096)
def width_of(text: str, size: float = SIZE, *, bold: bool = False) -> float:
    """The width of one line in user units, on the wide side."""
    spaces = sum(_is_spaced(before, after) for before, after in pairwise(text))
    return (sum(_ems(character, bold) for character in text) + spaces * _SPACING) * size


@lru_cache(maxsize=4096)
def wrap(text: str, room: float, size: float = SIZE, *, bold: bool = False) -> tuple[str, ...]:
    """The label in as few lines as fit the room, the lines as even as can be; nothing is left out."""
    label = " ".join(text.split())
    if not label or width_of(label, size, bold=bold) <= room:
        return (label,) if label else ()
    pieces = [part for piece in _pieces(label) for part in _cut(piece, room / size, bold)]
    return tuple("".join(pieces[start:end]).strip() for start, end in _lines(pieces, room / size, bold))


def least_room(text: str, size: float = SIZE, *, bold: bool = False) -> float:
    """The width of the longest part that should stay in one piece, in user units."""
    return max((width_of(piece.strip(), size, bold=bold) for piece in _pieces(text)), default=0)


def _ems(character: str, bold: bool) -> float:
    if combining(character):
        return 0
    if character not in _ADVANCE and east_asian_width(character) in "WFA":
        return 1
    return _ADVANCE.get(character, 0.62) * (_BOLDER if bold else 1)


def _is_spaced(before: str, after: str) -> bool:
    """Whether a browser may set a little space between two characters: of 2026年第1季度 three times."""
    return before.isalnum() and after.isalnum() and _is_wide(before) != _is_wide(after)


def _pieces(label: str) -> list[str]:
    """What stays together: words with the space after them, ideographs with their punctuation."""
    pieces = [label[:1]]
    for before, after in pairwise(label):
        wide = _is_wide(before) or _is_wide(after)
        open_ = before in " -/" or (wide and before not in _NEVER_LAST)
        if open_ and after != " " and after not in _NEVER_FIRST:
            pieces.append(after)
        else:
            pieces[-1] += after
    return pieces


def _is_wide(character: str) -> bool:
    return east_asian_width(character) in "WF"


def _cut(piece: str, ems: float, bold: bool) -> list[str]:
    """A word that no line can hold is cut where the line ends."""
    parts = [""]
    for character in piece:
        if parts[-1] and width_of(parts[-1] + character, 1, bold=bold) > ems:
            parts.append("")
        parts[-1] += character
    return parts


def _lines(pieces: list[str], ems: float, bold: bool) -> list[tuple[int, int]]:
    """Slices of the pieces, one per line: fewest lines first, then the best breaks."""
    ends = [0.0, *(width_of(text, 1, bold=bold) for text in accumulate(pieces))]
    best: list[tuple[float, int]] = [(0, 0)]
    read = ""
    for end, piece in enumerate(pieces, 1):
        read += piece
        torn = 0 if end == len(pieces) or read.rstrip().endswith(_WHOLE) else _TORN
        space = width_of(" ", 1, bold=bold) if piece.endswith(" ") else 0
        options = []
        for start in range(end):
            slack = 1 - (ends[end] - ends[start] - space) / ems
            if slack >= -1e-9 or start == end - 1:
                options.append((best[start][0] + 100 + slack * slack + torn, start))
        best.append(min(options))
    slices = []
    end = len(pieces)
    while end:
        slices.append((best[end][1], end))
        end = best[end][1]
    return slices[::-1]
