"""The door of what is still running."""

from __future__ import annotations

from flask import g, render_template, request
from flask.typing import ResponseReturnValue

from alliance.access import alliance_id, requires, scope
from alliance.core.acts import Act
from alliance.core.refused import NotFound
from alliance.desk import queries
from alliance.desk.views.blueprint import blueprint
from alliance.desk.views.items import names_of
from alliance.evaluation import queries as evaluation


@blueprint.get("/desk/estimates/read")
@requires(Act.DESK_ESTIMATE_READ)
def read_estimate() -> ResponseReturnValue:
    """What is still running, as the last night found it: for a member its own result, for who reads all every one."""
    asked = request.args.get("period", "")
    g.wing = "evaluation"
    board = queries.estimate_board(scope(), asked)
    if asked and board is None:
        raise NotFound()
    return render_template(
        "desk/read_estimate.html",
        board=board,
        periods=evaluation.estimates(alliance_id()),
        names=names_of(),
        whole=scope().institutions is None,
    )
