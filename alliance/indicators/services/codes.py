"""The verbs of code systems: import codes, import a mapping."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from alliance.audit.services import record, verb
from alliance.core.actor import Actor
from alliance.core.acts import Act
from alliance.core.refused import Refused
from alliance.db import insert_many
from alliance.indicators.models import CodeMapping, CodeSystemRow, CodeTerm
from alliance.indicators.queries.codes import code_system, pair_changes, term_changes
from alliance.indicators.rules.codes import Pair, Term


@dataclass(frozen=True, slots=True)
class CodeSystemHead:
    """A version of a code system, as its import names it."""

    code: str
    version: str
    name_zh: str
    name_en: str
    source: str
    valid_from: date


def import_codesystem(alliance: int, head: CodeSystemHead, rows: Sequence[Term], *, by: Actor, now: datetime) -> int:
    """Add a version of a code system with its codes, or further codes to one; how many. The same file adds nothing.

    Refused: a code that means something else in this version already, a code twice, a code without a name.
    """
    with verb(by) as session:
        system = session.scalars(
            select(CodeSystemRow)
            .where(
                CodeSystemRow.alliance_id == alliance,
                CodeSystemRow.code == head.code,
                CodeSystemRow.version == head.version,
            )
            .with_for_update()
        ).first()
        new = term_changes(alliance, head.code, head.version, rows)
        if system is None:
            system = CodeSystemRow(
                alliance_id=alliance, code=head.code, version=head.version, name_zh=head.name_zh,
                name_en=head.name_en, source=head.source, valid_from=head.valid_from, added_by=by.account, added_at=now,
            )  # fmt: skip
            session.add(system)
            session.flush()
        insert_many(
            session,
            CodeTerm,
            [{"system_id": system.id, "code": one.code, "name_zh": one.name_zh, "name_en": one.name_en} for one in new],
        )
        record(
            session,
            Act.INDICATORS_CODESYSTEM_IMPORT,
            f"codesystem:{head.code}/{head.version}",
            by=by,
            now=now,
            alliance=alliance,
            codes=len(new),
        )
        return len(new)


def import_mapping(
    alliance: int, source: tuple[str, str], target: tuple[str, str], valid_from: date, rows: Sequence[Pair], *,
    by: Actor, now: datetime,
) -> int:  # fmt: skip
    """Map the codes of one version to another's from a day; how many rows are new. The same file adds nothing."""
    if source == target:
        raise Refused("A code system is not mapped to itself: choose two different versions.")
    with verb(by) as session:
        # The two versions are locked, so that two imports of one mapping wait for each other.
        session.scalars(select(CodeSystemRow).where(CodeSystemRow.alliance_id == alliance).with_for_update()).all()
        new = pair_changes(alliance, source, target, valid_from, rows)
        system, other = code_system(alliance, *source), code_system(alliance, *target)
        assert system
        assert other
        insert_many(
            session,
            CodeMapping,
            [
                {
                    "system_id": system.system_id, "target_system_id": other.system_id, "code": one.code,
                    "target": one.target, "valid_from": valid_from, "added_by": by.account, "added_at": now,
                }
                for one in new
            ],
        )  # fmt: skip
        record(
            session,
            Act.INDICATORS_MAPPING_IMPORT,
            f"codesystem:{system.code}/{system.version}",
            by=by,
            now=now,
            alliance=alliance,
            target=other.reference,
            valid_from=valid_from.isoformat(),
            codes=len(new),
        )
        return len(new)
