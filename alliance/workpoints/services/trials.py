"""The verbs of a scheme on trial: ask for it, work it out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from alliance.audit.services import computing, record, verb
from alliance.core.actor import Actor
from alliance.core.acts import Act
from alliance.core.refused import NotFound, Refused
from alliance.work.rules import Place
from alliance.work.services import enqueue
from alliance.workpoints.models import BonusTrial
from alliance.workpoints.queries.schemes import SchemeInfo, scheme_in_force, scheme_info
from alliance.workpoints.queries.trials import trial_months, work_out
from alliance.workpoints.rules.trials import Outcome, compare
from alliance.workpoints.volume.partitions import Partitions

Told = Callable[[int, int], None]  # months done, of so many


def queue_trial(
    alliance: int, institution: str, code: str, version: int, months: Sequence[str], *, by: Actor, now: datetime
) -> int:  # fmt: skip
    """Ask that a version be tried on past months; the number of the job, of the open one where there is one.

    Refused: no month, a month without a run in force.
    """
    info = _scheme(alliance, institution, code, version)
    _check_months(alliance, institution, months)
    place: dict[str, str | int] = {"institution": institution, "code": code, "version": version}
    with verb(by) as session:
        return enqueue(
            session, alliance, Act.WORKPOINTS_SCHEME_TRY, info.reference, subject=info.subject,
            parameters={**place, "months": sorted({*months})}, origin=Place("workpoints.try_scheme", place),
            reader=Act.WORKPOINTS_TRIAL_READ, institution=institution, by=by, now=now,
        )  # fmt: skip


@computing()
def try_scheme(
    alliance: int, institution: str, code: str, version: int, months: Sequence[str], partitions: Partitions, *,
    by: Actor, now: datetime, progress: Told | None = None,
) -> int:  # fmt: skip
    """Work out what a version would have given in past months, and what the schemes in force give by the same filed
    data; the number of the trial. Nothing of it is paid or enters a run.

    Refused: as `queue_trial`, and everything that keeps a month from being computed under the version.
    """
    info = _scheme(alliance, institution, code, version)
    _check_months(alliance, institution, months)
    wanted = sorted({*months})
    before: list[Outcome] = []
    after: list[Outcome] = []
    schemes: dict[str, str] = {}
    units: dict[str, str] = {}
    for done, month in enumerate(wanted):
        if progress:
            progress(done, len(wanted))
        holding = scheme_in_force(alliance, institution, month)
        if holding is None:
            raise Refused("No bonus scheme is in force in %(month)s.", month=month)
        schemes[month] = holding.reference
        before.append(work_out(alliance, institution, month, partitions, holding)[0])
        found, inside = work_out(alliance, institution, month, partitions, info)
        after.append(found)
        units |= inside
    persons = compare(before, after, lambda one: one.persons)
    with verb(by, alone_in=alliance) as session:
        row = BonusTrial(
            alliance_id=alliance, institution=institution, scheme=info.reference, sha256=info.sha256, months=schemes,
            units=[[one.code, one.before, one.after] for one in compare(before, after, lambda one: one.units)],
            persons=[[one.code, one.before, one.after, units.get(one.code, "")] for one in persons],
            recorded_by=by.account, recorded_at=now,
        )  # fmt: skip
        session.add(row)
        session.flush()
        record(
            session, Act.WORKPOINTS_SCHEME_TRY, info.subject, by=by, now=now, alliance=alliance, trial=row.id,
            months=wanted, sha256=info.sha256,
        )  # fmt: skip
        return row.id


def _scheme(alliance: int, institution: str, code: str, version: int) -> SchemeInfo:
    info = scheme_info(alliance, institution, code, version)
    if info is None:
        raise NotFound()
    return info


def _check_months(alliance: int, institution: str, months: Sequence[str]) -> None:
    if not months:
        raise Refused("Choose at least one month.")
    known = trial_months(alliance, institution)
    for month in months:
        if month not in known:
            raise Refused("%(month)s has no run of the last twelve; a scheme is tried on months that have one.",
                          month=month)  # fmt: skip
