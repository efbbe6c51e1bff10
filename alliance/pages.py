"""The small things that views hand to the pieces of a page, and the files that they hand out."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote, urlencode

from flask import Response, g, request
from flask_babel import gettext as _
from flask_babel import ngettext
from markupsafe import Markup

from alliance import access, tables
from alliance.core.period import day_of
from alliance.db import Lasting
from alliance.i18n import deadline, lang

ROWS = 50_000  # of a list in a workbook
LAST_PAGE = 10**6  # more than any list has
LEAFING = ("page", "before", "format")  # what of an address says which part of a list is shown, and as what
PIECES = 256  # of pages that stay, kept for a database: 0.1 MB each, that of a large board more
SOON = 3  # days before a deadline from which it is told in amber


def asked_number(text: str) -> int:
    """A number asked for behind the "?" of an address; ValueError for one that no database could hold."""
    found = int(text)
    if not 0 <= found < 2**31:
        raise ValueError(text)
    return found


@dataclass(frozen=True, slots=True)
class Link:
    """A view of the same thing."""

    label: str
    url: str
    current: bool = False


@dataclass(frozen=True, slots=True)
class Ways:
    """Two rows of tabs: the groups, and the pages of the open one, none where it has one page."""

    groups: list[Link]
    pages: list[Link]
    label: str


def in_two_rows(groups: Iterable[tuple[str, list[Link], bool]]) -> Ways:
    """The tabs of groups by label, pages and whether a page beneath them is open; groups without pages are left out,
    and of one group alone its pages are the first row."""
    found = [
        (text, links, beneath or any(link.current for link in links)) for text, links, beneath in groups if links
    ]  # fmt: skip
    if len(found) == 1:
        return Ways(found[0][1], [], found[0][0])
    first = [Link(text if len(links) > 1 else links[0].label, links[0].url, here) for text, links, here in found]
    text, pages = next(((text, links) for text, links, here in found if here), ("", []))
    return Ways(first, pages if len(pages) > 1 else [], text)


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


def part(page: int, size: int) -> tuple[int, int]:
    """Which page of a list to ask for, and how long it is: for a workbook one that holds the whole list, up to ROWS.

    A page that no list has is asked for as the first or the last there can be: a database refuses its offset.
    """
    return (1, ROWS) if tables.wanted() else (min(max(page, 1), LAST_PAGE), size)


_pieces: Lasting[Markup] = Lasting(PIECES)


def drawn_once(name: str, state: Hashable, caller: Callable[[], Markup]) -> Markup:
    """A piece of a page, `{% call drawn_once("ranking", state) %}`, made once for each state and language.

    `state` must hold all that the piece rests on, also what its reader may see; no piece may say who reads it, when, or
    hold a form (record 0162). A workbook is made from a piece of its own, which has the marks of its cells.
    """
    if tables.wanted():
        return caller()
    key = (name, state, lang(), request.script_root)
    found = _pieces.find(key)
    if found is None:
        found = caller()
        _pieces.keep(key, found)
    return found


def address_of_all() -> str:
    """The address of the page at hand with its filters, of the whole list and not of a part of it."""
    kept = [(name, value) for name, value in request.args.items(multi=True) if value and name not in LEAFING]
    return f"{request.path}?{urlencode(kept)}" if kept else request.path


def workbook_url() -> str:
    """Where the tables of the page at hand are had as a workbook."""
    address = address_of_all()
    return f"{address}{'&' if '?' in address else '?'}format=xlsx"


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
    answer.headers.set("Content-Disposition", "attachment", **_named(name))
    return answer


def _named(name: str) -> dict[str, str]:
    """The name of a file for the header of its answer, which holds Latin letters only: others go as RFC 8187 says.

    A web server refuses a header with Chinese in it, and the reader would have a fault instead of the file.
    """
    plain = "".join(sign for sign in name if sign.isascii() and sign.isprintable()).strip()
    if plain == name:
        return {"filename": name}
    return {"filename": plain, "filename*": f"UTF-8''{quote(name, safe='')}"}
