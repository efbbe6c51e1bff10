"""The verbs of members: found an alliance, import its institutions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from alliance.audit.services import record, verb
from alliance.core.actor import Actor
from alliance.core.acts import Act
from alliance.core.refused import Refused
from alliance.db import insert_many
from alliance.members.models import Alliance, Institution, InstitutionFact
from alliance.members.queries.institutions import FACT, what_changes
from alliance.members.queries.links import spell_changes
from alliance.members.rules.institutions import InstitutionRow
from alliance.members.rules.links import Spell
from alliance.members.services.links import keep_spells


def found_alliance(code: str, name_zh: str, name_en: str, *, by: Actor, now: datetime) -> int:
    """Begin a new alliance; its id. Refused when the code is taken."""
    with verb(by) as session:
        if session.scalar(select(Alliance.id).where(Alliance.code == code)):
            raise Refused("The alliance %(code)s exists already.", code=code)
        alliance = Alliance(code=code, name_zh=name_zh, name_en=name_en)
        session.add(alliance)
        session.flush()
        record(session, Act.MEMBERS_ALLIANCE_FOUND, f"alliance:{code}", by=by, now=now, alliance=alliance.id)
        return alliance.id


def import_workbook(
    alliance: int, rows: Sequence[InstitutionRow], spells: Sequence[Spell] = (), *, by: Actor, now: datetime
) -> int:
    """Record what is new of institutions and of who supports whom, all or nothing; how many of both changed. The same
    again changes none."""
    with verb(by) as session:
        session.execute(select(Alliance.id).where(Alliance.id == alliance).with_for_update())
        changed = [change.row for change in what_changes(alliance, rows) if change.what != "same"]
        moved = spell_changes(alliance, spells, rows)
        ids = _institution_ids(session, alliance, changed)
        insert_many(
            session,
            InstitutionFact,
            [
                {
                    **{name: getattr(row, name) for name in FACT},
                    "institution_id": ids[row.code],
                    "recorded_at": now,
                    "recorded_by": by.account,
                }
                for row in changed
            ],
        )
        links = keep_spells(session, alliance, moved, by=by, now=now)
        record(
            session,
            Act.MEMBERS_WORKBOOK_IMPORT,
            f"alliance:{alliance}",
            by=by,
            now=now,
            alliance=alliance,
            institutions=len(changed),
            rows=len(rows) + sum(len(one.rows) for one in spells),
        )
        return len(changed) + links


def _institution_ids(session: Session, alliance: int, rows: Sequence[InstitutionRow]) -> dict[str, int]:
    known = select(Institution.code, Institution.id).where(Institution.alliance_id == alliance)
    ids = dict(session.execute(known).all())
    new = sorted({row.code for row in rows} - ids.keys())
    insert_many(session, Institution, [{"alliance_id": alliance, "code": code} for code in new])
    return dict(session.execute(known).all()) if new else ids
