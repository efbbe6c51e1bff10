"""The names behind the codes in a message, for the reader at hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask import g, has_request_context
from flask_babel import gettext as _

from alliance import access, i18n
from alliance.accounts.views import matter
from alliance.indicators import queries as indicators
from alliance.members import queries as members
from alliance.ratings import queries as ratings


def _member_name(code: str) -> str:
    """The name of a member for a message; its code where nobody reads, and of what is none."""
    if "members" not in g:
        found = members.institutions(access.alliance_id(), access.today()) if _somebody_reads() else []
        g.members = {one.code: one for one in found}
    return i18n.label(g.members[code]) if code in g.members else code


def _department_name(place: str) -> str:
    """The name of a department given as institution/code, as it was recorded last; its code where nobody reads."""
    institution, _slash, code = place.partition("/")
    if "departments" not in g:
        g.departments = {}
    if institution not in g.departments:
        g.departments[institution] = (
            members.department_names(access.alliance_id(), institution) if _somebody_reads() else {}
        )
    found = g.departments[institution].get(code)
    return i18n.label(found) if found else code


def _employee_name(place: str) -> str:
    """The name of an employee given as institution/number, as it was recorded last; the number where nobody reads."""
    institution, _slash, number = place.partition("/")
    known = g.setdefault("employees", {})
    if institution not in known:
        known[institution] = members.employee_names(access.alliance_id(), institution) if _somebody_reads() else {}
    found = known[institution].get(number)
    return i18n.label(found) if found else number


def _item_name(place: str) -> str:
    """The name of an item given as period/code, by the rubric of the period's panel; its code where nobody reads."""
    period, _slash, code = place.partition("/")
    panel = ratings.panel(access.alliance_id(), period) if _somebody_reads() else None
    found = ratings.rubric_of(access.alliance_id(), panel).item(code) if panel else None
    return i18n.words(found.name) if found else code


def _element_name(code: str) -> str:
    """The name of a data element with its code, by which files name it."""
    known = indicators.library(access.alliance_id(), indicators.NEWEST).elements if _somebody_reads() else {}
    return i18n.words(known[code].name) + i18n.bracketed(code) if code in known else code


def _indicator_name(code: str) -> str:
    """The name of an indicator with its code, in the same way."""
    known = indicators.library(access.alliance_id(), indicators.NEWEST).indicators if _somebody_reads() else {}
    return i18n.words(known[code].name) + i18n.bracketed(code) if code in known else code


def _library_name(code: str) -> str:
    """The name of a shipped library; of other definitions whose they are."""
    if code in indicators.SHIPPED:
        return i18n.words(indicators.shipped(code).name)
    return _("the alliance's own") if code == "own" else code


def _somebody_reads() -> bool:
    return has_request_context() and bool(access.grants())


# How a code is read, by the name of its place in a message.
READERS: Mapping[str, Callable[[str], str]] = {
    "who": _member_name,
    "element": _element_name,
    "indicator": _indicator_name,
    "subject": matter,
    "library": _library_name,
    "department": _department_name,
    "employee": _employee_name,
    "rubric_item": _item_name,
}
