"""How good a member's data are (I18): what is counted, and the measures made of it. Measures, not a score."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from alliance.core.figure import half_up
from alliance.core.formula import median
from alliance.indicators.rules.definitions import Element
from alliance.indicators.rules.filing import faults

# Measures in the order of the page; of all but the last two more is better.
MEASURES = ("completeness", "timeliness", "validity", "consistency", "captured", "errors", "latency")
MINUTES = 60


@dataclass(frozen=True, slots=True)
class Tally:
    """What was counted of a member in some months.

    `filled` of `due` values were there at the deadline, `on_time` of `submissions`; `valid` of `values` keep the hard
    rules of their element, `met` of `rules` between two values; `captured` of `values` came from a system; `wrong` of
    `checked` were found in cross-checks. `waited` are minutes from the end of the period to the portal, by origin.
    """

    due: int = 0
    filled: int = 0
    submissions: int = 0
    on_time: int = 0
    values: int = 0
    valid: int = 0
    rules: int = 0
    met: int = 0
    captured: int = 0
    checked: int = 0
    wrong: int = 0
    waited: Mapping[str, tuple[int, ...]] = field(default_factory=dict)

    def parts(self, measure: str) -> tuple[int, int]:
        """The two counts of a measure: so many of so many."""
        return {
            "completeness": (self.filled, self.due),
            "timeliness": (self.on_time, self.submissions),
            "validity": (self.valid, self.values),
            "consistency": (self.met, self.rules),
            "captured": (self.captured, self.values),
            "errors": (self.wrong, self.checked),
        }[measure]

    def percent(self, measure: str) -> Decimal | None:
        """A measure in % with one place; None where there is nothing to measure."""
        part, whole = self.parts(measure)
        return half_up(Fraction(part * 100, whole), 1) if whole else None

    def hours(self, origin: str = "") -> Decimal | None:
        """The median latency in hours with one place, of one origin or of all."""
        found = [one for name, rows in self.waited.items() if origin in ("", name) for one in rows]
        return half_up(median([Fraction(one, MINUTES) for one in found]), 1) if found else None

    def value(self, measure: str) -> Decimal | None:
        return self.hours() if measure == "latency" else self.percent(measure)


def together(tallies: Iterable[Tally]) -> Tally:
    """What was counted in several months."""
    rows = list(tallies)
    counts = {
        name: sum(getattr(one, name) for one in rows)
        for name in (
            "due", "filled", "submissions", "on_time", "values", "valid", "rules", "met", "captured", "checked",
            "wrong",
        )
    }  # fmt: skip
    origins = sorted({name for one in rows for name in one.waited})
    waited = {name: tuple(value for one in rows for value in one.waited.get(name, ())) for name in origins}
    return Tally(**counts, waited=waited)


def is_valid(value: Decimal, element: Element) -> bool:
    """Whether a value keeps the hard rules of its element: its bounds, its decimal places, its length."""
    return not faults(value, element)
