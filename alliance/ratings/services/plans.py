"""The verbs of improvement plans: the member writes and carries out, the office reviews, expert or office confirms."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from alliance.audit.services import record, verb
from alliance.core.actor import Actor
from alliance.core.acts import Act
from alliance.core.period import day_of, end_of
from alliance.core.refused import AlreadyDone, Forbidden, NotFound, Refused
from alliance.core.workdays import working_day
from alliance.indicators import queries as indicators
from alliance.ratings.models import Engagement, Finding, ImprovementPlan
from alliance.ratings.queries.conflicts import conflicts_of
from alliance.ratings.queries.engagements import EngagementInfo, engagement, experts, verification_files
from alliance.ratings.queries.plans import FindingInfo, plan_files
from alliance.ratings.rules.plans import CONFIRM_DAYS, FILE_DAYS, REVIEW_DAYS, Action, after, check_plan, check_reason
from alliance.ratings.services.engagements import NO_FILE, Looked, kept, responsible, step_row, tell
from alliance.store import Store

KEPT_UNNAMED = timedelta(days=1)  # bytes that no row refers to: of a verb that was refused, or is under way
WAITS = {"filed": REVIEW_DAYS, "returned": FILE_DAYS, "done": CONFIRM_DAYS}  # working days until the next step


def _locked(session: Session, alliance: int, number: str, finding: int) -> tuple[Finding, ImprovementPlan]:
    rows = (
        select(Finding, ImprovementPlan)
        .join(Engagement, Engagement.id == Finding.engagement_id)
        .join(ImprovementPlan, ImprovementPlan.finding_id == Finding.id)
        .where(Engagement.alliance_id == alliance, Engagement.number == number, Finding.number == finding)
        .with_for_update()
    )
    found = session.execute(rows).first()
    if found is None:
        raise NotFound()
    return found[0], found[1]


def _take(
    session: Session, alliance: int, number: str, finding: int, step: str, text: str, file: Looked, act: Act,
    by: Actor, now: datetime,
) -> tuple[Finding, ImprovementPlan]:  # fmt: skip
    """Take a step: the state after it, its deadline, its row and its event."""
    row, plan = _locked(session, alliance, number, finding)
    plan.state = after(plan.state, step)
    days = WAITS.get(plan.state)
    works = indicators.works_on(alliance)
    plan.waits_until = end_of(working_day(day_of(now), days, works)) if days else None
    session.add(step_row(row.id, step, text, file, by, now))
    record(
        session, act, f"improvement:{row.institution}/{number}/{finding}", by=by, now=now, alliance=alliance,
        state=plan.state, files=[[file[0], file[3]]] if file[3] else [],
    )  # fmt: skip
    if plan.state in ("returned", "accepted"):
        due = plan.waits_until or end_of(row.due_on)
        matter = {"institution": row.institution, "number": number, "finding": str(finding), "due": due.isoformat()}
        people = responsible(alliance, row.institution, day_of(now))
        tell(session, "improvement", people, alliance, f"improvement:{row.institution}/{number}/{finding}", matter, now)
    return row, plan


def _check_own(row: Finding, by: Actor) -> None:
    """NotFound: a plan of another member."""
    if by.employer != row.institution:
        raise NotFound()


def _check_other(row: Finding, by: Actor) -> None:
    """Forbidden: who is employed by the member."""
    if by.employer == row.institution:
        raise Forbidden("You are employed by %(who)s and take no part in this matter.", who=row.institution)


def file_plan(
    alliance: int, number: str, finding: int, problem: str, cause: str, actions: Sequence[Action], *, by: Actor,
    now: datetime,
) -> None:  # fmt: skip
    """A member writes what it does about a finding: problem, cause, actions with owner and last day. Refused: a plan
    that lacks something, one under review or accepted. What comes late is late and taken all the same."""
    with verb(by, alone_in=alliance) as session:
        row, plan = _locked(session, alliance, number, finding)
        _check_own(row, by)
        check_plan(problem, cause, actions, day_of(now), max(row.due_on, day_of(now)))
        _take(session, alliance, number, finding, "file", "", NO_FILE, Act.RATINGS_PLAN_FILE, by, now)
        plan.problem, plan.cause = problem.strip(), cause.strip()
        plan.actions = [[one.text.strip(), one.owner.strip(), one.due_on.isoformat()] for one in actions]


def review_plan(
    alliance: int, number: str, finding: int, step: str, reason: str, *, by: Actor, now: datetime
) -> None:  # fmt: skip
    """The office accepts a plan or returns it with a reason. Forbidden: who is employed by the member."""
    if step not in ("accept", "return"):
        raise Refused("Choose whether the plan is accepted.")
    check_reason(step, reason)
    with verb(by, alone_in=alliance) as session:
        row, _plan = _locked(session, alliance, number, finding)
        _check_other(row, by)
        _take(session, alliance, number, finding, step, reason, NO_FILE, Act.RATINGS_PLAN_REVIEW, by, now)


def finish_plan(
    alliance: int, number: str, finding: int, text: str, file: tuple[str, bytes] | None, store: Store, *, by: Actor,
    now: datetime,
) -> None:  # fmt: skip
    """A member reports its plan as done, with a file that shows it. Refused: without words or a file."""
    check_reason("return", text)
    if not file or not file[0]:
        raise Refused("Attach a file that shows what was done.")
    looked = kept(file, store)
    with verb(by, alone_in=alliance) as session:
        row, _plan = _locked(session, alliance, number, finding)
        _check_own(row, by)
        _take(session, alliance, number, finding, "finish", text, looked, Act.RATINGS_PLAN_FINISH, by, now)


def confirm_plan(
    alliance: int, number: str, finding: int, step: str, reason: str, *, by: Actor, now: datetime
) -> None:  # fmt: skip
    """An expert of the engagement while it lasts, or the office, confirms what was done or says with a reason that more
    is to be done. NotFound: an expert of another engagement, or after its end. Forbidden: who is employed by the
    member, or stands apart from it."""
    if step not in ("confirm", "reopen"):
        raise Refused("Choose whether it is confirmed.")
    check_reason(step, reason)
    with verb(by, alone_in=alliance) as session:
        row, _plan = _locked(session, alliance, number, finding)
        one = engagement(alliance, number)
        mine = one is not None and by.account in one.experts and one.is_open(day_of(now))
        if by.account in experts(alliance, day_of(now)) and not mine:
            raise NotFound()
        _check_other(row, by)
        if row.institution in conflicts_of(alliance, by.account, day_of(now)):
            raise Forbidden("You stand apart from %(who)s and take no part in this matter.", who=row.institution)
        _take(session, alliance, number, finding, step, reason, NO_FILE, Act.RATINGS_PLAN_CONFIRM, by, now)


def remind_plan(alliance: int, one: FindingInfo, occasion: str, *, by: Actor, now: datetime) -> bool:
    """Remind a member of its plan; whether this occasion had not done so before."""
    due = one.due
    matter = {"institution": one.institution, "number": one.engagement, "finding": str(one.number),
              "due": due.isoformat() if due else ""}  # fmt: skip
    people = responsible(alliance, one.institution, day_of(now))
    return _remind(alliance, Act.RATINGS_PLAN_REMIND, "improvement", one.subject, people, matter, occasion, by, now)


def remind_engagement(alliance: int, one: EngagementInfo, occasion: str, *, by: Actor, now: datetime) -> bool:
    """Remind the experts of an engagement of its last day; whether this occasion had not done so before."""
    matter = {"number": one.number, "due": end_of(one.ends_on).isoformat()}
    act = Act.RATINGS_ENGAGEMENT_REMIND
    return _remind(alliance, act, "engagement", one.subject, list(one.experts), matter, occasion, by, now)


def _remind(
    alliance: int, act: Act, kind: str, subject: str, people: Sequence[str], matter: dict[str, str], occasion: str,
    by: Actor, now: datetime,
) -> bool:  # fmt: skip
    # The event's one-time token keeps an occasion from being told twice, whichever worker comes first.
    once = f"{alliance}/{subject}/{matter['due'][:10]}/{occasion}"
    try:
        with verb(Actor(by.account, by.employer, once)) as session:
            record(session, act, subject, by=Actor(by.account, by.employer, once), now=now, alliance=alliance,
                   occasion=occasion)  # fmt: skip
            tell(session, kind, people, alliance, subject, matter, now)
    except AlreadyDone:
        return False
    return True


def clear_verification_files(store: Store, *, now: datetime) -> int:
    """Remove bytes that no row refers to and that were not kept within a day; how many files."""
    return store.clear(now - KEPT_UNNAMED, verification_files() | plan_files())
