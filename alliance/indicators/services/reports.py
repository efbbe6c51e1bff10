"""The verbs of quantities reported elsewhere: enter one, import many, explain a difference."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from alliance.audit.services import record, verb
from alliance.core.actor import Actor
from alliance.core.acts import Act
from alliance.core.figure import canonical
from alliance.core.refused import NotFound, Refused
from alliance.db import insert_many
from alliance.indicators.models import ReportedValue
from alliance.indicators.queries.reports import new_reports, read_reports, report_of
from alliance.indicators.rules.reports import Reported, check_explanation, pair


def enter_report(
    alliance: int, row: Reported, allowed: Collection[str] | None, *, by: Actor, now: datetime
) -> int:  # fmt: skip
    """Enter a quantity as it was reported elsewhere, of a member of whom one may; how many values are new (0 or 1)."""
    with verb(by, alone_in=alliance) as session:
        new = new_reports(alliance, read_reports(alliance, [row], allowed))
        _keep(session, alliance, new, by, now)
        subject = f"reported:{row.institution}/{row.element}/{row.period}"
        record(
            session, Act.INDICATORS_REPORT_ENTER, subject, by=by, now=now, alliance=alliance, report=row.report,
            value=canonical(new[0][1]) if new else "", document=row.document.strip(),
        )  # fmt: skip
        return len(new)


def import_report(
    alliance: int, rows: Sequence[Reported], allowed: Collection[str] | None, *, by: Actor, now: datetime
) -> int:
    """Bring in a file of quantities reported elsewhere, all or nothing; how many are new. The same again adds none."""
    if not rows:
        raise Refused("The file holds no values.")
    with verb(by, alone_in=alliance) as session:
        new = new_reports(alliance, read_reports(alliance, rows, allowed))
        _keep(session, alliance, new, by, now)
        record(
            session, Act.INDICATORS_REPORT_IMPORT, "readings:elsewhere", by=by, now=now, alliance=alliance,
            changed=len(new), institutions=sorted({row.institution for row, _, _ in new}),
        )  # fmt: skip
        return len(new)


def _keep(
    session: Session, alliance: int, new: Sequence[tuple[Reported, Decimal, int]], by: Actor, now: datetime
) -> None:
    insert_many(
        session,
        ReportedValue,
        [
            {
                "alliance_id": alliance, "period": row.period, "institution": row.institution, "element": row.element,
                "report": row.report, "revision": revision, "value": canonical(value),
                "document": row.document.strip(), "explanation": "", "explained": "", "recorded_by": by.account,
                "recorded_at": now,
            }
            for row, value, revision in new
        ],
    )  # fmt: skip


def explain_report(
    alliance: int, period: str, institution: str, element: str, report: str, text: str, *, by: Actor, now: datetime
) -> None:
    """Say why what was reported elsewhere differs from ours; another value of either needs another explanation.

    Refused: values that agree or that stand alone, an explanation of less than ten characters.
    """
    check_explanation(text)
    with verb(by, alone_in=alliance) as session:
        found = report_of(alliance, period, institution, element, report)
        if found is None:
            raise NotFound()
        if found.standing in ("same", "alone"):
            raise Refused("There is no difference to explain.")
        insert_many(
            session,
            ReportedValue,
            [
                {
                    "alliance_id": alliance, "period": period, "institution": institution, "element": element,
                    "report": report, "revision": found.revision + 1, "value": canonical(found.value),
                    "document": found.document, "explanation": text.strip(),
                    "explained": pair(found.ours, found.value), "recorded_by": by.account, "recorded_at": now,
                }
            ],
        )  # fmt: skip
        subject = f"reported:{institution}/{element}/{period}"
        record(
            session, Act.INDICATORS_REPORT_EXPLAIN, subject, by=by, now=now, alliance=alliance, report=report,
        )  # fmt: skip
