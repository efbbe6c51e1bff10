"""The doors of rounds of cross-rating: all rounds, begin one, how far it is, remind, decide on flags, close."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from alliance.access import actor, alliance_id, can, now, requires, scope, today
from alliance.accounts import queries as accounts
from alliance.core.acts import Act
from alliance.core.refused import NotFound, Refused
from alliance.i18n import listed, named, said
from alliance.ratings import queries, services
from alliance.ratings.forms import FLAG_NAMES, FLAG_WORDS, DecideFlagForm, RescheduleRoundForm, StepForm, opening_form
from alliance.ratings.rules.flags import Flag
from alliance.ratings.rules.peers import WINDOW
from alliance.ratings.views.blueprint import blueprint, ways
from alliance.ratings.views.panels import names_at
from alliance.ratings.views.peer_forms import raters


def found_round(period: str) -> queries.RoundInfo:
    found = queries.peer_round(alliance_id(), period)
    if found is None:
        raise NotFound()
    return found


@blueprint.get("/rounds/list")
@requires(Act.RATINGS_ROUND_LIST)
def list_rounds() -> ResponseReturnValue:
    """All rounds, what the reader has to do in them, and the results that are the reader's to see."""
    rounds, mine = queries.peer_rounds(alliance_id()), raters()
    open_now = [one for one in rounds if one.is_open(now())]
    waiting = [(one, line) for one in open_now for line in (queries.rater_lines(one, frozenset(mine)) if mine else [])]
    return render_template(
        "ratings/list_rounds.html",
        ways=ways(),
        rounds=rounds,
        waiting=[(one, line) for one, line in waiting if line.submitted_at is None],
        own=sorted(scope().own),
        judged=_judged(),
        openable=queries.openable(alliance_id(), now()) if can(Act.RATINGS_ROUND_OPEN) else [],
        now=now(),
    )


def _judged() -> list[tuple[str, list[str]]]:
    """The reader's own members, each with the periods for which the third party judged it, newest first."""
    closed = [one.period for one in queries.panels(alliance_id()) if one.closed_at] if scope().own else []
    found = [
        (code, [period for period in closed if code in names_at(period)])
        for code in sorted(scope().own)
        if can(Act.RATINGS_EVALUATION_READ, code)
    ]
    return [(code, periods) for code, periods in found if periods]


@blueprint.route("/rounds/open", methods=["GET", "POST"])
@requires(Act.RATINGS_ROUND_OPEN)
def open_round() -> ResponseReturnValue:
    """Begin a round: quarter, weights of the items, how many raters stand behind what is shown."""
    form = opening_form()()
    periods = queries.openable(alliance_id(), now())
    form.offer(periods)
    if request.method == "GET" and request.args.get("period") in periods:
        form.period.data = request.args["period"]
    if form.validate_on_submit():
        period = form.period.data
        ok, count = form.done(
            lambda: services.open_round(
                alliance_id(), period, form.weights, form.floor.data or 0, by=actor(), now=now()
            )
        )
        if ok:
            begun = ngettext(
                "The round has begun with %(num)s rating to give.", "The round has begun with %(num)s ratings to give.",
                count or 0,
            )  # fmt: skip
            flash(begun, "success")
            return redirect(url_for("ratings.read_round", period=period))
    return render_template(
        "ratings/open_round.html", form=form, periods=periods, window=WINDOW
    ), 422 if form.errors or form.refused else 200


def told(flag: Flag) -> str:
    """What strikes, in the words of the reader."""
    return str(_(FLAG_WORDS[flag.kind], who=listed(named("who", code) for code in flag.raters)))


@blueprint.get("/rounds/read/<period>")
@requires(Act.RATINGS_ROUND_READ)
def read_round(period: str) -> ResponseReturnValue:
    """How far each rater is; once nobody rates any more, what strikes in the marks, for those who decide on it. What
    strikes between the own employer and another member would tell what that one gave: only others see it."""
    found = found_round(period)
    lines = queries.rater_lines(found)
    looks = can(Act.RATINGS_FLAG_DECIDE) and (found.is_over(now()) or found.closed_at is not None)
    every = queries.flags(found.id) if looks else []
    flags = [one for one in every if one.flag.by_rule or _may_decide(one.flag)]
    return render_template(
        "ratings/read_round.html",
        ways=ways(),
        round=found,
        lines=lines,
        flags=[(one, told(one.flag), _(FLAG_NAMES[one.flag.kind])) for one in flags],
        elsewhere=sum(scope().employer in one.flag.raters for one in every if one not in flags),
        people=accounts.names(
            {found.opened_by, found.closed_by, *(row.submitted_by for row in lines), *(row.decided_by for row in flags)}
            - {""}
        ),
        form=StepForm(),
        movable=can(Act.RATINGS_ROUND_RESCHEDULE) and queries.is_movable(found),
        now=now(),
    )


def _may_decide(flag: Flag) -> bool:
    free = not flag.by_rule and all(can(Act.RATINGS_FLAG_DECIDE, code) for code in flag.raters)
    return free and scope().account in queries.deciders(alliance_id(), flag, today())


@blueprint.post("/raters/remind/<period>")
@requires(Act.RATINGS_RATER_REMIND)
def remind_rater(period: str) -> ResponseReturnValue:
    """Remind one member, or all that have not handed in."""
    found = found_round(period)
    one = request.form.get("rater", "")
    waiting = [row.rater for row in queries.rater_lines(found) if row.submitted_at is None]
    occasion = f"{now():%Y-%m-%dT%H:%M}"
    try:
        count = services.remind_rater(
            alliance_id(), period, [one] if one else waiting, occasion, by=actor(), now=now()
        )  # fmt: skip
    except Refused as refused:
        flash(said(refused), "error")
    else:
        flash(ngettext("%(num)s member was reminded.", "%(num)s members were reminded.", count), "success")
    return redirect(url_for("ratings.read_round", period=period))


@blueprint.route("/rounds/reschedule/<period>", methods=["GET", "POST"])
@requires(Act.RATINGS_ROUND_RESCHEDULE)
def reschedule_round(period: str) -> ResponseReturnValue:
    """Move the last day of a round on."""
    found, form = found_round(period), RescheduleRoundForm()
    if not queries.is_movable(found):
        raise NotFound()
    if form.validate_on_submit():
        ok, count = form.done(
            lambda: services.reschedule_round(
                alliance_id(), period, form.due_at, form.reason.data or "", by=actor(), now=now()
            )
        )
        if ok:
            said_so = ngettext("The last day is moved; %(num)s member is told.",
                               "The last day is moved; %(num)s members are told.", count or 0)  # fmt: skip
            flash(said_so, "success")
            return redirect(url_for("ratings.read_round", period=period))
    return render_template(
        "ratings/reschedule_round.html", form=form, round=found, missing=found.raters - found.submitted
    ), 422 if form.errors or form.refused else 200


@blueprint.route("/flags/decide/<period>/<flag>", methods=["GET", "POST"])
@requires(Act.RATINGS_FLAG_DECIDE)
def decide_flag(period: str, flag: str) -> ResponseReturnValue:
    """Whether the marks in which a pattern strikes count or are left out, with a reason."""
    found = found_round(period)
    seen = queries.flags(found.id) if found.is_over(now()) else []
    one = next((row for row in seen if row.flag.key == flag), None)
    if one is None or not _may_decide(one.flag):
        raise NotFound()
    form = DecideFlagForm()
    if form.validate_on_submit():
        left_out = form.verdict.data == "leave"
        ok, _none = form.done(
            lambda: services.decide_flag(
                alliance_id(), period, flag, left_out, form.reason.data or "", by=actor(), now=now()
            )
        )
        if ok:
            flash(_("Recorded."), "success")
            return redirect(url_for("ratings.read_round", period=period))
    return render_template(
        "ratings/decide_flag.html", form=form, round=found, flag=one, told=told(one.flag)
    ), 422 if form.errors or form.refused else 200


@blueprint.route("/rounds/close/<period>", methods=["GET", "POST"])
@requires(Act.RATINGS_ROUND_CLOSE)
def close_round(period: str) -> ResponseReturnValue:
    """Close a round for good: first what that means."""
    found, form = found_round(period), StepForm()
    if form.validate_on_submit():
        ok, _digest = form.done(lambda: services.close_round(alliance_id(), period, by=actor(), now=now()))
        if ok:
            flash(_("The round is closed; its results enter the scores."), "success")
            return redirect(url_for("ratings.list_results", period=period))
    over = found.is_over(now())
    waiting = len(queries.open_flags(alliance_id(), found.id, today())) if over else 0
    return render_template(
        "ratings/close_round.html",
        form=form,
        round=found,
        over=over,
        waiting=waiting,
        counting=sum(one.is_open for one in queries.flags(found.id)) - waiting if over else 0,
    ), 422 if form.errors or form.refused else 200
