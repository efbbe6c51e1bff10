"""Payslips on paper: 5,000 slips of a hospital as a tagged PDF for each of its 120 departments.

    python -m benchmarks.payslips [slips] [departments]

Timed is what the job does: the HTML of each department, and the PDFs, set side by side in as many processes as there
are processors, their start counted in. Each net amount must stand in the text of its department's PDF, each PDF must be
tagged, and each letter must have its glyph, before a time counts. The target is for two processors: it is held against
processor time, so that a busy machine does not spoil it; the time on the clock is printed beside it. Exit 1 when
something is wrong or less than 40 slips a second come out.
"""

from __future__ import annotations

import os
import resource
import sys
import tempfile
from datetime import UTC, date, datetime
from pathlib import Path
from time import perf_counter, process_time

import pypdfium2
from flask import Flask
from flask_migrate import upgrade

from alliance.config import Config
from alliance.members.queries import DepartmentFact, EmployeeFact
from alliance.pdf import SLIPS_STYLE, render_each
from alliance.workpoints.queries import BonusRunInfo, Names, OwnShare, SlipInfo, SlipLineInfo, SlipSheet
from alliance.workpoints.sheets import slips_paper
from app import create_app
from tests.glyphs import missing_glyphs

SLIPS, DEPARTMENTS = 5_000, 120
TARGET = 40  # slips a second
PROCESSORS = 2
MONTH, DAY = "2026-09", date(2026, 1, 1)
NAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰建国文辉"
LINES = (("bonus", "bonus"), ("file_wage", "file_wage"), ("night", "night"), ("task", "task"), ("correction", ""))
RUN = BonusRunInfo(1, "H01", MONTH, 1, "H01/BONUS/1", "approved", 1, 1, 1, 0, (), (), ())


def sheet(place: int, unit: str) -> SlipSheet:
    """A slip of two to six lines with amounts of its own."""
    person = f"{place:05}"
    amounts = [612_345 + 7 * place, 28_512, 28_000 * (place % 11), 30_000, 1_234]
    count = 2 + place % 4
    lines = [
        SlipLineInfo(sort, subject, "2026-08" if sort == "correction" else "", cents, f"person/{person}/{sort}")
        for (sort, subject), cents in zip(LINES[:count], amounts, strict=False)
    ]
    net = sum(amounts[:count])
    if place % 20 == 0:
        lines.append(SlipLineInfo("withheld", "", "", net // 10, f"person/{person}/withheld"))
        net -= net // 10
    info = SlipInfo(
        1, "H01", MONTH, 1, "approved", person, 0, unit, "nurse", net, 1, "", "h01.bonus",
        datetime(2026, 10, 9, tzinfo=UTC), tuple(lines),
    )  # fmt: skip
    return SlipSheet(info, (OwnShare(unit, 25_000_000, amounts[0], 1, "x"),), 9 * net, 0)


def hospital(slips: int, departments: int) -> tuple[dict[str, list[SlipSheet]], Names]:
    """So many slips over so many departments, and everybody's names."""
    units: dict[str, list[SlipSheet]] = {}
    people: dict[str, EmployeeFact] = {}
    for place in range(slips):
        unit = f"D{place % departments:03}"
        units.setdefault(unit, []).append(sheet(place, unit))
        name = NAMES[place % len(NAMES)] + GIVEN[place % len(GIVEN)] + GIVEN[place // 7 % len(GIVEN)]
        number = f"{place:05}"
        people[number] = EmployeeFact(number, name, number, unit, "P1", "护师", DAY, "active", DAY)
    known = {
        code: DepartmentFact(code, "", f"第{place}临床科室", code, "clinical_department", "clinical", None, DAY)
        for place, code in enumerate(units)
    }
    return units, Names(people, known)


def faults(content: bytes, mine: list[SlipSheet]) -> list[str]:
    """What is wrong with a department's PDF."""
    document = pypdfium2.PdfDocument(content)
    text = "".join(page.get_textpage().get_text_range() for page in document)
    found = [one.slip.person for one in mine if f"{one.slip.net / 100:,.2f}" not in text or one.slip.person not in text]
    return found + ([] if b"/StructTreeRoot" in content or document.is_tagged() else ["not tagged"])


def used() -> float:
    """Seconds of processors so far, of the processes that are over too."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return process_time() + children.ru_utime + children.ru_stime


def measure(app: Flask, slips: int, departments: int) -> int:
    units, names = hospital(slips, departments)
    with app.app_context():
        start, clock = used(), perf_counter()
        papers = (slips_paper(1, RUN, mine, names, "zh", code) for code, mine in units.items())
        made = list(render_each(papers, SLIPS_STYLE, PROCESSORS))
        clock, spent = perf_counter() - clock, used() - start
    wrong = [
        fault for content, mine in zip(made, units.values(), strict=True) for fault in faults(content, mine)
    ] + [fault for content in made[:3] for fault in missing_glyphs(content)]  # fmt: skip
    rate = slips / (spent / PROCESSORS)
    pages, size = sum(len(pypdfium2.PdfDocument(content)) for content in made), sum(map(len, made)) / 1e6
    print(f"{slips} slips, {len(made)} PDFs, {pages} pages, {size:.1f} MB; {os.cpu_count()} processors")
    print(f"  on the clock   {clock:7.1f} s   {slips / clock:6.1f} slips/s")
    print(f"  of processors  {spent:7.1f} s   {rate:6.1f} slips/s on {PROCESSORS}")
    if wrong:
        print("wrong:", *wrong[:10])
    return 1 if wrong or rate < TARGET else 0


def main() -> int:
    slips, departments = [int(text) for text in sys.argv[1:]] + [SLIPS, DEPARTMENTS][len(sys.argv) - 1 :]
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/payslips.sqlite3"
        app = create_app(Config("b" * 40, Path(folder), url, demo=False, secure_cookies=False, testing=True))
        with app.app_context():
            upgrade()
        return measure(app, slips, departments)


if __name__ == "__main__":
    sys.exit(main())
