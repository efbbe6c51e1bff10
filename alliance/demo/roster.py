"""The posts and the staff of the demo's lead hospital: nine hundred made-up people, the same in every demo."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from importlib import resources

from alliance.demo.people import SURNAMES
from alliance.members.rules.posts import USUAL_SCALE, EstablishmentFact, PostFact, PostSheet
from alliance.members.rules.staff import EmployeeFact, SeniorityFact
from alliance.members.rules.staffing import Staffing

FIRST = (
    ("志", "Zhi"), ("秀", "Xiu"), ("建", "Jian"), ("雅", "Ya"), ("文", "Wen"), ("晓", "Xiao"), ("海", "Hai"),
    ("丽", "Li"),
    ("明", "Ming"), ("思", "Si"), ("国", "Guo"), ("慧", "Hui"), ("立", "Li"), ("嘉", "Jia"), ("永", "Yong"),
    ("雨", "Yu"),
    ("俊", "Jun"), ("素", "Su"), ("宏", "Hong"), ("佳", "Jia"), ("泽", "Ze"), ("静", "Jing"), ("学", "Xue"),
    ("春", "Chun"),
    ("世", "Shi"),
)  # fmt: skip
SECOND = (
    ("远", "yuan"), ("芬", "fen"), ("民", "min"), ("宁", "ning"), ("峰", "feng"), ("琳", "lin"), ("平", "ping"),
    ("娟", "juan"), ("涛", "tao"), ("萍", "ping"), ("军", "jun"), ("婷", "ting"), ("林", "lin"), ("燕", "yan"),
    ("波", "bo"), ("洁", "jie"), ("辉", "hui"), ("颖", "ying"), ("斌", "bin"), ("莹", "ying"), ("成", "cheng"),
    ("蕾", "lei"), ("康", "kang"),
)  # fmt: skip
TITLES = {
    "DR1": "主任医师", "DR2": "主任医师", "DR3": "副主任医师", "DR4": "主治医师", "DR5": "住院医师",
    "NU1": "主管护师", "NU2": "主管护师", "NU3": "护师", "TE1": "主管技师", "TE2": "技师", "TE3": "消毒员",
    "PH1": "主管药师", "PH2": "药师",
    "AD1": "高级经济师", "AD2": "经济师", "AD3": "工人",
}  # fmt: skip
STEPS = ((0, "0"), (3, "0.03"), (5, "0.05"), (10, "0.10"), (15, "0.15"), (20, "0.20"), (30, "0.25"))
RATERS = ("于怀瑾", "邹静书", "苗兴业")
# Which levels the three raters give, by the least coefficient.
LEVELS = (("2", (5, 5, 4)), ("1.6", (4, 4, 4)), ("1.1", (3, 4, 3)), ("0", (2, 3, 2)))
Named = Mapping[tuple[str, str], tuple[str, str]]  # the first in a post of a unit: name in Chinese, in Latin letters
VACANT, AWAY = 9, 41  # every so many lines a post is vacant, every so many people somebody is on leave


def staffing(units: list[dict[str, str]], named: Named, start: date) -> Staffing:
    """Posts, establishment and staff from a day on, for the departments of a table; `named` are those who sign in."""
    posts = _posts(start)
    places = list(_places(units))
    return Staffing(
        posts=posts,
        sheets=tuple(_sheets(posts, start)),
        establishment=tuple(
            EstablishmentFact(unit, post, number + (place % VACANT == 0), start)
            for place, (unit, post, number) in enumerate(places)
        ),
        seniority=(SeniorityFact(tuple((years, Decimal(value)) for years, value in STEPS), start),),
        employees=tuple(_employees(places, named, start)),
    )


def _rows() -> list[dict[str, str]]:
    text = resources.files("alliance.demo").joinpath("posts.csv").read_text("utf-8")
    return list(csv.DictReader(text.splitlines()))


def _posts(start: date) -> tuple[PostFact, ...]:
    return tuple(
        PostFact(
            row["code"],
            row["name_zh"],
            row["name_en"],
            row["family"],
            Decimal(row["skill"]),
            Decimal(row["management"]),
            Decimal(row["risk"]),
            start,
        )
        for row in _rows()
    )


def _places(units: list[dict[str, str]]) -> Iterator[tuple[str, str, int]]:
    """Unit, post and how many work there, as the table of posts says by kind or code of the unit."""
    known = [(row["code"], dict(part.split(":") for part in row["kinds"].split())) for row in _rows()]
    for unit in units:
        for post, kinds in known:
            number = int(kinds.get(unit["code"], kinds.get(unit["kind"], "0")))
            if number:
                yield unit["code"], post, number


def _sheets(posts: tuple[PostFact, ...], start: date) -> Iterator[PostSheet]:
    """Three sheets for each post; posts with more in their coefficient get higher levels."""
    for fact in posts:
        for place, rater in enumerate(RATERS):
            level = next(found for least, found in LEVELS if fact.coefficient >= Decimal(least))[place]
            yield PostSheet(fact.code, rater, tuple(sorted((one.code, level) for one in USUAL_SCALE.factors)), start)


def _employees(places: list[tuple[str, str, int]], named: Named, start: date) -> Iterator[EmployeeFact]:
    number = 0
    for unit, post, count in places:
        for place in range(count):
            number += 1
            zh, en = name(number) if place else named.get((unit, post)) or name(number)
            hired = min(date(1992 + number * 7 % 34, 1 + number * 5 % 12, 1 + number * 11 % 28), start)
            status = "leave" if number % AWAY == 0 and place else "active"
            yield EmployeeFact(f"{number:04}", zh, en, unit, post, TITLES[post], hired, status, start)


def name(number: int) -> tuple[str, str]:
    """The made-up name of a number, in Chinese and in Latin letters."""
    surname, first, second = SURNAMES[number % len(SURNAMES)], FIRST[number % len(FIRST)], SECOND[number % len(SECOND)]
    return surname[0] + first[0] + second[0], f"{surname[1]} {first[1]}{second[1]}"


def moved(units: list[dict[str, str]], named: Named, start: date, day: date) -> EmployeeFact:
    """An attending physician of the first group of cardiology, who goes to the second one on a day."""
    found = staffing(units, named, start).employees
    one = next(one for one in found if (one.department, one.post, one.status) == ("D01-1", "DR4", "active"))
    return replace(one, department="D01-2", start=day)
