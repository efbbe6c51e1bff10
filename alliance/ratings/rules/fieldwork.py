"""What is true of surveys in the field: when an address is open, when answers are mixed, which counts are told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from alliance.core.figure import half_up
from alliance.core.refused import Both, Problem, mark

LEAST = 5  # the smallest cell that is ever shown
BATCH = 10  # answers that are mixed together at least, while a survey is in the field
ONCE, KIOSK, PAPER = "once", "kiosk", "paper"
LINKS: dict[str, Both] = {
    ONCE: Both("一次性链接", "for one person, once"),
    KIOSK: Both("现场终端", "a screen for many"),
    PAPER: Both("纸质问卷", "on paper"),
}
OPEN, USED, REFUSED, REVOKED = "open", "used", "refused", "revoked"
MOST_LINKS = 2000  # made at once
MOST_SHEETS = 60  # of them as printed sheets
LONGEST_WAVE = 200  # days
KIOSK_MINUTES, KIOSK_ANSWERS = 10, 5  # so many answers of one screen in so many minutes: two minutes for each
SLOW = 10  # days before the end from which a low response is told
CHASED = 50  # percent of what was handed out that must have come in by then
REMINDED = (3, 1)  # days before the end
Place = tuple[str, str, str]  # institution, department, person


@dataclass(frozen=True, slots=True)
class Handed:
    """How many addresses of a place were handed out, and what became of them; None: too few to be told."""

    institution: str
    department: str
    handed: int
    used: int | None
    refused: int | None

    @property
    def told(self) -> bool:
        return self.used is not None

    @property
    def percent(self) -> int | None:
        """How many of a hundred answered."""
        return None if self.used is None or not self.handed else int(half_up(Fraction(self.used * 100, self.handed), 0))


def batch(least: int) -> int:
    """How many answers of a wave are mixed together at least, while it is in the field."""
    return max(least, BATCH)


def is_open(opens_on: date, closes_on: date, closed: bool, today: date) -> bool:
    """Whether a wave takes answers on a day; the last day belongs to it."""
    return not closed and opens_on <= today <= closes_on


def check_wave(opens_on: date, closes_on: date, least: int, today: date) -> Iterator[Problem]:
    """What is wrong with a wave that somebody wants to open."""
    if closes_on < opens_on:
        yield Problem("closes_on", closes_on.isoformat(), mark("it ends before it begins"))
    elif (closes_on - opens_on).days > LONGEST_WAVE:
        message = mark("a survey is at most %(most)s days in the field")
        yield Problem("closes_on", closes_on.isoformat(), message, {"most": LONGEST_WAVE})
    if closes_on < today:
        yield Problem("closes_on", closes_on.isoformat(), mark("this day is past"))
    if least < LEAST:
        message = mark("the smallest cell that is shown holds at least %(least)s answers")
        yield Problem("least", str(least), message, {"least": LEAST})


def told(counts: Mapping[tuple[str, str], Mapping[str, int]], least: int) -> list[Handed]:
    """What the office sees of each place: how many were handed out, and from `least` answers up what became of them.

    The places of a member that are left untold have together at least `least` answers, the next smallest among them
    where need be, so that nobody finds the number by subtraction from the member's. Refusals of places are told only
    where each place of the member has none or `least`; of a place left untold revoked addresses count as handed out,
    because what remains without them came back.
    """
    hidden = {place for place, states in counts.items() if states.get(USED, 0) < least}
    for institution in {institution for institution, _ in hidden}:
        mine = sorted(
            (place for place in counts if place[0] == institution),
            key=lambda place: (counts[place].get(USED, 0), place),
        )
        answers = 0
        for place in mine:
            if place not in hidden and answers >= least:
                break
            hidden.add(place)
            answers += counts[place].get(USED, 0)
    few = {place[0] for place, states in counts.items() if 0 < states.get(REFUSED, 0) < least}
    found = []
    for (institution, department), states in sorted(counts.items()):
        used, refused = states.get(USED, 0), states.get(REFUSED, 0)
        shown = (institution, department) not in hidden
        found.append(
            Handed(
                institution, department, _handed(states, shown=shown), used if shown else None,
                refused if shown and institution not in few else None,
            )
        )  # fmt: skip
    return found


def _handed(states: Mapping[str, int], *, shown: bool) -> int:
    return sum(number for state, number in states.items() if state != REVOKED or not shown)


def members_told(lines: list[Handed], counts: Mapping[tuple[str, str], Mapping[str, int]], least: int) -> list[Handed]:
    """The same for whole members: the sum of their places, from `least` answers up."""
    found = []
    for institution in sorted({line.institution for line in lines}):
        mine = [states for (code, _), states in counts.items() if code == institution]
        used, refused = (sum(states.get(state, 0) for states in mine) for state in (USED, REFUSED))
        shown = used >= least
        handed = sum(_handed(states, shown=shown) for states in mine)
        few = 0 < refused < least
        found.append(Handed(institution, "", handed, used if shown else None, None if few or not shown else refused))
    return found
