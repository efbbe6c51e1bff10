"""Tables to fill: everything due from all members for the office, and one member's own values of a period."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO, StringIO
from typing import Any

import xlsxwriter
from flask_babel import gettext as _

from alliance.i18n import words
from alliance.indicators.rules.definitions import Words
from alliance.indicators.sheets.readings import SHEET, UNSAFE

BOOK = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
READINGS = ("机构代码 institution", "机构 (name)", "数据元代码 element", "数据元 (name)", "期间 period", "数值 value")
MEMBER = (
    "机构代码 institution",
    "期间 period",
    "数据元代码 element",
    "名称 (name)",
    "单位 (unit)",
    "定义 (definition)",
    "上期 (previous)",
    "去年同期 (last year)",
    "数值 value",
    "说明 explanation",
    "版本 revision",
)
WIDTHS = (10, 9, 12, 30, 8, 44, 12, 12, 16, 40, 6)
PREVIOUS, LAST_YEAR, VALUE, EXPLANATION, REVISION = 6, 7, 8, 9, 10


@dataclass(frozen=True, slots=True)
class Line:
    """One value of a member's template: what it is, what was filed before, what is filed now and in which revision."""

    element: str
    name: Words
    unit: Words
    definition: Words
    previous: str
    last_year: str
    value: str
    explanation: str
    revision: int


def write_readings(period: str, rows: Sequence[tuple[str, str, str, str, str]]) -> bytes:
    """A workbook of (institution, its name, element, its name, value as text)."""
    buffer = BytesIO()
    book = xlsxwriter.Workbook(buffer, BOOK)
    sheet = book.add_worksheet(SHEET)
    head, text = book.add_format({"bold": True, "bottom": 1}), book.add_format({"num_format": "@"})
    sheet.write_row(0, 0, READINGS, head)
    for line, (institution, who, element, what, value) in enumerate(rows, 1):
        sheet.write_row(line, 0, (institution, who, element, what, period))
        if value:
            sheet.write_string(line, 5, value, text)
        else:
            sheet.write_blank(line, 5, None, text)
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, 5, 16)
    sheet.set_column(3, 3, 40)
    sheet.autofilter(0, 0, max(len(rows), 1), 5)
    _write_rules(book)
    book.close()
    return buffer.getvalue()


def write_readings_csv(period: str, rows: Sequence[tuple[str, str, str, str, str]]) -> bytes:
    """The same as CSV, as Excel opens it by a double click."""
    lines = [(institution, who, element, what, period, value) for institution, who, element, what, value in rows]
    return _csv(READINGS, [[*map(_safe, line[:5]), line[5]] for line in lines])


def write_member_template(institution: str, period: str, lines: Sequence[Line]) -> bytes:
    """A workbook for one member and period: only values and explanations can be typed in, all of them as text, so that
    nothing is rounded or taken for a day; the rules stand on a second sheet."""
    buffer = BytesIO()
    book = xlsxwriter.Workbook(buffer, BOOK)
    sheet = book.add_worksheet(SHEET)
    looks = _looks(book)
    for column, (title, width) in enumerate(zip(MEMBER, WIDTHS, strict=True)):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, title, looks["asked_head" if column in (VALUE, EXPLANATION) else "head"])
    for column, note in _notes().items():
        sheet.write_comment(0, column, note, {"width": 320, "height": 110, "font_size": 10})
    for row, cells in enumerate(_cells(institution, period, lines), 1):
        for column, text in enumerate(cells):
            sheet.write_string(row, column, text, looks[_look(column)])
    sheet.set_row(0, 22)
    sheet.freeze_panes(1, 4)
    sheet.protect("", {"format_columns": True, "format_rows": True, "autofilter": True, "sort": False})
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    sheet.set_selection(1, VALUE, 1, VALUE)
    _write_rules(book)
    book.close()
    return buffer.getvalue()


def _looks(book: Any) -> dict[str, Any]:
    plain = {"valign": "top", "num_format": "@", "font_size": 11}
    asked = plain | {"locked": False, "bg_color": "#FFF9E5", "border": 1, "border_color": "#D9C88F"}
    head = {"bold": True, "bottom": 1, "bg_color": "#E8EEF4", "valign": "vcenter"}
    return {
        "head": book.add_format(head),
        "asked_head": book.add_format(head | {"bg_color": "#FFE9A8"}),
        "text": book.add_format(plain | {"text_wrap": True}),
        "before": book.add_format(plain | {"align": "right", "font_color": "#555555"}),
        "value": book.add_format(asked | {"align": "right"}),
        "explanation": book.add_format(asked | {"text_wrap": True}),
    }


def _look(column: int) -> str:
    if column in (VALUE, EXPLANATION):
        return "value" if column == VALUE else "explanation"
    return "before" if column in (PREVIOUS, LAST_YEAR, REVISION) else "text"


def write_member_csv(institution: str, period: str, lines: Sequence[Line]) -> bytes:
    """The same columns as CSV, as Excel opens it by a double click."""
    rows = [
        [text if column == VALUE else _safe(text) for column, text in enumerate(cells)]
        for cells in _cells(institution, period, lines)
    ]
    return _csv(MEMBER, rows)


def _cells(institution: str, period: str, lines: Sequence[Line]) -> list[tuple[str, ...]]:
    return [
        (
            institution, period, one.element, words(one.name), words(one.unit), words(one.definition), one.previous,
            one.last_year, one.value, one.explanation, str(one.revision),
        )
        for one in lines
    ]  # fmt: skip


def _notes() -> dict[int, str]:
    """The remarks at the headings, by column."""
    return {
        0: _("Do not change the grey columns: they say to whom, when and to what a value belongs."),
        PREVIOUS: _("What was filed for the period before. Only to compare."),
        LAST_YEAR: _("What was filed for the same period of last year. Only to compare."),
        VALUE: _(
            "Type the number here. Empty: nothing is said, what is filed stays. n/a: does not apply. 0: nought. "
            "- : clears what is filed."
        ),
        EXPLANATION: _("Explain an unusual value here, in at least ten characters."),
        REVISION: _("Tells whether somebody changed the value after this table was downloaded. Do not change it."),
    }


def rules() -> list[str]:
    """The rules of filling in a table, a sentence each."""
    return [
        _("Fill in only the columns of values and explanations."),
        _("An empty value says nothing: what is filed stays as it is. To clear a value, write a dash."),
        _("Write 0 for nought, and n/a where a value does not apply."),
        _("Write numbers as they are: no rounding, no unit. Separators of thousands and full-width digits are read."),
        _("Where the unit is percent, write 15 for fifteen of a hundred, not 0.15."),
        _("The number of decimal places is that of the data element; more are refused, never rounded."),
        _("Results of formulas are taken as they were when the workbook was saved. Macros and links are refused."),
        _("The check shows what would change and marks every wrong cell; it changes nothing."),
        _("Applying takes everything or nothing. The same file again changes nothing."),
        _("If somebody changed a value after you downloaded the table, you are told and nothing is overwritten."),
    ]


def _write_rules(book: Any) -> None:
    sheet = book.add_worksheet(_("Rules"))
    sheet.set_column(0, 0, 100, book.add_format({"text_wrap": True, "valign": "top"}))
    sheet.write_string(0, 0, _("How to fill in this table"), book.add_format({"bold": True, "font_size": 14}))
    for row, rule in enumerate(rules(), 2):
        sheet.write_string(row, 0, rule)
    sheet.protect()


def _safe(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(UNSAFE) else text


def _csv(head: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
    buffer = StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(head)
    writer.writerows(rows)
    return buffer.getvalue().encode("utf-8-sig")
