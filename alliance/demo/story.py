"""The story of the demo, told through the portal's own verbs: two years filed, scored, paid and published."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from datetime import UTC, date, datetime
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

from flask import current_app

from alliance.audit import services as audit
from alliance.audit.queries import events_on
from alliance.core.acts import Act
from alliance.core.period import Period
from alliance.demo import (
    asking,
    bonusmonth,
    bonusplan,
    bonusrun,
    casework,
    charging,
    checking,
    cooperating,
    expertise,
    filing,
    founding,
    inside,
    noticing,
    peers,
    people,
    publishing,
    referring,
    scoring,
    verifying,
)
from alliance.demo.clock import LOADED, anchor
from alliance.demo.days import MONTHS, Days, moment
from alliance.demo.teller import SYSTEM, Say, Teller
from alliance.members import queries as members
from alliance.workpoints.volume.partitions import partitions_of

BULLETINS = 2  # of the last quarters; the third that is issued tells of a month


def load(today: date, say: Say, *, months: int = MONTHS, bulletins: int = BULLETINS) -> None:
    """Tell the whole story up to a day, in the order in which it happened.

    For a quicker start: fewer months, no less than twelve, and fewer bulletins.
    """
    teller = Teller(Days(today, months), say)
    begun = teller.days.start - founding.BEFORE
    # Paper takes seconds a page, and long files some: another process makes them, and the story never waits for it.
    with TemporaryDirectory() as folder:
        with ProcessPoolExecutor(
            1, mp_context=get_context("spawn"), initializer=gc.set_threshold, initargs=(100_000,)
        ) as beside:
            files = charging.begin_files(beside, Path(folder), teller.days.final[-2:], begun, short=months < MONTHS)
            _tell(teller, bulletins, beside)
        _pay(teller, files, begun)
    _end(teller)


def _tell(teller: Teller, bulletins: int, beside: Executor) -> None:
    """What the alliance did: filing, scores, funds, bulletins."""
    founding.found(teller)
    days = teller.days
    printed = days.scored[-bulletins:] if bulletins else []
    for year in (one for one in days.years if one.until == days.start):
        filing.file_period(teller, year)
    for month in days.final:
        _begin_quarter(teller, month.start)
        bonusplan.plan(teller, month)
        filing.file_period(teller, month)
        for year in (one for one in days.years if one.start + 11 == month.start):
            filing.file_period(teller, year)
        checking.check(teller, month)
        for quarter in (one for one in days.scored if one.start + 2 == month.start):
            filing.file_period(teller, quarter)
            scoring.score(teller, quarter)
            if quarter in printed:
                publishing.compose(teller, quarter, beside)
    if bulletins:
        publishing.compose_month(teller, days.final[-2], beside)
    filing.file_reviewed(teller)
    for quarter in (one for one in days.quarters if one not in days.scored and one.until <= days.today):
        filing.open_period(teller, quarter)
    filing.file_open(teller)
    cooperating.tell_others(teller)
    scoring.try_next(teller)
    expertise.begin(teller)
    asking.begin(teller)
    checking.report_elsewhere(teller)
    verifying.begin(teller)
    noticing.notice(teller)
    referring.refer(teller)
    peers.open_next(teller)
    publishing.issue(teller)


def _pay(teller: Teller, files: list[tuple[Period, Future[Path]]], begun: date) -> None:
    """What the lead hospital pays its staff."""
    days = teller.days
    for month in (days.reviewed, days.filed):
        bonusplan.plan(teller, month)
    bonusplan.propose(teller)
    moved_on = days.final[-1].first.replace(day=16)
    inside.transfer(teller.alliance, begun, moved_on, moment(moved_on))
    teller.say("charge lines of the lead hospital")
    charging.charge(teller.alliance, files, begun)
    bonusmonth.tell(teller)
    partitions = partitions_of(current_app.config["ALLIANCE"].data, teller.alliance)
    bonusrun.tell(teller, partitions)
    bonusmonth.note_work(teller, partitions)
    casework.tell(teller)


def _begin_quarter(teller: Teller, month: int) -> None:
    """What is new with a quarter."""
    days = teller.days
    for quarter in (one for one in days.scored if one.start == month):
        if month % 12 == 0 and quarter != days.scored[0]:
            founding.turn_year(teller, quarter)
        if quarter == days.scored[-1]:
            founding.ask_for_reasons(teller, quarter)


def _end(teller: Teller) -> None:
    """The last event: from now on the demo's clock runs."""
    day, begun = teller.days.today.isoformat(), datetime.now(UTC).isoformat()
    with audit.verb(SYSTEM) as session:
        audit.record(
            session, Act.WORK_DEMO_LOAD, LOADED, by=SYSTEM, now=teller.clock, alliance=teller.alliance, day=day,
            begun=begun,
        )  # fmt: skip


def is_loaded() -> bool:
    """Whether the demo's story has been told to its end."""
    return anchor() is not None


def is_begun() -> bool:
    """Whether the alliance that is there was founded by the demo, and by nobody else."""
    owner = members.alliance_of_code(people.ALLIANCE[0])
    events = events_on(owner.id, [f"alliance:{owner.code}"], 1) if owner else []
    return bool(events) and events[0].account == SYSTEM.account


def lines() -> Iterator[str]:
    """The sign-ins to print after loading."""
    for one in people.staff()[:16]:
        yield f"{one.account:12} {one.role:12} {one.name_zh}"
    yield f"{'c03.reporter':12} {'reporter':12} …"
    yield f"{'c03.lead':12} {'member_lead':12} …"
