"""The questions about reports of verifications: what one says, and what anybody may have confirmed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hmac import compare_digest
from typing import Any

from sqlalchemy import select

from alliance.accounts import queries as accounts
from alliance.core.figure import canonical
from alliance.core.period import Period
from alliance.db import db
from alliance.indicators import queries as indicators
from alliance.indicators.queries import Library
from alliance.members import queries as members
from alliance.ratings.models import Engagement
from alliance.ratings.queries.engagements import (
    EngagementInfo,
    VerifiedInfo,
    completions,
    drawn_from,
    engagement,
    figures_drawn,
    rates_of,
)
from alliance.ratings.queries.plans import findings
from alliance.ratings.rules.verification import Drawable, Rate, deviation

CHECK = 16  # characters of the digest that the address of the confirmation carries


@dataclass(frozen=True, slots=True)
class ReportInfo:
    """An issued report; `content` holds all that it says."""

    number: str
    content: dict[str, Any]
    digest: str
    issued_by: str
    issued_at: datetime

    @property
    def check(self) -> str:
        return self.digest[:CHECK]


def digest_of(content: Any) -> str:
    """The SHA-256 of something in its canonical text."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def composed_report(alliance: int, number: str) -> dict[str, Any] | None:
    """What the report of a locked engagement says now: names in both languages, sample, rates, findings, plans."""
    one, owner = engagement(alliance, number), members.read_alliance(alliance)
    if one is None or owner is None or one.locked_at is None:
        return None
    figures, population = figures_drawn(one.id), drawn_from(one.id)
    last = Period.parse(one.period).last
    known = indicators.library(alliance, last)
    names = {code: both(found.name.zh, found.name.en) for code, found in known.elements.items()}
    there = {found.code: both(found.name_zh, found.name_en) for found in members.members(alliance, last)}
    return {
        "alliance": {**both(owner.name_zh, owner.name_en), "code": owner.code},
        "number": one.number, "organisation": one.organisation, "contract": one.contract, "period": one.period,
        "starts_on": one.starts_on.isoformat(), "ends_on": one.ends_on.isoformat(),
        "locked_at": one.locked_at.isoformat(), "seed": one.seed, "weighed": one.weighed,
        "experts": [both(*accounts.names({who})[who][:2]) for who in one.experts],
        "population": {
            "figures": len(population),
            "digest": digest_of([[row.name, row.revision, row.value, row.band] for row in population]),
            "strata": _strata(population, figures),
        },
        **_rates(figures, there, names),
        "deviating": [_deviating(row, there, names) for row in figures if row.verdict != "verified"],
        "completion": _completion(alliance, one, figures, there, known),
        "findings": _findings(alliance, one, there),
    }  # fmt: skip


def both(zh: str, en: str) -> dict[str, str]:
    return {"zh": zh, "en": en}


def _strata(population: Iterable[Drawable], figures: Sequence[VerifiedInfo]) -> list[list[Any]]:
    """Tier, band, figures, figures drawn of each stratum."""
    drawn = {(one.institution, one.element, one.period) for one in figures}
    found: dict[tuple[str, str], list[int]] = {}
    for one in population:
        place = found.setdefault((one.tier, one.band), [0, 0])
        place[0] += 1
        place[1] += (one.institution, one.element, one.period) in drawn
    return [[tier, band, *counts] for (tier, band), counts in sorted(found.items())]


def _told(one: Rate) -> dict[str, Any]:
    percent = one.percent
    return {
        "looked": one.looked, "verified": one.verified, "not_verified": one.not_verified, "corrected": one.corrected,
        "deviating": one.deviating, "percent": None if percent is None else canonical(percent),
    }  # fmt: skip


def _rates(figures: Sequence[VerifiedInfo], there: dict[str, Any], names: dict[str, Any]) -> dict[str, Any]:
    rates = rates_of(figures)
    return {
        "whole": _told(rates.whole),
        "members": [{"code": code, **there[code], **_told(one)} for code, one in rates.members.items()],
        "elements": [{"code": code, **names[code], **_told(one)} for code, one in rates.elements.items()],
    }


def _deviating(one: VerifiedInfo, there: dict[str, Any], names: dict[str, Any]) -> dict[str, Any]:
    off = None if one.corrected is None else deviation(one.value, one.corrected)
    return {
        "member": there[one.institution], "element": {**names[one.element], "code": one.element},
        "period": one.period, "revision": one.revision, "filed": canonical(one.value), "verdict": one.verdict,
        "corrected": None if one.corrected is None else canonical(one.corrected),
        "deviation": None if off is None else canonical(off), "source": one.source, "remark": one.remark,
    }  # fmt: skip


def _completion(
    alliance: int, one: EngagementInfo, figures: Sequence[VerifiedInfo], there: dict[str, Any], known: Library
) -> dict[str, Any]:
    rows = completions(alliance, one, figures)
    named = {code: both(found.name.zh, found.name.en) for code, found in known.indicators.items()}
    return {
        "whole": len(rows),
        **{verdict: sum(row.verdict == verdict for row in rows) for verdict in ("yes", "partly", "no")},
        "lacking": [
            {
                "member": there[row.institution], "indicator": {**named[row.indicator], "code": row.indicator},
                "verdict": row.verdict, "reason": row.reason,
            }
            for row in rows
            if row.verdict != "yes"
        ],
    }  # fmt: skip


def _findings(alliance: int, one: EngagementInfo, there: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "number": row.number, "member": there[row.institution], "severity": row.severity, "area": row.area,
            "text": row.text, "expected": row.expected, "due_on": row.due_on.isoformat(), "state": row.state,
            "problem": row.problem, "cause": row.cause,
            "actions": [[act.text, act.owner, act.due_on.isoformat()] for act in row.actions],
        }
        for row in findings(alliance, one.number)
    ]  # fmt: skip


def issued_report(alliance: int, number: str) -> ReportInfo | None:
    """The issued report of an engagement."""
    row = db.session.scalars(
        select(Engagement).where(Engagement.alliance_id == alliance, Engagement.number == number)
    ).first()
    if row is None or row.issued_at is None:
        return None
    return ReportInfo(row.number, row.content, row.digest, row.issued_by, row.issued_at)


def confirmed_report(owner: str, number: str, check: str) -> ReportInfo | None:
    """What anybody may know who holds a report with its check code; None for anything else."""
    known = members.alliance_of_code(owner)
    found = issued_report(known.id, number) if known else None
    if found is None or not compare_digest(found.check.encode(), check.encode()):
        return None
    return found
