"""What waits around cases: those that other members filed and that somebody here confirms."""

from __future__ import annotations

from collections.abc import Iterator

from alliance.core.refused import mark
from alliance.desk.queries.tasks.registry import Asked, Task, waits_for
from alliance.registers import queries as registers


@waits_for("reporter", "member_lead")
def to_confirm(asked: Asked) -> Iterator[Task]:
    """Cases that wait for the member that employs who asks."""
    scope = asked.scope
    own = scope.own & {scope.employer}
    waiting = registers.waiting_cases(asked.alliance, own, scope.account, leads="member_lead" in scope.roles)
    if waiting:
        yield Task("confirm_cases", mark("Confirm cases"), "registers.list_registers", count=sum(waiting.values()))
