"""The tables of a finished page, with the exact values of their numbers and dates.

While a page is made for a workbook, the filters that write numbers and dates for people leave the exact value beside
what they write. The marks go with the text through every macro and every message, into whatever cell it ends up in, and
are taken off again here; a page that is made for people never holds any.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from html import unescape
from typing import Any

from flask import Flask, g, has_request_context
from flask_babel import gettext as _
from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from alliance import i18n
from alliance.core.figure import half_up
from alliance.core.period import SHANGHAI

DIGITS = 15  # of a number in Excel; what has more would be changed silently
TOKENS = re.compile(r"""([^<]+)|<(/?)([a-z][a-z0-9]*)((?:[^<>"]|"[^"]*")*)>""")
ATTRIBUTES = re.compile(r"""\s([a-z-]+)(?:="([^"]*)"|='([^']*)')?""")
PICTURES = re.compile(r"<svg.*?</svg>|<!--.*?-->", re.DOTALL)
TABLE = '<table class="sheet'
# Begin, end of the value, end of the text: private characters, with a number that nobody can know when typing a text.
BEGIN, BETWEEN, END = "\ue000", "\ue001", "\ue002"
PLAIN = re.compile(r"[+−-]?(0|[1-9]\d{0,2}(,\d{3})+|[1-9]\d*)(\.\d+)?")
LINES = frozenset({"br", "p", "li", "div", "dd", "dt", "tr", "label", "summary", "ul", "ol", "dl", "details"})
SILENT = frozenset({"button", "script", "style", "template", "select"})


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in a cell: its text, and its value where it is one number or one date; columns and rows it spans."""

    text: str
    value: Decimal | date | datetime | None = None
    look: str = ""  # Excel's format of the value
    across: int = 1
    down: int = 1


@dataclass(frozen=True, slots=True)
class Table:
    """A table of a page: what stands over its columns, its rows and its sums."""

    caption: str
    heads: list[list[Cell]]
    rows: list[list[Cell]]
    feet: list[list[Cell]]


@dataclass(slots=True)
class _Part:
    """A cell while it is read: its texts, the units among them, and the pieces of the page it is."""

    name: str
    amount: bool
    across: int
    down: int
    texts: list[str] = field(default_factory=list)
    units: list[str] = field(default_factory=list)


def prepare(app: Flask) -> None:
    """Let the filters for numbers and dates leave their marks."""
    filters = app.jinja_env.filters
    for name, exact in (
        ("number", _number),
        ("short", _number),
        ("amount", _amount),
        ("day", _day),
        ("moment", _moment),
    ):
        filters[name] = _marking(filters[name], exact)
    filters["deadline"] = _marking(filters["deadline"], lambda due: "" if _at_midnight(due) else _moment(due))
    for name in ("day", "moment", "deadline"):
        filters[name] = _unbroken(filters[name])


def begin() -> None:
    """From now on this request makes its page for a workbook."""
    g.workbook = secrets.token_hex(8)


def wanted() -> bool:
    """Whether this request makes its page for a workbook."""
    return has_request_context() and bool(g.get("workbook"))


def _marking(write: Callable[..., str], exact: Callable[[Any], str]) -> Callable[..., str]:
    @pass_context  # else Jinja would work the filter of a constant out once, and keep the mark of whoever came first
    def marked(_context: Context, value: Any, *rest: Any, **named: Any) -> str:
        text = write(value, *rest, **named)
        kept = exact(value) if wanted() and value is not None and value != "" else ""
        return f"{BEGIN}{g.workbook}{kept}{BETWEEN}{text}{END}" if kept else text

    return marked


def _unbroken(write: Callable[..., str]) -> Callable[..., str]:
    """A date on a page stays on one line: browsers would break it at a hyphen. In an attribute take `|striptags`."""

    @pass_context
    def whole(context: Context, value: Any) -> str:
        text = write(context, value)
        return Markup('<span class="date">{}</span>').format(text) if value and context.eval_ctx.autoescape else text

    return whole


def _number(value: Decimal | int) -> str:
    return f"n{Decimal(value):f}"


def _amount(cents: int) -> str:
    return f"n{Decimal(cents).scaleb(-2):f}"


def _day(value: date) -> str:
    return f"d{value.isoformat()[:10]}"


def _moment(value: datetime) -> str:
    return f"m{value.astimezone(SHANGHAI).replace(second=0, microsecond=0, tzinfo=None).isoformat()}"


def _at_midnight(value: datetime) -> bool:
    """What people call 24:00 of the day before; Excel knows no such time, so it stays a text."""
    local = value.astimezone(SHANGHAI)
    return not (local.hour or local.minute)


def _marks() -> re.Pattern[str]:
    return re.compile(f"{BEGIN}{g.workbook}([ndm])([^{BETWEEN}]*){BETWEEN}([^{END}]*){END}")


def unmarked(text: str) -> str:
    """A text of this request without the marks."""
    return _marks().sub(r"\3", text) if wanted() else text


def read(page: str) -> list[Table]:
    """The tables of a page, in its order."""
    marks = _marks()
    return [_Reader(marks).table(part) for part in _parts(page)]


def heading(page: str) -> str:
    """What stands over a page."""
    return _words(page, r"<h1>(.*?)</h1>")


def asked(page: str, args: Mapping[str, str]) -> list[tuple[str, str]]:
    """What a page shows of all there is: its state, its view, and the filters of its address in its own words."""
    found = [
        (_("State"), _words(page, r'<p class="page-state">(.*?)</p>')),
        (_("View"), _words(page, r'<nav class="tabs".*?aria-current="page"[^>]*>(.*?)</a>')),
    ]
    for name, value in args.items():
        label = _words(page, rf'<label for="{re.escape(name)}">(.*?)</label>')
        chosen = _words(
            page, rf'<select[^>]* name="{re.escape(name)}"(?:(?!</select>).)*?<option[^>]* selected[^>]*>(.*?)<'
        )
        found.append((label, value and (chosen or value)) if label else ("", ""))
    return [(label, words) for label, words in found if label and words]


def _words(page: str, pattern: str) -> str:
    """The words of the first piece of a page that is like that."""
    found = re.search(pattern, page, re.DOTALL)
    return unmarked(" ".join(unescape(re.sub(r"<[^>]*>", "", found[1])).split())) if found else ""


def _parts(page: str) -> Iterator[str]:
    start = page.find(TABLE)
    while start >= 0:
        end = page.index("</table>", start)
        yield page[start:end]
        start = page.find(TABLE, end)


class _Reader:
    """Reads one table of the house's own making; what the templates write is valid, so it is read by its tags alone."""

    def __init__(self, marks: re.Pattern[str]) -> None:
        self.marks = marks
        self.caption = ""
        self.section = "tbody"
        self.rows: dict[str, list[list[Cell]]] = {"thead": [], "tbody": [], "tfoot": []}
        self.part: _Part | None = None
        self.silent: list[str] = []
        self.chosen = False  # in the option of a list that is chosen
        self.unit = 0  # how many open elements deep we are in a unit

    def table(self, source: str) -> Table:
        for found in TOKENS.finditer(PICTURES.sub("", source)):
            data, end, tag, attributes = found.groups()
            if data:
                self._data(data)
            elif end:
                self._end(tag)
            else:
                self._start(tag, attributes)
        return Table(self.caption, self.rows["thead"], [row for row in self.rows["tbody"] if row], self.rows["tfoot"])

    def _start(self, tag: str, attributes: str) -> None:
        given = {name: unescape(value or other) for name, value, other in ATTRIBUTES.findall(attributes)}
        if tag in self.rows:
            self.section = tag
        elif tag == "tr":
            self.rows[self.section].append([])
        elif tag in ("td", "th", "caption"):
            amount = "num" in given.get("class", "").split()
            self.part = _Part(tag, amount, int(given.get("colspan", 1)), int(given.get("rowspan", 1)))
        elif self.part is not None:
            self._inside(tag, given)

    def _inside(self, tag: str, given: dict[str, str]) -> None:
        """What stands in a cell: a field tells what is in it, a line is a line, a unit is kept apart."""
        assert self.part is not None
        if tag == "input":
            self.part.texts.append(_typed(given))
        elif tag == "option":
            self.chosen = "selected" in given
        elif tag in SILENT or (tag == "label" and "visually-hidden" in given.get("class", "").split()):
            self.silent.append(tag)  # the head of the column says it too
        elif tag in LINES:
            self.part.texts.append("\n")
        elif tag == "span" and (self.unit or "unit" in given.get("class", "").split()):
            self.unit += 1

    def _end(self, tag: str) -> None:
        if tag in ("td", "th", "caption") and self.part is not None:
            if tag == "caption":
                self.caption = _tidy(self.marks.sub(r"\3", "".join(self.part.texts)))
            else:
                self.rows[self.section][-1].append(self._cell(self.part))
            self.part, self.silent, self.unit = None, [], 0
        elif tag in SILENT or self.silent[-1:] == [tag]:
            self.silent, self.chosen = self.silent[:-1], False
        elif tag == "span" and self.unit:
            self.unit -= 1
        elif tag in LINES and self.part is not None:
            self.part.texts.append("\n")

    def _data(self, data: str) -> None:
        if self.part is not None and (self.chosen or not self.silent):
            (self.part.units if self.unit else self.part.texts).append(unescape(data).replace("\n", " "))

    def _cell(self, part: _Part) -> Cell:
        text, unit = _tidy("".join(part.texts)), _tidy(self.marks.sub(r"\3", "".join(part.units)))
        shown = self.marks.sub(r"\3", text)
        if part.name == "th" and self.section == "thead":
            return Cell(shown + (i18n.bracketed(unit) if unit else ""), across=part.across, down=part.down)
        behind = ("" if unit.startswith("%") else " ") + unit if unit else ""
        value, look = self._value(text, part.amount, behind)
        return Cell(shown + behind, value, look, part.across, part.down)

    def _value(self, text: str, amount: bool, unit: str) -> tuple[Decimal | date | datetime | None, str]:
        """The value of a cell that is one number or one date and nothing else, and how Excel shows it alike."""
        found = self.marks.search(text)
        if found and found[1] != "n":
            whole = found[0] == text and not unit
            return (_date(found[1], found[2]), "") if whole else (None, "")
        exact = Decimal(found[2]) if found else None
        shown = self.marks.sub(r"\3", text)
        if shown.endswith("%") and not unit:
            shown, unit = shown[:-1].rstrip(), "%"
        if not PLAIN.fullmatch(shown) or not (found or amount):
            return None, ""
        negative = shown.startswith(("−", "-"))
        written = Decimal(shown.replace(",", "").replace("−", "-"))
        value = written if exact is None else -abs(exact) if negative else exact
        places = len(shown.partition(".")[2])
        if half_up(value, places) != written or len(value.normalize().as_tuple().digits) > DIGITS:
            return None, ""
        return value, _look(shown, unit, thousands=found is not None or "," in shown)


def _typed(given: dict[str, str]) -> str:
    """What a field in a cell holds."""
    kind = given.get("type", "text")
    if kind in ("checkbox", "radio"):
        return "✓" if "checked" in given else ""
    return "" if kind in ("hidden", "submit", "file", "password") else given.get("value", "")


def _date(kind: str, exact: str) -> date | datetime:
    return date.fromisoformat(exact) if kind == "d" else datetime.fromisoformat(exact)


def _look(shown: str, unit: str, *, thousands: bool) -> str:
    """The format under which Excel shows a number as the page does: places, separators, unit and sign."""
    _whole, dot, places = shown.partition(".")
    unit = unit.replace('"', "")
    plain = ("#,##0" if thousands else "0") + ("." + "0" * len(places) if dot else "") + (f'"{unit}"' if unit else "")
    return f"+{plain};-{plain};{plain}" if shown.startswith("+") else plain


def _tidy(text: str) -> str:
    """The lines of a cell: what HTML shows as one space is one, and no line is empty."""
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return "\n".join(line for line in lines if line)
