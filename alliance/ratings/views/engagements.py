"""The doors of engagements: which there are, one with its sample, opening, drawing, moving the end, locking."""

from __future__ import annotations

from datetime import timedelta
from secrets import token_hex

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from alliance.access import actor, alliance_id, can, machine_now, now, requires, scope, today
from alliance.accounts import queries as accounts
from alliance.core.acts import Act
from alliance.core.period import Period, PeriodKind, end_of
from alliance.core.refused import NotFound, Refused
from alliance.i18n import label, lang
from alliance.indicators import queries as indicators
from alliance.members import queries as members
from alliance.pages import attachment, part
from alliance.ratings import queries, services
from alliance.ratings.forms import OpenEngagementForm, RescheduleEngagementForm, StepForm
from alliance.ratings.queries import EngagementInfo
from alliance.ratings.rules.verification import COMPLETIONS, SEVERITIES, VERDICTS
from alliance.ratings.views.blueprint import blueprint, ways
from alliance.store import Store

USUAL = timedelta(days=21)
USUAL_SIZE = 60
LISTED = 200  # figures of what a sample was drawn from that the page shows; the workbook has all
SHUT = {"Content-Security-Policy": "default-src 'none'; sandbox"}


def verification_store() -> Store:
    return Store(current_app.config["ALLIANCE"].data / "verifications", machine_now)


def engagement_of(number: str) -> EngagementInfo:
    """An engagement that the reader may open; NotFound for others, as for one that is not there or has ended."""
    found = queries.engagement(alliance_id(), number)
    if found is None or not queries.sees_engagement(scope(), found, today()):
        raise NotFound()
    return found


def records(found: EngagementInfo) -> bool:
    """Whether the reader records in it now."""
    return queries.verifies(scope(), found, today()) and found.drawn_at is not None and found.locked_at is None


@blueprint.get("/engagements/list")
@requires(Act.RATINGS_ENGAGEMENT_LIST)
def list_engagements() -> ResponseReturnValue:
    """The verifications that the reader may open, newest first."""
    found = queries.visible_engagements(scope(), today())
    return render_template(
        "ratings/list_engagements.html", ways=ways(), engagements=found, end_of=end_of, on=today(),
        opens=can(Act.RATINGS_ENGAGEMENT_OPEN),
    )  # fmt: skip


@blueprint.get("/engagements/read/<number>")
@requires(Act.RATINGS_ENGAGEMENT_READ)
def read_engagement(number: str) -> ResponseReturnValue:
    """One verification: its sample and how it was drawn, what was found, what is left to do."""
    one = engagement_of(number)
    seen = queries.opened_members(scope(), one, today())
    figures = queries.figures_drawn(one.id, seen)
    rows = queries.completions(alliance_id(), one, figures)
    known = indicators.library(alliance_id(), Period.parse(one.period).last)
    found = [row for row in queries.findings(alliance_id(), number) if row.institution in seen]
    mine, whole = records(one), scope().institutions is None
    hands = {*one.experts, one.opened_by, one.drawn_by, one.locked_by, one.issued_by}
    return render_template(
        "ratings/read_engagement.html", one=one, figures=figures, seen=sorted(seen), rates=queries.rates_of(figures),
        waiting={code: sum(not row.verdict for row in rows if row.institution == code) for code in seen},
        completions={code: [row for row in rows if row.institution == code] for code in seen},
        elements=known.elements, findings=found, verdicts=VERDICTS, severities=SEVERITIES, completed=COMPLETIONS,
        people=accounts.names({*hands, *(row.checked_by for row in figures)} - {""}),
        population=[row for row in queries.drawn_from(one.id) if row.institution in seen] if whole or mine else [],
        listed_part=part(1, LISTED)[1], records=mine, form=StepForm(),
        now=now(), on=today(), end_of=end_of,
        whole=whole, report=queries.issued_report(alliance_id(), number),
        may_issue=can(Act.RATINGS_REPORT_ISSUE) and one.locked_at and not one.issued_at,
    )  # fmt: skip


@blueprint.route("/engagements/open", methods=["GET", "POST"])
@requires(Act.RATINGS_ENGAGEMENT_OPEN)
def open_engagement() -> ResponseReturnValue:
    """Engage a third party."""
    form = OpenEngagementForm()
    there = members.members(alliance_id(), today())
    side = 1 if lang() == "en" else 0
    people = queries.experts(alliance_id(), today())
    form.offer(
        [(one.code, f"{one.code} {label(one)}") for one in there],
        [(code, names[side]) for code, names in sorted(people.items())],
    )
    if request.method == "GET":
        form.starts.data, form.ends.data, form.size.data = today(), today() + USUAL, USUAL_SIZE
        form.period.data = Period.parse(f"{today():%Y-%m}").around(PeriodKind.QUARTER).back(1).code
    if form.validate_on_submit():
        starts, ends, size = form.starts.data, form.ends.data, form.size.data
        assert starts is not None
        assert ends is not None
        assert size is not None
        file = (form.file.data.filename or "", form.file.data.read()) if form.file.data else None
        ok, number = form.done(
            lambda: services.open_engagement(
                alliance_id(), form.organisation.data or "", form.contract.data or "", form.period.data or "",
                form.institutions.data or [], form.experts.data or [], starts, ends, size, bool(form.weighed.data),
                file, verification_store(), by=actor(), now=now(),
            )
        )  # fmt: skip
        if ok:
            flash(_("The third party is engaged; now draw the sample."), "success")
            return redirect(url_for(".read_engagement", number=number))
    return render_template("ratings/open_engagement.html", form=form), 422 if form.errors or form.refused else 200


@blueprint.route("/engagements/draw/<number>", methods=["GET", "POST"])
@requires(Act.RATINGS_ENGAGEMENT_DRAW)
def draw_engagement(number: str) -> ResponseReturnValue:
    """Draw the sample; the portal makes the seed."""
    one, form = engagement_of(number), StepForm()
    if form.validate_on_submit():
        ok, count = form.done(
            lambda: services.draw_engagement(alliance_id(), number, token_hex(16), by=actor(), now=now())
        )
        if ok:
            flash(ngettext("%(num)s figure is drawn.", "%(num)s figures are drawn.", count or 0), "success")
            return redirect(url_for(".read_engagement", number=number))
    there = [] if one.drawn_at else queries.drawables(alliance_id(), one)
    return render_template(
        "ratings/draw_engagement.html", form=form, one=one, there=there,
    ), 422 if form.errors or form.refused else 200  # fmt: skip


@blueprint.route("/engagements/reschedule/<number>", methods=["GET", "POST"])
@requires(Act.RATINGS_ENGAGEMENT_RESCHEDULE)
def reschedule_engagement(number: str) -> ResponseReturnValue:
    """Move the last day of an engagement."""
    one, form = engagement_of(number), RescheduleEngagementForm()
    if one.issued_at is not None:
        raise NotFound()
    if request.method == "GET":
        form.ends.data = one.ends_on
    if form.validate_on_submit():
        ends = form.ends.data
        assert ends is not None
        ok, _none = form.done(
            lambda: services.reschedule_engagement(
                alliance_id(), number, ends, form.reason.data or "", by=actor(), now=now()
            )
        )
        if ok:
            flash(_("The last day is moved."), "success")
            return redirect(url_for(".read_engagement", number=number))
    return render_template("ratings/reschedule_engagement.html", form=form, one=one), (
        422 if form.errors or form.refused else 200
    )


@blueprint.route("/engagements/lock/<number>", methods=["GET", "POST"])
@requires(Act.RATINGS_ENGAGEMENT_LOCK)
def lock_engagement(number: str) -> ResponseReturnValue:
    """Lock what was verified: nothing changes any more, and the findings open their plans."""
    one, form = engagement_of(number), StepForm()
    if form.validate_on_submit():
        ok, count = form.done(lambda: services.lock_engagement(alliance_id(), number, by=actor(), now=now()))
        if ok:
            opened = ngettext(
                "Locked; %(num)s improvement plan is opened.",
                "Locked; %(num)s improvement plans are opened.",
                count or 0,
            )
            flash(opened, "success")
            return redirect(url_for(".read_engagement", number=number))
    found = queries.findings(alliance_id(), number)
    return render_template(
        "ratings/lock_engagement.html", form=form, one=one, findings=found, left=_left(one), records=records(one),
        mine=queries.opened_members(scope(), one, today()),
    ), 422 if form.errors or form.refused else 200  # fmt: skip


def _left(one: EngagementInfo) -> list[tuple[str, int, int]]:
    """What keeps a verification from being locked: figures that nobody judged and indicators that nobody confirmed, by
    member."""
    figures = queries.figures_drawn(one.id)
    rows = queries.completions(alliance_id(), one, figures)
    found = []
    for code in one.members:
        open_figures = sum(not row.verdict for row in figures if row.institution == code)
        open_rows = sum(not row.verdict for row in rows if row.institution == code)
        if open_figures or open_rows:
            found.append((code, open_figures, open_rows))
    return found


@blueprint.get("/contracts/download/<number>")
@requires(Act.RATINGS_CONTRACT_DOWNLOAD)
def download_contract(number: str) -> ResponseReturnValue:
    """The contract of an engagement."""
    one = engagement_of(number)
    return file_of(one.file_sha256, one.file_name, one.file_media, one.subject)


def file_of(digest: str, name: str, media: str, subject: str) -> ResponseReturnValue:
    """A file that was kept with a verification; NotFound where there is none."""
    if not digest:
        raise NotFound()
    try:
        content = verification_store().read(digest)
    except NotFound:
        raise Refused("The file %(name)s is missing on the disk; tell the office.", name=name) from None
    return attachment(content, name, media, subject, SHUT)
