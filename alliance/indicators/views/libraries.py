"""The doors of definitions."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from alliance.access import actor, alliance_id, now, requires
from alliance.core.acts import Act
from alliance.core.refused import NotFound
from alliance.i18n import lang
from alliance.indicators import queries, services
from alliance.indicators.forms import (
    KIND_LABELS,
    LoadLibraryForm,
)
from alliance.indicators.views.blueprint import blueprint


@blueprint.get("/indicators/list")
@requires(Act.INDICATORS_INDICATOR_LIST)
def list_indicators() -> ResponseReturnValue:
    """The alliance's indicators by dimension."""
    return render_template(
        "indicators/list_indicators.html", library=queries.library(alliance_id()), form=LoadLibraryForm()
    )


@blueprint.get("/indicators/read/<code>")
@requires(Act.INDICATORS_INDICATOR_READ)
def read_indicator(code: str) -> ResponseReturnValue:
    """One indicator: its definition, formula, elements and source."""
    library = queries.library(alliance_id())
    if code not in library.indicators:
        raise NotFound()
    return render_template(
        "indicators/read_indicator.html",
        indicator=library.indicators[code],
        library=library,
        kinds=KIND_LABELS,
        formula=queries.formula_in_words(library, code, lang()),
    )


@blueprint.post("/libraries/load")
@requires(Act.INDICATORS_LIBRARY_LOAD)
def load_library() -> ResponseReturnValue:
    """Load the five-dimension library."""
    form = LoadLibraryForm()
    if form.validate_on_submit():
        count = services.load_library(alliance_id(), queries.shipped_library("five_dimensions"), by=actor(), now=now())
        flash(_("%(count)s definitions were added.", count=count), "success")
    return redirect(url_for("indicators.list_indicators"))
