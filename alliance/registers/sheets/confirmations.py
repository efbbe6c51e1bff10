"""Confirmations of referrals as a table, in and out."""

from __future__ import annotations

import unicodedata

from flask_babel import gettext as _

from alliance.core.refused import Problem, Refused, mark
from alliance.core.written import read_day
from alliance.files import Cell as FileCell
from alliance.files import open_table
from alliance.i18n import listed, words
from alliance.registers.rules.confirmations import COLUMNS, MOST, OUTCOMES, ConfirmationRow, Said, row_problem
from alliance.tables import Cell, Table
from alliance.workbooks import About, write

REQUIRED = ("number", "outcome")
WORDS = {word.lower(): code for code, both in OUTCOMES.items() for word in (code, both.zh, both.en)}
NO_OUTCOME = mark("is no outcome of a referral; see the template")


def read_confirmations(content: bytes, name: str) -> list[ConfirmationRow]:
    """The rows of a file of confirmations. Refused: no such table, too many rows; with row and column, an outcome that
    there is not, a day that is none."""
    table = open_table(content, name, COLUMNS, required=REQUIRED)
    if not 0 < len(table.rows) - table.head <= MOST:
        raise Refused("A file has from 1 to %(count)s rows.", count=MOST)
    found, problems = list[ConfirmationRow](), list[Problem]()
    for row, cells in table.cells():
        text = {
            column: unicodedata.normalize("NFKC", cells.get(column, FileCell("")).text).removeprefix("'").strip()
            for column in COLUMNS
        }
        outcome, day = WORDS.get(text["outcome"].lower(), ""), None
        if not outcome:
            problems.append(row_problem(row, "outcome", text["outcome"][:40], Refused(NO_OUTCOME)))
        if text["seen_on"]:
            day = read_day(text["seen_on"])
            if day is None:
                refused = Refused("is not a date; write 2026-01-31")
                problems.append(row_problem(row, "seen_on", text["seen_on"][:40], refused))
        found.append(ConfirmationRow(row, text["number"], Said(outcome, day, text["reason"])))
    if problems:
        raise Refused("The file has %(count)s errors; nothing was changed.", count=len(problems), problems=problems)
    return found


def confirmation_template() -> bytes:
    """An empty table with its headings, and what each column takes."""
    facts = [
        (_("Number of the referral"), _("As the portal numbers it, such as 2026-000001.")),
        (_("Outcome"), listed(words(one) for one in OUTCOMES.values())),
        (_("Seen on"), _("Such as 2026-05-03; for patients who were seen.")),
        (_("Reason"), _("At least ten characters; for patients who did not come or were declined. "
                        "It names no patient.")),
    ]  # fmt: skip
    heads = [Cell(f"{title} {column}") for column, title in COLUMNS.items()]
    return write([Table(_("Confirmations"), [heads], [], [])], About(_("Confirmations"), facts))
