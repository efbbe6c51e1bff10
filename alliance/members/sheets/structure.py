"""The workbook of an institution's inside: read into facts, and written from everything that is recorded."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from decimal import Decimal
from typing import TypeVar

from alliance.core.refused import Both, Problem, Refused, mark
from alliance.files import Cell, open_table, sheet_titles
from alliance.members.rules.departments import Inside
from alliance.members.rules.structure import (
    CLASS_WORDS,
    CODES,
    DEPARTMENTS,
    KIND_WORDS,
    LINKS,
    Sheet,
    read_code,
    read_department,
    read_share,
    services_of,
)
from alliance.members.sheets.institutions import write_sheets

SHEETS = (DEPARTMENTS, CODES, LINKS)
UNREADABLE = frozenset({"error", "formula", "lost"})
Given = TypeVar("Given")


def read_structure(content: bytes, name: str) -> Inside:
    """The facts of a workbook (sheet, row, column, value and reason of each bad cell in Refused.problems)."""
    titles = {title: sheet for title in sheet_titles(content, name) for sheet in SHEETS if sheet.is_called(title)}
    if not titles:
        wanted = tuple(sheet.name for sheet in SHEETS)
        raise Refused("%(name)s has none of the sheets %(sheets)s.", name=name, sheets=wanted)
    problems: list[Problem] = []
    departments = _rows(content, name, titles, DEPARTMENTS, read_department, problems)
    codes = _rows(content, name, titles, CODES, read_code, problems)
    shares = _rows(content, name, titles, LINKS, read_share, problems)
    if problems:
        raise Refused("The workbook has %(count)s errors.", count=len(problems), problems=problems)
    return Inside(tuple(departments), tuple(codes), tuple(services_of(shares)))


def _rows(
    content: bytes,
    name: str,
    titles: Mapping[str, Sheet],
    sheet: Sheet,
    read: Callable[[Mapping[str, str], int, list[Problem]], Given | None],
    problems: list[Problem],
) -> list[Given]:
    found = []
    for title in (title for title, one in titles.items() if one is sheet):
        table = open_table(content, f"{name} / {title}", sheet.columns, required=sheet.required, sheet=title)
        for number, cells in table.cells():
            given = read(_texts(cells, sheet, number, problems), number, problems)
            if given is not None:
                found.append(given)
    return found


def _texts(cells: Mapping[str, Cell], sheet: Sheet, number: int, problems: list[Problem]) -> dict[str, str]:
    """The cells as text: what a spreadsheet shows as 60% is 60, and what holds no value is a problem."""
    for column, cell in cells.items():
        if cell.kind in UNREADABLE:
            at: dict[str, object] = {"sheet": sheet.name, "row": number, "column": Both(sheet.columns[column], column)}
            reason = mark("holds no value, but an error, a formula without a result or a number that lost its digits")
            problems.append(Problem(mark("sheet %(sheet)s, row %(row)s, %(column)s"), cell.text, reason, at=at))
    return {column: _text(cell) for column, cell in cells.items()}


def _text(cell: Cell) -> str:
    return f"{(Decimal(cell.text) * 100).normalize():f}" if cell.kind == "percent" else cell.text


def write_structure(inside: Inside, language: str) -> bytes:
    """The same workbook filled with everything recorded: reading it back changes nothing."""
    kinds = {code: word for word, code in KIND_WORDS.items()} if language == "zh" else {}
    classes = {code: word for word, code in CLASS_WORDS.items()} if language == "zh" else {}
    departments = [
        asdict(fact)
        | {"kind": kinds.get(fact.kind, fact.kind), "accounting": classes.get(fact.accounting, fact.accounting)}
        for fact in inside.departments
    ]
    codes = [asdict(fact) | {"department": fact.department or "-"} for fact in inside.codes]
    return write_sheets(
        [
            (DEPARTMENTS.title, DEPARTMENTS.columns, departments),
            (CODES.title, CODES.columns, codes),
            (LINKS.title, LINKS.columns, _share_rows(inside)),
        ]
    )


def _share_rows(inside: Inside) -> Iterable[dict[str, object]]:
    for fact in inside.services:
        for served, share in fact.shares or (("-", None),):
            yield {"department": fact.department, "served": served, "share": share, "start": fact.start}
