"""The questions about composing: what a bulletin of a period would hold, and whether a draft still tells the truth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from alliance.audit import queries as audit
from alliance.bulletins.models import Bulletin
from alliance.bulletins.queries.filing import filing
from alliance.bulletins.queries.issued import BulletinInfo, last_issued
from alliance.bulletins.queries.standings import (
    MONITORING,
    OFFICIAL,
    Standings,
    names_of,
    standings,
    standings_before,
)
from alliance.bulletins.rules import causes, completeness, moves, sums, tiers
from alliance.core.figure import canonical
from alliance.core.period import Period, PeriodKind
from alliance.core.refused import Refused
from alliance.core.tiers import TIERS
from alliance.db import db
from alliance.evaluation import queries as evaluation
from alliance.funds import queries as funds
from alliance.indicators import queries as indicators
from alliance.members import queries as members

PERIODS_SHOWN = 6  # of the trend
MONTHS_OFFERED = 12  # back from the last that was opened
NO_TEXTS: Mapping[str, Any] = {"reference": "", "foreword": "", "foreword_en": "", "honours": [], "cases": []}


def compose(alliance: int, period: str, texts: Mapping[str, Any], now: datetime) -> tuple[dict[str, Any], Standings]:
    """What a bulletin of a period holds: scores, ranks, what moved and why, filing, the fund; and the results it tells.

    Numbers are canonical text, money cents. `score_run` and `score_digest` name the run; a month that is monitored has
    none yet, and the fund, vetoes and findings of no month. Refused: nothing is scored or accepted of the period.
    """
    found = standings(alliance, period)
    before = standings_before(alliance, found)
    when, owner = Period.parse(period), members.read_alliance(alliance)
    assert owner is not None
    fund = funds.decided_fund(alliance, period) if found.kind == OFFICIAL else None
    scheme = _scheme(alliance, found.scheme)
    rows = _rows(alliance, found, before, fund)
    library = indicators.library(alliance, when.last)
    dimensions = [one for one in library.dimensions if any(one.code in row["dimensions"] for row in rows)]
    return {
        "kind": found.kind, "alliance_zh": owner.name_zh, "alliance_en": owner.name_en, "alliance": owner.code,
        "period": period, "period_before": before.period if before else "", "corrects": last_issued(alliance, period),
        **NO_TEXTS, **texts,
        "scheme": found.scheme, "scheme_zh": scheme.name_zh, "scheme_en": scheme.name_en,
        "scheme_decision": scheme.decision,
        "groups": _groups(alliance, scheme) if found.kind == OFFICIAL else [],
        "findings": _findings(alliance, scheme) if found.kind == OFFICIAL else [],
        "score_run": found.run.run_id if found.run else None, "score_digest": found.digest,
        "dimensions": [{"code": one.code, "zh": one.name.zh, "en": one.name.en} for one in dimensions],
        "rows": rows,
        "risen": _moved(alliance, rows, found, before, 1), "fallen": _moved(alliance, rows, found, before, -1),
        "tiers": tiers(rows, found.medians, before.medians if before else {}, found.dimension_medians),
        "data": completeness(rows), "trend": _trend(alliance, found),
        **filing(alliance, when, now),
        "fund": _fund(alliance, fund, rows, found) if fund else None,
    }, found  # fmt: skip


def _moved(
    alliance: int, rows: Sequence[Mapping[str, Any]], now: Standings, before: Standings | None, direction: int
) -> list[dict[str, Any]]:
    """The largest moves, each with the indicators whose points changed most in the same direction."""
    names = names_of(alliance, now.period)
    return [
        one
        | {
            "reasons": [
                {**names[code], "change": canonical(change)}
                for code, change in causes(now.points[one["code"]], before.points.get(one["code"], {}), direction)
            ]
        }
        for one in moves(rows, direction)
        if before is not None
    ]


def _scheme(alliance: int, reference: str) -> evaluation.SchemeInfo:
    code, _, version = reference.rpartition("/")
    found = evaluation.scheme_info(alliance, code, int(version))
    assert found is not None
    return found


def _groups(alliance: int, scheme: evaluation.SchemeInfo) -> list[dict[str, str]]:
    """The rater groups that weigh anything, in %."""
    weights = evaluation.parsed(alliance, scheme).groups
    return [
        {"zh": zh, "en": en, "weight": canonical(weights[code])}
        for code, (zh, en) in evaluation.GROUP_NAMES.items()
        if weights.get(code)
    ]


def _findings(alliance: int, scheme: evaluation.SchemeInfo) -> list[dict[str, Any]]:
    """Where the scheme lies outside the usual range, and the reason that was decided for it."""
    found = []
    for one in evaluation.soft_findings(alliance, scheme):
        place = one.where.partition(".")[0]  # primary.collaboration, groups.peers
        found.append({
            "tier": place if place in TIERS else "", "value": one.value, "message": one.message,
            "numbers": {name: str(number) for name, number in one.numbers.items()},
            "reason": scheme.reasons.get(one.where, ""),
        })  # fmt: skip
    return found


def _rows(
    alliance: int, found: Standings, before: Standings | None, fund: funds.FundInfo | None
) -> list[dict[str, Any]]:
    """A row for each member that was scored, by tier, first in rank first."""
    names = {one.code: one for one in members.members(alliance, Period.parse(found.period).last)}
    earlier = {row.institution: row for row in before.rows} if before else {}
    shares = {share.institution: share for share in funds.shares(fund.run_id)} if fund else {}
    vetoes = {one.institution: one.decision for one in evaluation.vetoes(alliance, found.period)}
    called = names_of(alliance, found.period)
    rows = []
    for row in found.rows:
        code = row.institution
        old, share, name = earlier.get(code), shares.get(code), names[code]
        moved = old.rank - row.rank if old and old.rank and row.rank and old.tier == row.tier else None
        rows.append({
            "code": code, "name_zh": name.name_zh, "name_en": name.name_en, "short_zh": name.short_zh,
            "short_en": name.short_en, "tier": row.tier, "rank": row.rank, "score": canonical(row.score),
            "score_before": canonical(old.score) if old else "",
            "data": canonical(row.data), "collaboration": canonical(row.collaboration), "vetoed": row.vetoed,
            "veto": vetoes.get(code, "") if row.vetoed else "",
            "rank_before": old.rank if old else None, "moved": moved,
            "dimensions": {key: canonical(value) for key, value in row.dimensions.items()},
            "missing": row.missing, "lacks": [called[one] for one in found.lacks.get(code, ())],
            "paid_in": share.paid_in if share else None, "received": share.received if share else None,
            "net": share.net if share else None, "reason": share.reason if share else "",
        })  # fmt: skip
    return rows


def _fund(alliance: int, fund: funds.FundInfo, rows: Sequence[Mapping[str, Any]], found: Standings) -> dict[str, Any]:
    """The fund with its sums in cents; `other` came from elsewhere than the members. Rates in %. `scores` is the digest
    of the scores it was shared by, where those are not the scores that the bulletin tells: a decided fund stays."""
    together, rules = sums(rows), funds.fund_terms(alliance, fund)
    shared_by = audit.read_run(fund.score_run_id, alliance)
    assert shared_by is not None
    return {
        "run": fund.run_id, "digest": fund.digest, "decision": fund.decision, "pool": fund.pool,
        "reserve": fund.reserve, **together, "other": fund.pool - together["paid_in"],
        "rate": canonical(rules.rate), "basis": rules.basis, "size": rules.size,
        "pass_mark": canonical(rules.pass_mark), "cap": canonical(rules.cap),
        "scores": shared_by.digest if shared_by.digest != found.digest else "",
    }  # fmt: skip


def _trend(alliance: int, found: Standings) -> list[dict[str, Any]]:
    """The medians of the tiers over the last periods of the same kind, oldest first."""
    points = []
    for back in range(PERIODS_SHOWN - 1, 0, -1):
        code = Period.parse(found.period).back(back).code
        run = evaluation.official_run(alliance, code) if found.kind == OFFICIAL else None
        if run:
            own = {tier: canonical(figure.value) for tier, figure in evaluation.medians(run.run_id).items()}
            points.append({"period": code, "medians": own})
        elif found.kind == MONITORING:
            points += _monitored_before(alliance, code)
    return [*points, {"period": found.period, "medians": dict(found.medians)}]


def _monitored_before(alliance: int, month: str) -> list[dict[str, Any]]:
    """The medians of an earlier month as its last issued bulletin told them: nothing is worked out anew for a trend."""
    number = last_issued(alliance, month)
    rows = select(Bulletin.content).where(Bulletin.alliance_id == alliance, Bulletin.number == number)
    content = db.session.scalar(rows) if number else None
    if content is None or content.get("kind") != MONITORING:
        return []
    return [{"period": month, "medians": {one["code"]: one["median"] for one in content["tiers"] if one["median"]}}]


def is_outdated(alliance: int, found: BulletinInfo) -> bool:
    """Whether a bulletin not issued yet tells of scores or a fund that hold no more, or corrects the wrong bulletin."""
    if found.issued_at is not None:
        return False
    try:
        now = standings(alliance, found.period)
    except Refused:
        return True
    fund = funds.decided_fund(alliance, found.period) if now.kind == OFFICIAL else None
    kept = found.content["fund"]
    same = now.run.run_id == found.content["score_run"] if now.run else now.digest == found.content["score_digest"]
    return (
        not same
        or (fund.run_id if fund else None) != (kept["run"] if kept else None)
        or last_issued(alliance, found.period) != found.content["corrects"]
    )


@dataclass(frozen=True, slots=True)
class Prospect:
    """What a bulletin of a period would hold: official scores or monitoring by a scheme, of how many members, of whom
    some left values out or are not accepted yet, the decision on its fund ("" for none), and earlier bulletins."""

    period: str
    kind: str
    scheme: str
    members: int
    incomplete: int
    fund: str
    numbers: Sequence[str]


def prospects(alliance: int, now: datetime) -> list[Prospect]:
    """The periods with an official score and the months that are over and can be monitored, newest first."""
    found = [*_scored(alliance), *_months(alliance, now)]
    return sorted(found, key=lambda one: (Period.parse(one.period).until, one.period), reverse=True)


def _scored(alliance: int) -> list[Prospect]:
    found = []
    for run in evaluation.holding_runs(alliance):
        rows, fund = evaluation.scores(run.run_id), funds.decided_fund(alliance, run.period)
        found.append(Prospect(
            run.period, OFFICIAL, run.scheme, len(rows), sum(row.missing > 0 for row in rows),
            fund.decision if fund else "", _numbers(alliance, run.period),
        ))  # fmt: skip
    return found


def _months(alliance: int, now: datetime) -> list[Prospect]:
    """Months of which something is accepted; `incomplete` counts who is not accepted yet."""
    opened = [Period.parse(one.code) for one in indicators.periods(alliance) if one.due_at <= now]
    scored = {run.period for run in evaluation.holding_runs(alliance)}
    months = [one for one in opened if one.kind is PeriodKind.MONTH and one.code not in scored]
    found = []
    for month in sorted(months, reverse=True)[:MONTHS_OFFERED]:
        scheme = evaluation.scheme_in_force(alliance, month.last)
        filed = indicators.submissions(alliance, month.code)
        accepted = sum(one.state is indicators.Progress.ACCEPTED for one in filed)
        if scheme and accepted:
            found.append(Prospect(
                month.code, MONITORING, scheme.reference, len(filed), len(filed) - accepted, "",
                _numbers(alliance, month.code),
            ))  # fmt: skip
    return found


def _numbers(alliance: int, period: str) -> Sequence[str]:
    rows = select(Bulletin.number).where(Bulletin.alliance_id == alliance, Bulletin.period == period)
    return db.session.scalars(rows.order_by(Bulletin.id)).all()
