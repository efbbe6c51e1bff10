"""Jobs of trust in the data: rounds of cross-checks drawn and closed, falsifications found."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

from flask import current_app

from alliance.core.period import day_of
from alliance.core.refused import Refused, mark
from alliance.desk import queries as desk
from alliance.evaluation import services as evaluation
from alliance.indicators import queries as indicators
from alliance.indicators.services import (
    close_round,
    draw_round,
    find_falsification,
    notify_sample,
)
from alliance.indicators.sheets import notice_of
from alliance.notices.rules import Draft
from alliance.notices.services import publish_notice
from alliance.store import Store
from alliance.work.queries import JobInfo
from alliance.work.rules import Place, Said
from alliance.worker import Done, Progress, is_done, once


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
