"""The doors of the post: what waits, was sent or was given up, and sending again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from alliance.access import actor, alliance_id, alliance_time, machine_now, requires
from alliance.audit.views import names_of
from alliance.core.acts import Act
from alliance.core.refused import mark
from alliance.pages import Leaf, Link, part
from alliance.post import queries, services
from alliance.post.forms import ResendMailForm
from alliance.post.rules import KEPT, STATES, TRIES

blueprint = Blueprint("post", __name__, url_prefix="/post")
ON_A_PAGE = 50
LAST_PAGE = 100_000
# The kinds of mails in words; the template of each is templates/mail/<kind>.txt.
KINDS: Mapping[str, str] = {
    "address": mark("Confirm an address"),
    "invitation": mark("Invitation"),
    "reset": mark("Password reset"),
    "reminder": mark("Reminder to submit"),
    "survey": mark("Reminder of a survey"),
    "returned": mark("Values returned"),
    "rating": mark("Reminder to rate"),
    "rating_moved": mark("More time to rate"),
    "scoring": mark("Scores asked of an expert"),
    "scoring_reminder": mark("Reminder to score"),
    "scoring_moved": mark("More time to score"),
    "scoring_withdrawn": mark("Scores asked no more"),
    "engagement": mark("Figures to be verified"),
    "improvement": mark("Improvement plan waits"),
    "bulletin": mark("Bulletin issued"),
    "notice": mark("Notice to be read"),
}
# What guards accounts is queued by the machine's clock, what people of the alliance do by theirs (record 0125).
OF_ACCOUNTS = frozenset({"address", "invitation", "reset"})
STATE_WORDS: Mapping[str, str] = {
    "waiting": mark("waiting"),
    "sent": mark("sent"),
    "failed": mark("given up"),
    "dropped": mark("not needed any more"),
}


@blueprint.get("/mails/list")
@requires(Act.POST_MAIL_LIST)
def list_mails() -> ResponseReturnValue:
    """The mails of the alliance without their words, by state."""
    counts = queries.counts(alliance_id())
    state = request.args.get("state", "")
    state = state if state in STATES else ""
    total = counts[state] if state else sum(counts.values())
    page = min(max(request.args.get("page", 1, type=int), 1), LAST_PAGE)
    page, size = part(page, ON_A_PAGE)
    found = queries.mails(alliance_id(), state, start=(page - 1) * size, count=size)
    return render_template(
        "post/list_mails.html",
        mails=found,
        people=names_of({one.account for one in found}),
        counts=counts,
        tabs=_tabs(counts, state),
        page=Leaf.of(page, size, total, lambda to: url_for(".list_mails", state=state or None, page=to)),
        queued=_queued,
        shown=alliance_time,
        kinds=KINDS,
        states=STATE_WORDS,
        trouble=queries.last_error(),
        smtp=current_app.config["ALLIANCE"].smtp,
        tries=TRIES,
        kept=KEPT.days,
        form=ResendMailForm(),
    )


def _queued(one: queries.MailInfo) -> datetime:
    """When a mail was queued, by the clock by which this page shows how it went on."""
    return alliance_time(one.queued_at) if one.kind in OF_ACCOUNTS else one.queued_at


def _tabs(counts: Mapping[str, int], state: str) -> list[Link]:
    """All mails and those of each state, with how many there are."""
    ways = [("", _("all"), sum(counts.values())), *((one, str(_(STATE_WORDS[one])), counts[one]) for one in STATES)]
    return [
        Link(f"{words[:1].upper()}{words[1:]} {count}", url_for(".list_mails", state=code or None), code == state)
        for code, words, count in ways
    ]


@blueprint.post("/mails/resend")
@requires(Act.POST_MAIL_RESEND)
def resend_mail() -> ResponseReturnValue:
    """Try mails again that were given up: one, or all of them."""
    chosen = request.form.getlist("number", type=int)
    count = services.resend_mail(alliance_id(), chosen, by=actor(), now=machine_now())
    flash(ngettext("%(num)s e-mail is tried again.", "%(num)s e-mails are tried again.", count), "success")
    return redirect(url_for(".list_mails"))
