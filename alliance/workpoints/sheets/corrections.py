"""The workbook of a paid month's corrections: what each payslip gave, and what would have been right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask_babel import gettext as _

from alliance import workbooks
from alliance.core.money import yuan
from alliance.core.refused import Both, Refused
from alliance.files import Cell, sheet_titles
from alliance.i18n import label, words
from alliance.i18n import period as period_name
from alliance.tables import Cell as Written
from alliance.tables import Table
from alliance.workpoints.queries import GivenRight, Names, PaidPerson
from alliance.workpoints.sheets.months import MISSING, Sheet, refuse_all
from alliance.workpoints.sheets.payments import MONEY, NO_AMOUNT, read_amount

CORRECTIONS = Both("更正", "corrections")
COLUMNS: Mapping[str, str] = {"number": "工号", "right": "应发金额"}  # what is read of it


def read_corrections(content: bytes, name: str) -> list[GivenRight]:
    """The right amounts of a workbook, a row a person; a row without one says nothing. Refused with each bad cell."""
    sheet = Sheet(content, name, CORRECTIONS, COLUMNS, tuple(COLUMNS))
    found = [_right(sheet, row, cells) for row, cells in sheet.rows(sheet_titles(content, name))]
    refuse_all(sheet.problems)
    given = [one for one in found if one]
    if not given:
        raise Refused("%(name)s holds no right amount in the sheet %(sheets)s.", name=name, sheets=(CORRECTIONS,))
    return given


def _right(sheet: Sheet, row: int, cells: Mapping[str, Cell]) -> GivenRight | None:
    text = sheet.text(row, "right", cells).strip()
    if not text:
        return None
    amount = None if cells["right"].kind == "percent" else read_amount(text)
    person = sheet.text(row, "number", cells).strip().upper()
    if amount is None:
        sheet.fault(row, "right", text, NO_AMOUNT, {})
    if not person:
        sheet.fault(row, "number", "", MISSING, {})
    return GivenRight(person, amount, row=row) if amount is not None and person else None


def write_corrections(institution: str, month: str, paid: Sequence[PaidPerson], names: Names) -> bytes:
    """The workbook of a paid month, a row a payslip, with what it gave in all and room for the right amount."""
    heads = [_("Staff number"), _("Full name"), _("Department or unit"), _("Paid in all, CNY"), _("Right amount, CNY")]
    rows = []
    for one in paid:
        who, unit = names.people.get(one.person), names.units.get(one.unit)
        rows.append([
            Written(one.person), Written(label(who) if who else ""), Written(label(unit) if unit else one.unit),
            Written(f"{yuan(one.amount)}", yuan(one.amount), MONEY), Written(""),
        ])  # fmt: skip
    table = Table(words(CORRECTIONS), [[Written(head) for head in heads]], rows, [])
    rules = _(
        "The right amount is what the payslip should have paid in all, with two decimal places at most. A blank one "
        "says that nothing is to be corrected."
    )
    facts = [(_("Hospital"), institution), (_("Month"), period_name(month)), (_("How it is read"), rules)]
    return workbooks.write([table], workbooks.About(_("Corrections of %(period)s", period=month), facts))
