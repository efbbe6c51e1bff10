"""The verbs of derived readings: set what cases feed, derive a month."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from alliance.audit.services import record, record_many, verb
from alliance.core.actor import Actor
from alliance.core.acts import Act
from alliance.core.figure import State, canonical
from alliance.core.period import Period, PeriodKind
from alliance.core.refused import Refused
from alliance.db import append_many, insert_many, table_of
from alliance.indicators.models import CountedCase, ElementFeed, Reading
from alliance.indicators.queries.derived import Derived, counted_now, derived_readings, line_of
from alliance.indicators.queries.imports import current_texts
from alliance.indicators.queries.libraries import library
from alliance.indicators.rules.derived import DERIVED
from alliance.indicators.rules.filing import CAPTURED, NOT_FILED
from alliance.indicators.services.periods import lock_period
from alliance.indicators.services.submissions import fall_back, lock_submission

COLUMNS = (
    "alliance_id", "period", "institution", "element", "revision", "month", "measure", "case_code", "person",
    "quantity",
)  # fmt: skip


def set_feed(alliance: int, element: str, month: str, derived: bool, *, by: Actor, now: datetime) -> None:
    """Say that an element is derived from cases from a month on, or is not any more.

    Refused: an element that no register feeds, or that the library has not; what is no month.
    """
    when = Period.parse(month)
    with verb(by) as session:
        if element not in DERIVED or element not in library(alliance, when.last).elements:
            raise Refused("No register feeds %(element)s.", element=element)
        if when.kind is not PeriodKind.MONTH:
            raise Refused("Choose a month.")
        session.add(
            ElementFeed(
                alliance_id=alliance, element=element, month=when.code, derived=derived, set_by=by.account, set_at=now
            )
        )  # fmt: skip
        record(
            session, Act.INDICATORS_FEED_SET, f"element:{element}", by=by, now=now, alliance=alliance,
            start=when.code, works=derived,
        )  # fmt: skip


def derive_reading(alliance: int, code: str, *, by: Actor, now: datetime) -> int:
    """Derive the readings of a month from confirmed cases, for every member whose filing is open; how many changed.

    Where a value or the cases behind it changed, a new revision stands, with the cases it counted, and a signature
    falls. Again at once, it changes nothing.

    Refused: a period that is no month or was not opened.
    """
    with verb(by, alone_in=alliance) as session:
        found = derived_readings(alliance, code, now)
        who = sorted({one.institution for one in found})
        if who:
            lock_period(session, alliance, code, who, now)
        changed = _changed(alliance, code, found)
        _keep(session, alliance, code, changed, by, now)
        touched = sorted({one.institution for one, _revision in changed})
        for institution in touched:
            fall_back(lock_submission(session, alliance, code, institution))
        record(
            session, Act.INDICATORS_READING_DERIVE, f"period:{code}", by=by, now=now, alliance=alliance,
            changed=len(changed), institutions=len(touched),
        )  # fmt: skip
        subjects = [f"submission:{institution}/{code}" for institution in touched]
        record_many(session, Act.INDICATORS_READING_DERIVE, subjects, by=by, now=now, alliance=alliance)
        return len(changed)


def _changed(alliance: int, code: str, found: Sequence[Derived]) -> list[tuple[Derived, int]]:
    """What says something else than the reading that stands, each with its new revision."""
    current = current_texts(alliance, code, {one.institution for one in found}, {one.element for one in found})
    kept = counted_now(alliance, code, {one.element for one in found})
    changed = []
    for one in found:
        revision, text, state, origin = current.get((one.institution, one.element), NOT_FILED)
        stands = (text, state, origin) == (canonical(one.value), State.VALUE.value, CAPTURED)
        if not stands or kept.get((one.institution, one.element, revision), set()) != set(map(line_of, one.shares)):
            changed.append((one, revision + 1))
    return changed


def _keep(
    session: Session, alliance: int, code: str, changed: Sequence[tuple[Derived, int]], by: Actor, now: datetime
) -> None:
    insert_many(
        session, Reading,
        [
            {
                "alliance_id": alliance, "institution": one.institution, "element": one.element, "period": code,
                "revision": revision, "value": canonical(one.value), "state": State.VALUE.value, "origin": CAPTURED,
                "document": "", "filed_by": by.account, "filed_at": now,
            }
            for one, revision in changed
        ],
    )  # fmt: skip
    rows: list[tuple[str | int, ...]] = [
        (
            alliance, code, one.institution, one.element, revision, *line_of(share),
        )
        for one, revision in changed
        for share in one.shares
    ]  # fmt: skip
    append_many(session, table_of(CountedCase), COLUMNS, rows)
