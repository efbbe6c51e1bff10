"""The doors of bodies: their seats, and their decisions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from alliance.access import actor, alliance_id, can, now, requires, today
from alliance.accounts import queries, services
from alliance.accounts.forms import (
    CHOICE_LABELS,
    AddSeatForm,
    EndSeatForm,
    FoundBodyForm,
    decision_form,
    member_choices,
    person_choices,
)
from alliance.accounts.views.sessions import blueprint, local
from alliance.core.acts import Act
from alliance.core.refused import NotFound
from alliance.i18n import label, named, period
from alliance.members import queries as members
from alliance.pages import Link

# The page of what a decision is on: its view, its act, and what the subject names in its address.
PAGES: Mapping[str, tuple[str, Act, tuple[str, ...]]] = {
    "bulletin": ("bulletins.read_bulletin", Act.BULLETINS_BULLETIN_READ, ("number",)),
    "falsification": ("indicators.read_falsification", Act.INDICATORS_FALSIFICATION_READ, ("number",)),
    "fund": ("funds.read_fund", Act.FUNDS_FUND_READ, ("number",)),
    "sample": ("indicators.read_sample", Act.INDICATORS_SAMPLE_READ, ("institution", "period", "number")),
    "scheme": ("evaluation.read_scheme", Act.EVALUATION_SCHEME_READ, ("code", "version")),
}


def page_of(subject: str) -> str:
    """The address of what a decision is on; "" where it has no page of its own, or the reader may not open it."""
    kind, _sep, what = subject.partition(":")
    view, act, names = PAGES.get(kind, ("", None, ()))
    values: dict[str, Any] = dict(zip(names, what.split("/"), strict=True))
    return url_for(view, **values) if act and can(act) else ""


def matter(subject: str) -> str:
    """What a decision is on, in words."""
    kind, _sep, what = subject.partition(":")
    match kind:
        case "scheme":
            return str(_("scheme %(what)s", what=what))
        case "fund":
            return str(_("collaboration fund, run %(what)s", what=what))
        case "bulletin":
            return str(_("bulletin %(what)s", what=what))
        case "falsification":
            return str(_("falsification %(what)s", what=what))
        case "sample":
            who, _sep, when = what.partition("/")
            return str(
                _("second sample of %(who)s for %(when)s", who=named("who", who), when=period(when.partition("/")[0]))
            )
    who, _sep, when = what.partition("/")
    return str(_("veto against %(who)s for %(when)s", who=named("who", who), when=period(when)))


@blueprint.get("/decisions/list")
@requires(Act.ACCOUNTS_DECISION_LIST)
def list_decisions() -> ResponseReturnValue:
    """All decisions."""
    return render_template("accounts/list_decisions.html", decisions=queries.decisions(alliance_id()), matter=matter)


@blueprint.get("/decisions/read/<number>")
@requires(Act.ACCOUNTS_DECISION_READ)
def read_decision(number: str) -> ResponseReturnValue:
    """One decision with its votes."""
    found = queries.decision(alliance_id(), number)
    if found is None:
        raise NotFound()
    return render_template(
        "accounts/read_decision.html",
        decision=found,
        choices=CHOICE_LABELS,
        matter=matter(found.subject),
        page=page_of(found.subject),
    )


@blueprint.route("/decisions/record", methods=["GET", "POST"])
@requires(Act.ACCOUNTS_DECISION_RECORD)
def record_decision() -> ResponseReturnValue:
    """Record the decision of the committee on a matter; ?subject= names the matter, ?next= the page to return to."""
    subject = request.args.get("subject", "")
    concerned = queries.concerned_by(alliance_id(), subject)
    bodies = [one for one in queries.bodies(alliance_id(), today()) if one.seats]
    wanted = request.args.get("body", "")
    body = next((one for one in bodies if wanted in ("", one.code)), None)
    if body is None:
        raise NotFound()
    # The same matter before another body, where there is one.
    asked: dict[str, Any] = request.args.to_dict()
    others = [
        Link(label(one), url_for(".record_decision", **(asked | {"body": one.code})), one is body) for one in bodies
    ]
    form: Any = decision_form(body)()
    if request.method == "GET":
        form.number.data, form.held_on.data = queries.next_number(alliance_id(), today().year), today()
        for seat in body.seats:
            form[f"seat_{seat.number}"].data = "recused" if seat.institution in concerned else ""
    if form.validate_on_submit():
        choices = {seat.number: form[f"seat_{seat.number}"].data for seat in body.seats}
        ok, adopted = form.done(
            lambda: services.record_decision(
                alliance_id(),
                body.code,
                form.number.data.strip(),
                form.held_on.data,
                subject,
                form.text.data,
                form.document.data,
                choices,
                by=actor(),
                now=now(),
            )
        )
        if ok:
            flash(
                _("The decision is recorded as adopted.") if adopted else _("The decision is recorded as not adopted."),
                "success",
            )
            return redirect(local(request.args.get("next")))
    return render_template(
        "accounts/record_decision.html",
        form=form,
        body=body,
        bodies=others,
        matter=matter(subject),
        concerned=concerned,
    ), 422 if form.errors or form.refused else 200


@blueprint.get("/bodies/list")
@requires(Act.ACCOUNTS_BODY_LIST)
def list_bodies() -> ResponseReturnValue:
    """The bodies of the alliance with their seats, present, to come and past."""
    found = queries.bodies(alliance_id(), today())
    return render_template(
        "accounts/list_bodies.html",
        bodies=found,
        terms={body.code: queries.terms(alliance_id(), body.code) for body in found},
        today=today(),
    )


@blueprint.route("/bodies/found", methods=["GET", "POST"])
@requires(Act.ACCOUNTS_BODY_FOUND)
def found_body() -> ResponseReturnValue:
    """Constitute a body."""
    form = FoundBodyForm()
    if form.validate_on_submit():
        ok, _none = form.done(
            lambda: services.found_body(
                alliance_id(),
                form.code.data or "",
                form.name_zh.data or "",
                form.name_en.data or form.name_zh.data or "",
                form.quorum.data or 0,
                by=actor(),
                now=now(),
            )
        )
        if ok:
            flash(_("The body is there; now give it its seats."), "success")
            return redirect(url_for(".list_bodies"))
    return render_template("accounts/found_body.html", form=form), 422 if form.errors or form.refused else 200


def _body(code: str) -> queries.BodyInfo:
    found = next((one for one in queries.bodies(alliance_id(), today()) if one.code == code), None)
    if found is None:
        raise NotFound()
    return found


@blueprint.route("/seats/add/<body>", methods=["GET", "POST"])
@requires(Act.ACCOUNTS_SEAT_ADD)
def add_seat(body: str) -> ResponseReturnValue:
    """Seat a person on a body."""
    found, form = _body(body), AddSeatForm()
    form.account.choices = person_choices(queries.candidates(alliance_id()))
    form.institution.choices = member_choices(members.members(alliance_id(), today()), _("independent"))
    if request.method == "GET":
        form.start.data = today()
    if form.validate_on_submit():
        ok, number = form.done(
            lambda: services.add_seat(
                alliance_id(),
                body,
                form.account.data,
                form.institution.data,
                form.start.data or today(),
                form.until,
                by=actor(),
                now=now(),
            )
        )
        if ok:
            flash(_("Seat %(number)s is given.", number=number), "success")
            return redirect(url_for(".list_bodies"))
    return render_template("accounts/add_seat.html", form=form, body=found), 422 if form.errors or form.refused else 200


@blueprint.route("/seats/end/<body>/<int:number>", methods=["GET", "POST"])
@requires(Act.ACCOUNTS_SEAT_END)
def end_seat(body: str, number: int) -> ResponseReturnValue:
    """End a seat."""
    found, form = _body(body), EndSeatForm()
    term = next((one for one in queries.terms(alliance_id(), body) if one.seat.number == number), None)
    if term is None:
        raise NotFound()
    if request.method == "GET":
        form.until.data = today()
    if form.validate_on_submit():
        ok, _none = form.done(
            lambda: services.end_seat(
                alliance_id(), body, number, form.until.data or today(), form.reason.data or "", by=actor(), now=now()
            )
        )
        if ok:
            flash(_("Seat %(number)s ends.", number=number), "success")
            return redirect(url_for(".list_bodies"))
    return render_template(
        "accounts/end_seat.html", form=form, body=found, term=term
    ), 422 if form.errors or form.refused else 200
