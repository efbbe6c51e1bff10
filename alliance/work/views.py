"""The door for machines that watch the portal."""

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from alliance.access import public
from alliance.core.acts import Act
from alliance.work import queries

blueprint = Blueprint("work", __name__)


@blueprint.get("/health")
@public(Act.WORK_HEALTH_READ)
def read_health() -> ResponseReturnValue:
    """Whether the portal and its database answer; JSON, no page."""
    return jsonify(status="ok" if queries.database_answers() else "database")
