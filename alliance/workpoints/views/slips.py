"""The doors of payslips: one's own, one of the hospital, on paper, corrected."""

from __future__ import annotations

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from alliance.access import actor, alliance_id, can, concerns, machine_now, now, requires, scope
from alliance.core.acts import Act
from alliance.core.period import Period
from alliance.core.refused import NotFound
from alliance.i18n import LANGUAGES
from alliance.pages import asked_number, attachment
from alliance.pdf import SLIPS_STYLE, render
from alliance.store import uploads
from alliance.workpoints import queries, services, sheets
from alliance.workpoints.forms import CorrectSlipForm
from alliance.workpoints.queries import SHOWN, BonusRunInfo, SlipSheet
from alliance.workpoints.rules.runs import DRAFT
from alliance.workpoints.views.blueprint import blueprint, checked_month, kept

PDF, ZIP = "application/pdf", "application/zip"


def is_own(institution: str, person: str) -> bool:
    """Whether a staff number is the reader's."""
    mine = scope()
    return bool(mine.employee) and (mine.employer, mine.employee) == (institution, person)


def slip_run(institution: str, month: str, person: str) -> BonusRunInfo:
    """The run of a payslip that the reader may see: the hospital's offices and its director each, also of a run that
    was reversed (?number=); an employee the own, once it is approved. NotFound for everybody else."""
    whole = institution in scope().bonus
    if not whole and not is_own(institution, person):
        raise NotFound()
    concerns(institution)
    number = request.args.get("number", type=asked_number) if whole else None
    run = queries.bonus_run(alliance_id(), institution, checked_month(month), number)
    if run is None or run.slips_run is None or not (whole or run.state in SHOWN):
        raise NotFound()
    return run


def _sheet(run: BonusRunInfo, person: str) -> SlipSheet:
    found = queries.slip_sheet(alliance_id(), run, person, request.args.get("revision", type=asked_number))
    if found is None:
        raise NotFound()
    return found


@blueprint.get("/slips/list")
@requires(Act.WORKPOINTS_SLIP_LIST)
def list_slips() -> ResponseReturnValue:
    """One's own payslips, year by year."""
    mine = scope()
    if not mine.employee:
        raise NotFound()
    concerns(mine.employer)
    found = queries.slips_of(alliance_id(), mine.employer, mine.employee)
    years = sorted({Period.parse(one.month).first.year for one in found}, reverse=True)
    year = request.args.get("year", type=asked_number) or next(iter(years), 0)
    chosen = [one for one in found if Period.parse(one.month).first.year == year]
    return render_template(
        "workpoints/list_slips.html",
        institution=mine.employer,
        payee=mine.employee,
        slips=chosen,
        years=years,
        year=year,
        to_date=sum(one.net for one in chosen),
    )


@blueprint.get("/slips/read/<institution>/<month>/<person>")
@requires(Act.WORKPOINTS_SLIP_READ)
def read_slip(institution: str, month: str, person: str) -> ResponseReturnValue:
    """A payslip line by line, each amount open to its explanation."""
    run = slip_run(institution, month, person)
    found = _sheet(run, person)
    plus = [line for line in found.slip.lines if sheets.line_sign(line) > 0]
    return render_template(
        "workpoints/read_slip.html",
        run=run,
        sheet=found,
        slip=found.slip,
        plus=plus,
        minus=[line for line in found.slip.lines if sheets.line_sign(line) < 0],
        due=sum(line.amount for line in plus),
        own=is_own(institution, person),
        whole=institution in scope().bonus,
        corrects=can(Act.WORKPOINTS_SLIP_CORRECT, institution) and run.state == DRAFT,
        line_name=sheets.line_name,
        returns=queries.bank_returns(run.id, person),
    )


@blueprint.get("/slips/download/<institution>/<month>/<person>/<language>")
@requires(Act.WORKPOINTS_SLIP_READ)
def download_slip(institution: str, month: str, person: str, language: str) -> ResponseReturnValue:
    """A payslip as PDF."""
    run = slip_run(institution, month, person)
    if language not in LANGUAGES:
        raise NotFound()
    names = queries.names_of(alliance_id(), institution)
    paper = sheets.slips_paper(alliance_id(), run, [_sheet(run, person)], names, language)
    name = f"payslip-{institution}-{run.month}-{person}-{language}.pdf"
    return attachment(render(paper, SLIPS_STYLE), name, PDF, f"slip:{institution}/{run.month}/{person}")


def _kept_whole(institution: str) -> None:
    """Payslips of others are for who sees all of the hospital's bonus; an employee holds the act for the own one."""
    if institution not in scope().bonus:
        raise NotFound()
    concerns(institution)


@blueprint.post("/slips/print/<institution>/<month>/<language>")
@requires(Act.WORKPOINTS_SLIP_PRINT)
def print_slip(institution: str, month: str, language: str) -> ResponseReturnValue:
    """Ask for the payslips of a unit, or of all units, on paper; a job sets them."""
    _kept_whole(institution)
    if language not in LANGUAGES:
        raise NotFound()
    unit = request.form.get("unit", "")
    job = services.print_slip(
        alliance_id(), institution, checked_month(month), unit, language, by=actor(), now=now()
    )  # fmt: skip
    return redirect(url_for("work.read_job", number=job, follow=1))


@blueprint.get("/slips/download/<institution>/<month>/<made>")
@requires(Act.WORKPOINTS_SLIP_PRINT)
def download_slips(institution: str, month: str, made: str) -> ResponseReturnValue:
    """Payslips as a job has set them and kept them among the files of who asked."""
    _kept_whole(institution)
    content = uploads(current_app.config["ALLIANCE"].data, alliance_id(), actor().account, machine_now).read(made)
    kind, ending = (PDF, "pdf") if content.startswith(b"%PDF") else (ZIP, "zip")
    name = f"payslips-{institution}-{checked_month(month)}-{made[:8]}.{ending}"
    return attachment(content, name, kind, f"slip:{institution}/{checked_month(month)}")


@blueprint.route("/slips/correct/<institution>/<month>/<person>", methods=["GET", "POST"])
@requires(Act.WORKPOINTS_SLIP_CORRECT)
def correct_slip(institution: str, month: str, person: str) -> ResponseReturnValue:
    """Make one payslip again from what is filed now, or the first of somebody who has none; the others stay."""
    kept(Act.WORKPOINTS_SLIP_CORRECT, institution)
    run = slip_run(institution, month, person)
    if person not in queries.employees_of(alliance_id(), institution):
        raise NotFound()
    slip, form = queries.slip(run.id, person), CorrectSlipForm()
    if form.validate_on_submit():
        ok, revision = form.done(
            lambda: services.correct_slip(
                alliance_id(), institution, run.month, person, form.reason.data or "", by=actor(),
                now=now(),
            )
        )  # fmt: skip
        if ok:
            flash(_("The payslip is made again, revision %(number)s.", number=revision), "success")
            return redirect(url_for(".read_slip", institution=institution, month=run.month, person=person))
    return render_template(
        "workpoints/correct_slip.html", run=run, payee=person, slip=slip, form=form
    ), 422 if form.errors or form.refused else 200
