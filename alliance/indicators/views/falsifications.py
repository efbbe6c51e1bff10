"""The doors of falsifications: proposed by a checker, found by the committee's decision."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from alliance.access import actor, alliance_id, can, now, requires, scope, today
from alliance.accounts import queries as accounts
from alliance.core.acts import Act
from alliance.core.refused import NotFound
from alliance.core.written import whole
from alliance.i18n import bracketed, day
from alliance.indicators import queries, services
from alliance.indicators.forms import FindFalsificationForm, ProposeFalsificationForm
from alliance.indicators.views.blueprint import blueprint
from alliance.members import queries as members


def _names() -> dict[str, members.MemberInfo]:
    return {one.code: one for one in members.institutions(alliance_id(), today())}


def _is_open(one: queries.FalsificationInfo) -> bool:
    """Whether the reader may see a falsification: who reads all, who proposed it, and the member once it is decided."""
    mine = one.proposed_by == current_user.code
    return scope().institutions is None or mine or (one.decided_at is not None and scope().sees(one.institution))


@blueprint.get("/falsifications/list")
@requires(Act.INDICATORS_FALSIFICATION_LIST)
def list_falsifications() -> ResponseReturnValue:
    """The proposals with what was found, and who may not be honoured."""
    rows = [one for one in queries.falsifications(alliance_id()) if _is_open(one)]
    barred = queries.barred_from_honours(alliance_id(), today())
    return render_template(
        "indicators/list_falsifications.html",
        rows=rows,
        names=_names(),
        barred={code: until for code, until in barred.items() if scope().sees(code)},
    )


def _falsification(number: str) -> queries.FalsificationInfo:
    found = queries.falsification(alliance_id(), number)
    if found is None or not _is_open(found):
        raise NotFound()
    return found


@blueprint.get("/falsifications/read/<number>")
@requires(Act.INDICATORS_FALSIFICATION_READ)
def read_falsification(number: str) -> ResponseReturnValue:
    """One proposal: what it rests on, what was decided, what follows."""
    found = _falsification(number)
    return render_template(
        "indicators/read_falsification.html",
        found=found,
        checks=queries.checks(alliance_id(), found.findings),
        elements=queries.library(alliance_id(), today()).elements,
        decisions=accounts.decisions(alliance_id(), found.subject),
        names=_names(),
        people=accounts.names({found.proposed_by, found.decided_by} - {""}),
        free=can(Act.INDICATORS_FALSIFICATION_FIND, found.institution),
    )


@blueprint.route("/falsifications/propose/<institution>", methods=["GET", "POST"])
@requires(Act.INDICATORS_FALSIFICATION_PROPOSE)
def propose_falsification(institution: str) -> ResponseReturnValue:
    """Propose to find a falsification, by findings of one's own member."""
    checks = queries.wrong_checks(alliance_id(), institution, current_user.employer) if current_user.employer else []
    if not checks or not can(Act.INDICATORS_FALSIFICATION_PROPOSE, institution):
        raise NotFound()
    form = ProposeFalsificationForm()
    chosen = [known for one in request.form.getlist("finding") if (known := whole(one)) is not None]
    if form.validate_on_submit():
        ok, number = form.done(
            lambda: services.propose_falsification(
                alliance_id(), institution, chosen, form.reason.data or "", by=actor(), now=now()
            )
        )
        if ok:
            flash(_("The proposal is with the committee."), "success")
            return redirect(url_for("indicators.read_falsification", number=number))
    return render_template(
        "indicators/propose_falsification.html",
        form=form,
        institution=institution,
        checks=checks,
        elements=queries.library(alliance_id(), today()).elements,
        chosen=chosen,
        names=_names(),
    ), 422 if form.errors or form.refused else 200


@blueprint.route("/falsifications/find/<number>", methods=["GET", "POST"])
@requires(Act.INDICATORS_FALSIFICATION_FIND)
def find_falsification(number: str) -> ResponseReturnValue:
    """Carry the committee's decision out: two thirds find intent; the vetoes follow."""
    found = _falsification(number)
    form, decisions = FindFalsificationForm(), accounts.decisions(alliance_id(), found.subject)
    form.decision.choices = [(one.number, one.number + bracketed(day(one.held_on))) for one in decisions]
    free = can(Act.INDICATORS_FALSIFICATION_FIND, found.institution)
    if free and form.validate_on_submit():
        ok, job = form.done(
            lambda: services.queue_finding(alliance_id(), number, form.decision.data or "", by=actor(), now=now())
        )
        if ok:
            return redirect(url_for("work.read_job", number=job, follow=1))
    return render_template(
        "indicators/find_falsification.html",
        form=form,
        found=found,
        decisions=[accounts.decision(alliance_id(), one.number) for one in decisions],
        names=_names(),
        free=free,
    ), 422 if form.errors or form.refused else 200
