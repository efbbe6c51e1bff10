"""The table of a month's discharged cases, in and out: a workbook or CSV without the name of a patient."""

from __future__ import annotations

import unicodedata
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from flask_babel import gettext as _

from alliance import workbooks
from alliance.core.money import cents, yuan
from alliance.core.refused import Both, Problem, Refused, mark
from alliance.files import Cell, open_table
from alliance.i18n import label
from alliance.i18n import period as period_name
from alliance.tables import Cell as Written
from alliance.tables import Table
from alliance.workpoints.queries import Roll
from alliance.workpoints.rules.discharges import FLAGS, NUMBERS, Case, case_faults
from alliance.workpoints.rules.entries import NO_NUMBER, NOUGHT, Fault, read_entry
from alliance.workpoints.sheets.months import KEYS, MISSING, NO_VALUE, UNREADABLE, sheet_title

CASES, UNITS = Both("出院病例", "discharged cases"), Both("科室", "units")
KEYED = {"case": "病例号", "unit": KEYS["unit"], "group": KEYS["code"]}
COLUMNS: Mapping[str, str] = (
    KEYED | {code: one.zh for code, one in NUMBERS.items()} | {code: one.zh for code, one in FLAGS.items()}
)
PLACES = {code: place for place, code in enumerate(COLUMNS)}
REQUIRED = (*KEYED, "rw", "cost", "payment")
PLACE = mark("row %(row)s, %(column)s")
NO_CASE_NUMBER = mark("is no number")
NEITHER = mark("is neither yes nor no")
YES, NO = frozenset({"是", "有", "√", "yes", "y", "true", "1"}), frozenset({"", "否", "无", "no", "n", "false", "0"})


def read_cases(content: bytes, name: str, units: Container[str]) -> list[Case]:
    """What a table gives for a month with these units, a row a case; columns that it has besides are not read.

    Refused with each bad cell: row, column, value and reason.
    """
    found, rows, wrong = list[Case](), list[int](), _Wrong()
    for row, cells in open_table(content, name, COLUMNS, required=REQUIRED).cells():
        found.append(_case(row, cells, wrong))
        rows.append(row)
    for place, column, value, reason in case_faults(found, units):
        wrong.add(rows[place], column, value, reason)
    if wrong.cells:
        problems = [wrong.cells[key] for key in sorted(wrong.cells)]
        raise Refused("The file %(name)s has %(count)s errors.", name=name, count=len(problems), problems=problems)
    if not found:
        raise Refused("The file %(name)s holds no case.", name=name)
    return found


@dataclass(frozen=True, slots=True)
class _Wrong:
    """The bad cells of a table by row and place of the column, each with what was found first."""

    cells: dict[tuple[int, int], Problem] = field(default_factory=dict)

    def add(
        self, row: int, column: str, value: str, reason: str, numbers: Mapping[str, object] | None = None
    ) -> None:  # fmt: skip
        at = {"row": row, "column": Both(COLUMNS[column], column)}
        self.cells.setdefault((row, PLACES[column]), Problem(PLACE, value, reason, dict(numbers or {}), at))


def _case(row: int, cells: Mapping[str, Cell], wrong: _Wrong) -> Case:
    """The case of a row; what cannot be read is told, and something harmless stands in."""
    for column, cell in cells.items():
        if cell.kind in UNREADABLE:
            wrong.add(row, column, cell.text, NO_VALUE)
        elif column in REQUIRED and not cell.text:
            wrong.add(row, column, "", MISSING)
    number, unit, group = (unicodedata.normalize("NFKC", cells[column].text).strip() for column in KEYED)
    rw, *amounts = (_number(row, column, cells, wrong) for column in NUMBERS)
    cost, payment, deductions = map(cents, amounts)
    flags = frozenset(flag for flag in FLAGS if _truth(row, flag, cells, wrong))
    return Case(number, unit, group, rw, cost, payment, deductions, flags)


def _number(row: int, column: str, cells: Mapping[str, Cell], wrong: _Wrong) -> Decimal:
    """A number of a case, 0 where the cell is blank or wrong."""
    cell = cells.get(column)
    if cell is None or not cell.text:
        return NOUGHT
    found = read_entry(cell.text, NUMBERS[column])
    if isinstance(found, Fault) and found.message != NO_NUMBER:
        wrong.add(row, column, cell.text, found.message, found.numbers)
    elif isinstance(found, Fault) or found.value is None:
        wrong.add(row, column, cell.text, NO_CASE_NUMBER)
    else:
        return found.value
    return NOUGHT


def _truth(row: int, column: str, cells: Mapping[str, Cell], wrong: _Wrong) -> bool:
    cell = cells.get(column)
    text = cell.text.lower() if cell else ""
    if text not in YES and text not in NO:
        wrong.add(row, column, text, NEITHER)
    return text in YES


def write_cases(institution: str, month: str, roll: Roll, cases: Sequence[Case]) -> bytes:
    """The workbook of a month's cases with those that stand, and the units that a case may name: reading it back
    changes nothing."""
    heads = [Written(f"{zh} {code}") for code, zh in COLUMNS.items()]
    places = [[Written(code), Written(label(fact))] for code, (fact, _depth) in roll.units.items()]
    units = [Written(f"{KEYS['unit']} unit"), Written("名称 name")]
    tables = [
        Table(sheet_title(CASES), [heads], [_row(one) for one in cases], []),
        Table(sheet_title(UNITS), [units], places, []),
    ]
    rules = _(
        "One row is one case, under the hospital's own running number; never a name or an identity number. Amounts in "
        "CNY; the last three columns say yes or no. These and the deductions may stay empty. The file replaces the "
        "whole list of the month."
    )
    facts = [(_("Hospital"), institution), (_("Month"), period_name(month)), (_("How it is read"), rules)]
    return workbooks.write(tables, workbooks.About(_("Discharged cases"), facts))


def _row(one: Case) -> list[Written]:
    amounts = [Written(f"{found}", found, "0.00") for found in map(yuan, (one.cost, one.payment, one.deductions))]
    flags = [Written("是" if flag in one.flags else "") for flag in FLAGS]
    named = [Written(one.number), Written(one.unit), Written(one.group)]
    return [*named, Written(f"{one.rw:f}", one.rw, "General"), *amounts, *flags]
