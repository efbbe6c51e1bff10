"""The doors of an expert: what is asked, a score, its file; and visits on site."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from alliance.access import actor, alliance_id, can, concerns, now, requires, scope, today
from alliance.accounts import queries as accounts
from alliance.core.acts import Act
from alliance.core.refused import NotFound, Refused
from alliance.pages import attachment
from alliance.ratings import queries, services
from alliance.ratings.forms import ANSWERS, ConfirmVisitForm, GiveScoreForm, LockScoreForm, visit_form
from alliance.ratings.queries import ScoreInfo, VisitInfo
from alliance.ratings.views.blueprint import blueprint, ways
from alliance.ratings.views.panels import names_at, panel_of
from alliance.store import Store


def score_store() -> Store:
    """Where the files behind scores lie."""
    return Store(Path(current_app.config["ALLIANCE"].data) / "scores")


BY_MEMBER, BY_ITEM = "member", "item"  # how the work is arranged: member by member, or one item of all members


def _way() -> str:
    """How the reader goes through the work, ?by=; member by member where nothing else is said."""
    return BY_ITEM if request.args.get("by") == BY_ITEM else BY_MEMBER


def _mine(period: str, way: str = BY_MEMBER) -> list[ScoreInfo]:
    """One's own scores of a panel that are asked still, in the order of the work."""
    one = panel_of(period)
    places = {item.code: place for place, item in enumerate(queries.rubric_of(alliance_id(), one).items)}
    rows = [row for row in queries.scores(alliance_id(), one, now(), scope().account) if row.stands]
    if way == BY_ITEM:
        return sorted(rows, key=lambda row: (places[row.item], row.institution))
    return sorted(rows, key=lambda row: (row.institution, places[row.item]))


@dataclass(frozen=True, slots=True)
class Stack:
    """The scores of a member, or of an item, as the work is arranged."""

    code: str
    rows: tuple[ScoreInfo, ...]

    @property
    def locked(self) -> int:
        return sum(row.state == "locked" for row in self.rows)

    @property
    def saved(self) -> int:
        return sum(row.state == "saved" for row in self.rows)

    @property
    def waits(self) -> bool:
        """Whether something of it is left to do."""
        return any(row.waits for row in self.rows)


def _stacks(rows: Sequence[ScoreInfo], way: str) -> list[Stack]:
    found: dict[str, list[ScoreInfo]] = {}
    for row in rows:
        found.setdefault(row.item if way == BY_ITEM else row.institution, []).append(row)
    return [Stack(code, tuple(mine)) for code, mine in found.items()]


def _address(row: ScoreInfo, way: str) -> str:
    """The page of a score, which goes on in the same order."""
    by = way if way == BY_ITEM else None
    return url_for(".give_score", period=row.period, institution=row.institution, item=row.item, by=by)


@blueprint.get("/scores/list")
@requires(Act.RATINGS_SCORE_LIST)
def list_scores() -> ResponseReturnValue:
    """What is asked of the expert in a panel, ?period=, else in the newest one, member by member or item by item."""
    there = [one.period for one in queries.panels(alliance_id()) if _mine(one.period)]
    period = request.args.get("period", "") or (there[0] if there else "")
    if period and period not in there:
        raise NotFound()
    way = _way()
    rows = _mine(period, way) if period else []
    one = panel_of(period) if period else None
    rubric = queries.rubric_of(alliance_id(), one) if one else None
    stacks = _stacks(rows, way)
    waiting = [row for row in rows if row.waits]
    following = next((row for row in waiting if row.state == "open"), waiting[0] if waiting else None)
    return render_template(
        "ratings/list_scores.html", ways=ways(), one=one, periods=there, period=period, rows=rows, way=way,
        stacks=[stack for stack in stacks if stack.waits], done=[stack for stack in stacks if not stack.waits],
        items={item.code: item for item in rubric.items} if rubric else {}, following=following, address=_address,
        form=LockScoreForm(), members=sorted({row.institution for row in rows}),
        open=sum(row.state == "open" for row in rows), saved=sum(row.state == "saved" for row in rows),
        locked=sum(row.state == "locked" for row in rows), due=min((row.due_at for row in waiting), default=None),
        visits=[found for found in queries.visits(alliance_id(), period) if found.visited_by == scope().account],
    )  # fmt: skip


def _others(row: ScoreInfo) -> list[ScoreInfo] | None:
    """What the other experts of an item gave the member, by score and without names; None until all are done, and for
    who has not locked: more time may be given, until the panel is closed."""
    one = panel_of(row.period)
    if row.state != "locked" and one.closed_at is None:
        return None
    rows = queries.scores(alliance_id(), one, now())
    (state,) = queries.item_states([found for found in rows if found.item == row.item], [row.item])
    if not state.done:
        return None
    same = [found for found in rows if (found.institution, found.item) == (row.institution, row.item)]
    others = [found for found in same if found.account != row.account and found.state == "locked"]
    return sorted(others, key=lambda found: (found.score is None, found.score or 0))


@blueprint.route("/scores/give/<period>/<institution>/<item>", methods=["GET", "POST"])
@requires(Act.RATINGS_SCORE_GIVE)
def give_score(period: str, institution: str, item: str) -> ResponseReturnValue:
    """Score an item of a member: half-way, or for good."""
    way = _way()
    rows = _mine(period, way)
    row = next((found for found in rows if (found.institution, found.item) == (institution, item)), None)
    if row is None:
        raise NotFound()
    concerns(institution)
    form, lock = GiveScoreForm(), bool(request.form.get("lock"))
    if request.method == "GET":
        form.score.data, form.unable.data, form.remark.data = row.score, row.unable, row.remark
    if form.validate_on_submit():
        file = (form.file.data.filename or "", form.file.data.read()) if form.file.data else None
        given = services.GivenScore(
            institution, item, form.score.data, form.remark.data or "", bool(form.unable.data), file
        )  # fmt: skip
        ok, _count = form.done(
            lambda: services.give_score(
                alliance_id(), period, [given], score_store(), lock=lock, by=actor(), now=now()
            )
        )  # fmt: skip
        if ok:
            flash(_("The score is locked.") if lock else _("Saved. It counts once it is locked."), "success")
            return redirect(_next(rows, row, way))
    rubric = queries.rubric_of(alliance_id(), panel_of(period))
    return render_template(
        "ratings/give_score.html", form=form, row=row, item=rubric.item(item),
        others=_others(row), whole=len(rows), locked=sum(one.state == "locked" for one in rows),
        left=sum(one.state == "open" for one in rows), back=_list(row.period, way), ahead=_ahead(rows, row, way),
    ), 422 if form.errors or form.refused else 200  # fmt: skip


def _list(period: str, way: str) -> str:
    return url_for(".list_scores", period=period, by=way if way == BY_ITEM else None)


def _ahead(rows: list[ScoreInfo], row: ScoreInfo, way: str) -> str:
    """The page of the next score for which nothing was given, after this one and then from the first; "" for none."""
    at = rows.index(row)
    after = next((one for one in rows[at + 1 :] + rows[:at] if one.state == "open"), None)
    return _address(after, way) if after else ""


def _next(rows: list[ScoreInfo], row: ScoreInfo, way: str) -> str:
    """Where the work goes on: the next one that waits, else the list."""
    return _ahead(rows, row, way) or _list(row.period, way)


@blueprint.post("/scores/lock/<period>")
@requires(Act.RATINGS_SCORE_LOCK)
def lock_score(period: str) -> ResponseReturnValue:
    """Lock all that was saved."""
    panel_of(period)
    count = services.lock_score(alliance_id(), period, by=actor(), now=now())
    flash(ngettext("%(num)s score is locked.", "%(num)s scores are locked.", count), "success")
    return redirect(url_for(".list_scores", period=period))


@blueprint.get("/evidence/read/<period>/<int:number>")
@requires(Act.RATINGS_EVIDENCE_READ)
def read_evidence(period: str, number: int) -> ResponseReturnValue:
    """The file behind a score: for the expert who gave it, and for the office once the panel is closed."""
    one = panel_of(period)
    row = next((found for found in queries.scores(alliance_id(), one, now()) if found.id == number), None)
    released = one.closed_at is not None and row is not None and can(Act.RATINGS_REMARK_RELEASE, row.institution)
    if row is None or not row.file_sha256 or not (row.account == scope().account or released):
        raise NotFound()
    concerns(row.institution)
    try:
        content = score_store().read(row.file_sha256)
    except NotFound:
        raise Refused("The file %(name)s is missing on the disk; tell the office.", name=row.file_name) from None
    shut = {"Content-Security-Policy": "default-src 'none'; sandbox"}
    return attachment(content, row.file_name, row.file_media, f"panel:{period}", shut)


def _visit(period: str, institution: str, number: int) -> VisitInfo:
    """A visit that the reader may open: the expert's own, the own member's, all for those who read the whole. An
    engagement opens a member's figures to an expert, and nothing of what other experts saw there."""
    found, mine = queries.visit(alliance_id(), period, institution, number), scope()
    reads = mine.institutions is None or institution in mine.own
    if found is None or not (reads or found.visited_by == mine.account):
        raise NotFound()
    concerns(institution)
    return found


@blueprint.get("/visits/read/<period>/<institution>/<int:number>")
@requires(Act.RATINGS_VISIT_READ)
def read_visit(period: str, institution: str, number: int) -> ResponseReturnValue:
    """A visit: checklist, whom the experts met, what they found, and the signature of the member's lead."""
    found = _visit(period, institution, number)
    rubric = queries.rubric_of(alliance_id(), panel_of(period))
    return render_template(
        "ratings/read_visit.html", one=found, checks=rubric.checks, answers=ANSWERS,
        people=accounts.names({found.visited_by, found.confirmed_by} - {""}),
        confirms=found.confirmed_at is None and can(Act.RATINGS_VISIT_CONFIRM, institution),
    )  # fmt: skip


@blueprint.route("/visits/record/<period>/<institution>", methods=["GET", "POST"])
@requires(Act.RATINGS_VISIT_RECORD)
def record_visit(period: str, institution: str) -> ResponseReturnValue:
    """Record a visit to a member that one judges."""
    if not any(row.institution == institution for row in _mine(period)):
        raise NotFound()
    concerns(institution)
    checks = queries.rubric_of(alliance_id(), panel_of(period)).checks
    form = visit_form(checks)
    if request.method == "GET":
        form.visited_on.data = today()
    if form.validate_on_submit():
        visited = form.visited_on.data
        assert visited is not None
        answers = {one.code: str(form[f"check_{one.code}"].data) for one in checks}
        ok, number = form.done(
            lambda: services.record_visit(
                alliance_id(), period, institution, visited, answers, form.met.data or "", form.findings.data or "",
                by=actor(), now=now(),
            )
        )  # fmt: skip
        if ok:
            flash(_("The visit is recorded; the member's lead is asked to confirm it."), "success")
            return redirect(url_for(".read_visit", period=period, institution=institution, number=number))
    return render_template(
        "ratings/record_visit.html", form=form, period=period, institution=institution, checks=checks,
        names=names_at(period),
    ), 422 if form.errors or form.refused else 200  # fmt: skip


@blueprint.route("/visits/confirm/<period>/<institution>/<int:number>", methods=["GET", "POST"])
@requires(Act.RATINGS_VISIT_CONFIRM)
def confirm_visit(period: str, institution: str, number: int) -> ResponseReturnValue:
    """Sign that a visit took place as recorded."""
    found, form = _visit(period, institution, number), ConfirmVisitForm()
    if not can(Act.RATINGS_VISIT_CONFIRM, institution):
        raise NotFound()
    if form.validate_on_submit():
        ok, _none = form.done(
            lambda: services.confirm_visit(
                alliance_id(), period, institution, number, form.answer.data or "", by=actor(), now=now()
            )
        )  # fmt: skip
        if ok:
            flash(_("The visit is confirmed."), "success")
            return redirect(url_for(".read_visit", period=period, institution=institution, number=number))
    return render_template(
        "ratings/confirm_visit.html", form=form, one=found
    ), 422 if form.errors or form.refused else 200
