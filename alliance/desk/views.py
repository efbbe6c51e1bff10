"""The doors of the desk: home with its tasks, and the explanation of any figure; and the rail of the page frame."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import unquote

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from alliance.access import alliance_id, can, concerns, grants, now, requires, scope, today
from alliance.core.acts import Act
from alliance.core.period import day_of
from alliance.core.refused import NotFound
from alliance.desk import queries
from alliance.evaluation import queries as evaluation
from alliance.funds import queries as funds
from alliance.i18n import LANGUAGES, deadline, label, lang, listed, period, words
from alliance.members import queries as members

blueprint = Blueprint("desk", __name__)
SOON = timedelta(days=3)
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
    due: str
    due_state: str
    note: str = ""
    value: int = 0
    maximum: int = 0
    progress: str = ""
    done: bool = False


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
    found = [_item(task) for task in queries.tasks(scope(), now())]
    runs = evaluation.holding_runs(alliance_id())
    own = sorted(scope().own)
    decided = funds.decided_funds(alliance_id())
    return render_template(
        "desk/read_home.html",
        tasks=found,
        names=_names(),
        latest=runs[0] if runs else None,
        own=own,
        fund=decided[0] if decided else None,
        scores={code: evaluation.score(runs[0].run_id, code) for code in own} if runs else {},
        share={code: funds.share(decided[0].run_id, code) for code in own} if decided else {},
        guides=[one for one in _guides() if one.own],
    )


def _item(task: queries.Task) -> Item:
    """A task in words, with its address."""
    title, url = _way(task)
    progress = _("%(count)s of %(whole)s", count=task.count, whole=task.whole) if task.whole else ""
    when = period(task.period) if task.period else words(task.about) if task.about else ""
    who = label(_names()[task.institution]) if task.institution else ""
    if task.what == "open":
        who = _unopened(task)
    return Item(title, url, when, _due(task.due), _state(task.due), who, task.count, task.whole, progress)


def _unopened(task: queries.Task) -> str:
    """Why a period did not open by itself."""
    stuck = [label(_names()[code]) for code in task.subject.split() if code in _names()]
    if not stuck:
        return _("Its day has come, but it did not open by itself. Open it by hand.")
    who = listed(stuck[:3])
    if len(stuck) > 3:
        who = _("%(who)s and %(count)s others", who=who, count=len(stuck) - 3)
    return _(
        "It did not open by itself: nobody employed elsewhere may review %(who)s. Appoint an officer of another "
        "employer.",
        who=who,
    )


def _way(task: queries.Task) -> tuple[str, str]:
    """What a task is called and where it is done."""
    match task.what:
        case "file":
            where = url_for("indicators.file_reading", period=task.period, institution=task.institution)
            return _("File the values"), where
        case "mend":
            where = url_for("indicators.file_reading", period=task.period, institution=task.institution)
            return _("Mend the returned values"), where
        case "open":
            return _("Open the period for filing"), url_for("indicators.open_period", period=task.period)
        case "grant":
            return _("Decide on an exception"), url_for("indicators.read_period", period=task.period)
        case "sign" | "submit":
            where = url_for("indicators.read_submission", period=task.period, institution=task.institution)
            return (_("Check and sign the values") if task.what == "sign" else _("Submit the signed values")), where
        case "accept" | "chase":
            where = url_for("indicators.list_submissions", period=task.period)
            return (_("Review what was submitted") if task.what == "accept" else _("See who has not submitted")), where
        case "share":
            return _("Share the fund"), url_for("funds.list_totals", period=task.period)
        case "decide_fund":
            return _("Decide on the fund"), url_for("funds.read_fund", number=task.subject)
        case "read_notice":
            where = url_for("notices.read_notice", number=task.subject)
            return _("Read notice %(number)s and confirm it", number=task.subject), where
        case "decide_scheme":
            code, _sep, version = task.subject.rpartition("/")
            where = url_for("evaluation.read_scheme", code=code, version=version)
            return _("Decide on scheme %(scheme)s", scheme=task.subject), where
    where = url_for("bulletins.read_bulletin", number=task.subject)
    if task.what == "issue":
        return _("Issue bulletin %(number)s", number=task.subject), where
    return _("Decide on bulletin %(number)s", number=task.subject), where


def _due(due: datetime | None) -> str:
    if due is None:
        return _("no deadline")
    if due <= now():
        return _("closed %(when)s", when=deadline(due))
    # The first moment that is too late: midnight belongs to the day before.
    days = (day_of(due - timedelta(microseconds=1)) - today()).days
    if not days:
        return _("until %(when)s, today", when=deadline(due))
    return ngettext("until %(when)s, %(num)s day left", "until %(when)s, %(num)s days left", days, when=deadline(due))


def _state(due: datetime | None) -> str:
    if due is None:
        return "ok"
    return "late" if due <= now() else "soon" if due - now() < SOON else "ok"


def _names() -> dict[str, members.MemberInfo]:
    return {one.code: one for one in members.institutions(alliance_id(), today())}


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
