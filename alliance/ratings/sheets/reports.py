"""The report of a verification on paper."""

from __future__ import annotations

from urllib.parse import quote

from flask import current_app
from flask_babel import gettext as _

from alliance.charts import qr
from alliance.i18n import LANGUAGES, in_language
from alliance.ratings.queries import ReportInfo
from alliance.ratings.rules.plans import STATES
from alliance.ratings.rules.verification import COMPLETIONS, SEVERITIES, VERDICTS

QR_SIDE = 96  # pixels


def report_paper(found: ReportInfo, language: str, *, site: str = "") -> str:
    """The HTML of an issued report for paper, the same each time. `site` is the address of the portal, for the code
    that leads to its confirmation; "" where it is not known."""
    address = report_address(found, site)
    with in_language(language):
        page = current_app.jinja_env.get_template("ratings/report.html")
        owner = found.content["alliance"]["en" if language == "en" else "zh"]
        code = qr.svg(address, _("The page that confirms this report"), QR_SIDE) if address else ""
        return page.render(
            found=found, content=found.content, lang=LANGUAGES[language][1], language=language, owner=owner,
            address=address, code=code, verdicts=VERDICTS, completions=COMPLETIONS, severities=SEVERITIES,
            states=STATES,
        )  # fmt: skip


def report_address(found: ReportInfo, site: str) -> str:
    """The address of the public page that confirms a report; "" where the portal's own is not known."""
    owner = found.content["alliance"]["code"]
    return f"{site}/ratings/reports/confirm/{quote(owner)}/{found.number}/{found.check}" if site else ""
