"""The small things that views hand to the pieces of a page, and the files that they hand out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Response, g
from flask_babel import gettext as _
from flask_babel import ngettext

from alliance import access
from alliance.core.period import day_of
from alliance.i18n import deadline

SOON = 3  # days before a deadline from which it is told in amber


@dataclass(frozen=True, slots=True)
class Link:
    """A view of the same thing."""

    label: str
    url: str
    current: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """A step of something that goes through states: done, current or todo."""

    label: str
    state: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Leaf:
    """A part of a long list: first and last row, this page and all pages, addresses of its neighbours."""

    first: int
    last: int
    total: int
    page: int
    pages: int
    prev_url: str
    next_url: str

    @classmethod
    def of(cls, page: int, size: int, total: int, url: Callable[[int], str]) -> Leaf:
        """Page number `page` of a list of `total` rows, `size` to a page."""
        pages = max(-(-total // size), 1)
        return cls(
            min((page - 1) * size + 1, total),
            min(page * size, total),
            total,
            page,
            pages,
            url(page - 1) if page > 1 else "",
            url(page + 1) if page < pages else "",
        )


@dataclass(frozen=True, slots=True)
class Left:
    """How long there is until a deadline: ok, soon or late; the words; the moment for people and for machines."""

    state: str
    words: str
    exact: str = ""
    machine: str = ""


def left(due: datetime | None) -> Left:
    """The days until a point in time that is the first one too late: midnight belongs to the day before."""
    if due is None:
        return Left("ok", _("no deadline"))
    days = (day_of(due - timedelta(microseconds=1)) - access.today()).days
    exact, machine = deadline(due), due.isoformat()
    if due <= access.now():
        past = ngettext("%(num)s day overdue", "%(num)s days overdue", -days) if days else _("overdue since today")
        return Left("late", past, exact, machine)
    if not days:
        return Left("soon", _("today is the last day"), exact, machine)
    words = ngettext("%(num)s day left", "%(num)s days left", days)
    return Left("soon" if days < SOON else "ok", words, exact, machine)


def attachment(
    content: bytes | str | Iterable[str],
    name: str,
    mimetype: str,
    subject: str,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """A file to keep. Every download goes out through here: what is taken out of the portal is an event.

    `subject` is what the file holds, as events name it; the ending of `name` is the format. A file that leaves in
    another way is stopped (`audit.views.remember`).
    """
    _stem, dot, ending = name.rpartition(".")
    g.exported = (subject, ending.lower() if dot else mimetype)
    answer = Response(content, mimetype=mimetype, headers=headers)
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer
