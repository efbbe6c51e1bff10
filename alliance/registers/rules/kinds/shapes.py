"""What the declaration of a register is made of: fields, measures, checks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from alliance.core.refused import Both

Texts = Mapping[str, str]  # the fields of a case as canonical text; what is not said is ""
Faults = Iterable[tuple[str, str, dict[str, object]]]  # field, English message id, its numbers
Check = Callable[[Texts], Faults]
TEXT, LONG, NUMBER, MONEY, DATE, MOMENT = "text", "long", "number", "money", "date", "moment"
CHOICE, MEMBER, MEMBERS, PERSON, PERSONS, YES = "choice", "member", "members", "person", "persons", "yes"
NO_UNIT = Both("", "")
CASES = Both("例", "cases")
HOURS = Both("小时", "hours")
TIMES = Both("次", "times")
ONE, NOUGHT = Decimal(1), Decimal(0)


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a register's form, import and page.

    `of` names, for a person or several, the field of the member that they belong to. `places` are the decimals of a
    number; `least` and `most` its bounds.
    """

    code: str
    name: Both
    type: str = TEXT
    required: bool = True
    places: int = 0
    unit: Both = NO_UNIT
    least: Decimal = NOUGHT
    most: Decimal = Decimal(1_000_000)
    choices: Mapping[str, Both] = field(default_factory=dict)
    of: str = ""
    hint: Both = NO_UNIT
    said: Mapping[str, str] = field(init=False, compare=False)  # every word that stands for a choice, to its code

    def __post_init__(self) -> None:
        said = {word.lower(): code for code, words in self.choices.items() for word in (code, words.zh, words.en)}
        object.__setattr__(self, "said", said)


def one(_texts: Texts) -> Decimal:
    """A case counts one."""
    return ONE


@dataclass(frozen=True, slots=True)
class Measure:
    """What a case counts: `code` is "<register>.<what>", `ends` the fields of the members for which it counts, each
    once, `person` the field of who did it, for each of whom it counts; only the first end has the persons. Where
    figures ask how many weeks or devices reach a sum, `group` gives the one that a case belongs to, in the place of
    the person.

    `spread` says that it counts in each month of its time: "days" the days in the month, "months" one; "weeks" that it
    counts in the month of its week's Sunday.
    """

    code: str
    name: Both
    unit: Both
    ends: tuple[str, ...]
    quantity: Callable[[Texts], Decimal] = one
    person: str = ""
    spread: str = ""
    group: Callable[[Texts], str] | None = None


@dataclass(frozen=True, slots=True)
class Register:
    """A kind of case. `ends` are the fields of the one or two members it is between; `others` that of further members;
    `day` and `until` the fields that say when it was; `same` those by which a case entered twice is known."""

    code: str
    name: Both
    about: Both
    fields: tuple[Field, ...]
    ends: tuple[str, ...]
    measures: tuple[Measure, ...]
    same: tuple[str, ...]
    day: str = "day"
    until: str = ""
    others: str = ""
    checks: tuple[Check, ...] = ()
    people: tuple[Field, ...] = field(init=False)  # the fields that name persons

    def __post_init__(self) -> None:
        object.__setattr__(self, "people", tuple(one for one in self.fields if one.type in (PERSON, PERSONS)))

    @property
    def is_mutual(self) -> bool:
        """Whether it has a counterpart that confirms; else the member's own lead does."""
        return len(self.ends) == 2

    def field(self, code: str) -> Field:
        return next(one for one in self.fields if one.code == code)

    def persons(self, code: str, texts: Texts) -> list[str]:
        """Whom a field names."""
        text = texts.get(code, "")
        return text.split() if self.field(code).type == PERSONS else [text] if text else []


def number_of(code: str) -> Callable[[Texts], Decimal]:
    """A case counts what a number field says; nothing where it says nothing."""

    def quantity(texts: Texts) -> Decimal:
        return Decimal(texts.get(code) or 0)

    return quantity


def product_of(*codes: str) -> Callable[[Texts], Decimal]:
    """A case counts the product of number fields."""

    def quantity(texts: Texts) -> Decimal:
        found = ONE
        for code in codes:
            found *= Decimal(texts.get(code) or 0)
        return found

    return quantity


def where(code: str, *values: str, quantity: Callable[[Texts], Decimal] = one) -> Callable[[Texts], Decimal]:
    """A case counts only where a field has one of some values."""
    allowed = frozenset(values)

    def found(texts: Texts) -> Decimal:
        return quantity(texts) if texts.get(code) in allowed else NOUGHT

    return found
