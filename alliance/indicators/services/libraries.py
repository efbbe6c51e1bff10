"""The verbs of definitions: load a library or a part of it, define an indicator or an element anew."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from alliance.audit.services import record, verb
from alliance.core.actor import Actor
from alliance.core.acts import Act
from alliance.core.period import PeriodKind
from alliance.core.refused import Refused
from alliance.db import insert_many
from alliance.indicators.models import Definition
from alliance.indicators.queries.libraries import (
    WHAT,
    plain,
    scored_periods,
    written,
)
from alliance.indicators.rules.definitions import Element, Indicator
from alliance.indicators.rules.libraries import read_alone, read_library
from alliance.indicators.rules.versions import BEGINNING, OWN, check_cause, check_start, differences, needed


def load_library(
    alliance: int,
    data: Mapping[str, Any],
    codes: Collection[str] | None = None,
    valid_from: date = BEGINNING,
    *,
    by: Actor,
    now: datetime,
) -> int:
    """Add the definitions of a library that the alliance does not have, or of it the chosen indicators with what they
    rest on, from a day; how many. What the alliance has stays as it is, however the library writes it.

    Refused: a fault in the library, or in what it would make of the alliance's; a start that a scored period reaches.
    """
    offered = read_library(data)
    head = data["library"]
    indicators, elements = needed(offered, list(offered.indicators if codes is None else codes))
    if codes is None:
        elements = list(offered.elements)
    sides = {offered.indicators[one].dimension for one in indicators}
    chosen = {
        "dimension": {one.code for one in offered.dimensions if codes is None or one.code in sides},
        "element": set(elements),
        "indicator": set(indicators),
    }
    with verb(by) as session:
        known = _rows(session, alliance)
        if valid_from != BEGINNING:
            check_start(valid_from, PeriodKind.MONTH, scored_periods(alliance), None)
        new = [
            _row(alliance, what, item, position, head, valid_from, by, now)
            for what in WHAT
            for position, item in enumerate(data.get(what, ()))
            if item["code"] in chosen[what] and (what, item["code"]) not in known
        ]
        _check(known, new)
        insert_many(session, Definition, new)
        record(
            session,
            Act.INDICATORS_LIBRARY_LOAD,
            f"library:{head['code']}",
            by=by,
            now=now,
            alliance=alliance,
            definitions=len(new),
        )
        return len(new)


def define_indicator(
    alliance: int,
    spec: Mapping[str, Any],
    seen: int,
    valid_from: date,
    cause: str,
    text: str,
    *,
    by: Actor,
    now: datetime,
) -> int:
    """Add an indicator, or a new version of one, that holds from a day; its version. `seen` is the version that its
    author had before the eyes, 0 of none.

    Refused: unknown names, circles, mixed units and other faults; a start that a scored period reaches; no cause; no
    difference; somebody else's version meanwhile.
    """
    act = Act.INDICATORS_INDICATOR_DEFINE
    return _define(alliance, "indicator", spec, seen, valid_from, cause, text, act, by=by, now=now)


def define_element(
    alliance: int,
    spec: Mapping[str, Any],
    seen: int,
    valid_from: date,
    cause: str,
    text: str,
    *,
    by: Actor,
    now: datetime,
) -> int:
    """Add a data element, or a new version of one, that holds from a day; its version. Refused as for indicators."""
    act = Act.INDICATORS_ELEMENT_DEFINE
    return _define(alliance, "element", spec, seen, valid_from, cause, text, act, by=by, now=now)


def _define(
    alliance: int, what: str, spec: Mapping[str, Any], seen: int, valid_from: date, cause: str, text: str, act: Act, *,
    by: Actor, now: datetime,
) -> int:  # fmt: skip
    check_cause(cause, text)
    with verb(by) as session:
        known = _rows(session, alliance)
        one = read_alone(what, spec)
        last = known.get((what, one.code))
        before = read_alone(what, written(last)) if last else None
        if (last.version if last else 0) != seen:
            raise Refused("%(code)s was defined by somebody else meanwhile: look at it again.", code=one.code)
        if before is not None and not differences(before, one):
            raise Refused("Nothing differs from the version that holds: there is nothing to save.")
        check_start(valid_from, _length(one, before), scored_periods(alliance), last.valid_from if last else None)
        head = {"library": last.library if last else OWN, "mark": OWN}
        position = last.position if last else len(known)
        row = _row(alliance, what, spec, position, head, valid_from, by, now)
        # Whatever its origin, this version is the alliance's own.
        row |= {**head, "version": seen + 1, "cause": cause, "cause_text": text.strip()}
        try:
            _check(known, [row])
        except Refused as refused:
            problems = refused.problems
            raise Refused("The definition has %(count)s errors.", count=len(problems), problems=problems) from refused
        insert_many(session, Definition, [row])
        record(
            session,
            act,
            f"{what}:{one.code}",
            by=by,
            now=now,
            alliance=alliance,
            version=seen + 1,
            valid_from=valid_from.isoformat(),
            cause=cause,
        )
        return seen + 1


def _length(one: Element | Indicator, before: Element | Indicator | None) -> PeriodKind:
    """The length of period that a version may begin with: an element's own, the longer of old and new."""
    found = [part.frequency for part in (one, before) if isinstance(part, Element)]
    order = list(PeriodKind)
    return max(found, key=order.index, default=PeriodKind.MONTH)


def _rows(session: Session, alliance: int) -> dict[tuple[str, str], Definition]:
    """The newest version of every definition, locked so that nobody else adds one meanwhile."""
    rows = select(Definition).where(Definition.alliance_id == alliance).order_by(Definition.version).with_for_update()
    return {(row.what, row.code): row for row in session.scalars(rows)}


def _row(
    alliance: int, what: str, item: Mapping[str, Any], position: int, head: Mapping[str, Any], valid_from: date,
    by: Actor, now: datetime,
) -> dict[str, Any]:  # fmt: skip
    return {
        "alliance_id": alliance, "what": what, "code": item["code"], "version": 1, "position": position,
        "library": item.get("library") or head.get("code", ""), "mark": item.get("mark", head.get("mark", "template")),
        "spec": plain(item), "valid_from": valid_from, "cause": "", "cause_text": "", "added_by": by.account,
        "added_at": now,
    }  # fmt: skip


def _check(known: Mapping[tuple[str, str], Definition], new: Sequence[Mapping[str, Any]]) -> None:
    """Refuse what would leave the alliance a library with faults."""
    rows = {place: written(row) for place, row in known.items()}
    rows |= {(row["what"], row["code"]): row["spec"] for row in new}
    read_library({what: [row for (sort, _), row in rows.items() if sort == what] for what in WHAT})
