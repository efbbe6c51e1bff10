"""The doors of point libraries: their versions, publishing one, adopting one in a hospital."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from alliance.access import actor, alliance_id, can, now, requires, scope, today
from alliance.accounts import queries as accounts
from alliance.core.acts import Act
from alliance.core.period import Period
from alliance.core.refused import Refused
from alliance.core.written import whole
from alliance.i18n import period as period_words
from alliance.pages import Leaf, part
from alliance.workpoints import queries, services
from alliance.workpoints.forms import AdoptLibraryForm, PublishLibraryForm
from alliance.workpoints.queries import AdoptionChanges, LibraryInfo, TableChanges
from alliance.workpoints.rules.overrides import LEVELS, check_code
from alliance.workpoints.rules.tables import TableRow
from alliance.workpoints.services import GivenLibrary
from alliance.workpoints.views.blueprint import blueprint, kept, paying, ways
from alliance.workpoints.views.points import SHOWN, SIZE, as_file, classes, is_wanted, sent_table

AHEAD, BEFORE = 3, 12  # months around this one in which points may change


def _own() -> str:
    """The reader's hospital, if the reader keeps or reads the bonus of one."""
    return next(iter(sorted(scope().bonus) or paying()), "")


def open_months(institution: str, first: str = "") -> list[tuple[str, str]]:
    """The months from which points may change, after the last whose bonus is approved; none before `first`."""
    this, last = Period.parse(f"{today():%Y-%m}"), queries.last_approved(alliance_id(), institution)
    months = [this.back(back).code for back in range(BEFORE, -AHEAD - 1, -1)]
    return [(code, period_words(code)) for code in months if code > last and code >= first]


@blueprint.get("/libraries/list")
@requires(Act.WORKPOINTS_LIBRARY_LIST)
def list_libraries() -> ResponseReturnValue:
    """Every version of every library; to the alliance, how many members adopted it, to a hospital, whether it did."""
    institution = _own()
    table = queries.in_force(alliance_id(), institution, today()) if institution else None
    whole = scope().institutions is None
    return render_template(
        "workpoints/list_libraries.html",
        institution=institution,
        ways=ways(institution) if institution else None,
        libraries=queries.libraries(alliance_id()),
        levels=LEVELS,
        table=table,
        mine=queries.library_of(alliance_id(), table),
        adoptions=queries.adoptions(alliance_id(), today()) if whole else None,
        publishes=can(Act.WORKPOINTS_LIBRARY_PUBLISH),
        adopts=bool(institution) and can(Act.WORKPOINTS_LIBRARY_ADOPT, institution),
    )


@blueprint.get("/libraries/read/<code>/<int:version>")
@requires(Act.WORKPOINTS_LIBRARY_READ)
def read_library(code: str, version: int) -> ResponseReturnValue:
    """The items of a version, and what it changes of the one before."""
    found = queries.library_version(alliance_id(), code, version)
    institution = _own()
    everything = queries.lines_of(queries.rows_of(found.number))
    lines = [line for line in everything if is_wanted(line)]
    page, size = part(max(request.args.get("page", 1, type=int), 1), SIZE)

    def address(number: int) -> str:
        args: dict[str, Any] = {name: value for name, value in request.args.items() if name != "page"}
        return url_for(".read_library", code=code, version=version, **{**args, "page": number})

    return render_template(
        "workpoints/read_library.html",
        library=found,
        people=accounts.names([found.published_by]),
        levels=LEVELS,
        institution=institution,
        lines=lines[(page - 1) * size : page * size],
        leaf=Leaf.of(page, size, len(lines), address),
        count=len(everything),
        narrowed=len(lines) < len(everything),
        classes=classes(),
        changes=queries.library_changes(alliance_id(), found),
        shown=SHOWN,
        exports=can(Act.WORKPOINTS_LIBRARY_EXPORT),
        adopts=bool(institution) and can(Act.WORKPOINTS_LIBRARY_ADOPT, institution),
    )


@blueprint.route("/libraries/publish", methods=["GET", "POST"])
@requires(Act.WORKPOINTS_LIBRARY_PUBLISH)
def publish_library() -> ResponseReturnValue:
    """A version of a library: checked, which changes nothing, then published; the button says which."""
    form, checked, rows = PublishLibraryForm(), None, list[TableRow]()
    form.offer()
    if request.method == "GET":
        _follow(form)
    if form.validate_on_submit():
        ok, found = form.done(lambda: _checked(form))
        if ok and found:
            rows, checked = found
        if ok and rows and request.form.get("apply"):
            ok, version = form.done(
                lambda: services.publish_library(alliance_id(), _given(form), rows, by=actor(), now=now())
            )
            if ok and version:
                flash(_("Version %(version)s is published.", version=f"{form.code.data}/{version}"), "success")
                return redirect(url_for(".read_library", code=form.code.data, version=version))
    return render_template(
        "workpoints/publish_library.html", form=form, checked=checked, shown=SHOWN
    ), 422 if form.errors or form.refused else 200


def _follow(form: PublishLibraryForm) -> None:
    """Begin with what the version before says, when the address names its library."""
    form.start.data = today().replace(day=1)
    last = next(iter(queries.libraries(alliance_id(), request.args.get("code", ""))), None)
    if last:
        form.code.data, form.level.data, form.title.data = last.code, last.level, last.title


def _checked(form: PublishLibraryForm) -> tuple[list[TableRow], tuple[int, TableChanges]]:
    """The rows of the file that was sent now or before, and what they would change of the newest version."""
    check_code(form.code.data or "")
    rows = sent_table(form, form.start.data or today())
    found = queries.published_changes(alliance_id(), form.code.data or "", rows)
    if not request.form.get("apply"):
        form.newest.data = str(found[0])
    return rows, found


def _given(form: PublishLibraryForm) -> GivenLibrary:
    newest = whole(form.newest.data)
    return GivenLibrary(
        form.code.data or "", form.level.data, form.title.data or "", form.source.data or "",
        form.start.data or today(), form.kept.data or "",
        -1 if newest is None else newest,
    )  # fmt: skip


@blueprint.get("/libraries/export/<code>/<int:version>")
@requires(Act.WORKPOINTS_LIBRARY_EXPORT)
def export_library(code: str, version: int) -> ResponseReturnValue:
    """A version as a file: Excel, or CSV with ?as=csv."""
    found = queries.library_version(alliance_id(), code, version)
    rows = queries.rows_of(found.number)
    return as_file(rows, f"point-library-{code}-{version}", f"pointlibrary:{found.reference}")


@blueprint.route("/libraries/adopt/<institution>/<code>/<int:version>", methods=["GET", "POST"])
@requires(Act.WORKPOINTS_LIBRARY_ADOPT)
def adopt_library(institution: str, code: str, version: int) -> ResponseReturnValue:
    """Let a version hold from a month on: first what it would change, then the act; the button says which."""
    kept(Act.WORKPOINTS_LIBRARY_ADOPT, institution)
    found = queries.library_version(alliance_id(), code, version)
    form, changes = AdoptLibraryForm(), None
    months = open_months(institution, f"{found.start:%Y-%m}" if found.start.day == 1 else _next(found))
    form.month.choices = months
    if request.method == "GET" and months:
        this = f"{today():%Y-%m}"
        form.month.data = this if this in dict(months) else months[0][0]
        _ok, changes = form.done(lambda: _changes(institution, found, form, dict(months)))
    elif form.validate_on_submit():
        if request.form.get("apply"):
            ok, stay = form.done(lambda: services.adopt_library(
                alliance_id(), institution, code, version, Period.parse(form.month.data).first, form.seen.data or "",
                by=actor(), now=now(),
            ))  # fmt: skip
            if ok:
                _tell(found, form.month.data, stay or 0)
                return redirect(url_for(".read_points", institution=institution))
        refused = form.refused
        _ok, changes = form.done(lambda: _changes(institution, found, form, dict(months)))
        form.refused = refused or form.refused
    return render_template(
        "workpoints/adopt_library.html", form=form, institution=institution, library=found, levels=LEVELS,
        changes=changes, shown=SHOWN, months=months,
    ), 422 if request.method == "POST" and (form.errors or form.refused) else 200  # fmt: skip


def _next(found: LibraryInfo) -> str:
    """The month after the one in which a version begins to hold."""
    return Period.parse(f"{found.start:%Y-%m}").back(-1).code


def _changes(
    institution: str, found: LibraryInfo, form: AdoptLibraryForm, months: Mapping[str, str]
) -> AdoptionChanges:
    form.seen.data = queries.points_state(alliance_id(), institution)
    month = form.month.data
    if month not in months:
        raise Refused("Choose a month of the list.")
    return queries.adoption_changes(alliance_id(), institution, found, Period.parse(month).first)


def _tell(found: LibraryInfo, month: str, stay: int) -> None:
    holds = _("%(version)s holds from %(month)s.", version=found.reference, month=period_words(month))
    flash(holds + " " + ngettext("%(num)s override stays.", "%(num)s overrides stay.", stay), "success")
