"""What waits around a hospital's internal bonus: ledgers to be reviewed, target agreements to be signed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from alliance.core.refused import Both, mark
from alliance.desk.queries.tasks.registry import Asked, Task, waits_for
from alliance.members import queries as members
from alliance.workpoints import queries as workpoints


@waits_for("hospital_office", "finance")
def tasks_to_review(asked: Asked) -> Iterator[Task]:
    """The months of the own hospital with entries that somebody else has to review."""
    if asked.scope.bonus:
        waiting = workpoints.open_task_counts(asked.alliance, asked.scope.account)
        yield from _months(asked, "bonus_task", mark("Review the task ledger"), "workpoints.list_tasks", waiting)


@waits_for("hospital_office", "finance")
def work_to_review(asked: Asked) -> Iterator[Task]:
    """The months of the own hospital with work entered by hand that somebody else has to review."""
    if asked.scope.bonus:
        waiting = workpoints.open_workload_counts(asked.alliance, asked.scope.account)
        words = mark("Review the workload ledger")
        yield from _months(asked, "bonus_workload", words, "workpoints.list_workloads", waiting)


@waits_for("hospital_office", "finance")
def releases_to_review(asked: Asked) -> Iterator[Task]:
    """The months of the own hospital with releases of units' reserves that somebody else has to review."""
    if asked.scope.bonus:
        waiting = workpoints.open_release_counts(asked.alliance, asked.scope.account)
        words = mark("Review releases of units' reserves")
        yield from _months(asked, "bonus_reserve", words, "workpoints.list_reserves", waiting)


@waits_for("member_lead")
def to_sign_for_hospital(asked: Asked) -> Iterator[Task]:
    """The year's target agreements that the director has not signed."""
    for institution in sorted(asked.scope.bonus):
        waiting = workpoints.unsigned(asked.alliance, institution, asked.on.year, "director")
        if waiting:
            yield Task(
                "sign_agreements", mark("Sign the target agreements of the year"), "workpoints.read_target",
                {"institution": institution, "year": asked.on.year}, subject=f"{institution}/{asked.on.year}",
                count=len(waiting),
            )  # fmt: skip


@waits_for("department_head")
def to_sign_for_department(asked: Asked) -> Iterator[Task]:
    """The year's target agreements of the own departments that their head has not signed."""
    for institution in sorted({place for place, _unit in asked.scope.departments}):
        roots = {unit for place, unit in asked.scope.departments if place == institution}
        mine = members.beneath_of(asked.alliance, institution, roots, asked.on)
        names = members.department_names(asked.alliance, institution)
        for unit in workpoints.unsigned(asked.alliance, institution, asked.on.year, "head"):
            if unit in mine:
                about = Both(names[unit].name_zh, names[unit].name_en)
                yield Task(
                    "sign_agreement", mark("Sign the target agreement of the year"), "workpoints.read_agreement",
                    {"institution": institution, "year": asked.on.year, "unit": unit},
                    subject=f"{institution}/{asked.on.year}/{unit}", about=about,
                )  # fmt: skip


def _months(
    asked: Asked, kind: str, words: str, endpoint: str, waiting: Mapping[tuple[str, str], int]
) -> Iterator[Task]:  # fmt: skip
    """A task for each month of the own hospital, by its ledger's list of what is entered."""
    for (institution, month), number in sorted(waiting.items()):
        if institution in asked.scope.bonus:
            where = {"institution": institution, "month": month, "state": "entered"}
            yield Task(kind, words, endpoint, where, month, count=number)
