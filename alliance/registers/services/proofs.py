"""The verbs of the files behind cases: attach files, clear what no case refers to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select

from alliance.audit.services import record, verb
from alliance.core.actor import Actor
from alliance.core.acts import Act
from alliance.core.media import media_of, plain_name
from alliance.core.refused import Refused
from alliance.files import kinds_of
from alliance.registers.models import CaseProof
from alliance.registers.queries.cases import proof_files
from alliance.registers.rules.cases import WITHDRAWN, check_step
from alliance.registers.rules.proofs import check_proof
from alliance.registers.services.cases import locked, subject_of
from alliance.store import Store

KEPT_UNNAMED = timedelta(days=1)  # bytes that no row refers to: of a verb that was refused, or is under way


def add_proof(
    alliance: int, register: str, number: int, files: Sequence[tuple[str, bytes]], store: Store, *, by: Actor,
    now: datetime,
) -> int:  # fmt: skip
    """Attach files, given as (name, bytes), to a case: all of them or none; how many. The bytes are on the disk before
    any row says so. Refused: what is no evidence by its content, too large, one too many, attached already."""
    if not files:
        raise Refused("Choose a file.")
    looked = []
    for name, content in files:
        name = plain_name(name)
        check_proof(len(content), 0, name)
        looked.append((name, media_of(kinds_of(content, name), name), len(content)))
    kept = [store.keep(content) for _name, content in files]
    with verb(by) as session:
        row = locked(session, alliance, register, [number])[0]
        if row.state == WITHDRAWN:
            check_step("correct", row.state)
        there = set(session.scalars(select(CaseProof.sha256).where(CaseProof.case_id == row.id)))
        for (name, media, size), digest in zip(looked, kept, strict=True):
            check_proof(size, len(there), name)
            if digest in there:
                raise Refused("%(name)s is attached to this case already.", name=name)
            there.add(digest)
            session.add(
                CaseProof(
                    case_id=row.id, name=name, media=media, size=size, sha256=digest, added_by=by.account, added_at=now
                )
            )  # fmt: skip
        record(
            session, Act.REGISTERS_PROOF_ADD, subject_of(row), by=by, now=now, alliance=alliance,
            files=[[name, digest] for (name, _media, _size), digest in zip(looked, kept, strict=True)],
        )  # fmt: skip
        return len(looked)


def clear_proofs(store: Store, *, now: datetime) -> int:
    """Remove bytes that no row refers to and that were not kept within a day; how many files."""
    return store.clear(now - KEPT_UNNAMED, proof_files())
