"""Pages as workbooks, and which addresses make a file of their own."""

from __future__ import annotations

import re
from collections.abc import Sequence

from flask import Response, request
from flask_babel import gettext as _
from flask_login import current_user

from alliance import access, i18n, pages, tables, workbooks
from alliance.audit.views import door
from alliance.members import queries as members

FILES_MADE = (
    "export",
    "download",
    "preview",
    "template",
    "marked",
)  # words in the addresses of files that are made when asked


def makes_file() -> bool:
    return any(f"/{word}/" in f"{request.path}/" for word in FILES_MADE)


def begin_workbook() -> None:
    """Before a page that is asked for as a workbook: it is made as for people, with the values of its numbers."""
    asked = request.method == "GET" and request.args.get("format") == "xlsx"
    if asked and current_user.is_authenticated and request.endpoint not in access.PUBLIC and not makes_file():
        tables.begin()


def as_workbook(response: Response) -> Response:
    """The page that was asked for as a workbook; what has no table, such as the page of an error, stays a page."""
    if not tables.wanted() or not (response.mimetype or "").startswith(("text/", "application/json")):
        return response
    page = response.get_data(as_text=True)
    found = tables.read(page) if response.status_code == 200 and response.mimetype == "text/html" else []
    if not found:
        response.set_data(tables.unmarked(page))
        return response
    content = workbooks.write(found, _about(page, found))
    name = re.sub(r'[\\/:*?"<>|\s]+', " ", tables.heading(page)).strip(" .？?")
    return pages.attachment(content, f"{name} {access.today()}.xlsx", workbooks.MEDIA, door())


def _about(page: str, found: Sequence[tables.Table]) -> workbooks.About:
    """What a workbook says of itself, in the reader's language."""
    owner = members.read_alliance(access.alliance_id()) if access.grants() else None
    facts = [
        (_("Page"), tables.heading(page)),
        *tables.asked(page, request.args),
        (_("Address"), f"{request.host_url.rstrip('/')}{pages.address_of_all()}"),
        (_("Alliance"), i18n.label(owner) if owner else "—"),
        (_("Taken by"), i18n.label(current_user) + i18n.bracketed(current_user.code)),
        (_("Roles"), i18n.listed(i18n.role(grant.role) for grant in access.grants()) or "—"),
        (_("Taken at"), i18n.moment(access.now())),
        *((_("Rows of “%(table)s”", table=one.caption), str(len(one.rows))) for one in found),
    ]
    if any(len(one.rows) >= pages.ROWS for one in found):
        words = _("A list holds at most %(limit)s rows here. Narrow the filters to have the rest.", limit=pages.ROWS)
        facts.append((_("Limit reached"), words))
    facts.append(
        (_("Cells"), _("Numbers and dates have their exact values; everything else is text, never a formula."))
    )
    return workbooks.About(tables.heading(page), facts)
