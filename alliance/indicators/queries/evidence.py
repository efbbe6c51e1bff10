"""The questions about evidence: which files are attached to the values of a member."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from alliance.accounts import queries as accounts
from alliance.db import db
from alliance.indicators.models import Evidence
from alliance.indicators.queries.rounds import check_files


@dataclass(frozen=True, slots=True)
class EvidenceInfo:
    """A file attached to a value; one that was removed keeps who removed it and when."""

    number: int
    period: str
    institution: str
    element: str
    name: str
    media: str
    size: int
    sha256: str
    added_by: tuple[str, str]  # the person's name, zh and en
    added_at: datetime
    removed_by: tuple[str, str]
    removed_at: datetime | None

    @property
    def kilobytes(self) -> int:
        return -(-self.size // 1024)


def evidence(alliance: int, code: str, institution: str, element: str = "") -> list[EvidenceInfo]:
    """The files of a member's values in a period, oldest first, those removed too; of one element, when it is named."""
    rows = select(Evidence).where(
        Evidence.alliance_id == alliance, Evidence.period == code, Evidence.institution == institution
    )
    if element:
        rows = rows.where(Evidence.element == element)
    return _infos(list(db.session.scalars(rows.order_by(Evidence.id))))


def evidence_by_number(alliance: int, number: int) -> EvidenceInfo | None:
    rows = db.session.scalars(select(Evidence).where(Evidence.alliance_id == alliance, Evidence.id == number))
    return next(iter(_infos(list(rows))), None)


def evidence_files() -> set[str]:
    """The digests of all files that rows of evidence refer to, those of removed evidence and of cross-checks too."""
    return set(db.session.scalars(select(Evidence.sha256).distinct())) | check_files()


def _infos(rows: list[Evidence]) -> list[EvidenceInfo]:
    people = accounts.names({who for row in rows for who in (row.added_by, row.removed_by)} - {""})

    def name(account: str) -> tuple[str, str]:
        return people[account][:2] if account in people else (account, account)

    return [
        EvidenceInfo(
            row.id, row.period, row.institution, row.element, row.name, row.media, row.size, row.sha256,
            name(row.added_by), row.added_at, name(row.removed_by), row.removed_at,
        )
        for row in rows
    ]  # fmt: skip
