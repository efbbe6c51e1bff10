"""A hospital's bonus: months to compute, check, approve and pay; distributions to publish; objections to answer."""

from __future__ import annotations

from collections.abc import Iterator

from alliance.core.period import Period
from alliance.core.refused import Both, mark
from alliance.desk.queries.tasks.registry import Asked, Task, waits_for
from alliance.indicators import queries as indicators
from alliance.members import queries as members
from alliance.workpoints import queries as workpoints

MONTHS_BACK = 12


@waits_for("hospital_office")
def to_compute(asked: Asked) -> Iterator[Task]:
    for institution in sorted(asked.scope.bonus):
        month = workpoints.month_due(asked.alliance, institution, asked.on)
        if month:
            args = {"institution": institution, "month": month}
            yield Task(
                "compute_run", mark("Compute the bonus of the month"), "workpoints.compute_run", args,
                subject=f"{institution}/{month}", period=month,
            )  # fmt: skip


@waits_for("hospital_office")
def to_finish(asked: Asked) -> Iterator[Task]:
    works = indicators.works_on(asked.alliance)
    for institution in sorted(asked.scope.bonus):
        for run in workpoints.waiting_runs(asked.alliance, institution):
            if run.state != workpoints.DRAFT:
                continue
            args = {"institution": institution, "month": run.month}
            units = workpoints.bonus_units(run.id).values()
            days = workpoints.scheme_at(asked.alliance, run.scheme).scheme.limits.publicity
            final = sum(1 for unit in units if unit.is_final(asked.on, works, days))
            if run.slips_run is None and final == len(units):
                yield Task(
                    "compute_slip", mark("Make the payslips of the month"), "workpoints.compute_slip", args,
                    subject=f"{institution}/{run.month}", period=run.month,
                )  # fmt: skip
            elif run.slips_run is None:
                yield Task(
                    "read_run", mark("See how far the units are with their distribution"), "workpoints.read_run", args,
                    subject=f"{institution}/{run.month}", period=run.month, count=final, whole=len(units),
                )  # fmt: skip
            yield from _objections(run, "office", None)


def _objections(run: workpoints.BonusRunInfo, instance: str, units: frozenset[str] | None) -> Iterator[Task]:
    """Open objections of an instance, of some units or of all."""
    for one in workpoints.objections(run.id):
        if one.state == "open" and one.instance == instance and (units is None or one.unit in units):
            args = {"institution": run.institution, "month": run.month, "unit": one.unit, "number": one.id}
            yield Task(
                "answer_objection", mark("Answer an objection to a distribution"), "workpoints.answer_objection", args,
                subject=f"{run.institution}/{run.month}/{one.id}", period=run.month,
            )  # fmt: skip


@waits_for("finance")
def to_check(asked: Asked) -> Iterator[Task]:
    for institution in sorted(asked.scope.bonus):
        for run in workpoints.waiting_runs(asked.alliance, institution):
            me = asked.scope.account
            taken = {done.verb for done in run.history if done.by == me}
            args = {"institution": institution, "month": run.month}
            if run.state == workpoints.DRAFT and run.slips_run is not None and workpoints.CREATE not in taken:
                yield Task(
                    "check_run", mark("Check the bonus of the month"), "workpoints.read_run", args,
                    subject=f"{institution}/{run.month}", period=run.month,
                )  # fmt: skip
            if run.state == workpoints.APPROVED and workpoints.CHECK not in taken:
                yield Task(
                    "pay_run", mark("Pay the bonus of the month and confirm it"), "workpoints.read_run", args,
                    subject=f"{institution}/{run.month}", period=run.month,
                )  # fmt: skip


@waits_for("member_lead")
def to_approve(asked: Asked) -> Iterator[Task]:
    for institution in sorted(asked.scope.bonus):
        for run in workpoints.waiting_runs(asked.alliance, institution):
            if run.state == workpoints.CHECKED:
                args = {"institution": institution, "month": run.month}
                yield Task(
                    "approve_run", mark("Approve the bonus of the month"), "workpoints.read_run", args,
                    subject=f"{institution}/{run.month}", period=run.month,
                )  # fmt: skip


@waits_for("department_head")
def to_publish(asked: Asked) -> Iterator[Task]:
    for institution in sorted({place for place, _unit in asked.scope.departments}):
        roots = {unit for place, unit in asked.scope.departments if place == institution}
        for run in workpoints.waiting_runs(asked.alliance, institution):
            if run.state != workpoints.DRAFT or run.slips_run is not None:
                continue
            names = members.department_names(asked.alliance, institution)
            mine = members.beneath_of(asked.alliance, institution, roots, Period.parse(run.month).last)
            for code, unit in workpoints.bonus_units(run.id).items():
                if code in mine and unit.persons and unit.published_at is None:
                    args = {"institution": institution, "month": run.month, "unit": code}
                    yield Task(
                        "publish_unit", mark("Distribute the unit's bonus and publish it"), "workpoints.read_unit",
                        args, subject=f"{institution}/{run.month}/{code}", period=run.month,
                        about=Both(names[code].name_zh, names[code].name_en),
                    )  # fmt: skip
            yield from _objections(run, "head", mine)
