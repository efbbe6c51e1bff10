"""Codes of code systems and what they are in another: what a file of them may hold."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from alliance.core.refused import Problem, Refused, mark

LONGEST = 60  # characters of a code


@dataclass(frozen=True, slots=True)
class Term:
    """A code with what it means."""

    code: str
    name_zh: str
    name_en: str = ""


@dataclass(frozen=True, slots=True)
class Pair:
    """A code and what it is in another system; "" where it is nothing there any more."""

    code: str
    target: str


Coded = TypeVar("Coded", Term, Pair)


def new_terms(rows: Sequence[Term], known: Mapping[str, Term]) -> list[Term]:
    """The codes that a version does not have yet; refused when a code would mean something else than it does."""
    problems = _forms(rows)
    for row in rows:
        if not row.name_zh:
            problems.append(Problem(row.code, row.name_en, mark("has no name")))
        if row.code in known and known[row.code] != row:
            reason = mark("means something else in this version already; a change is a new version of the system")
            problems.append(Problem(row.code, row.name_zh, reason))
    _refuse(problems)
    return [row for row in rows if row.code not in known]


def new_pairs(
    rows: Sequence[Pair], current: Mapping[str, str], fixed: Collection[str], source: Collection[str],
    target: Collection[str],
) -> list[Pair]:  # fmt: skip
    """The pairs that differ from those that hold; refused when a code is unknown on its side, or written otherwise for
    the same day (`fixed`)."""
    problems = _forms(rows)
    for row in rows:
        if row.code not in source:
            problems.append(Problem(row.code, row.code, mark("is no code of the first system")))
        if row.target and row.target not in target:
            problems.append(Problem(row.code, row.target, mark("is no code of the second system")))
    found = [row for row in rows if current.get(row.code, "") != row.target]
    reason = mark("is mapped differently from this day already; choose a later day")
    problems += [Problem(row.code, row.target, reason) for row in found if row.code in fixed]
    _refuse(problems)
    return found


def _forms(rows: Sequence[Coded]) -> list[Problem]:
    problems, seen = [], set[str]()
    for row in rows:
        if not 0 < len(row.code) <= LONGEST:
            problems.append(Problem(row.code, row.code, mark("is no code: 1 to 60 characters")))
        if row.code in seen:
            problems.append(Problem(row.code, row.code, mark("stands twice in the file")))
        seen.add(row.code)
    return problems


def _refuse(problems: Sequence[Problem]) -> None:
    if problems:
        raise Refused("The file has %(count)s errors; nothing was changed.", count=len(problems), problems=problems)
