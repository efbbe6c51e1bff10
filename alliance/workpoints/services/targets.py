"""The verbs of the budget set of a year: draft it, put it into force, sign the agreement of a department."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from alliance.audit.services import record, verb
from alliance.core.actor import Actor
from alliance.core.acts import Act
from alliance.core.figure import canonical
from alliance.core.refused import Forbidden, NotFound, Problem, Refused
from alliance.core.written import content_digest
from alliance.members import queries as members
from alliance.workpoints.models import TargetSet, TargetSignature
from alliance.workpoints.queries import Given, require_record, target_drafters, target_info
from alliance.workpoints.queries.filing import ENTRY_PLACE, NO_KIND
from alliance.workpoints.queries.targets import agreement
from alliance.workpoints.rules.entries import check_entry
from alliance.workpoints.rules.targets import check_signature, kinds_of, read_cells, stands_in_the_way


def draft_target(
    alliance: int, institution: str, year: int, given: Sequence[Given], terms: str | None, document: str | None,
    seen: str | None = None, *, by: Actor, now: datetime,
) -> str:  # fmt: skip
    """Draft the budget set of a year; its reference (T01/2026@1). What is not given stays as it is: cells by key and
    kind (an empty one takes a number back), terms and document that are None. A decided set gets a new version.

    `seen` is the SHA-256 of the version that the author had before the eyes, "" for none. Refused: a number out of
    range, a set that somebody else changed meanwhile. NotFound: no member.
    """
    with verb(by, alone_in=alliance) as session:
        if members.institution_id(alliance, institution) is None:
            raise NotFound()
        last = _last(session, alliance, institution, year)
        if seen is not None and seen != (last.sha256 if last else ""):
            raise Refused("Somebody changed this draft while you typed; look at what stands there now and save again.")
        content = _changed(last.content if last else {}, given, terms, document)
        row = last if last is not None and not last.decision else TargetSet(
            alliance_id=alliance, institution=institution, year=year, version=(last.version if last else 0) + 1,
            sha256="", decision="", decided_by="",
        )  # fmt: skip
        digest = content_digest(content)
        if row.sha256 != digest:
            # The same content again is the same draft: what is on record of it goes on counting.
            row.content, row.sha256, row.recorded_by, row.recorded_at = content, digest, by.account, now
        session.add(row)
        reference = f"{institution}/{year}@{row.version}"
        record(
            session, Act.WORKPOINTS_TARGET_DRAFT, f"targets:{reference}", by=by, now=now, alliance=alliance,
            sha256=digest,
        )  # fmt: skip
        return reference


def _last(session: Session, alliance: int, institution: str, year: int) -> TargetSet | None:
    return session.scalars(
        select(TargetSet)
        .where(TargetSet.alliance_id == alliance, TargetSet.institution == institution, TargetSet.year == year)
        .order_by(TargetSet.version.desc()).limit(1).with_for_update()
    ).first()  # fmt: skip


def _changed(
    before: Mapping[str, Any], given: Sequence[Given], terms: str | None, document: str | None
) -> dict[str, Any]:  # fmt: skip
    cells = {key: dict(row) for key, row in before.get("cells", {}).items()}
    problems = []
    for one in given:
        kind = kinds_of(one.unit).get(one.kind)
        wrong = check_entry(one.entry, kind) if kind else None
        if kind is None or wrong:
            where, at = one.at or (ENTRY_PLACE, {"unit": one.unit, "column": one.kind})
            text = canonical(one.entry.value) if one.entry.value is not None else ""
            problems.append(
                Problem(where, text, wrong.message if wrong else NO_KIND, wrong.numbers if wrong else {}, dict(at))
            )
        elif one.entry.value is None:
            cells.get(one.unit, {}).pop(one.kind, None)
        else:
            cells.setdefault(one.unit, {})[one.kind] = canonical(one.entry.value)
    if problems:
        raise Refused("The table has %(count)s errors; nothing was changed.", count=len(problems), problems=problems)
    return {
        "cells": {key: row for key, row in sorted(cells.items()) if row},
        "terms": before.get("terms", "") if terms is None else terms.strip(),
        "document": before.get("document", "") if document is None else document.strip(),
    }


def decide_target(
    alliance: int, institution: str, year: int, version: int, *, decision: str, by: Actor, now: datetime
) -> None:
    """Put a draft into force by the record of a body that decides; it is frozen from then on, and its departments'
    agreements can be signed. What an agreement says as before stays signed.

    Refused: a draft in which one had a hand, a record on another matter or an earlier draft, a set that lacks
    something (rules.targets).
    """
    with verb(by, alone_in=alliance) as session:
        info = target_info(alliance, institution, year, version)
        row = _last(session, alliance, institution, year)
        if info is None or row is None or row.version != version:
            raise NotFound()
        if row.decision:
            raise Refused("This budget set is decided and frozen; a change is a new version.")
        if by.account in target_drafters(alliance, info):
            raise Forbidden("You drafted this budget set: another person must put it into force.")
        require_record(alliance, institution, decision, info.matter, since=row.recorded_at)
        found = stands_in_the_way(read_cells(row.content), info.document)
        if found:
            raise Refused("%(count)s things stand in the way of this budget set.", count=len(found), problems=found)
        row.decision, row.decided_by, row.decided_at = decision, by.account, now
        record(
            session, Act.WORKPOINTS_TARGET_DECIDE, info.subject, by=by, now=now, alliance=alliance, decision=decision,
            sha256=row.sha256,
        )  # fmt: skip


def sign_agreement(
    alliance: int, institution: str, year: int, unit: str, side: str, seen: str, *, by: Actor, now: datetime
) -> None:
    """Sign the agreement of a department for a side (director, head); its text is kept with the signature.

    `seen` is the SHA-256 of the text that was read. Refused: another text, a side that has signed, one account for
    both sides. NotFound: no agreement of the set in force.
    """
    with verb(by, alone_in=alliance) as session:
        found = agreement(alliance, institution, year, unit)
        if found is None:
            raise NotFound()
        signed = {one.side: one.account for one in found.signatures.values()}
        check_signature(side, by.account, signed, found.sha256, seen)
        session.add(
            TargetSignature(
                alliance_id=alliance, institution=institution, year=year, unit=unit, side=side,
                content=dict(found.content), sha256=found.sha256, recorded_by=by.account, recorded_at=now,
            )
        )  # fmt: skip
        record(
            session, Act.WORKPOINTS_AGREEMENT_SIGN, f"agreement:{institution}/{year}/{unit}", by=by, now=now,
            alliance=alliance, side=side, sha256=found.sha256,
        )  # fmt: skip
