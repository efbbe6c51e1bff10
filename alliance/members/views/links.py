"""The doors of links: who supports whom today, say it anew, end it."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from alliance.access import actor, alliance_id, now, requires, today
from alliance.audit.views import names_of
from alliance.core.acts import Act
from alliance.core.refused import NotFound
from alliance.core.specialties import SPECIALTIES
from alliance.i18n import label
from alliance.members import queries, services
from alliance.members.forms import EndLinkForm, SetLinkForm
from alliance.members.rules.links import Support
from alliance.members.views.blueprint import asked_day, blueprint


@blueprint.get("/links/list")
@requires(Act.MEMBERS_LINK_LIST)
def list_links() -> ResponseReturnValue:
    """The links of a day, of all members or of one of them."""
    there = queries.members(alliance_id(), asked_day())
    institution = request.args.get("institution", "")
    found = queries.links(alliance_id(), asked_day(), institution)
    return render_template(
        "members/list_links.html",
        links=found,
        choices=[(one.code, label(one)) for one in there],
        institution=institution,
        on=asked_day(),
        specialties=SPECIALTIES,
        people=names_of({one.recorded_by for one in found}),
    )


@blueprint.route("/links/set", methods=["GET", "POST"])
@requires(Act.MEMBERS_LINK_SET)
def set_link() -> ResponseReturnValue:
    """Say who supports a member in a specialty from a day on."""
    form = SetLinkForm()
    if request.method == "GET":
        _fill(form, request.args.get("supported", ""), request.args.get("specialty", ""))
    form.offer([(one.code, f"{label(one)} {one.code}") for one in queries.members(alliance_id(), today())])
    if form.validate_on_submit():
        assert form.start.data
        support = Support(form.supported.data, form.specialty.data or "", form.start.data, form.shares)
        ok, _count = form.done(lambda: services.set_link(alliance_id(), [support], by=actor(), now=now()))
        if ok:
            flash(_("Recorded."), "success")
            return redirect(url_for("members.list_links", institution=support.supported))
    return render_template("members/set_link.html", form=form), 422 if form.errors or form.refused else 200


def _fill(form: SetLinkForm, supported: str, specialty: str) -> None:
    """What holds today, to begin with."""
    form.supported.data, form.specialty.data, form.start.data = supported, specialty, today()
    for one in queries.links(alliance_id(), today(), supported) if supported else ():
        if (one.supported, one.specialty) == (supported, specialty):
            form.lines.append_entry({"supporter": one.supporter, "share": one.share})


@blueprint.route("/links/end/<supported>/<specialty>", methods=["GET", "POST"])
@requires(Act.MEMBERS_LINK_END)
def end_link(supported: str, specialty: str) -> ResponseReturnValue:
    """Let nobody support a member in a specialty ("all": in all of them together) from a day on."""
    code = "" if specialty == "all" else specialty
    found = queries.links_of(alliance_id(), supported, code)
    if not found:
        raise NotFound()
    form = EndLinkForm()
    if request.method == "GET":
        form.until.data = today()
    if form.validate_on_submit():
        day = form.until.data
        assert day
        ok, _none = form.done(lambda: services.end_link(alliance_id(), supported, code, day, by=actor(), now=now()))
        if ok:
            flash(_("The support is ended."), "success")
            return redirect(url_for("members.list_links"))
    return render_template(
        "members/end_link.html", form=form, supported=supported, specialty=SPECIALTIES.get(code), history=found
    ), 422 if form.errors or form.refused else 200
