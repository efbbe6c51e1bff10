"""What a request may bring: how much of it, and nothing that no database could hold."""

from __future__ import annotations

from flask import abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.routing import IntegerConverter, Map

from alliance import access
from alliance.config import LINES_LIMIT
from alliance.core.acts import Act

PARTS = 5000  # fields of one form
TYPED = 2 * 2**20  # bytes of all that is typed into one form, files apart


class Number(IntegerConverter):
    """A number in an address; one that no database could hold is an address at which there is nothing."""

    def __init__(self, map: Map) -> None:
        super().__init__(map, max=2**31 - 1)


def refuse_nul() -> ResponseReturnValue | None:
    """Before each request: refuse text with a NUL, which no field means and PostgreSQL does not store."""
    if "\0" in request.path:
        return redirect(url_for("desk.read_home"))  # a page could not even name such an address
    typed = (text for values in (request.args, request.form) for pair in values.items(multi=True) for text in pair)
    if any("\0" in text for text in typed):
        abort(400)
    return None


def take_lines() -> None:
    """A file of charge lines may be large, from whoever may load one."""
    if request.endpoint != "workpoints.load_charge" or not access.grants():
        return
    if access.can(Act.WORKPOINTS_CHARGE_LOAD):
        request.max_content_length = LINES_LIMIT
