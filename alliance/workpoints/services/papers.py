"""The verb that asks for payslips on paper."""

from __future__ import annotations

from datetime import datetime

from alliance.audit.services import verb
from alliance.core.actor import Actor
from alliance.core.acts import Act
from alliance.core.refused import NotFound, Refused
from alliance.work.rules import Place
from alliance.work.services import enqueue
from alliance.workpoints.queries import bonus_run
from alliance.workpoints.queries.payslips import slip_units


def print_slip(
    alliance: int, institution: str, month: str, unit: str, language: str, *, by: Actor, now: datetime
) -> int:  # fmt: skip
    """Ask that the payslips of a month be set on paper: those of a unit as one PDF, of "" all, a PDF for each unit.

    The file lies among those of who asks, so each has a job of their own; the number of the job. NotFound: no run, no
    such unit. Refused: no payslips yet.
    """
    with verb(by) as session:
        run = bonus_run(alliance, institution, month)
        if run is None:
            raise NotFound()
        if run.slips_run is None:
            raise Refused("The payslips of this run are not made yet.")
        if unit and unit not in {one.unit for one in slip_units(run.id)}:
            raise NotFound()
        return enqueue(
            session, alliance, Act.WORKPOINTS_SLIP_PRINT, f"{run.id}/{unit}/{language}/{by.account}",
            subject=f"slip:{institution}/{month}",
            parameters={"institution": institution, "month": month, "number": run.number, "unit": unit,
                        "language": language},
            origin=Place("workpoints.read_run", {"institution": institution, "month": month}), reader=None, by=by,
            now=now,
        )  # fmt: skip
