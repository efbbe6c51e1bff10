"""Figures: the only numbers between wings; each knows its source, or its formula and what it rests on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal, Inexact, InvalidOperation, localcontext
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache

SPLIT = "split"  # the rounding of core.money.split: whole cents by largest remainders
ALLIANCE = "alliance"  # the owner of what belongs to nobody in particular

# For sums and products of decimals that must not lose a digit: Inexact is raised where one would be lost.
EXACT = Context(prec=100_000, Emin=MIN_EMIN, Emax=MAX_EMAX, traps=[Inexact, InvalidOperation])


class State(StrEnum):
    """Whether there is a number: filed or computed, not applicable, or due and not there."""

    VALUE = "value"
    NOT_APPLICABLE = "not_applicable"
    MISSING = "missing"


class Level(StrEnum):
    """Who may read a figure of this kind: its owner, or everybody in the alliance."""

    OWN = "own"
    ALLIANCE = "alliance"


@dataclass(frozen=True, slots=True)
class Name:
    """What a name in a formula is called on the page."""

    name: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Kind:
    """What figures of one kind share within a run: label, unit, formula, rounding, clause and reading level.

    `formula` is text of core.formula, empty for what was filed or decided. `rounding` is "" (exact), a number of
    decimal places (half up) or SPLIT. `clause` names the paragraph of the scheme or library.
    """

    code: str
    zh: str
    en: str
    unit_zh: str = ""
    unit_en: str = ""
    formula: str = ""
    rounding: str = ""
    clause: str = ""
    level: Level = Level.OWN
    names: tuple[Name, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Figure:
    """A number with its state, owner and origin: a source, or a formula (in its kind) with inputs.

    `key` is unique in a run. `owner` is `institution:<code>` or ALLIANCE. `source` is a natural key such as
    `reading:C03/E101/2026-03@3`. `inputs` are (name in the formula, figure); a name may come many times.
    """

    key: str
    kind: Kind
    value: Decimal | None
    state: State = State.VALUE
    source: str = ""
    inputs: tuple[tuple[str, Figure], ...] = ()
    owner: str = ALLIANCE

    def __post_init__(self) -> None:
        if (self.value is None) == (self.state is State.VALUE):
            raise ValueError(f"{self.key}: value {self.value!r} with state {self.state}")
        if bool(self.source) == bool(self.kind.formula):
            raise ValueError(f"{self.key} needs a source or a formula, and not both")


def given(
    key: str, kind: Kind, value: Decimal | None, source: str, *, owner: str = ALLIANCE, state: State | None = None
) -> Figure:
    """A figure that somebody filed or decided."""
    return Figure(
        key, kind, value, state or (State.MISSING if value is None else State.VALUE), source=source, owner=owner
    )


def derived(
    key: str,
    kind: Kind,
    exact: Fraction | Decimal | int | None,
    inputs: Iterable[tuple[str, Figure]],
    *,
    owner: str = ALLIANCE,
    state: State | None = None,
) -> Figure:
    """A figure that a rule worked out; rounded as its kind says. None takes `state`, else not applicable."""
    if exact is None:
        return Figure(key, kind, None, state or State.NOT_APPLICABLE, inputs=tuple(inputs), owner=owner)
    return Figure(key, kind, settle(exact, kind.rounding), inputs=tuple(inputs), owner=owner)


def settle(exact: Fraction | Decimal | int, rounding: str) -> Decimal:
    """The value of a figure: the exact result rounded as the kind says.

    An unrounded result must have a finite decimal expansion: ValueError otherwise.
    """
    if rounding and rounding != SPLIT:
        return half_up(exact, int(rounding))
    return exact if isinstance(exact, Decimal) else finite(*exact.as_integer_ratio())


def finite(top: int, bottom: int) -> Decimal:
    """top ÷ bottom as a decimal without loss; ValueError when it has no end."""
    exact = Fraction(top, bottom)
    rest, places = exact.denominator, 0
    while rest % 10 == 0:
        rest, places = rest // 10, places + 1
    for prime in (2, 5):
        while rest % prime == 0:
            rest, places = rest // prime, places + 1
    if rest != 1:
        raise ValueError(f"{exact} has no finite decimal expansion: the kind needs a rounding")
    return _scaled(exact.numerator * 10**places // exact.denominator, places)


def quotient(top: Fraction | Decimal, bottom: Fraction | Decimal, times: Decimal | int = 1) -> Fraction:
    """top ÷ bottom × times, exact; ZeroDivisionError for a bottom of nought."""
    (a, b), (c, d), (e, f) = top.as_integer_ratio(), bottom.as_integer_ratio(), times.as_integer_ratio()
    return Fraction(a * d * e, b * c * f)


def sum_exactly(values: Iterable[Decimal]) -> Decimal:
    """The sum, not a digit lost."""
    with localcontext(EXACT):
        return sum(values, Decimal(0))


def half_up(value: Fraction | Decimal | int, places: int) -> Decimal:
    """Round half up, away from nought, to decimal places; under 0 they count tens, hundreds …

    0.005 at 2 places is 0.01, −0.005 is −0.01.
    """
    top, bottom = value.as_integer_ratio()
    if places < 0:
        bottom *= 10**-places
    else:
        top *= 10**places
    whole = (2 * abs(top) + bottom) // (2 * bottom)
    return _scaled(whole if top >= 0 else -whole, places)


def _scaled(whole: int, places: int) -> Decimal:
    """whole × 10^−places, whatever the precision of the decimal context."""
    return Decimal(whole).scaleb(-places, EXACT)


def canonical(value: Decimal | None) -> str:
    """The one text of a value: no exponent, no trailing noughts, "" for none."""
    if value is None:
        return ""
    text = str(value)
    if "E" in text:
        text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def trail(*results: Figure) -> Iterator[Figure]:
    """Every figure that the results rest on, each once, inputs before what they enter."""
    seen: set[int] = set()
    for result in results:
        yield from _unseen(result, seen)


def _unseen(result: Figure, seen: set[int]) -> Iterator[Figure]:
    """A figure after all that it rests on, without those seen before: a walk in depth, without recursion."""
    if id(result) in seen:
        return
    way = [(result, iter(result.inputs))]
    while way:
        figure, parts = way[-1]
        for _, part in parts:
            if id(part) in seen:
                continue
            if part.inputs:
                way.append((part, iter(part.inputs)))
                break
            seen.add(id(part))
            yield part
        else:
            way.pop()
            seen.add(id(figure))
            yield figure


@lru_cache(maxsize=4096)
def kind_text(kind: Kind) -> str:
    """The canonical text of a kind, as it enters the digest."""
    names = [[name.name, name.zh, name.en] for name in kind.names]
    return json.dumps([
        kind.code, kind.zh, kind.en, kind.unit_zh, kind.unit_en, kind.formula, kind.rounding, kind.clause, kind.level,
        names,
    ], ensure_ascii=False)  # fmt: skip


def digest(figures: Iterable[Figure]) -> str:
    """SHA-256 over natural keys, canonical values, states, sources, owners, kinds and named inputs; hex.

    The order of the figures does not matter, nor the database they are kept in. ValueError when two are called alike
    or a text holds a line break, which would let two runs have one digest.
    """
    figures = list(figures)
    kinds = sorted(map(kind_text, {id(figure.kind): figure.kind for figure in figures}.values()))
    lines = sorted(map(_line, figures))
    text = "\n".join(lines)
    if text.count("\n") != max(len(lines) - 1, 0) or text.count("\t") != sum(5 + len(f.inputs) for f in figures):
        raise ValueError("a key, source or owner holds a tab or a line break")
    if len({figure.key for figure in figures}) != len(figures):
        raise ValueError("two figures of one run have the same key")
    return hashlib.sha256("\n".join([*dict.fromkeys(kinds), "", text]).encode()).hexdigest()


def _line(figure: Figure) -> str:
    """One figure as it enters the digest; its inputs each after a tab."""
    return "\t".join([
        figure.key, figure.kind.code, canonical(figure.value), figure.state, figure.source, figure.owner,
        *[f"{name}={part.key}" for name, part in figure.inputs],
    ])  # fmt: skip
