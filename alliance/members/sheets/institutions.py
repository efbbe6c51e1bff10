"""The members' workbook: institutions and who supports whom, read into rows, and written from what is recorded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from alliance.core.figure import canonical
from alliance.core.refused import Problem, Refused
from alliance.files import is_workbook, read_table, sheet_titles
from alliance.members.queries.institutions import MemberInfo
from alliance.members.rules.institutions import COLUMNS, InstitutionRow, read_row
from alliance.members.rules.links import EVERY, SUPPORTS, Spell, read_support, spells_of
from alliance.members.sheets.cells import rows_of, write_sheets

SHEET = "institutions"


def read_workbook(content: bytes, name: str) -> tuple[list[InstitutionRow], list[Spell]]:
    """The institutions of a workbook and who supports whom (sheet, row, column, value and reason of each bad cell in
    Refused.problems). A sheet that is not there says nothing; a table without sheets holds institutions."""
    problems: list[Problem] = []
    titles = sheet_titles(content, name) if is_workbook(content) else []
    supports = {title: SUPPORTS for title in titles if SUPPORTS.is_called(title)}
    rows = [] if supports and SHEET not in titles else _institutions(content, name, problems)
    spells = spells_of(rows_of(content, name, supports, SUPPORTS, read_support, problems), problems)
    if problems:
        raise Refused("The workbook has %(count)s errors.", count=len(problems), problems=problems)
    return rows, spells


def _institutions(content: bytes, name: str, problems: list[Problem]) -> list[InstitutionRow]:
    rows = []
    for number, cells in read_table(
        content, name, COLUMNS, required=("code", "name_zh", "name_en", "tier", "joined"), sheet=SHEET
    ):
        row = read_row(cells, number, problems)
        if row:
            rows.append(row)
    return rows


def write_workbook(members: Sequence[MemberInfo], spells: Sequence[Spell]) -> bytes:
    """The same workbook filled with what is recorded: reading it back changes nothing."""
    institutions = [{name: getattr(member, name) for name in COLUMNS} for member in members]
    supports = [
        {
            "supported": one.support.supported, "specialty": one.support.specialty or EVERY.en, "supporter": supporter,
            "share": canonical(share), "start": one.support.start, "until": one.until,
        }
        for one in spells
        for supporter, share in one.support.shares
    ]  # fmt: skip
    return write_sheets([(SHEET, COLUMNS, institutions), (SUPPORTS.title, SUPPORTS.columns, supports)])


def write_rows(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """A workbook of rows by column name; dates as ISO text, so that no spreadsheet turns them."""
    return write_sheets([(SHEET, COLUMNS, rows)])
