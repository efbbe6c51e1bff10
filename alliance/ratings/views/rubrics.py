"""The doors of rubrics."""

from __future__ import annotations

import tomli_w
from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from alliance.access import actor, alliance_id, can, now, requires
from alliance.accounts import queries as accounts
from alliance.core.acts import Act
from alliance.core.refused import NotFound, Refused
from alliance.files import read_toml
from alliance.i18n import words
from alliance.pages import attachment
from alliance.ratings import queries, services
from alliance.ratings.forms import ImportRubricForm
from alliance.ratings.queries import RubricInfo
from alliance.ratings.rules import rubrics as rules
from alliance.ratings.rules.rubrics import Rubric
from alliance.ratings.views.blueprint import blueprint, ways


def _rubric(code: str, version: int) -> RubricInfo:
    found = queries.rubric(alliance_id(), code, version)
    if found is None:
        raise NotFound()
    return found


@blueprint.get("/rubrics/list")
@requires(Act.RATINGS_RUBRIC_LIST)
def list_rubrics() -> ResponseReturnValue:
    """Every version of every rubric."""
    found = queries.rubrics(alliance_id())
    people = accounts.names({one.recorded_by for one in found})
    return render_template(
        "ratings/list_rubrics.html", ways=ways(), rubrics=found, people=people,
        imports=can(Act.RATINGS_RUBRIC_IMPORT),
    )  # fmt: skip


@blueprint.get("/rubrics/read/<code>/<int:version>")
@requires(Act.RATINGS_RUBRIC_READ)
def read_rubric(code: str, version: int) -> ResponseReturnValue:
    """A rubric: its items with weights by tier and levels in words."""
    info = _rubric(code, version)
    return render_template("ratings/read_rubric.html", ways=ways(), one=info.rubric, info=info)


@blueprint.get("/rubrics/export/<code>/<int:version>")
@requires(Act.RATINGS_RUBRIC_EXPORT)
def export_rubric(code: str, version: int) -> ResponseReturnValue:
    """A rubric as the file that an import takes."""
    content = tomli_w.dumps(rules.written(_rubric(code, version).rubric), multiline_strings=False)
    return attachment(content, f"rubric-{code}-{version}.toml", "application/toml", f"rubric:{code}/{version}")


@blueprint.route("/rubrics/import", methods=["GET", "POST"])
@requires(Act.RATINGS_RUBRIC_IMPORT)
def import_rubric() -> ResponseReturnValue:
    """Import a rubric from a file, or one that ships with the portal."""
    form = ImportRubricForm()
    form.shipped.choices = [
        ("", _("None")), *((code, words(queries.shipped_rubric(code).name)) for code in queries.RUBRICS)
    ]  # fmt: skip
    if form.validate_on_submit():
        ok, version = form.done(
            lambda: services.import_rubric(alliance_id(), _given(form), by=actor(), now=now())
        )  # fmt: skip
        if ok:
            flash(_("The rubric is version %(version)s now.", version=version), "success")
            return redirect(url_for(".list_rubrics"))
    return render_template("ratings/import_rubric.html", form=form), 422 if form.errors or form.refused else 200


def _given(form: ImportRubricForm) -> Rubric:
    """The rubric that was chosen, read; Refused when there is none or it has faults."""
    if form.file.data:
        return rules.read_rubric(read_toml(form.file.data.read(), form.file.data.filename or ""))
    if not form.shipped.data:
        raise Refused("Choose a file.")
    return queries.shipped_rubric(form.shipped.data)
