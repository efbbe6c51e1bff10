"""The verbs of bonus schemes: import a draft, put it into force."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from alliance.audit.services import record, verb
from alliance.core.actor import Actor
from alliance.core.acts import Act
from alliance.core.period import Period, day_of
from alliance.core.refused import Forbidden, NotFound, Problem, Refused, mark, unexplained
from alliance.core.written import content_digest
from alliance.workpoints.models import BonusSchemeRow
from alliance.workpoints.queries import (
    last_run_month,
    require_record,
    scheme_drafters,
    scheme_findings,
    scheme_info,
    technique_problems,
)
from alliance.workpoints.rules.checks import check_hard
from alliance.workpoints.rules.scheme import BonusScheme, read_scheme

CODE = re.compile(r"[A-Z0-9][A-Z0-9_-]{0,15}")


def import_scheme(alliance: int, institution: str, data: Mapping[str, Any], *, by: Actor, now: datetime) -> str:
    """Take a bonus scheme as a draft; its reference (T01/BONUS/1). A draft of the same code is replaced, a decided one
    gets a new version. Refused with every fault of form and every hard check that fails."""
    scheme = read_scheme(data)
    problems = _check_head(scheme) + check_hard(scheme) + technique_problems(alliance, institution, scheme)
    if problems:
        raise Refused("The scheme has %(count)s errors.", count=len(problems), problems=problems)
    with verb(by, alone_in=alliance) as session:
        row = _draft(session, alliance, institution, scheme.code)
        sha256 = content_digest(scheme.data)
        if row.sha256 != sha256:
            # The same content again is the same draft: what is on record of it goes on counting.
            row.content, row.sha256, row.valid_from = dict(scheme.data), sha256, scheme.valid_from
            row.recorded_by, row.recorded_at = by.account, now
        reference = f"{institution}/{row.code}/{row.version}"
        record(
            session, Act.WORKPOINTS_SCHEME_IMPORT, f"bonusscheme:{reference}", by=by, now=now, alliance=alliance,
            sha256=sha256,
        )  # fmt: skip
        return reference


def _check_head(scheme: BonusScheme) -> list[Problem]:
    problems = []
    if not CODE.fullmatch(scheme.code):
        reason = mark("takes up to 16 capital letters, digits, hyphens and underscores")
        problems.append(Problem("scheme.code", scheme.code, reason))
    if scheme.valid_from.day != 1:
        reason = mark("must be the first day of a month; a month is computed by one scheme")
        problems.append(Problem("scheme.valid_from", scheme.valid_from.isoformat(), reason))
    return problems


def _draft(session: Session, alliance: int, institution: str, code: str) -> BonusSchemeRow:
    """The draft of a code, new where the last version is decided."""
    rows = select(BonusSchemeRow).where(
        BonusSchemeRow.alliance_id == alliance, BonusSchemeRow.institution == institution, BonusSchemeRow.code == code
    )
    last = session.scalars(rows.order_by(BonusSchemeRow.version.desc()).limit(1).with_for_update()).first()
    if last is not None and not last.decision:
        return last
    row = BonusSchemeRow(
        alliance_id=alliance, institution=institution, code=code, version=(last.version if last else 0) + 1,
        sha256="", decision="", decided_by="", reasons={},
    )  # fmt: skip
    session.add(row)
    return row


def decide_scheme(
    alliance: int, institution: str, code: str, version: int, reasons: Mapping[str, str], *, decision: str, by: Actor,
    now: datetime,
) -> None:  # fmt: skip
    """Put a draft into force by the record of a body that decides; it is frozen from then on.

    Refused: a draft in which one had a hand, a record on another matter or an earlier draft, a soft finding without a
    reason, a beginning in or before a month that has a bonus run, a technique on an item of a forbidden class.
    """
    with verb(by, alone_in=alliance) as session:
        row = session.scalars(
            select(BonusSchemeRow)
            .where(
                BonusSchemeRow.alliance_id == alliance,
                BonusSchemeRow.institution == institution,
                BonusSchemeRow.code == code,
                BonusSchemeRow.version == version,
            )
            .with_for_update()
        ).first()
        info = scheme_info(alliance, institution, code, version)
        if row is None or info is None:
            raise NotFound()
        if row.decision:
            raise Refused("Scheme %(scheme)s is decided and frozen; a change is a new version.", scheme=info.reference)
        if by.account in scheme_drafters(alliance, info.reference):
            raise Forbidden("You drafted this scheme: another person must put it into force.")
        require_record(alliance, institution, decision, info.matter, since=row.recorded_at)
        _check_forward(alliance, institution, info.scheme)
        problems = technique_problems(alliance, institution, info.scheme)  # a table may have come since
        if problems:
            raise Refused("The scheme has %(count)s errors.", count=len(problems), problems=problems)
        found = unexplained(scheme_findings(alliance, info, day_of(now)), reasons)
        if found:
            raise Refused(
                "%(count)s points lie outside what is expected; write the reason that was decided for each, in 10 "
                "characters or more.",
                count=len(found), problems=found,
            )  # fmt: skip
        row.decision, row.decided_by, row.decided_at, row.reasons = decision, by.account, now, dict(reasons)
        record(
            session, Act.WORKPOINTS_SCHEME_DECIDE, info.subject, by=by, now=now, alliance=alliance, decision=decision,
            sha256=row.sha256,
        )  # fmt: skip


def _check_forward(alliance: int, institution: str, scheme: BonusScheme) -> None:
    """Refuse a scheme that would begin in or before a month that is computed: rules never change backwards."""
    last = last_run_month(alliance, institution)
    if last and scheme.valid_from < Period.parse(last).until:
        raise Refused(
            "%(period)s has a bonus run in force: the scheme must begin on %(day)s or later. Reverse the run, or "
            "import the scheme with a later day.",
            period=last, day=Period.parse(last).until,
        )  # fmt: skip
