"""The verbs of schemes: import a draft, put it into force."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from alliance.accounts import queries as accounts
from alliance.audit.services import record, verb
from alliance.core.actor import Actor
from alliance.core.acts import Act
from alliance.core.period import Period
from alliance.core.refused import Forbidden, NotFound, Problem, Refused, mark, unexplained
from alliance.core.written import content_digest
from alliance.evaluation.models import SchemeRow
from alliance.evaluation.queries import (
    drafters,
    library_digest,
    runs,
    scheme_info,
    soft_findings,
    tagged,
)
from alliance.evaluation.rules.scheme import check_hard, read_scheme
from alliance.indicators import queries as indicators


def import_scheme(alliance: int, data: Mapping[str, Any], *, by: Actor, now: datetime) -> str:
    """Take a scheme as a draft; its reference (2026/1). A draft of the same code is replaced, a decided one gets a new
    version. Refused with every fault of form and every hard check that fails."""
    known = indicators.library(alliance, indicators.NEWEST)
    directions = {code: one.direction for code, one in known.indicators.items()}
    scheme = read_scheme(data, directions)
    problems = check_hard(scheme, tagged(alliance))
    problems += [
        Problem(f"{line.tier}.{line.indicator}.external", line.external, mark("no data element has this code"))
        for line in scheme.lines
        if line.external and line.external not in known.elements
    ]
    if problems:
        raise Refused("The scheme has %(count)s errors.", count=len(problems), problems=problems)
    with verb(by, alone_in=alliance) as session:
        rows = select(SchemeRow).where(SchemeRow.alliance_id == alliance, SchemeRow.code == scheme.code)
        last = session.scalars(rows.order_by(SchemeRow.version.desc()).limit(1).with_for_update()).first()
        if last is None or last.decision:
            last = SchemeRow(
                alliance_id=alliance,
                code=scheme.code,
                version=(last.version if last else 0) + 1,
                decision="",
                reasons={},
            )
            session.add(last)
        sha256 = content_digest(scheme.data)
        if last.sha256 != sha256:
            # The same content again is the same draft: a decision on it stays one.
            last.content, last.sha256, last.valid_from = dict(scheme.data), sha256, scheme.valid_from
            last.drafted_by, last.drafted_at = by.account, now
        reference = f"{last.code}/{last.version}"
        record(
            session,
            Act.EVALUATION_SCHEME_IMPORT,
            f"scheme:{reference}",
            by=by,
            now=now,
            alliance=alliance,
            sha256=last.sha256,
        )
        return reference


def decide_scheme(
    alliance: int, code: str, version: int, reasons: Mapping[str, str], *, decision: str, by: Actor, now: datetime
) -> None:
    """Put a draft into force by a decision; it is frozen from then on.

    Refused: a draft in which one had a hand, a decision on another matter or an earlier draft, a soft finding without
    the committee's reason.
    """
    subject = f"scheme:{code}/{version}"
    with verb(by, alone_in=alliance) as session:
        row = session.scalars(
            select(SchemeRow)
            .where(SchemeRow.alliance_id == alliance, SchemeRow.code == code, SchemeRow.version == version)
            .with_for_update()
        ).first()
        if row is None:
            raise NotFound()
        if row.decision:
            raise Refused(
                "Scheme %(scheme)s is decided and frozen; a change is a new version.", scheme=f"{code}/{version}"
            )
        if by.account in drafters(alliance, f"{code}/{version}"):
            raise Forbidden("You drafted this scheme: another person must put it into force.")
        accounts.require_decision(alliance, decision, subject, since=row.drafted_at)
        info = scheme_info(alliance, code, version)
        assert info is not None
        _check_forward(alliance, row.valid_from)
        open_findings = unexplained(soft_findings(alliance, info), reasons)
        if open_findings:
            raise Refused(
                "%(count)s points lie outside what is expected; write the committee's reason for each, in 10 "
                "characters or more.",
                count=len(open_findings),
                problems=open_findings,
            )
        row.decision, row.decided_by, row.decided_at, row.reasons = decision, by.account, now, dict(reasons)
        record(
            session,
            Act.EVALUATION_SCHEME_DECIDE,
            subject,
            by=by,
            now=now,
            alliance=alliance,
            decision=decision,
            sha256=row.sha256,
            library=library_digest(alliance, info),
        )


def _check_forward(alliance: int, valid_from: date) -> None:
    """Refuse a scheme that would begin inside or before a period that is scored: weights never change backwards."""
    ends = [Period.parse(run.period).until for run in runs(alliance)]
    if ends and valid_from < max(ends):
        raise Refused(
            "Periods up to %(last)s are scored: the scheme must begin on %(day)s or later.",
            last=max(ends) - timedelta(days=1),
            day=max(ends),
        )
