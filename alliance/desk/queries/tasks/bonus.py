"""What waits around a hospital's internal bonus: entries of the task and workload ledgers to be reviewed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from alliance.core.refused import mark
from alliance.desk.queries.tasks.registry import Asked, Task, waits_for
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


def _months(
    asked: Asked, kind: str, words: str, endpoint: str, waiting: Mapping[tuple[str, str], int]
) -> Iterator[Task]:  # fmt: skip
    """A task for each month of the own hospital, by its ledger's list of what is entered."""
    for (institution, month), number in sorted(waiting.items()):
        if institution in asked.scope.bonus:
            where = {"institution": institution, "month": month, "state": "entered"}
            yield Task(kind, words, endpoint, where, month, count=number)
