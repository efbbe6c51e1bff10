"""The verb of the night: score what is still running provisionally."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete

from alliance.audit.services import computing, pack, record, verb
from alliance.core.actor import Actor
from alliance.core.acts import Act
from alliance.core.figure import digest, trail
from alliance.core.period import Period
from alliance.evaluation.models import Estimate
from alliance.evaluation.queries import (
    periods_to_estimate,
    scheme_in_force,
    work_out_so_far,
)
from alliance.evaluation.services.runs import summary_of


def estimate_scores(alliance: int, *, by: Actor, now: datetime) -> list[str]:
    """Score what is still running provisionally, in the place of the estimates before; the periods estimated.

    No refusal: without a scheme in force, or before a period was opened, there is nothing to estimate.
    """
    with verb(by, alone_in=alliance) as session, computing():
        codes = periods_to_estimate(alliance, now)
        session.execute(delete(Estimate).where(Estimate.alliance_id == alliance))
        for code in codes:
            info = scheme_in_force(alliance, Period.parse(code).last)
            if info is None:
                continue
            result = work_out_so_far(alliance, code, info, now)
            found = digest(list(trail(*result.figures)))
            session.add(
                Estimate(
                    alliance_id=alliance,
                    period=code,
                    scheme=info.reference,
                    months=len(result.months or ()),
                    digest=found,
                    summary=summary_of(result),
                    figures=pack(result.figures),
                    computed_by=by.account,
                    computed_at=now,
                )
            )
            subject = f"estimate:{code}"
            record(session, Act.EVALUATION_ESTIMATE_COMPUTE, subject, by=by, now=now, alliance=alliance, digest=found)
        return codes
