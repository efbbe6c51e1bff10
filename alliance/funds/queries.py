"""The questions about the fund: what was filed, what was computed, a member's statement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

from sqlalchemy import select

from alliance.accounts import queries as accounts
from alliance.audit import queries as audit
from alliance.core.figure import Figure, Kind, Level, digest, given, half_up, trail
from alliance.core.money import yuan
from alliance.core.period import Period
from alliance.core.refused import Problem, Refused, mark
from alliance.db import db
from alliance.evaluation import queries as evaluation
from alliance.funds.models import FundRun, FundShare, PoolLine, Total
from alliance.funds.rules import Claimant, Pool, Rules, share_fund
from alliance.members import queries as members


@dataclass(frozen=True, slots=True)
class TotalInfo:
    """What was filed about a member for the fund of a period; money in cents."""

    institution: str
    revision: int
    performance_total: int | None
    headcount: Decimal | None
    last_per_head: int | None
    document: str
    filed_by: str
    filed_at: datetime


@dataclass(frozen=True, slots=True)
class LineInfo:
    """A source of the fund beside what members pay in, in one revision; cents."""

    number: int
    revision: int
    name: str
    amount: int
    document: str
    filed_by: str
    filed_at: datetime

    def source(self, period: str) -> str:
        return f"line:{period}/{self.number}@{self.revision}"


@dataclass(frozen=True, slots=True)
class FundInfo:
    """A fund as computed; money in cents; `decision` is "" until it is decided."""

    run_id: int
    period: str
    score_run_id: int
    pool: int
    reserve: int
    decision: str
    decided_by: str
    decided_at: datetime | None
    digest: str
    computed_by: str
    computed_at: datetime


@dataclass(frozen=True, slots=True)
class ShareInfo:
    """What a member pays in and receives; cents."""

    institution: str
    paid_in: int
    received: int
    reason: str

    @property
    def net(self) -> int:
        return self.received - self.paid_in


def totals(alliance: int, period: str) -> dict[str, TotalInfo]:
    """The current totals of a period by member."""
    rows = select(Total).where(Total.alliance_id == alliance, Total.period == period).order_by(Total.revision)
    return {
        row.institution: TotalInfo(
            row.institution,
            row.revision,
            row.performance_total,
            row.headcount,
            row.last_per_head,
            row.document,
            row.filed_by,
            row.filed_at,
        )
        for row in db.session.scalars(rows)
    }


def periods(alliance: int, on: date) -> list[str]:
    """The periods that are scored or have totals, newest first; before them the next one, once it has begun."""
    filed = db.session.scalars(select(Total.period).where(Total.alliance_id == alliance).distinct())
    found = sorted({*filed, *(run.period for run in evaluation.runs(alliance))}, key=Period.parse, reverse=True)
    following = Period.parse(found[0]).back(-1) if found else None
    return [following.code, *found] if following and following.first <= on else found


def kept_totals(fund: FundInfo | None, filed: Mapping[str, TotalInfo]) -> dict[str, audit.KeptFigure]:
    """What was filed as it entered a fund, by `institution/name`; not what was filed anew since."""
    if fund is None:
        return {}
    sources = {
        f"{code}/{name}": f"total:{code}/{fund.period}@{one.revision}#{name}"
        for code, one in filed.items()
        for name in ("performance_total", "headcount", "last_per_head")
    }
    kept = audit.figures_of(fund.run_id, sources)
    return {key: figure for key, figure in kept.items() if figure.source == sources[key]}


def kept_lines(fund: FundInfo | None, sources: Sequence[LineInfo]) -> dict[int, audit.KeptFigure]:
    """Sources as they entered a fund, by their number; not those corrected since."""
    if fund is None:
        return {}
    kept = audit.figures_of(fund.run_id, [f"fund/{fund.period}/line/{line.number}" for line in sources])
    found = {line.number: kept.get(f"fund/{fund.period}/line/{line.number}") for line in sources}
    known = {line.number: line.source(fund.period) for line in sources}
    return {number: one for number, one in found.items() if one and one.source == known[number]}


@dataclass(frozen=True, slots=True)
class TotalSums:
    """The foot of a table of totals and sources, in cents; `filed` counts the members with a performance total."""

    performance_total: int
    headcount: Decimal
    lines: int
    filed: int


def total_sums(filed: Mapping[str, TotalInfo], sources: Sequence[LineInfo]) -> TotalSums:
    return TotalSums(
        sum(one.performance_total or 0 for one in filed.values()),
        sum((one.headcount or Decimal(0) for one in filed.values()), Decimal(0)),
        sum(line.amount for line in sources),
        sum(one.performance_total is not None for one in filed.values()),
    )


def line_revisions(alliance: int, period: str) -> dict[int, list[LineInfo]]:
    """Everything that was filed about the sources of a period, by number, the oldest first."""
    rows = select(PoolLine).where(PoolLine.alliance_id == alliance, PoolLine.period == period)
    found: dict[int, list[LineInfo]] = {}
    for row in db.session.scalars(rows.order_by(PoolLine.number, PoolLine.revision)):
        one = LineInfo(row.number, row.revision, row.name, row.amount, row.document, row.filed_by, row.filed_at)
        found.setdefault(row.number, []).append(one)
    return found


def lines(alliance: int, period: str) -> list[LineInfo]:
    """The sources of a period as they stand."""
    return [found[-1] for found in line_revisions(alliance, period).values()]


def funds(alliance: int) -> list[FundInfo]:
    """All funds computed, newest first."""
    rows = db.session.scalars(select(FundRun).where(FundRun.alliance_id == alliance).order_by(FundRun.run_id.desc()))
    return [fund_info(alliance, row) for row in rows]


def fund(alliance: int, run_id: int) -> FundInfo | None:
    row = db.session.get(FundRun, run_id)
    return fund_info(alliance, row) if row and row.alliance_id == alliance else None


def decided_fund(alliance: int, period: str) -> FundInfo | None:
    """The decided fund of a period."""
    return next((one for one in funds(alliance) if one.period == period and one.decision), None)


def newest_fund(alliance: int, period: str) -> FundInfo | None:
    """The decided fund of a period, else the one computed last."""
    return decided_fund(alliance, period) or next((one for one in funds(alliance) if one.period == period), None)


def decided_funds(alliance: int) -> list[FundInfo]:
    """The decided funds, newest period first."""
    found = [one for one in funds(alliance) if one.decision]
    return sorted(found, key=lambda one: Period.parse(one.period), reverse=True)


def waiting_fund(alliance: int, period: str) -> FundInfo | None:
    """The earliest fund before a period that is computed and not decided."""
    found, begins = funds(alliance), Period.parse(period).first
    decided = {one.period for one in found if one.decision}
    earlier = [one for one in found if one.period not in decided and Period.parse(one.period).until <= begins]
    return min(earlier, key=lambda one: Period.parse(one.period), default=None)


def check_undecided(alliance: int, period: str) -> None:
    """Refuse what would change a fund that is decided."""
    if decided_fund(alliance, period):
        raise Refused(mark("The fund of %(period)s is decided and stays as it is."), period=period)


def check_current(alliance: int, fund: FundInfo) -> None:
    """Refuse a computed fund that is not the one to decide on now: an earlier fund waits, or it would come out
    differently from what is scored, filed and decided now."""
    waiting = waiting_fund(alliance, fund.period)
    if waiting is not None:
        raise Refused(
            mark("The fund of %(period)s is not decided yet: decide it first, for its reserve belongs into this one."),
            period=waiting.period,
        )
    pool, run = work_out(alliance, fund.period)
    if run.run_id != fund.score_run_id:
        raise Refused(mark("The scores were computed again after this fund was shared: share it again."))
    if digest(trail(*pool.figures)) != fund.digest:
        raise Refused(
            mark("Totals or sources of %(period)s were changed after this fund was shared: share it again."),
            period=fund.period,
        )


def fund_terms(alliance: int, fund: FundInfo) -> Rules:
    """The rules that a fund was shared by."""
    run = evaluation.run(alliance, fund.score_run_id)
    assert run is not None
    return _rules(alliance, run)


def _rules(alliance: int, run: evaluation.RunInfo) -> Rules:
    terms = evaluation.fund_rules(alliance, run.scheme)
    assert terms is not None
    return Rules(run.scheme, terms.rate, terms.basis, terms.size, terms.pass_mark, terms.cap_per_head)


def fund_before(alliance: int, fund: FundInfo) -> FundInfo | None:
    """The decided fund of the period before."""
    return decided_fund(alliance, Period.parse(fund.period).back(1).code)


def fund_info(alliance: int, row: FundRun) -> FundInfo:
    run = audit.read_run(row.run_id, alliance)
    assert run is not None
    return FundInfo(
        row.run_id,
        row.period,
        row.score_run_id,
        row.pool,
        row.reserve,
        row.decision,
        row.decided_by,
        row.decided_at,
        run.digest,
        run.account,
        run.at,
    )


def shares(run_id: int) -> list[ShareInfo]:
    rows = select(FundShare).where(FundShare.run_id == run_id).order_by(FundShare.institution)
    return [ShareInfo(row.institution, row.paid_in, row.received, row.reason) for row in db.session.scalars(rows)]


def share(run_id: int, institution: str) -> ShareInfo | None:
    row = db.session.get(FundShare, (run_id, institution))
    return ShareInfo(row.institution, row.paid_in, row.received, row.reason) if row else None


def work_out(alliance: int, period: str) -> tuple[Pool, evaluation.RunInfo]:
    """Share the fund of a period by its official scores and what is filed now. Nothing is kept.

    Refused: no official scores, vetoes that the scores do not know of, members without a performance total of which
    they pay a rate: what is missing is not nought.
    """
    run = evaluation.official_run(alliance, period)
    if run is None:
        raise Refused(mark("There is no official score of %(period)s yet; compute it first."), period=period)
    rules = _rules(alliance, run)
    kept = audit.read_run(run.run_id, alliance)
    assert kept is not None
    people = members.members(alliance, Period.parse(period).last)
    what = "collaboration_score" if rules.basis == "collaboration" else "score"
    scores = audit.figures_of(run.run_id, [f"{one.code}/{what}" for one in people])
    vetoed = {one.institution for one in evaluation.scores(run.run_id) if one.vetoed}
    if vetoed != {one.institution for one in evaluation.vetoes(alliance, period)} & {one.code for one in people}:
        raise Refused(
            mark("The vetoes of %(period)s have changed since its scores were computed: score the period again first."),
            period=period,
        )
    filed = totals(alliance, period)
    claimants = [
        _claimant(
            one.code, scores.get(f"{one.code}/{what}"), kept.digest, one.code in vetoed, filed.get(one.code), period
        )
        for one in people
    ]
    owing = [one.code for one in claimants if one.performance_total is None] if rules.rate else []
    if owing:
        missing = mark("has no performance total; file it, 0 where there is none")
        raise Refused(
            mark(
                "Members without a performance total for %(period)s: %(count)s. Each pays a part of it: file it first."
            ),
            count=len(owing),
            period=period,
            problems=[Problem("%(who)s", "", missing, at={"who": code}) for code in owing],
        )
    sources = [
        given(
            f"fund/{period}/line/{line.number}",
            Kind(f"line:{line.number}", line.name, line.name, "元", "CNY", level=Level.ALLIANCE),
            yuan(line.amount),
            line.source(period),
        )
        for line in lines(alliance, period)
    ]
    return share_fund(period, claimants, [*_carried(alliance, period), *sources], rules), run


def _carried(alliance: int, period: str) -> list[Figure]:
    """The reserves of earlier funds that no decided fund has taken up, each as a source of its own."""
    begins, decided = Period.parse(period).first, decided_funds(alliance)
    sources = {
        f"figure:{one.digest}/fund/{one.period}/reserve": one
        for one in reversed(decided)
        if one.reserve and Period.parse(one.period).until <= begins
    }
    taken = audit.sources_among([one.run_id for one in decided], sources)
    return [
        given(
            f"fund/{period}/carried/{one.period}",
            Kind(
                f"carried:{one.period}", f"{one.period} 基金结余转入", f"Reserve carried over from {one.period}",
                "元", "CNY", level=Level.ALLIANCE,
            ),
            yuan(one.reserve),
            source,
        )
        for source, one in sources.items()
        if source not in taken
    ]  # fmt: skip


def _claimant(
    code: str, score: audit.KeptFigure | None, digest: str, vetoed: bool, filed: TotalInfo | None, period: str
) -> Claimant:
    owner = f"institution:{code}"
    mine = None
    if score is not None:
        # The score rests in another run: its source leads there.
        kind = Kind(
            "score",
            score.kind.zh.removesuffix("（一票否决）"),
            score.kind.en.removesuffix(" (vetoed)"),
            "分",
            "points",
            clause=score.kind.clause,
        )
        mine = Figure(
            f"{code}/fund_score", kind, score.value, score.state, source=f"figure:{digest}/{score.key}", owner=owner
        )
    if filed is None:
        return Claimant(code, mine, vetoed)
    source = f"total:{code}/{period}@{filed.revision}"

    def filed_figure(name: str, zh: str, en: str, value: Decimal | None, unit: tuple[str, str]) -> Figure | None:
        return (
            None
            if value is None
            else given(f"{code}/{name}", Kind(f"filed:{name}", zh, en, *unit), value, f"{source}#{name}", owner=owner)
        )

    return Claimant(
        code,
        mine,
        vetoed,
        filed_figure(
            "performance_total", "绩效总额", "Performance total", _yuan(filed.performance_total), ("元", "CNY")
        ),
        filed_figure("headcount", "人数（按日加权）", "Headcount, day-weighted", filed.headcount, ("人", "persons")),
        filed_figure(
            "last_per_head",
            "上年人均绩效",
            "Performance pay per head last year",
            _yuan(filed.last_per_head),
            ("元", "CNY"),
        ),
    )


def _yuan(cents: int | None) -> Decimal | None:
    return None if cents is None else yuan(cents)


def per_head(cents: int, headcount: Decimal | None) -> Decimal | None:
    """An amount by head of those who work there, in yuan."""
    return half_up(Fraction(cents) / 100 / Fraction(headcount), 2) if headcount else None


@dataclass(frozen=True, slots=True)
class Sums:
    """The foot of a table of shares, and what the fund holds beside what is paid in; cents."""

    paid_in: int
    received: int
    net: int
    other: int


def sums(fund: FundInfo, rows: Sequence[ShareInfo]) -> Sums:
    """What all members together pay in and receive."""
    paid = sum(row.paid_in for row in rows)
    return Sums(paid, sum(row.received for row in rows), sum(row.net for row in rows), fund.pool - paid)


def _concerned(alliance: int, run_id: str) -> frozenset[str] | None:
    """Nobody in particular; None when there is no such fund to decide on."""
    return frozenset() if run_id.isdecimal() and len(run_id) < 10 and fund(alliance, int(run_id)) else None


accounts.decides_on("fund", _concerned)
