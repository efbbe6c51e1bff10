"""The blueprint that all doors of members hang on, and what keeps the inside of a hospital shut."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, request
from flask_babel import gettext as _
from flask_babel import ngettext

from alliance.access import can, concerns, scope, today
from alliance.core.acts import Act
from alliance.core.refused import NotFound
from alliance.members import queries

blueprint = Blueprint("members", __name__, url_prefix="/members")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def kept(act: Act, institution: str) -> None:
    """Nobody learns of the inside of a hospital for which one does not hold the act."""
    if not can(act, institution):
        raise NotFound()


def recorded(rows: int) -> str:
    """What an applied workbook has done."""
    if not rows:
        return _("The file says what stands already; nothing was changed.")
    return ngettext("%(num)s row was recorded.", "%(num)s rows were recorded.", rows)


def asked_institution(mine: list[str]) -> str:
    """The institution of the address, by default the first of one's own; NotFound for any other."""
    institution = request.args.get("institution") or next(iter(mine), "")
    if institution not in mine:
        raise NotFound()
    concerns(institution)
    return institution


def holding(act: Act) -> list[str]:
    """The institutions, among those of which one sees the inside, for which one holds an act."""
    return [code for code in queries.insides(scope()) if can(act, code)]


def asked_day() -> date:
    """The day of the address, by default today."""
    try:
        return date.fromisoformat(request.args.get("on", ""))
    except ValueError:
        return today()
