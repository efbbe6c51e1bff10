"""The names at the ends of lines, moved apart where they would touch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from .lettering import LEADING, SIZE, width_of, wrap
from .series import KEY

_LEAST_LINK = 25.0


@dataclass(frozen=True, slots=True)
class End:
    """A name of some lines beside a chart, and the value whose height it wants; None wants the foot."""

    lines: tuple[str, ...]
    value: Decimal | None
    accent: bool = False
    linked: bool = False

    @property
    def high(self) -> float:
        """Height that it takes, in user units."""
        return max(_LEAST_LINK if self.linked else 0, len(self.lines) * SIZE * LEADING + 4)

    @property
    def wide(self) -> float:
        """Width that it takes with the key before it, in user units."""
        return KEY + max((width_of(part, bold=self.accent) for part in self.lines), default=0)


def lines_of(name: str, value: str, room: float, *, bold: bool = False) -> tuple[str, ...]:
    """The name wrapped to the room, the value behind it or on a line of its own."""
    lines = wrap(name, room - KEY, bold=bold)
    joined = f"{lines[-1]} {value}" if lines else value
    if width_of(joined, bold=bold) <= room - KEY:
        return (*lines[:-1], joined)
    return (*lines, value)


def spread(wanted: Sequence[float], heights: Sequence[float], low: float, high: float) -> list[float]:
    """Middles as near to the wanted ones as can be, none overlapping, all between low and high.

    It is the isotonic regression of the tops less the heights above them, worked out by pooling neighbours.
    """
    order = sorted(range(len(wanted)), key=lambda index: (wanted[index], index))
    pools: list[tuple[float, int]] = []
    above = 0.0
    for index in order:
        pools.append((wanted[index] - heights[index] / 2 - above, 1))
        above += heights[index]
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            (first, some), (second, others) = pools[-2:]
            pools[-2:] = [((first * some + second * others) / (some + others), some + others)]
    tops = [min(max(mean, low), high - above) for mean, size in pools for _ in range(size)]
    middles = [0.0] * len(wanted)
    above = 0.0
    for index, top in zip(order, tops, strict=True):
        middles[index] = top + above + heights[index] / 2
        above += heights[index]
    return middles
