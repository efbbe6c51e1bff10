"""What waits around a hospital's internal bonus: entries of the task and workload ledgers to be reviewed."""

from __future__ import annotations

from collections.abc import Iterator

from alliance.core.refused import mark
from alliance.desk.queries.tasks.registry import Asked, Task, waits_for
from alliance.workpoints import queries as workpoints


@waits_for("hospital_office", "finance")
def tasks_to_review(asked: Asked) -> Iterator[Task]:
    """The months of the own hospital with entries that somebody else has to review."""
    if not asked.scope.bonus:
        return
    waiting = workpoints.open_task_counts(asked.alliance, asked.scope.account)
    for (institution, month), number in sorted(waiting.items()):
        if institution in asked.scope.bonus:
            where = {"institution": institution, "month": month, "state": "entered"}
            yield Task(
                "bonus_task", mark("Review the task ledger"), "workpoints.list_tasks", where, month, count=number
            )


@waits_for("hospital_office", "finance")
def work_to_review(asked: Asked) -> Iterator[Task]:
    """The months of the own hospital with work entered by hand that somebody else has to review."""
    if not asked.scope.bonus:
        return
    waiting = workpoints.open_workload_counts(asked.alliance, asked.scope.account)
    for (institution, month), number in sorted(waiting.items()):
        if institution in asked.scope.bonus:
            where = {"institution": institution, "month": month, "state": "entered"}
            yield Task(
                "bonus_workload", mark("Review the workload ledger"), "workpoints.list_workloads", where, month,
                count=number,
            )  # fmt: skip
