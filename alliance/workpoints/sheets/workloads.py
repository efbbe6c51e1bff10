"""The workbook of a month's workload ledger: what is entered, and the codes that an entry may name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal

from flask_babel import gettext as _

from alliance import workbooks
from alliance.core.refused import Both, Refused, mark
from alliance.core.written import number_of, read_day
from alliance.files import Cell, sheet_titles
from alliance.i18n import label, words
from alliance.i18n import period as period_name
from alliance.tables import Cell as Written
from alliance.tables import Table
from alliance.workpoints.queries import GivenWork, Roll, WorkloadInfo
from alliance.workpoints.rules.activity import INPATIENT, OUTPATIENT
from alliance.workpoints.rules.workloads import ORDERING, PERFORMING, Workload
from alliance.workpoints.sheets.months import MISSING, Sheet, refuse_all, sheet_title

WORK, UNITS, PERSONS = Both("工作量", "workload"), Both("科室", "units"), Both("人员", "persons")
COLUMNS: Mapping[str, str] = {
    "day": "日期", "item": "项目编码", "quantity": "数量", "role": "角色", "setting": "门诊住院", "unit": "科室代码",
    "person": "工号", "text": "工作内容", "document": "佐证材料",
}  # fmt: skip
REQUIRED = tuple(column for column in COLUMNS if column != "person")
ROLE_WORDS = {PERFORMING: Both("执行", PERFORMING), ORDERING: Both("开单", ORDERING)}
SETTING_WORDS = {OUTPATIENT: Both("门诊", OUTPATIENT), INPATIENT: Both("住院", INPATIENT)}
NO_DAY = mark("is no day; write it as 2026-04-08")
NO_NUMBER = mark("is no number")
NO_WORD = mark("is neither %(first)s nor %(second)s")


def read_workloads(content: bytes, name: str) -> list[GivenWork]:
    """What the workbook of a month's workload ledger gives, a row an entry. Refused with each bad cell."""
    sheet = Sheet(content, name, WORK, COLUMNS, REQUIRED)
    found = [_work(sheet, row, cells) for row, cells in sheet.rows(sheet_titles(content, name))]
    if not found and not sheet.problems:
        raise Refused("%(name)s holds no entry in the sheet %(sheets)s.", name=name, sheets=(WORK,))
    refuse_all(sheet.problems)
    return [one for one in found if one]


def _work(sheet: Sheet, row: int, cells: Mapping[str, Cell]) -> GivenWork | None:
    before = len(sheet.problems)
    texts = {column: sheet.text(row, column, cells).strip() for column in COLUMNS}
    if len(sheet.problems) == before:
        for column in REQUIRED:
            if not texts[column]:
                sheet.fault(row, column, "", MISSING, {})
    day, quantity = _day(sheet, row, texts["day"]), _quantity(sheet, row, texts["quantity"])
    role = _word(sheet, row, "role", texts["role"], ROLE_WORDS)
    setting = _word(sheet, row, "setting", texts["setting"], SETTING_WORDS)
    if len(sheet.problems) > before or day is None or quantity is None:
        return None
    work = Workload(
        day, texts["item"], quantity, role, setting, texts["unit"], texts["person"].upper(), texts["text"],
        texts["document"],
    )  # fmt: skip
    return GivenWork(work, {column: sheet.at(row, column) for column in COLUMNS})


def _day(sheet: Sheet, row: int, text: str) -> date | None:
    found = read_day(text)
    if text and found is None:
        sheet.fault(row, "day", text, NO_DAY, {})
    return found


def _quantity(sheet: Sheet, row: int, text: str) -> Decimal | None:
    found = number_of(text)
    if text and found is None:
        sheet.fault(row, "quantity", text, NO_NUMBER, {})
    return found


def _word(sheet: Sheet, row: int, column: str, text: str, words: Mapping[str, Both]) -> str:
    for code, one in words.items():
        if text.lower() in (one.zh, one.en):
            return code
    if text:
        first, second = words.values()
        sheet.fault(row, column, text, NO_WORD, {"first": first, "second": second})
    return ""


def write_workloads(
    institution: str, month: str, roll: Roll, units: Sequence[str], entries: Sequence[WorkloadInfo]
) -> bytes:
    """The workbook of a month's ledger with the entries that stand in it, and the units and persons that an entry may
    name: reading it back changes nothing."""
    rows = [_row(one.work) for one in sorted(entries, key=lambda one: (one.work.day, one.number))]
    places = [[Written(code), Written(label(roll.units[code][0]))] for code in units]
    people = [
        [Written(unit), Written(person), Written(label(days.fact))]
        for (unit, person), days in sorted(roll.people.items()) if unit in units
    ]  # fmt: skip
    tables = [
        _table(WORK, COLUMNS.items(), rows),
        _table(UNITS, [("unit", COLUMNS["unit"]), ("name", "名称")], places),
        _table(PERSONS, [("unit", COLUMNS["unit"]), ("person", COLUMNS["person"]), ("name", "姓名")], people),
    ]
    rules = _(
        "One row is one entry. Rows that are in the ledger already change nothing, also those that were returned; the "
        "role is %(performing)s or %(ordering)s, the setting %(outpatient)s or %(inpatient)s.",
        **{code: words(one) for code, one in (ROLE_WORDS | SETTING_WORDS).items()},
    )
    facts = [(_("Hospital"), institution), (_("Month"), period_name(month)), (_("How it is read"), rules)]
    return workbooks.write(tables, workbooks.About(_("Workload ledger"), facts))


def _table(name: Both, heads: Iterable[tuple[str, str]], rows: list[list[Written]]) -> Table:
    return Table(sheet_title(name), [[Written(f"{zh} {code}") for code, zh in heads]], rows, [])


def _row(work: Workload) -> list[Written]:
    texts = [
        work.day.isoformat(), work.item, f"{work.quantity.normalize():f}", ROLE_WORDS[work.role].zh,
        SETTING_WORDS[work.setting].zh, work.unit, work.person, work.text, work.document,
    ]  # fmt: skip
    cells = [Written(text) for text in texts]
    cells[2] = Written(texts[2], work.quantity, "General")
    return cells
