"""Jobs of scores and of what is issued about them: runs, trials, statements of a fund, bulletins."""

from __future__ import annotations

from collections.abc import Iterator

from flask import current_app

from alliance.bulletins import queries as bulletins
from alliance.bulletins.services import issue_bulletin
from alliance.bulletins.views import document
from alliance.core.refused import NotFound, mark
from alliance.core.roles import Scope
from alliance.evaluation import services as evaluation
from alliance.funds import queries as funds
from alliance.funds.sheets import statement, title_of_all
from alliance.pdf import render, render_all
from alliance.store import uploads
from alliance.work.queries import JobInfo
from alliance.work.rules import Place, Said
from alliance.worker import Done, Progress, is_done, once

PAPER = {"zh": mark("Setting the pages in Chinese"), "en": mark("Setting the pages in English")}


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
