"""What waits around joint care pathways: steps due within seven days, and those that are overdue."""

from __future__ import annotations

from collections.abc import Iterator

from alliance.core.period import end_of
from alliance.core.refused import mark
from alliance.desk.queries.tasks.registry import Asked, Task, waits_for
from alliance.registers import queries as registers


@waits_for("reporter", "member_lead")
def steps_to_record(asked: Asked) -> Iterator[Task]:
    """The steps of the own member, those that are overdue apart."""
    for one in registers.steps_due(asked.alliance, asked.scope.own, asked.on):
        title = mark("Steps on joint pathways are overdue") if one.overdue else mark("Do steps on joint pathways")
        where = {"mine": "1", "state": "overdue"} if one.overdue else {"mine": "1"}
        yield Task(
            "pathway_overdue" if one.overdue else "pathway_step", title, "registers.list_courses", where,
            institution=one.institution, count=one.count, due=end_of(one.first),
        )  # fmt: skip
