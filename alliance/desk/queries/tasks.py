"""What is to be done, by whom, by when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from alliance.bulletins import queries as bulletins
from alliance.core.period import day_of
from alliance.core.refused import Both
from alliance.core.roles import Scope
from alliance.evaluation import queries as evaluation
from alliance.funds import queries as funds
from alliance.indicators import queries as indicators
from alliance.indicators.queries import Progress
from alliance.notices import queries as notices

OVERDUE = timedelta(hours=1)  # after which somebody should know that a period did not open by itself


@dataclass(frozen=True, slots=True)
class Task:
    """Something a person can do now. `what` names the kind, for its words and address."""

    what: str
    period: str
    institution: str = ""
    subject: str = ""
    count: int = 0
    whole: int = 0
    due: datetime | None = None
    about: Both | None = None


def tasks(scope: Scope, now: datetime) -> list[Task]:
    """The open tasks of a person, the most pressing first."""
    found = [
        Task("read_notice", "", subject=one.number, due=one.due_at, about=one.title)
        for one in notices.waiting(scope.alliance_id, scope.account, day_of(now))
    ]
    for period in indicators.periods(scope.alliance_id)[:3]:
        rows = indicators.submissions(scope.alliance_id, period.code, scope.institutions)
        found += _filing_tasks(scope, period, rows, now)
    if "office" in scope.roles:
        found += _office_tasks(scope, now)
    if "committee" in scope.roles:
        found += _committee_tasks(scope)
    return sorted(found, key=lambda task: (task.due is None, task.due or now, task.what))


def _filing_tasks(
    scope: Scope, period: indicators.PeriodInfo, rows: Sequence[indicators.SubmissionInfo], now: datetime
) -> list[Task]:
    found = []
    for row in rows:
        if row.institution not in scope.own:
            continue
        if row.state in (Progress.OPEN, Progress.DRAFT) and "reporter" in scope.roles and period.due_at > now:
            found.append(Task("file", period.code, row.institution, count=row.filled, whole=row.due, due=period.due_at))
        if row.state is Progress.RETURNED and "reporter" in scope.roles:
            found.append(Task("mend", period.code, row.institution, count=len(row.unlocked or ()), due=period.due_at))
        if row.state in (Progress.DRAFT, Progress.RETURNED) and "member_lead" in scope.roles:
            found.append(Task("sign", period.code, row.institution, count=row.filled, whole=row.due, due=period.due_at))
        if row.state is Progress.SIGNED and scope.roles & {"reporter", "member_lead"}:
            found.append(Task("submit", period.code, row.institution, due=period.due_at))
    if "office" in scope.roles:
        waiting = [row for row in rows if row.state in (Progress.SUBMITTED, Progress.REVIEW)]
        if waiting:
            found.append(Task("accept", period.code, count=len(waiting), whole=len(rows)))
        asked = [one for one in indicators.exceptions(scope.alliance_id, period.code) if one.granted_at is None]
        asked = [one for one in asked if one.until > now and one.asked_by != scope.account]
        if asked:
            found.append(Task("grant", period.code, count=len(asked), due=min(one.until for one in asked)))
        missing = [row for row in rows if row.waits]
        if missing and period.due_at > now:
            found.append(Task("chase", period.code, count=len(rows) - len(missing), whole=len(rows), due=period.due_at))
    return found


def _office_tasks(scope: Scope, now: datetime) -> list[Task]:
    """Periods that did not open by themselves, with the members in the way; periods that are scored but not shared,
    shared funds without a bulletin, decided bulletins to issue."""
    found = [
        Task("open", one.code, subject=" ".join(one.stuck), count=len(one.stuck), due=one.dates.due_at)
        for one in indicators.due_openings(scope.alliance_id, now)
        if one.stuck or one.dates.opens_at + OVERDUE <= now
    ]
    scored = list(dict.fromkeys(run.period for run in evaluation.runs(scope.alliance_id)))
    shared = {fund.period for fund in funds.funds(scope.alliance_id)}
    found += [Task("share", period) for period in scored[:2] if period not in shared]
    found += [Task("issue", one.period, subject=one.number) for one in _waiting_bulletins(scope, "decided")]
    return found


def _waiting_bulletins(scope: Scope, state: str) -> list[bulletins.BulletinInfo]:
    """Bulletins in a state, without those that tell of scores or a fund replaced since: nobody can go on with them."""
    return [
        one
        for one in bulletins.bulletins(scope)
        if one.state == state and not bulletins.is_outdated(scope.alliance_id, one)
    ]


def _committee_tasks(scope: Scope) -> list[Task]:
    """What waits for a decision: drafts of schemes, computed funds, composed bulletins."""
    found = [
        Task("decide_scheme", "", subject=one.reference)
        for one in evaluation.schemes(scope.alliance_id)
        if not one.decision
    ]
    decided = {fund.period for fund in funds.funds(scope.alliance_id) if fund.decision}
    newest: dict[str, funds.FundInfo] = {}
    for fund in funds.funds(scope.alliance_id):
        newest.setdefault(fund.period, fund)
    found += [
        Task("decide_fund", fund.period, subject=str(fund.run_id))
        for fund in newest.values()
        if fund.period not in decided
    ]
    found += [Task("decide_bulletin", one.period, subject=one.number) for one in _waiting_bulletins(scope, "draft")]
    return found
