"""The figures of one computation of a hospital's bonus: their kinds, their owners, the numbers of the scheme."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from alliance.core.figure import SPLIT, Figure, Kind, Level, Name, derived, given, quotient, sum_exactly
from alliance.core.money import cents, split, yuan
from alliance.core.refused import Problem, Refused, mark

YUAN = ("元", "CNY")
POINTS = ("分", "points")
PERCENT = ("%", "%")
BARE = ("", "")
FACTOR_PLACES = "6"

# How a pool becomes cents: by largest remainders, or each rounded half up and what is left over to the heaviest.
LARGEST_REMAINDER, HEAVIEST = "largest_remainder", "heaviest"
ROUNDINGS = (LARGEST_REMAINDER, HEAVIEST)

POOL = Name("pool", "可分配总额", "pool")
OWN_WEIGHT = Name("weight", "本人（单位）权数", "own weight")
WEIGHTS = Name("weights", "权数合计", "sum of the weights")
EACH = Name("part", "各项", "parts")
OTHERS = Name("other", "其余各份", "the other shares")

NO_WEIGHT = mark("%(place)s: the weights add up to 0, so %(amount)s CNY have no taker. Give somebody a weight above 0.")
NEGATIVE_POOL = mark("%(place)s: a pool of %(amount)s CNY cannot be shared; it must be 0 or more.")
NEGATIVE_WEIGHT = mark("a weight must be 0 or more")
NEGATIVE_WEIGHTS = mark("%(place)s: %(count)s weights are negative.")
TOO_SMALL = mark(
    "%(place)s: the cents left over do not fit into the largest share. Share by largest remainders instead."
)


@dataclass(frozen=True, slots=True)
class Label:
    """The code of a kind and what it is called."""

    code: str
    zh: str
    en: str


@dataclass(slots=True)
class Working:
    """Makes the figures of one computation, each kind and each number of the scheme once.

    `hospital` is the institution's code, `period` the month (2026-03) or year, `reference` the version of the bonus
    scheme in force (H01/BONUS/3).
    """

    hospital: str
    period: str
    reference: str
    kinds: dict[str, Kind] = field(default_factory=dict)
    numbers: dict[str, Figure] = field(default_factory=dict)

    def owner(self, unit: str = "", person: str = "") -> str:
        """Whom a figure belongs to: a person, a department or unit, else the hospital."""
        if person:
            return f"person:{self.hospital}/{person}"
        return f"department:{self.hospital}/{unit}" if unit else f"institution:{self.hospital}"

    def kind(
        self, label: Label, formula: str = "", rounding: str = "", *, names: Iterable[Name] = (),
        unit: tuple[str, str] = YUAN, clause: str = "",
    ) -> Kind:  # fmt: skip
        """The kind of a label, made when it is asked for first."""
        known = self.kinds.get(label.code)
        if known is None:
            known = self.kinds[label.code] = Kind(
                label.code, label.zh, label.en, *unit, formula, rounding, clause or self.reference, Level.OWN,
                tuple(names),
            )  # fmt: skip
        elif (known.formula, known.rounding) != (formula, rounding):
            raise ValueError(f"two formulas under one kind: {label.code}")
        return known

    def number(
        self, place: str, zh: str, en: str, value: Decimal | int, unit: tuple[str, str] = PERCENT
    ) -> Figure:  # fmt: skip
        """A number of the scheme: `bonusscheme:H01/BONUS/3#budget.year_end`; ValueError for two under one place."""
        found = self.numbers.get(place)
        if found is None:
            kind = self.kind(Label(f"number:{place}", zh, en), unit=unit)
            found = self.numbers[place] = given(
                f"scheme/{place}", kind, Decimal(value), f"bonusscheme:{self.reference}#{place}", owner=self.owner()
            )
        elif found.value != value:
            raise ValueError(f"two numbers under one place of the scheme: {place}")
        return found

    def entered(
        self, key: str, label: Label, value: Decimal | int | None, source: str, *, unit: tuple[str, str] = YUAN,
        owner: str = "",
    ) -> Figure:  # fmt: skip
        """A figure that somebody entered, counted or decided; `source` leads to where."""
        number = None if value is None else Decimal(value)
        return given(key, self.kind(label, unit=unit), number, source, owner=owner or self.owner())

    def total(
        self, key: str, label: Label, parts: Sequence[Figure], *, unit: tuple[str, str] = YUAN, owner: str = ""
    ) -> Figure:
        """The sum of figures, exact; all that share in it rest on this one figure."""
        kind = self.kind(label, "sum(part)", names=(EACH,), unit=unit)
        return derived(key, kind, added(parts), [("part", part) for part in parts], owner=owner or self.owner())

    def share_out(
        self, key: str, label: Label, pool: Figure, weights: Mapping[str, Figure], rounding: str = LARGEST_REMAINDER
    ) -> dict[str, Figure]:
        """A pool in proportion to weights, to the cent: by code a figure `key/<code>` of the weight's owner.

        Refused, with the place (the key) and the amount: a negative pool or weight, weights that add up to 0.
        """
        self.check_weights(key, pool, weights)
        together = self.total(
            f"{key}:weights",
            Label(f"{label.code}:weights", f"{label.zh}：权数合计", f"{label.en}: sum of the weights"),
            list(weights.values()), unit=BARE,
        )  # fmt: skip
        top, bottom = number(pool), number(together)
        return self.to_cents(
            key, label, "pool * weight / weights", (POOL, OWN_WEIGHT, WEIGHTS), pool,
            {code: quotient(top, bottom, number(weight)) for code, weight in weights.items()},
            {code: [("pool", pool), ("weight", weight), ("weights", together)] for code, weight in weights.items()},
            {code: weight.owner for code, weight in weights.items()}, rounding,
        )  # fmt: skip

    def to_cents(
        self, key: str, label: Label, formula: str, names: Iterable[Name], pool: Figure, exact: Mapping[str, Fraction],
        inputs: Mapping[str, list[tuple[str, Figure]]], owners: Mapping[str, str], rounding: str,
    ) -> dict[str, Figure]:  # fmt: skip
        """Exact shares in yuan that add up to the pool, as cents that do: by code a figure `key/<code>`.

        By largest remainders; or each rounded half up, save that the largest (of ties the code that sorts first) takes
        what the others leave, refused when they leave nothing.
        """
        if rounding != HEAVIEST:
            kind = self.kind(label, formula, SPLIT, names=names)
            amounts = split(cents(number(pool)), exact)
            return {
                code: derived(f"{key}/{code}", kind, yuan(amounts[code]), inputs[code], owner=owners[code])
                for code in exact
            }
        heaviest = min(exact, key=lambda code: (-exact[code], code))
        kind = self.kind(label, formula, "2", names=names)
        found = {
            code: derived(f"{key}/{code}", kind, exact[code], inputs[code], owner=owners[code])
            for code in exact if code != heaviest
        }  # fmt: skip
        left = Fraction(number(pool)) - Fraction(added(found.values()))
        if left < 0:
            raise Refused(TOO_SMALL, place=key)
        rest = self.kind(
            Label(f"{label.code}:heaviest", f"{label.zh}（含尾差）", f"{label.en} (with what rounding left over)"),
            "pool - sum(other)", "2", names=(POOL, OTHERS),
        )  # fmt: skip
        row = [("pool", pool), *(("other", figure) for figure in found.values())]
        row += [("without", figure) for name, figure in inputs[heaviest] if name != "pool"]
        found[heaviest] = derived(f"{key}/{heaviest}", rest, left, row, owner=owners[heaviest])
        return {code: found[code] for code in exact}

    def check_weights(self, key: str, pool: Figure, weights: Mapping[str, Figure]) -> None:
        """Refuse what cannot be shared, naming the place and the amount."""
        amount = number(pool)
        if amount < 0:
            raise Refused(NEGATIVE_POOL, place=key, amount=amount)
        below = {code: number(weight) for code, weight in weights.items() if number(weight) < 0}
        if below:
            problems = [Problem(f"{key}/{code}", str(value), NEGATIVE_WEIGHT) for code, value in sorted(below.items())]
            raise Refused(NEGATIVE_WEIGHTS, place=key, count=len(below), problems=problems)
        if not any(number(weight) for weight in weights.values()):
            raise Refused(NO_WEIGHT, place=key, amount=amount)


def number(figure: Figure) -> Decimal:
    """The value of a figure that a rule cannot do without; refused, with its key, when there is none."""
    if figure.value is None:
        raise Refused("%(place)s has no value yet; enter it before computing.", place=figure.key)
    return figure.value


def added(figures: Iterable[Figure]) -> Decimal:
    """The sum of figures, not a digit lost; refused when one has no value."""
    return sum_exactly(map(number, figures))
