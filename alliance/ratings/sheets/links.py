"""Addresses of a survey on paper and as a table for an SMS gateway. No telephone number is in either."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from io import StringIO

from flask import current_app
from flask_babel import gettext as _

from alliance.charts import qr
from alliance.i18n import LANGUAGES, Named, in_language, label
from alliance.ratings.queries import WaveInfo
from alliance.ratings.rules.fieldwork import KIOSK
from alliance.ratings.rules.questions import Questionnaire
from alliance.ratings.services import NewLink

CODE, POSTER = 104, 360  # pixels of a code on a slip, and of that of a screen


@dataclass(frozen=True, slots=True)
class Sender:
    """Who asks, and about what."""

    owner: Named
    member: Named
    department: Named | None


def addresses(links: Sequence[NewLink], site: str) -> list[str]:
    """The whole address of each link."""
    return [f"{site}/s/{link.token}" for link in links]


def link_sheets(
    links: Sequence[NewLink], wave: WaveInfo, asked: Questionnaire, sender: Sender, language: str, site: str
) -> str:
    """The HTML of slips to be cut and handed out, each with a code and its address; of a screen one poster each."""
    with in_language(language):
        page = current_app.jinja_env.get_template("ratings/link_sheets.html")
        poster = bool(links) and links[0].kind == KIOSK
        side = POSTER if poster else CODE
        slips = [(one, qr.svg(one, _("The page of the survey"), side)) for one in addresses(links, site)]
        return page.render(
            slips=slips, poster=poster, wave=wave, title=asked.titles.en if language == "en" else asked.titles.zh,
            lang=LANGUAGES[language][1], language=language, owner=label(sender.owner, language),
            member=label(sender.member, language), count=len(asked.questions),
            department=label(sender.department, language) if sender.department else "",
        )  # fmt: skip


def gateway_table(links: Sequence[NewLink], site: str) -> str:
    """A CSV with one address a line: whoever sends them puts the numbers beside them, and gives none back."""
    made = StringIO()
    rows = csv.writer(made, lineterminator="\r\n")
    rows.writerow(["institution", "department", "address"])
    rows.writerows(
        [one.institution, one.department, url] for one, url in zip(links, addresses(links, site), strict=True)
    )
    return "\ufeff" + made.getvalue()
