"""The doors of item points: the table of a day, importing one, taking it out as a file."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import ngettext
from flask_login import current_user

from alliance.access import actor, alliance_id, can, machine_now, now, requires, today
from alliance.accounts import queries as accounts
from alliance.core.acts import Act
from alliance.core.refused import NotFound, Problem, Refused
from alliance.i18n import lang
from alliance.pages import Leaf, attachment, part
from alliance.store import uploads
from alliance.workpoints import queries, services, sheets
from alliance.workpoints.forms import ImportPointsForm, TableForm
from alliance.workpoints.queries import ItemLine
from alliance.workpoints.rules.income import CLASSES
from alliance.workpoints.rules.overrides import on_day
from alliance.workpoints.rules.tables import PointChanges, TableRow, check_table
from alliance.workpoints.rules.uses import WITHOUT
from alliance.workpoints.views.blueprint import asked_institution, blueprint, kept, partitions, ways

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SIZE, SHOWN = 50, 100


def classes() -> dict[str, str]:
    """The classes of charges in the reader's language."""
    return {code: (en if lang() == "en" else zh) for code, (zh, en) in CLASSES.items()}


@blueprint.get("/points/read")
@requires(Act.WORKPOINTS_POINTS_READ)
def read_points() -> ResponseReturnValue:
    """The points of items today, and how far they reached in the last month that was loaded."""
    institution = asked_institution()
    kept(Act.WORKPOINTS_POINTS_READ, institution)
    everything = queries.item_lines(alliance_id(), institution, today())
    found = [line for line in everything if is_wanted(line)]
    table = queries.in_force(alliance_id(), institution, today())
    page, size = part(max(request.args.get("page", 1, type=int), 1), SIZE)

    def address(number: int) -> str:
        kept_args: dict[str, Any] = {name: value for name, value in request.args.items() if name != "page"}
        return url_for(".read_points", **{"institution": institution, **kept_args, "page": number})

    loaded = queries.point_tables(alliance_id(), institution)
    return render_template(
        "workpoints/read_points.html",
        institution=institution,
        people=accounts.names({one.recorded_by for one in loaded}),
        ways=ways(institution, request.args.get("month", "")),
        tables=loaded,
        today=today(),
        lines=found[(page - 1) * size : page * size],
        leaf=Leaf.of(page, size, len(found), address),
        count=len(everything),
        narrowed=len(found) < len(everything),
        classes=classes(),
        covered=_coverage(institution),
        library=queries.library_of(alliance_id(), table),
        newer=queries.newer_version(alliance_id(), table),
        overridden=_overridden(table),
        imports=can(Act.WORKPOINTS_POINTS_IMPORT, institution),
        exports=can(Act.WORKPOINTS_POINTS_EXPORT, institution),
    )


def _overridden(table: queries.TableInfo | None) -> set[tuple[str, str]]:
    """The items and roles whose points are not those of the library today."""
    return set(on_day((one.own for one in queries.override_infos(table)), today())) if table else set()


def is_wanted(line: ItemLine) -> bool:
    """Whether the filter of the address lets an item through."""
    args, item = request.args, line.item
    text = args.get("search", "").strip().lower()
    has = {"": True, "with": bool(line.points), "without": not line.points}.get(args.get("points", ""), True)
    return (
        has and args.get("class", "") in ("", item.item_class)
        and (not text or any(text in name.lower() for name in (item.code, item.zh, item.en)))
    )  # fmt: skip


def _coverage(institution: str) -> tuple[str, int, int] | None:
    """The last month that was loaded, its lines of items that may earn points, and how many of them do."""
    month = next(iter(queries.loaded_months(alliance_id(), institution)), "")
    if not month:
        return None
    found = queries.month_lines(partitions(), alliance_id(), institution, month)
    without = sum(one.lines for one in found.items if one.standing == WITHOUT)
    return month, found.pointed.lines + without, found.pointed.lines


@blueprint.route("/points/import/<institution>", methods=["GET", "POST"])
@requires(Act.WORKPOINTS_POINTS_IMPORT)
def import_points(institution: str) -> ResponseReturnValue:
    """A whole table: checked, which changes nothing, then applied; the button says which."""
    kept(Act.WORKPOINTS_POINTS_IMPORT, institution)
    form, checked, rows = ImportPointsForm(), None, list[TableRow]()
    if request.method == "GET":
        form.start.data = today().replace(day=1)
    if form.validate_on_submit():
        ok, found = form.done(lambda: _checked(form, institution))
        if ok and found:
            rows, checked = found
        if ok and rows and request.form.get("apply"):
            ok, count = form.done(lambda: services.import_points(
                alliance_id(), institution, rows, form.start.data or today(), form.title.data or "",
                form.kept.data or "", by=actor(), now=now(),
            ))  # fmt: skip
            if ok:
                flash(ngettext("%(num)s item was imported.", "%(num)s items were imported.", count or 0), "success")
                return redirect(url_for(".read_points", institution=institution))
    return render_template(
        "workpoints/import_points.html", form=form, institution=institution, checked=checked, shown=SHOWN
    ), 422 if form.errors or form.refused else 200


def _checked(form: ImportPointsForm, institution: str) -> tuple[list[TableRow], PointChanges]:
    """The rows of the file that was sent now or before, and what they would change."""
    start = form.start.data or today()
    rows = sent_table(form, start)
    return rows, queries.point_changes(alliance_id(), institution, rows, start)


def sent_table(form: TableForm, start: date) -> list[TableRow]:
    """The rows of the file that was sent now or before; Refused with every one that is wrong."""
    files = uploads(current_app.config["ALLIANCE"].data, alliance_id(), current_user.code, machine_now)
    if form.file.data:
        content = form.file.data.read()
        form.kept.data, form.name.data = files.keep(content), (form.file.data.filename or "")[:120]
    else:
        try:
            content = files.read(form.kept.data or "")
        except NotFound:
            raise Refused("The file that was checked is no longer kept. Choose it again.") from None
    rows = sheets.read_points(content, form.name.data or "")
    problems: list[Problem] = check_table(rows, start)
    if problems:
        raise Refused("The table has %(count)s errors; nothing was imported.", count=len(problems), problems=problems)
    return rows


@blueprint.get("/points/export/<institution>")
@requires(Act.WORKPOINTS_POINTS_EXPORT)
def export_points(institution: str) -> ResponseReturnValue:
    """The table of today: an Excel file, or CSV with ?as=csv."""
    kept(Act.WORKPOINTS_POINTS_EXPORT, institution)
    rows = queries.table_rows(alliance_id(), institution, today())
    return as_file(rows, f"item-points-{institution}", f"itempoints:{institution}/{today()}")


def as_file(rows: list[TableRow], name: str, subject: str) -> ResponseReturnValue:
    """Rows as an Excel file, or CSV with ?as=csv."""
    if request.args.get("as") == "csv":
        return attachment(sheets.write_points_csv(rows, lang()), f"{name}.csv", "text/csv", subject)
    return attachment(sheets.write_points(rows, lang()), f"{name}.xlsx", XLSX, subject)
