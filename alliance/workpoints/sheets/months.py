"""The workbook of a bonus month: units, persons and disease groups; and the workbook of its rosters."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from flask_babel import gettext as _

from alliance import workbooks
from alliance.core.figure import State
from alliance.core.period import Period
from alliance.core.refused import Both, Problem, Refused, mark
from alliance.files import Cell, open_table, sheet_titles
from alliance.i18n import label
from alliance.tables import Cell as Written
from alliance.tables import Table
from alliance.workpoints.queries import CaseInfo, DayInfo, EntryInfo, Given, GivenCase, GivenDay, GivenMonth, Roll
from alliance.workpoints.rules.entries import (
    BLANK,
    CASE_KINDS,
    UNIT_KINDS,
    Entry,
    EntryKind,
    Fault,
    read_entry,
)
from alliance.workpoints.rules.totals import MEASURES, WHOLE

UNITS, PERSONS, CASES = Both("科室", "units"), Both("人员", "persons"), Both("病种", "cases")
ROSTER = Both("排班", "roster")
TOTALS, ALL = Both("报表数", "totals"), Both("全院", "hospital")
PLACE = mark("sheet %(sheet)s, row %(row)s, %(column)s")
NO_VALUE = mark("holds no value, but an error, a formula without a result or a number that lost its digits")
MISSING = mark("is missing")
UNREADABLE = frozenset({"error", "formula", "lost"})
EMPTIED = frozenset({"-", "—", "–"})  # what empties a cell; a blank one says nothing
KEYS: Mapping[str, str] = {"unit": "科室代码", "person": "工号", "name": "姓名", "code": "病种代码"}


@dataclass(slots=True)
class Sheet:
    """One sheet while it is read: its name, its columns, and the problems of the whole workbook."""

    content: bytes
    name: str
    sheet: Both
    columns: Mapping[str, str]
    required: Sequence[str]
    problems: list[Problem] = field(default_factory=list)

    def rows(self, titles: Sequence[str]) -> Iterator[tuple[int, Mapping[str, Cell]]]:
        """The rows of each sheet of this name."""
        for title in titles:
            if title.strip().lower() in (self.sheet.zh, self.sheet.en, sheet_title(self.sheet)):
                whole = f"{self.name} / {title}"
                yield from open_table(
                    self.content, whole, self.columns, required=self.required, sheet=title
                ).cells()  # fmt: skip

    def at(self, row: int, column: str) -> tuple[str, Mapping[str, object]]:
        return PLACE, {"sheet": self.sheet, "row": row, "column": Both(self.columns[column], column)}

    def fault(self, row: int, column: str, text: str, message: str, numbers: Mapping[str, object]) -> None:
        where, at = self.at(row, column)
        self.problems.append(Problem(where, text, message, dict(numbers), dict(at)))

    def text(self, row: int, column: str, cells: Mapping[str, Cell]) -> str:
        """A cell as text: what a spreadsheet shows as 60% is 60, and what holds no value is a problem."""
        cell = cells.get(column, Cell(""))
        if cell.kind in UNREADABLE:
            self.fault(row, column, cell.text, NO_VALUE, {})
            return ""
        return f"{Decimal(cell.text) * 100:f}" if cell.kind == "percent" else cell.text

    def entry(self, row: int, column: str, cells: Mapping[str, Cell], kind: EntryKind) -> Entry | None:
        """The entry of a cell; None where it says nothing or is wrong."""
        text = self.text(row, column, cells)
        if not text:
            return None
        found = BLANK if text in EMPTIED else read_entry(text, kind)
        if isinstance(found, Fault):
            self.fault(row, column, text, found.message, found.numbers)
            return None
        return found


def sheet_title(name: Both) -> str:
    return f"{name.zh} {name.en}"


def read_month(content: bytes, name: str, persons: Mapping[str, EntryKind]) -> GivenMonth:
    """What a month's workbook gives; a sheet that is not there says nothing. Refused with each bad cell: sheet, row,
    column, value and reason."""
    titles, problems = sheet_titles(content, name), list[Problem]()

    def sheet(about: Both, kinds: Mapping[str, EntryKind], *keys: str) -> Sheet:
        columns = {key: KEYS[key] for key in keys} | {code.lower(): kind.zh for code, kind in kinds.items()}
        return Sheet(content, name, about, columns, keys, problems)

    units = sheet(UNITS, UNIT_KINDS, "unit")
    people = sheet(PERSONS, persons, "unit", "person")
    groups = sheet(CASES, CASE_KINDS, "unit", "code")
    given = [one for row, cells in units.rows(titles) for one in _entries(units, row, cells, UNIT_KINDS)]
    given += [one for row, cells in people.rows(titles) for one in _entries(people, row, cells, persons)]
    found = [_case(groups, row, cells) for row, cells in groups.rows(titles)]
    if not given and not any(found) and not problems:
        raise Refused("%(name)s holds no number in the sheets %(sheets)s.", name=name, sheets=(UNITS, PERSONS, CASES))
    refuse_all(problems)
    return GivenMonth(given, [one for one in found if one])


def refuse_all(problems: Sequence[Problem]) -> None:
    """Refused with every bad cell of a workbook."""
    if problems:
        raise Refused("The workbook has %(count)s errors.", count=len(problems), problems=problems)


def _entries(
    sheet: Sheet, row: int, cells: Mapping[str, Cell], kinds: Mapping[str, EntryKind]
) -> Iterator[Given]:  # fmt: skip
    keys = {key: sheet.text(row, key, cells).strip() for key in sheet.required}
    for key, text in keys.items():
        if not text:
            sheet.fault(row, key, "", MISSING, {})
    for code, kind in kinds.items():
        entry = sheet.entry(row, code.lower(), cells, kind)
        if entry is not None:
            yield Given(keys["unit"], code, entry, keys.get("person", ""), at=sheet.at(row, code.lower()))


def _case(sheet: Sheet, row: int, cells: Mapping[str, Cell]) -> GivenCase | None:
    keys = {key: sheet.text(row, key, cells).strip() for key in sheet.required}
    before = len(sheet.problems)
    numbers: dict[str, Decimal | None] = {}
    for code, kind in CASE_KINDS.items():
        entry = sheet.entry(row, code, cells, kind)
        numbers[code] = entry.value if entry else None
        if numbers[code] is None and code != "standard_cost" and len(sheet.problems) == before:
            sheet.fault(row, code, "", MISSING, {})
    for key in (key for key, text in keys.items() if not text):
        sheet.fault(row, key, "", MISSING, {})
    if len(sheet.problems) > before:
        return None
    standard, cases = numbers.pop("standard_cost"), numbers.pop("cases")
    known = {code: value for code, value in numbers.items() if value is not None}
    return GivenCase(
        keys["unit"],
        keys["code"],
        cases=int(cases or Decimal(0)),
        standard_cost=standard,
        at=sheet.at(row, "code"),
        **known,
    )


@dataclass(frozen=True, slots=True)
class MonthSheet:
    """What stands in a month, for its workbook."""

    institution: str
    month: str
    roll: Roll
    kinds: Mapping[str, EntryKind]  # of persons
    units: Mapping[tuple[str, str], EntryInfo]
    persons: Mapping[tuple[str, str, str], EntryInfo]
    cases: Mapping[str, Sequence[CaseInfo]]


def write_month(one: MonthSheet) -> bytes:
    """The workbook of a month with what stands in it: reading it back changes nothing."""

    def row(code: str, name: str) -> list[Written]:
        return [
            Written(code), Written(name), *(_cell(one.units.get((code, key)), kind) for key, kind in UNIT_KINDS.items())
        ]  # fmt: skip

    units = [row(code, label(fact)) for code, (fact, _depth) in one.roll.units.items()]
    people = [
        [Written(unit), Written(person), Written(label(days.fact)),
         *(_cell(one.persons.get((unit, person, code)), kind) for code, kind in one.kinds.items())]
        for (unit, person), days in sorted(one.roll.people.items())
    ]  # fmt: skip
    groups = [
        [Written(unit), Written(case.code), *(_number(getattr(case, code), kind) for code, kind in CASE_KINDS.items())]
        for unit, found in one.cases.items() for case in found
    ]  # fmt: skip
    tables = [
        _table(UNITS, ("unit", "name"), UNIT_KINDS, units),
        _table(PERSONS, ("unit", "person", "name"), one.kinds, people),
        _table(CASES, ("unit", "code"), CASE_KINDS, groups),
    ]
    return workbooks.write(tables, about(one.institution, one.month))


def about(institution: str, month: str) -> workbooks.About:
    """What the first sheet of a month's workbook says."""
    rules = _("A blank cell changes nothing, a dash clears it, n/a says that it does not apply; 0 is a number.")
    facts = [(_("Hospital"), institution), (_("Month"), month), (_("How it is read"), rules)]
    return workbooks.About(_("Numbers of %(period)s", period=month), facts)


def _table(
    name: Both, keys: Iterable[str], kinds: Mapping[str, EntryKind], rows: list[list[Written]]
) -> Table:  # fmt: skip
    heads = [Written(f"{KEYS[key]} {key}") for key in keys]
    heads += [Written(f"{kind.zh} {code}") for code, kind in kinds.items()]
    return Table(sheet_title(name), [heads], rows, [])


def _cell(info: EntryInfo | None, kind: EntryKind) -> Written:
    if info is None or info.state is State.MISSING:
        return Written("")
    if info.state is State.NOT_APPLICABLE:
        return Written("不适用")
    if info.value is not None and info.value in kind.words:
        return Written(kind.words[int(info.value)][1].zh)
    return _number(info.value, kind)


def _number(value: Decimal | int | None, kind: EntryKind) -> Written:
    if value is None:
        return Written("")
    exact = Decimal(value)
    return Written(f"{exact:f}", exact, "0." + "0" * kind.places if kind.places == 2 else "General")


def read_totals(content: bytes, name: str) -> list[Given]:
    """What a workbook of the hospital's own totals gives; 全院 in the place of a unit's code is the whole hospital.
    Refused with each bad cell."""
    problems = list[Problem]()
    columns = {"unit": KEYS["unit"]} | {code: kind.zh for code, kind in MEASURES.items()}
    sheet = Sheet(content, name, TOTALS, columns, ("unit",), problems)
    given = [
        one for row, cells in sheet.rows(sheet_titles(content, name)) for one in _entries(sheet, row, cells, MEASURES)
    ]
    if not given and not problems:
        raise Refused("%(name)s holds no number in the sheets %(sheets)s.", name=name, sheets=(TOTALS,))
    refuse_all(problems)
    return [replace(one, unit=WHOLE) if one.unit in (ALL.zh, ALL.en) else one for one in given]


def write_totals(
    institution: str, month: str, roll: Roll, cells: Mapping[tuple[str, str], EntryInfo]
) -> bytes:  # fmt: skip
    """The workbook of a month's totals with what stands in it: reading it back changes nothing."""
    named = [(WHOLE, _("whole hospital")), *((code, label(fact)) for code, (fact, _depth) in roll.units.items())]
    rows = [
        [Written(code or ALL.zh), Written(name),
         *(_cell(cells.get((code, key)), kind) for key, kind in MEASURES.items())]
        for code, name in named
    ]  # fmt: skip
    return workbooks.write([_table(TOTALS, ("unit", "name"), MEASURES, rows)], about(institution, month))


def read_roster(content: bytes, name: str, month: str) -> list[GivenDay]:
    """What the workbook of a month's rosters gives: a blank cell says nothing, a dash is a day off. Refused with each
    bad cell."""
    days = _days(month)
    columns = {key: KEYS[key] for key in ("unit", "person")} | {str(day.day): f"{day.day}日" for day in days}
    sheet = Sheet(content, name, ROSTER, columns, ("unit", "person"))
    found = []
    for row, cells in sheet.rows(sheet_titles(content, name)):
        unit, person = (sheet.text(row, key, cells).strip() for key in ("unit", "person"))
        for key, text in (("unit", unit), ("person", person)):
            if not text:
                sheet.fault(row, key, "", MISSING, {})
        for day in days:
            text = sheet.text(row, str(day.day), cells).strip().upper()
            if text:
                shift = "" if text in EMPTIED else text
                found.append(GivenDay(unit, person, day, shift, at=sheet.at(row, str(day.day))))
    if not found and not sheet.problems:
        raise Refused("%(name)s holds no shift in the sheet %(sheets)s.", name=name, sheets=(ROSTER,))
    refuse_all(sheet.problems)
    return found


def write_roster(
    institution: str, month: str, roll: Roll, cells: Mapping[tuple[str, date], DayInfo], takes: Callable[[str], bool]
) -> bytes:
    """The workbook of a month's rosters of some units with what stands in them."""
    days = _days(month)
    rows = []
    for (unit, person), one in sorted(roll.people.items()):
        if takes(unit):
            mine = [cells.get((person, day)) for day in days]
            shifts = [Written(info.shift if info and info.unit == unit else "") for info in mine]
            rows.append([Written(unit), Written(person), Written(label(one.fact)), *shifts])
    heads = [Written(f"{KEYS[key]} {key}") for key in ("unit", "person", "name")]
    heads += [Written(f"{day.day}日 {day.day}") for day in days]
    return workbooks.write([Table(sheet_title(ROSTER), [heads], rows, [])], about(institution, month))


def _days(month: str) -> list[date]:
    period = Period.parse(month)
    return [date.fromordinal(number) for number in range(period.first.toordinal(), period.until.toordinal())]
