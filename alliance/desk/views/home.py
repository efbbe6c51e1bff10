"""The door of the home page: my tasks, and what there is to read."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from alliance.access import alliance_id, can, machine_now, now, requires, scope
from alliance.bulletins import queries as bulletins
from alliance.core.acts import Act
from alliance.desk import queries
from alliance.desk.views.blueprint import blueprint
from alliance.desk.views.guides import own_guides
from alliance.desk.views.items import item_of, names_of, own_matters
from alliance.evaluation import queries as evaluation
from alliance.funds import queries as funds


@blueprint.get("/")
@requires(Act.DESK_HOME_READ)
def read_home() -> ResponseReturnValue:
    """My open tasks; below, what there is to read."""
    names = names_of()
    found = [item_of(task, names) for task in queries.tasks(scope(), now(), own_matters(), machine_now())]
    reads = can(Act.EVALUATION_RUN_LIST)  # the three who run the portal see no figures
    runs = evaluation.holding_runs(alliance_id()) if reads else []
    own = sorted(scope().own)
    decided = funds.decided_funds(alliance_id()) if own else []
    issued = [one for one in bulletins.bulletins(scope()) if one.issued_at] if reads else []
    return render_template(
        "desk/read_home.html",
        tasks=found,
        finished=queries.finished(scope(), now()),
        names=names,
        bulletin=issued[0] if issued else None,
        latest=runs[0] if runs else None,
        own=own,
        fund=decided[0] if decided else None,
        scores={code: evaluation.score(runs[0].run_id, code) for code in own} if runs else {},
        share={code: funds.share(decided[0].run_id, code) for code in own} if decided else {},
        guides=[one for one in own_guides() if one.own],
    )
