"""The formula of a kept figure as text."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from alliance.audit.queries.runs import KeptFigure
from alliance.core.figure import canonical
from alliance.core.formula import in_words, is_list, names_of, with_numbers
from alliance.core.money import CURRENCY, cents_shown


def formula_texts(
    figure: KeptFigure, inputs: Sequence[tuple[str, KeptFigure]], shut: Sequence[bool], lang: str
) -> tuple[str, str]:
    """The formula in words, and with its numbers; a number that is shut, place by place, stands as its name."""
    formula = figure.kind.formula
    if not formula:
        return "", ""
    labels = {name: (part.kind.en if lang == "en" else part.kind.zh) for name, part in inputs}
    labels |= {one.name: (one.en if lang == "en" else one.zh) for one in figure.kind.names}
    values: dict[str, str | list[str]] = {}
    for (name, part), closed in zip(inputs, shut, strict=True):
        if name.endswith("[]"):
            continue
        text = labels[name] if closed else _told(part)
        if is_list(formula, name):
            found = values.setdefault(name, [])
            assert isinstance(found, list)
            found.append(text)
        else:
            values[name] = text
    given = {name.removesuffix("[]") for name, _part in inputs}
    for name in names_of(formula) - values.keys():
        values[name] = [] if is_list(formula, name) and name not in given else labels.get(name, name)
    return in_words(formula, labels, lang), with_numbers(formula, values, lang)


def _told(part: KeptFigure) -> str:
    """A value with thousands separators, money with its cents; a dash for none."""
    if part.value is None:
        return "—"
    value = Decimal(canonical(part.value))
    return f"{cents_shown(value) if part.kind.unit_en == CURRENCY else value:,f}"
