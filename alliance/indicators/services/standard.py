"""The verb of the data standard: its text on rewards and penalties."""

from __future__ import annotations

from datetime import date, datetime

from alliance.audit.services import record, verb
from alliance.core.actor import Actor
from alliance.core.acts import Act
from alliance.core.refused import Refused
from alliance.indicators.models import StandardText


def define_standard(alliance: int, valid_from: date, text_zh: str, text_en: str, *, by: Actor, now: datetime) -> None:
    """Say from a day on what the data standard says on rewards and penalties; earlier texts stay for their periods."""
    if not text_zh.strip() or not text_en.strip():
        raise Refused("The text is needed in Chinese and in English.")
    with verb(by) as session:
        session.add(
            StandardText(
                alliance_id=alliance, valid_from=valid_from, text_zh=text_zh.strip(), text_en=text_en.strip(),
                added_by=by.account, added_at=now,
            )
        )  # fmt: skip
        record(
            session,
            Act.INDICATORS_STANDARD_DEFINE,
            "standard",
            by=by,
            now=now,
            alliance=alliance,
            valid_from=valid_from.isoformat(),
        )
