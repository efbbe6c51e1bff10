"""Figures for the tests of a hospital's bonus."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from alliance.core.figure import Figure, Kind, canonical, given, trail
from alliance.core.formula import with_numbers
from alliance.core.steps import Step
from alliance.workpoints.rules.weighing import Member
from alliance.workpoints.rules.working import Working
from tests.evaluation.scoring import assert_sound

D = Decimal
VALUE = Kind("value", "数", "value")


def working() -> Working:
    return Working("H01", "2026-03", "H01/BONUS/1")


def fig(key: str, value: Any, owner: str = "institution:H01") -> Figure:
    """A figure that somebody entered; None has no value."""
    return given(key, VALUE, None if value is None else D(str(value)), f"entered:{key}", owner=owner)


def figs(prefix: str, values: Mapping[str, Any], who: str = "person") -> dict[str, Figure]:
    return {code: fig(f"{prefix}/{code}", value, f"{who}:H01/{code}") for code, value in values.items()}


def member(code: str, family: str = "nurse", *, post: Any = 1, score: Any = 100, **more: Any) -> Member:
    """A person with a post coefficient, no seniority and a score; `values` of a template as plain numbers."""
    values = {name: fig(f"{code}/{name}", value) for name, value in more.pop("values", {}).items()}
    return Member(
        code, family, None if post is None else fig(f"{code}/post", post), fig(f"{code}/seniority", 0),
        None if score is None else fig(f"{code}/score", score), values=values, **more,
    )  # fmt: skip


def amounts(figures: Mapping[str, Figure]) -> dict[str, Decimal]:
    return {code: figure.value for code, figure in figures.items()}  # type: ignore[misc]


def sound(*figures: Figure) -> None:
    """Everything that the figures rest on is true and called by one name."""
    assert_sound(list(trail(*figures)))


def total(figures: Iterable[Figure]) -> Decimal:
    return sum((figure.value or D(0) for figure in figures), D(0))


def shown(figure: Figure, lang: str = "zh") -> str:
    """A figure's formula with its numbers."""
    values: dict[str, list[str]] = {}
    for name, part in figure.inputs:
        values.setdefault(name, []).append(canonical(part.value))
    return with_numbers(figure.kind.formula, values, lang)


def steps(*rows: tuple[Any, Any, Any]) -> tuple[Step, ...]:
    return tuple(
        Step(None if start is None else D(start), None if end is None else D(end), D(rate)) for start, end, rate in rows
    )
