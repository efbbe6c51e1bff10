"""The doors of the board and of a member's page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial

from flask import render_template, request
from flask.typing import ResponseReturnValue

from alliance.access import alliance_id, may_compare, now, requires, scope, today
from alliance.core.acts import Act
from alliance.core.period import Period, PeriodKind
from alliance.core.refused import NotFound
from alliance.core.tiers import TIERS
from alliance.desk import pictures, queries
from alliance.desk.views.blueprint import blueprint
from alliance.desk.views.items import item_of, names_of
from alliance.evaluation import queries as evaluation
from alliance.funds import queries as funds
from alliance.i18n import label
from alliance.indicators import queries as indicators
from alliance.members import queries as members
from alliance.registers import queries as registers


@blueprint.get("/boards/read")
@requires(Act.DESK_BOARD_READ)
def read_board() -> ResponseReturnValue:
    """The members side by side in a period: one tier in full, the medians of all."""
    runs = evaluation.holding_runs(alliance_id())
    run = _chosen(runs)
    if run is None:
        return render_template("desk/read_board.html", board=None, periods=[])
    board = queries.board(alliance_id(), run, request.args.get("tier", ""))
    names = {one.code: one for one in members.institutions(alliance_id(), Period.parse(run.period).last)}
    dimensions, named = pictures.labels(alliance_id(), run)
    filing = next(iter(indicators.periods(alliance_id())), None)
    cases = _referrals(Period.parse(run.period), names)
    return render_template(
        "desk/read_board.html",
        board=board,
        cases=cases,
        flow=pictures.referral_flow(cases, Period.parse(run.period)),
        last_month=Period.parse(run.period).parts(PeriodKind.MONTH)[-1].code,
        names=names,
        dimensions=dimensions,
        indicators=named,
        synergies=pictures.synergy_names(),
        state=(queries.rests_on(alliance_id(), run), board.tier),
        draw=partial(pictures.board_pictures, board, names, dimensions),
        draw_heat=partial(pictures.heat, board, names, named),
        signed=pictures.signed,
        counts=evaluation.counts(board.rows),
        filing=filing,
        submissions=indicators.submissions(alliance_id(), filing.code) if filing else [],
        matters=queries.matters(alliance_id(), [one.code for one in members.members(alliance_id(), today())], now()),
        fund=next((one for one in funds.decided_funds(alliance_id()) if one.period == run.period), None),
        periods=runs[:8],
    )


def _referrals(when: Period, names: Mapping[str, members.MemberInfo]) -> dict[tuple[str, str], int]:
    """How many referrals of a period count, by the tiers of sender and receiver."""
    found = Counter[tuple[str, str]]()
    for month in when.parts(PeriodKind.MONTH):
        for (sender, receiver, _way), count in registers.flows(scope(), month.code).items():
            if sender in names and receiver in names:
                found[names[sender].tier, names[receiver].tier] += count
    return dict(sorted(found.items(), key=lambda one: [TIERS.index(tier) for tier in one[0]]))


def _chosen(runs: Sequence[evaluation.RunInfo]) -> evaluation.RunInfo | None:
    """The run of the period in the address, else the newest; NotFound for a period that has none."""
    wanted = request.args.get("period", "")
    if not wanted:
        return next(iter(runs), None)
    found = next((run for run in runs if run.period == wanted), None)
    if found is None:
        raise NotFound()
    return found


@blueprint.get("/standings/read/<institution>")
@requires(Act.DESK_STANDING_READ)
def read_standing(institution: str) -> ResponseReturnValue:
    """How one member stands: score, rank, what cost most points, what to do next."""
    if not scope().sees(institution):
        raise NotFound()
    runs = evaluation.holding_runs(alliance_id())
    run = _chosen(runs)
    comparing = run is not None and may_compare(run.run_id)
    found = queries.standing(alliance_id(), run, institution, comparing=comparing) if run else None
    if run is None or found is None:
        raise NotFound()
    dimensions, named = pictures.labels(alliance_id(), run)
    return render_template(
        "desk/read_standing.html",
        found=found,
        indicators=named,
        dimensions=dimensions,
        comparing=comparing,
        median=evaluation.medians(run.run_id).get(found.row.tier) if comparing else None,
        signed=pictures.signed,
        state=(queries.rests_on(alliance_id(), run), institution, comparing),
        draw=partial(pictures.standing_pictures, found, dimensions, label(found.member)),
        tasks=[item_of(task, names_of()) for task in queries.tasks_at(scope(), institution, now())],
        periods=runs[:8],
    )
