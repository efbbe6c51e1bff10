"""The doors of the alliance's money: totals, the fund, statements."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from alliance.access import actor, alliance_id, machine_now, now, requires, scope, today
from alliance.accounts import queries as accounts
from alliance.audit import queries as audit
from alliance.config import Config
from alliance.core.acts import Act
from alliance.core.money import cents, yuan
from alliance.core.period import Period
from alliance.core.refused import NotFound, Problem, Refused, mark
from alliance.core.written import narrow, number_of, whole
from alliance.evaluation import queries as evaluation
from alliance.forms import DecideForm
from alliance.funds import pictures, queries, services, sheets
from alliance.funds.forms import AddLineForm, ComputeFundForm, CorrectLineForm, FileTotalForm
from alliance.i18n import LANGUAGES
from alliance.members import queries as members
from alliance.pages import attachment
from alliance.pdf import render
from alliance.store import uploads

blueprint = Blueprint("funds", __name__, url_prefix="/funds")
PDF = "application/pdf"


def _names(period: str) -> dict[str, members.MemberInfo]:
    return {one.code: one for one in members.members(alliance_id(), Period.parse(period).last)}


@blueprint.get("/totals/list")
@requires(Act.FUNDS_TOTAL_LIST)
def list_totals() -> ResponseReturnValue:
    """The totals of a period: ?period=."""
    periods = queries.periods(alliance_id(), today())
    scored = [run.period for run in evaluation.holding_runs(alliance_id())]
    return _totals_page(request.args.get("period", "") or next(iter(scored or periods), ""), AddLineForm())


def _totals_page(period: str, form: AddLineForm) -> ResponseReturnValue:
    filed = queries.totals(alliance_id(), period) if period else {}
    sources = queries.lines(alliance_id(), period)
    fund = queries.newest_fund(alliance_id(), period)
    return render_template(
        "funds/list_totals.html",
        period=period,
        periods=queries.periods(alliance_id(), today()),
        names=_names(period) if period else {},
        totals=filed,
        lines=sources,
        earlier={number: found[:-1] for number, found in queries.line_revisions(alliance_id(), period).items()},
        people=accounts.names({one.filed_by for one in filed.values()}),
        line_form=form,
        computing=ComputeFundForm(),
        ready=evaluation.official_run(alliance_id(), period) is not None,
        fund=fund,
        decided=queries.decided_fund(alliance_id(), period),
        sums=queries.total_sums(filed, sources),
        kept=queries.kept_totals(fund, filed),
        kept_lines=queries.kept_lines(fund, sources),
    ), 422 if form.errors or form.refused else 200


@blueprint.route("/totals/file/<period>", methods=["GET", "POST"])
@requires(Act.FUNDS_TOTAL_FILE)
def file_total(period: str) -> ResponseReturnValue:
    """One table for all members: performance total, headcount, last year per head."""
    names, form = _names(period), FileTotalForm()
    filed, wrong = queries.totals(alliance_id(), period), dict[str, Problem]()
    if form.validate_on_submit():
        ok, changed = form.done(
            lambda: services.file_total(
                alliance_id(),
                period,
                _typed(list(names), filed, wrong),
                form.document.data or "",
                by=actor(),
                now=now(),
            )
        )
        if ok:
            flash(
                ngettext("%(num)s member's totals were saved.", "%(num)s members' totals were saved.", changed or 0),
                "success",
            )
            return redirect(url_for("funds.list_totals", period=period))
        filed = queries.totals(alliance_id(), period)
    problems = form.refused.problems if form.refused and not wrong else ()
    changed_meanwhile = {str(problem.at["who"]) for problem in problems if "who" in problem.at}
    return render_template(
        "funds/file_total.html",
        form=form,
        period=period,
        names=names,
        totals=filed,
        # A row that somebody else changed shows what stands there now: to overwrite it, it is typed again.
        typed={key: text for key, text in request.form.items() if key.partition("-")[2] not in changed_meanwhile},
        wrong=wrong,
        decided=queries.decided_fund(alliance_id(), period),
    ), 422 if form.errors or form.refused else 200


def _typed(
    codes: list[str], filed: Mapping[str, queries.TotalInfo], wrong: dict[str, Problem]
) -> list[services.TotalRow]:
    """The rows of the table, emptied ones too; Refused with every cell that is no amount, which `wrong` then holds."""
    columns = {"total": _("Performance total"), "heads": _("Headcount"), "last": _("Last year per head")}

    def number(name: str, code: str) -> Decimal | None:
        text = request.form.get(f"{name}-{code}", "").strip()
        if not text:
            return None
        value = number_of(narrow(text).replace(" ", ""))
        fault = _fault(name, value)
        if fault:
            at: dict[str, object] = {"who": code, "column": columns[name]}
            wrong[f"{name}-{code}"] = Problem(mark("%(who)s, %(column)s"), text, fault, at=at)
            return None
        return value

    def seen(code: str) -> int:
        return whole(request.form.get(f"seen-{code}")) or 0

    rows = []
    for code in codes:
        total, heads, last = (number(name, code) for name in columns)
        if code in filed or total is not None or heads is not None or last is not None:
            rows.append(
                services.TotalRow(
                    code,
                    None if total is None else cents(total),
                    heads,
                    None if last is None else cents(last),
                    seen(code),
                )
            )
    if wrong:
        problems = list(wrong.values())
        raise Refused("The table has %(count)s errors; nothing was changed.", count=len(problems), problems=problems)
    return rows


def _fault(name: str, value: Decimal | None) -> str:
    """What is wrong with a number of the table; "" when nothing is."""
    if value is None:
        return mark("is not a number")
    if value < 0:
        return mark("must be 0 or more")
    if name != "heads" and value != value.quantize(Decimal("0.01")):
        return mark("has parts of a cent; write two decimals")
    return ""


@blueprint.post("/lines/add/<period>")
@requires(Act.FUNDS_TOTAL_FILE)
def add_line(period: str) -> ResponseReturnValue:
    """Add a source of the fund."""
    form = AddLineForm()
    if form.validate_on_submit():
        ok, _none = form.done(
            lambda: services.add_line(
                alliance_id(),
                period,
                form.name.data or "",
                form.amount.data or Decimal(0),
                form.line_document.data or "",
                by=actor(),
                now=now(),
            )
        )
        if ok:
            flash(_("The source was added."), "success")
            return redirect(url_for("funds.list_totals", period=period))
    return _totals_page(period, form)


@blueprint.route("/lines/correct/<period>/<int:number>", methods=["GET", "POST"])
@requires(Act.FUNDS_TOTAL_FILE)
def correct_line(period: str, number: int) -> ResponseReturnValue:
    """Correct a source of a fund that is not decided; what it was before stays on record."""
    revisions = queries.line_revisions(alliance_id(), period).get(number)
    if not revisions:
        raise NotFound()
    last = revisions[-1]
    form = CorrectLineForm(
        data={"name": last.name, "amount": yuan(last.amount), "line_document": last.document, "seen": last.revision}
    )
    if form.validate_on_submit():
        ok, _none = form.done(
            lambda: services.correct_line(
                alliance_id(), period, number, form.seen.data or 0,
                form.name.data or "", form.amount.data or Decimal(0), form.line_document.data or "",
                by=actor(), now=now(),
            )
        )  # fmt: skip
        if ok:
            flash(_("The source was corrected."), "success")
            return redirect(url_for("funds.list_totals", period=period))
        form.seen.data, form.seen.raw_data = last.revision, None  # what stands now is before the eyes
    return render_template(
        "funds/correct_line.html",
        form=form,
        period=period,
        number=number,
        revisions=revisions,
        people=accounts.names({one.filed_by for one in revisions}),
        decided=queries.decided_fund(alliance_id(), period),
    ), 422 if form.errors or form.refused else 200


@blueprint.get("/funds/list")
@requires(Act.FUNDS_FUND_LIST)
def list_funds() -> ResponseReturnValue:
    """All funds; a member sees those that are decided, with its own statement."""
    funds = queries.funds(alliance_id())
    own = sorted(scope().own)
    shown = funds if scope().institutions is None else [fund for fund in funds if fund.decision]
    shares = {fund.run_id: {code: queries.share(fund.run_id, code) for code in own} for fund in shown}
    names = {code: name for fund in reversed(shown) for code, name in _names(fund.period).items() if code in own}
    return render_template(
        "funds/list_funds.html",
        funds=shown,
        own=own,
        shares=shares,
        names=names,
        decided={fund.period: fund.run_id for fund in funds if fund.decision},
        people=accounts.names({one.computed_by for one in shown}),
    )


@blueprint.post("/funds/compute/<period>")
@requires(Act.FUNDS_FUND_COMPUTE)
def compute_fund(period: str) -> ResponseReturnValue:
    """Share the fund of a period."""
    number = services.compute_fund(alliance_id(), period, by=actor(), now=now())
    flash(_("The fund is shared; the committee decides on it."), "success")
    return redirect(url_for("funds.read_fund", number=number))


@blueprint.get("/funds/read/<int:number>")
@requires(Act.FUNDS_FUND_READ)
def read_fund(number: int) -> ResponseReturnValue:
    """A fund with everybody's share."""
    fund = queries.fund(alliance_id(), number)
    if fund is None:
        raise NotFound()
    names = _names(fund.period)
    shares = sorted(queries.shares(number), key=lambda share: (*names, share.institution).index(share.institution))
    keys = [
        f"{share.institution}/{what}"
        for share in shares
        for what in ("paid_in", "share", "net", "weight", "fund_score", "headcount", "performance_total")
    ]
    keys += [f"fund/{fund.period}/{what}" for what in ("pool", "reserve", "weights")]
    subject = f"fund:{number}"
    run = evaluation.official_run(alliance_id(), fund.period)
    newest = queries.newest_fund(alliance_id(), fund.period)
    figures, sums = audit.figures_of(number, keys), queries.sums(fund, shares)
    form = DecideForm()
    form.offer(accounts.adopted(alliance_id(), subject))
    return render_template(
        "funds/read_fund.html",
        fund=fund,
        shares=shares,
        names=names,
        figures=figures,
        picture=pictures.picture(fund, shares, names, figures, sums.other),
        subject=subject,
        form=form,
        people=accounts.names({fund.computed_by, fund.decided_by} - {""}),
        sums=sums,
        own=fund.computed_by == actor().account,
        newest=newest,
        rescored=run is not None and run.run_id != fund.score_run_id,
        hindrance=_hindrance(fund, newest),
        scored=evaluation.run(alliance_id(), fund.score_run_id),
        rules=queries.fund_terms(alliance_id(), fund),
    )


def _hindrance(fund: queries.FundInfo, newest: queries.FundInfo | None) -> Refused | None:
    """Why the committee cannot decide on a fund as it stands; None when it can, or when that is past."""
    if fund.decision or newest is None or newest.run_id != fund.run_id:
        return None
    try:
        queries.check_current(alliance_id(), fund)
    except Refused as refused:
        return refused
    return None


@blueprint.post("/funds/decide/<int:number>")
@requires(Act.FUNDS_FUND_DECIDE)
def decide_fund(number: int) -> ResponseReturnValue:
    """Approve a fund by a recorded decision."""
    services.decide_fund(alliance_id(), number, decision=request.form.get("decision", ""), by=actor(), now=now())
    flash(_("The fund is approved."), "success")
    return redirect(url_for("funds.read_fund", number=number))


@blueprint.get("/statements/read/<int:number>/<institution>")
@requires(Act.FUNDS_STATEMENT_READ)
def read_statement(number: int, institution: str) -> ResponseReturnValue:
    """What a member pays in and receives, each amount open to its source; members see decided funds only."""
    found = _statement(number, institution)
    return render_template(
        "funds/read_statement.html",
        fund=found.fund,
        share=found.share,
        member=found.member,
        institution=institution,
        figures=found.figures,
        before=found.before,
        then=found.then,
        rules=found.rules,
        people=accounts.names({found.fund.decided_by}),
        heads=found.heads,
        links=found.links,
        periods=found.periods,
    )


def _statement(number: int, institution: str) -> queries.Statement:
    fund = queries.fund(alliance_id(), number)
    found = queries.statement(alliance_id(), fund, institution) if fund and scope().sees(institution) else None
    if found is None or (not found.fund.decision and scope().institutions is not None):
        raise NotFound()
    return found


@blueprint.get("/statements/download/<int:number>/<institution>/<language>")
@requires(Act.FUNDS_STATEMENT_READ)
def download_statement(number: int, institution: str, language: str) -> ResponseReturnValue:
    """A member's statement as PDF."""
    found = _statement(number, institution)
    if language not in LANGUAGES:
        raise NotFound()
    config: Config = current_app.config["ALLIANCE"]
    content = render(sheets.statement(alliance_id(), found, language, site=config.address))
    name = f"statement-{found.fund.period}-{institution}-{language}.pdf"
    return attachment(content, name, PDF, f"statement:{institution}/{found.fund.period}")


@blueprint.post("/statements/print/<int:number>/<language>")
@requires(Act.FUNDS_STATEMENT_PRINT)
def print_statement(number: int, language: str) -> ResponseReturnValue:
    """Ask for the statements of all members of a fund in one PDF; a job sets them."""
    if language not in LANGUAGES:
        raise NotFound()
    job = services.print_statement(alliance_id(), number, language, by=actor(), now=now())
    return redirect(url_for("work.read_job", number=job, follow=1))


@blueprint.get("/statements/download/<int:number>/<made>")
@requires(Act.FUNDS_STATEMENT_PRINT)
def download_statements(number: int, made: str) -> ResponseReturnValue:
    """The statements of all members as a job has set them and kept them among the files of who asked."""
    fund = queries.fund(alliance_id(), number)
    if fund is None:
        raise NotFound()
    content = uploads(current_app.config["ALLIANCE"].data, alliance_id(), actor().account, machine_now).read(made)
    return attachment(content, f"statements-{fund.period}-{made[:8]}.pdf", PDF, f"fund:{number}")
