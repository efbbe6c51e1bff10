"""Small scorings for the tests of the rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from alliance.core.figure import Figure, Kind, State, given, trail
from alliance.core.formula import names_of, tells_the_truth
from alliance.evaluation.rules.scheme import Scheme, read_scheme
from alliance.evaluation.rules.scores import Card, Label, Member, Scoring

STATES = {"": State.MISSING, "n/a": State.NOT_APPLICABLE}
VALUE = Kind("value", "数", "value")
RATING = Kind("rating", "评分", "rating")
VETO = given("veto", Kind("veto", "否决", "veto"), Decimal(1), "decision:1")


def filed(key: str, value: Any, owner: str = "alliance", kind: Kind = VALUE) -> Figure:
    """A figure as somebody filed it; "" is missing, "n/a" not applicable."""
    number = None if value in STATES else Decimal(value)
    return given(key, kind, number, f"reading:{key}@1", owner=owner, state=STATES.get(value))


def scheme_of(lines: Iterable[Mapping[str, Any]], *, groups: Mapping[str, Any] | None = None, **more: Any) -> Scheme:
    """A scheme of lines; a weight that is no table holds for primary care."""
    rows = [
        {**row, "weight": row["weight"] if isinstance(row["weight"], Mapping) else {"primary": row["weight"]}}
        for row in lines
    ]
    head = {"code": "S", "name_zh": "方案", "name_en": "scheme", "valid_from": "2026-01-01"}
    data = {"scheme": head, "groups": groups or {"data": 100}, "line": rows, **more}
    return read_scheme(data, {row["indicator"]: row.pop("direction", "higher") for row in rows})


def member(code: str, tier: str = "primary", *, vetoed: bool = False) -> Member:
    return Member(code, tier, given(f"{code}/veto", VETO.kind, Decimal(1), "decision:1") if vetoed else None)


def scoring_of(
    scheme: Scheme, values: Mapping[str, Mapping[str, Any]], labels: Mapping[str, Label] | None = None, **more: Any
) -> Scoring:
    """A scoring of values by member and indicator. By default each indicator is a dimension of its own."""
    codes = dict.fromkeys(line.indicator for line in scheme.lines)
    labels = labels or {code: Label(f"{code}标", f"{code} label", f"d{code}") for code in codes}
    dimensions = {
        label.dimension: Label(f"{label.dimension}维", f"dimension {label.dimension}") for label in labels.values()
    }
    figures = {
        (who, code): filed(f"{who}/{code}/2026Q1", value, f"institution:{who}")
        for who, row in values.items()
        for code, value in row.items()
    }
    return Scoring(scheme, "S/1", "2026Q1", labels, dimensions, figures, **more)


def ratings_of(rows: Mapping[str, Mapping[str, Any]]) -> dict[tuple[str, str], Figure]:
    """Results of rater groups by (group, member)."""
    return {
        (group, who): filed(f"{who}/group/{group}", value, f"institution:{who}", RATING)
        for group, row in rows.items()
        for who, value in row.items()
    }


def figures_of(cards: Sequence[Card], medians: Mapping[str, Figure] | None = None) -> list[Figure]:
    """Everything that cards and medians rest on."""
    results = list((medians or {}).values())
    for card in cards:
        parts = [card.score, card.collaboration, card.data, card.rank]
        results += [part for part in parts if part is not None]
        results += [*card.dimensions.values(), *card.points.values()]
    return list(trail(*results))


def assert_sound(figures: Sequence[Figure]) -> None:
    """Every figure tells the truth, has a key of its own, and a kind that names what its formula uses."""
    assert [figure.key for figure in figures if not tells_the_truth(figure)] == []
    assert len({figure.key for figure in figures}) == len(figures)
    kinds = {figure.kind.code: figure.kind for figure in figures}
    assert all(kinds[figure.kind.code] == figure.kind for figure in figures)
    for kind in kinds.values():
        if kind.formula:
            assert names_of(kind.formula) <= {name.name for name in kind.names}
