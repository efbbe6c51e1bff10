"""The blueprint that every door of the wing hangs on."""

from flask import Blueprint

blueprint = Blueprint("registers", __name__, url_prefix="/registers")
