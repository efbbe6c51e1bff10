"""The questions about rubrics: the versions an alliance has, and those that ship with the portal."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from importlib import resources

from sqlalchemy import select

from alliance.core.refused import Refused
from alliance.db import db
from alliance.ratings.models import RubricVersion
from alliance.ratings.rules.rubrics import Rubric, read_rubric

RUBRICS = ("collaboration",)


@dataclass(frozen=True, slots=True)
class RubricInfo:
    """A version of a rubric and who recorded it."""

    rubric: Rubric
    recorded_by: str
    recorded_at: datetime


def shipped_rubric(code: str) -> Rubric:
    """A rubric that ships with the portal; Refused where there is none of this code."""
    if code not in RUBRICS:
        raise Refused("No rubric of this name ships with the portal.")
    text = resources.files("alliance.ratings").joinpath("rubrics", f"{code}.toml").read_text("utf-8")
    return read_rubric(tomllib.loads(text, parse_float=Decimal))


def rubrics(alliance: int) -> list[RubricInfo]:
    """All versions of all rubrics of an alliance, the newest first."""
    rows = select(RubricVersion).where(RubricVersion.alliance_id == alliance).order_by(RubricVersion.id.desc())
    return [
        RubricInfo(replace(read_rubric(row.content), version=row.version), row.recorded_by, row.recorded_at)
        for row in db.session.scalars(rows)
    ]


def rubric(alliance: int, code: str, version: int) -> RubricInfo | None:
    """One version; None where there is none."""
    rows = select(RubricVersion).where(
        RubricVersion.alliance_id == alliance, RubricVersion.code == code, RubricVersion.version == version
    )
    row = db.session.scalars(rows).first() if 0 < version < 2**31 else None
    return RubricInfo(
        replace(read_rubric(row.content), version=version), row.recorded_by, row.recorded_at
    ) if row else None  # fmt: skip
