"""The workbook of an institution's inside: read into facts, and written from everything that is recorded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict

from alliance.core.refused import Problem, Refused
from alliance.files import sheet_titles
from alliance.members.rules.departments import Inside
from alliance.members.rules.rosters import (
    CUTS,
    ESTABLISHMENT,
    FACTORS,
    FAMILY_WORDS,
    POSTS,
    RATINGS,
    SENIORITY,
    STAFF,
    STATUS_WORDS,
    read_cut,
    read_employee,
    read_establishment,
    read_factor,
    read_level,
    read_post,
    read_step,
    scales_of,
    sheets_of,
    tables_of,
)
from alliance.members.rules.staffing import Staffing
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
from alliance.members.sheets.cells import Given, Reader, rows_of, write_sheets

SHEETS = (DEPARTMENTS, CODES, LINKS, POSTS, FACTORS, CUTS, RATINGS, ESTABLISHMENT, SENIORITY, STAFF)


def read_structure(content: bytes, name: str) -> tuple[Inside, Staffing]:
    """The facts of a workbook (sheet, row, column, value and reason of each bad cell in Refused.problems)."""
    titles = {title: sheet for title in sheet_titles(content, name) for sheet in SHEETS if sheet.is_called(title)}
    if not titles:
        wanted = tuple(sheet.name for sheet in SHEETS)
        raise Refused("%(name)s has none of the sheets %(sheets)s.", name=name, sheets=wanted)
    problems: list[Problem] = []

    def rows(sheet: Sheet, read: Reader[Given]) -> list[Given]:
        return rows_of(content, name, titles, sheet, read, problems)

    inside = Inside(
        tuple(rows(DEPARTMENTS, read_department)),
        tuple(rows(CODES, read_code)),
        tuple(services_of(rows(LINKS, read_share))),
    )
    scales = scales_of(rows(FACTORS, read_factor), rows(CUTS, read_cut), problems)
    staffing = Staffing(
        tuple(rows(POSTS, read_post)),
        tuple(scales),
        tuple(sheets_of(rows(RATINGS, read_level))),
        tuple(rows(ESTABLISHMENT, read_establishment)),
        tuple(tables_of(rows(SENIORITY, read_step))),
        tuple(rows(STAFF, read_employee)),
    )
    if problems:
        raise Refused("The workbook has %(count)s errors.", count=len(problems), problems=problems)
    return inside, staffing


def write_structure(inside: Inside, staffing: Staffing | None, language: str) -> bytes:
    """The same workbook filled with everything recorded; without `staffing` it has the sheets of departments only.
    Reading it back changes nothing."""
    people = [] if staffing is None else _staffing_sheets(staffing, language)
    return write_sheets([*_inside_sheets(inside, language), *people])


Written = tuple[str, Mapping[str, str], Iterable[Mapping[str, object]]]


def _inside_sheets(inside: Inside, language: str) -> list[Written]:
    kinds = {code: word for word, code in KIND_WORDS.items()} if language == "zh" else {}
    classes = {code: word for word, code in CLASS_WORDS.items()} if language == "zh" else {}
    departments = [
        asdict(fact)
        | {"kind": kinds.get(fact.kind, fact.kind), "accounting": classes.get(fact.accounting, fact.accounting)}
        for fact in inside.departments
    ]
    codes = [asdict(fact) | {"department": fact.department or "-"} for fact in inside.codes]
    return [
        (DEPARTMENTS.title, DEPARTMENTS.columns, departments),
        (CODES.title, CODES.columns, codes),
        (LINKS.title, LINKS.columns, _share_rows(inside)),
    ]


def _staffing_sheets(staffing: Staffing, language: str) -> list[Written]:
    families = {code: word for word, code in FAMILY_WORDS.items()} if language == "zh" else {}
    statuses = {code: word for word, code in STATUS_WORDS.items()} if language == "zh" else {}
    ratings = [
        {"post": one.post, "rater": one.rater, "factor": factor, "level": level, "start": one.start}
        for one in staffing.sheets
        for factor, level in one.levels
    ]
    steps = [
        {"years": years, "coefficient": value, "start": one.start}
        for one in staffing.seniority
        for years, value in one.steps
    ]
    posts = [asdict(one) | {"family": families.get(one.family, one.family)} for one in staffing.posts]
    people = [asdict(one) | {"status": statuses.get(one.status, one.status)} for one in staffing.employees]
    return [
        (POSTS.title, POSTS.columns, posts),
        (FACTORS.title, FACTORS.columns, _factor_rows(staffing)),
        (
            CUTS.title,
            CUTS.columns,
            [dict(zip("abc", one.cuts, strict=True)) | {"start": one.start} for one in staffing.scales],
        ),
        (RATINGS.title, RATINGS.columns, ratings),
        (ESTABLISHMENT.title, ESTABLISHMENT.columns, [asdict(one) for one in staffing.establishment]),
        (SENIORITY.title, SENIORITY.columns, steps),
        (STAFF.title, STAFF.columns, people),
    ]


def _factor_rows(staffing: Staffing) -> Iterable[dict[str, object]]:
    for scale in staffing.scales:
        for one in scale.factors:
            levels = " ".join(f"{points:f}" for points in one.levels)
            yield {
                "factor": one.code,
                "name_zh": one.name_zh,
                "name_en": one.name_en,
                "weight": one.weight,
                "levels": levels,
                "start": scale.start,
            }


def _share_rows(inside: Inside) -> Iterable[dict[str, object]]:
    for fact in inside.services:
        for served, share in fact.shares or (("-", None),):
            yield {"department": fact.department, "served": served, "share": share, "start": fact.start}
