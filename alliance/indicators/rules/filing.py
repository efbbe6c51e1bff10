"""What is true of filing: the text of a value, the bounds of an element, and the states of a submission."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from alliance.core.figure import State, canonical
from alliance.core.refused import Both, Problem, Refused, mark
from alliance.core.written import narrow
from alliance.indicators.rules.definitions import Element

NOT_APPLICABLE = {"不适用", "n/a", "na", "not applicable", "not available"}
LONGEST = 24  # digits of a filed value
NUMBER = re.compile(r"[+-]?(?:(?:\d{1,3}(?:[, ]\d{3})+|\d+)(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,2})?", re.ASCII)


class Progress(StrEnum):
    """How far a submission has come."""

    OPEN = "open"
    DRAFT = "draft"
    SIGNED = "signed"
    SUBMITTED = "submitted"
    REVIEW = "review"
    RETURNED = "returned"
    ACCEPTED = "accepted"


STEPS: Mapping[str, tuple[Progress, ...]] = {
    # A signature falls when an input changes.
    "file": (Progress.OPEN, Progress.DRAFT, Progress.SIGNED, Progress.RETURNED),
    "sign": (Progress.DRAFT, Progress.RETURNED),
    "submit": (Progress.SIGNED,),
    "recall": (Progress.SUBMITTED,),
    "review": (Progress.SUBMITTED,),
    "return": (Progress.SUBMITTED, Progress.REVIEW),
    "accept": (Progress.SUBMITTED, Progress.REVIEW),
    "reopen": (Progress.SUBMITTED, Progress.REVIEW, Progress.RETURNED, Progress.ACCEPTED, Progress.SIGNED),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """What was typed for one element: a value, not applicable, or nothing."""

    value: Decimal | None
    state: State

    @property
    def text(self) -> str:
        return canonical(self.value)


BLANK = Entry(None, State.MISSING)
NOT_FILED = (0, "", BLANK.state.value, "")  # revision, text, state and origin where nothing was filed
CAPTURED = "captured"  # the origin of what came from a system: it stands, and is objected to, not overtyped
TYPED = frozenset({"filed", "imported"})  # origins that never take the place of what was captured
VALUE = mark("%(who)s, %(element)s")


@dataclass(frozen=True, slots=True)
class Row:
    """One value to be filed: `seen` is the revision its author had before the eyes, None when it does not matter;
    `line` is the row of the file that says it, 0 when none does."""

    institution: str
    element: str
    entry: Entry
    seen: int | None = None
    line: int = 0


def place_at(institution: str, element: str) -> dict[str, object]:
    """Where a value stands, for VALUE."""
    return {"who": institution or Both("医联体", "the alliance"), "element": element}


def read_value(text: str, element: Element, problems: list[Problem], where: str, /, **at: object) -> Entry:
    """The entry of a typed or imported text; every error is added to the problems.

    Blank is missing, 不适用 or n/a is not applicable, 0 is nought. Full-width digits and signs are read as plain;
    commas or spaces may part groups of three digits; a % sign may follow where the element's unit is %.
    """
    plain = narrow(text).strip()
    if not plain:
        return BLANK
    if plain.lower() in NOT_APPLICABLE:
        return Entry(None, State.NOT_APPLICABLE)
    if element.unit.zh == "%":
        plain = plain.removesuffix("%").rstrip()
    found = len(problems)
    if not NUMBER.fullmatch(plain):
        reason = mark("is not a number; write digits, or n/a when it does not apply")
        problems.append(Problem(where, text, reason, at=at))
        return BLANK
    value = Decimal(plain.replace(",", "").replace(" ", ""))
    problems += [Problem(where, text, message, numbers, at) for message, numbers in faults(value, element)]
    return Entry(value, State.VALUE) if len(problems) == found else BLANK


def faults(value: Decimal, element: Element) -> list[tuple[str, dict[str, object]]]:
    """What is wrong with a number for an element: its length, its decimal places, or its size."""
    return list(_faults(value, element))


def _faults(value: Decimal, element: Element) -> Iterator[tuple[str, dict[str, object]]]:
    """What is wrong with a number for an element: its length, its decimal places, or its size."""
    if value.adjusted() > LONGEST or len(value.as_tuple().digits) > LONGEST:
        yield mark("has more digits than any real value"), {}
        return
    places = -int(value.normalize().as_tuple().exponent)
    if places > element.places:
        message = mark("has %(found)s decimal places; this element takes %(due)s")
        yield message, {"found": places, "due": element.places}
    if element.minimum is not None and value < element.minimum:
        yield mark("is under the least possible value %(bound)s"), {"bound": canonical(element.minimum)}
    if element.maximum is not None and value > element.maximum:
        yield mark("is over the greatest possible value %(bound)s"), {"bound": canonical(element.maximum)}


def check_step(step: str, found: Progress, who: str) -> None:
    """Refuse a step that the submission's state does not allow; says what to do."""
    if found in STEPS[step]:
        return
    if found is Progress.ACCEPTED:
        raise Refused("%(who)s's figures were accepted and are locked.", who=who)
    if step == "recall":
        raise Refused("%(who)s's figures cannot be recalled: they are not submitted, or their review began.", who=who)
    if step == "review" and found is Progress.REVIEW:
        raise Refused("Somebody is reviewing %(who)s's figures already.", who=who)
    if found in (Progress.SUBMITTED, Progress.REVIEW):
        raise Refused("%(who)s's figures are under review and cannot be changed now.", who=who)
    if step == "sign":
        raise Refused("There is nothing to sign for %(who)s: no figure was filed, or it is signed already.", who=who)
    if step == "submit":
        raise Refused("%(who)s's figures must be signed by its lead before they are submitted.", who=who)
    raise Refused("%(who)s has not submitted its figures yet.", who=who)


def check_acceptance(who: str, employer: str, accepted_by: str, hands: set[str]) -> None:
    """Refuse an acceptance by an employee of the institution concerned, or by whoever filed, signed or submitted."""
    if employer == who:
        raise Refused("You are employed by %(who)s: its figures must be reviewed by somebody from elsewhere.", who=who)
    if accepted_by in hands:
        raise Refused("You filed, signed or submitted figures of %(who)s: another person must accept them.", who=who)


def check_open(due_at: datetime, now: datetime, period: str) -> None:
    """Refuse filing from the deadline on; one minute late is late."""
    if now >= due_at:
        raise Refused(
            "Filing for %(period)s closed at %(due)s; ask the performance office for an exception.",
            period=period, due=due_at,
        )  # fmt: skip


def closes_at(due_at: datetime, review_until: datetime, unlocked: Collection[str] | None) -> datetime:
    """The first moment that is too late to file: the deadline, and for what the review returned the end of the
    review."""
    return due_at if unlocked is None else max(due_at, review_until)


def default_due(until: datetime, days: int) -> datetime:
    """The deadline `days` after the end of a period: the first moment that is too late."""
    return until + timedelta(days=days)


def check_filing(found: Progress, unlocked: Collection[str] | None, elements: Iterable[str], who: str) -> None:
    """Refuse a change of values where the filing is locked; of a returned filing only the items returned are open."""
    check_step("file", found, who)
    if unlocked is None:
        return
    locked = sorted(set(elements) - set(unlocked))
    if locked:
        problems = [
            Problem(VALUE, "", mark("was not returned and stays locked"), at=place_at(who, one)) for one in locked
        ]
        raise Refused(
            "%(count)s values are locked; only what was returned may be changed.", count=len(locked), problems=problems
        )
