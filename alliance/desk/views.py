"""The doors of the desk: home with its tasks, and the explanation of any figure; and the rail of the page frame."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import unquote

from flask import Blueprint, Response, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user

from alliance.access import alliance_id, can, concerns, grants, machine_now, may_compare, now, requires, scope, today
from alliance.bulletins import queries as bulletins
from alliance.charts import Series, trend
from alliance.core.acts import Act
from alliance.core.period import Period
from alliance.core.refused import NotFound
from alliance.core.roles import STRONG
from alliance.desk import pictures, queries
from alliance.desk.forms import ReadStyleForm
from alliance.evaluation import queries as evaluation
from alliance.funds import queries as funds
from alliance.i18n import LANGUAGES, in_language, label, lang, moment, period, said, words
from alliance.indicators import queries as indicators
from alliance.members import queries as members
from alliance.pages import Leaf, Step

blueprint = Blueprint("desk", __name__)
PICTURE_KEPT = 3600  # seconds in a browser
# The wing of people has doors of two entries of the rail, and some of none.
DECISIONS = ("accounts.list_decisions", "accounts.read_decision", "accounts.record_decision")
PUBLISHED = ("bulletins", "notices")
PEOPLE = tuple(
    f"accounts.{name}"
    for name in (
        "list_persons",
        "read_person",
        "invite_account",
        "reset_account",
        "lock_account",
        "reset_totp",
        "give_grant",
        "revoke_grant",
        "name_deputy",
    )
)


@dataclass(frozen=True, slots=True)
class Link:
    """An entry of the rail."""

    label: str
    url: str
    icon: str
    current: bool


@dataclass(frozen=True, slots=True)
class Item:
    """A task as the home page shows it."""

    title: str
    url: str
    period: str
    due: datetime | None
    note: str = ""
    value: int = 0
    maximum: int = 0
    progress: str = ""
    done: bool = False


@dataclass(frozen=True, slots=True)
class Current:
    """The period that the frame names, and whether filing is open."""

    code: str
    open: bool


def current_period() -> Current | None:
    """The newest period that was opened, for those who may see its calendar."""
    newest = next(iter(indicators.periods(alliance_id())), None) if can(Act.INDICATORS_PERIOD_READ) else None
    return Current(newest.code, now() < newest.due_at) if newest else None


def rail() -> list[Link]:
    """The ways of this role, seven at most."""
    ways = [
        (_("My tasks"), "desk.read_home", "list-check", Act.DESK_HOME_READ, ("desk",)),
        (_("Filing"), "indicators.list_submissions", "pencil", Act.INDICATORS_SUBMISSION_LIST, ("indicators",)),
        (_("Scores"), "evaluation.list_runs", "bar-chart-line", Act.EVALUATION_RUN_LIST, ("evaluation",)),
        (_("Fund"), "funds.list_funds", "cash-stack", Act.FUNDS_FUND_LIST, ("funds",)),
        (_("Bulletins"), "bulletins.list_bulletins", "megaphone", Act.BULLETINS_BULLETIN_LIST, PUBLISHED),
        (_("Decisions"), "accounts.list_decisions", "clipboard-check", Act.ACCOUNTS_DECISION_LIST, DECISIONS),
        (_("Members"), "members.list_institutions", "hospital", Act.MEMBERS_INSTITUTION_LIST, ("members",)),
        (_("People"), "accounts.list_persons", "people", Act.ACCOUNTS_PERSON_LIST, PEOPLE),
        (_("E-mail"), "post.list_mails", "envelope", Act.POST_MAIL_LIST, ("post",)),
        (_("Audit log"), "audit.list_events", "journal-text", Act.AUDIT_EVENT_LIST, ("audit",)),
    ]
    here = {request.endpoint or "", (request.endpoint or "").partition(".")[0]}
    return [Link(text, url_for(end), icon, bool(here & {*at})) for text, end, icon, act, at in ways if can(act)]


@blueprint.get("/")
@requires(Act.DESK_HOME_READ)
def read_home() -> ResponseReturnValue:
    """My open tasks; below, what there is to read."""
    names = _names()
    found = [_item(task, names) for task in queries.tasks(scope(), now(), _own(), machine_now())]
    reads = can(Act.EVALUATION_RUN_LIST)  # the three who run the portal see no figures
    runs = evaluation.holding_runs(alliance_id()) if reads else []
    own = sorted(scope().own)
    decided = funds.decided_funds(alliance_id()) if own else []
    issued = [one for one in bulletins.bulletins(scope()) if one.issued_at] if reads else []
    return render_template(
        "desk/read_home.html",
        tasks=found,
        finished=queries.finished(scope(), now()),
        names=names,
        bulletin=issued[0] if issued else None,
        latest=runs[0] if runs else None,
        own=own,
        fund=decided[0] if decided else None,
        scores={code: evaluation.score(runs[0].run_id, code) for code in own} if runs else {},
        share={code: funds.share(decided[0].run_id, code) for code in own} if decided else {},
        guides=[one for one in _guides() if one.own],
    )


def _own() -> queries.Own:
    """What waits of the account at hand: a password near its end, a second factor that is owed."""
    config = current_app.config["ALLIANCE"]
    age = machine_now() - current_user.password_at
    soon = bool(config.password_days) and age.days >= config.password_warn_days
    return queries.Own(
        max(config.password_days - age.days, 0) if soon else None,
        config.totp and not current_user.totp and bool(scope().roles & STRONG),
    )


def _item(task: queries.Task, names: Mapping[str, members.MemberInfo]) -> Item:
    """A task in words, with its address."""
    progress = ""
    if task.whole:
        progress = _("%(count)s of %(whole)s", count=task.count, whole=task.whole)
    elif task.count:
        progress = ngettext("%(num)s waits", "%(num)s wait", task.count)
    return Item(
        _(task.title, **task.places),
        url_for(task.view, **task.args) if task.view else "",
        period(task.period) if task.period else "",
        task.due,
        _note(task, names),
        task.count,
        task.whole,
        progress,
    )


def _note(task: queries.Task, names: Mapping[str, members.MemberInfo]) -> str:
    """What stands beside a task: whose it is, or more about it."""
    if task.institution in names:
        return label(names[task.institution])
    return said(task.note) if task.note else words(task.about) if task.about else ""


def _names() -> dict[str, members.MemberInfo]:
    return {one.code: one for one in members.institutions(alliance_id(), today())}


@blueprint.get("/style")
@requires(Act.DESK_STYLE_READ)
def read_style() -> ResponseReturnValue:
    """Every piece of the pages in all its states, in both languages: what a page is made of."""
    shown = {}
    for language, (_locale, tag, name) in LANGUAGES.items():
        with in_language(language):
            forms = {"plain": ReadStyleForm(prefix=f"{language}-a-"), "wrong": ReadStyleForm(prefix=f"{language}-b-")}
            forms["wrong"].wrong()
            page = render_template("desk/pieces.html", key=language, samples=_samples(language), forms=forms)
            shown[name] = (tag, page)
    return render_template("desk/read_style.html", shown=shown)


def _samples(language: str) -> dict[str, Any]:
    """What the style page shows its pieces with: made-up numbers, deadlines on both sides of today, a chart."""
    months = [period(f"2026-{month:02}") for month in range(1, 5)]
    rates = [Decimal(text) for text in ("7.9", "8.4", "9.6", "11.2")]
    return {
        "quarter": period("2026Q1"),
        "due": {days: now() + timedelta(days=days) for days in (9, 2, 0, -3)},
        "steps": [Step(_("Filed"), "done", moment(now())), Step(_("Signed"), "current"), Step(_("Accepted"), "todo")],
        "leaf": Leaf(1, 50, 132, 1, 3, "", url_for("desk.read_style")),
        "form": ReadStyleForm(prefix=f"{language}-f-"),
        "rates": list(zip(months, rates, strict=True)),
        "chart": trend(
            title=_("Referral rate"),
            description=_("From %(first)s to %(last)s.", first=rates[0], last=rates[-1]),
            periods=months,
            series=[Series(_("Referral rate"), rates, accent=True)],
            unit="%",
            lang=language,
        ),
    }


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
    dimensions, indicators = pictures.labels(alliance_id(), run)
    return render_template(
        "desk/read_board.html",
        board=board,
        names=names,
        dimensions=dimensions,
        indicators=indicators,
        synergies=pictures.synergy_names(),
        pictures=pictures.board_pictures(board, names, dimensions),
        heat=pictures.heat(board, names, indicators),
        signed=pictures.signed,
        counts=evaluation.counts(board.rows),
        tasks=[_item(task, names) for task in queries.tasks(scope(), now(), _own(), machine_now())],
        fund=next((one for one in funds.decided_funds(alliance_id()) if one.period == run.period), None),
        periods=runs[:8],
    )


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
    dimensions, indicators = pictures.labels(alliance_id(), run)
    return render_template(
        "desk/read_standing.html",
        found=found,
        indicators=indicators,
        dimensions=dimensions,
        comparing=comparing,
        median=evaluation.medians(run.run_id).get(found.row.tier) if comparing else None,
        signed=pictures.signed,
        pictures=pictures.standing_pictures(found, dimensions, label(found.member)),
        tasks=[_item(task, _names()) for task in queries.tasks(scope(), now()) if task.institution == institution],
        periods=runs[:8],
    )


@blueprint.get("/figures/<int:run>/<int:number>")
@requires(Act.DESK_FIGURE_READ)
def read_figure(run: int, number: int) -> ResponseReturnValue:
    """Any figure opened: formula, numbers, inputs, clause, people."""
    return _figure_page("read_figure", queries.explain(scope(), run, number, lang()))


@blueprint.get("/figures/trials/<int:trial>/<int:number>")
@requires(Act.DESK_FIGURE_READ)
def read_trial_figure(trial: int, number: int) -> ResponseReturnValue:
    """A figure of a trial, opened in the same way for those who see trials."""
    return _figure_page("read_trial_figure", queries.explain_trial(scope(), trial, number, lang()))


@blueprint.get("/figures/estimates/<what>/<period>/<int:number>")
@requires(Act.DESK_FIGURE_READ)
def read_estimate_figure(what: str, period: str, number: int) -> ResponseReturnValue:
    """A provisional figure, opened in the same way."""
    return _figure_page("read_estimate_figure", queries.explain_estimate(scope(), what, period, number, lang()))


@blueprint.get("/desk/estimates/read")
@requires(Act.DESK_ESTIMATE_READ)
def read_estimate() -> ResponseReturnValue:
    """What is still running, as the last night found it: for a member its own result, for who reads all every one."""
    asked = request.args.get("period", "")
    board = queries.estimate_board(scope(), asked)
    if asked and board is None:
        raise NotFound()
    return render_template(
        "desk/read_estimate.html",
        board=board,
        periods=evaluation.estimates(alliance_id()),
        names=_names(),
        whole=scope().institutions is None,
    )


@blueprint.get("/desk/guides/list")
@requires(Act.DESK_GUIDE_LIST)
def list_guides() -> ResponseReturnValue:
    """The guides, those for the reader's roles first."""
    return render_template("desk/list_guides.html", guides=_guides())


def _guides() -> list[queries.Guide]:
    return queries.guides({grant.role for grant in grants()}, lang())


@blueprint.get("/desk/guides/read/<name>")
@requires(Act.DESK_GUIDE_READ)
def read_guide(name: str) -> ResponseReturnValue:
    """One guide, with its pictures."""
    place = unquote(url_for("desk.read_guide_picture", lang=lang(), name="{}"))
    found = queries.guide(name, lang(), place)
    if found is None:
        raise NotFound()
    return render_template("desk/read_guide.html", guide=found, name=name)


@blueprint.get("/desk/guides/pictures/<lang>/<name>.png")
@requires(Act.DESK_GUIDE_READ)
def read_guide_picture(lang: str, name: str) -> ResponseReturnValue:
    """A picture of a guide."""
    found = queries.picture(name, lang) if lang in LANGUAGES else None
    if found is None:
        raise NotFound()
    answer = Response(found.read_bytes(), mimetype="image/png")
    answer.cache_control.max_age = PICTURE_KEPT
    answer.cache_control.private = True
    return answer


def _figure_page(page: str, explained: queries.Explanation) -> ResponseReturnValue:
    kind, _sep, owner = explained.figure.owner.partition(":")
    if kind == "institution":
        concerns(owner)
    return render_template(f"desk/{page}.html", explained=explained, names=_names(), groups=evaluation.GROUP_NAMES)


@blueprint.get("/figures/<int:run>/by-key/<path:key>")
@requires(Act.DESK_FIGURE_READ)
def find_figure(run: int, key: str) -> ResponseReturnValue:
    """The same page under the figure's natural key."""
    return redirect(url_for("desk.read_figure", run=run, number=queries.number_of(scope(), run, key)))
