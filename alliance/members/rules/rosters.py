"""The sheets of the workbook about posts, establishment and staff, and what a row of each says."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from alliance.core.refused import Both, Problem, mark
from alliance.members.rules.cells import MISSING, Row
from alliance.members.rules.departments import CODE
from alliance.members.rules.posts import FAMILIES, EstablishmentFact, Factor, PostFact, PostSheet, ScaleFact
from alliance.members.rules.staff import ACTIVE, STATUSES, EmployeeFact, SeniorityFact
from alliance.members.rules.structure import Sheet

POSTS = Sheet(
    Both("岗位", "posts"),
    {
        "code": "岗位代码",
        "name_zh": "中文名称",
        "name_en": "英文名称",
        "family": "岗位类别",
        "skill": "技能系数",
        "management": "管理系数",
        "risk": "风险系数",
        "start": "生效日期",
        "ended": "撤销日期",
    },
    ("code", "name_zh", "family", "skill", "management", "risk", "start"),
)
FACTORS = Sheet(
    Both("岗位评价要素", "post_factors"),
    {
        "factor": "要素代码",
        "name_zh": "中文名称",
        "name_en": "英文名称",
        "weight": "权重(%)",
        "levels": "各等级分值",
        "start": "生效日期",
    },
    ("factor", "name_zh", "weight", "levels", "start"),
)
CUTS = Sheet(
    Both("岗位等级分界", "post_grades"),
    {"a": "A级起点分", "b": "B级起点分", "c": "C级起点分", "start": "生效日期"},
    ("a", "b", "c", "start"),
)
RATINGS = Sheet(
    Both("岗位评价表", "post_ratings"),
    {"post": "岗位代码", "rater": "评价人", "factor": "要素代码", "level": "等级", "start": "评价日期"},
    ("post", "rater", "factor", "level", "start"),
)
ESTABLISHMENT = Sheet(
    Both("编制", "establishment"),
    {"department": "科室代码", "post": "岗位代码", "number": "编制数", "start": "生效日期"},
    ("department", "post", "number", "start"),
)
SENIORITY = Sheet(
    Both("年资系数", "seniority"),
    {"years": "满年数", "coefficient": "年资系数", "start": "生效日期"},
    ("years", "coefficient", "start"),
)
STAFF = Sheet(
    Both("员工", "staff"),
    {
        "number": "工号",
        "name_zh": "姓名",
        "name_en": "英文姓名",
        "department": "科室代码",
        "post": "岗位代码",
        "title": "职称",
        "hired": "入职日期",
        "status": "状态",
        "start": "生效日期",
    },
    ("number", "name_zh", "department", "post", "hired", "start"),
)
FAMILY_WORDS = {
    "医师": "doctor",
    "护理": "nurse",
    "医技": "technician",
    "药学": "pharmacist",
    "行政后勤": "administration",
}
STATUS_WORDS = {"在岗": "active", "离岗": "leave", "离职": "left"}
NUMBER = re.compile(r"[A-Z0-9][A-Z0-9-]{0,15}")
BAD_NUMBER = mark("a staff number has 1 to 16 capital letters, digits and hyphens")
BAD_POST = mark("a post's code has 1 to 16 capital letters, digits and hyphens")


def read_post(cells: Mapping[str, str], number: int, problems: list[Problem]) -> PostFact | None:
    """A post from the cells of a row; None with every problem added."""
    row, before = POSTS.row(cells, number, problems), len(problems)
    code, name = row.matching("code", CODE, BAD_POST), row.needed("name_zh")
    family = row.word("family", FAMILY_WORDS, FAMILIES, "")
    skill, management, risk = (_number(row, part) for part in ("skill", "management", "risk"))
    start, ended = row.needed_day("start"), row.day("ended")
    if len(problems) > before or start is None:
        return None
    return PostFact(code, name, row.text("name_en") or name, family, skill, management, risk, start, ended)


def _number(row: Row, column: str) -> Decimal:
    row.needed(column)
    return row.hundredths(column) or Decimal(0)


def read_establishment(cells: Mapping[str, str], number: int, problems: list[Problem]) -> EstablishmentFact | None:
    """The number of one post in one department; 0 ends it."""
    row, before = ESTABLISHMENT.row(cells, number, problems), len(problems)
    department, post, start = row.needed("department").upper(), row.needed("post").upper(), row.needed_day("start")
    row.needed("number")
    posts = row.whole("number")
    if len(problems) > before or start is None or posts is None:
        return None
    return EstablishmentFact(department, post, posts, start)


def read_employee(cells: Mapping[str, str], number: int, problems: list[Problem]) -> EmployeeFact | None:
    """An employee from the cells of a row."""
    row, before = STAFF.row(cells, number, problems), len(problems)
    code, name = row.matching("number", NUMBER, BAD_NUMBER), row.needed("name_zh")
    department, post = row.needed("department").upper(), row.needed("post").upper()
    hired, start = row.needed_day("hired"), row.needed_day("start")
    status = row.word("status", STATUS_WORDS, STATUSES, ACTIVE)
    if hired and start and start < hired:
        row.fault("start", mark("is before the day of hiring"))
    if len(problems) > before or start is None or hired is None:
        return None
    english = row.text("name_en") or name
    return EmployeeFact(code, name, english, department, post, row.text("title"), hired, status, start)


@dataclass(frozen=True, slots=True)
class StepRow:
    """One step of the table of seniority."""

    years: int
    coefficient: Decimal
    start: date


def read_step(cells: Mapping[str, str], number: int, problems: list[Problem]) -> StepRow | None:
    """One step of the table of seniority from the cells of a row."""
    row, before = SENIORITY.row(cells, number, problems), len(problems)
    row.needed("years")
    years, coefficient, start = row.whole("years"), _number(row, "coefficient"), row.needed_day("start")
    if len(problems) > before or start is None or years is None:
        return None
    return StepRow(years, coefficient, start)


def tables_of(rows: Sequence[StepRow]) -> list[SeniorityFact]:
    """The steps of one day together."""
    found: dict[date, list[tuple[int, Decimal]]] = {}
    for row in rows:
        found.setdefault(row.start, []).append((row.years, row.coefficient))
    return [SeniorityFact(tuple(sorted(steps)), start) for start, steps in found.items()]


@dataclass(frozen=True, slots=True)
class LevelRow:
    """The level that one rater gave to one factor of a post."""

    post: str
    rater: str
    factor: str
    level: int
    start: date


def read_level(cells: Mapping[str, str], number: int, problems: list[Problem]) -> LevelRow | None:
    """One line of a rater's sheet."""
    row, before = RATINGS.row(cells, number, problems), len(problems)
    post, rater, factor = row.needed("post").upper(), row.needed("rater"), row.needed("factor")
    row.needed("level")
    level, start = row.whole("level"), row.needed_day("start")
    if len(problems) > before or start is None or level is None:
        return None
    return LevelRow(post, rater, factor, level, start)


def sheets_of(rows: Sequence[LevelRow]) -> list[PostSheet]:
    """The lines of one rater, post and day together."""
    found: dict[tuple[str, str, date], list[tuple[str, int]]] = {}
    for row in rows:
        found.setdefault((row.post, row.rater, row.start), []).append((row.factor, row.level))
    return [PostSheet(post, rater, tuple(sorted(levels)), start) for (post, rater, start), levels in found.items()]


@dataclass(frozen=True, slots=True)
class FactorRow:
    """A factor of post evaluation with the day of its scale."""

    factor: Factor
    start: date


def read_factor(cells: Mapping[str, str], number: int, problems: list[Problem]) -> FactorRow | None:
    """A factor; the points of its levels are separated by spaces, the lowest first."""
    row, before = FACTORS.row(cells, number, problems), len(problems)
    code, name, weight, start = (
        row.needed("factor"),
        row.needed("name_zh"),
        _number(row, "weight"),
        row.needed_day("start"),
    )
    parts = row.needed("levels").replace("/", " ").replace("、", " ").split()
    if not all(re.fullmatch(r"\d{1,3}(\.\d{1,2})?", part, re.ASCII) for part in parts):
        row.fault("levels", mark("is not a row of points such as 20 40 60 80 100"))
    if len(problems) > before or start is None:
        return None
    return FactorRow(Factor(code, name, row.text("name_en") or name, weight, tuple(map(Decimal, parts))), start)


@dataclass(frozen=True, slots=True)
class CutRow:
    """The points from which the grades begin, with the day of their scale."""

    cuts: tuple[Decimal, Decimal, Decimal]
    start: date


def read_cut(cells: Mapping[str, str], number: int, problems: list[Problem]) -> CutRow | None:
    """The points from which the grades A, B and C begin."""
    row, before = CUTS.row(cells, number, problems), len(problems)
    first, second, third = (_number(row, grade) for grade in ("a", "b", "c"))
    start = row.needed_day("start")
    return CutRow((first, second, third), start) if len(problems) == before and start else None


def scales_of(factors: Sequence[FactorRow], cuts: Sequence[CutRow], problems: list[Problem]) -> list[ScaleFact]:
    """Factors and cut points of one day together; a day that has only one of the two is a problem."""
    known = {cut.start: cut.cuts for cut in cuts}
    parts: dict[date, list[Factor]] = {}
    for row in factors:
        parts.setdefault(row.start, []).append(row.factor)
    for day in sorted(known.keys() ^ parts.keys()):
        sheet = CUTS.name if day in parts else FACTORS.name
        problems.append(Problem(mark("sheet %(sheet)s"), day.isoformat(), MISSING, at={"sheet": sheet}))
    return [ScaleFact(tuple(found), known[day], day) for day, found in parts.items() if day in known]
