"""The doors of derived readings: which cases feed what, deriving a month, the cases behind a reading."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from alliance.access import actor, alliance_id, concerns, now, requires, scope, today
from alliance.audit.views import names_of
from alliance.core.acts import Act
from alliance.core.period import Period
from alliance.core.refused import NotFound
from alliance.i18n import words
from alliance.indicators import queries, services
from alliance.indicators.forms import DeriveReadingForm, SetFeedForm
from alliance.indicators.rules.derived import DERIVED
from alliance.indicators.views.blueprint import blueprint
from alliance.indicators.views.submissions import names_of as members_of
from alliance.registers import queries as registers


@blueprint.get("/feeds/list")
@requires(Act.INDICATORS_FEED_LIST)
def list_feeds() -> ResponseReturnValue:
    """Every element that cases can feed, and since when they do."""
    fed = queries.fed_elements(alliance_id(), Period.parse(f"{today():%Y-%m}"))
    return render_template(
        "indicators/list_feeds.html", fed=fed, derived=DERIVED, measures=registers.MEASURES,
        people=names_of(one.last.set_by for one in fed if one.last), open=queries.open_months(alliance_id(), now()),
        form=DeriveReadingForm(formdata=None),
    )  # fmt: skip


@blueprint.route("/feeds/set/<element>", methods=["GET", "POST"])
@requires(Act.INDICATORS_FEED_SET)
def set_feed(element: str) -> ResponseReturnValue:
    """Say from which month on an element is derived, or is not any more."""
    fed = queries.fed_elements(alliance_id(), Period.parse(f"{today():%Y-%m}"))
    one = next((each for each in fed if each.element.code == element), None)
    if one is None:
        raise NotFound()
    form = SetFeedForm()
    if request.method == "GET":
        form.month.data = next(iter(queries.open_months(alliance_id(), now())), f"{today():%Y-%m}")
        form.derived.data = "no" if one.since else "yes"
    if form.validate_on_submit():
        ok, _none = form.done(
            lambda: services.set_feed(
                alliance_id(), element, form.month.data, form.derived.data == "yes", by=actor(), now=now()
            )
        )
        if ok:
            flash(_("It is recorded; the next derivation follows it."), "success")
            return redirect(url_for(".list_feeds"))
    return render_template(
        "indicators/set_feed.html", form=form, one=one, derivation=DERIVED[element], measures=registers.MEASURES
    ), 422 if form.errors or form.refused else 200


@blueprint.post("/readings/derive/<period>")
@requires(Act.INDICATORS_READING_DERIVE)
def derive_reading(period: str) -> ResponseReturnValue:
    """Derive a month from the confirmed cases at once."""
    changed = services.derive_reading(alliance_id(), period, by=actor(), now=now())
    flash(ngettext("%(num)s value changed.", "%(num)s values changed.", changed), "success")
    return redirect(url_for(".list_feeds"))


@blueprint.get("/counted/list/<institution>/<element>/<period>")
@requires(Act.INDICATORS_COUNTED_LIST)
def list_counted(institution: str, element: str, period: str) -> ResponseReturnValue:
    """The cases that a derived reading counted; ?revision= for another than the one that stands."""
    found = queries.library(alliance_id(), Period.parse(period).last).elements.get(element)
    revisions = queries.revisions(alliance_id(), institution, element, period)
    if found is None or not revisions or not scope().sees(institution):
        raise NotFound()
    concerns(institution)
    asked = request.args.get("revision", revisions[-1].revision, type=int)
    one = next((each for each in revisions if each.revision == asked), None)
    if one is None:
        raise NotFound()
    shares = queries.counted_shares(alliance_id(), period, institution, element, asked)
    return render_template(
        "indicators/list_counted.html", element=found, one=one, revisions=revisions, shares=shares, period=period,
        institution=institution, member=members_of(period).get(institution), measures=registers.MEASURES,
        addresses={share.case: _address(share.case) for share in shares}, derivation=DERIVED.get(element),
        names={share.case: _name(share.case) for share in shares},
    )  # fmt: skip


def _name(code: str) -> str:
    """A case in words: its register and its number."""
    register, _slash, number = code.partition("/")
    if register == registers.REFERRAL:
        return f"{_('Referral')} {number}"
    return f"{words(registers.REGISTERS[register].name)} {number}" if register in registers.REGISTERS else code


def _address(code: str) -> str:
    """Where a case is read; "" for one of a register without such a page."""
    found = registers.case_address(code)
    return url_for(found[0], **found[1]) if found else ""
