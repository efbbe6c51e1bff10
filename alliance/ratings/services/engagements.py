"""The verbs of engagements: open one, draw its sample, move its last day, lock it; and what experts wait for."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from alliance.accounts import queries as accounts
from alliance.audit.services import record, verb
from alliance.core.actor import Actor
from alliance.core.acts import Act
from alliance.core.media import media_of, plain_name
from alliance.core.period import Period, day_of, end_of
from alliance.core.refused import Forbidden, NotFound, Refused
from alliance.core.workdays import working_day
from alliance.db import insert_many
from alliance.files import kinds_of
from alliance.indicators import queries as indicators
from alliance.members import queries as members
from alliance.post.services import queue_mail
from alliance.ratings.models import (
    Engagement,
    EngagementExpert,
    EngagementMember,
    Finding,
    ImprovementPlan,
    PlanStep,
    VerifiedFigure,
)
from alliance.ratings.queries.conflicts import conflicts_of
from alliance.ratings.queries.engagements import completions, drawables, engagement, experts, figures_drawn
from alliance.ratings.rules.plans import FILE_DAYS
from alliance.ratings.rules.verification import (
    SHORTEST,
    check_engagement,
    check_file,
    check_length,
    check_lockable,
    draw,
)
from alliance.store import Store

Looked = tuple[str, str, int, str]  # name, media type, size and SHA-256 of a file; empty and 0 for none
NO_FILE: Looked = ("", "", 0, "")


def kept(file: tuple[str, bytes] | None, store: Store) -> Looked:
    """A file given as (name, bytes), kept; Refused when it may not be evidence."""
    if file is None or not file[0]:
        return NO_FILE
    name, content = plain_name(file[0]), file[1]
    check_file(len(content), name)
    return name, media_of(kinds_of(content, name), name), len(content), store.keep(content)


def open_engagement(
    alliance: int, organisation: str, contract: str, period: str, codes: Sequence[str], people: Sequence[str],
    starts: date, ends: date, size: int, weighed: bool, file: tuple[str, bytes] | None, store: Store, *, by: Actor,
    now: datetime,
) -> str:  # fmt: skip
    """Engage a third party; the number of the engagement. Experts read from the first to the last day, once the sample
    is drawn.

    Refused: days or a size that cannot be, a member that there is not, an account that is no expert, a member that no
    expert may judge because of conflicts of interest.
    """
    codes, people = sorted({*codes}), sorted({*people})
    check_engagement(starts, ends, size, codes, people)
    if not organisation.strip() or not contract.strip():
        raise Refused("Name the organisation and the number of its contract.")
    there = {one.code for one in members.members(alliance, Period.parse(period).last)}
    if not {*codes} <= there or not {*people} <= experts(alliance, day_of(now)).keys():
        raise NotFound()
    _check_free(alliance, codes, people, max(starts, day_of(now)))
    looked = kept(file, store)
    with verb(by, alone_in=alliance) as session:
        year = day_of(now).year
        last = session.scalar(
            select(func.count()).where(Engagement.alliance_id == alliance, Engagement.number.startswith(f"{year}-"))
        )
        row = Engagement(
            alliance_id=alliance, number=f"{year}-{(last or 0) + 1:02}", organisation=organisation.strip(),
            contract=contract.strip(), file_name=looked[0], file_media=looked[1], file_size=looked[2],
            file_sha256=looked[3], period=period, starts_on=starts, ends_on=ends, size=size, weighed=weighed, seed="",
            population=[], opened_by=by.account, opened_at=now, drawn_by="", locked_by="", issued_by="", content={},
            digest="",
        )  # fmt: skip
        session.add(row)
        session.flush()
        insert_many(session, EngagementMember, [{"engagement_id": row.id, "institution": one} for one in codes])
        insert_many(session, EngagementExpert, [{"engagement_id": row.id, "account": one} for one in people])
        record(
            session, Act.RATINGS_ENGAGEMENT_OPEN, f"engagement:{row.number}", by=by, now=now, alliance=alliance,
            period=period, members=codes, experts=people, start=starts.isoformat(), until=ends.isoformat(),
        )  # fmt: skip
        return row.number


def _check_free(alliance: int, codes: Collection[str], people: Collection[str], on: date) -> None:
    """Refuse members that none of the experts may judge."""
    barred = [conflicts_of(alliance, one, on) for one in people]
    stuck = [code for code in codes if all(code in one for one in barred)]
    if stuck:
        raise Refused(
            "None of these experts may judge %(who)s: each is employed there or has declared a conflict of interest.",
            who=tuple(stuck),
        )  # fmt: skip


def locked_row(session: Session, alliance: int, number: str) -> Engagement:
    """An engagement for a verb that changes it. NotFound where there is none."""
    rows = select(Engagement).where(Engagement.alliance_id == alliance, Engagement.number == number)
    found = session.scalars(rows.with_for_update()).first()
    if found is None:
        raise NotFound()
    return found


def check_expert(alliance: int, number: str, by: Actor, now: datetime, institution: str = "") -> None:
    """The same for one member, or for none in particular."""
    check_experts(alliance, number, by, now, [institution] if institution else [])


def check_experts(alliance: int, number: str, by: Actor, now: datetime, codes: Collection[str]) -> None:
    """NotFound for who is no expert of an engagement that lasts; Forbidden about a member from which one stands apart;
    Refused once it is locked or before its sample is drawn."""
    one = engagement(alliance, number)
    if one is None or by.account not in one.experts or not one.is_open(day_of(now)) or not {*codes} <= {*one.members}:
        raise NotFound()
    barred = sorted({*codes} & conflicts_of(alliance, by.account, day_of(now))) if codes else []
    if barred:
        raise Forbidden("You stand apart from %(who)s and take no part in this matter.", who=tuple(barred))
    if one.drawn_at is None:
        raise Refused("The sample is not drawn yet.")
    if one.locked_at is not None:
        raise Refused("This engagement is locked; nothing can be recorded in it any more.")


def draw_engagement(alliance: int, number: str, seed: str, *, by: Actor, now: datetime) -> int:
    """Draw the sample with a seed that nobody chose; how many figures. What it was drawn from is kept with it.

    Refused: a sample that is drawn, no accepted figures.
    """
    with verb(by, alone_in=alliance) as session:
        row = locked_row(session, alliance, number)
        one = engagement(alliance, number)
        assert one is not None
        if row.drawn_at is not None:
            raise Refused("The sample is drawn already and stays as it is.")
        there = drawables(alliance, one)
        if not there:
            raise Refused("No figures of these members are accepted for %(period)s: there is nothing to draw.",
                          period=row.period)  # fmt: skip
        found = draw(there, row.size, seed, indicators.allocate, indicators.by_lot)
        row.seed, row.drawn_by, row.drawn_at = seed, by.account, now
        row.population = [
            [one.institution, one.tier, one.element, one.period, one.revision, one.value, one.band] for one in there
        ]
        insert_many(
            session,
            VerifiedFigure,
            [
                {
                    "engagement_id": row.id, "institution": one.institution, "element": one.element,
                    "period": one.period, "revision": one.revision, "value": one.value, "band": one.band,
                    "verdict": "", "corrected": "", "source": "", "remark": "", "file_name": "", "file_media": "",
                    "file_size": 0, "file_sha256": "", "checked_by": "", "checked_at": None,
                }
                for one in found
            ],
        )  # fmt: skip
        record(
            session, Act.RATINGS_ENGAGEMENT_DRAW, f"engagement:{number}", by=by, now=now, alliance=alliance, seed=seed,
            figures=len(found),
        )  # fmt: skip
        tell(session, "engagement", _experts_of(session, row.id), alliance, f"engagement:{number}",
             {"number": number, "due": end_of(row.ends_on).isoformat()}, now)  # fmt: skip
        return len(found)


def _experts_of(session: Session, engagement: int) -> list[str]:
    rows = select(EngagementExpert.account).where(EngagementExpert.engagement_id == engagement)
    return list(session.scalars(rows))


def tell(
    session: Session, kind: str, people: Collection[str], alliance: int, subject: str, matter: dict[str, str],
    now: datetime,
) -> None:  # fmt: skip
    """Queue a mail about what waits to those who can be reached."""
    queue_mail(
        session, kind, accounts.reached(people, "tasks"), subject, matter, alliance=alliance, now=now, topic="tasks"
    )


def responsible(alliance: int, institution: str, on: date) -> list[str]:
    """The accounts that answer for a member: its lead and its reporters."""
    return [
        one.account for one in accounts.holders(alliance, on)
        if one.grant.institution == institution and one.grant.role in ("member_lead", "reporter")
    ]  # fmt: skip


def reschedule_engagement(alliance: int, number: str, ends: date, reason: str, *, by: Actor, now: datetime) -> None:
    """Move the last day of an engagement, forward, or back so that it ends. What its experts may read ends with it.

    Refused: a day that lies before yesterday, before the first day or too far behind it, no reason, an issued report.
    """
    if len(reason.strip()) < SHORTEST:
        raise Refused("Write the reason in at least %(count)s characters.", count=SHORTEST)
    with verb(by, alone_in=alliance) as session:
        row = locked_row(session, alliance, number)
        if row.issued_at is not None:
            raise Refused("The report is issued; the engagement stays as it is.")
        if ends < row.starts_on or ends.toordinal() < day_of(now).toordinal() - 1:
            raise Refused("The last day is yesterday at the earliest, and not before the first one.")
        check_length(row.starts_on, ends)
        row.ends_on = ends
        record(
            session, Act.RATINGS_ENGAGEMENT_RESCHEDULE, f"engagement:{number}", by=by, now=now, alliance=alliance,
            until=ends.isoformat(), reason=reason.strip(),
        )  # fmt: skip


def lock_engagement(alliance: int, number: str, *, by: Actor, now: datetime) -> int:
    """Lock what was verified; each finding opens an improvement plan; how many.

    NotFound: who is no expert of it. Refused: a figure that nobody judged, an indicator that nobody confirmed.
    """
    check_expert(alliance, number, by, now)
    with verb(by, alone_in=alliance) as session:
        row = locked_row(session, alliance, number)
        check_expert(alliance, number, by, now)
        one = engagement(alliance, number)
        assert one is not None
        figures = figures_drawn(row.id)
        waiting = sum(not done.verdict for done in completions(alliance, one, figures))
        check_lockable(sum(not figure.verdict for figure in figures), waiting)
        row.locked_by, row.locked_at = by.account, now
        until = end_of(working_day(day_of(now), FILE_DAYS, indicators.works_on(alliance)))
        found = list(
            session.scalars(select(Finding).where(Finding.engagement_id == row.id).order_by(Finding.number))
        )  # fmt: skip
        for finding in found:
            session.add(
                ImprovementPlan(
                    finding_id=finding.id, state="open", problem="", cause="", actions=[], waits_until=until
                )
            )
            session.add(step_row(finding.id, "open", "", NO_FILE, by, now))
            matter = {"institution": finding.institution, "number": number, "finding": str(finding.number),
                      "due": until.isoformat()}  # fmt: skip
            people = responsible(alliance, finding.institution, day_of(now))
            subject = f"improvement:{finding.institution}/{number}/{finding.number}"
            tell(session, "improvement", people, alliance, subject, matter, now)
        record(
            session, Act.RATINGS_ENGAGEMENT_LOCK, f"engagement:{number}", by=by, now=now, alliance=alliance,
            findings=len(found),
        )  # fmt: skip
        return len(found)


def step_row(finding: int, step: str, text: str, file: Looked, by: Actor, now: datetime) -> PlanStep:
    """A step of a plan, to be kept."""
    return PlanStep(
        finding_id=finding, step=step, text=text.strip(), file_name=file[0], file_media=file[1], file_size=file[2],
        file_sha256=file[3], done_by=by.account, done_at=now,
    )  # fmt: skip
