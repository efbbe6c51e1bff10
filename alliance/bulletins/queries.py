"""The questions about bulletins: what one would hold, which there are, and their bytes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, select

from alliance.accounts import queries as accounts
from alliance.audit import queries as audit
from alliance.bulletins.models import Bulletin, BulletinFile
from alliance.bulletins.rules import completeness, moves, sums, tiers
from alliance.core.figure import canonical
from alliance.core.period import Period, day_of
from alliance.core.refused import Refused, mark
from alliance.core.roles import Scope
from alliance.core.tiers import TIERS
from alliance.db import db
from alliance.evaluation import queries as evaluation
from alliance.funds import queries as funds
from alliance.indicators import queries as indicators
from alliance.members import queries as members

PERIODS_SHOWN = 6  # of the trend


@dataclass(frozen=True, slots=True)
class BulletinInfo:
    """A bulletin; `content` as it was composed. States: draft, decided, issued."""

    number: str
    period: str
    content: Mapping[str, Any]
    sha256: str
    composed_by: str
    composed_at: datetime
    decision: str
    decided_by: str
    decided_at: datetime | None
    issued_by: str
    issued_at: datetime | None

    @property
    def state(self) -> str:
        return "issued" if self.issued_at else "decided" if self.decision else "draft"

    @property
    def composed_on(self) -> date:
        return day_of(self.composed_at)

    @property
    def decided_on(self) -> date | None:
        return day_of(self.decided_at) if self.decided_at else None

    @property
    def issued_on(self) -> date | None:
        return day_of(self.issued_at) if self.issued_at else None


def compose(alliance: int, period: str, foreword: str, foreword_en: str = "") -> dict[str, Any]:
    """What a bulletin of a period holds: scores, ranks, what moved, the fund. Numbers are canonical text, money cents.

    Refused: no official score of the period.
    """
    run = evaluation.official_run(alliance, period)
    if run is None:
        raise Refused(mark("There is no official score of %(period)s yet; compute it first."), period=period)
    when = Period.parse(period)
    before = evaluation.official_run(alliance, when.back(1).code)
    fund = funds.decided_fund(alliance, period)
    kept = audit.read_run(run.run_id, alliance)
    scheme = _scheme(alliance, run.scheme)
    owner = members.read_alliance(alliance)
    assert kept is not None
    assert owner is not None
    rows = _rows(alliance, run, before, fund)
    library = indicators.library(alliance, when.last)
    dimensions = [one for one in library.dimensions if any(one.code in row["dimensions"] for row in rows)]
    by_dimension = _dimension_medians(run.run_id, [one.code for one in dimensions])
    return {
        "alliance_zh": owner.name_zh, "alliance_en": owner.name_en, "period": period,
        "period_before": before.period if before else "", "corrects": last_issued(alliance, period),
        "foreword": foreword.strip(), "foreword_en": foreword_en.strip(),
        "scheme": run.scheme, "scheme_zh": scheme.name_zh, "scheme_en": scheme.name_en,
        "scheme_decision": scheme.decision,
        "groups": _groups(alliance, scheme), "findings": _findings(alliance, scheme),
        "score_run": run.run_id, "score_digest": kept.digest,
        "dimensions": [
            {"code": one.code, "zh": one.name.zh, "en": one.name.en} for one in dimensions
        ],
        "rows": rows, "risen": moves(rows, 1), "fallen": moves(rows, -1),
        "tiers": tiers(rows, _medians(run.run_id), _medians(before.run_id) if before else {}, by_dimension),
        "data": completeness(rows), "trend": _trend(alliance, when),
        "fund": _fund(alliance, fund, rows, run) if fund else None,
    }  # fmt: skip


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
    alliance: int, run: evaluation.RunInfo, before: evaluation.RunInfo | None, fund: funds.FundInfo | None
) -> list[dict[str, Any]]:
    """A row for each member that was scored, by tier, first in rank first."""
    names = {one.code: one for one in members.members(alliance, Period.parse(run.period).last)}
    earlier = {row.institution: row for row in evaluation.scores(before.run_id)} if before else {}
    shares = {share.institution: share for share in funds.shares(fund.run_id)} if fund else {}
    vetoes = {one.institution: one.decision for one in evaluation.vetoes(alliance, run.period)}
    rows = []
    for row in evaluation.scores(run.run_id):
        code = row.institution
        old, share, name = earlier.get(code), shares.get(code), names[code]
        moved = old.rank - row.rank if old and old.rank and row.rank and old.tier == row.tier else None
        rows.append({
            "code": code, "name_zh": name.name_zh, "name_en": name.name_en, "short_zh": name.short_zh,
            "short_en": name.short_en, "tier": row.tier, "rank": row.rank, "score": canonical(row.score),
            "data": canonical(row.data), "collaboration": canonical(row.collaboration), "vetoed": row.vetoed,
            "veto": vetoes.get(code, "") if row.vetoed else "",
            "rank_before": old.rank if old else None, "moved": moved,
            "dimensions": {key: canonical(value) for key, value in row.dimensions.items()},
            "missing": row.missing, "lacks": _lacks(alliance, run, row) if row.missing else [],
            "paid_in": share.paid_in if share else None, "received": share.received if share else None,
            "net": share.net if share else None, "reason": share.reason if share else "",
        })  # fmt: skip
    return rows


def _lacks(alliance: int, run: evaluation.RunInfo, row: evaluation.ScoreInfo) -> list[dict[str, str]]:
    """The indicators that were due from a member and not filed."""
    known = indicators.library(alliance, Period.parse(run.period).last).indicators
    lines = evaluation.sheet(alliance, run, row.institution, row.tier).lines
    codes = sorted(line.indicator for line in lines if line.not_filed)
    return [{"code": code, "zh": known[code].name.zh, "en": known[code].name.en} for code in codes]


def _fund(
    alliance: int, fund: funds.FundInfo, rows: Sequence[Mapping[str, Any]], run: evaluation.RunInfo
) -> dict[str, Any]:
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
        "scores": shared_by.digest if shared_by.id != run.run_id else "",
    }  # fmt: skip


def _medians(run_id: int) -> dict[str, str]:
    return {tier: canonical(figure.value) for tier, figure in evaluation.medians(run_id).items()}


def _dimension_medians(run_id: int, dimensions: Sequence[str]) -> dict[str, dict[str, str]]:
    found = evaluation.dimension_medians(run_id, dimensions)
    return {tier: {code: canonical(one.value) for code, one in own.items()} for tier, own in found.items()}


def _trend(alliance: int, when: Period) -> list[dict[str, Any]]:
    """The medians of the tiers over the last official periods, oldest first."""
    found = []
    for back in range(PERIODS_SHOWN - 1, -1, -1):
        code = when.back(back).code
        run = evaluation.official_run(alliance, code)
        if run:
            found.append({"period": code, "medians": _medians(run.run_id)})
    return found


def last_issued(alliance: int, period: str) -> str:
    """The number of the bulletin that was issued last for a period: a new one corrects it; "" when there is none."""
    rows = (
        select(Bulletin.number)
        .where(Bulletin.alliance_id == alliance, Bulletin.period == period, Bulletin.issued_at.is_not(None))
        .order_by(Bulletin.issued_at.desc(), Bulletin.id.desc())
    )
    return db.session.scalars(rows.limit(1)).first() or ""


def is_outdated(alliance: int, found: BulletinInfo) -> bool:
    """Whether a bulletin not issued yet tells of scores or a fund that hold no more, or corrects the wrong bulletin."""
    run, fund = evaluation.official_run(alliance, found.period), funds.decided_fund(alliance, found.period)
    kept = found.content["fund"]
    return found.issued_at is None and (
        run is None
        or run.run_id != found.content["score_run"]
        or (fund.run_id if fund else None) != (kept["run"] if kept else None)
        or last_issued(alliance, found.period) != found.content["corrects"]
    )


def matter(content: Mapping[str, Any]) -> dict[str, Any]:
    """The content with its scores as numbers, None for none: what pages and charts are made from."""

    def value(text: str) -> Decimal | None:
        return Decimal(text) if text else None

    def values(texts: Mapping[str, str]) -> dict[str, Decimal | None]:
        return {key: value(text) for key, text in texts.items()}

    def read(row: Mapping[str, Any], *keys: str) -> dict[str, Any]:
        return {**row, **{key: value(row[key]) for key in keys}}

    return {
        **content,
        "rows": [
            read(row, "score", "data", "collaboration") | {"dimensions": values(row["dimensions"])}
            for row in content["rows"]
        ],
        "tiers": [
            read(tier, "median", "median_before") | {"dimensions": values(tier["dimensions"])}
            for tier in content["tiers"]
        ],
        "trend": [{**point, "medians": values(point["medians"])} for point in content["trend"]],
    }


@dataclass(frozen=True, slots=True)
class Prospect:
    """What a bulletin of a period would hold: its score, the decision on its fund ("" for none), and earlier ones."""

    period: str
    scheme: str
    members: int
    incomplete: int
    fund: str
    numbers: Sequence[str]


def prospects(alliance: int) -> list[Prospect]:
    """The periods with an official score, newest first."""
    found = {}
    for run in evaluation.runs(alliance):
        if run.period in found:
            continue
        rows = evaluation.scores(run.run_id)
        fund = funds.decided_fund(alliance, run.period)
        numbers = select(Bulletin.number).where(Bulletin.alliance_id == alliance, Bulletin.period == run.period)
        found[run.period] = Prospect(
            run.period, run.scheme, len(rows), sum(row.missing > 0 for row in rows), fund.decision if fund else "",
            db.session.scalars(numbers.order_by(Bulletin.id)).all(),
        )  # fmt: skip
    return sorted(found.values(), key=lambda one: Period.parse(one.period), reverse=True)


def bulletins(scope: Scope) -> list[BulletinInfo]:
    """The bulletins a reader may know of, newest first: issued ones for all, the others for those who work on them."""
    return [bulletin_info(row) for row in db.session.scalars(_known(scope).order_by(Bulletin.id.desc()))]


def bulletin(scope: Scope, number: str) -> BulletinInfo | None:
    row = db.session.scalars(_known(scope).where(Bulletin.number == number)).first()
    return bulletin_info(row) if row else None


def _known(scope: Scope) -> Select[Bulletin]:
    rows = select(Bulletin).where(Bulletin.alliance_id == scope.alliance_id)
    return rows if scope.institutions is None else rows.where(Bulletin.issued_at.is_not(None))


def bulletin_info(row: Bulletin) -> BulletinInfo:
    return BulletinInfo(
        row.number, row.period, row.content, row.sha256_content, row.composed_by, row.composed_at, row.decision,
        row.decided_by, row.decided_at, row.issued_by, row.issued_at,
    )  # fmt: skip


def corrected_by(scope: Scope, found: BulletinInfo) -> str:
    """The number of the issued bulletin that corrects this one; "" when there is none."""
    later = [one for one in bulletins(scope) if one.issued_at and one.content["corrects"] == found.number]
    return later[0].number if later else ""


def files(scope: Scope, number: str) -> dict[str, str]:
    """The SHA-256 of an issued bulletin's files by language."""
    rows = (
        select(BulletinFile.language, BulletinFile.sha256)
        .join(Bulletin, Bulletin.id == BulletinFile.bulletin_id)
        .where(Bulletin.alliance_id == scope.alliance_id, Bulletin.number == number)
    )
    return dict(list(db.session.execute(rows)))


def pdf(scope: Scope, number: str, language: str) -> tuple[bytes, str] | None:
    """The bytes of an issued bulletin and their SHA-256."""
    row = db.session.execute(
        select(BulletinFile.content, BulletinFile.sha256)
        .join(Bulletin, Bulletin.id == BulletinFile.bulletin_id)
        .where(Bulletin.alliance_id == scope.alliance_id, Bulletin.number == number, BulletinFile.language == language)
    ).first()
    return (row[0], row[1]) if row else None


def published_runs(alliance: int) -> set[int]:
    """The numbers of the runs that an issued bulletin shows: their scores are everybody's."""
    rows = select(Bulletin.content).where(Bulletin.alliance_id == alliance, Bulletin.issued_at.is_not(None))
    return {content["score_run"] for content in db.session.scalars(rows)}


def _concerned(alliance: int, number: str) -> frozenset[str] | None:
    """Nobody in particular; None when there is no such bulletin to decide on."""
    found = select(Bulletin.id).where(Bulletin.alliance_id == alliance, Bulletin.number == number)
    return frozenset() if db.session.scalar(found) else None


accounts.decides_on("bulletin", _concerned)
