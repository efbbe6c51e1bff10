"""The cells of a row of a workbook, read as what they must be; what is wrong with one is added to the problems."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from alliance.core.refused import Both, Problem, mark
from alliance.core.written import narrow, read_day, unseparated

YES = {"1", "是", "yes", "y", "true"}
NO = {"", "0", "否", "no", "n", "false"}
WHOLE = re.compile(r"\d{1,9}(\.0+)?", re.ASCII)
HUNDREDTHS = re.compile(r"\d{1,9}(\.\d{1,2}0*)?", re.ASCII)
MISSING = mark("is missing")
NO_HUNDREDTHS = mark("is not a number of 0 or more with at most two decimal places")
NO_WORD = mark("is not one of the words allowed here: %(words)s")


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its cells as text by column, the titles of the columns, and the sheet where a workbook has several."""

    cells: Mapping[str, str]
    number: int
    problems: list[Problem]
    columns: Mapping[str, str]
    sheet: Both | None = None

    def fault(self, column: str, message: str, **numbers: object) -> None:
        at: dict[str, object] = {"row": self.number, "column": Both(self.columns[column], column)}
        if self.sheet is None:
            self.problems.append(Problem(mark("row %(row)s, %(column)s"), self.text(column), message, numbers, at))
            return
        where = mark("sheet %(sheet)s, row %(row)s, %(column)s")
        self.problems.append(Problem(where, self.text(column), message, numbers, at | {"sheet": self.sheet}))

    def text(self, column: str) -> str:
        return self.cells.get(column, "").strip()

    def needed(self, column: str) -> str:
        if not self.text(column):
            self.fault(column, MISSING)
        return self.text(column)

    def matching(self, column: str, pattern: re.Pattern[str], message: str) -> str:
        """A code in capital letters."""
        found = self.text(column).upper()
        if not pattern.fullmatch(found):
            self.fault(column, message)
        return found

    def is_yes(self, column: str) -> bool:
        found = self.text(column).lower()
        if found not in YES | NO:
            self.fault(column, mark("is not yes or no"))
        return found in YES

    def whole(self, column: str) -> int | None:
        """A whole number, also as spreadsheets write it: 1,200 or 1200.0."""
        text = unseparated(narrow(self.text(column)))
        if not text:
            return None
        if not WHOLE.fullmatch(text):
            self.fault(column, mark("is not a whole number of 0 or more"))
            return None
        return int(text.split(".")[0])

    def hundredths(self, column: str) -> Decimal | None:
        """A number of 0 or more with two decimal places at most."""
        text = unseparated(narrow(self.text(column)).removesuffix("%"))
        if not text:
            return None
        if not HUNDREDTHS.fullmatch(text):
            self.fault(column, NO_HUNDREDTHS)
            return None
        return Decimal(text)

    def day(self, column: str) -> date | None:
        """A date, also with the time that spreadsheets add."""
        text = self.text(column)
        found = read_day(text)
        if text and found is None:
            self.fault(column, mark("is not a date; write 2026-01-31"))
        return found

    def needed_day(self, column: str) -> date | None:
        found = self.day(column)
        if not self.text(column):
            self.fault(column, MISSING)
        return found

    def word(self, column: str, words: Mapping[str, str], allowed: Sequence[str], otherwise: str) -> str:
        text = self.text(column) or otherwise
        found = words.get(text, text.lower())
        if found not in allowed:
            known = {code: Both(zh, code) for zh, code in words.items()}
            self.fault(column, NO_WORD, words=tuple(known.values()))
        return found
