"""The questions about definitions: the library of an alliance, what a member files, formulas in words."""

from __future__ import annotations

import tomllib
from decimal import Decimal
from functools import lru_cache
from importlib import resources
from typing import Any

from sqlalchemy import func, select

from alliance.core.formula import in_words
from alliance.core.period import Period
from alliance.db import db
from alliance.indicators.models import Definition
from alliance.indicators.rules.definitions import Element, Indicator, Library, read_library
from alliance.indicators.rules.kinds import Bench


def shipped_library(code: str) -> dict[str, Any]:
    """The data of a library that ships with the portal."""
    text = resources.files("alliance.indicators").joinpath("library", f"{code}.toml").read_text("utf-8")
    return tomllib.loads(text, parse_float=Decimal)


def library(alliance: int) -> Library:
    """The current versions of all definitions of an alliance."""
    # Definitions are only ever added: their number and the last one tell whether something changed.
    version = db.session.execute(
        select(func.count(), func.max(Definition.id), func.max(Definition.added_at)).where(
            Definition.alliance_id == alliance
        )
    ).one()
    return _library(str(db.engine.url), alliance, tuple(version))


@lru_cache(maxsize=64)
def _library(_database: str, alliance: int, _version: tuple[object, ...]) -> Library:
    """Definitions are read often and change rarely: parsed once for each state of a database."""
    rows = db.session.execute(
        select(Definition.what, Definition.code, Definition.spec)
        .where(Definition.alliance_id == alliance)
        .order_by(Definition.version, Definition.position)
    )
    latest: dict[str, dict[str, Any]] = {"dimension": {}, "element": {}, "indicator": {}}
    for what, code, spec in rows:
        latest[what][code] = spec
    return read_library({what: list(items.values()) for what, items in latest.items()})


def elements_due(known: Library, tier: str, period: Period) -> list[Element]:
    """The elements that a member of a tier files in a period: those of its length; what is rated or surveyed comes
    from the raters."""
    return [
        element
        for element in known.elements.values()
        if tier in element.tiers
        and element.frequency is period.kind
        and not element.external
        and element.mode not in RATED
    ]


def indicator(alliance: int, code: str) -> Indicator | None:
    return library(alliance).indicators.get(code)


def formula_in_words(known: Library, code: str, lang: str) -> str:
    """The formula of an indicator in words, zh or en."""
    empty = Bench(known, Period.parse("2026"), {}).value("", code)
    labels = {name: part.kind.en if lang == "en" else part.kind.zh for name, part in empty.inputs}
    labels |= {one.name: one.en if lang == "en" else one.zh for one in empty.kind.names}
    return in_words(empty.kind.formula, labels, lang)


RATED = ("rated", "surveyed")
