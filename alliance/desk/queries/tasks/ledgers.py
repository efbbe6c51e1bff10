"""What waits around assessment ledgers: entries to be reviewed and objections to be answered by another person."""

from __future__ import annotations

from collections.abc import Iterator

from alliance.core.refused import mark
from alliance.desk.queries.tasks.registry import Asked, Task, waits_for
from alliance.registers import queries as registers


@waits_for("hospital_office", "member_lead", "office")
def entries_to_decide(asked: Asked) -> Iterator[Task]:
    """The months of the own hospital's ledger, and for the office of the alliance's, that wait for a decision."""
    scope = asked.scope
    waiting = registers.open_entry_counts(asked.alliance, scope.account, scope.employer)
    for (institution, month, what), count in sorted(waiting.items()):
        if not (institution in scope.bonus if institution else "office" in scope.roles):
            continue
        where: dict[str, str] = {"place": institution or "alliance", "month": month}
        if what == "review":
            title, where = mark("Review entries of the assessment ledger"), {**where, "state": "entered"}
        else:
            title, where = mark("Answer objections to entries of the assessment ledger"), {**where, "objected": "1"}
        yield Task(f"ledger_{what}", title, "registers.list_entries", where, month, count=count)
