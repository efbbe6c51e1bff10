"""The questions about certificates: what one would say now, what one says, what anybody may have confirmed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from hmac import compare_digest
from typing import Any

from sqlalchemy import select

from alliance.core.figure import canonical
from alliance.core.period import Period
from alliance.core.roles import Scope
from alliance.db import db
from alliance.members import queries as members
from alliance.registers.models import Certificate
from alliance.registers.queries.counts import measures_told, person_counts

CHECK = 16  # characters of the digest that the address of the confirmation carries


@dataclass(frozen=True, slots=True)
class CertificateInfo:
    """A certificate as it was issued; `content` holds names, measures and quantities."""

    alliance_id: int
    number: str
    institution: str
    person: str
    year: int
    content: dict[str, Any]
    digest: str
    issued_by: str
    issued_at: datetime

    @property
    def check(self) -> str:
        return self.digest[:CHECK]


def _info(row: Certificate) -> CertificateInfo:
    return CertificateInfo(
        row.alliance_id, row.number, row.institution, row.person, row.year, row.content, row.digest, row.issued_by,
        row.issued_at,
    )  # fmt: skip


def certified_now(alliance: int, institution: str, person: str, year: int) -> dict[str, Any] | None:
    """What a certificate would say now; None where no confirmed case names the person."""
    found = person_counts(alliance, institution, year, person)
    owner, last = members.read_alliance(alliance), Period.parse(str(year)).last
    member = members.member(alliance, institution, last)
    if not found or owner is None or member is None:
        return None
    known = members.employee_names(alliance, institution).get(person)
    return {
        "alliance": {"zh": owner.name_zh, "en": owner.name_en, "code": owner.code},
        "member": {"zh": member.name_zh, "en": member.name_en},
        "person": {"zh": known.name_zh if known else person, "en": known.name_en if known else person},
        "cases": found[0].cases,
        "counts": [
            {
                "measure": one.code, "zh": one.name.zh, "en": one.name.en, "unit_zh": one.unit.zh,
                "unit_en": one.unit.en, "quantity": canonical(found[0].sums[one.code]),
            }
            for one in measures_told(found)
        ],
    }  # fmt: skip


def newest_certificate(alliance: int, institution: str, person: str, year: int) -> CertificateInfo | None:
    """The certificate of a person's year that holds now."""
    row = db.session.scalars(
        select(Certificate)
        .where(
            Certificate.alliance_id == alliance, Certificate.institution == institution, Certificate.person == person,
            Certificate.year == year,
        )
        .order_by(Certificate.id.desc())
    ).first()  # fmt: skip
    return _info(row) if row else None


def certificates(alliance: int, institution: str, year: int) -> dict[str, CertificateInfo]:
    """The certificates of a member's people that hold for a year, by staff number."""
    rows = select(Certificate).where(
        Certificate.alliance_id == alliance, Certificate.institution == institution, Certificate.year == year
    )
    return {row.person: _info(row) for row in db.session.scalars(rows.order_by(Certificate.id))}


def certificate(scope: Scope, number: str) -> CertificateInfo | None:
    """A certificate of a member that the reader sees."""
    row = db.session.scalars(
        select(Certificate).where(Certificate.alliance_id == scope.alliance_id, Certificate.number == number)
    ).first()
    return _info(row) if row and scope.sees(row.institution) else None


def confirmed_certificate(owner: str, number: str, check: str) -> tuple[CertificateInfo, str] | None:
    """What anybody may know who holds a certificate with its check code, and the number of the one that has taken its
    place or ""; None for anything else."""
    known = members.alliance_of_code(owner)
    row = (
        known
        and db.session.scalars(
            select(Certificate).where(Certificate.alliance_id == known.id, Certificate.number == number)
        ).first()
    )
    if not known or not row or not compare_digest(row.digest[:CHECK].encode(), check.encode()):
        return None
    last = newest_certificate(known.id, row.institution, row.person, row.year)
    return _info(row), last.number if last and last.number != number else ""
