"""What an import of cases does, row by row: it repeats nothing, and replaces what has a newer version."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from alliance.core.refused import Both, Problem, mark
from alliance.registers.rules.cases import WITHDRAWN
from alliance.registers.rules.cells import Fault
from alliance.registers.rules.kinds import Register

KEY, VERSION = "source_id", "version"
COLUMNS: Mapping[str, str] = {KEY: "来源记录号", VERSION: "版本"}
MOST_VERSION = 1_000_000
NEW, CHANGED, SAME, OLDER = "new", "changed", "same", "older"
SOURCE = 40  # characters of the name of a source at most
RECORD = 80
LARGE = 2_000  # rows of a file above which it is taken outside the request


@dataclass(frozen=True, slots=True)
class ImportRow:
    """A row of a file: its line, the number of its record at the source with the version, and its cells as texts."""

    line: int
    record: str
    version: int
    given: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Standing:
    """A case that was imported before, as it stands."""

    number: int
    version: int
    texts: Mapping[str, str]
    state: str


@dataclass(slots=True)
class Report:
    """What an import would do: rows with their canonical texts by what becomes of them, and all that is wrong."""

    new: list[tuple[ImportRow, dict[str, str]]] = field(default_factory=list)
    changed: list[tuple[ImportRow, dict[str, str], int]] = field(default_factory=list)
    same: int = 0
    older: int = 0
    problems: list[Problem] = field(default_factory=list)

    @property
    def moved(self) -> int:
        return len(self.new) + len(self.changed)


def columns_of(register: Register) -> dict[str, str]:
    """The columns of a register's file, each with its Chinese heading."""
    return {**COLUMNS, **{one.code: one.name.zh for one in register.fields}}


def problem_at(register: Register, row: ImportRow, fault: Fault) -> Problem:
    """A fault of a row at its cell."""
    code, message, numbers = fault
    heading = columns_of(register)[code]
    value = row.record if code == KEY else str(row.version) if code == VERSION else row.given.get(code, "")
    at: dict[str, object] = {"row": row.line, "column": Both(heading, code)}
    return Problem(mark("row %(row)s, %(column)s"), value, message, numbers, at)


def fate_of(row: ImportRow, texts: Mapping[str, str], standing: Standing | None) -> tuple[str, Fault | None]:
    """What becomes of a row, and what is wrong with that."""
    if standing is None:
        return NEW, None
    if row.version < standing.version:
        return OLDER, None
    if row.version == standing.version:
        if dict(texts) == dict(standing.texts):
            return SAME, None
        return SAME, (VERSION, mark("says something else than what was imported; raise the version"), {})
    if standing.state == WITHDRAWN:
        return CHANGED, (KEY, mark("belongs to a case that was withdrawn"), {})
    return CHANGED, None
