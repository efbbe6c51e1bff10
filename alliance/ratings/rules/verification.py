"""What is true of a verification by a third party: what is drawn, what an expert may find, what the rates are (E6b).

Worked examples: tests/ratings/test_rules_verification.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

from alliance.core.figure import half_up
from alliance.core.period import end_of
from alliance.core.refused import Refused, mark

LEAST, MOST = 5, 2000  # figures of a sample
LONGEST = 366  # days of an engagement
SHORTEST = 10  # characters of a remark or a reason
SIZE_LIMIT = 20 * 2**20  # bytes of a file
VERDICTS = {
    "verified": mark("verified at the source"),
    "not_verified": mark("not verified"),
    "corrected": mark("corrected"),
}
COMPLETIONS = {"yes": mark("completed"), "partly": mark("partly completed"), "no": mark("not completed")}
SEVERITIES = {"minor": mark("minor"), "major": mark("major"), "critical": mark("critical")}
PLAIN = "none"  # the band of a figure that counts once
Stratum = tuple[str, str]  # tier, band
Allocate = Callable[[Mapping[Stratum, int], int], Mapping[Stratum, int]]
ByLot = Callable[[Iterable[str], str], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Drawable:
    """A figure that may be drawn: `value` as it was filed, `band` none, low or high by the risk that it is wrong."""

    institution: str
    tier: str
    element: str
    period: str
    revision: int
    value: str
    band: str

    @property
    def name(self) -> str:
        return f"{self.institution}/{self.element}/{self.period}"


def risk(revision: int, found_wrong: bool) -> str:
    """How likely a figure is to be wrong: high where a cross-check found it so, low where it was filed anew."""
    return "high" if found_wrong else "low" if revision > 1 else PLAIN


def draw(there: Sequence[Drawable], size: int, seed: str, allocate: Allocate, by_lot: ByLot) -> list[Drawable]:
    """The figures drawn, by member, element and period.

    Strata are tier × band; places go to them by `allocate`, and of each those with the lowest SHA-256 of
    `seed/name` are drawn (`by_lot`): whoever has the seed and the figures draws the same.
    """
    strata: dict[Stratum, dict[str, Drawable]] = {}
    for one in there:
        strata.setdefault((one.tier, one.band), {})[one.name] = one
    sizes = {place: len(inside) for place, inside in sorted(strata.items())}
    places = allocate(sizes, min(size, len(there)))
    found = [strata[place][name] for place in sizes for name in by_lot(strata[place], seed)[: places[place]]]
    return sorted(found, key=lambda one: (one.institution, one.element, one.period))


def check_engagement(starts: date, ends: date, size: int, members: Sequence[str], experts: Sequence[str]) -> None:
    """Refuse an engagement that cannot be."""
    if ends < starts:
        raise Refused("The last day lies before the first.")
    check_length(starts, ends)
    if not LEAST <= size <= MOST:
        raise Refused("A sample has between %(least)s and %(most)s figures.", least=LEAST, most=MOST)
    if not members:
        raise Refused("Choose the members whose figures are verified.")
    if not experts:
        raise Refused("Name the experts who verify.")


def check_length(starts: date, ends: date) -> None:
    """Refuse an engagement without an end in sight: what its experts may read ends with it."""
    if (ends - starts).days > LONGEST:
        raise Refused("An engagement lasts at most %(most)s days.", most=LONGEST)


def is_open(starts: date, ends: date, on: date) -> bool:
    """Whether experts may read and record on a day."""
    return starts <= on <= ends


def check_verdict(
    verdict: str, filed: Decimal, corrected: Decimal | None, source: str, remark: str, has_file: bool
) -> None:
    """Refuse what an expert may not record of a figure: a verdict without a source, a correction that is none."""
    if verdict not in VERDICTS:
        raise Refused("Choose whether the figure is verified.")
    if len(source.strip()) < 2:
        raise Refused("Name the source that was looked at.")
    if verdict != "verified" and len(remark.strip()) < SHORTEST:
        raise Refused("Write in at least %(count)s characters what differs or is missing.", count=SHORTEST)
    if verdict == "corrected" and corrected is None:
        raise Refused("Write the value that the source shows.")
    if verdict == "corrected" and corrected == filed:
        raise Refused("The source shows the filed value: the figure is verified.")
    if verdict != "corrected" and corrected is not None:
        raise Refused("A value is written only where the figure is corrected.")
    if verdict == "corrected" and not has_file:
        raise Refused("A corrected value needs a file that shows it.")


def check_completion(verdict: str, reason: str) -> None:
    """Refuse a confirmation of an indicator's completion without a reason where it is not complete."""
    if verdict not in COMPLETIONS:
        raise Refused("Choose for every indicator whether it was completed.")
    if verdict != "yes" and len(reason.strip()) < SHORTEST:
        raise Refused("Give a reason of at least %(count)s characters where not everything was completed.",
                      count=SHORTEST)  # fmt: skip


def check_finding(severity: str, area: str, text: str, expected: str, due: date, on: date) -> None:
    """Refuse a finding that nobody could act upon."""
    if severity not in SEVERITIES:
        raise Refused("Choose how severe the finding is.")
    if not area.strip():
        raise Refused("Name the figure or the area.")
    if len(text.strip()) < SHORTEST or len(expected.strip()) < SHORTEST:
        raise Refused("Write what was found and what is expected, each in at least %(count)s characters.",
                      count=SHORTEST)  # fmt: skip
    if due <= on:
        raise Refused("The day until which something is done must lie ahead.")


def check_file(size: int, name: str) -> None:
    """Refuse a file that is empty or too large."""
    if not size:
        raise Refused("%(name)s is empty.", name=name)
    if size > SIZE_LIMIT:
        raise Refused(
            "%(name)s has %(size)s MB; evidence may have at most %(limit)s MB a file.",
            name=name, size=-(-size // 2**20), limit=SIZE_LIMIT // 2**20,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rate:
    """How many of the figures looked at were not as filed."""

    whole: int
    looked: int
    verified: int
    not_verified: int
    corrected: int

    @property
    def deviating(self) -> int:
        return self.not_verified + self.corrected

    @property
    def percent(self) -> Decimal | None:
        """Deviating figures in % of those looked at, with one place; None where none was looked at."""
        return half_up(Fraction(self.deviating * 100, self.looked), 1) if self.looked else None


def rate(verdicts: Iterable[str]) -> Rate:
    """Verdicts counted; "" is a figure that nobody has looked at yet."""
    there = list(verdicts)
    return Rate(
        len(there), sum(bool(one) for one in there), there.count("verified"), there.count("not_verified"),
        there.count("corrected"),
    )  # fmt: skip


def deviation(filed: Decimal, corrected: Decimal) -> Decimal | None:
    """How far a filed value lies from the source, in % of the source, with its sign; None where the source has 0."""
    if not corrected:
        return None
    return half_up((Fraction(filed) - Fraction(corrected)) * 100 / abs(Fraction(corrected)), 1)


def check_lockable(open_figures: int, open_indicators: int) -> None:
    """Refuse to lock before everything is said."""
    if open_figures:
        raise Refused("%(count)s figures of the sample are not judged yet.", count=open_figures)
    if open_indicators:
        raise Refused("The completion of %(count)s indicators is not confirmed yet.", count=open_indicators)


REMINDED = (3, 1, 0)  # days before the last one


def reminded(ends: datetime, now: datetime, today: date) -> str:
    """The occasion on which a deadline is told today, "" for none; after it `late` on each Monday."""
    for left in REMINDED:
        if end_of(date.fromordinal(today.toordinal() + left)) == ends:
            return f"-{left}"
    return f"late-{today}" if now >= ends and today.weekday() == 0 else ""
