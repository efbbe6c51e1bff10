"""The doors by which a receiver answers many referrals: those chosen in the inbox, and those of a file."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import ngettext

from alliance import workbooks
from alliance.access import actor, alliance_id, can, now, requires, scope, today
from alliance.core.acts import Act
from alliance.core.refused import NotFound, Refused
from alliance.core.written import whole
from alliance.pages import attachment
from alliance.registers import queries, services, sheets
from alliance.registers.forms import ImportConfirmationForm, RecordConfirmationForm
from alliance.registers.queries import ReferralInfo
from alliance.registers.rules.confirmations import Confirmations
from alliance.registers.views.blueprint import blueprint, works
from alliance.registers.views.referrals import words_of


def _chosen(institution: str) -> list[tuple[ReferralInfo, int]]:
    """The referrals that were chosen, each with the version that was looked at; NotFound for another's."""
    found = []
    for text in sorted(set(request.form.getlist("chosen"))):
        number, _slash, version = text.partition("/")
        one, seen = queries.referral(scope(), number), whole(version)
        if one is None or one.receiver != institution or seen is None:
            raise NotFound()
        found.append((one, seen))
    return found


@blueprint.post("/confirmations/record/<institution>")
@requires(Act.REGISTERS_CONFIRMATION_RECORD)
def record_confirmation(institution: str) -> ResponseReturnValue:
    """Say of the chosen referrals that their patients were taken or seen; those that stay as they were are listed with
    the reason."""
    if not can(Act.REGISTERS_CONFIRMATION_RECORD, institution):
        raise NotFound()
    chosen, form = _chosen(institution), RecordConfirmationForm()
    form.offer(today())
    left: list[tuple[str, Refused]] = []
    done = 0
    if form.validate_on_submit():
        numbers = [(one.number, version) for one, version in chosen]
        ok, found = form.done(
            lambda: services.record_confirmation(
                alliance_id(), institution, numbers, form.said(), works(), by=actor(), now=now()
            )
        )
        left, done = found or [], len(numbers) - len(found or []) if ok else 0
        if ok and not left:
            flash(ngettext("%(num)s referral is recorded.", "%(num)s referrals are recorded.", done), "success")
            return redirect(url_for(".list_referrals", receiver=institution))
    rows = {one.number: one for one, _version in chosen}
    return render_template(
        "registers/record_confirmation.html", form=form, institution=institution, done=done,
        left=[(rows[number], refused) for number, refused in left], chosen=chosen, **words_of(),
    ), 422 if form.errors or form.refused else 200  # fmt: skip


@blueprint.route("/confirmations/import/<institution>", methods=["GET", "POST"])
@requires(Act.REGISTERS_CONFIRMATION_IMPORT)
def import_confirmation(institution: str) -> ResponseReturnValue:
    """Check a file of confirmations, or bring it in: the button says which. A check changes nothing."""
    if not can(Act.REGISTERS_CONFIRMATION_IMPORT, institution):
        raise NotFound()
    form = ImportConfirmationForm()
    checked: Confirmations | None = None
    if form.validate_on_submit():
        content, name = form.file.data.read(), form.file.data.filename or ""
        if request.form.get("apply"):
            ok, found = form.done(
                lambda: services.import_confirmation(
                    alliance_id(), institution, sheets.read_confirmations(content, name), works(), by=actor(),
                    now=now(),
                )
            )  # fmt: skip
            if ok and found:
                count = len(found.moved)
                flash(ngettext("%(num)s referral is recorded.", "%(num)s referrals are recorded.", count), "success")
                return redirect(url_for(".list_referrals", receiver=institution))
        else:
            _ok, checked = form.done(lambda: _check(institution, content, name))
    return render_template(
        "registers/import_confirmation.html", form=form, institution=institution, checked=checked
    ), 422 if form.errors or form.refused else 200


def _check(institution: str, content: bytes, name: str) -> Confirmations:
    rows = sheets.read_confirmations(content, name)
    found = queries.confirmation_changes(alliance_id(), institution, rows, now())
    if found.problems:
        raise Refused(
            "The file has %(count)s errors; nothing was changed.", count=len(found.problems), problems=found.problems
        )
    return found


@blueprint.get("/confirmations/template/<institution>")
@requires(Act.REGISTERS_CONFIRMATION_IMPORT)
def download_confirmations(institution: str) -> ResponseReturnValue:
    """The empty table that an import takes."""
    if not can(Act.REGISTERS_CONFIRMATION_IMPORT, institution):
        raise NotFound()
    name = f"confirmations-{institution}.xlsx"
    return attachment(sheets.confirmation_template(), name, workbooks.MEDIA, f"referrals:{institution}")
