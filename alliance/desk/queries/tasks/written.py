"""What waits around the written answers of surveys."""

from __future__ import annotations

from collections.abc import Iterator

from alliance.core.refused import mark
from alliance.desk.queries.tasks.registry import Asked, Task, waits_for
from alliance.ratings import queries as ratings


@waits_for("office")
def to_read(asked: Asked) -> Iterator[Task]:
    """Written answers that nobody has read; those about the own employer are read by somebody else."""
    own = asked.scope.employer
    count = sum(one.count for one in ratings.waiting(asked.alliance) if one.institution != own)
    if count:
        yield Task("texts", mark("Read the written answers of surveys"), "ratings.list_texts", count=count)
