"""The questions about cases: which there are, what one says, what a new one is held against."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, or_, select

from alliance.audit import queries as audit
from alliance.core.roles import Scope
from alliance.core.written import whole
from alliance.db import db
from alliance.members import queries as members
from alliance.registers.models import CaseProof, CaseRevision, RegisterCase
from alliance.registers.rules.cases import FILED, WITHDRAWN, Ground, case_code
from alliance.registers.rules.kinds import REGISTERS, Register
from alliance.registers.rules.kinds.shapes import MEMBER, MEMBERS
from alliance.registers.rules.referral_counts import REFERRAL


@dataclass(frozen=True, slots=True)
class CaseInfo:
    """A case as it stands; its fields as canonical texts."""

    id: int
    register: str
    number: int
    institution: str
    counterpart: str
    members: tuple[str, ...]
    texts: Mapping[str, str]
    occurred_on: date
    state: str
    revision: int
    filed_by: str
    filed_at: datetime
    decided_by: str
    decided_at: datetime | None
    reason: str
    source: str
    record: str
    version: int

    @property
    def code(self) -> str:
        return case_code(self.register, self.number)

    @property
    def month(self) -> str:
        return f"{self.occurred_on:%Y-%m}"


@dataclass(frozen=True, slots=True)
class RevisionInfo:
    """What a case said in one revision."""

    revision: int
    texts: Mapping[str, str]
    reason: str
    filed_by: str
    filed_at: datetime


@dataclass(frozen=True, slots=True)
class ProofInfo:
    """A file behind a case."""

    number: int
    name: str
    media: str
    size: int
    sha256: str
    added_by: str
    added_at: datetime

    @property
    def kilobytes(self) -> int:
        return -(-self.size // 1024)


@dataclass(frozen=True, slots=True)
class WantedCases:
    """Which cases of a register are looked for; "" for any."""

    month: str = ""
    state: str = ""
    member: str = ""
    person: str = ""
    waits_for: frozenset[str] = frozenset()  # the members one of which has to confirm


def case_info(row: RegisterCase) -> CaseInfo:
    return CaseInfo(
        row.id, row.register, row.number, row.institution, row.counterpart, tuple(row.members.split()),
        json.loads(row.fields), row.occurred_on, row.state, row.revision, row.filed_by, row.filed_at, row.decided_by,
        row.decided_at, row.reason, row.source, row.record, row.version,
    )  # fmt: skip


def seen_by(rows: Any, scope: Scope) -> Any:
    """Of cases those that concern a member whose figures the reader sees."""
    if scope.institutions is None:
        return rows
    return rows.where(or_(False, *(RegisterCase.members.contains(f" {code} ") for code in scope.institutions)))


def find_cases(scope: Scope, register: str, wanted: WantedCases, page: int, size: int) -> tuple[list[CaseInfo], int]:
    """A part of a register's cases that the reader may see, the newest first, and how many there are."""
    rows = seen_by(
        select(RegisterCase).where(
            RegisterCase.alliance_id == scope.alliance_id, RegisterCase.register == register
        ),
        scope,
    )  # fmt: skip
    if wanted.month:
        rows = rows.where(RegisterCase.month == wanted.month)
    if wanted.state:
        rows = rows.where(RegisterCase.state == wanted.state)
    if wanted.member:
        rows = rows.where(RegisterCase.members.contains(f" {wanted.member} ", autoescape=True))
    if wanted.person:
        rows = rows.where(RegisterCase.people.contains(f"/{wanted.person} ", autoescape=True))
    if wanted.waits_for:
        rows = rows.where(RegisterCase.state == FILED, RegisterCase.counterpart.in_(wanted.waits_for))
    total = db.session.scalar(select(func.count()).select_from(rows.subquery())) or 0
    newest = rows.order_by(RegisterCase.occurred_on.desc(), RegisterCase.id.desc())
    return [case_info(row) for row in db.session.scalars(newest.offset((page - 1) * size).limit(size))], total


def case(scope: Scope, register: str, number: int) -> CaseInfo | None:
    """A case that the reader may see; else None."""
    rows = select(RegisterCase).where(
        RegisterCase.alliance_id == scope.alliance_id, RegisterCase.register == register, RegisterCase.number == number
    )
    row = db.session.scalars(seen_by(rows, scope)).first()
    return case_info(row) if row else None


def case_revisions(number: int) -> list[RevisionInfo]:
    """All revisions of a case (by its id), the newest first."""
    rows = select(CaseRevision).where(CaseRevision.case_id == number).order_by(CaseRevision.revision.desc())
    return [
        RevisionInfo(row.revision, json.loads(row.fields), row.reason, row.filed_by, row.filed_at)
        for row in db.session.scalars(rows)
    ]


def proofs(number: int) -> list[ProofInfo]:
    """The files behind a case (by its id)."""
    rows = select(CaseProof).where(CaseProof.case_id == number).order_by(CaseProof.id)
    return [
        ProofInfo(row.id, row.name, row.media, row.size, row.sha256, row.added_by, row.added_at)
        for row in db.session.scalars(rows)
    ]


def proof_files() -> set[str]:
    """The digests of all files behind cases, whose bytes must stay."""
    return set(db.session.scalars(select(CaseProof.sha256)))


@dataclass(frozen=True, slots=True)
class RegisterLine:
    """How full a register is for a reader: cases of a month, and of any time those that wait for the reader."""

    register: Register
    cases: int
    confirmed: int
    waiting: int


def register_lines(scope: Scope, month: str) -> list[RegisterLine]:
    """Every register with its counts of a month, and what waits for the reader."""
    rows = seen_by(
        select(RegisterCase.register, RegisterCase.state, func.count())
        .where(RegisterCase.alliance_id == scope.alliance_id, RegisterCase.month == month)
        .group_by(RegisterCase.register, RegisterCase.state),
        scope,
    )
    found: dict[str, dict[str, int]] = {}
    for register, state, count in db.session.execute(rows):
        found.setdefault(register, {})[state] = count
    own = scope.own & {scope.employer}
    waiting = waiting_cases(scope.alliance_id, own, scope.account, leads="member_lead" in scope.roles)
    return [
        RegisterLine(
            one, sum(count for state, count in found.get(code, {}).items() if state != WITHDRAWN),
            found.get(code, {}).get("confirmed", 0), waiting.get(code, 0),
        )
        for code, one in REGISTERS.items()
    ]  # fmt: skip


@audit.until_next_event
def waiting_cases(alliance: int, own: frozenset[str], account: str, *, leads: bool) -> dict[str, int]:
    """How many cases of each register wait for members that somebody else filed; registers without another end wait
    for those who lead the member."""
    if not own:
        return {}
    rows = (
        select(RegisterCase.register, func.count())
        .where(
            RegisterCase.alliance_id == alliance, RegisterCase.state == FILED,
            RegisterCase.counterpart.in_(list(own)), RegisterCase.filed_by != account,
        )
        .group_by(RegisterCase.register)
    )  # fmt: skip
    found = db.session.execute(rows).all()
    return {code: count for code, count in found if leads or (code in REGISTERS and REGISTERS[code].is_mutual)}


def ground(alliance: int, today: date, named: Iterable[str]) -> Ground:
    """What cases that name some members are held against."""
    facts: dict[str, list[members.MemberInfo]] = {}
    for one in members.all_facts(alliance):
        facts.setdefault(one.code, []).append(one)
    staff: dict[str, dict[str, list[members.EmployeeFact]]] = {}
    for code in set(named) & set(facts):
        people: dict[str, list[members.EmployeeFact]] = {}
        for fact in members.employee_facts(alliance, code):
            people.setdefault(fact.number, []).append(fact)
        staff[code] = people
    return Ground(today, facts, staff)


def named_in(register: Register, texts: Mapping[str, str]) -> list[str]:
    """All members that a case names."""
    found = [texts.get(one.code, "") for one in register.fields if one.type in (MEMBER, MEMBERS)]
    return list(dict.fromkeys(" ".join(found).split()))


def standing_twin(alliance: int, register: str, twin: str, but: int = 0) -> int | None:
    """The number of a case that says the same and was not withdrawn."""
    return db.session.scalar(
        select(RegisterCase.number).where(
            RegisterCase.alliance_id == alliance, RegisterCase.register == register, RegisterCase.twin == twin,
            RegisterCase.state != WITHDRAWN, RegisterCase.number != but,
        )
    )  # fmt: skip


def case_address(code: str) -> tuple[str, dict[str, Any]] | None:
    """The name and the arguments of the page of a case; None where its register has none here."""
    register, _slash, number = code.partition("/")
    if register == REFERRAL:
        return "registers.read_referral", {"number": number}
    known = whole(number)
    if register not in REGISTERS or known is None:
        return None
    return "registers.read_case", {"register": register, "number": known}
