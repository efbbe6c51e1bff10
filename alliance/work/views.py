"""The doors of jobs and of the timetable, and those for machines that watch the portal."""

from __future__ import annotations

from datetime import timedelta
from hmac import compare_digest
from typing import Any
from uuid import uuid4

from flask import Blueprint, Response, abort, current_app, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from alliance import watch
from alliance.access import actor, alliance_id, alliance_time, become_nobody, can, machine_now, public, requires, scope
from alliance.audit.views import people_of
from alliance.config import Config
from alliance.core.acts import Act
from alliance.core.refused import Forbidden, NotFound
from alliance.i18n import said
from alliance.pages import Leaf, Link, part
from alliance.work import queries, services
from alliance.work.rules import STATES, TASKS, Place

blueprint = Blueprint("work", __name__)
HERE = ("127.0.0.1", "::1")
PAGE = 50
KINDS = {"queued": "wait", "running": "wait", "done": "good", "failed": "bad", "cancelled": "neutral"}


@blueprint.get("/work/jobs/list")
@requires(Act.WORK_JOB_LIST)
def list_jobs() -> ResponseReturnValue:
    """My jobs; with ?whose=all those of others too whose results I may see."""
    others = request.args.get("whose") == "all"
    total = queries.count_jobs(scope(), mine=not others)
    number = request.args.get("page", 1, type=int)
    number = min(max(number, 1), max(-(-total // PAGE), 1))
    number, size = part(number, PAGE)
    found = queries.jobs(scope(), mine=not others, limit=size, offset=(number - 1) * size)
    whose = "all" if others else None
    return render_template(
        "work/list_jobs.html",
        jobs=found,
        others=others,
        people=people_of({one.asked_by for one in found}),
        views=[
            Link(_("Mine"), url_for("work.list_jobs"), not others),
            Link(_("All that I may see"), url_for("work.list_jobs", whose="all"), others),
        ],
        leaf=Leaf.of(number, size, total, lambda page: url_for("work.list_jobs", whose=whose, page=page)),
        **_words(),
    )


@blueprint.get("/work/jobs/read/<int:number>")
@requires(Act.WORK_JOB_READ)
def read_job(number: int) -> ResponseReturnValue:
    """How far a job is and what came of it; with ?follow=1 it leads on to the result as soon as that is there, and
    begins the download of a file.

    Asked for JSON, the part of the page that changes while the job is open.
    """
    job = _job(number)
    follow = request.args.get("follow") == "1"
    machine = request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json"
    # A file leaves the browser where it was: on this page, which then says that the job is done.
    file = job.result is not None and job.result.endpoint.rpartition(".")[2].startswith("download_")
    if follow and job.state == "done" and job.result and not file and not machine:
        if job.outcome:
            flash(said(job.outcome), "success")
        return redirect(_url(job.result))
    shown: dict[str, Any] = {
        "job": job,
        "silent": job.is_open and not queries.worker_seen(machine_now()),
        "before": queries.count_before(job) if job.state == "queued" else 0,
        **_words(),
    }
    if machine:
        say = _(job.step) if job.step else _(STATES[job.state])
        return jsonify(open=job.is_open, say=say, html=render_template("work/job.html", **shown))
    return render_template(
        "work/read_job.html",
        follow=follow,
        file=file,
        people=people_of({job.asked_by, job.cancel_by} - {""}),
        may_cancel=job.is_open and not job.cancel_by and _may_cancel(job),
        result=_url(job.result) if job.result else "",
        origin=_url(job.origin) if job.origin else "",
        token=uuid4().hex,
        **shown,
    )


@blueprint.post("/work/jobs/cancel/<int:number>")
@requires(Act.WORK_JOB_CANCEL)
def cancel_job(number: int) -> ResponseReturnValue:
    """Cancel a job that is not over: by who asked, or by whoever may do what it does."""
    if not _may_cancel(_job(number)):
        raise Forbidden("Somebody else asked for this job, and what it does is not yours to do.")
    if services.cancel_job(alliance_id(), number, by=actor(), now=machine_now()):
        flash(_("The job is cancelled; nothing was done."), "success")
    else:
        flash(_("The job stops before its next step."), "info")
    return redirect(url_for("work.read_job", number=number))


@blueprint.get("/work/tasks/list")
@requires(Act.WORK_TASK_LIST)
def list_tasks() -> ResponseReturnValue:
    """The timetable of the worker: each task with its last run, its error, and the next run."""
    return render_template(
        "work/list_tasks.html",
        tasks=queries.tasks(),
        names=TASKS,
        seen=queries.worker_seen(machine_now()),
        now=machine_now(),
        **_words(),
    )


def _job(number: int) -> queries.JobInfo:
    found = queries.job(scope(), number)
    if found is None:
        raise NotFound()
    return found


def _may_cancel(job: queries.JobInfo) -> bool:
    return job.asked_by == actor().account or can(Act(job.kind), job.institution)


def _url(place: Place) -> str:
    values: dict[str, Any] = dict(place.values)
    return url_for(place.endpoint, **values)


def _words() -> dict[str, Any]:
    """What the pages of work need to say a job and its time."""
    return {"states": STATES, "looks": KINDS, "duration": _duration, "shown": alliance_time}


def _duration(time: timedelta | None) -> str:
    """How long something took, as people say it."""
    if time is None:
        return "—"
    tenths = int(time / timedelta(milliseconds=100))
    if tenths < 100:
        return _("%(seconds)s s", seconds=f"{tenths // 10}.{tenths % 10}")
    minutes, seconds = divmod(tenths // 10, 60)
    return _("%(minutes)s min %(seconds)s s", minutes=minutes, seconds=seconds) if minutes else _(
        "%(seconds)s s", seconds=seconds
    )  # fmt: skip


@blueprint.get("/health")
@public(Act.WORK_HEALTH_READ)
def read_health() -> ResponseReturnValue:
    """Whether the portal and its database answer; JSON, no page; 503 while the database does not."""
    become_nobody()  # a cookie would ask tables that may be away
    if queries.database_answers():
        return jsonify(status="ok")
    return jsonify(status="database"), 503


@blueprint.get("/ready")
@public(Act.WORK_READINESS_READ)
def read_readiness() -> ResponseReturnValue:
    """Whether people may be let in: database, migrations, worker; 503 while one of them is not there, null for what
    could not be asked."""
    become_nobody()
    found = queries.readiness(machine_now())
    return jsonify(found), 200 if all(found.values()) else 503


@blueprint.get("/metrics")
@public(Act.WORK_METRICS_READ)
def read_metrics() -> ResponseReturnValue:
    """The meters in the text format of Prometheus; for this machine, or for whoever shows the token."""
    config: Config = current_app.config["ALLIANCE"]
    shown = request.headers.get("Authorization", "").removeprefix("Bearer ")
    known = bool(config.metrics_token) and compare_digest(shown.encode(), config.metrics_token.encode())
    # Behind a proxy everybody seems to come from this machine: who was sent on by one, does not.
    sent_on = "X-Forwarded-For" in request.headers or "Forwarded" in request.headers
    if not known and (sent_on or request.remote_addr not in HERE):
        abort(404)
    counters: watch.Counters = current_app.extensions["counters"]
    totals = counters.totals()
    for task in queries.tasks():
        if task.started is None:
            continue
        totals[watch.labelled("portal_task_last_run_timestamp_seconds", task=task.name)] = task.started.timestamp()
        totals[watch.labelled("portal_task_failed", task=task.name)] = float(bool(task.error))
    return Response(watch.exposition(totals), content_type="text/plain; version=0.0.4; charset=utf-8")
