"""The table of pathway cases and their steps, in and out."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import TypeVar

from flask_babel import gettext as _

from alliance import workbooks
from alliance.core.refused import Both, Problem, Refused, mark
from alliance.core.written import read_day
from alliance.files import Cell, open_table
from alliance.registers.queries.pathway_imports import COLUMNS, PLACE, REQUIRED, CourseRow
from alliance.registers.rules.pathways import DIAGNOSIS, SEXES, Pathway, record_number
from alliance.tables import Cell as Written
from alliance.tables import Table

MOST_ROWS = 20_000
SHEET = Both("路径病例", "pathway cases")
MISSING = mark("is missing")
NO_VALUE = mark("holds no value, but an error, a formula without a result or a number that lost its digits")
UNREADABLE = frozenset({"error", "formula", "lost"})
Value = TypeVar("Value")


class _Wrong(Exception):
    """A cell that cannot be read; its argument is the message id."""


def read_courses(content: bytes, name: str) -> list[CourseRow]:
    """The rows of a table; Refused with row, column, value and reason of each bad cell."""
    table = open_table(content, name, COLUMNS, required=REQUIRED)
    problems: list[Problem] = []
    found = [one for number, cells in table.cells() if (one := _row(number, cells, problems))]
    if problems:
        raise Refused("The file has %(count)s errors; nothing was changed.", count=len(problems), problems=problems)
    if not 0 < len(found) <= MOST_ROWS:
        raise Refused("A file has from 1 to %(count)s rows.", count=MOST_ROWS)
    return found


def _row(number: int, cells: Mapping[str, Cell], problems: list[Problem]) -> CourseRow | None:
    before = len(problems)

    def take(column: str, read: Callable[[str], Value], nothing: Value) -> Value:
        cell = cells.get(column, Cell(""))
        text = unicodedata.normalize("NFKC", cell.text).strip()
        try:
            if cell.kind in UNREADABLE:
                raise _Wrong(NO_VALUE)
            if not text and column in REQUIRED:
                raise _Wrong(MISSING)
            return read(text) if text else nothing
        except _Wrong as wrong:
            at: dict[str, object] = {"row": number, "column": Both(COLUMNS[column], column)}
            shown = "" if column == "record" else cell.text
            problems.append(Problem(PLACE, shown, str(wrong), at=at))
            return nothing

    nothing: date | None = None
    row = CourseRow(
        number, take("pathway", str, ""), take("hospital", str.upper, ""), take("center", str.upper, ""),
        take("record", _record, ""), take("born", _year, None), take("sex", _sex, ""),
        take("diagnosis", _diagnosis, ""), take("day0", _day, nothing) or date.min, take("step", str, ""),
        take("done", _day, nothing), take("note", str, "")[:500],
    )  # fmt: skip
    return row if len(problems) == before else None


def _record(text: str) -> str:
    try:
        return record_number(text)
    except Refused as refused:
        raise _Wrong(refused.message) from refused


def _day(text: str) -> date:
    found = read_day(text)
    if found is None:
        raise _Wrong(mark("is not a date; write 2026-01-31"))
    return found


def _year(text: str) -> int | None:
    if not re.fullmatch(r"[12]\d{3}", text):
        raise _Wrong(mark("is not a year; write 1958"))
    return int(text)


def _sex(text: str) -> str:
    known = {word.lower(): code for code, both in SEXES.items() for word in (code, both.zh, both.en)}
    if text.lower() not in known:
        raise _Wrong(mark("is neither female nor male"))
    return known[text.lower()]


def _diagnosis(text: str) -> str:
    if not DIAGNOSIS.fullmatch(text.upper()):
        raise _Wrong(mark("is no code of a diagnosis"))
    return text.upper()


def write_course_template(known: Iterable[Pathway]) -> bytes:
    """A workbook with the headings, and a sheet that tells the codes of pathways and steps."""
    heads = [Written(f"{title} {column}") for column, title in COLUMNS.items()]
    codes = [
        [Written(one.code), Written(one.name.zh), Written(step.code), Written(step.name.zh), Written(str(step.day))]
        for one in known for step in one.steps
    ]  # fmt: skip
    about = [Written(text) for text in (_("Pathway"), _("Name"), _("Step"), _("Name of the step"), _("Due on day"))]
    tables = [
        Table(f"{SHEET.zh} {SHEET.en}", [heads], [], []),
        Table(_("Codes"), [about], codes, []),
    ]
    rules = _("A row is a case, or one step of it; what is said of a case again must be the same.")
    return workbooks.write(tables, workbooks.About(_("Pathway cases"), [(_("How it is read"), rules)]))
