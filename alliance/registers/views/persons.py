"""The doors of what persons did together, their certificates, and how results of others are recognised."""

from __future__ import annotations

from typing import Any

from flask import current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from alliance.access import actor, alliance_id, can, concerns, now, public, requires, scope, today
from alliance.config import Config
from alliance.core.acts import Act
from alliance.core.period import Period
from alliance.core.refused import NotFound
from alliance.i18n import LANGUAGES, label
from alliance.members import queries as members
from alliance.pages import Leaf, attachment, part
from alliance.pdf import render
from alliance.registers import queries, services, sheets
from alliance.registers.queries import WantedCases
from alliance.registers.rules.cases import STATES
from alliance.registers.rules.kinds import register_of
from alliance.registers.views.blueprint import blueprint
from alliance.registers.views.ways import (
    Told,
    asked_member,
    asked_month,
    member_names,
    month_choices,
    short_names,
    ways,
)

PAGE = 50
YEARS = 3


@blueprint.get("/persons/list")
@requires(Act.REGISTERS_PERSON_LIST)
def list_persons() -> ResponseReturnValue:
    """What the persons of a member did in a year, over all registers."""
    seen = [one.code for one in members.members(alliance_id(), today()) if scope().sees(one.code)]
    own = [code for code in seen if code in scope().own]
    institution = asked_member(own + [code for code in seen if code not in own])
    concerns(institution)
    year = request.args.get("year", today().year, type=int)
    if not today().year - YEARS < year <= today().year:
        raise NotFound()
    counts = queries.person_counts(alliance_id(), institution, year)
    names = members.employee_names(alliance_id(), institution)
    measures = queries.measures_told(counts)
    return render_template(
        "registers/list_persons.html", institution=institution, year=year, counts=counts,
        measures=measures, sums={one.code: [each.sums.get(one.code) for each in counts] for one in measures},
        names={code: label(one) for code, one in names.items()},
        issued=queries.certificates(alliance_id(), institution, year), ways=ways(),
        years=[(str(one), str(one)) for one in range(today().year, today().year - YEARS, -1)],
        members=[(code, name) for code, name in sorted(member_names().items()) if code in seen],
        issues=can(Act.REGISTERS_CERTIFICATE_ISSUE, institution) and institution in scope().own,
    )  # fmt: skip


@blueprint.post("/certificates/issue/<institution>/<int:year>/<person>")
@requires(Act.REGISTERS_CERTIFICATE_ISSUE)
def issue_certificate(institution: str, year: int, person: str) -> ResponseReturnValue:
    """Certify what a person did in a year."""
    if not can(Act.REGISTERS_CERTIFICATE_ISSUE, institution) or institution not in scope().own:
        raise NotFound()
    services.issue_certificate(alliance_id(), institution, person, year, by=actor(), now=now())
    return redirect(url_for(".list_persons", institution=institution, year=year))


@blueprint.get("/certificates/download/<number>/<language>")
@requires(Act.REGISTERS_CERTIFICATE_DOWNLOAD)
def download_certificate(number: str, language: str) -> ResponseReturnValue:
    """A certificate as PDF."""
    found = queries.certificate(scope(), number)
    if found is None or language not in LANGUAGES:
        raise NotFound()
    config: Config = current_app.config["ALLIANCE"]
    content = render(sheets.certificate_paper(found, language, site=config.address))
    name = f"certificate-{number}-{language}.pdf"
    return attachment(content, name, "application/pdf", f"certificate:{found.institution}/{number}")


@blueprint.get("/certificates/confirm/<owner>/<number>/<check>")
@public(Act.REGISTERS_CERTIFICATE_CONFIRM)
def confirm_certificate(owner: str, number: str, check: str) -> ResponseReturnValue:
    """For whoever holds a certificate: what it says, and whether a later one has taken its place."""
    found = queries.confirmed_certificate(owner, number, check)
    if found is None:
        raise NotFound()
    return render_template("registers/confirm_certificate.html", found=found[0], later=found[1])


@blueprint.get("/repeats/list")
@requires(Act.REGISTERS_REPEAT_LIST)
def list_repeats() -> ResponseReturnValue:
    """How each member treated the results of others in a month, and every examination that was repeated."""
    month = asked_month(f"{today():%Y-%m}")
    when, kind = Period.parse(month), register_of("repeat")
    page, size = part(max(request.args.get("page", 1, type=int), 1), PAGE)
    member = request.args.get("member", "").strip().upper()
    cases, total = queries.find_cases(scope(), "repeat", WantedCases(month=month, member=member), page, size)
    kept: dict[str, Any] = {
        name: value for name, value in request.args.items() if name in ("month", "member") and value
    }
    every = queries.recognitions(alliance_id(), when.first, when.last)
    rates = [one for one in every if scope().sees(one.institution)]
    return render_template(
        "registers/list_repeats.html",
        month=month,
        months=month_choices(),
        cases=cases,
        told=Told(kind, cases, short=True),
        register=kind,
        rates=rates,
        names=member_names(),
        short=short_names(),
        ways=ways(),
        states=STATES,
        member=member,
        leaf=Leaf.of(page, size, total, lambda at: url_for(".list_repeats", page=at, **kept)),
        whole=sum(one.recognised for one in rates),
        repeated=sum(one.listed + one.unlisted for one in rates),
    )
