"""The verb of rubrics: import one, as a further version of its code."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select

from alliance.audit.services import record, verb
from alliance.core.actor import Actor
from alliance.core.acts import Act
from alliance.core.refused import Refused
from alliance.ratings.models import RubricVersion
from alliance.ratings.queries.rubrics import rubric as kept
from alliance.ratings.rules.rubrics import Rubric, written


def import_rubric(alliance: int, given: Rubric, *, by: Actor, now: datetime) -> int:
    """Keep a rubric as the next version of its code; the number of the version. Panels keep the one they began with.

    Refused: what is the newest version already.
    """
    with verb(by, alone_in=alliance) as session:
        last = session.scalar(
            select(func.max(RubricVersion.version)).where(
                RubricVersion.alliance_id == alliance, RubricVersion.code == given.code
            )
        )
        before = kept(alliance, given.code, last) if last else None
        content = written(given)
        if before and written(before.rubric) == content:
            raise Refused("This is version %(version)s already; nothing was changed.", version=last)
        version = (last or 0) + 1
        session.add(
            RubricVersion(
                alliance_id=alliance, code=given.code, version=version, content=content, recorded_by=by.account,
                recorded_at=now,
            )
        )  # fmt: skip
        record(
            session, Act.RATINGS_RUBRIC_IMPORT, f"rubric:{given.code}/{version}", by=by, now=now, alliance=alliance
        )  # fmt: skip
        return version
