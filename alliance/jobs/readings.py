"""Jobs of filed data: large files taken in, and their faults marked."""

from __future__ import annotations

from collections.abc import Sequence

from flask import current_app

from alliance.core.period import Period
from alliance.core.refused import Refused, mark
from alliance.indicators import queries as indicators
from alliance.indicators.rules.filing import Row
from alliance.indicators.services import (
    import_reading,
)
from alliance.indicators.sheets import mark_faults, read_filled
from alliance.jobs.kept import kept
from alliance.store import uploads
from alliance.work.queries import JobInfo
from alliance.work.rules import Place, Said
from alliance.worker import Done, Progress, is_done, once


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
    content = kept(files.read, asked["kept"])
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
    content = kept(files.read, asked["kept"])
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
