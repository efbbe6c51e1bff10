"""The doors of notices: list, read, publish, confirm, remind, withdraw, and the file of one."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user

from alliance.access import actor, alliance_id, machine_now, now, requires, scope, today
from alliance.accounts import queries as accounts
from alliance.core.acts import Act
from alliance.core.period import day_of
from alliance.core.refused import NotFound, Refused
from alliance.core.roles import ROLES
from alliance.i18n import label, role
from alliance.members import queries as members
from alliance.notices import queries, services
from alliance.notices.forms import PublishNoticeForm, StepForm, WithdrawNoticeForm
from alliance.pages import attachment
from alliance.store import Store

blueprint = Blueprint("notices", __name__, url_prefix="/notices")
USUAL = ("reporter", "member_lead")  # whom most notices concern
USUAL_DAYS = timedelta(days=7)


def _store() -> Store:
    return Store(current_app.config["ALLIANCE"].data / "notices", machine_now)


def _notice(number: str) -> queries.NoticeInfo:
    found = queries.notice(scope(), number, today())
    if found is None:
        raise NotFound()
    return found


@blueprint.get("/notices/list")
@requires(Act.NOTICES_NOTICE_LIST)
def list_notices() -> ResponseReturnValue:
    """The notices that the reader may open."""
    found = queries.notices(scope(), today())
    mine = {one.number for one in queries.waiting(alliance_id(), current_user.code, today())}
    whole = scope().institutions is None
    return render_template(
        "notices/list_notices.html",
        notices=found,
        mine=mine,
        progress=queries.progress(alliance_id(), found, today()) if whole else {},
        now=now(),
    )


@blueprint.get("/notices/read/<number>")
@requires(Act.NOTICES_NOTICE_READ)
def read_notice(number: str) -> ResponseReturnValue:
    """One notice, with the button that confirms it; for the office, who has read it and who has not."""
    found = _notice(number)
    readers = queries.readers(alliance_id(), found, today()) if scope().institutions is None else []
    return render_template(
        "notices/read_notice.html",
        notice=found,
        due=found.holds and not found.read_at
        and queries.is_concerned(alliance_id(), found, current_user.code, today()),
        readers=readers,
        people=accounts.names({found.published_by, found.ended_by} - {""}),
        form=StepForm(),
        now=now(),
        mails=current_app.config["ALLIANCE"].smtp is not None,
    )  # fmt: skip


@blueprint.route("/notices/publish", methods=["GET", "POST"])
@requires(Act.NOTICES_NOTICE_PUBLISH)
def publish_notice() -> ResponseReturnValue:
    """Publish a notice; with ?replaces= in the place of another one, whose words stand in the form."""
    old = _notice(request.args["replaces"]) if request.args.get("replaces") else None
    form = PublishNoticeForm(data=_begun(old)) if request.method == "GET" else PublishNoticeForm()
    form.roles.choices = [(code, role(code)) for code in ROLES]
    form.institutions.choices = [(one.code, label(one)) for one in members.members(alliance_id(), today())]
    if form.validate_on_submit():
        replaces = old.number if old else ""
        ok, number = form.done(
            lambda: services.publish_notice(
                alliance_id(), form.draft(), form.attached(), _store(), replaces, by=actor(), now=now()
            )
        )
        if ok and number:
            flash(_("Notice %(number)s is published.", number=number), "success")
            return redirect(url_for(".read_notice", number=number))
    return render_template(
        "notices/publish_notice.html", form=form, old=old
    ), 422 if form.errors or form.refused else 200


def _begun(old: queries.NoticeInfo | None) -> dict[str, object]:
    """What stands in the form at first."""
    if old is None:
        return {"roles": USUAL, "institutions": (), "last_day": today() + USUAL_DAYS}
    written: dict[str, object] = {}
    for language in old.languages:
        written |= {f"title_{language}": getattr(old.title, language), f"text_{language}": getattr(old.text, language)}
    last_day = max(day_of(old.due_at - timedelta(microseconds=1)), today())
    return {**written, "roles": old.roles, "institutions": old.institutions, "last_day": last_day}


@blueprint.post("/notices/acknowledge/<number>")
@requires(Act.NOTICES_NOTICE_ACKNOWLEDGE)
def acknowledge_notice(number: str) -> ResponseReturnValue:
    """Confirm that one has read a notice."""
    if StepForm().validate_on_submit():
        services.acknowledge_notice(alliance_id(), number, by=actor(), now=now())
        flash(_("Confirmed: you have read notice %(number)s.", number=number), "success")
    return redirect(url_for(".read_notice", number=number))


@blueprint.post("/notices/remind/<number>")
@requires(Act.NOTICES_NOTICE_REMIND)
def remind_notice(number: str) -> ResponseReturnValue:
    """Remind whoever has not confirmed a notice."""
    if StepForm().validate_on_submit():
        count = services.remind_notice(alliance_id(), number, by=actor(), now=now())
        flash(ngettext("%(num)s person was reminded.", "%(num)s persons were reminded.", count), "success")
    return redirect(url_for(".read_notice", number=number))


@blueprint.route("/notices/withdraw/<number>", methods=["GET", "POST"])
@requires(Act.NOTICES_NOTICE_WITHDRAW)
def withdraw_notice(number: str) -> ResponseReturnValue:
    """Withdraw a notice: asked first, then done."""
    found, form = _notice(number), WithdrawNoticeForm()
    if form.validate_on_submit():
        reason = form.reason.data or ""
        if form.done(lambda: services.withdraw_notice(alliance_id(), number, reason, by=actor(), now=now()))[0]:
            flash(_("Notice %(number)s is withdrawn.", number=number), "success")
            return redirect(url_for(".read_notice", number=number))
    return render_template(
        "notices/withdraw_notice.html", notice=found, form=form
    ), 422 if form.errors or form.refused else 200


@blueprint.get("/notices/download/<number>")
@requires(Act.NOTICES_NOTICE_READ)
def download_notice(number: str) -> ResponseReturnValue:
    """The file of a notice."""
    found = _notice(number)
    if found.file is None:
        raise NotFound()
    try:
        content = _store().read(found.file.sha256)
    except NotFound:
        raise Refused("The file %(name)s is missing on the disk; tell the office.", name=found.file.name) from None
    # Should a browser show it after all, nothing in it runs.
    shut = {"Content-Security-Policy": "default-src 'none'; sandbox"}
    return attachment(content, found.file.name, found.file.media, f"notice:{number}", shut)
