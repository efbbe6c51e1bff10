"""What waits around the fund: totals, sharing, the decision."""

from __future__ import annotations

from collections.abc import Iterator

from alliance.core.period import Period
from alliance.core.refused import mark
from alliance.desk.queries.tasks.registry import Asked, Task, waits_for
from alliance.funds import queries as funds
from alliance.members import queries as members

NEWEST = 2  # scored periods whose money is still asked for


@waits_for("office")
def to_share(asked: Asked) -> Iterator[Task]:
    """Scored periods without a fund: the totals first, then the sharing."""
    shared = {fund.period for fund in asked.funds}
    for code in [run.period for run in asked.runs][:NEWEST]:
        if code in shared:
            continue
        there = {member.code for member in members.members(asked.alliance, Period.parse(code).last)}
        filed = len(there & funds.totals(asked.alliance, code).keys())
        where = {"period": code}
        if filed < len(there):
            title, view = mark("File the totals for the fund"), "funds.file_total"
            yield Task("total", title, view, where, code, count=filed, whole=len(there))
        yield Task("share", mark("Share the fund"), "funds.list_totals", where, code)


@waits_for("committee")
def to_decide(asked: Asked) -> Iterator[Task]:
    """The fund computed last of each period that has none decided."""
    decided = {fund.period for fund in asked.funds if fund.decision}
    newest: dict[str, funds.FundInfo] = {}
    for fund in asked.funds:
        newest.setdefault(fund.period, fund)
    for fund in newest.values():
        if fund.period not in decided:
            where = {"number": fund.run_id}
            yield Task(
                "decide_fund", mark("Decide on the fund"), "funds.read_fund", where, fund.period,
                subject=str(fund.run_id),
            )  # fmt: skip
