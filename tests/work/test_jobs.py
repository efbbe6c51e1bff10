"""Jobs: asked for inside a verb, done once whatever happens to the worker, cancelled, refused, and seen by whom."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import func, select, update
from sqlalchemy.exc import SQLAlchemyError

from alliance import worker
from alliance.audit.models import Event
from alliance.audit.services import record, verb
from alliance.core.actor import Actor
from alliance.core.acts import Act
from alliance.core.refused import AlreadyDone, Both, Problem, Refused
from alliance.core.roles import Scope
from alliance.db import db
from alliance.jobs import timetable
from alliance.work import queries, services
from alliance.work.models import Job
from alliance.work.queries import JobInfo
from alliance.work.rules import ATTEMPTS, KEPT, STALE, Place, Said, pack_refused, refused_of
from tests.conftest import Client
from tests.small import CLOCK, by

NOTE = Act.INDICATORS_DAY_NOTE
OFFICE = Scope(1, "office", "H1", frozenset({"office"}), None)


def ask(
    key: str = "a", account: str = "office", reader: Act | None = None, institution: str = "", once: str = ""
) -> int:
    """Ask for a job as the verb of a wing does."""
    actor = replace(by(account), once=once)
    with verb(actor) as session:
        return services.enqueue(
            session, 1, NOTE, key, subject=f"day:{key}", parameters={"key": key}, reader=reader,
            institution=institution, origin=Place("desk.read_home"), by=actor, now=CLOCK,
        )  # fmt: skip


def note(key: str, *, by: Actor) -> None:
    """A verb that leaves an event."""
    with verb(by) as session:
        record(session, NOTE, f"day:{key}", by=by, now=CLOCK, alliance=1)


def notes() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).where(Event.act == NOTE.value)) or 0


def noting(job: JobInfo, progress: worker.Progress) -> worker.Done:
    progress(0, 1, "running")
    subject = worker.once(job, "note", lambda by: note(job.parameters["key"], by=by)).subject
    return worker.Done(Place("desk.read_home"), Said("Number: %(number)s", {"number": subject}))


def off(app: Flask, kind: worker.Kind = noting, holder: str = "a") -> bool:
    kinds: Mapping[Act, worker.Kind] = {NOTE: kind}
    return worker.work_off(app, holder, kinds)


def job(number: int) -> JobInfo:
    db.session.rollback()
    found = queries.job(OFFICE, number)
    assert found is not None
    return found


def later(number: int) -> None:
    """Whoever does a job has been silent for long."""
    db.session.rollback()
    db.session.execute(update(Job).where(Job.id == number).values(heartbeat=CLOCK - STALE - timedelta(seconds=1)))
    db.session.commit()


def test_a_job_is_there_if_and_only_if_its_verb_commits(inside: Flask) -> None:
    def failing() -> None:
        with verb(by("office")) as session:
            services.enqueue(
                session, 1, NOTE, "a", subject="day:a", parameters={}, reader=None, origin=Place("desk.read_home"),
                by=by("office"), now=CLOCK,
            )  # fmt: skip
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        failing()
    assert not queries.job_waits(CLOCK)
    number = ask()
    assert queries.job_waits(CLOCK)
    assert job(number).state == "queued"
    asked = db.session.scalars(select(Event).where(Event.act == Act.WORK_JOB_ENQUEUE.value)).one()
    assert (asked.subject, asked.account, asked.detail["kind"]) == (f"job:{number}", "office", NOTE.value)


def test_the_same_work_is_one_job_while_it_is_not_over(inside: Flask) -> None:
    first = ask()
    assert ask() == first
    assert ask("b") != first
    taken = services.take_job("a", now=CLOCK)
    assert taken is not None
    assert taken.id == first
    assert ask(account="office2") == first
    services.end_job(first, "a", "done", now=CLOCK)
    assert ask() != first


def test_two_who_ask_at_the_same_moment_get_one_job(inside: Flask) -> None:
    found: list[int] = []

    def asking() -> None:
        with inside.app_context():
            found.append(ask())

    threads = [threading.Thread(target=asking) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert len(set(found)) == 1


def test_the_same_form_asks_once(inside: Flask) -> None:
    ask("a", once="f" * 32)
    with pytest.raises(AlreadyDone):
        ask("b", once="f" * 32)


def test_a_job_is_done_and_says_what_came_of_it(inside: Flask) -> None:
    number = ask()
    assert off(inside)
    assert not off(inside)
    done = job(number)
    assert (done.state, done.attempts, done.result) == ("done", 1, Place("desk.read_home"))
    assert done.outcome == Said("Number: %(number)s", {"number": "day:a"})
    assert notes() == 1
    event = db.session.scalars(select(Event).where(Event.act == NOTE.value)).one()
    assert event.account == "office"


def test_two_workers_never_take_the_same_job(inside: Flask) -> None:
    numbers = {ask(str(n)) for n in range(12)}
    taken: list[int] = []

    def working(holder: str) -> None:
        with inside.app_context():
            while found := services.take_job(holder, now=CLOCK):
                taken.append(found.id)

    threads = [threading.Thread(target=working, args=[name]) for name in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == sorted(numbers)


def test_a_job_whose_worker_is_silent_is_taken_up_and_done_once(inside: Flask) -> None:
    number = ask()

    def dying(job: JobInfo, progress: worker.Progress) -> worker.Done:
        noting(job, progress)
        later(job.id)
        assert off(inside, holder="b")
        progress(1, 1, "running")  # the first worker comes back, and learns that the job is not its own any more
        raise AssertionError

    assert off(inside, dying)
    found = job(number)
    assert (found.state, found.attempts) == ("done", 2)
    assert notes() == 1


def test_a_job_is_given_up_after_three_workers_died(inside: Flask) -> None:
    number = ask()
    for n in range(ATTEMPTS):
        taken = services.take_job(str(n), now=CLOCK)
        assert taken is not None
        assert taken.attempts == n + 1
        assert services.take_job("other", now=CLOCK) is None
        later(number)
    assert services.take_job("last", now=CLOCK) is None
    found = job(number)
    assert found.state == "failed"
    assert found.refusal is not None
    assert "interrupted 3 times" in str(found.refusal)


def test_a_fault_is_tried_again_and_then_told_without_its_words(inside: Flask) -> None:
    number = ask()
    tried = []

    def broken(job: JobInfo, progress: worker.Progress) -> worker.Done:
        tried.append(job.attempts)
        raise ValueError("somebody's data")

    while off(inside, broken):
        pass
    assert tried == [1, 2, 3]
    found = job(number)
    assert found.state == "failed"
    assert "somebody" not in str(found.refusal)


def test_a_refused_job_keeps_why_and_the_log_has_it(inside: Flask) -> None:
    number = ask()

    def refusing(job: JobInfo, progress: worker.Progress) -> worker.Done:
        raise Refused("The scheme has %(count)s errors.", count=2, problems=[Problem("I1", "5", "is twice there")])

    off(inside, refusing)
    found = job(number)
    assert found.state == "failed"
    assert str(found.refusal) == "The scheme has 2 errors.\nI1: is twice there [5]"
    event = db.session.scalars(select(Event).where(Event.act == NOTE.value)).one()
    assert (event.subject, event.account) == (f"job:{number}", "office")
    assert event.detail["refused"] == "The scheme has %(count)s errors."


def test_a_refusal_comes_back_as_it_was() -> None:
    numbers = {
        "several": ("C1", Decimal("1.50")), "day": date(2026, 5, 1), "at": datetime(2026, 5, 1, tzinfo=UTC),
        "both": Both("甲", "A"), "count": 3,
    }  # fmt: skip
    refused = Refused("No.", problems=[Problem("E1", "7", "wrong", {"n": Decimal(2)}, {"who": "C1"})], **numbers)
    again = refused_of(pack_refused(refused))
    assert again is not None
    assert (again.message, again.numbers, again.problems) == (refused.message, refused.numbers, refused.problems)


def test_a_job_that_waits_is_cancelled_at_once_and_one_that_runs_before_its_next_step(inside: Flask) -> None:
    first, second = ask("a"), ask("b")
    assert services.cancel_job(1, first, by=by("office"), now=CLOCK)
    assert job(first).state == "cancelled"

    def cancelled(job: JobInfo, progress: worker.Progress) -> worker.Done:
        progress(0, 2, "running")
        assert not services.cancel_job(1, job.id, by=by("office2"), now=CLOCK)
        progress(1, 2, "running")
        raise AssertionError

    assert off(inside, cancelled)
    found = job(second)
    assert (found.state, found.cancel_by, found.done, found.total) == ("cancelled", "office2", 1, 2)
    assert notes() == 0
    with pytest.raises(Refused, match="ended already"):
        services.cancel_job(1, second, by=by("office"), now=CLOCK)


def test_a_worker_that_is_told_to_stop_leaves_its_job_to_the_next(inside: Flask) -> None:
    number, stop = ask(), threading.Event()

    def stopped(job: JobInfo, progress: worker.Progress) -> worker.Done:
        stop.set()
        return noting(job, progress)

    assert worker.work_off(inside, "a", {NOTE: stopped}, stop)
    assert (job(number).state, job(number).attempts) == ("queued", 0)
    assert off(inside, holder="b")
    assert job(number).state == "done"


def test_a_long_step_gives_signs_of_life(inside: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "BEAT", timedelta(milliseconds=20))
    beats = iter(range(1, 1000))
    inside.config["CLOCK"] = lambda: CLOCK + timedelta(seconds=next(beats))
    number, seen = ask(), threading.Event()

    def slow(job: JobInfo, progress: worker.Progress) -> worker.Done:
        began = db.session.scalar(select(Job.heartbeat).where(Job.id == job.id))
        for _ in range(500):
            db.session.rollback()
            if db.session.scalar(select(Job.heartbeat).where(Job.id == job.id)) != began:
                seen.set()
                break
            threading.Event().wait(0.01)
        return noting(job, progress)

    off(inside, slow)
    assert seen.is_set()
    assert job(number).state == "done"


def test_jobs_that_were_over_long_ago_are_removed(inside: Flask) -> None:
    over, waits = ask("a"), ask("b")
    services.cancel_job(1, over, by=by("office"), now=CLOCK)
    assert services.clear_jobs(now=CLOCK + KEPT) == 0
    assert services.clear_jobs(now=CLOCK + KEPT + timedelta(seconds=1)) == 1
    assert queries.job(OFFICE, over) is None
    assert job(waits).state == "queued"


def test_a_job_is_seen_by_who_asked_and_by_whoever_may_read_its_result(
    app: Flask, client_as: Callable[[str], Client]
) -> None:
    with app.app_context():
        private = ask("a")
        shared = ask("b", reader=Act.EVALUATION_RUN_READ)
        of_c1 = ask("c", reader=Act.INDICATORS_SUBMISSION_READ, institution="C1")
        elsewhere = ask("d", "office2", reader=Act.INDICATORS_SUBMISSION_READ, institution="C2")
    every = (private, shared, of_c1, elsewhere)
    seen = {
        "office": {private, shared, of_c1, elsewhere},
        "office2": {shared, of_c1, elsewhere},
        "chair": {shared, of_c1, elsewhere},
        "c1.reporter": {of_c1},
        "c2.lead": {elsewhere},
        "auditor": set(),
    }
    for account, numbers in seen.items():
        client = client_as(account)
        found = {
            n for n in (private, shared, of_c1, elsewhere) if client.get(f"/work/jobs/read/{n}").status_code == 200
        }
        assert found == numbers, account
        listed = client.get("/work/jobs/list?whose=all").get_data(as_text=True)
        assert {n for n in every if f"/work/jobs/read/{n}" in listed} == numbers, account
    chair = client_as("chair")
    assert chair.get(f"/work/jobs/read/{private}").status_code == 404
    assert chair.send(f"/work/jobs/cancel/{private}").status_code == 404
    assert chair.send(f"/work/jobs/cancel/{shared}").status_code == 403
    assert client_as("office2").send(f"/work/jobs/cancel/{shared}").status_code == 302
    with app.app_context():
        assert job(shared).state == "cancelled"


def test_the_page_of_a_job_leads_on_when_it_is_done(app: Flask, client_as: Callable[[str], Client]) -> None:
    with app.app_context():
        number = ask()
    office = client_as("office")
    page = office.get(f"/work/jobs/read/{number}?follow=1").get_data(as_text=True)
    assert "等待中" in page
    assert '<meta http-equiv="refresh"' in page
    assert "没有后台程序在运行" in page
    told = office.get(f"/work/jobs/read/{number}", headers={"Accept": "application/json"}).json
    assert (told["open"], told["say"]) == (True, "等待中")
    with app.app_context():
        services.take_lease("timetable", "a", 60, now=CLOCK)
        off(app)
    assert office.get(f"/work/jobs/read/{number}?follow=1").location == "/"
    page = office.get(f"/work/jobs/read/{number}").get_data(as_text=True)
    assert 'http-equiv="refresh"' not in page
    assert "查看结果" in page


def test_a_failed_job_says_why_in_both_languages(app: Flask, client_as: Callable[[str], Client]) -> None:
    def refusing(job: JobInfo, progress: worker.Progress) -> worker.Done:
        raise Refused("%(period)s is not over yet; compute it on trial.", period="2026Q2")

    with app.app_context():
        number = ask()
        off(app, refusing)
    office = client_as("office")
    page = office.get(f"/work/jobs/read/{number}").get_data(as_text=True)
    assert "2026年第2季度尚未结束" in page
    assert "返回提交处" in page
    office.send("/accounts/languages/choose", lang="en")
    page = office.get(f"/work/jobs/read/{number}").get_data(as_text=True)
    assert "Q2 2026 is not over yet; compute it on trial." in page
    assert "Go back to where it was asked for" in page


def test_the_timetable_shows_the_last_run_the_error_and_the_next(
    app: Flask, client_as: Callable[[str], Client]
) -> None:
    def broken(_: object) -> None:
        raise ValueError("somebody's data")

    office = client_as("office")
    page = office.get("/work/tasks/list").get_data(as_text=True)
    assert "尚未运行过任何任务" in page
    timetable.task(app, "here", "seal_events", broken)
    with app.app_context():
        services.plan_tasks({"seal_events": CLOCK + timedelta(hours=1), "remind_members": None})
        services.take_lease("timetable", "here", 60, now=CLOCK)
    page = office.get("/work/tasks/list").get_data(as_text=True)
    assert "封存审计日志" in page
    assert "ValueError (test_jobs.py:" in page
    assert "somebody" not in page
    assert "2026-05-10 11:00" in page
    assert "尚未运行" in page
    with app.app_context():
        services.plan_tasks({"remind_members": None})
    assert "封存审计日志" not in client_as("admin").get("/work/tasks/list").get_data(as_text=True)


class Clockwork:
    """A scheduler that only remembers what it was to begin at once."""

    def __init__(self) -> None:
        self.begun: list[str] = []

    def modify_job(self, name: str, next_run_time: datetime) -> None:
        self.begun.append(name)


def test_a_daily_task_that_was_missed_is_caught_up_once(inside: Flask) -> None:
    def begun(now: datetime) -> list[str]:
        db.session.rollback()
        scheduler = Clockwork()
        timetable.catch_up(scheduler, {"remind_members": 9, "estimate": 2}, now)
        return scheduler.begun

    nine = datetime(2026, 5, 10, 1, tzinfo=UTC)  # in Shanghai
    assert begun(nine) == ["remind_members", "estimate"]
    services.note_task("estimate", started=nine - timedelta(hours=7), ended=nine)
    services.note_task("remind_members", started=nine - timedelta(days=1), ended=nine)
    assert begun(nine) == []  # it is about to begin by itself
    assert begun(nine + timedelta(minutes=3)) == ["remind_members"]
    services.note_task("remind_members", started=nine + timedelta(minutes=3), ended=nine)
    assert begun(nine + timedelta(minutes=4)) == []
    assert begun(nine + timedelta(hours=18)) == ["estimate"]


def test_two_workers_that_begin_at_the_same_moment_do_not_break_each_other(inside: Flask) -> None:
    got: list[bool] = []

    def taking(holder: str) -> None:
        with inside.app_context():
            got.append(services.take_lease("timetable", holder, 60, now=CLOCK))

    threads = [threading.Thread(target=taking, args=[name]) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(got) == [False, False, False, True]


def test_tasks_that_end_for_the_first_time_at_the_same_moment_are_all_noted(inside: Flask) -> None:
    names = ["clear_files", "count_refusals", "seal_events", "send_mail"]
    together, faults = threading.Barrier(len(names)), []

    def ending(name: str) -> None:
        with inside.app_context():
            together.wait()
            try:
                services.note_task(name, started=CLOCK, ended=CLOCK)
                services.plan_tasks({one: CLOCK + timedelta(minutes=1) for one in reversed(names)})
            except SQLAlchemyError as fault:
                faults.append(fault)

    threads = [threading.Thread(target=ending, args=[name]) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert [(one.name, one.ended) for one in queries.tasks()] == [(name, CLOCK) for name in names]
