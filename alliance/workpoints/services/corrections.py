"""The verbs of corrections: put right what a paid month gave, one line of a payslip or a whole month by workbook."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from alliance.audit.services import record, verb
from alliance.core.actor import Actor
from alliance.core.acts import Act
from alliance.db import insert_many
from alliance.workpoints.models import CorrectionRow
from alliance.workpoints.queries.corrections import GivenRight, correction_changes
from alliance.workpoints.rules.ledgers import CorrectionPaper
from alliance.workpoints.services.tasks import next_number, own_number


def enter_correction(
    alliance: int, institution: str, paper: CorrectionPaper, given: GivenRight, *, by: Actor, now: datetime
) -> int:  # fmt: skip
    """Enter a correction of a past month, paid or recovered with a later one; its number. Refused as
    `correction_changes` is."""
    with verb(by, alone_in=alliance) as session:
        number, _count = _keep(session, alliance, institution, paper, [given], by, now)
        record(
            session, Act.WORKPOINTS_CORRECTION_ENTER, f"correction:{institution}/{number}", by=by, now=now,
            alliance=alliance, month=paper.month, pays_in=paper.pays_in,
        )  # fmt: skip
        return number


def import_correction(
    alliance: int, institution: str, paper: CorrectionPaper, given: Sequence[GivenRight], *, by: Actor, now: datetime
) -> int:  # fmt: skip
    """Enter corrections of many payslips of a past month, all or none; how many. What was paid rightly is left out.
    Refused as `correction_changes` is."""
    with verb(by, alone_in=alliance) as session:
        _number, count = _keep(session, alliance, institution, paper, given, by, now)
        record(
            session, Act.WORKPOINTS_CORRECTION_IMPORT, f"correction:{institution}/{paper.month}", by=by, now=now,
            alliance=alliance, month=paper.month, pays_in=paper.pays_in, count=count, document=paper.document.strip(),
        )  # fmt: skip
        return count


def _keep(
    session: Session, alliance: int, institution: str, paper: CorrectionPaper, given: Sequence[GivenRight], by: Actor,
    now: datetime,
) -> tuple[int, int]:  # fmt: skip
    """The number of the first correction that was kept, and how many were."""
    own = own_number(by, institution)
    changed = [one for one in correction_changes(alliance, institution, paper, given, own) if one.difference]
    number = next_number(session, CorrectionRow, alliance, institution)
    hand = {
        "alliance_id": alliance, "institution": institution, "month": paper.month, "pays_in": paper.pays_in,
        "reason": paper.reason.strip(), "document": paper.document.strip(), "recorded_by": by.account,
        "recorded_at": now,
    }  # fmt: skip
    insert_many(session, CorrectionRow, [
        {
            **hand, "number": number + place, "person": one.person, "paid": one.figure, "paid_amount": one.before,
            "amount": one.right,
        }
        for place, one in enumerate(changed)
    ])  # fmt: skip
    return number, len(changed)
