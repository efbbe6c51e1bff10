"""A certificate of collaboration on paper."""

from __future__ import annotations

from urllib.parse import quote

from flask import current_app
from flask_babel import gettext as _

from alliance.charts import qr
from alliance.i18n import LANGUAGES, in_language
from alliance.registers.queries import CertificateInfo

QR_SIDE = 96  # pixels


def certificate_paper(found: CertificateInfo, language: str, *, site: str = "") -> str:
    """The HTML of a certificate for paper. `site` is the address of the portal, for the code that leads to its
    confirmation; "" where it is not known."""
    address = confirmation(found, site)
    with in_language(language):
        page = current_app.jinja_env.get_template("registers/certificate.html")
        owner = found.content["alliance"]["en" if language == "en" else "zh"]
        code = qr.svg(address, _("The page that confirms this certificate"), QR_SIDE) if address else ""
        return page.render(
            found=found, content=found.content, lang=LANGUAGES[language][1], language=language, owner=owner,
            address=address, code=code,
        )  # fmt: skip


def confirmation(found: CertificateInfo, site: str) -> str:
    """The address of the public page that confirms a certificate; "" where the portal's own is not known."""
    owner = found.content["alliance"]["code"]
    return f"{site}/registers/certificates/confirm/{quote(owner)}/{found.number}/{found.check}" if site else ""
