"""Referrals in and out: the file of a hospital's system, its template, and the paper that a patient takes along."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import current_app
from flask_babel import gettext as _

from alliance.charts import qr
from alliance.core.diagnoses import SYSTEMS, Diagnosis
from alliance.core.period import SHANGHAI, day_of
from alliance.core.refused import Both, Problem, Refused, mark
from alliance.core.specialties import SPECIALTIES
from alliance.core.written import whole
from alliance.files import Cell as FileCell
from alliance.files import open_table
from alliance.i18n import LANGUAGES, in_language, label, listed, words
from alliance.members import queries as members
from alliance.registers import queries
from alliance.registers.queries import ImportRow
from alliance.registers.queries.referral_imports import PLACE
from alliance.registers.rules.people import SEXES
from alliance.registers.rules.referrals import COLUMNS, DIRECTIONS, STATES, URGENCIES, Given
from alliance.tables import Cell, Table
from alliance.workbooks import About, write

REQUIRED = [name for name in COLUMNS if name not in ("version", "filed_at", "purpose", "urgency", "system_version")]
URGENT = {one.zh: code for code, one in URGENCIES.items()}
YES = frozenset({"是", "yes", "y", "1", "true", "TRUE", "已同意"})
QR_SIDE = 84  # pixels on paper
NO_MOMENT = mark("is no moment; write 2026-05-03 14:20")


def read_rows(content: bytes, name: str) -> list[ImportRow]:
    """The rows of a file; what they say is checked by the question what they would change. Refused: no such table,
    a moment that is none."""
    found, problems = list[ImportRow](), list[Problem]()
    for row, cells in open_table(content, name, COLUMNS, required=REQUIRED).cells():
        text = {column: cells.get(column, FileCell("")).text.removeprefix("'") for column in COLUMNS}
        filed_at = None
        if text["filed_at"]:
            try:
                filed_at = datetime.fromisoformat(text["filed_at"])
                filed_at = filed_at if filed_at.tzinfo else filed_at.replace(tzinfo=SHANGHAI)
            except ValueError:
                at = {"row": row, "column": Both(COLUMNS["filed_at"], "filed_at")}
                problems.append(Problem(PLACE, text["filed_at"][:40], NO_MOMENT, at=at))
        found.append(ImportRow(row, text["record"], _version(text["version"]), filed_at, _given(text)))
    if problems:
        raise Refused("The file %(name)s has %(count)s errors.", name=name, count=len(problems), problems=problems)
    if not found:
        raise Refused("The file %(name)s holds no referral.", name=name)
    return found


def count_rows(content: bytes, name: str) -> int:
    """How many rows a file has; Refused: no such table."""
    table = open_table(content, name, COLUMNS, required=REQUIRED)
    return len(table.rows) - table.head


def _version(text: str) -> int:
    """The version of a record, 1 where none is given, 0 for what is none."""
    return whole(text) or 0 if text else 1


def _given(text: dict[str, str]) -> Given:
    urgency = text["urgency"] or "ordinary"
    return Given(
        text["receiver"], text["specialty"], text["diagnosis"][:1].upper() + text["diagnosis"][1:],
        text["system"].upper(), text["system_version"] or "2.0", URGENT.get(urgency, urgency.lower()), text["name"],
        text["phone"], text["identity"], text["consent"] in YES, text["purpose"],
    )  # fmt: skip


def template() -> bytes:
    """An empty table with its headings, and what each column takes."""
    heads = [Cell(f"{title} {name}") for name, title in COLUMNS.items()]
    facts = [
        (_("Record and version"), _("As your system numbers them; the same record is taken once, a newer version "
                                    "replaces it until somebody has answered.")),
        (_("Receiving institution"), _("Its code in the alliance.")),
        (_("Specialty"), listed(f"{code} {words(one)}" for code, one in SPECIALTIES.items())),
        (_("Code system"), listed(SYSTEMS)),
        (_("Urgency"), listed(words(one) for one in URGENCIES.values())),
        (_("Time of referral"), _("Such as 2026-05-03 14:20; empty for now.")),
        (_("Consent"), _("yes; without it no patient is referred.")),
        (_("Identity number"), _("As text, so that no digit is lost.")),
    ]  # fmt: skip
    return write([Table(_("Referrals"), [heads], [], [])], About(_("Referrals"), facts))


def paper(
    alliance: int, one: queries.ReferralInfo, diagnosis: Diagnosis | None, language: str, address: str
) -> str:  # fmt: skip
    """The HTML of a case as a document for the patient and the two institutions; `diagnosis` is what its code means,
    `address` that of its page."""
    owner = members.read_alliance(alliance)
    names = {one.code: one for one in members.institutions(alliance, day_of(one.filed_at))}
    with in_language(language):
        page = current_app.jinja_env.get_template("registers/referral_paper.html")
        context: dict[str, Any] = {
            "one": one, "diagnosis": diagnosis, "told": queries.told(alliance, one), "names": names,
            "states": STATES, "urgencies": URGENCIES, "directions": DIRECTIONS,
            "specialties": SPECIALTIES, "sexes": SEXES,
            "address": address,
            "offer": queries.offer_of(alliance, one.offer_id) if one.offer_id else None,
            "code": qr.svg(address, _("The page of this referral"), QR_SIDE) if address else "",
        }  # fmt: skip
        return page.render(
            **context, lang=LANGUAGES[language][1], language=language, owner=label(owner) if owner else ""
        )
