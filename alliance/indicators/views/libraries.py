"""The doors of libraries: what ships with the portal, and adopting it."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import ngettext

from alliance.access import actor, alliance_id, now, requires, today
from alliance.core.acts import Act
from alliance.core.period import PeriodKind
from alliance.core.refused import NotFound
from alliance.i18n import lang
from alliance.indicators import queries, services
from alliance.indicators.forms import DIRECTION_LABELS, FIELD_LABELS, KIND_LABELS, MARK_LABELS, LoadLibraryForm
from alliance.indicators.rules.definitions import Library
from alliance.indicators.rules.versions import BEGINNING, first_start
from alliance.indicators.views.blueprint import blueprint


def shipped(code: str) -> Library:
    if code not in queries.SHIPPED:
        raise NotFound()
    return queries.shipped(code)


@blueprint.get("/libraries/list")
@requires(Act.INDICATORS_LIBRARY_LIST)
def list_libraries() -> ResponseReturnValue:
    """The libraries that ship with the portal, and how much of each is adopted."""
    return render_template(
        "indicators/list_libraries.html",
        rows=[(queries.shipped(code), queries.adoption(alliance_id(), code)) for code in queries.SHIPPED],
    )


@blueprint.get("/libraries/read/<code>")
@requires(Act.INDICATORS_LIBRARY_READ)
def read_library(code: str) -> ResponseReturnValue:
    """One shipped library by dimension: what is adopted, what the alliance writes otherwise, what may be chosen."""
    found = shipped(code)
    return render_template(
        "indicators/read_library.html",
        library=found,
        adoption=queries.adoption(alliance_id(), code),
        formulas={one: queries.formula_in_words(found, one, lang()) for one in found.indicators},
        kinds=KIND_LABELS,
        directions=DIRECTION_LABELS,
        marks=MARK_LABELS,
        fields=FIELD_LABELS,
    )


@blueprint.route("/libraries/load/<code>", methods=["GET", "POST"])
@requires(Act.INDICATORS_LIBRARY_LOAD)
def load_library(code: str) -> ResponseReturnValue:
    """Adopt a shipped library or chosen indicators of it, once what comes along was shown."""
    found = shipped(code)
    form = LoadLibraryForm()
    asked = [one for one in request.values.getlist("code") if one in found.indicators]
    codes = None if request.values.get("all") else asked
    adoption = queries.adoption(alliance_id(), code, codes)
    fresh = not queries.library(alliance_id(), queries.NEWEST).indicators
    if request.method == "GET":
        form.valid_from.data = first_start(PeriodKind.MONTH, queries.scored_periods(alliance_id()), today())
    if fresh:
        # Nothing rests on anything yet: what is adopted holds for every period.
        del form.valid_from
    if form.validate_on_submit():
        start = BEGINNING if fresh else form.valid_from.data or today()
        ok, count = form.done(
            lambda: services.load_library(
                alliance_id(), queries.shipped_library(code), codes, start, by=actor(), now=now()
            )
        )
        if ok:
            flash(ngettext("%(num)s definition was added.", "%(num)s definitions were added.", count or 0), "success")
            return redirect(url_for("indicators.read_library", code=code))
    return render_template(
        "indicators/load_library.html",
        form=form,
        library=found,
        adoption=adoption,
        codes=codes,
        fields=FIELD_LABELS,
    ), 422 if form.errors or form.refused else 200
