"""The verbs of visits on site: record one, confirm it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from sqlalchemy import func, select

from alliance.audit.services import record, verb
from alliance.core.actor import Actor
from alliance.core.acts import Act
from alliance.core.period import day_of
from alliance.core.refused import REASON, NotFound, Refused
from alliance.ratings.models import Panel, SiteVisit
from alliance.ratings.queries.panels import rubric_of, scores
from alliance.ratings.services.panels import open_one

ANSWERS = ("yes", "no", "none")


def record_visit(
    alliance: int, period: str, institution: str, visited_on: date, checks: Mapping[str, str], met: str,
    findings: str, *, by: Actor, now: datetime,
) -> int:  # fmt: skip
    """Record a visit to a member that one judges; its number. The member's lead confirms it as signature.

    NotFound: a member that one does not judge. Refused: a day before the panel's opening or ahead, a point of the
    checklist without an answer, nobody met or nothing found in words.
    """
    with verb(by, alone_in=alliance) as session:
        one = open_one(alliance, period)
        mine = [row for row in scores(alliance, one, now, by.account) if row.institution == institution]
        if not any(row.stands for row in mine):
            raise NotFound()
        if not day_of(one.opened_at) <= visited_on <= day_of(now):
            raise Refused("The day of the visit must lie between the opening of the panel and today.")
        wanted = {check.code for check in rubric_of(alliance, one).checks}
        if {code for code, answer in checks.items() if answer in ANSWERS} != wanted:
            raise Refused("Answer every point of the checklist.")
        if len(met.strip()) < 2 or len(findings.strip()) < REASON:
            raise Refused("Say whom you met, by their posts, and in at least ten characters what you found.")
        last = session.scalar(
            select(func.max(SiteVisit.number)).where(SiteVisit.panel_id == one.id, SiteVisit.institution == institution)
        )
        number = (last or 0) + 1
        session.add(
            SiteVisit(
                panel_id=one.id, institution=institution, number=number, visited_on=visited_on, visited_by=by.account,
                checks=dict(checks), met=met.strip(), findings=findings.strip(), recorded_at=now, answer="",
            )
        )  # fmt: skip
        record(
            session, Act.RATINGS_VISIT_RECORD, f"visit:{institution}/{period}/{number}", by=by, now=now,
            alliance=alliance,
        )  # fmt: skip
        return number


def confirm_visit(
    alliance: int, period: str, institution: str, number: int, answer: str = "", *, by: Actor, now: datetime
) -> None:
    """Confirm a visit to one's own member, once, with what is to be said about it.

    Refused: one that is confirmed.
    """
    with verb(by, alone_in=alliance) as session:
        row = session.scalars(
            select(SiteVisit)
            .join(Panel, Panel.id == SiteVisit.panel_id)
            .where(
                Panel.alliance_id == alliance, Panel.period == period, SiteVisit.institution == institution,
                SiteVisit.number == number,
            )
        ).first()  # fmt: skip
        if row is None:
            raise NotFound()
        if row.confirmed_at is not None:
            raise Refused("This visit is confirmed already.")
        row.confirmed_by, row.confirmed_at, row.answer = by.account, now, answer.strip()
        record(
            session, Act.RATINGS_VISIT_CONFIRM, f"visit:{institution}/{period}/{number}", by=by, now=now,
            alliance=alliance,
        )  # fmt: skip
