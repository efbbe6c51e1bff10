"""What is true of a file of values: its columns, and what a cell of it says."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from alliance.core.refused import Both, Problem, mark
from alliance.core.written import narrow
from alliance.indicators.rules.checks import SHORTEST
from alliance.indicators.rules.definitions import Element
from alliance.indicators.rules.filing import BLANK, Entry, Row, read_value

COLUMNS: Mapping[str, str] = {
    "institution": "机构代码",
    "period": "期间",
    "element": "数据元代码",
    "revision": "版本",
    "value": "数值",
    "explanation": "说明",
}
CELL = mark("row %(row)s, %(column)s")
CLEARS = {"-", "清空", "clear"}  # a blank cell says nothing; these empty a value that is there
LONGEST_EXPLANATION = 2000
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
# What a spreadsheet makes of 2026-04 once it takes it for a day.
MONTH_FIRST = re.compile(r"(?P<year>[12]\d{3})[-/.年](?P<month>\d{1,2})(?:月|[-/.]0?1(?: 00:00:00)?)?(?:1日)?")
MONTH_WORD = re.compile(r"(?P<word>[a-z]{3})-(?P<year>\d{2})")
# Why a cell is no number though it may look like one.
KINDS: Mapping[str, str] = {
    "date": mark("is a date or a time; format the cell as text and type the number"),
    "truth": mark("is a truth value; type the number"),
    "error": mark("is an error of a formula; type the number"),
    "formula": mark("is a formula without a result; type the number, or open and save the workbook in Excel"),
    "lost": mark("was shortened by a spreadsheet, digits are lost; type the number in full"),
}


@dataclass(frozen=True, slots=True)
class Note:
    """An explanation that a file gives beside a value; `value` is the text of the value that it explains."""

    institution: str
    element: str
    text: str
    value: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Filled:
    """What a file says: values, explanations, and what is wrong with its cells."""

    rows: tuple[Row, ...] = ()
    notes: tuple[Note, ...] = ()
    problems: tuple[Problem, ...] = ()
    blanks: int = 0


def at_cell(line: int, column: str) -> dict[str, object]:
    """Where a cell stands, for CELL."""
    return {"row": line, "column": Both(COLUMNS[column], column)}


def read_entry(text: str, kind: str, element: Element, line: int, problems: list[Problem]) -> Entry | None:
    """What a cell says of a value; None when it says nothing. `kind` as in files.Cell; every error is added to the
    problems. A number shown as a percentage counts a hundredfold where the unit is %, and nowhere else."""
    at = at_cell(line, "value")
    if kind in KINDS:
        problems.append(Problem(CELL, text, KINDS[kind], at=at))
        return None
    if not text:
        return None
    if narrow(text).strip().lower() in CLEARS:
        return BLANK
    if kind == "percent":
        if element.unit.zh != "%":
            reason = mark("is shown as a percentage, but this element has another unit; format the cell as text")
            problems.append(Problem(CELL, text, reason, at=at))
            return None
        text = _hundredfold(text)
    found = len(problems)
    entry = read_value(text, element, problems, CELL, **at)
    return entry if len(problems) == found else None


def _hundredfold(text: str) -> str:
    try:
        return f"{Decimal(text) * 100:f}"
    except InvalidOperation:
        return text


def read_period(text: str) -> str:
    """The code of a period, also where a spreadsheet took a month for a day: 2026/4/1, 2026年4月, Apr-26."""
    plain = narrow(text).strip()
    if found := MONTH_FIRST.fullmatch(plain):
        return f"{found['year']}-{int(found['month']):02}"
    if (found := MONTH_WORD.fullmatch(plain.lower())) and found["word"] in MONTHS:
        return f"20{found['year']}-{MONTHS.index(found['word']) + 1:02}"
    return plain.upper()


def check_note(note: Note) -> Problem | None:
    """What is wrong with an explanation: too short to say something, or too long to be read."""
    at = at_cell(note.line, "explanation")
    if len(note.text) < SHORTEST:
        reason = mark("write the explanation in at least %(least)s characters")
        return Problem(CELL, note.text, reason, {"least": SHORTEST}, at)
    if len(note.text) > LONGEST_EXPLANATION:
        reason = mark("write the explanation in at most %(most)s characters")
        return Problem(CELL, note.text[:60], reason, {"most": LONGEST_EXPLANATION}, at)
    return None
