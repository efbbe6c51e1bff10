"""The doors of the guides."""

from __future__ import annotations

from urllib.parse import unquote

from flask import Response, render_template, url_for
from flask.typing import ResponseReturnValue

from alliance.access import grants, requires
from alliance.core.acts import Act
from alliance.core.refused import NotFound
from alliance.desk import queries
from alliance.desk.views.blueprint import blueprint
from alliance.i18n import LANGUAGES, lang

PICTURE_KEPT = 3600  # seconds in a browser


@blueprint.get("/desk/guides/list")
@requires(Act.DESK_GUIDE_LIST)
def list_guides() -> ResponseReturnValue:
    """The guides, those for the reader's roles first."""
    return render_template("desk/list_guides.html", guides=own_guides())


def own_guides() -> list[queries.Guide]:
    """All guides; those of the roles at hand are marked as own."""
    return queries.guides({grant.role for grant in grants()}, lang())


@blueprint.get("/desk/guides/read/<name>")
@requires(Act.DESK_GUIDE_READ)
def read_guide(name: str) -> ResponseReturnValue:
    """One guide, with its pictures."""
    place = unquote(url_for("desk.read_guide_picture", lang=lang(), name="{}"))
    found = queries.guide(name, lang(), place)
    if found is None:
        raise NotFound()
    return render_template("desk/read_guide.html", guide=found, name=name)


@blueprint.get("/desk/guides/pictures/<lang>/<name>.png")
@requires(Act.DESK_GUIDE_READ)
def read_guide_picture(lang: str, name: str) -> ResponseReturnValue:
    """A picture of a guide."""
    found = queries.picture(name, lang) if lang in LANGUAGES else None
    if found is None:
        raise NotFound()
    answer = Response(found.read_bytes(), mimetype="image/png")
    answer.cache_control.max_age = PICTURE_KEPT
    answer.cache_control.private = True
    return answer
