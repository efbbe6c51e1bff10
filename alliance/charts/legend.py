"""The legend: each series with a sample of its pen, its name, and what it lacks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .lettering import LEADING, SIZE, SMALL, wrap
from .series import KEY, Pen, Series
from .svg import ACCENT, INK, SOFT, hit_area, label
from .words import Words

_LEAST = 25.0  # height of an entry


@dataclass(frozen=True, slots=True)
class Entry:
    """A series in the legend: its name and its gaps, wrapped to the room."""

    series: Series
    pen: Pen
    name: tuple[str, ...]
    gaps: tuple[str, ...]

    @property
    def lettered(self) -> float:
        """Height of the letters alone, in user units."""
        return (len(self.name) * SIZE + len(self.gaps) * SMALL) * LEADING

    @property
    def high(self) -> float:
        """Height with the space around, in user units."""
        return max(_LEAST, self.lettered + 8)


def entry(series: Series, pen: Pen, places: Sequence[str], words: Words, room: float) -> Entry:
    """The entry of a series whose values stand at the named places."""
    lost = [place for place, value in zip(places, series.values, strict=True) if value is None]
    gaps = words.missing if lost else ""
    if 0 < len(lost) < len(places):
        gaps += words.colon + words.comma.join(lost)
    room -= KEY
    return Entry(series, pen, wrap(series.label, room, bold=series.accent), wrap(gaps, room, SMALL))


def drawn(entry: Entry, left: float, top: float, right: float) -> str:
    """The entry with its upper left corner at left and top; all of it up to `right` can be pointed at."""
    accent = entry.series.accent
    start = top + (entry.high - entry.lettered) / 2
    named = len(entry.name) * SIZE * LEADING
    below = start + (named + entry.lettered) / 2
    return "".join(
        (
            hit_area(left, top, right - left, entry.high),
            entry.pen.key(left, start + SIZE * LEADING / 2),
            label(entry.name, left + KEY, start + named / 2, fill=ACCENT if accent else INK, bold=accent),
            label(entry.gaps, left + KEY, below, size=SMALL, fill=SOFT),
        )
    )
