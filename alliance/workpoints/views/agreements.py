"""The doors of target agreements: read one with how far it is, sign it, have it on paper."""

from __future__ import annotations

from typing import Any

from flask import current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from alliance.access import actor, alliance_id, can, now, requires, today
from alliance.accounts import queries as accounts
from alliance.core.acts import Act
from alliance.core.media import KINDS
from alliance.core.refused import NotFound
from alliance.i18n import LANGUAGES, in_language, label, lang
from alliance.members import queries as members
from alliance.pages import attachment
from alliance.pdf import render
from alliance.workpoints import queries, services
from alliance.workpoints.forms import SignAgreementForm
from alliance.workpoints.queries import Agreement
from alliance.workpoints.rules.targets import DIRECTOR, HEAD, LIMITS, MEANS, MEASURES, SIDES
from alliance.workpoints.views.blueprint import blueprint, headed, kept_unit, partitions, ways


def _agreement(institution: str, year: int, unit: str) -> Agreement:
    """The agreement of a department that is the reader's business; NotFound for any other."""
    kept_unit(Act.WORKPOINTS_AGREEMENT_READ, institution, unit)
    found = queries.agreement(alliance_id(), institution, year, unit)
    if found is None:
        raise NotFound()
    return found


def _side(institution: str, unit: str) -> str:
    """For which side the reader may sign; "" for none."""
    if can(Act.WORKPOINTS_AGREEMENT_SIGN, institution):
        return DIRECTOR
    return HEAD if can(Act.WORKPOINTS_AGREEMENT_SIGN) and unit in headed(institution) else ""


@blueprint.get("/agreements/read/<institution>/<int:year>/<unit>")
@requires(Act.WORKPOINTS_AGREEMENT_READ)
def read_agreement(institution: str, year: int, unit: str) -> ResponseReturnValue:
    """The agreement of a department: its text, who signed it, and month by month how far its targets are."""
    found = _agreement(institution, year, unit)
    return _page(institution, year, found, SignAgreementForm(seen=found.sha256))


def _page(institution: str, year: int, found: Agreement, form: SignAgreementForm) -> ResponseReturnValue:
    side = _side(institution, found.unit)
    force = queries.target_in_force(alliance_id(), institution, year)
    assert force is not None  # the agreement is one of it
    signed = {one.account for one in found.signatures.values()}
    return render_template(
        "workpoints/read_agreement.html",
        form=form,
        side=side if side and side not in found.signatures and actor().account not in signed else "",
        progress=queries.target_progress(alliance_id(), force, [found.unit], partitions(), today())[found.unit],
        over=queries.months_over(year, today()),
        ways=ways(institution),
        **_shown(institution, year, found),
    ), 422 if form.errors or form.refused else 200


def _shown(institution: str, year: int, found: Agreement) -> dict[str, Any]:
    """What page and paper say of an agreement, in the language of the moment."""
    hands = {one.account for one in (*found.signatures.values(), *found.earlier)}
    names = members.department_names(alliance_id(), institution)
    return {
        "institution": institution, "year": year, "one": found, "measures": MEASURES, "limits": LIMITS, "means": MEANS,
        "sides": SIDES, "unit_name": label(names[found.unit]) if found.unit in names else found.unit,
        "people": accounts.names(hands),
    }  # fmt: skip


@blueprint.post("/agreements/sign/<institution>/<int:year>/<unit>")
@requires(Act.WORKPOINTS_AGREEMENT_SIGN)
def sign_agreement(institution: str, year: int, unit: str) -> ResponseReturnValue:
    """Sign the agreement as it was read, for the side that one stands for."""
    found, side, form = _agreement(institution, year, unit), _side(institution, unit), SignAgreementForm()
    if not side:
        raise NotFound()
    if not form.validate_on_submit():
        return _page(institution, year, found, form)
    ok, _none = form.done(
        lambda: services.sign_agreement(
            alliance_id(), institution, year, unit, side, form.seen.data or "", by=actor(), now=now()
        )
    )
    if not ok:
        form.seen.data = found.sha256
        return _page(institution, year, found, form)
    flash(_("The agreement is signed; its text is kept with your signature."), "success")
    return redirect(url_for(".read_agreement", institution=institution, year=year, unit=unit))


@blueprint.get("/agreements/download/<institution>/<int:year>/<unit>/<language>")
@requires(Act.WORKPOINTS_AGREEMENT_READ)
def download_agreement(institution: str, year: int, unit: str, language: str) -> ResponseReturnValue:
    """The agreement on paper, with its signatures and the SHA-256 of its text."""
    found = _agreement(institution, year, unit)
    if language not in LANGUAGES:
        raise NotFound()
    with in_language(language):
        owner = members.member(alliance_id(), institution, today())
        page = current_app.jinja_env.get_template("workpoints/agreement.html").render(
            _shown(institution, year, found) | {
                "owner": label(owner) if owner else institution, "language": lang(), "lang": LANGUAGES[lang()][1],
            }
        )  # fmt: skip
    name = f"agreement-{institution}-{year}-{unit}-{language}.pdf"
    return attachment(render(page), name, KINDS["PDF"].media, f"agreement:{institution}/{year}/{unit}")
