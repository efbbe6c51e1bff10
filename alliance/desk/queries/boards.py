"""How the members of the alliance stand in a period, side by side; and how one of them stands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from alliance.audit import queries as audit
from alliance.core.figure import half_up, quotient, sum_exactly
from alliance.core.period import Period
from alliance.evaluation import queries as evaluation
from alliance.funds import queries as funds
from alliance.indicators import queries as indicators
from alliance.members import queries as members

PERIODS_SHOWN = 8  # of a trend
MOVES_SHOWN = 3  # rises, and as many falls
GAINS_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Move:
    """How a score changed against the period before."""

    institution: str
    score: Decimal
    before: Decimal

    @property
    def by(self) -> Decimal:
        return self.score - self.before


@dataclass(frozen=True, slots=True)
class Board:
    """A tier in an official run, with what it is compared with."""

    run: evaluation.RunInfo
    before: evaluation.RunInfo | None
    tier: str
    tiers: Sequence[str]
    rows: Sequence[evaluation.ScoreInfo]
    medians: Mapping[str, audit.KeptFigure]
    dimension_medians: Mapping[str, Mapping[str, audit.KeptFigure]]
    trend: Sequence[tuple[str, Mapping[str, audit.KeptFigure]]]  # period and medians by tier, oldest first
    moves: Sequence[Move]  # of all tiers, the largest rise first
    lines: Sequence[str]  # the indicators of the tier
    shares: Mapping[tuple[str, str], audit.KeptFigure]  # by member and indicator
    synergies: Mapping[str, Decimal]  # points reached in % of the weight, by kind of synergy

    @property
    def rises(self) -> list[Move]:
        return [one for one in self.moves if one.by > 0][:MOVES_SHOWN]

    @property
    def falls(self) -> list[Move]:
        return [one for one in reversed(self.moves) if one.by < 0][:MOVES_SHOWN]


def runs_until(alliance: int, run: evaluation.RunInfo) -> list[evaluation.RunInfo]:
    """The runs that hold for the periods up to that of a run, oldest first."""
    end = Period.parse(run.period)
    found = [one for one in evaluation.holding_runs(alliance) if Period.parse(one.period).last <= end.last]
    return found[:PERIODS_SHOWN][::-1]


def rests_on(alliance: int, run: evaluation.RunInfo) -> Hashable:
    """All that may still change of what is told of a run: what it is compared with, and the words for it."""
    until = tuple(runs_until(alliance, run))
    return alliance, run, until, indicators.definitions_known(alliance), members.facts_known(alliance)


def board(alliance: int, run: evaluation.RunInfo, tier: str) -> Board:
    """The board of a run; of the tier with the most members when the named one has none."""
    everybody = evaluation.scores(run.run_id)
    tiers = list(dict.fromkeys(row.tier for row in everybody))
    sizes = Counter(row.tier for row in everybody)
    tier = tier if tier in sizes else max(tiers, key=sizes.__getitem__, default="")
    rows = [row for row in everybody if row.tier == tier]
    when = Period.parse(run.period)
    library = indicators.library(alliance, when.last)
    code, _, version = run.scheme.rpartition("/")
    info = evaluation.scheme_info(alliance, code, int(version))
    assert info is not None
    lines = evaluation.parsed(alliance, info, when.last).tier_lines(tier)
    keys = {f"{row.institution}/{line.indicator}/share": (row.institution, line.indicator)
            for row in rows for line in lines}  # fmt: skip
    shares = {keys[key]: figure for key, figure in audit.figures_of(run.run_id, keys).items()}
    until = runs_until(alliance, run)
    before = until[-2] if len(until) > 1 else None
    medians = evaluation.medians(run.run_id)
    return Board(
        run, before, tier, tiers, rows, medians,
        evaluation.dimension_medians(run.run_id, [one.code for one in library.dimensions]),
        [(one.period, medians if one == run else evaluation.medians(one.run_id)) for one in until],
        _moves(everybody, evaluation.scores(before.run_id) if before else []),
        [line.indicator for line in lines], shares,
        _synergies(
            {line.indicator: (library.indicators[line.indicator].synergy, line.weight) for line in lines}, shares
        ),
    )  # fmt: skip


def _moves(rows: Sequence[evaluation.ScoreInfo], earlier: Sequence[evaluation.ScoreInfo]) -> list[Move]:
    """The changes of those that were scored both times and not vetoed, the largest rise first."""
    old = {row.institution: row.score for row in earlier if not row.vetoed and row.score is not None}
    found = [
        Move(row.institution, row.score, old[row.institution])
        for row in rows
        if row.institution in old and not row.vetoed and row.score is not None
    ]
    return sorted(found, key=lambda one: (-one.by, one.institution))


def _synergies(
    lines: Mapping[str, tuple[str, Decimal]], shares: Mapping[tuple[str, str], audit.KeptFigure]
) -> dict[str, Decimal]:
    """Points reached over points to be had, in %, of all members together; what does not apply counts on neither."""
    reached: dict[str, list[Decimal]] = {}
    weights: dict[str, list[Decimal]] = {}
    for (_, indicator), share in shares.items():
        synergy, weight = lines[indicator]
        if synergy and share.value is not None:
            reached.setdefault(synergy, []).append(weight * share.value)
            weights.setdefault(synergy, []).append(weight)
    return {
        synergy: half_up(quotient(sum_exactly(parts), sum_exactly(weights[synergy]), 100), 2)
        for synergy, parts in reached.items()
        if sum_exactly(weights[synergy])
    }


@dataclass(frozen=True, slots=True)
class Standing:
    """How a member stands: its result, its sheet, the same of the period before, and its share of the fund."""

    member: members.MemberInfo
    run: evaluation.RunInfo
    row: evaluation.ScoreInfo
    sheet: evaluation.Sheet
    before: evaluation.RunInfo | None
    earlier: evaluation.ScoreInfo | None
    steps: Mapping[str, Decimal]  # by dimension, how many points it brought more; "" what they do not explain
    tied: int  # how many others share the rank; 0 while others may not be seen
    trend: Sequence[tuple[str, Decimal | None]]
    fund: funds.FundInfo | None
    share: funds.ShareInfo | None
    medians: Mapping[str, Decimal]  # of the tier's values by indicator that cost points; empty while not to be seen

    @property
    def gains(self) -> list[evaluation.SheetLine]:
        """The lines with most to gain."""
        return [line for line in self.sheet.lines if line.lost][:GAINS_SHOWN]


def standing(alliance: int, run: evaluation.RunInfo, institution: str, *, comparing: bool) -> Standing | None:
    """How a member stands in a run; None when the run did not score it."""
    row = evaluation.score(run.run_id, institution)
    member = members.member(alliance, institution, Period.parse(run.period).last)
    if row is None or member is None:
        return None
    sheet = evaluation.sheet(alliance, run, institution, row.tier, comparing=comparing)
    until = runs_until(alliance, run)
    before = until[-2] if len(until) > 1 else None
    earlier = evaluation.score(before.run_id, institution) if before else None
    past = evaluation.sheet(alliance, before, institution, earlier.tier) if before and earlier else None
    fund = next((one for one in funds.decided_funds(alliance) if one.period == run.period), None)
    results = [(one.period, evaluation.score(one.run_id, institution)) for one in until]
    return Standing(
        member, run, row, sheet, before, earlier,
        _steps(alliance, run, sheet, past, row, earlier) if past and earlier else {},
        _tied(run, row) if comparing and row.rank else 0,
        [(period, one.score if one else None) for period, one in results],
        fund, funds.share(fund.run_id, institution) if fund else None,
        _middles(run, row.tier, sheet) if comparing else {},
    )  # fmt: skip


def _middles(run: evaluation.RunInfo, tier: str, sheet: evaluation.Sheet) -> dict[str, Decimal]:
    """The medians of the tier for the lines that cost points, in the places of the member's own value."""
    lost = {line.indicator: line for line in sheet.lines if line.lost and line.value}
    # Of every line: the members of a tier have one answer in common.
    found = evaluation.value_medians(run, tier, sorted(line.rule.measure for line in sheet.lines))
    return {
        code: half_up(found[line.rule.measure], _places(line)) for code, line in lost.items()
        if line.rule.measure in found
    }  # fmt: skip


def _places(line: evaluation.SheetLine) -> int:
    rounding = line.value.kind.rounding if line.value else ""
    return int(rounding) if rounding.isdecimal() else 2


def _tied(run: evaluation.RunInfo, row: evaluation.ScoreInfo) -> int:
    return sum(one.tier == row.tier and one.rank == row.rank for one in evaluation.scores(run.run_id)) - 1


def _steps(
    alliance: int,
    run: evaluation.RunInfo,
    sheet: evaluation.Sheet,
    past: evaluation.Sheet,
    row: evaluation.ScoreInfo,
    earlier: evaluation.ScoreInfo,
) -> dict[str, Decimal]:
    """From the data score before to the one now: the points of each dimension, and the weights given away."""
    if row.data is None or earlier.data is None:
        return {}
    library = indicators.library(alliance, Period.parse(run.period).last)
    found = {one.code: Decimal(0) for one in library.dimensions}
    for lines, sign in ((sheet.lines, 1), (past.lines, -1)):
        for line in lines:
            known = library.indicators.get(line.indicator)
            if known and line.points is not None and line.points.value is not None:
                found[known.dimension] = sum_exactly([found.get(known.dimension, Decimal(0)), sign * line.points.value])
    steps = {code: half_up(quotient(value, Decimal(1)), 2) for code, value in found.items() if value}
    rest = row.data - earlier.data - sum(steps.values(), Decimal(0))
    return {**steps, "": rest} if rest else steps
