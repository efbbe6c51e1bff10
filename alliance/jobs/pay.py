"""Jobs of a hospital's bonus: charge lines, runs, trials, payslips."""

from __future__ import annotations

from flask import current_app

from alliance.core.actor import Actor
from alliance.core.refused import NotFound, mark
from alliance.jobs.kept import kept
from alliance.pdf import SLIPS_STYLE, render_each
from alliance.store import uploads
from alliance.work.queries import JobInfo
from alliance.work.rules import Place, Said
from alliance.worker import Done, Progress, is_done, once
from alliance.workpoints import queries as bonus
from alliance.workpoints import services as workpoints
from alliance.workpoints.sheets import slips_archive, slips_paper
from alliance.workpoints.volume.partitions import partitions_of

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
            source, kept(files.place, asked["kept"]), asked["name"], asked["columns"], by=by, now=progress.now(),
            progress=lambda done, _of: progress(done, len(LOADING), LOADING[done]),
        )  # fmt: skip

    # An attempt before may have done it: the same file again would be refused as one that counts already.
    deed = once(job, "load", (lambda _by: None) if is_done(job, "load") else load)
    said = Said(mark("%(count)s lines count now."), {"count": deed.detail["count"]})
    return Done(Place("workpoints.list_charges", {"institution": institution, "month": month}), said)


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
