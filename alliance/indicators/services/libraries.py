"""The verbs of definitions: load a library."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select

from alliance.audit.services import record, verb
from alliance.core.actor import Actor
from alliance.core.acts import Act
from alliance.db import insert_many
from alliance.indicators.models import Definition
from alliance.indicators.rules.definitions import read_library


def load_library(alliance: int, data: Mapping[str, Any], *, by: Actor, now: datetime) -> int:
    """Add the definitions of a library that are new or differ from the current ones, as new versions; how many."""
    read_library(data)
    head = data["library"]
    with verb(by) as session:
        rows = session.execute(
            select(Definition.what, Definition.code, Definition.version, Definition.spec)
            .where(Definition.alliance_id == alliance)
            .order_by(Definition.version)
        )
        current = {(what, code): (version, spec) for what, code, version, spec in rows}
        new = []
        for what in ("dimension", "element", "indicator"):
            for position, item in enumerate(data.get(what, ())):
                spec = _plain(item)
                version, before = current.get((what, spec["code"]), (0, None))
                if spec != before:
                    new.append(
                        {
                            "alliance_id": alliance,
                            "what": what,
                            "code": spec["code"],
                            "version": version + 1,
                            "position": position,
                            "library": head["code"],
                            "mark": head.get("mark", "template"),
                            "spec": spec,
                            "added_at": now,
                        }
                    )
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


def _plain(value: Any) -> Any:
    """Data with every number that is not whole as text: JSON has no exact decimals."""
    if isinstance(value, Mapping):
        return {str(key): _plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    return value if isinstance(value, str | int | bool) else str(value)
