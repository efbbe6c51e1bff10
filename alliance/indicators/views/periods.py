"""The doors of periods: the calendar, opening, exceptions from the lock, reminders, where filing is stuck."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import timedelta

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from alliance.access import actor, alliance_id, can, now, requires, scope, today
from alliance.accounts import queries as accounts
from alliance.core.acts import Act
from alliance.core.period import Period, PeriodKind, day_of, end_of
from alliance.core.refused import NotFound
from alliance.indicators import queries, services
from alliance.indicators.forms import AskExceptionForm, NoteDayForm, OpenPeriodForm, SetTimetableForm, StepForm
from alliance.indicators.rules.calendar import REMINDED, Timetable
from alliance.indicators.views.blueprint import blueprint
from alliance.members import queries as members

SHOWN_PERIODS = 12


def period_of(code: str) -> queries.PeriodInfo:
    found = queries.period(alliance_id(), code)
    if found is None:
        raise NotFound()
    return found


@blueprint.route("/periods/open", methods=["GET", "POST"])
@requires(Act.INDICATORS_PERIOD_OPEN)
def open_period() -> ResponseReturnValue:
    """Open a period for filing; its calendar is shown first."""
    form = OpenPeriodForm()
    following = Period.parse(f"{today():%Y-%m}").back(1).code
    if request.method == "GET":
        form.period.data = request.args.get("period", "" if queries.period(alliance_id(), following) else following)
    if form.validate_on_submit():
        due = end_of(form.last_day.data) if form.last_day.data else None
        code = (form.period.data or "").strip()
        if form.done(lambda: services.open_period(alliance_id(), code, due, by=actor(), now=now()))[0]:
            flash(_("The period is open."), "success")
            return redirect(url_for("indicators.read_period", period=code))
    shown = form.period.data or following
    ok, dates = form.done(lambda: queries.calendar(alliance_id(), shown)) if not form.refused else (False, None)
    return render_template(
        "indicators/open_period.html", form=form, dates=dates if ok else None, shown=shown
    ), 422 if form.errors or form.refused else 200


@blueprint.get("/periods/read/<period>")
@requires(Act.INDICATORS_PERIOD_READ)
def read_period(period: str) -> ResponseReturnValue:
    """The calendar of a period, its exceptions and reminders."""
    info = period_of(period)
    found = [one for one in queries.exceptions(alliance_id(), period) if scope().sees(one.institution)]
    sent = [one for one in queries.reminders(alliance_id(), period) if scope().sees(one.institution)]
    last = day_of(info.due_at - timedelta(minutes=1))
    return render_template(
        "indicators/read_period.html",
        period=info,
        exceptions=found,
        reminders=sent,
        planned=[last - timedelta(days=before) for before in REMINDED],
        names={one.code: one for one in members.members(alliance_id(), Period.parse(period).last)},
        people=accounts.names({name for one in found for name in (one.asked_by, one.granted_by)} - {""}),
        grantable={one.id for one in found if may_grant(one)},
        form=StepForm(),
        now=now(),
        works_known=queries.holidays_known(info.objections_until.year),
    )


def may_grant(one: queries.ExceptionInfo) -> bool:
    """Whether the reader may grant an exception: another person than who asked, not of the member."""
    return (
        one.granted_at is None
        and one.until > now()
        and one.asked_by != actor().account
        and can(Act.INDICATORS_EXCEPTION_GRANT, one.institution)
    )


@blueprint.route("/timetables/set", methods=["GET", "POST"])
@requires(Act.INDICATORS_TIMETABLE_SET)
def set_timetable() -> ResponseReturnValue:
    """The parameters of the calendar."""
    current = queries.timetable(alliance_id(), today())
    if not queries.has_timetable(alliance_id()):
        current = replace(current, automatic=True)  # offered with the first timetable, and plain to see
    form = SetTimetableForm(obj=current)
    if form.validate_on_submit() and form.valid_from.data:
        made = Timetable(**{field.name: form[field.name].data for field in fields(Timetable)})
        since = form.valid_from.data
        if form.done(lambda: services.set_timetable(alliance_id(), since, made, by=actor(), now=now()))[0]:
            flash(_("The calendar is set."), "success")
            return redirect(url_for("indicators.set_timetable"))
    code = Period.parse(f"{today():%Y-%m}").code
    return render_template(
        "indicators/set_timetable.html", form=form, example=code, dates=queries.calendar(alliance_id(), code)
    ), 422 if form.errors or form.refused else 200


@blueprint.route("/days/note", methods=["GET", "POST"])
@requires(Act.INDICATORS_DAY_NOTE)
def note_day() -> ResponseReturnValue:
    """Days that work or rest against the rule."""
    form = NoteDayForm()
    if form.validate_on_submit() and form.day.data:
        day, works, note = form.day.data, bool(form.works.data), form.note.data or ""
        if form.done(lambda: services.note_day(alliance_id(), day, works, note, by=actor(), now=now()))[0]:
            flash(_("The day is noted."), "success")
            return redirect(url_for("indicators.note_day"))
    year = today().year
    return render_template(
        "indicators/note_day.html",
        form=form,
        days=queries.noted_days(alliance_id())[::-1],
        unknown=[one for one in (year, year + 1) if not queries.holidays_known(one)],
    ), 422 if form.errors or form.refused else 200


@blueprint.route("/exceptions/ask/<period>/<institution>", methods=["GET", "POST"])
@requires(Act.INDICATORS_EXCEPTION_ASK)
def ask_exception(period: str, institution: str) -> ResponseReturnValue:
    """Ask that a member may file after the deadline or after acceptance."""
    info = period_of(period)
    member = members.member(alliance_id(), institution, Period.parse(period).last)
    if member is None or not scope().sees(institution) or not can(Act.INDICATORS_EXCEPTION_ASK, institution):
        raise NotFound()
    form = AskExceptionForm()
    if form.validate_on_submit() and form.last_day.data:
        until, reason = end_of(form.last_day.data), form.reason.data or ""
        ok, _number = form.done(
            lambda: services.ask_exception(alliance_id(), period, institution, reason, until, by=actor(), now=now())
        )
        if ok:
            flash(_("Asked for; another person of the office grants it."), "success")
            return redirect(url_for("indicators.read_submission", period=period, institution=institution))
    return render_template(
        "indicators/ask_exception.html", form=form, period=info, member=member
    ), 422 if form.errors or form.refused else 200


@blueprint.post("/exceptions/grant/<int:number>")
@requires(Act.INDICATORS_EXCEPTION_GRANT)
def grant_exception(number: int) -> ResponseReturnValue:
    """Grant an exception that another person asked for."""
    form = StepForm()
    if form.validate_on_submit():
        period, institution = services.grant_exception(alliance_id(), number, by=actor(), now=now())
        flash(_("Granted: the member may file until the end of the exception."), "success")
        return redirect(url_for("indicators.read_submission", period=period, institution=institution))
    return redirect(url_for("indicators.list_submissions"))


@blueprint.post("/reminders/send/<period>")
@requires(Act.INDICATORS_REMINDER_SEND)
def send_reminder(period: str) -> ResponseReturnValue:
    """Remind members that have not submitted; one or all."""
    period_of(period)
    form = StepForm()
    if form.validate_on_submit():
        waiting = {row.institution for row in queries.submissions(alliance_id(), period) if row.waits}
        chosen = [one for one in request.form.getlist("institution") if one in waiting]
        occasion = f"by-hand/{now():%Y-%m-%dT%H:%MZ}"
        count = services.send_reminder(alliance_id(), period, chosen, occasion, by=actor(), now=now())
        flash(ngettext("%(num)s member was reminded.", "%(num)s members were reminded.", count), "success")
    return redirect(url_for("indicators.list_submissions", period=period))


@blueprint.get("/board/read")
@requires(Act.INDICATORS_BOARD_READ)
def read_board() -> ResponseReturnValue:
    """Where is it stuck: members by periods of one length, ?kind=."""
    kinds = [kind for kind in PeriodKind if any(_kind(one) is kind for one in queries.periods(alliance_id()))]
    kind = next((one for one in kinds if one == request.args.get("kind")), kinds[0] if kinds else PeriodKind.MONTH)
    shown = [one for one in queries.periods(alliance_id()) if _kind(one) is kind][:SHOWN_PERIODS][::-1]
    rows = queries.board(alliance_id(), shown, scope().institutions, now())
    return render_template(
        "indicators/read_board.html",
        periods=shown[::-1],
        rows=rows,
        kind=kind,
        kinds=kinds,
        late=[
            (row.member, one.code, row.cells[at].standing)
            for at, one in reversed(list(enumerate(shown)))
            for row in rows
            if row.cells[at].standing in ("late", "missing")
        ],
    )


def _kind(one: queries.PeriodInfo) -> PeriodKind:
    return Period.parse(one.code).kind
