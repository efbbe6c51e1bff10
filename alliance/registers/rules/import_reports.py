"""What came of checking a large file outside the request, as it is kept for whoever sent it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from alliance.core.refused import Problem, mark
from alliance.work.rules import pack_problem, problem_of

# What the rows of a file do, by the names under which a report counts them.
COUNTS: Mapping[str, str] = {
    "new": mark("New cases"),
    "changed": mark("Newer versions"),
    "same": mark("Unchanged"),
    "older": mark("Older versions, left out"),
}


@dataclass(frozen=True, slots=True)
class ImportReport:
    """Of which file (its name and where it is kept), from which system, what its rows would do, and every fault.

    `register` is "" for referrals; `kept` is "" where the file is not there to be imported.
    """

    register: str
    institution: str
    source: str
    name: str
    kept: str
    counts: Mapping[str, int]
    problems: Sequence[Problem]

    @property
    def moved(self) -> int:
        """How many rows would change something."""
        return self.counts.get("new", 0) + self.counts.get("changed", 0)


def pack_report(one: ImportReport) -> bytes:
    """A report as JSON."""
    parts = [one.register, one.institution, one.source, one.name, one.kept, dict(one.counts)]
    return json.dumps([*parts, [pack_problem(each) for each in one.problems]], ensure_ascii=False).encode()


def report_of(packed: bytes) -> ImportReport | None:
    """The report that was kept; None where the bytes are none."""
    try:
        register, institution, source, name, kept, counts, problems = json.loads(packed)
        return ImportReport(register, institution, source, name, kept, counts, [problem_of(one) for one in problems])
    except (ValueError, TypeError, AttributeError):
        return None
