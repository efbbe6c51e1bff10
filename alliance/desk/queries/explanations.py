"""The explanation of a figure: its formula, its inputs, its origin; and who may read it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from alliance.accounts import queries as accounts
from alliance.audit import queries as audit
from alliance.bulletins import queries as bulletins
from alliance.core.figure import ALLIANCE, Level, State
from alliance.core.period import Period
from alliance.core.refused import NotFound
from alliance.core.roles import Scope
from alliance.desk.queries import pay
from alliance.desk.queries.origins import Origin, origin_of
from alliance.evaluation import queries as evaluation
from alliance.funds import queries as funds


@dataclass(frozen=True, slots=True)
class InputLine:
    """An input of a figure as the reader may see it: `shut` ones have a name and no value, and do not open."""

    name: str
    label_zh: str
    label_en: str
    key: str
    run_id: int
    number: int
    value: Decimal | None
    state: State
    unit_zh: str
    unit_en: str
    rounding: str
    shut: bool
    owner: str


@dataclass(frozen=True, slots=True)
class Computed:
    """The computation that a figure belongs to: a kept run, or a trial or an estimate, whose `run_id` is 0.

    `estimate` names what was estimated and of which period: `scores/2026Q4`, `fund/2026Q4`."""

    run_id: int
    trial: int
    subject: str
    digest: str
    account: str
    at: datetime
    software: str = ""
    estimate: str = ""


@dataclass(frozen=True, slots=True)
class Explanation:
    """A figure opened: formula in words and with numbers, inputs, origin."""

    figure: audit.KeptFigure
    run: Computed
    words: str
    numbers: str
    inputs: Sequence[InputLine]
    origin: Origin | None
    used_by: Sequence[audit.KeptFigure]
    computed_by: tuple[str, str]

    @property
    def rows(self) -> list[tuple[InputLine, int]]:
        """The inputs as they are listed, each with how many it stands for: those in a row that are shut and called
        alike are one."""
        found: list[tuple[InputLine, int]] = []
        for line in self.inputs:
            before = found[-1][0] if found else None
            if before and before.shut and line.shut and (before.name, before.label_en) == (line.name, line.label_en):
                found[-1] = (before, found[-1][1] + 1)
            else:
                found.append((line, 1))
        return found

    @property
    def linked_on(self) -> date | None:
        """Of a value of those whom a member supports, the day on which they count."""
        linked = self.figure.kind.code.startswith("linked:") and self.figure.owner != ALLIANCE
        return Period.parse(self.figure.key.rpartition("/")[2]).last if linked else None


def may_read(scope: Scope, run: audit.RunInfo, figure: audit.KeptFigure, published: set[int]) -> bool:
    """Whether a reader may see a figure: all of the alliance's own, a member's by that member and by those who read the
    whole, the scores and ranks of a published run by everybody. A fund that is not decided is for those who decide."""
    if run.alliance_id != scope.alliance_id:
        return False
    if pay.is_pay(run.subject):
        return pay.Reader(scope, run).may_read(figure)
    if scope.institutions is None:
        return True
    if run.subject.startswith("fund:"):
        fund = funds.fund(scope.alliance_id, run.id)
        if fund is None or not fund.decision:
            return False
    if figure.owner == ALLIANCE:
        # What the scheme says and what is filed for the alliance itself (its keys name no institution: /E034/2026Q1) is
        # everybody's; what was computed over all members, once it is published or decided.
        given = bool(figure.source) or figure.key.startswith("/")
        known = given or run.id in published or run.subject.startswith("fund:")
        return known and figure.kind.level is Level.ALLIANCE
    institution = figure.owner.removeprefix("institution:")
    part = figure.key.rpartition("/")[2]
    if institution in scope.bonus and part == "score":
        return True  # the bonus of a hospital may rest on its score, which its offices then see, but not what is in it
    return institution in scope.institutions or (
        run.id in published and part in ("score", "rank", "collaboration_score")
    )


def opens(scope: Scope, figure: audit.KeptFigure) -> bool:
    """Whether the reader may open what a figure rests on: of a figure that is only published, no."""
    return (
        scope.institutions is None
        or figure.owner == ALLIANCE
        or figure.owner.removeprefix("institution:") in scope.institutions
    )


def explain(scope: Scope, run_id: int, number: int, lang: str) -> Explanation:
    """A figure opened for a reader; NotFound when there is none, or the reader may not learn that there is."""
    run = audit.read_run(run_id, scope.alliance_id)
    kept = audit.Kept(run_id)
    figure = kept.read_figure(number) if run else None
    published = bulletins.published_runs(scope.alliance_id)
    if run is None or figure is None or not may_read(scope, run, figure, published):
        raise NotFound()
    payroll = pay.Reader(scope, run) if pay.is_pay(run.subject) else None
    visible = opens(scope, figure)

    def shown(part: audit.KeptFigure) -> bool:
        return payroll.may_read(part) if payroll else visible and may_read(scope, run, part, published)

    computed = Computed(run.id, 0, run.subject, run.digest, run.account, run.at, run.software)
    return _explanation(scope, computed, kept, figure, shown, lang)


def explain_trial(scope: Scope, trial: int, number: int, lang: str) -> Explanation:
    """A figure of a trial opened; NotFound for all who do not see trials."""
    found = evaluation.trial(scope.alliance_id, trial) if scope.sees_trials else None
    figures = evaluation.trial_figures(scope.alliance_id, trial) if found else None
    figure = figures.read_figure(number) if figures else None
    if found is None or figures is None or figure is None:
        raise NotFound()
    computed = Computed(0, trial, f"trial:{trial}", found.digest, found.tried_by, found.tried_at)
    return _explanation(scope, computed, figures, figure, lambda _: True, lang)


def explain_estimate(scope: Scope, what: str, period: str, number: int, lang: str) -> Explanation:
    """A provisional figure opened, of `scores` or of the `fund`: a member's own, and what the scheme says to all."""
    found, figures = ESTIMATES[what](scope.alliance_id, period) if what in ESTIMATES else (None, None)
    figure = figures.read_figure(number) if figures else None
    if found is None or figures is None or figure is None or not _may_read_estimate(scope, figure):
        raise NotFound()
    computed = Computed(
        0, 0, f"estimate:{period}", found.digest, found.computed_by, found.computed_at, estimate=f"{what}/{period}"
    )
    return _explanation(scope, computed, figures, figure, lambda part: _may_read_estimate(scope, part), lang)


def _may_read_estimate(scope: Scope, figure: audit.KeptFigure) -> bool:
    """Nothing that was computed over all members is shown to one of them before it is official and published."""
    if scope.institutions is None:
        return True
    if figure.owner == ALLIANCE:
        return bool(figure.source) and figure.kind.level is Level.ALLIANCE
    return figure.owner.removeprefix("institution:") in scope.institutions


def _scores_estimate(alliance: int, period: str) -> tuple[evaluation.EstimateInfo | None, audit.Packed | None]:
    return evaluation.estimate(alliance, period), evaluation.estimate_figures(alliance, period)


def _fund_estimate(alliance: int, period: str) -> tuple[funds.FundEstimateInfo | None, audit.Packed | None]:
    return funds.fund_estimate(alliance, period), funds.fund_estimate_figures(alliance, period)


ESTIMATES = {"scores": _scores_estimate, "fund": _fund_estimate}


def _explanation(
    scope: Scope,
    computed: Computed,
    figures: audit.Kept | audit.Packed,
    figure: audit.KeptFigure,
    shown: Callable[[audit.KeptFigure], bool],
    lang: str,
) -> Explanation:
    raw = figures.inputs_of(figure.number)
    lines = [_line(name, part, shut=not shown(part)) for name, part in raw]
    used = [one for one in figures.used_by(figure.number) if shown(one)]
    zh, en, _ = accounts.names([computed.account]).get(computed.account, (computed.account, computed.account, ""))
    words, numbers = audit.formula_texts(figure, raw, [line.shut for line in lines], lang)
    if lines and all(line.shut for line in lines):
        numbers = words  # there is none to tell
    origin = (
        origin_of(scope, figure) if figure.source and (pay.is_pay(computed.subject) or opens(scope, figure)) else None
    )
    return Explanation(figure, computed, words, numbers, lines, origin, used, (zh, en))


def _line(name: str, part: audit.KeptFigure, *, shut: bool) -> InputLine:
    kind = part.kind
    return InputLine(
        name,
        kind.zh,
        kind.en,
        part.key if not shut else "",
        part.run_id,
        0 if shut else part.number,
        None if shut else part.value,
        State.VALUE if shut else part.state,
        kind.unit_zh,
        kind.unit_en,
        kind.rounding,
        shut,
        "" if shut else part.owner,
    )


def number_of(scope: Scope, run_id: int, key: str) -> int:
    """The number of a figure by its natural key; NotFound when it is not there or not the reader's to see."""
    run = audit.read_run(run_id, scope.alliance_id)
    figure = audit.figures_of(run_id, [key]).get(key) if run else None
    if run is None or figure is None or not may_read(scope, run, figure, bulletins.published_runs(scope.alliance_id)):
        raise NotFound()
    return figure.number


def kept_results(
    scope: Scope, period: str, group: str, values: Mapping[str, Decimal | None]
) -> dict[str, tuple[int, int]]:
    """Where results of a rater group stand in the official run of a period, as (run, number) by member: those that
    entered it as they are now, and that the reader may see."""
    official = evaluation.official_run(scope.alliance_id, period)
    run = audit.read_run(official.run_id, scope.alliance_id) if official else None
    if run is None:
        return {}
    keys = {f"{who}/group/{group}": who for who, value in values.items() if value is not None}
    published = bulletins.published_runs(scope.alliance_id)
    return {
        keys[key]: (run.id, one.number)
        for key, one in audit.figures_of(run.id, list(keys)).items()
        if one.value == values[keys[key]] and may_read(scope, run, one, published)
    }
