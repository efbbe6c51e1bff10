"""Jobs of registers: files of cases and referrals taken in, ledgers published."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, TypeVar

from flask import current_app

from alliance.core.actor import Actor
from alliance.core.period import day_of, end_of
from alliance.core.refused import Problem, Refused, mark
from alliance.jobs.kept import kept
from alliance.notices.rules import Draft
from alliance.notices.services import publish_notice
from alliance.registers import queries as rolls
from alliance.registers import services as registers
from alliance.registers.rules.import_reports import ImportReport, pack_report, report_of
from alliance.registers.rules.imports import ImportRow as CaseRow
from alliance.registers.rules.kinds import register_of
from alliance.registers.sheets import read_cases, read_rows
from alliance.store import Store, uploads
from alliance.work.queries import JobInfo
from alliance.work.rules import Place, Said
from alliance.worker import Done, Progress, is_done, once


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
        return read_cases(kept(files.read, asked["kept"]), asked["name"], register_of(register))

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
        return read_rows(rolls.opened_file(alliance, job.asked_by, kept(files.read, asked["kept"])), asked["name"])

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
