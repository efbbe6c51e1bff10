"""What waits around the running of the portal itself: worker, timed tasks, seals."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from alliance.audit import queries as audit
from alliance.core.refused import mark
from alliance.desk.queries.tasks.registry import Asked, Task, waits_for
from alliance.work import queries as work

UNSEALED = timedelta(minutes=15)  # the worker seals once a minute


@waits_for("admin")
def worker_to_start(asked: Asked) -> Iterator[Task]:
    if not work.readiness(asked.machine)["worker"]:
        yield Task(
            "worker",
            mark("Start the worker: no scheduled task has run for some minutes"),
            "desk.read_guide",
            {"name": "operator"},
        )
    for one in work.tasks():
        if one.error:
            yield Task(
                "failed", mark("See to the scheduled task “%(task)s”: its last run failed"), subject=one.name,
                places={"task": one.name},
            )  # fmt: skip


@waits_for("auditor")
def seals_to_watch(asked: Asked) -> Iterator[Task]:
    since = audit.unsealed_since()
    if since is not None and since < asked.machine - UNSEALED:
        yield Task("seal", mark("The log is not being sealed: see to it with the administrator"), "audit.list_events")
