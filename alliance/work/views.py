"""The doors for machines that watch the portal."""

from __future__ import annotations

from hmac import compare_digest

from flask import Blueprint, Response, abort, current_app, jsonify, request
from flask.typing import ResponseReturnValue

from alliance import watch
from alliance.access import machine_now, public
from alliance.config import Config
from alliance.core.acts import Act
from alliance.work import queries

blueprint = Blueprint("work", __name__)
HERE = ("127.0.0.1", "::1")


@blueprint.get("/health")
@public(Act.WORK_HEALTH_READ)
def read_health() -> ResponseReturnValue:
    """Whether the portal and its database answer; JSON, no page."""
    return jsonify(status="ok" if queries.database_answers() else "database")


@blueprint.get("/ready")
@public(Act.WORK_READINESS_READ)
def read_readiness() -> ResponseReturnValue:
    """Whether people may be let in: database, migrations, worker; 503 while one of them is not there."""
    found = queries.readiness(machine_now())
    return jsonify(found), 200 if all(found.values()) else 503


@blueprint.get("/metrics")
@public(Act.WORK_METRICS_READ)
def read_metrics() -> ResponseReturnValue:
    """The meters in the text format of Prometheus; for this machine, or for whoever shows the token."""
    config: Config = current_app.config["ALLIANCE"]
    shown = request.headers.get("Authorization", "").removeprefix("Bearer ")
    known = bool(config.metrics_token) and compare_digest(shown.encode(), config.metrics_token.encode())
    # Behind a proxy everybody seems to come from this machine: who was sent on by one, does not.
    sent_on = "X-Forwarded-For" in request.headers or "Forwarded" in request.headers
    if not known and (sent_on or request.remote_addr not in HERE):
        abort(404)
    counters: watch.Counters = current_app.extensions["counters"]
    totals = counters.totals()
    for task in queries.tasks():
        totals[watch.labelled("portal_task_last_run_timestamp_seconds", task=task.name)] = task.started.timestamp()
        totals[watch.labelled("portal_task_failed", task=task.name)] = float(bool(task.error))
    return Response(watch.exposition(totals), content_type="text/plain; version=0.0.4; charset=utf-8")
