"""What is true of posts, establishment and staff together: each fact names a department and a post that are there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from alliance.core.refused import Problem, Refused, mark
from alliance.members.rules.departments import DepartmentFact, existing, latest
from alliance.members.rules.posts import (
    EstablishmentFact,
    PostFact,
    PostSheet,
    ScaleFact,
    check_post,
    check_scale,
    scale_on,
    sheet_points,
)
from alliance.members.rules.staff import EmployeeFact, SeniorityFact, check_steps

NO_DEPARTMENT = mark("on %(day)s there is no department %(code)s")
NO_POST = mark("on %(day)s there is no post %(code)s")


@dataclass(frozen=True, slots=True)
class Staffing:
    """All that was ever recorded of posts, establishment and staff of an institution, in the order of recording."""

    posts: tuple[PostFact, ...] = ()
    scales: tuple[ScaleFact, ...] = ()
    sheets: tuple[PostSheet, ...] = ()
    establishment: tuple[EstablishmentFact, ...] = ()
    seniority: tuple[SeniorityFact, ...] = ()
    employees: tuple[EmployeeFact, ...] = ()

    def __add__(self, new: Staffing) -> Staffing:
        return Staffing(
            self.posts + new.posts,
            self.scales + new.scales,
            self.sheets + new.sheets,
            self.establishment + new.establishment,
            self.seniority + new.seniority,
            self.employees + new.employees,
        )

    def __len__(self) -> int:
        return (
            len(self.posts)
            + len(self.scales)
            + len(self.sheets)
            + len(self.establishment)
            + len(self.seniority)
            + len(self.employees)
        )


def posts_on(posts: Sequence[PostFact], on: date) -> dict[str, PostFact]:
    """The posts of a day by code."""
    return {fact.code: fact for fact in latest(posts, on, lambda one: one.code) if fact.exists(on)}


def check_staffing(departments: Sequence[DepartmentFact], recorded: Staffing, new: Staffing) -> list[Problem]:
    """What is wrong once the new facts stand beside those recorded and beside the departments."""
    everything = recorded + new
    problems = [problem for fact in new.posts for problem in check_post(fact)]
    problems += [problem for scale in new.scales for problem in check_scale(scale)]
    problems += [problem for fact in new.seniority for problem in check_steps(fact)]
    problems += _check_names(departments, everything.posts, new)
    problems += _check_sheets(everything, new.sheets)
    return problems or _check_ends(departments, everything)


@dataclass(frozen=True, slots=True)
class _Days:
    """The departments and posts of each day that is asked for."""

    departments: Sequence[DepartmentFact]
    posts: Sequence[PostFact]
    known: dict[date, tuple[Mapping[str, DepartmentFact], Mapping[str, PostFact]]]

    def on(self, day: date) -> tuple[Mapping[str, DepartmentFact], Mapping[str, PostFact]]:
        if day not in self.known:
            self.known[day] = existing(self.departments, day), posts_on(self.posts, day)
        return self.known[day]


def _check_names(departments: Sequence[DepartmentFact], posts: Sequence[PostFact], new: Staffing) -> list[Problem]:
    """The departments and posts that new facts name: there on the day of the fact, or ever for what ends something."""
    days, problems = _Days(departments, posts, {}), []
    ever = {fact.code for fact in departments}, {fact.code for fact in posts}
    named = [(one.post, one.department, one.post, one.start, one.number > 0) for one in new.establishment]
    named += [(one.number, one.department, one.post, one.start, one.status != "left") for one in new.employees]
    for where, department, post, day, lasting in named:
        found, there = days.on(day) if lasting else ever
        if department not in found:
            problems.append(Problem(where, department, NO_DEPARTMENT, {"day": day, "code": department}))
        if post not in there:
            problems.append(Problem(where, post, NO_POST, {"day": day, "code": post}))
    return problems


def _check_sheets(everything: Staffing, sheets: Sequence[PostSheet]) -> list[Problem]:
    problems = []
    for sheet in sheets:
        if sheet.post not in posts_on(everything.posts, sheet.start):
            problems.append(Problem(sheet.post, sheet.post, NO_POST, {"day": sheet.start, "code": sheet.post}))
        try:
            sheet_points(scale_on(everything.scales, sheet.start), sheet)
        except Refused as refused:
            problems.append(Problem(sheet.post, sheet.rater, refused.message, refused.numbers))
    return problems


def _check_ends(departments: Sequence[DepartmentFact], everything: Staffing) -> list[Problem]:
    """Nobody works in a department or a post that has ended, and none is established there."""
    problems = []
    ends = {fact.ended for fact in departments if fact.ended} | {fact.ended for fact in everything.posts if fact.ended}
    for day in sorted(ends):
        found, there = existing(departments, day), posts_on(everything.posts, day)
        people = [one for one in latest(everything.employees, day, lambda one: one.number) if one.status != "left"]
        numbers = latest(everything.establishment, day, lambda one: (one.department, one.post))
        used = [(one.department, one.post) for one in people]
        used += [(one.department, one.post) for one in numbers if one.number]
        for code in sorted({department for department, _ in used} - found.keys()):
            reason = mark("from %(day)s on staff or established posts are still in this department")
            problems.append(Problem(code, code, reason, {"day": day}))
        for code in sorted({post for _, post in used} - there.keys()):
            reason = mark("from %(day)s on staff are still in this post, or it is still established")
            problems.append(Problem(code, code, reason, {"day": day}))
    return problems
