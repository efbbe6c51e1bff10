"""The doors of cases: the registers, the cases of one, a case, what is done with it."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from alliance.access import actor, alliance_id, can, now, requires, scope, today
from alliance.audit.views import names_of
from alliance.core.acts import Act
from alliance.core.refused import NotFound
from alliance.core.written import whole
from alliance.pages import ROWS, Leaf, attachment, part
from alliance.registers import queries, services, sheets
from alliance.registers.forms import ConfirmCaseForm, ReasonForm, case_form
from alliance.registers.queries import CaseInfo, Register, WantedCases
from alliance.registers.rules.cases import FILED, STATES, STEPS
from alliance.registers.rules.kinds import register_of
from alliance.registers.rules.kinds.shapes import DATE, LONG, MONEY, NUMBER, PERSONS
from alliance.registers.views.blueprint import blueprint
from alliance.registers.views.ways import (
    Told,
    asked_month,
    member_choices,
    member_names,
    month_choices,
    own_members,
    ways,
)

PAGE = 50
SHORT = ("note", "record")  # fields that a list leaves to the page of the case
ACTS = {
    "confirm": Act.REGISTERS_CASE_CONFIRM,
    "dispute": Act.REGISTERS_CASE_DISPUTE,
    "correct": Act.REGISTERS_CASE_CORRECT,
    "withdraw": Act.REGISTERS_CASE_WITHDRAW,
}


def may_step(step: str, one: CaseInfo) -> bool:
    """Whether the reader may take a step with a case: the filing member corrects and withdraws; the other end, or for
    want of one another person who leads the member, confirms and disputes."""
    act = ACTS[step]
    if one.state not in STEPS[step]:
        return False
    if step in ("correct", "withdraw"):
        return can(act, one.institution) and one.institution in scope().own
    mine = scope()
    if mine.employer != one.counterpart or one.counterpart not in mine.own or mine.account == one.filed_by:
        return False
    return can(act, one.counterpart) and (register_of(one.register).is_mutual or "member_lead" in mine.roles)


def found_case(register: str, number: int) -> CaseInfo:
    """A case that the reader may see; else NotFound."""
    found = queries.case(scope(), register_of(register).code, number)
    if found is None:
        raise NotFound()
    return found


@blueprint.get("/registers/list")
@requires(Act.REGISTERS_REGISTER_LIST)
def list_registers() -> ResponseReturnValue:
    """Every register with its cases of a month, and what waits for the reader."""
    month = asked_month(f"{today():%Y-%m}")
    return render_template(
        "registers/list_registers.html", month=month, months=month_choices(), ways=ways(),
        lines=queries.register_lines(scope(), month),
        files=own_members(Act.REGISTERS_CASE_FILE),
    )  # fmt: skip


def _wanted() -> WantedCases:
    waits = own_members(Act.REGISTERS_CASE_CONFIRM) if request.args.get("waiting") else []
    state = request.args.get("state", "")
    if state and state not in STATES:
        raise NotFound()
    return WantedCases(
        asked_month(), state, request.args.get("member", "").strip().upper(),
        request.args.get("person", "").strip(), frozenset(waits),
    )  # fmt: skip


@blueprint.get("/cases/list/<register>")
@requires(Act.REGISTERS_CASE_LIST)
def list_cases(register: str) -> ResponseReturnValue:
    """The cases of a register that concern the reader, narrowed by the address."""
    kind, wanted = register_of(register), _wanted()
    page, size = part(max(request.args.get("page", 1, type=int), 1), PAGE)
    cases, total = queries.find_cases(scope(), register, wanted, page, size)
    kept: dict[str, Any] = {name: value for name, value in request.args.items() if name in KEPT and value}
    columns = [one for one in kind.fields if one.type not in (LONG, MONEY, PERSONS) and one.code not in SHORT]
    return render_template(
        "registers/list_cases.html", register=kind, cases=cases, told=Told(kind, cases, short=True), columns=columns,
        numeric=(NUMBER, MONEY), narrowed=bool(kept), months=month_choices(), states=STATES,
        members=sorted(member_names().items()), kept=kept, ways=ways(),
        leaf=Leaf.of(page, size, total, lambda at: url_for(".list_cases", register=register, page=at, **kept)),
        confirmable={one.number for one in cases if may_step("confirm", one) and one.state == FILED},
        files=own_members(Act.REGISTERS_CASE_FILE), form=ConfirmCaseForm(formdata=None),
        imports=own_members(Act.REGISTERS_CASE_IMPORT),
    )  # fmt: skip


KEPT = ("month", "state", "member", "person", "waiting")


@blueprint.get("/cases/export/<register>")
@requires(Act.REGISTERS_CASE_EXPORT)
def export_case(register: str) -> ResponseReturnValue:
    """The cases that the filters of the address leave, as CSV."""
    kind = register_of(register)
    cases, _total = queries.find_cases(scope(), register, _wanted(), 1, ROWS)
    name = f"{register}-{today()}.csv"
    return attachment(sheets.write_cases(kind, cases), name, "text/csv", f"cases:*/{register}")


@blueprint.get("/cases/read/<register>/<int:number>")
@requires(Act.REGISTERS_CASE_READ)
def read_case(register: str, number: int) -> ResponseReturnValue:
    """A case with what it says, its files, and everything that was done with it."""
    one, kind = found_case(register, number), register_of(register)
    revisions = queries.case_revisions(one.id)
    files = queries.proofs(one.id)
    accounts = {each.filed_by for each in revisions} | {each.added_by for each in files} | {one.decided_by}
    return render_template(
        "registers/read_case.html", register=kind, one=one, told=Told(kind, [one]), revisions=revisions, files=files,
        changes=_changes(kind, revisions), states=STATES, steps={step for step in ACTS if may_step(step, one)},
        people=names_of(accounts), attaches=may_attach(one), form=ConfirmCaseForm(formdata=None),
    )  # fmt: skip


def may_attach(one: CaseInfo) -> bool:
    """Both ends may attach files."""
    return one.state != "withdrawn" and any(
        can(Act.REGISTERS_PROOF_ADD, code) for code in {one.institution, one.counterpart} & set(scope().own)
    )


def _changes(kind: Register, revisions: list[queries.RevisionInfo]) -> dict[int, list[Any]]:
    """The fields that each revision changed."""
    found = {}
    for later, earlier in pairwise(revisions):
        found[later.revision] = [
            (field, earlier.texts, later.texts)
            for field in kind.fields
            if earlier.texts.get(field.code, "") != later.texts.get(field.code, "")
        ]
    return found


@blueprint.route("/cases/file/<register>/<institution>", methods=["GET", "POST"])
@requires(Act.REGISTERS_CASE_FILE)
def file_case(register: str, institution: str) -> ResponseReturnValue:
    """File a case for a member."""
    kind = register_of(register)
    if institution not in own_members(Act.REGISTERS_CASE_FILE):
        raise NotFound()
    begun = _begun(kind, institution)
    form = case_form(kind, member_choices(), begun)
    if form.validate_on_submit():
        ok, number = form.done(
            lambda: services.file_case(alliance_id(), register, institution, form.given, by=actor(), now=now())
        )
        if ok:
            flash(_("Case %(number)s is filed; it counts once it is confirmed.", number=number), "success")
            return redirect(url_for(".read_case", register=register, number=number))
        form.place()
    return render_template(
        "registers/file_case.html", register=kind, institution=institution, form=form
    ), 422 if form.errors or form.refused else 200


def _begun(kind: Register, institution: str) -> dict[str, str]:
    """How an empty form begins: today, and one's own member where it usually files."""
    end = next((code for code in reversed(kind.ends)), "")
    tertiary = kind.is_mutual and kind.ends[0] == "giver"
    own = kind.ends[1] if tertiary else kind.ends[0]
    begun = {own if kind.is_mutual else end: institution}
    if kind.field(kind.day).type == DATE:
        begun[kind.day] = today().isoformat()
    return begun


@blueprint.route("/cases/correct/<register>/<int:number>", methods=["GET", "POST"])
@requires(Act.REGISTERS_CASE_CORRECT)
def correct_case(register: str, number: int) -> ResponseReturnValue:
    """Correct what a case says."""
    one, kind = found_case(register, number), register_of(register)
    if not may_step("correct", one):
        raise NotFound()
    form = case_form(kind, member_choices(), one.texts, reason=True)
    seen = request.form.get("seen", one.revision, type=int)
    if form.validate_on_submit():
        reason = str(form["reason"].data or "")
        ok, _revision = form.done(
            lambda: services.correct_case(
                alliance_id(), register, number, form.given, reason, seen, by=actor(), now=now()
            )
        )
        if ok:
            flash(_("Case %(number)s is corrected and is to be confirmed anew.", number=number), "success")
            return redirect(url_for(".read_case", register=register, number=number))
        form.place()
    return render_template(
        "registers/correct_case.html", register=kind, one=one, form=form, seen=seen
    ), 422 if form.errors or form.refused else 200


@blueprint.post("/cases/confirm/<register>")
@requires(Act.REGISTERS_CASE_CONFIRM)
def confirm_case(register: str) -> ResponseReturnValue:
    """Confirm the cases that were chosen."""
    seen = dict(map(_chosen, request.form.getlist("number")))
    numbers = sorted(seen)
    for number in numbers:
        one = found_case(register, number)
        if one.counterpart not in own_members(Act.REGISTERS_CASE_CONFIRM):
            raise NotFound()
        if not register_of(register).is_mutual and "member_lead" not in scope().roles:
            raise NotFound()
    count = services.confirm_case(alliance_id(), register_of(register).code, numbers, seen, by=actor(), now=now())
    flash(ngettext("%(num)s case is confirmed.", "%(num)s cases are confirmed.", count), "success")
    if request.form.get("one") and numbers:
        return redirect(url_for(".read_case", register=register, number=numbers[0]))
    return redirect(url_for(".list_cases", register=register, waiting=1))


def _chosen(text: str) -> tuple[int, int]:
    """The number of a case and the revision that the page showed, of 12/1; NotFound."""
    number, revision = (whole(part) for part in text.partition("/")[::2])
    if number is None or revision is None:
        raise NotFound()
    return number, revision


def _reasoned(
    step: str, register: str, number: int, verb: Callable[..., None], done: Callable[[], str]
) -> ResponseReturnValue:
    """A page that asks for a reason and then does a step."""
    one, kind, form = found_case(register, number), register_of(register), ReasonForm()
    if not may_step(step, one):
        raise NotFound()
    if form.validate_on_submit():
        ok, _none = form.done(
            lambda: verb(alliance_id(), register, number, form.reason.data or "", by=actor(), now=now())
        )
        if ok:
            flash(done(), "success")
            return redirect(url_for(".read_case", register=register, number=number))
    return render_template(
        f"registers/{step}_case.html", register=kind, one=one, form=form, told=Told(kind, [one])
    ), 422 if form.errors or form.refused else 200


@blueprint.route("/cases/dispute/<register>/<int:number>", methods=["GET", "POST"])
@requires(Act.REGISTERS_CASE_DISPUTE)
def dispute_case(register: str, number: int) -> ResponseReturnValue:
    """Dispute a case with a reason."""
    return _reasoned(
        "dispute", register, number, services.dispute_case, lambda: _("The case is disputed and does not count.")
    )


@blueprint.route("/cases/withdraw/<register>/<int:number>", methods=["GET", "POST"])
@requires(Act.REGISTERS_CASE_WITHDRAW)
def withdraw_case(register: str, number: int) -> ResponseReturnValue:
    """Withdraw a case with a reason."""
    return _reasoned(
        "withdraw", register, number, services.withdraw_case, lambda: _("The case is withdrawn and does not count.")
    )
