"""The sheets of the workbook of an institution's inside, and what a row of each says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from alliance.core.refused import Both, Problem, mark
from alliance.members.rules.cells import MISSING, Row
from alliance.members.rules.departments import (
    BAD_CODE,
    CLASSES,
    CODE,
    KINDS,
    CodeFact,
    DepartmentFact,
    ServiceFact,
)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet of the workbook: its name in both languages, its columns with their Chinese titles, those needed."""

    name: Both
    columns: Mapping[str, str]
    required: tuple[str, ...]

    @property
    def title(self) -> str:
        return f"{self.name.zh} {self.name.en}"

    def is_called(self, title: str) -> bool:
        """Whether a sheet of a workbook is this one: by either name or by both."""
        return title.strip().lower() in (self.name.zh, self.name.en, self.title)

    def row(self, cells: Mapping[str, str], number: int, problems: list[Problem]) -> Row:
        return Row(cells, number, problems, self.columns, self.name)


DEPARTMENTS = Sheet(
    Both("科室", "departments"),
    {
        "code": "科室代码",
        "parent": "上级科室代码",
        "name_zh": "中文名称",
        "name_en": "英文名称",
        "kind": "科室类别",
        "accounting": "成本核算类别",
        "beds": "床位数",
        "start": "生效日期",
        "ended": "撤销日期",
    },
    ("code", "name_zh", "kind", "start"),
)
CODES = Sheet(
    Both("科室代码对照", "department_codes"),
    {"system": "业务系统", "outside": "系统内代码", "department": "科室代码", "start": "生效日期"},
    ("system", "outside", "department", "start"),
)
LINKS = Sheet(
    Both("科室服务关系", "department_links"),
    {"department": "服务科室代码", "served": "被服务科室代码", "share": "比例(%)", "start": "生效日期"},
    ("department", "served", "share", "start"),
)
KIND_WORDS = {
    "临床科室": "clinical_department",
    "住院医疗组": "inpatient_group",
    "住院护理单元": "inpatient_nursing",
    "门诊医疗": "outpatient_medical",
    "门诊护理": "outpatient_nursing",
    "医技": "medical_technology",
    "医疗辅助": "medical_support",
    "后勤": "logistics",
    "行政": "administration",
}
CLASS_WORDS = {
    "临床服务类": "clinical",
    "医疗技术类": "medical_technology",
    "医疗辅助类": "medical_support",
    "行政后勤类": "administrative",
}


def read_department(cells: Mapping[str, str], number: int, problems: list[Problem]) -> DepartmentFact | None:
    """A department from the cells of a row; None with every problem added."""
    row, before = DEPARTMENTS.row(cells, number, problems), len(problems)
    code, parent, name = row.matching("code", CODE, BAD_CODE), row.text("parent").upper(), row.needed("name_zh")
    kind = row.word("kind", KIND_WORDS, tuple(KINDS), "")
    accounting = row.word("accounting", CLASS_WORDS, CLASSES, KINDS.get(kind, CLASSES[0]))
    beds, start, ended = row.whole("beds"), row.needed_day("start"), row.day("ended")
    if start and ended and ended < start:
        row.fault("ended", mark("is before the day on which it begins"))
    if len(problems) > before or start is None:
        return None
    english = row.text("name_en") or name
    return DepartmentFact(code, parent, name, english, kind, accounting, beds, start, ended)


def read_code(cells: Mapping[str, str], number: int, problems: list[Problem]) -> CodeFact | None:
    """A code of a hospital system from the cells of a row; a dash for the department leads nowhere."""
    row, before = CODES.row(cells, number, problems), len(problems)
    system, outside, department = row.needed("system"), row.needed("outside"), row.needed("department").upper()
    start = row.needed_day("start")
    if len(problems) > before or start is None:
        return None
    return CodeFact(system, outside, "" if department in NOTHING else department, start)


NOTHING = ("-", "—")


@dataclass(frozen=True, slots=True)
class ShareRow:
    """One line of a unit's shares; `served` is "" where it serves nobody any more."""

    department: str
    served: str
    share: Decimal
    start: date


def read_share(cells: Mapping[str, str], number: int, problems: list[Problem]) -> ShareRow | None:
    """One share of a unit from the cells of a row; a dash for the unit served says that it serves nobody."""
    row, before = LINKS.row(cells, number, problems), len(problems)
    department, served, start = row.needed("department").upper(), row.needed("served").upper(), row.needed_day("start")
    share = row.hundredths("share")
    nobody = served in NOTHING
    if share is None and row.text("share") == "" and not nobody:
        row.fault("share", MISSING)
    if len(problems) > before or start is None:
        return None
    return ShareRow(department, "" if nobody else served, share or Decimal(0), start)


def services_of(rows: list[ShareRow]) -> list[ServiceFact]:
    """The lines of one unit and one day together."""
    found: dict[tuple[str, date], list[tuple[str, Decimal]]] = {}
    for row in rows:
        shares = found.setdefault((row.department, row.start), [])
        if row.served:
            shares.append((row.served, row.share))
    return [ServiceFact(department, tuple(sorted(shares)), start) for (department, start), shares in found.items()]
