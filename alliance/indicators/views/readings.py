"""The doors of readings: a member's form, one reading."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from alliance.access import actor, alliance_id, can, now, requires, scope
from alliance.core.acts import Act
from alliance.core.period import Period
from alliance.core.refused import NotFound, Problem
from alliance.i18n import words
from alliance.indicators import queries, services
from alliance.indicators.forms import FileReadingForm
from alliance.indicators.rules.definitions import Element
from alliance.indicators.rules.filing import Entry, Progress, read_value
from alliance.indicators.views.blueprint import blueprint
from alliance.indicators.views.submissions import names_of, submission_of


@blueprint.route("/readings/file/<period>/<institution>", methods=["GET", "POST"])
@requires(Act.INDICATORS_READING_FILE)
def file_reading(period: str, institution: str) -> ResponseReturnValue:
    """A member's form of a period."""
    found, name, info = submission_of(period, institution)
    if not can(Act.INDICATORS_READING_FILE, institution):
        raise NotFound()
    form = FileReadingForm()
    due = queries.elements_due(
        queries.library(alliance_id(), Period.parse(period).last), name.tier, Period.parse(period)
    )
    readings = queries.readings(alliance_id(), period, institution)
    typed = (
        {element.code: request.form.get(f"value-{element.code}") for element in due} if request.method == "POST" else {}
    )
    faults: dict[str, Problem] = {}
    if form.validate_on_submit():
        entries, faults = _entries(due, request.form)
        ok, changed = form.done(
            lambda: services.file_reading(
                alliance_id(), period, institution, entries, form.document.data or "", by=actor(), now=now()
            )
        )
        if ok:
            flash(_("%(count)s values were saved.", count=changed), "success")
            if not faults:
                return redirect(url_for("indicators.read_submission", period=period, institution=institution))
            readings = queries.readings(alliance_id(), period, institution)
            form = FileReadingForm(formdata=None)
    return render_template(
        "indicators/file_reading.html",
        form=form,
        submission=found,
        member=name,
        period=info,
        due=due,
        readings=readings,
        typed=typed,
        faults=faults,
        Progress=Progress,
    ), 422 if form.errors or form.refused or faults else 200


def _entries(due: list[Element], typed: Any) -> tuple[dict[str, tuple[Entry, int]], dict[str, Problem]]:
    """What was typed by element with the revision seen; what cannot be read is told and not filed, the rest is."""
    entries, faults = {}, {}
    for element in due:
        text = typed.get(f"value-{element.code}")
        if text is None:
            continue
        problems: list[Problem] = []
        entry = read_value(text, element, problems, words(element.name))
        if problems:
            faults[element.code] = problems[0]
        else:
            seen = typed.get(f"seen-{element.code}", "0")
            entries[element.code] = (entry, int(seen) if seen.isdecimal() else 0)
    return entries, faults


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
    return render_template(
        "indicators/read_reading.html",
        element=found,
        revisions=revisions,
        submission=submission,
        period=period,
        member=names_of(period).get(institution),
        people=queries.people(submission, revisions),
        evidence=queries.evidence(alliance_id(), period, institution, element),
    )
