"""The doors of definitions: indicators and data elements, their versions, and defining them anew."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from hashlib import sha256
from typing import Any

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from alliance.access import actor, alliance_id, now, requires, today
from alliance.accounts import queries as accounts
from alliance.core.acts import Act
from alliance.core.period import PeriodKind
from alliance.core.refused import NotFound, Refused
from alliance.core.written import whole
from alliance.i18n import lang, tier, words
from alliance.indicators import forms, queries, services
from alliance.indicators.forms import (
    ANY,
    TIER_CODES,
    DefineElementForm,
    DefineForm,
    DefineIndicatorForm,
    FilterElementForm,
    FilterIndicatorForm,
)
from alliance.indicators.rules.definitions import Element, Indicator, Library
from alliance.indicators.rules.versions import BEGINNING, Difference, differences, first_start, flat, spec_of
from alliance.indicators.views.blueprint import blueprint

LABELS = {
    "kinds": forms.KIND_LABELS,
    "directions": forms.DIRECTION_LABELS,
    "tags": forms.TAG_LABELS,
    "synergies": forms.SYNERGY_LABELS,
    "marks": forms.MARK_LABELS,
    "modes": forms.MODE_LABELS,
    "aggregations": forms.AGGREGATION_LABELS,
    "causes": forms.CAUSE_LABELS,
    "fields": forms.FIELD_LABELS,
    "frequencies": forms.FREQUENCY_LABELS,
    "beginning": BEGINNING,
}


def uses() -> Mapping[str, list[Any]]:
    """The lines of schemes by indicator, as the floor above tells them."""
    asked: Callable[..., Mapping[str, list[Any]]] = current_app.config["SCHEME_USES"]
    return asked(alliance_id(), today())


@blueprint.get("/indicators/list")
@requires(Act.INDICATORS_INDICATOR_LIST)
def list_indicators() -> ResponseReturnValue:
    """The alliance's indicators by dimension; the filters stand in the address."""
    library, used = queries.library(alliance_id(), queries.NEWEST), uses()
    form = FilterIndicatorForm(request.args)
    form.dimension.choices = [ANY, *((one.code, words(one.name)) for one in library.dimensions)]
    form.tier.choices = _tiers()
    wanted = {
        "dimension": form.dimension.data, "kind": form.kind.data, "direction": form.direction.data,
        "mark": form.mark.data,
    }  # fmt: skip
    found = [
        one
        for one in library.indicators.values()
        if _matches(one, form.search.data, wanted)
        and (not form.tier.data or form.tier.data in one.tiers)
        and (not form.tag.data or form.tag.data in one.tags)
        and (not form.used.data or (form.used.data == "yes") == (one.code in used))
    ]
    return render_template(
        "indicators/list_indicators.html", library=library, found=found, form=form, used=used, **LABELS
    )


@blueprint.get("/elements/list")
@requires(Act.INDICATORS_ELEMENT_LIST)
def list_elements() -> ResponseReturnValue:
    """The alliance's data elements; the filters stand in the address."""
    library = queries.library(alliance_id(), queries.NEWEST)
    form = FilterElementForm(request.args)
    form.tier.choices = _tiers()
    wanted = {"mode": form.mode.data, "frequency": form.frequency.data, "mark": form.mark.data}
    found = [
        one
        for one in library.elements.values()
        if _matches(one, form.search.data, wanted) and (not form.tier.data or form.tier.data in one.tiers)
    ]
    return render_template(
        "indicators/list_elements.html", library=library, found=found, form=form, served=_served(library), **LABELS
    )


def _tiers() -> list[tuple[str, str]]:
    return [ANY, *((code, tier(code)) for code in TIER_CODES)]


def _matches(one: Element | Indicator, search: str | None, wanted: Mapping[str, str | None]) -> bool:
    text = (search or "").strip().casefold()
    said = " ".join((one.code, one.name.zh, one.name.en)).casefold()
    return text in said and all(not value or getattr(one, name) == value for name, value in wanted.items())


def _served(library: Library) -> dict[str, list[Indicator]]:
    """The indicators that are computed from each element."""
    found: dict[str, list[Indicator]] = {}
    for one in library.indicators.values():
        for code in one.elements:
            found.setdefault(code, []).append(one)
    for element in library.elements.values():
        if element.weight:
            found.setdefault(element.weight, []).extend(
                one for one in found.get(element.code, []) if one not in found.get(element.weight, [])
            )
    return found


@blueprint.get("/indicators/read/<code>")
@requires(Act.INDICATORS_INDICATOR_READ)
def read_indicator(code: str) -> ResponseReturnValue:
    """One indicator: definition, formula, elements, versions, and the lines of schemes that rest on it."""
    library = queries.library(alliance_id(), queries.NEWEST)
    if code not in library.indicators:
        raise NotFound()
    versions = queries.versions(alliance_id(), "indicator", code)
    one = library.indicators[code]
    return render_template(
        "indicators/read_indicator.html",
        indicator=one,
        library=library,
        formula=queries.formula_in_words(library, code, lang()),
        versions=versions,
        coming=versions[0].valid_from > today(),
        people=accounts.names({each.added_by for each in versions} - {""}),
        uses=uses().get(code, []),
        modes_used=sorted({library.elements[name].mode for name in one.elements}),
        frequencies_used=sorted({library.elements[name].frequency.value for name in one.elements}),
        computed=[other for other in library.indicators.values() if code in other.refers_to],
        **LABELS,
    )


@blueprint.get("/elements/read/<code>")
@requires(Act.INDICATORS_ELEMENT_READ)
def read_element(code: str) -> ResponseReturnValue:
    """One data element: definition, who files it, bounds, versions, and the indicators it serves."""
    library = queries.library(alliance_id(), queries.NEWEST)
    if code not in library.elements:
        raise NotFound()
    versions = queries.versions(alliance_id(), "element", code)
    return render_template(
        "indicators/read_element.html",
        element=library.elements[code],
        library=library,
        versions=versions,
        coming=versions[0].valid_from > today(),
        people=accounts.names({each.added_by for each in versions} - {""}),
        served=_served(library).get(code, []),
        **LABELS,
    )


@blueprint.route("/indicators/define", methods=["GET", "POST"])
@requires(Act.INDICATORS_INDICATOR_DEFINE)
def define_indicator() -> ResponseReturnValue:
    """A new indicator, or with ?code= a new version of one: what differs is shown before it is saved."""
    library = queries.library(alliance_id(), queries.NEWEST)
    before = _before(library.indicators)
    form = DefineIndicatorForm()
    form.dimension.choices = [(one.code, words(one.name)) for one in library.dimensions]
    back = before.back if before else "year"
    form.back.choices = [*forms.BACK_LABELS.items(), *([] if back in forms.BACK_LABELS else [(back, back)])]
    return _define("indicator", form, before, services.define_indicator)


@blueprint.route("/elements/define", methods=["GET", "POST"])
@requires(Act.INDICATORS_ELEMENT_DEFINE)
def define_element() -> ResponseReturnValue:
    """A new data element, or with ?code= a new version of one: what differs is shown before it is saved."""
    before = _before(queries.library(alliance_id(), queries.NEWEST).elements)
    return _define("element", DefineElementForm(), before, services.define_element)


def _before(known: Mapping[str, Any]) -> Any:
    code = request.args.get("code", "")
    if code and code not in known:
        raise NotFound()
    return known.get(code)


def _define(
    what: str, form: DefineForm, before: Element | Indicator | None, verb: Callable[..., int]
) -> ResponseReturnValue:
    form.tiers.choices = [(code, tier(code)) for code in TIER_CODES]
    if request.method == "GET":
        _prefill(form, before)
    if before is not None:
        form.code.data = before.code
    changes: list[Difference] = []
    if form.validate_on_submit():
        ok, changes_found = form.done(lambda: _difference(what, before, form))
        changes = changes_found or []
        # Only what was shown is saved: whatever was typed since is shown first.
        if ok and request.form.get("save") and request.form.get("checked") == _mark(form):
            seen = whole(form.seen.data) or 0
            done, version = form.done(
                lambda: verb(
                    alliance_id(), _spec(form), seen, form.valid_from.data or today(), form.cause.data,
                    form.cause_text.data or "", by=actor(), now=now(),
                )
            )  # fmt: skip
            if done:
                flash(_("Version %(version)s of %(code)s is saved.", version=version, code=form.code.data), "success")
                return redirect(url_for(f"indicators.read_{what}", code=form.code.data))
    return render_template(
        f"indicators/define_{what}.html", form=form, before=before, changes=changes, checked=_mark(form), **LABELS
    ), 422 if form.errors or form.refused else 200


def _prefill(form: DefineForm, before: Element | Indicator | None) -> None:
    start = PeriodKind.MONTH
    if before is not None:
        for name, text in flat(before).items():
            if name in form:
                listed = name in ("tiers", "tags")
                form[name].data = [part for part in text.split(", ") if part] if listed else text
        start = before.frequency if isinstance(before, Element) else start
    else:
        form.tiers.data = list(TIER_CODES)
    form.seen.data = str(before.version if before else 0)
    form.valid_from.data = first_start(start, queries.scored_periods(alliance_id()), today())


def _spec(form: DefineForm) -> dict[str, Any]:
    """The definition that was typed, as a library's file writes it."""
    beside = {"csrf_token", "once", "seen", "valid_from", "cause", "cause_text"}
    typed = {field.name: _typed(field.data) for field in form if field.name not in beside}
    return spec_of(typed)


def _mark(form: DefineForm) -> str:
    """A mark of all that was typed, by which the form knows what was shown."""
    said = json.dumps([_spec(form), str(form.valid_from.data), form.cause.data, form.cause_text.data], sort_keys=True)
    return sha256(said.encode()).hexdigest()


def _typed(data: str | Iterable[str] | None) -> str:
    if data is None or isinstance(data, str):
        return data or ""
    return ", ".join(data)


def _difference(what: str, before: Element | Indicator | None, form: DefineForm) -> list[Difference]:
    """What saving would change; refused when that is nothing."""
    found = differences(before, queries.alone(what, _spec(form)))
    if not found:
        raise Refused("Nothing differs from the version that holds: there is nothing to save.")
    return found
