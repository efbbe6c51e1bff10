"""The door of records: a meeting of a hospital's body, or a publicity."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from markupsafe import Markup

from alliance.access import actor, alliance_id, now, requires, today
from alliance.core.acts import Act
from alliance.i18n import LANGUAGES, day, lang, period, written
from alliance.workpoints import queries, services
from alliance.workpoints.forms import FileRecordForm
from alliance.workpoints.queries import RecordInfo
from alliance.workpoints.views.blueprint import blueprint, kept


def matter_words(matter: str) -> str:
    """A matter (scheme:T01/BONUS/1) in the reader's language."""
    kind, _colon, reference = matter.partition(":")
    _institution, _slash, rest = reference.partition("/")
    head, _at, number = rest.partition("@")
    if kind == "scheme":
        return _("Bonus scheme %(reference)s", reference=rest)
    if kind == "budget":
        return _("Budget of %(year)s, version %(number)s", year=head, number=number)
    if kind == "targets":
        return _("Budget set of %(year)s, version %(number)s", year=head, number=number)
    return _("Bonus of %(month)s, run %(number)s", month=period(head), number=number)


def matter_page(matter: str) -> str:
    """Where a matter is read."""
    kind, _colon, reference = matter.partition(":")
    institution, _slash, rest = reference.partition("/")
    if kind == "scheme":
        code, _mark, version = rest.rpartition("/")
        return url_for("workpoints.read_scheme", institution=institution, code=code, version=version)
    if kind == "budget":
        year, _at, version = rest.partition("@")
        return url_for("workpoints.read_budget", institution=institution, year=year, version=version)
    if kind == "targets":
        return url_for("workpoints.read_target", institution=institution, year=rest.partition("@")[0])
    month, _at, number = rest.partition("@")
    return url_for("workpoints.read_run", institution=institution, month=month, number=number)


def record_choices(found: list[RecordInfo]) -> list[tuple[str, str, dict[str, str]]]:
    """The records that may put their matter into force, for a field of choice; each marked with its language."""
    other = LANGUAGES["zh" if lang() == "en" else "en"][1]
    return [
        (
            one.number,
            f"{one.number} · {day(one.meeting.held_on)}",
            {"lang": other} if isinstance(written(one.number), Markup) else {},
        )
        for one in found
        if one.decides
    ]


@blueprint.route("/records/file/<institution>", methods=["GET", "POST"])
@requires(Act.WORKPOINTS_RECORD_FILE)
def file_record(institution: str) -> ResponseReturnValue:
    """Record a meeting or a publicity on a matter (?matter=)."""
    kept(Act.WORKPOINTS_RECORD_FILE, institution)
    known = queries.matters(alliance_id(), institution)
    form = FileRecordForm()
    form.offer([(one, matter_words(one)) for one in known])
    if request.method == "GET":
        form.matter.data, form.held_on.data = request.args.get("matter", ""), today()
    if form.validate_on_submit():
        matter, meeting = form.matter.data, form.meeting(today())
        ok, _none = form.done(
            lambda: services.file_record(alliance_id(), institution, matter, meeting, by=actor(), now=now())
        )
        if ok:
            flash(_("Record %(number)s is kept.", number=meeting.number), "success")
            return redirect(f"{matter_page(matter)}#records")
    asked = request.args.get("matter", "")
    return render_template(
        "workpoints/file_record.html", form=form, institution=institution, known=known,
        back=matter_page(asked) if asked in known else url_for(".list_schemes", institution=institution),
    ), 422 if form.errors or form.refused else 200  # fmt: skip
