"""The doors of panels: convened, watched over, closed; their results and remarks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from alliance.access import actor, alliance_id, can, concerns, now, requires, scope, today
from alliance.accounts import queries as accounts
from alliance.core.acts import Act
from alliance.core.period import Period, PeriodKind, day_of
from alliance.core.refused import Both, NotFound
from alliance.i18n import label, words
from alliance.members import queries as members
from alliance.ratings import queries, services
from alliance.ratings.forms import (
    AskExpertForm,
    ClosePanelForm,
    OpenPanelForm,
    ReleaseRemarkForm,
    RemindPanelForm,
    ReplaceExpertForm,
    ReschedulePanelForm,
    WithdrawExpertForm,
)
from alliance.ratings.queries import ItemState, PanelInfo, ScoreInfo
from alliance.ratings.rules.panels import EACH
from alliance.ratings.rules.rubrics import Rubric
from alliance.ratings.views.blueprint import blueprint, kept_links, ways


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an expert is."""

    account: str
    asked: int
    locked: int
    missed: int
    waits: int
    withdrawn: int
    due: datetime | None

    @property
    def leaves(self) -> bool:
        """Whether something is asked that is not locked, and that a withdrawal would take away."""
        return self.locked < self.asked


def panel_of(period: str) -> PanelInfo:
    """The panel of a period; NotFound where there is none."""
    found = queries.panel(alliance_id(), period)
    if found is None:
        raise NotFound()
    return found


def names_at(period: str) -> dict[str, members.MemberInfo]:
    """The members of a period, or of today while it runs, by code."""
    on = min(Period.parse(period).last, today())
    return {one.code: one for one in members.members(alliance_id(), on)}


def progress(rows: list[ScoreInfo]) -> list[Progress]:
    """How far each expert of a panel is; what a conflict of interest or a withdrawal took away is asked no more."""
    found = []
    for account in sorted({row.account for row in rows}):
        every = [row for row in rows if row.account == account]
        mine = [row for row in every if row.stands]
        due = min((row.due_at for row in mine if row.waits), default=None)
        locked, missed = (sum(row.state == state for row in mine) for state in ("locked", "missed"))
        gone = sum(row.state == "withdrawn" for row in every)
        waits = sum(row.waits for row in mine)
        found.append(Progress(account, len(mine), locked, missed, waits, gone, due))
    return found


def _leaves(rows: list[ScoreInfo]) -> bool:
    """Whether anybody of a panel has something that is not locked."""
    return any(row.leaves for row in progress(rows))


def _states(rubric: Rubric, rows: list[ScoreInfo]) -> list[ItemState]:
    asked = {row.item for row in rows}
    return queries.item_states(rows, [one.code for one in rubric.items if one.code in asked])


@blueprint.get("/panels/list")
@requires(Act.RATINGS_PANEL_LIST)
def list_panels() -> ResponseReturnValue:
    """The panels, newest period first, and how far each is."""
    found = []
    for one in queries.panels(alliance_id()):
        live = [row for row in queries.scores(alliance_id(), one, now()) if row.stands]
        found.append((one, sum(row.state == "locked" for row in live), len(live)))
    return render_template(
        "ratings/list_panels.html", ways=ways(), panels=found, opens=can(Act.RATINGS_PANEL_OPEN), now=now()
    )  # fmt: skip


@blueprint.get("/panels/read/<period>")
@requires(Act.RATINGS_PANEL_READ)
def read_panel(period: str) -> ResponseReturnValue:
    """A panel: how far experts are, how far they agree on each item, what came of it."""
    one = panel_of(period)
    rubric, rows = queries.rubric_of(alliance_id(), one), queries.scores(alliance_id(), one, now())
    marks, far = queries.marks(one) if one.closed_at else [], progress(rows)
    visited = queries.visits(alliance_id(), period)
    return render_template(
        "ratings/read_panel.html", ways=ways(), one=one, rubric=rubric, states=_states(rubric, rows), progress=far,
        names=names_at(period), items={item.code: item for item in rubric.items},
        marks={(row.institution, row.item): row for row in marks}, totals=queries.totals(marks), visits=visited,
        people=accounts.names({row.account for row in far} | {row.visited_by for row in visited}), now=now(),
        waiting=any(row.waits for row in rows), leaves=any(row.leaves for row in far), form=RemindPanelForm(),
        held=sum(bool(row.remark) and not row.released for row in rows if row.state == "locked"),
    )  # fmt: skip


@blueprint.route("/panels/open", methods=["GET", "POST"])
@requires(Act.RATINGS_PANEL_OPEN)
def open_panel() -> ResponseReturnValue:
    """Convene the experts of a period."""
    form, known = OpenPanelForm(), queries.rubrics(alliance_id())
    newest = {}
    for info in reversed(known):
        newest[info.rubric.code] = info.rubric
    form.rubric.choices = [(f"{one.code}/{one.version}", words(one.name)) for one in newest.values()]
    there = [(one.code, f"{one.code} {label(one)}") for one in members.members(alliance_id(), today())]
    items = [(item.code, words(item.name)) for one in newest.values() for item in one.items]
    named = queries.experts_here(alliance_id(), today())
    people = [(one.account, words(Both(one.name_zh, one.name_en))) for one in named]
    form.institutions.choices, form.items.choices, form.experts.choices = there, items, people
    if request.method == "GET":
        form.period.data = Period.parse(f"{today():%Y-%m}").around(PeriodKind.QUARTER).code
        form.institutions.data = [code for code, _name in there]
        form.items.data = [code for code, _name in items]
        form.experts.data = [code for code, _name in people]
    if form.validate_on_submit():
        code, _slash, version = form.rubric.data.partition("/")
        ok, count = form.done(
            lambda: services.open_panel(
                alliance_id(), form.period.data or "", code, int(version), form.institutions.data or [],
                form.items.data or [], form.experts.data or [], form.due_at, by=actor(), now=now(),
            )
        )  # fmt: skip
        if ok:
            convened = ngettext(
                "The panel is convened: %(num)s score is asked.", "The panel is convened: %(num)s scores are asked.",
                count or 0,
            )  # fmt: skip
            flash(convened, "success")
            return redirect(url_for(".read_panel", period=form.period.data))
    return render_template(
        "ratings/open_panel.html", form=form, known=known, named=len(named), each=EACH
    ), 422 if form.errors or form.refused else 200


@blueprint.route("/experts/ask/<period>/<item>", methods=["GET", "POST"])
@requires(Act.RATINGS_EXPERT_ASK)
def ask_expert(period: str, item: str) -> ResponseReturnValue:
    """Ask a further expert for an item."""
    one, form = panel_of(period), AskExpertForm()
    rubric, rows = queries.rubric_of(alliance_id(), one), queries.scores(alliance_id(), one, now())
    state = next((found for found in _states(rubric, rows) if found.item == item), None)
    asked = rubric.item(item)
    if state is None or asked is None:
        raise NotFound()
    wanting = one.closed_at is None and state.wants_further
    form.expert.choices = [
        (held.account, words(Both(held.name_zh, held.name_en)))
        for held in queries.experts_here(alliance_id(), today())
        if wanting and queries.asked_further(alliance_id(), one, state, held.account, now())
    ]
    if form.validate_on_submit():
        ok, count = form.done(
            lambda: services.ask_expert(
                alliance_id(), period, item, form.expert.data, form.due_at, by=actor(), now=now()
            )
        )  # fmt: skip
        if ok:
            flash(ngettext("%(num)s score is asked.", "%(num)s scores are asked.", count or 0), "success")
            return redirect(url_for(".read_panel", period=period))
    return render_template(
        "ratings/ask_expert.html", form=form, one=one, item=asked, state=state, wanting=wanting
    ), 422 if form.errors or form.refused else 200


@blueprint.route("/experts/replace/<period>/<account>", methods=["GET", "POST"])
@requires(Act.RATINGS_EXPERT_REPLACE)
def replace_expert(period: str, account: str) -> ResponseReturnValue:
    """Hand what an expert has not locked to another person: first who may take how much of it."""
    one, form = panel_of(period), ReplaceExpertForm()
    far = next((row for row in progress(queries.scores(alliance_id(), one, now(), account)) if row.leaves), None)
    if far is None or one.closed_at is not None:
        raise NotFound()
    others = {held.account: held for held in queries.experts_here(alliance_id(), today()) if held.account != account}
    ways_on = [queries.handover(alliance_id(), one, account, code, now()) for code in others]
    form.expert.choices = [
        (way.account, words(Both(others[way.account].name_zh, others[way.account].name_en)))
        for way in ways_on
        if way.takes
    ]
    if request.method == "GET" and one.due_at > now():
        form.due.data = day_of(one.due_at - timedelta(minutes=1))
    if form.validate_on_submit():
        ok, count = form.done(
            lambda: services.replace_expert(
                alliance_id(), period, account, form.expert.data, form.due_at, form.reason.data or "", by=actor(),
                now=now(),
            )
        )  # fmt: skip
        if ok:
            flash(ngettext("%(num)s score is handed over.", "%(num)s scores are handed over.", count or 0), "success")
            stays = far.asked - far.locked - (count or 0)
            if stays:
                flash(ngettext("%(num)s score stays: name somebody else for it.",
                               "%(num)s scores stay: name somebody else for them.", stays), "warning")  # fmt: skip
            return redirect(url_for(".read_panel", period=period))
    return render_template(
        "ratings/replace_expert.html", form=form, one=one, far=far, ways=ways_on,
        people=accounts.names({account, *others}),
    ), 422 if form.errors or form.refused else 200  # fmt: skip


@blueprint.route("/experts/withdraw/<period>/<account>", methods=["GET", "POST"])
@requires(Act.RATINGS_EXPERT_WITHDRAW)
def withdraw_expert(period: str, account: str) -> ResponseReturnValue:
    """Withdraw an expert who falls out: first what that takes away."""
    one, form = panel_of(period), WithdrawExpertForm()
    far = next((row for row in progress(queries.scores(alliance_id(), one, now(), account)) if row.leaves), None)
    if far is None or one.closed_at is not None:
        raise NotFound()
    if form.validate_on_submit():
        ok, count = form.done(
            lambda: services.withdraw_expert(
                alliance_id(), period, account, form.reason.data or "", by=actor(), now=now()
            )
        )  # fmt: skip
        if ok:
            flash(ngettext("%(num)s score is withdrawn.", "%(num)s scores are withdrawn.", count or 0), "success")
            return redirect(url_for(".read_panel", period=period))
    return render_template(
        "ratings/withdraw_expert.html", form=form, one=one, far=far, people=accounts.names({account})
    ), 422 if form.errors or form.refused else 200


@blueprint.route("/panels/reschedule/<period>", methods=["GET", "POST"])
@requires(Act.RATINGS_PANEL_RESCHEDULE)
def reschedule_panel(period: str) -> ResponseReturnValue:
    """Move the last day of a panel on."""
    one, form = panel_of(period), ReschedulePanelForm()
    if one.closed_at is not None or not _leaves(queries.scores(alliance_id(), one, now())):
        raise NotFound()
    if form.validate_on_submit():
        ok, count = form.done(
            lambda: services.reschedule_panel(
                alliance_id(), period, form.due_at, form.reason.data or "", by=actor(), now=now()
            )
        )  # fmt: skip
        if ok:
            said = ngettext("The last day is moved; %(num)s expert is told.",
                            "The last day is moved; %(num)s experts are told.", count or 0)  # fmt: skip
            flash(said, "success")
            return redirect(url_for(".read_panel", period=period))
    return render_template("ratings/reschedule_panel.html", form=form, one=one), (
        422 if form.errors or form.refused else 200
    )


@blueprint.post("/panels/remind/<period>")
@requires(Act.RATINGS_PANEL_REMIND)
def remind_panel(period: str) -> ResponseReturnValue:
    """Remind the experts who have something left to score."""
    form = RemindPanelForm()
    if form.validate_on_submit():
        count = services.remind_panel(alliance_id(), period, f"{now():%Y-%m-%dT%H:%M}", by=actor(), now=now())
        flash(ngettext("%(num)s expert was reminded.", "%(num)s experts were reminded.", count), "success")
    return redirect(url_for(".read_panel", period=period))


@blueprint.route("/panels/close/<period>", methods=["GET", "POST"])
@requires(Act.RATINGS_PANEL_CLOSE)
def close_panel(period: str) -> ResponseReturnValue:
    """Close a panel: its results go to the scores."""
    one, form = panel_of(period), ClosePanelForm()
    rubric, rows = queries.rubric_of(alliance_id(), one), queries.scores(alliance_id(), one, now())
    if form.validate_on_submit():
        ok, _count = form.done(
            lambda: services.close_panel(alliance_id(), period, form.reason.data or "", by=actor(), now=now())
        )
        if ok:
            flash(_("The panel is closed; its results count from the next computation of scores."), "success")
            return redirect(url_for(".read_panel", period=period))
    left = [row for row in progress(rows) if row.waits]
    return render_template(
        "ratings/close_panel.html", form=form, one=one, states=_states(rubric, rows), left=left,
        items={item.code: item for item in rubric.items}, waiting=sum(row.waits for row in rows),
        people=accounts.names({row.account for row in left}),
    ), 422 if form.errors or form.refused else 200  # fmt: skip


def _by_member(row: ScoreInfo) -> tuple[str, str]:
    return row.institution, row.item


@blueprint.route("/remarks/release/<period>", methods=["GET", "POST"])
@requires(Act.RATINGS_REMARK_RELEASE)
def release_remark(period: str) -> ResponseReturnValue:
    """Read the remarks of a closed panel and release them to the members; who wrote them is shown to nobody."""
    one, form = panel_of(period), ReleaseRemarkForm()
    if one.closed_at is None:
        raise NotFound()
    rows = [row for row in queries.scores(alliance_id(), one, now()) if row.state == "locked" and row.remark]
    mine = [row for row in rows if not row.released and can(Act.RATINGS_REMARK_RELEASE, row.institution)]
    form.remarks.choices = [(row.id, row.remark) for row in mine]
    if form.validate_on_submit():
        ok, count = form.done(
            lambda: services.release_remark(alliance_id(), period, form.remarks.data or [], by=actor(), now=now())
        )
        if ok:
            flash(ngettext("%(num)s remark is released.", "%(num)s remarks are released.", count or 0), "success")
            return redirect(url_for(".release_remark", period=period))
    rubric = queries.rubric_of(alliance_id(), one)
    return render_template(
        "ratings/release_remark.html", form=form, one=one, rows=sorted(mine, key=_by_member),
        released=sum(row.released for row in rows), items={item.code: item for item in rubric.items},
        elsewhere=sum(not row.released for row in rows) - len(mine),
    ), 422 if form.errors or form.refused else 200  # fmt: skip


@blueprint.get("/evaluations/read/<period>/<institution>")
@requires(Act.RATINGS_EVALUATION_READ)
def read_evaluation(period: str, institution: str) -> ResponseReturnValue:
    """What the third party found about a member, by item, with the remarks that were released; never by whom."""
    if not scope().sees(institution):
        raise NotFound()
    concerns(institution)
    one, names = panel_of(period), names_at(period)
    if institution not in names or one.closed_at is None:
        raise NotFound()
    rubric = queries.rubric_of(alliance_id(), one)
    marks = [row for row in queries.marks(one) if row.institution == institution]
    judged = {row.item for row in marks}
    remarks: dict[str, list[str]] = {}
    for row in queries.scores(alliance_id(), one, now()):
        if row.institution == institution and row.released and row.remark:
            remarks.setdefault(row.item, []).append(row.remark)
    return render_template(
        "ratings/read_evaluation.html", one=one, rubric=rubric, marks={row.item: row for row in marks},
        total=queries.total_of(marks), kept=kept_links(period, "third_party", {institution: queries.total_of(marks)}),
        items=[item for item in rubric.items if item.code in judged],
        remarks={code: sorted(texts) for code, texts in remarks.items()}, institution=institution,
        visits=queries.visits(alliance_id(), period, institution),
        periods=[found.period for found in queries.panels(alliance_id()) if found.closed_at],
    )  # fmt: skip
