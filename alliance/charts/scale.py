"""Round steps for an axis, and numbers with their unit as text."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

_WITHOUT_SPACE = ("%", "‰", "％")


def ticks(low: Decimal, high: Decimal, most: int = 5) -> tuple[Decimal, ...]:
    """Multiples of 1, 2 or 5 times a power of ten that enclose low and high, in at most that many steps.

    One lone value is enclosed together with zero, and zero together with one.
    """
    if high <= low:
        low, high = min(low, Decimal(0)), max(low, Decimal(0 if low else 1))
    power = (high - low).adjusted() - 1
    while True:
        for lead in (1, 2, 5):
            step = Decimal(lead).scaleb(power)
            first = (low / step).to_integral_value(ROUND_FLOOR)
            last = (high / step).to_integral_value(ROUND_CEILING)
            if last - first <= most:
                return tuple(step * (first + index) for index in range(int(last - first) + 1))
        power += 1


def quantity(value: Decimal, unit: str = "") -> str:
    """The value as it was given, with thousands separators and its unit: '1,204.50 万元', '8.98%'."""
    space = "" if not unit or unit in _WITHOUT_SPACE else " "
    return f"{value:,f}{space}{unit}"
