"""The timetable under its lease, and the worker that does the jobs people asked for, one after the other."""

from __future__ import annotations

import os
import signal
import socket
import threading
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

from apscheduler.events import EVENT_JOB_EXECUTED
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger
from flask import Flask, current_app
from sqlalchemy.exc import SQLAlchemyError

from alliance import worker
from alliance.access import alliance_time
from alliance.audit.services import count_refusals, seal_events
from alliance.bulletins import queries as bulletins
from alliance.bulletins.services import issue_bulletin
from alliance.bulletins.views import document
from alliance.core.actor import Actor
from alliance.core.acts import Act
from alliance.core.period import SHANGHAI, Period, day_of, end_of
from alliance.core.refused import AlreadyDone, NotFound, Problem, Refused, mark
from alliance.core.roles import Scope
from alliance.db import empty_log, is_away
from alliance.desk import queries as desk
from alliance.evaluation import services as evaluation
from alliance.evaluation.services import estimate_scores
from alliance.funds import queries as funds
from alliance.funds.services import estimate_funds
from alliance.funds.sheets import statement, title_of_all
from alliance.indicators import queries as indicators
from alliance.indicators.rules.calendar import REMINDED
from alliance.indicators.rules.filing import Row
from alliance.indicators.services import (
    clear_evidence,
    close_round,
    derive_reading,
    draw_round,
    find_falsification,
    import_reading,
    notify_sample,
    open_period,
    send_reminder,
)
from alliance.indicators.sheets import mark_faults, notice_of, read_filled
from alliance.letters import send_mails
from alliance.members import queries as members
from alliance.notices.rules import Draft
from alliance.notices.services import clear_notices, publish_notice
from alliance.pdf import SLIPS_STYLE, render, render_all, render_each
from alliance.post.services import forget_mails
from alliance.ratings import queries as rated
from alliance.ratings import services as ratings
from alliance.ratings.rules.fieldwork import REMINDED as SURVEY_REMINDED
from alliance.ratings.rules.verification import reminded
from alliance.registers import queries as rolls
from alliance.registers import services as registers
from alliance.registers.rules.import_reports import ImportReport, pack_report, report_of
from alliance.registers.rules.imports import ImportRow as CaseRow
from alliance.registers.rules.kinds import register_of
from alliance.registers.sheets import read_cases, read_rows
from alliance.store import Store, uploads
from alliance.work import queries as works
from alliance.work.queries import JobInfo
from alliance.work.rules import Place, Said
from alliance.work.services import clear_jobs, note_task, plan_tasks, take_lease
from alliance.worker import Done, Kind, Progress, is_done, once
from alliance.workpoints import queries as bonus
from alliance.workpoints import services as workpoints
from alliance.workpoints.services import clear_workloads
from alliance.workpoints.sheets import slips_archive, slips_paper
from alliance.workpoints.volume.loading import clear
from alliance.workpoints.volume.partitions import partitions_of

LEASE = "timetable"
LEASE_SECONDS = 60
SEAL_EVERY = 60  # seconds
REMIND_AT = 9  # o'clock
DERIVE_AT = 1  # before what rests on the readings is estimated
ESTIMATE_AT = 2
ERASE_AT = 3
WORKER = Actor("worker")
CLEAR_EVERY = 3600
MAIL_EVERY = 30
OPEN_EVERY = 300
MIX_EVERY = 120
UPLOADS_KEPT = timedelta(days=1)
CATCH_UP_EVERY = 60
CATCH_UP_AFTER = timedelta(minutes=2)  # what is due now is begun by its hour, not by this
LOOK_EVERY = 0.5  # seconds between two looks for a job


def run(app: Flask) -> None:
    """Do timed work, and beside it one job after the other, until SIGTERM or SIGINT."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    # Numbers of processes come again, in containers at once: the last part tells a new worker from the one before it.
    holder = f"{socket.gethostname()}:{os.getpid()}:{uuid4().hex[:8]}"
    scheduler = BackgroundScheduler(timezone="Asia/Shanghai", job_defaults={"coalesce": True, "max_instances": 1})
    often: dict[str, tuple[Callable[[datetime], object], int]] = {
        "count_refusals": (lambda now: count_refusals(now=now), SEAL_EVERY),
        "seal_events": (lambda now: seal_events(now=now), SEAL_EVERY),
        "send_mail": (send_mails, MAIL_EVERY),
        "forget_mails": (lambda now: forget_mails(now=now), CLEAR_EVERY),
        "clear_jobs": (lambda now: clear_jobs(now=now), CLEAR_EVERY),
        "open_periods": (open_periods, OPEN_EVERY),
        "mix_answers": (mix_answers, MIX_EVERY),
        "close_waves": (close_waves, OPEN_EVERY),
        "clear_files": (partial(clear_files, app.config["ALLIANCE"].data), CLEAR_EVERY),
    }
    daily: dict[str, tuple[Callable[[datetime], object], int]] = {
        "erase_referral_contacts": (partial(erase_contacts, app.config["ALLIANCE"].data), ERASE_AT),
        "remind_members": (remind_members, REMIND_AT),
        "remind_raters": (remind_raters, REMIND_AT),
        "remind_experts": (remind_experts, REMIND_AT),
        "remind_verification": (remind_verification, REMIND_AT),
        "derive_readings": (derive_readings, DERIVE_AT),
        "estimate": (estimate, ESTIMATE_AT),
    }
    for name, (what, hour) in daily.items():
        trigger = CronTrigger(hour=hour, timezone="Asia/Shanghai")
        scheduler.add_job(task, trigger, [app, holder, name, what], id=name, misfire_grace_time=None)
    often["catch_up"] = (
        partial(catch_up, scheduler, {name: hour for name, (_, hour) in daily.items()}),
        CATCH_UP_EVERY,
    )
    for name, (what, seconds) in often.items():
        scheduler.add_job(task, "interval", [app, holder, name, what], seconds=seconds, next_run_time=datetime.now(UTC))
    scheduler.add_listener(lambda _: plan(app, scheduler, holder), EVENT_JOB_EXECUTED)
    scheduler.start()
    while not stop.is_set():
        if not work_off(app, holder, stop):
            stop.wait(LOOK_EVERY)
    scheduler.shutdown(wait=True)


def plan(app: Flask, scheduler: BackgroundScheduler, holder: str) -> None:
    """Keep when each timed task runs next, by the worker that has the lease."""
    with app.app_context():
        try:
            if works.holds_lease(LEASE, holder):
                plan_tasks({job.args[2]: job.next_run_time for job in scheduler.get_jobs()})
        except SQLAlchemyError as fault:
            worker.tell(app, fault, "the timetable could not be kept")


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


def catch_up(scheduler: BackgroundScheduler, hours: Mapping[str, int], now: datetime) -> None:
    """Do at once what a day missed: no worker ran at its hour, or the one that ran was dead and still had the lease."""
    for name, hour in hours.items():
        if is_missed(name, hour, now - CATCH_UP_AFTER):
            scheduler.modify_job(name, next_run_time=now)


def erase_contacts(data: Path, now: datetime) -> None:
    """Erase what names the patients of cases whose time is over, with the bytes of their files."""
    registers.erase_referral_contacts(now=alliance_time(now))
    registers.clear_message_files(Store(data / "messages"), now=now)


def is_missed(name: str, hour: int, now: datetime) -> bool:
    """Whether a daily task has not run since it was last due."""
    local = now.astimezone(SHANGHAI)
    due = local.replace(hour=hour, minute=0, second=0, microsecond=0)
    due -= timedelta(days=local < due)
    last = next((one.started for one in works.tasks() if one.name == name), None)
    return last is None or last < due


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


def task(app: Flask, holder: str, name: str, work: Callable[[datetime], object]) -> None:
    """One timed task: only under the lease, its run and its error noted."""
    with app.app_context():
        try:
            started = datetime.now(UTC)
            if not take_lease(LEASE, holder, LEASE_SECONDS + SEAL_EVERY, now=started):
                return
            note_task(name, started=started, error=_tried(app, name, work, started), ended=datetime.now(UTC))
        except SQLAlchemyError as fault:
            worker.tell(app, fault, f"the task {name} could not be done")


def _tried(app: Flask, name: str, work: Callable[[datetime], object], started: datetime) -> str:
    """Do a timed task; its error as the timetable shows it, "" for none."""
    try:
        work(started)
    except Exception as fault:
        if is_away(fault):
            raise
        app.logger.exception("the task %s failed", name)
        return told(fault)
    return ""


def told(fault: Exception) -> str:
    """A fault as the timetable shows it: a refusal in its words, of any other its type and place, because its words
    may quote somebody's data."""
    if isinstance(fault, Refused):
        return str(fault)
    frame = traceback.extract_tb(fault.__traceback__)[-1]
    return f"{type(fault).__name__} ({Path(frame.filename).name}:{frame.lineno})"


def compute_scores(job: JobInfo, progress: Progress) -> Done:
    """Score a period officially."""
    period = job.parameters["period"]
    progress(0, 1, mark("Computing the scores and keeping every figure"))
    deed = once(job, "compute", lambda by: evaluation.compute_run(job.alliance_id, period, by=by, now=progress.now()))
    said = Said(mark("The official scores are computed and kept."))
    return Done(Place("evaluation.read_run", {"number": number_in(deed.subject)}), said)


def try_scores(job: JobInfo, progress: Progress) -> Done:
    """Score a period on trial."""
    period, code, version = (job.parameters[name] for name in ("period", "code", "version"))
    progress(0, 1, mark("Computing the scores on trial"))
    deed = once(
        job, "try",
        lambda by: evaluation.try_run(job.alliance_id, period, code, version, by=by, now=progress.now()),
    )  # fmt: skip
    return Done(Place("evaluation.read_trial", {"number": number_in(deed.subject)}))


def number_in(subject: str) -> int:
    """The number in a subject such as run:17."""
    return int(subject.rpartition(":")[2])


def import_readings(job: JobInfo, progress: Progress) -> Done:
    """Bring a large file of readings in, as it was checked."""
    period, rows = job.parameters["period"], []
    if not is_done(job, "import"):
        rows = list(_readings(job, progress))
        progress(2, 3, mark("Saving the values"))
    deed = once(job, "import", lambda by: import_reading(
        job.alliance_id, period, rows, job.parameters["document"], by=by, now=progress.now()
    ))  # fmt: skip
    said = Said(mark("%(count)s values were saved."), {"count": deed.detail["changed"]})
    return Done(Place("indicators.list_submissions", {"period": period}), said)


def _readings(job: JobInfo, progress: Progress) -> Sequence[Row]:
    """The rows that a checked file changes; refused when that is not what its author was shown."""
    period, asked = job.parameters["period"], job.parameters
    progress(0, 3, mark("Reading the file"))
    files = uploads(current_app.config["ALLIANCE"].data, job.alliance_id, job.asked_by, progress.clock)
    content = _kept(files, asked["kept"])
    known = indicators.library(job.alliance_id, Period.parse(period).last)
    filled = read_filled(content, asked["name"], period, known, "")
    progress(1, 3, mark("Checking the values"))
    by, now = job.actor("check"), progress.now()
    report = indicators.dry_run(job.alliance_id, period, filled, by=by, now=now)
    if report.problems:
        count, found = len(report.problems), report.problems
        raise Refused("The file has %(count)s errors; nothing was changed.", count=count, problems=found)
    if report.digest != asked["report"]:
        raise Refused("Something changed since you looked: see below what the file would do now, and apply it again.")
    return report.rows


def mark_readings(job: JobInfo, progress: Progress) -> Done:
    """Give a table back with its wrong cells marked, among the uploads of who asked."""
    asked = job.parameters
    period, institution, name = asked["period"], asked["institution"], asked["name"]
    files = uploads(current_app.config["ALLIANCE"].data, job.alliance_id, job.asked_by, progress.clock)
    progress(0, 3, mark("Reading the file"))
    content = _kept(files, asked["kept"])
    filled = read_filled(
        content, name, period, indicators.library(job.alliance_id, Period.parse(period).last), institution
    )
    progress(1, 3, mark("Checking the values"))
    by, now = job.actor("check"), progress.now()
    report = indicators.dry_run(job.alliance_id, period, filled, institution, by=by, now=now)
    progress(2, 3, mark("Marking the wrong cells"))
    marked = mark_faults(content, name, (*report.problems, *report.captured), institution)
    made = files.keep(marked)
    place = {"period": period, "digest": asked["kept"], "made": made, "name": name}
    if institution:
        return Done(Place("indicators.download_marked", {**place, "institution": institution}))
    return Done(Place("indicators.download_marked_import", place))


def _kept(files: Store, digest: str) -> bytes:
    try:
        return files.read(digest)
    except NotFound:
        raise Refused("The file that was checked is no longer kept. Choose it again.") from None


def issue_bulletins(job: JobInfo, progress: Progress) -> Done:
    """Set a bulletin on paper in each language, and issue it."""
    number, files = job.parameters["number"], dict[str, bytes]()
    if not is_done(job, "issue"):
        found = bulletins.bulletin(Scope(job.alliance_id, job.asked_by, job.employer, institutions=None), number)
        if found is None:
            raise NotFound()
        site = current_app.config["ALLIANCE"].address
        for done, (language, step) in enumerate(PAPER.items()):
            progress(done, len(PAPER) + 1, step)
            files[language] = render(document(found, language, site=site))
        progress(len(PAPER), len(PAPER) + 1, mark("Issuing the bulletin"))
    once(job, "issue", lambda by: issue_bulletin(job.alliance_id, number, files, by=by, now=progress.now()))
    return Done(Place("bulletins.read_bulletin", {"number": number}), Said(mark("The bulletin is issued.")))


def print_statements(job: JobInfo, progress: Progress) -> Done:
    """Set the statements of all members of a fund as one PDF, among the files of who asked."""
    number, language = job.parameters["number"], job.parameters["language"]
    fund = funds.fund(job.alliance_id, number)
    if fund is None:
        raise NotFound()
    codes = [share.institution for share in funds.shares(number)]

    def papers() -> Iterator[str]:
        for done, code in enumerate(codes):
            progress(done, len(codes) + 1, mark("Setting the statements, one member after the other"))
            found = funds.statement(job.alliance_id, fund, code)
            assert found is not None
            yield statement(job.alliance_id, found, language, site=current_app.config["ALLIANCE"].address)
        progress(len(codes), len(codes) + 1, mark("Writing the file"))

    content = render_all(papers(), title_of_all(fund, language))
    files = uploads(current_app.config["ALLIANCE"].data, job.alliance_id, job.asked_by, progress.clock)
    made = files.keep(content)
    return Done(Place("funds.download_statements", {"number": number, "made": made}))


LOADING = (
    mark("Reading the file"), mark("Cleaning the lines"), mark("Writing the lines"),
    mark("Letting the lines count"),
)  # fmt: skip


def load_charges(job: JobInfo, progress: Progress) -> Done:
    """Load a file of charge lines."""
    asked = job.parameters
    institution, month, source = (asked[name] for name in ("institution", "month", "source"))
    files = uploads(current_app.config["ALLIANCE"].data, job.alliance_id, job.asked_by, progress.clock)

    def load(by: Actor) -> None:
        progress(0, len(LOADING), LOADING[0])
        workpoints.load_charge(
            partitions_of(current_app.config["ALLIANCE"].data, job.alliance_id), job.alliance_id, institution, month,
            source, _place(files, asked["kept"]), asked["name"], asked["columns"], by=by, now=progress.now(),
            progress=lambda done, _of: progress(done, len(LOADING), LOADING[done]),
        )  # fmt: skip

    # An attempt before may have done it: the same file again would be refused as one that counts already.
    deed = once(job, "load", (lambda _by: None) if is_done(job, "load") else load)
    said = Said(mark("%(count)s lines count now."), {"count": deed.detail["count"]})
    return Done(Place("workpoints.list_charges", {"institution": institution, "month": month}), said)


def _place(files: Store, digest: str) -> Path:
    try:
        return files.place(digest)
    except NotFound:
        raise Refused("The file that was checked is no longer kept. Choose it again.") from None


COMPUTING = (mark("Adding up the charge lines"), mark("Sharing the pool and keeping every figure"))


def compute_bonus(job: JobInfo, progress: Progress) -> Done:
    """Compute a month's bonus."""
    institution, month = job.parameters["institution"], job.parameters["month"]
    config = current_app.config["ALLIANCE"]

    def compute(by: Actor) -> None:
        progress(0, len(COMPUTING), COMPUTING[0])
        workpoints.compute_run(
            job.alliance_id, institution, month, partitions_of(config.data, job.alliance_id, config.spark), by=by,
            now=progress.now(), progress=lambda done, _of: progress(done, len(COMPUTING), COMPUTING[done]),
        )  # fmt: skip

    # An attempt before may have done it, and units may have published since: then it would be refused.
    once(job, "compute", (lambda _by: None) if is_done(job, "compute") else compute)
    said = Said(mark("The month is computed; now the units distribute."))
    return Done(Place("workpoints.read_run", {"institution": institution, "month": month}), said)


def try_bonus(job: JobInfo, progress: Progress) -> Done:
    """Try a bonus scheme on past months."""
    institution, code, version, tried = (job.parameters[name] for name in ("institution", "code", "version", "months"))
    config = current_app.config["ALLIANCE"]
    deed = once(job, "try", lambda by: workpoints.try_scheme(
        job.alliance_id, institution, code, version, tried, partitions_of(config.data, job.alliance_id, config.spark),
        by=by, now=progress.now(), progress=lambda done, of: progress(done, of, mark("Working out month after month")),
    ))  # fmt: skip
    return Done(Place("workpoints.read_trial", {"institution": institution, "number": deed.detail["trial"]}))


def print_slips(job: JobInfo, progress: Progress) -> Done:
    """Set the payslips of a month among the files of who asked: of a unit as one PDF, of all as a PDF for each unit."""
    institution, month, unit, language = (job.parameters[name] for name in ("institution", "month", "unit", "language"))
    run = bonus.bonus_run(job.alliance_id, institution, month, job.parameters["number"])
    if run is None:
        raise NotFound()
    names = bonus.names_of(job.alliance_id, institution)
    units: dict[str, list[bonus.SlipSheet]] = {}
    for one in bonus.slip_sheets(job.alliance_id, run, [unit] if unit else None):
        units.setdefault(one.slip.unit, []).append(one)
    if not units:
        raise NotFound()
    papers = (slips_paper(job.alliance_id, run, mine, names, language, code) for code, mine in units.items())
    made: dict[str, bytes] = {}
    progress(0, len(units) + 1, mark("Setting the payslips, one unit after the other"))
    for code, content in zip(units, render_each(papers, SLIPS_STYLE, 1 if len(units) == 1 else None), strict=True):
        made[f"{code or institution}.pdf"] = content
        progress(len(made), len(units) + 1, mark("Setting the payslips, one unit after the other"))
    files = uploads(current_app.config["ALLIANCE"].data, job.alliance_id, job.asked_by, progress.clock)
    kept = files.keep(next(iter(made.values())) if unit else slips_archive(made))
    return Done(Place("workpoints.download_slips", {"institution": institution, "month": month, "made": kept}))


def draw_rounds(job: JobInfo, progress: Progress) -> Done:
    """Work out the money at stake of a month's figures, and draw its cross-check round."""
    period, seed = job.parameters["period"], job.parameters["seed"]
    money: dict[str, dict[str, int]] = {}
    fund = ""
    if not is_done(job, "draw"):
        progress(0, 2, mark("Working out the money at stake of every figure"))
        money, fund = desk.stakes(job.alliance_id, period, progress.now())
        progress(1, 2, mark("Drawing the samples"))
    deed = once(job, "draw", lambda by: draw_round(
        job.alliance_id, period, seed, money, fund, by=by, now=progress.now()
    ))  # fmt: skip
    said = Said(mark("%(count)s samples are drawn."), {"count": deed.detail["samples"]})
    return Done(Place("indicators.read_round", {"period": period}), said)


def close_rounds(job: JobInfo, progress: Progress) -> Done:
    """Close the samples of a month that are ready, and publish a notice to each member with too many errors."""
    period = job.parameters["period"]
    progress(0, 2, mark("Closing the samples"))
    deed = once(job, "close", lambda by: close_round(job.alliance_id, period, by=by, now=progress.now()))
    progress(1, 2, mark("Publishing the notices"))
    for who in deed.detail["notices"]:
        with suppress(Refused):  # nobody works for it who could read one: the sample itself says so
            notify(job, period, who, progress)
    said = Said(mark("Closed. Members with a notice: %(count)s."), {"count": len(deed.detail["notices"])})
    return Done(Place("indicators.read_round", {"period": period}), said)


def notify(job: JobInfo, period: str, institution: str, progress: Progress) -> None:
    """Publish the notice to a member, and note its number with the sample."""
    sample = indicators.check_sample(job.alliance_id, period, institution, 1)
    if sample is None or sample.correct_until is None:
        return
    draft = notice_draft(sample)
    store = Store(current_app.config["ALLIANCE"].data / "notices")
    told = once(job, f"publish/{institution}", lambda by: publish_notice(
        job.alliance_id, draft, None, store, by=by, now=progress.now()
    ))  # fmt: skip
    number = told.subject.partition(":")[2]
    once(job, f"note/{institution}", lambda by: notify_sample(
        job.alliance_id, period, institution, number, by=by, now=progress.now()
    ))  # fmt: skip


def notice_draft(sample: indicators.SampleInfo) -> Draft:
    """The notice of too many errors, to those who file, lead and watch over the data of a member."""
    assert sample.correct_until is not None
    text = notice_of(sample, day_of(sample.correct_until - timedelta(minutes=1)).isoformat())
    return Draft(
        text.title_zh, text.title_en, text.text_zh, text.text_en, ("reporter", "member_lead", "quality_officer"),
        (sample.institution,), sample.correct_until,
    )  # fmt: skip


def find_falsifications(job: JobInfo, progress: Progress) -> Done:
    """Carry the committee's decision on a falsification out: intent found or not, and where it is, the vetoes."""
    number, decision = job.parameters["number"], job.parameters["decision"]
    progress(0, 2, mark("Counting the votes"))
    deed = once(job, "find", lambda by: find_falsification(
        job.alliance_id, number, decision=decision, by=by, now=progress.now()
    ))  # fmt: skip
    said = Said(mark("Two thirds of the votes did not find intent: nothing follows."))
    if deed.detail["adopted"]:
        progress(1, 2, mark("Imposing the vetoes"))
        once(job, "veto", lambda by: evaluation.veto_falsification(
            job.alliance_id, number, by=by, now=progress.now()
        ))  # fmt: skip
        said = Said(mark("Intent was found and the vetoes are recorded; they count from the next computation."))
    return Done(Place("indicators.read_falsification", {"number": number}), said)


def publish_ledgers(job: JobInfo, progress: Progress) -> Done:
    """Publish a notice of an assessment ledger to whom it concerns, and note it with the ledger."""
    asked = job.parameters
    institution, month, data = asked["institution"], asked["month"], current_app.config["ALLIANCE"].data
    progress(0, 2, mark("Publishing the notice"))
    roles, members_ = (("department_head", "staff"), (institution,)) if institution else (
        ("member_lead", "reporter"), (asked["member"],) if asked["member"] else ()
    )  # fmt: skip
    draft = Draft(**asked["texts"], roles=roles, institutions=members_,
                  due_at=end_of(date.fromisoformat(asked["last_day"])))  # fmt: skip
    deed = once(job, "publish", lambda by: publish_notice(
        job.alliance_id, draft, None, Store(data / "notices"), by=by, now=progress.now()
    ))  # fmt: skip
    number = deed.subject.partition(":")[2]
    once(job, "link", lambda by: registers.link_ledger(
        job.alliance_id, institution, month, asked["kind"], asked["entry"], number, by=by, now=progress.now()
    ))  # fmt: skip
    place = {"place": institution or "alliance", "month": month}
    return Done(Place("registers.list_entries", place), Said(mark("The notice is published.")))


TAKING = (mark("Reading the file"), mark("Checking the rows"), mark("Saving the cases"))


def import_cases(job: JobInfo, progress: Progress) -> Done:
    """Check a large file of cases, and import it where that was asked for."""
    asked, files = job.parameters, _uploads(job, progress)
    alliance, register, institution, source = (
        job.alliance_id, asked["register"], asked["institution"], asked["source"]
    )  # fmt: skip

    def read() -> Sequence[CaseRow]:
        return read_cases(_kept(files, asked["kept"]), asked["name"], register_of(register))

    def look(rows: Sequence[CaseRow]) -> ImportReport:
        found = rolls.dry_run(alliance, register, institution, source, rows, today=day_of(progress.now()))
        counts = {"new": len(found.new), "changed": len(found.changed), "same": found.same, "older": found.older}
        return _report(asked, counts, found.problems)

    def take(rows: Sequence[CaseRow], by: Actor) -> object:
        return registers.import_case(alliance, register, institution, source, rows, by=by, now=progress.now())

    place = Place("registers.list_cases", {"register": register})
    page = Place("registers.read_import", {"register": register, "institution": institution})
    return _taken(job, progress, files, (read, look, take), place, page)


def import_referrals(job: JobInfo, progress: Progress) -> Done:
    """Check a large file of referrals, and bring it in where that was asked for; once it is wrong or in, its sealed
    bytes go."""
    asked, files = job.parameters, _uploads(job, progress)
    alliance, institution, source = job.alliance_id, asked["institution"], asked["source"]

    def read() -> Sequence[rolls.ImportRow]:
        return read_rows(rolls.opened_file(alliance, job.asked_by, _kept(files, asked["kept"])), asked["name"])

    def look(rows: Sequence[rolls.ImportRow]) -> ImportReport:
        found = rolls.referral_changes(alliance, institution, source, rows, progress.now())
        counts = {"new": len(found.new), "changed": len(found.replaced), "same": found.same}
        return _report(asked, counts, found.problems)

    def take(rows: Sequence[rolls.ImportRow], by: Actor) -> object:
        works_on = current_app.config["WORKS_ON"](alliance)
        return registers.import_referral(alliance, institution, source, rows, works_on, by=by, now=progress.now())

    place = Place("registers.list_referrals", {"sender": institution})
    page = Place("registers.read_referral_import", {"institution": institution})
    done = _taken(job, progress, files, (read, look, take), place, page)
    report = report_of(files.read(str(done.result.values["made"]))) if "made" in done.result.values else None
    if report is None or not report.kept:
        files.remove(asked["kept"])
    return done


def _uploads(job: JobInfo, progress: Progress) -> Store:
    return uploads(current_app.config["ALLIANCE"].data, job.alliance_id, job.asked_by, progress.clock)


def _report(asked: Mapping[str, Any], counts: Mapping[str, int], problems: Sequence[Problem]) -> ImportReport:
    return ImportReport(
        asked.get("register", ""), asked["institution"], asked["source"], asked["name"],
        "" if problems else asked["kept"], {} if problems else counts, problems,
    )  # fmt: skip


One = TypeVar("One")
Taking = tuple[
    Callable[[], Sequence[One]], Callable[[Sequence[One]], ImportReport], Callable[[Sequence[One], Actor], object]
]


def _taken(job: JobInfo, progress: Progress, files: Store, ways: Taking[One], place: Place, page: Place) -> Done:
    """Read a file, look at every row of it and take it whole, or give the report of what is wrong with it."""
    read, look, take = ways
    rows: Sequence[One] = ()
    if not is_done(job, "import"):
        progress(0, len(TAKING), TAKING[0])
        try:
            rows = read()
            progress(1, len(TAKING), TAKING[1])
            report = look(rows)
        except Refused as refused:
            if not refused.problems:
                raise
            report = _report(job.parameters, {}, refused.problems)
        if report.problems or not job.parameters["apply"]:
            made = files.keep(pack_report(report))
            return Done(Place(page.endpoint, {**page.values, "made": made}))
        progress(2, len(TAKING), TAKING[2])
    deed = once(job, "import", lambda by: take(rows, by))
    count = deed.detail.get("changed", deed.detail.get("count"))
    return Done(place, Said(mark("%(count)s rows of the file were taken in."), {"count": count}))


PAPER = {"zh": mark("Setting the pages in Chinese"), "en": mark("Setting the pages in English")}
# What a job does, by its act. Each is safe to begin again: `once` recognises what an attempt before it did.
KINDS: Mapping[Act, Kind] = {
    Act.EVALUATION_RUN_COMPUTE: compute_scores,
    Act.EVALUATION_RUN_TRY: try_scores,
    Act.INDICATORS_READING_IMPORT: import_readings,
    Act.INDICATORS_READING_MARK: mark_readings,
    Act.INDICATORS_ROUND_DRAW: draw_rounds,
    Act.INDICATORS_ROUND_CLOSE: close_rounds,
    Act.INDICATORS_FALSIFICATION_FIND: find_falsifications,
    Act.BULLETINS_BULLETIN_ISSUE: issue_bulletins,
    Act.FUNDS_STATEMENT_PRINT: print_statements,
    Act.REGISTERS_CASE_IMPORT: import_cases,
    Act.REGISTERS_REFERRAL_IMPORT: import_referrals,
    Act.REGISTERS_LEDGER_PUBLISH: publish_ledgers,
    Act.WORKPOINTS_CHARGE_LOAD: load_charges,
    Act.WORKPOINTS_RUN_COMPUTE: compute_bonus,
    Act.WORKPOINTS_SCHEME_TRY: try_bonus,
    Act.WORKPOINTS_SLIP_PRINT: print_slips,
}


def work_off(app: Flask, holder: str, stop: threading.Event | None = None) -> bool:
    """Do the next job; False when none waits."""
    return worker.work_off(app, holder, KINDS, stop)
