"""What may be told of a member's surveys, as CSV."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from io import StringIO

from alliance.core.figure import canonical
from alliance.ratings.queries.satisfaction import Found
from alliance.ratings.rules.release import Line, Release
from alliance.ratings.rules.satisfaction import Mean

COLUMNS = ("survey", "version", "period", "institution", "of", "department", "person", "code", "people", "answers",
           "score")  # fmt: skip


def satisfaction_csv(institution: str, found: Iterable[Found], *, doctors: bool) -> str:
    """A row for each number that may be told: of the whole, a dimension, a question, a department or, for the member's
    own people, a doctor.

    `code` of "*" stands for several that are only told together. Begins with a byte order mark, so that a spreadsheet
    reads Chinese.
    """
    out = StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for one in found:
        if one.told:
            head = (one.wave.survey, one.wave.version, one.wave.period, institution)
            writer.writerows((*head, *row) for row in _rows(one.told, doctors))
    return "\ufeff" + out.getvalue()


def _rows(told: Release, doctors: bool) -> Iterator[tuple[object, ...]]:
    yield "all", "", "", "", told.people, *_numbers(told.mean)
    for part in told.parts:
        yield "dimension", "", "", part.dimension or "*", "", *_numbers(part.mean)
        for code, mean in part.singly:
            yield "question", "", "", code, "", *_numbers(mean)
        if part.others and part.others.answers:
            yield "question", "", "", "*", "", *_numbers(part.others)
    for line in told.lines:
        yield from _line(told, line, "*" if line.rest else line.code, "", "department")
        for person in line.within if doctors else ():
            yield from _line(told, person, line.code, "*" if person.rest else person.code, "person")


def _line(told: Release, line: Line, department: str, person: str, of: str) -> Iterator[tuple[object, ...]]:
    yield of, department, person, "", line.people, *_numbers(line.mean)
    for part, mean in zip(told.parts, line.parts, strict=True):
        yield f"{of}/dimension", department, person, part.dimension or "*", "", *_numbers(mean)


def _numbers(mean: Mean) -> tuple[int, str]:
    return mean.answers, canonical(mean.value)
