"""What a task is, whom to ask for tasks, and what all who are asked share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from alliance.audit import queries as audit
from alliance.bulletins import queries as publishing
from alliance.core.acts import Act
from alliance.core.period import Period, PeriodKind, day_of
from alliance.core.refused import Both, Problem, mark
from alliance.core.roles import Scope
from alliance.evaluation import queries as evaluation
from alliance.funds import queries as money
from alliance.indicators import queries as indicators

RECENT = timedelta(days=3)  # what was done is shown for so long, faded
MOST_DONE = 5
# What a person calls finished; reading, signing in and steps on the way are not.
FINISHES = (
    Act.INDICATORS_SUBMISSION_SIGN,
    Act.INDICATORS_SUBMISSION_SUBMIT,
    Act.INDICATORS_SUBMISSION_ACCEPT,
    Act.INDICATORS_SUBMISSION_RETURN,
    Act.INDICATORS_EXCEPTION_GRANT,
    Act.INDICATORS_PERIOD_OPEN,
    Act.INDICATORS_CHECK_RECORD,
    Act.INDICATORS_ROUND_DRAW,
    Act.INDICATORS_ROUND_CLOSE,
    Act.INDICATORS_FALSIFICATION_PROPOSE,
    Act.RATINGS_ENGAGEMENT_DRAW,
    Act.RATINGS_VERIFICATION_RECORD,
    Act.RATINGS_ENGAGEMENT_LOCK,
    Act.RATINGS_PLAN_FILE,
    Act.RATINGS_PLAN_REVIEW,
    Act.RATINGS_PLAN_FINISH,
    Act.RATINGS_PLAN_CONFIRM,
    Act.RATINGS_REPORT_ISSUE,
    Act.EVALUATION_SCHEME_DECIDE,
    Act.RATINGS_SCORE_LOCK,
    Act.RATINGS_VISIT_RECORD,
    Act.RATINGS_VISIT_CONFIRM,
    Act.RATINGS_PANEL_OPEN,
    Act.RATINGS_PANEL_CLOSE,
    Act.EVALUATION_RUN_COMPUTE,
    Act.FUNDS_FUND_COMPUTE,
    Act.FUNDS_FUND_DECIDE,
    Act.BULLETINS_BULLETIN_COMPOSE,
    Act.BULLETINS_BULLETIN_DECIDE,
    Act.BULLETINS_BULLETIN_ISSUE,
    Act.ACCOUNTS_ACCOUNT_INVITE,
    Act.ACCOUNTS_GRANT_GIVE,
    Act.ACCOUNTS_GRANT_REVOKE,
    Act.ACCOUNTS_DEPUTY_NAME,
)

# The roles at which matters of the alliance wait, in the order of the work.
WORKING = ("reporter", "member_lead", "office", "analyst", "committee")
# A kind of task in words that hold for several of it.
TITLES = {
    "decide_scheme": mark("Decide on a scheme"),
    "decide_bulletin": mark("Decide on a bulletin"),
    "find": mark("Decide on a falsification"),
    "issue": mark("Issue a bulletin"),
    "try": mark("Try a scheme"),
    "draw_engagement": mark("Draw the sample of a verification"),
    "prolong": mark("A verification ended before it was locked"),
    "issue_report": mark("Issue the report of a verification"),
    "write_plan": mark("Write an improvement plan"),
    "carry_out": mark("Carry out an improvement plan"),
    "review_plan": mark("Review an improvement plan"),
    "confirm_plan": mark("Confirm what was done about a finding"),
}


@dataclass(frozen=True, slots=True)
class Task:
    """Something a person can do now. `what` names the kind; `title` is its message id with its `places`, `view` and
    `args` the page where it is done (no view: it is done elsewhere). `count` of `whole` are done; without a whole,
    so many wait. `about` says more of it in both languages, `note` as a message of its own."""

    what: str
    title: str
    view: str = ""
    args: Mapping[str, Any] = field(default_factory=dict)
    period: str = ""
    institution: str = ""
    subject: str = ""
    places: Mapping[str, Any] = field(default_factory=dict)
    count: int = 0
    whole: int = 0
    due: datetime | None = None
    about: Both | None = None
    note: Problem | None = None


@dataclass(frozen=True, slots=True)
class Own:
    """What waits of a person's own account: days until the password must be changed (None: not soon), and whether a
    second factor is still owed."""

    password_days: int | None = None
    totp: bool = False


class Asked:
    """Who asks for tasks and when, by the clock of the alliance and by that of the machine; what several sources need
    is asked of the wings once."""

    def __init__(self, scope: Scope, now: datetime, own: Own, machine: datetime, *, counted: bool = True) -> None:
        self.scope, self.now, self.own, self.machine, self.counted = scope, now, own, machine, counted
        self.on = day_of(now)
        self._submissions: dict[str, list[indicators.SubmissionInfo]] = {}
        self._mine: dict[str, list[indicators.SubmissionInfo]] = {}

    @property
    def alliance(self) -> int:
        return self.scope.alliance_id

    @cached_property
    def periods(self) -> Sequence[indicators.PeriodInfo]:
        """The newest periods that are open or under review, newest first."""
        return self._opened[:3]

    @property
    def months(self) -> Sequence[indicators.PeriodInfo]:
        """The months that were ever opened, newest first."""
        return [one for one in self._opened if Period.parse(one.code).kind is PeriodKind.MONTH]

    @cached_property
    def _opened(self) -> Sequence[indicators.PeriodInfo]:
        return indicators.periods(self.alliance)

    def submissions(self, period: str) -> Sequence[indicators.SubmissionInfo]:
        """How far each member in reach has come."""
        if period not in self._submissions:
            self.look_up(period, *self._together(period))
        return self._submissions[period]

    def look_up(self, *periods: str) -> None:
        """Ask about several periods together, before one of them is."""
        wanted = tuple(sorted({*periods} - self._submissions.keys()))
        if wanted:
            self._submissions |= indicators.submissions_of(
                self.alliance, wanted, self.scope.institutions, counted=False
            )

    def _together(self, period: str) -> tuple[str, ...]:
        """The periods that are asked for at the same time as this one."""
        newest = tuple(one.code for one in self.periods)
        return newest if period in newest else (period,)

    def own_submissions(self, period: str) -> Sequence[indicators.SubmissionInfo]:
        """How far the own members have come, with what is filed where that is `counted`."""
        if period not in self._mine:
            self._mine |= self._own_of(self._together(period))
        return self._mine[period]

    def _own_of(self, periods: tuple[str, ...]) -> dict[str, list[indicators.SubmissionInfo]]:
        if self.counted:
            return indicators.submissions_of(self.alliance, periods, self.scope.own)
        reach = {code: self.submissions(code) for code in periods}
        return {code: [row for row in rows if row.institution in self.scope.own] for code, rows in reach.items()}

    @cached_property
    def exceptions(self) -> Sequence[indicators.ExceptionInfo]:
        """Leave to file in the newest periods."""
        return indicators.exceptions_of(self.alliance, tuple(one.code for one in self.periods))

    @cached_property
    def runs(self) -> Sequence[evaluation.RunInfo]:
        """The official run of each period that holds, newest period first."""
        return evaluation.holding_runs(self.alliance)

    @cached_property
    def funds(self) -> Sequence[money.FundInfo]:
        """All funds computed, newest first."""
        return money.funds(self.alliance)

    @cached_property
    def bulletins(self) -> Sequence[publishing.BulletinInfo]:
        return publishing.bulletins(self.scope)

    @cached_property
    def going_on(self) -> Sequence[publishing.BulletinInfo]:
        """Bulletins not issued yet, without those that tell of scores or a fund replaced since: nobody can go on with
        them."""
        drafts = [one for one in self.bulletins if one.issued_at is None]
        return [one for one in drafts if not publishing.is_outdated(self.alliance, one)]


Source = Callable[[Asked], Iterable[Task]]
_sources: list[tuple[frozenset[str], Source]] = []


def waits_for(*roles: str) -> Callable[[Source], Source]:
    """Declare a source of tasks, asked for whoever holds one of the roles; for everybody when none is named."""

    def declare(source: Source) -> Source:
        _sources.append((frozenset(roles), source))
        return source

    return declare


def tasks(scope: Scope, now: datetime, own: Own | None = None, machine: datetime | None = None) -> list[Task]:
    """The open tasks of a person, the most pressing first; `machine`: its clock, where it is another (record 0125)."""
    asked = Asked(scope, now, own or Own(), machine or now)
    found = [task for roles, source in _sources if not roles or roles & scope.roles for task in source(asked)]
    return sorted(found, key=lambda task: (task.due is None, task.due or now))


def tasks_at(scope: Scope, institution: str, now: datetime) -> list[Task]:
    """The open tasks of a person at one member; none of whoever does not work for it."""
    if institution not in scope.own:
        return []
    return [
        task for task in tasks(replace(scope, own=frozenset({institution})), now) if task.institution == institution
    ]


@dataclass(frozen=True, slots=True)
class Matter:
    """What waits at a role in the whole alliance, whoever holds it: how many of a kind, and until when."""

    role: str
    what: str
    title: str
    period: str
    count: int
    due: datetime | None


def matters(alliance: int, codes: Iterable[str], now: datetime) -> list[Matter]:
    """What waits at the roles of an alliance and of the members named, without anybody's name; by role, the most
    pressing first. A source that several roles share stands at the first of them. As of the minute that runs."""
    return _matters(alliance, tuple(codes), now.replace(second=0, microsecond=0))


@audit.until_next_event
def _matters(alliance: int, codes: tuple[str, ...], now: datetime) -> list[Matter]:
    scope = Scope(alliance, roles=frozenset(WORKING), institutions=None, own=frozenset(codes))
    asked, found = Asked(scope, now, Own(), now, counted=False), dict[tuple[str, str, str, str], list[Task]]()
    for roles, source in _sources:
        role = next((one for one in WORKING if one in roles), "")
        for task in source(asked) if role else ():
            # What names its own subject is one matter beside others of its kind: its title would not be true of all.
            title = TITLES.get(task.what, task.title)
            found.setdefault((role, task.what, title, task.period), []).append(task)
    made = [
        Matter(*kind, sum(_weight(task) for task in group), min((t.due for t in group if t.due), default=None))
        for kind, group in found.items()
    ]
    return sorted(made, key=lambda one: (WORKING.index(one.role), one.due is None, one.due or now, one.what))


def _weight(task: Task) -> int:
    """How many things wait in a task: those counted, where they are not counted against a whole."""
    return max(task.count, 1) if not task.whole and not task.institution else 1


def finished(scope: Scope, now: datetime) -> list[audit.LoggedEvent]:
    """What the person finished in the last days, newest first, each kind and subject once."""
    mine = audit.Wanted(since=now - RECENT, account=scope.account, kind="change")
    found = audit.events(scope.alliance_id, (), mine, limit=50)
    once = {(one.act, one.subject): one for one in reversed(found) if one.act in FINISHES}
    return sorted(once.values(), key=lambda one: (one.at, one.id), reverse=True)[:MOST_DONE]
