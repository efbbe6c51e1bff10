"""The doors of readings: a member's form, one reading."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from flask import Response, flash, get_template_attribute, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from alliance.access import actor, alliance_id, can, now, requires, scope
from alliance.access import refused as note_refusal
from alliance.accounts import queries as accounts
from alliance.core.acts import Act
from alliance.core.figure import State, canonical
from alliance.core.period import SHANGHAI, Period
from alliance.core.refused import Forbidden, NotFound, Refused
from alliance.core.written import whole
from alliance.i18n import said
from alliance.indicators import queries, services
from alliance.indicators.forms import FileReadingForm
from alliance.indicators.views.blueprint import blueprint
from alliance.indicators.views.submissions import names_of

JSON = "application/json"


@blueprint.route("/readings/file/<period>/<institution>", methods=["GET", "POST"])
@requires(Act.INDICATORS_READING_FILE)
def file_reading(period: str, institution: str) -> ResponseReturnValue:
    """A member's values of a period: a whole form, or with Accept: application/json some of its values, each judged by
    itself."""
    if not (scope().sees(institution) and can(Act.INDICATORS_READING_FILE, institution)):
        raise NotFound()
    form, as_json = FileReadingForm(), request.accept_mimetypes.best_match(["text/html", JSON]) == JSON
    typed = _typed(request.form) if request.method == "POST" else {}
    judged = queries.Judged()
    told: dict[str, str] = {}  # explanations that were not kept, with the reason
    place = queries.filing(alliance_id(), period, institution)
    if form.validate_on_submit():
        ok, changed = form.done(lambda: _file(place, typed, judged, form.document.data or "", as_json))
        if ok:
            told = _explain(period, institution, _explanations(request.form))
            if not as_json:
                flash(ngettext("%(num)s value was saved.", "%(num)s values were saved.", changed), "success")
                if not (judged.troubles or told):
                    return redirect(url_for("indicators.read_submission", period=period, institution=institution))
                form = FileReadingForm(formdata=None)
    refused = bool(form.errors or form.refused or judged.troubles or told)
    if as_json and request.method == "POST":
        return _answer(place, typed, judged, told, form), 422 if form.errors or form.refused else 200
    grid = queries.grid(alliance_id(), period, institution, now=now(), place=place)
    form.document.data = form.document.data or grid.document
    return render_template(
        "indicators/file_reading.html",
        form=form,
        grid=grid,
        typed={code: text for code, (text, _seen) in typed.items()},
        troubles=judged.troubles,
        told=told,
        explained=_explanations(request.form),
        only_open=request.args.get("show") == "open",
        shown=shown,
    ), 422 if refused else 200


def _typed(sent: Mapping[str, str]) -> dict[str, tuple[str, int]]:
    """What was typed by element, with the revision seen."""
    found = {}
    for name, text in sent.items():
        kind, _dash, code = name.partition("-")
        if kind == "value":
            found[code] = (text, whole(sent.get(f"seen-{code}")) or 0)
    return found


def _explanations(sent: Mapping[str, str]) -> dict[str, str]:
    """What was written by way of explanation, by element or indicator."""
    return {name.removeprefix("explain-"): text for name, text in sent.items() if name.startswith("explain-")}


def _file(
    place: queries.Filing,
    typed: Mapping[str, tuple[str, int]],
    judged: queries.Judged,
    document: str,
    as_json: bool,
) -> int:
    """File what can be kept of what was typed; how many values changed. The rest is told in `judged`."""
    period, institution = place.when.code, place.member.code
    found = queries.judge(alliance_id(), period, institution, typed, now=now(), whole=not as_json, place=place)
    judged.troubles, judged.changed = found.troubles, found.changed
    entries = dict(found.entries)
    while entries:
        try:
            return services.file_reading(alliance_id(), period, institution, entries, document, by=actor(), now=now())
        except Refused as refused:
            # Somebody else was faster between the look and the verb: what is refused is told, the rest is kept.
            hit = {str(one.at["element"]): one for one in refused.problems if one.at.get("element") in entries}
            if not hit:
                raise
            note_refusal(refused.message, refused.status)
            judged.troubles |= hit
            entries = {code: one for code, one in entries.items() if code not in hit}
    return 0


def _explain(period: str, institution: str, written: Mapping[str, str]) -> dict[str, str]:
    """Keep the explanations that say something new; the others with the reason why they were not kept."""
    written = {about: text.strip() for about, text in written.items() if text.strip()}
    if not written:
        return {}
    values = queries.explained_values(alliance_id(), period, institution, written)
    known = queries.explanations(alliance_id(), period, institution)
    told = {}
    # The token of the form went into the event of the values.
    by = replace(actor(), once="")
    for about, text in written.items():
        before = known.get(about)
        if about not in values or (before and (before.value, before.text) == (values[about], text)):
            continue
        try:
            services.explain_value(alliance_id(), period, institution, about, values[about], text, by=by, now=now())
        except (Forbidden, NotFound):
            raise
        except Refused as refused:
            note_refusal(refused.message, refused.status)
            told[about] = said(refused)
    return told


def _answer(
    place: queries.Filing,
    typed: Mapping[str, tuple[str, int]],
    judged: queries.Judged,
    told: Mapping[str, str],
    form: FileReadingForm,
) -> Response:
    """What became of each value sent, and every line about which something else is to be said now."""
    written = _explanations(request.form)
    period, institution = place.when.code, place.member.code
    grid = queries.grid(alliance_id(), period, institution, now=now(), around=[*typed, *written], place=place)
    fragment = partial(get_template_attribute, "indicators/grid.html")
    origin, remarks = fragment("origin"), fragment("remarks")
    lines = {}
    for line in grid.lines:
        code, trouble = line.code, judged.troubles.get(line.code)
        status = "other"
        if code in typed:
            status = "changed" if code in judged.changed else "refused" if trouble or form.refused else "saved"
        lines[code] = {
            "status": status,
            "revision": line.revision,
            "shown": shown(line),
            "filed": line.filed,
            "open": line.open,
            "waits": sum(one.waits for one in line.remarks),
            "contradicts": line.contradicts,
            "origin": origin(line),
            "remarks": remarks(line, trouble, code in judged.changed, told, written),
        }
    problems = [text for texts in form.errors.values() for text in texts]
    refusal = said(form.refused) if form.refused else " ".join(map(str, problems))
    return jsonify(refused=refusal, lines=lines, told=told, at=now().astimezone(SHANGHAI).strftime("%H:%M"))


def shown(line: queries.Line) -> str:
    """The text of a value as it stands in its field."""
    if line.reading is None or line.reading.state is State.MISSING:
        return ""
    return _("n/a") if line.reading.value is None else queries.value_text(line.reading)


@blueprint.get("/readings/read/<institution>/<element>/<period>")
@requires(Act.INDICATORS_READING_READ)
def read_reading(institution: str, element: str, period: str) -> ResponseReturnValue:
    """One reading with all its revisions and the people behind it; institution - for the alliance's own."""
    institution = "" if institution == "-" else institution
    found = queries.library(alliance_id(), Period.parse(period).last).elements.get(element)
    revisions = queries.revisions(alliance_id(), institution, element, period)
    if found is None or not revisions or not (scope().sees(institution) or found.external):
        raise NotFound()
    submission = queries.submission(alliance_id(), period, institution)
    remark = queries.explanations(alliance_id(), period, institution).get(element)
    if remark and remark.value != canonical(revisions[-1].value):
        remark = None  # of a value that is another one meanwhile it says nothing
    return render_template(
        "indicators/read_reading.html",
        element=found,
        remark=remark,
        writer=accounts.names([remark.written_by]) if remark else {},
        revisions=revisions,
        submission=submission,
        period=period,
        member=names_of(period).get(institution),
        people=queries.people(submission, revisions),
        evidence=queries.evidence(alliance_id(), period, institution, element),
    )
