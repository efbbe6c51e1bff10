"""What the timetable does at its hours, for every alliance."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from alliance.access import alliance_time
from alliance.core.actor import Actor
from alliance.core.period import day_of, end_of
from alliance.core.refused import AlreadyDone, Refused
from alliance.db import empty_log
from alliance.evaluation.services import estimate_scores
from alliance.funds.services import estimate_funds
from alliance.indicators import queries as indicators
from alliance.indicators.rules.calendar import REMINDED
from alliance.indicators.services import (
    clear_evidence,
    derive_reading,
    open_period,
    send_reminder,
)
from alliance.members import queries as members
from alliance.notices.services import clear_notices
from alliance.ratings import queries as rated
from alliance.ratings import services as ratings
from alliance.ratings.rules.fieldwork import REMINDED as SURVEY_REMINDED
from alliance.ratings.rules.verification import reminded
from alliance.registers import services as registers
from alliance.store import Store
from alliance.workpoints import queries as bonus
from alliance.workpoints.services import clear_workloads
from alliance.workpoints.volume.loading import clear
from alliance.workpoints.volume.partitions import partitions_of

WORKER = Actor("worker")
UPLOADS_KEPT = timedelta(days=1)


def remind_members(now: datetime) -> None:
    """Remind who has not submitted, three days and one day before the last day of filing, and on it."""
    now = alliance_time(now)
    for one in members.alliances():
        for period in indicators.periods(one.id):
            left = (day_of(period.due_at - timedelta(minutes=1)) - day_of(now)).days
            if left in REMINDED and now < period.due_at:
                waiting = [row.institution for row in indicators.submissions(one.id, period.code) if row.waits]
                occasion = f"-{left}" if left else "0"
                send_reminder(one.id, period.code, waiting, occasion, by=WORKER, now=now)


def remind_raters(now: datetime) -> None:
    """Remind who has not handed in a cross-rating, on the fifth and the ninth working day of its round."""
    now = alliance_time(now)
    for one in members.alliances():
        for found in rated.peer_rounds(one.id):
            occasion = rated.occasion(one.id, found, now)
            if occasion:
                waiting = [row.rater for row in rated.rater_lines(found) if row.submitted_at is None]
                ratings.remind_rater(one.id, found.period, waiting, occasion, by=WORKER, now=now)


def remind_experts(now: datetime) -> None:
    """Remind the experts of open panels, three days and one day before their last day, and on it."""
    now = alliance_time(now)
    for one in members.alliances():
        for panel in rated.panels(one.id):
            waiting = rated.scores(one.id, panel, now) if panel.closed_at is None else []
            for due in sorted({row.due_at for row in waiting if row.waits}):
                left = (day_of(due - timedelta(minutes=1)) - day_of(now)).days
                if left in REMINDED:
                    occasion = f"{due:%Y-%m-%d}-{left}"
                    ratings.remind_panel(one.id, panel.period, occasion, due, by=WORKER, now=now)


def remind_verification(now: datetime) -> None:
    """Remind experts of what is not verified and members of their improvement plans: three days and one day before
    the last day, on it, and each Monday after it."""
    now = alliance_time(now)
    for one in members.alliances():
        for engaged in rated.engagements(one.id):
            occasion = reminded(end_of(engaged.ends_on), now, day_of(now))
            if occasion and engaged.drawn_at and not engaged.locked_at and engaged.is_open(day_of(now)):
                ratings.remind_engagement(one.id, engaged, occasion, by=WORKER, now=now)
        for finding in rated.findings(one.id):
            occasion = reminded(finding.due, now, day_of(now)) if finding.due else ""
            if occasion and finding.state in ("open", "returned", "accepted"):
                ratings.remind_plan(one.id, finding, occasion, by=WORKER, now=now)


def open_periods(now: datetime) -> None:
    """Open the periods whose day has come by the timetables of the alliances; what cannot be opened waits on the home
    page of the office with its reason."""
    now = alliance_time(now)
    for one in members.alliances():
        for opening in indicators.due_openings(one.id, now):
            if not opening.stuck:
                with suppress(Refused):  # somebody opened it by hand meanwhile, or the last reviewer went
                    open_period(one.id, opening.code, by=WORKER, now=now)


def mix_answers(now: datetime) -> None:
    """Mix the answers of surveys, and leave no copy of them as they came in the log of SQLite."""
    ratings.mix_answer(by=WORKER, now=alliance_time(now))
    empty_log()


def close_waves(now: datetime) -> None:
    """Close the surveys whose last day is past; remind, three days and one day before it, where few have answered."""
    now = alliance_time(now)
    for one in members.alliances():
        for wave in rated.waves(one.id):
            left = (wave.closes_on - day_of(now)).days
            if wave.closed_at is None and left < 0:
                with suppress(Refused):  # the office closed it at the same moment
                    ratings.close_wave(one.id, wave.number, by=WORKER, now=now)
            elif wave.closed_at is None and left in SURVEY_REMINDED:
                by = replace(WORKER, once=f"survey-{wave.number}-{left}")
                with suppress(AlreadyDone):
                    ratings.remind_wave(one.id, wave.number, left, by=by, now=now)


def estimate(now: datetime) -> None:
    """Work out anew what is still running: provisional scores and money of every alliance."""
    now = alliance_time(now)
    for one in members.alliances():
        estimate_scores(one.id, by=WORKER, now=now)
        estimate_funds(one.id, by=WORKER, now=now)


def derive_readings(now: datetime) -> None:
    """Derive the readings of every month that is open for filing, the oldest first: it takes the corrections."""
    now = alliance_time(now)
    for one in members.alliances():
        if any(feed.feed.derived for feed in indicators.feeds(one.id)):
            for month in reversed(indicators.open_months(one.id, now)):
                derive_reading(one.id, month, by=WORKER, now=now)


def erase_contacts(data: Path, now: datetime) -> None:
    """Erase what names the patients of cases whose time is over, with the bytes of their files."""
    registers.erase_referral_contacts(now=alliance_time(now))
    registers.clear_message_files(Store(data / "messages"), now=now)


def clear_files(data: Path, now: datetime) -> None:
    """Remove what was uploaded to be checked more than a day ago, and files that no row refers to."""
    for folder in (data / "uploads").glob("*"):
        Store(folder).clear(now - UPLOADS_KEPT)
    clear_evidence(Store(data / "evidence"), now=now)
    clear_notices(Store(data / "notices"), now=now)
    ratings.clear_scores(Store(data / "scores"), now=now)
    ratings.clear_verification_files(Store(data / "verifications"), now=now)
    registers.clear_ledger_files(Store(data / "ledgers"), now=now)
    registers.erase_patients(now=now)
    clear_workloads(Store(data / "workloads"), now=now)
    registers.clear_proofs(Store(data / "proofs"), now=now)
    registers.clear_message_files(Store(data / "messages"), now=now)
    for one in members.alliances():
        clear(partitions_of(data, one.id), now - UPLOADS_KEPT, bonus.counted_files(data, one.id))
