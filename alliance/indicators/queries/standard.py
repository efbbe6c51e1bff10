"""The data standard of a period: every element that is due, with who answers for it and until when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from alliance.core.period import Period
from alliance.db import db
from alliance.indicators.models import StandardText
from alliance.indicators.queries.libraries import library
from alliance.indicators.queries.periods import periods
from alliance.indicators.rules.definitions import Element, Words
from alliance.indicators.rules.standard import REWARDS, officer


@dataclass(frozen=True, slots=True)
class StandardRow:
    """An element of the data standard; without a deadline its period is not open yet."""

    element: Element
    officer: Words
    due_at: datetime | None
    indicators: list[str]


@dataclass(frozen=True, slots=True)
class Standard:
    """The data standard of a period for a tier, or for all with ""."""

    period: str
    tier: str
    rows: list[StandardRow]
    rewards: Words
    since: date | None  # of the text on rewards; None where the alliance wrote none


def standard(alliance: int, code: str, tier: str = "") -> Standard:
    """What is due in a period, the shorter periods inside it included, as its definitions hold on its last day."""
    when = Period.parse(code)
    known = library(alliance, when.last)
    due = {one.code: one.due_at for one in periods(alliance)}
    served: dict[str, list[str]] = {}
    for one in known.indicators.values():
        for name in one.elements:
            served.setdefault(name, []).append(one.code)
    rows = []
    for element in known.elements.values():
        parts = when.parts(element.frequency)
        if parts and (not tier or tier in element.tiers):
            deadline = due.get(parts[-1].code)
            rows.append(StandardRow(element, officer(element), deadline, served.get(element.code, [])))
    row = _text(alliance, when.last)
    text = Words(row.text_zh, row.text_en) if row else REWARDS
    return Standard(when.code, tier, rows, text, row.valid_from if row else None)


def _text(alliance: int, on: date) -> StandardText | None:
    rows = select(StandardText).where(StandardText.alliance_id == alliance, StandardText.valid_from <= on)
    return db.session.scalars(rows.order_by(StandardText.valid_from.desc(), StandardText.id.desc()).limit(1)).first()
