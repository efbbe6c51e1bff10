"""Notices that must be read and confirmed."""

from __future__ import annotations

from collections.abc import Iterator

from alliance.core.refused import mark
from alliance.desk.queries.tasks.registry import Asked, Task, waits_for
from alliance.notices import queries as notices


@waits_for()
def to_read(asked: Asked) -> Iterator[Task]:
    for one in notices.waiting(asked.alliance, asked.scope.account, asked.on):
        places = {"number": one.number}
        title = mark("Read notice %(number)s and confirm it")
        yield Task(
            "read_notice",
            title,
            "notices.read_notice",
            places,
            subject=one.number,
            places=places,
            due=one.due_at,
            about=one.title,
        )
