"""A fund worked out, with nothing kept."""

from __future__ import annotations

from decimal import Decimal

from alliance.audit import queries as audit
from alliance.core.figure import Figure, Kind, Level, digest, given, trail
from alliance.core.money import yuan
from alliance.core.period import Period
from alliance.core.refused import Problem, Refused, mark
from alliance.evaluation import queries as evaluation
from alliance.funds.queries.funds import FundInfo, decided_funds, rules_of, waiting_fund, yuan_or_none
from alliance.funds.queries.totals import TotalInfo, lines, totals
from alliance.funds.rules import Claimant, Pool, Rules, share_fund
from alliance.members import queries as members


def work_out(alliance: int, period: str) -> tuple[Pool, evaluation.RunInfo]:
    """Share the fund of a period by its official scores and what is filed now. Nothing is kept.

    Refused: no official scores, vetoes that the scores do not know of, members without a performance total of which
    they pay a rate: what is missing is not nought.
    """
    run = evaluation.official_run(alliance, period)
    if run is None:
        raise Refused(mark("There is no official score of %(period)s yet; compute it first."), period=period)
    rules = rules_of(alliance, run.scheme)
    kept = audit.read_run(run.run_id, alliance)
    assert kept is not None
    people = members.members(alliance, Period.parse(period).last)
    scores = audit.figures_of(run.run_id, [f"{one.code}/{basis_of(rules)}" for one in people])
    vetoed = {one.institution for one in evaluation.scores(run.run_id) if one.vetoed}
    if vetoed != {one.institution for one in evaluation.vetoes(alliance, period)} & {one.code for one in people}:
        raise Refused(
            mark("The vetoes of %(period)s have changed since its scores were computed: score the period again first."),
            period=period,
        )
    filed = totals(alliance, period)
    claimants = [
        claimant_of(one.code, score, f"figure:{kept.digest}", one.code in vetoed, filed.get(one.code), period)
        for one in people
        for score in [scores.get(f"{one.code}/{basis_of(rules)}")]
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
    return share_fund(period, claimants, [*_carried(alliance, period), *_sources(alliance, period)], rules), run


def work_out_so_far(alliance: int, period: str) -> tuple[Pool, str] | None:
    """Share the fund of a period by its provisional scores; with the period whose totals and sources are used: its
    own, once any total is filed, else those of the last decided fund. Nothing is kept.

    None where there is nothing to estimate: no provisional score, a period that the scheme does not pay by, no fund in
    the scheme, no totals anywhere.
    """
    found = evaluation.estimate(alliance, period)
    figures = evaluation.estimate_figures(alliance, period)
    rules = rules_of(alliance, found.scheme) if found and evaluation.fund_rules(alliance, found.scheme) else None
    totals_of = next((one for one in _periods_with_totals(alliance, period) if totals(alliance, one)), "")
    if found is None or figures is None or rules is None or not totals_of:
        return None
    if evaluation.scored_by(alliance, found.scheme) is not Period.parse(period).kind:
        return None
    if all(row.score is None for row in found.scores):
        return None
    filed = totals(alliance, totals_of)
    claimants = [
        claimant_of(row.institution, score, f"estimate:{period}", row.vetoed, filed.get(row.institution), totals_of)
        for row in found.scores
        for score in [figures.read_figure(figures.numbers.get(f"{row.institution}/{basis_of(rules)}", 0))]
    ]
    carried = _carried(alliance, period)
    return share_fund(period, claimants, [*carried, *_sources(alliance, totals_of)], rules), totals_of


def _periods_with_totals(alliance: int, period: str) -> list[str]:
    return [period, *(one.period for one in decided_funds(alliance))]


def basis_of(rules: Rules) -> str:
    """The last part of the key of the score that a fund is shared by."""
    return "collaboration_score" if rules.basis == "collaboration" else "score"


def _sources(alliance: int, period: str) -> list[Figure]:
    return [
        given(
            f"fund/{period}/line/{line.number}",
            Kind(f"line:{line.number}", line.name, line.name, "元", "CNY", level=Level.ALLIANCE),
            yuan(line.amount),
            line.source(period),
        )
        for line in lines(alliance, period)
    ]


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


def claimant_of(
    code: str, score: audit.KeptFigure | None, run: str, vetoed: bool, filed: TotalInfo | None, period: str
) -> Claimant:
    """A member before the fund, with what was filed about it; its score rests in another run, which `run` names."""
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
        mine = Figure(f"{code}/fund_score", kind, score.value, score.state, source=f"{run}/{score.key}", owner=owner)
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
            "performance_total", "绩效总额", "Performance total", yuan_or_none(filed.performance_total), ("元", "CNY")
        ),
        filed_figure("headcount", "人数（按日加权）", "Headcount, day-weighted", filed.headcount, ("人", "persons")),
        filed_figure(
            "last_per_head",
            "上年人均绩效",
            "Performance pay per head last year",
            yuan_or_none(filed.last_per_head),
            ("元", "CNY"),
        ),
    )


def check_current(alliance: int, fund: FundInfo) -> None:
    """Refuse a computed fund that is not the one to decide on now: an earlier fund waits, or it would come out
    differently from what is scored, filed and decided now."""
    waiting = waiting_fund(alliance, fund.period)
    if waiting is not None:
        raise Refused(
            mark("The fund of %(period)s is not decided yet: decide it first, for its reserve belongs in this one."),
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
