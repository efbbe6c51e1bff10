"""What leaves for the bank and the tax office: staff numbers, names and amounts in yuan."""

from __future__ import annotations

import csv
from io import StringIO

from flask_babel import gettext as _

from alliance.core.money import cents, yuan
from alliance.core.refused import Problem, Refused, mark
from alliance.core.written import narrow, number_of
from alliance.files import open_table
from alliance.i18n import lang, period
from alliance.tables import Cell, Table
from alliance.workbooks import About, write
from alliance.workpoints.queries import BonusRunInfo, GivenReturn, Payee, Payment
from alliance.workpoints.rules.payslips import LINES

BANK, TAX = "bank", "tax"
RETURNED = {"person": "工号", "amount": "金额", "reason": "退回原因"}
NO_AMOUNT = mark("is no amount in CNY with at most two decimal places")
MONEY = "#,##0.00"


def sort_name(sort: str) -> str:
    """What a sort of lines is called in the reader's language."""
    zh, en, _sign = LINES[sort]
    return zh if lang() == "zh" else en


def payment_table(found: Payment, run: BonusRunInfo, what: str) -> Table:
    """The rows of one of the two files, with their sums."""
    return _bank(found, run) if what == BANK else _tax(found, run)


def _bank(found: Payment, run: BonusRunInfo) -> Table:
    title = _("Bonus of %(month)s", month=period(run.month))
    heads = [_("Staff number"), _("Full name"), _("Bank account"), _("Amount in CNY"), _("Remark")]
    rows = [
        [Cell(one.person), Cell(_name(one)), Cell(""), _money(one.net), Cell(title)] for one in found.payees if one.net
    ]
    return Table(_("Salary bank batch"), [_cells(heads)], rows,
                 [[Cell(_("Sum")), Cell(""), Cell(""), _money(found.net), Cell("")]])  # fmt: skip


def _tax(found: Payment, run: BonusRunInfo) -> Table:
    heads = [_("Staff number"), _("Full name"), _("Month"), *map(sort_name, found.sorts), _("Income paid, CNY")]
    rows = [
        [
            Cell(one.person), Cell(_name(one)), Cell(run.month),
            *(_money(_signed(sort, one.sorts.get(sort, 0))) for sort in found.sorts), _money(one.net),
        ]
        for one in found.payees
    ]  # fmt: skip
    sums = [_money(_signed(sort, found.sums[sort])) for sort in found.sorts]
    return Table(_("Tax hand-over"), [_cells(heads)], rows,
                 [[Cell(_("Sum")), Cell(""), Cell(""), *sums, _money(found.net)]])  # fmt: skip


def _signed(sort: str, cents: int) -> int:
    return LINES[sort][2] * cents


def _name(one: Payee) -> str:
    return one.zh or one.en


def _money(cents: int) -> Cell:
    return Cell(f"{yuan(cents)}", yuan(cents), MONEY)


def _cells(texts: list[str]) -> list[Cell]:
    return [Cell(text) for text in texts]


def read_returns(content: bytes, name: str) -> list[GivenReturn]:
    """The bank's list of what it returned: staff number, amount in yuan, reason; an account is not read. Refused with
    each bad row."""
    found, problems = list[GivenReturn](), list[Problem]()
    for row, cells in open_table(content, name, RETURNED, required=list(RETURNED)).cells():
        person, text, reason = (cells[column].text.strip() for column in RETURNED)
        amount = read_amount(text)
        if amount is None:
            at = {"row": row, "person": person}
            problems.append(Problem(mark("row %(row)s, staff number %(person)s"), text, NO_AMOUNT, at=at))
        else:
            found.append(GivenReturn(person.removeprefix("'"), amount, reason.removeprefix("'"), row))
    if problems:
        raise Refused("The file %(name)s has %(count)s errors.", name=name, count=len(problems), problems=problems)
    if not found:
        raise Refused("The file %(name)s holds no returned payment.", name=name)
    return found


def read_amount(text: str) -> int | None:
    """An amount in yuan as cents, with separators and in wide figures too; None where it is none."""
    found = number_of(narrow(text).removeprefix("'"))
    try:
        return cents(found) if found is not None else None
    except Refused:
        return None


def payment_workbook(found: Payment, run: BonusRunInfo, what: str) -> bytes:
    """One of the two files as a workbook."""
    table = payment_table(found, run, what)
    facts = [(_("Institution"), run.institution), (_("Month"), period(run.month)), (_("Run"), str(run.number))]
    return write([table], About(table.caption, facts))


def payment_csv(found: Payment, run: BonusRunInfo, what: str) -> str:
    """One of the two files as CSV in UTF-8, with a mark by which Excel knows it; amounts without separators."""
    table, buffer = payment_table(found, run, what), StringIO()
    buffer.write("\ufeff")
    writer = csv.writer(buffer)
    for row in [*table.heads, *table.rows, *table.feet]:
        writer.writerow([_harmless(cell) for cell in row])
    return buffer.getvalue()


def _harmless(cell: Cell) -> str:
    """A spreadsheet takes a text that begins so for a formula; an amount may have its minus."""
    begins = cell.value is None and cell.text.startswith(("=", "+", "-", "@", "\t", "\r"))
    return f"'{cell.text}" if begins else cell.text
