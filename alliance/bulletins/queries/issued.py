"""The questions about bulletins: which there are, what one says, and its bytes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, case, null, select

from alliance.accounts import queries as accounts
from alliance.audit import queries as audit
from alliance.bulletins.models import Bulletin, BulletinFile
from alliance.core.acts import Act
from alliance.core.period import day_of
from alliance.core.roles import Scope
from alliance.db import Lasting, db, table_of
from alliance.members import queries as members

EVERY = 1000  # events of one draft
HANDS = (Act.BULLETINS_BULLETIN_COMPOSE, Act.BULLETINS_BULLETIN_EDIT)
# What the contents of bulletins from before these parts were printed say of them.
EARLIER: Mapping[str, Any] = {
    "kind": "official", "alliance": "", "reference": "", "honours": (), "cases": (), "filing": None, "notices": (),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class BulletinInfo:
    """A bulletin; `content` as it was composed. States: draft, decided, issued."""

    number: str
    period: str
    content: Mapping[str, Any]
    sha256: str
    composed_by: str
    composed_at: datetime
    decision: str
    decided_by: str
    decided_at: datetime | None
    issued_by: str
    issued_at: datetime | None
    edited_at: datetime | None = None

    @property
    def state(self) -> str:
        return "issued" if self.issued_at else "decided" if self.decision else "draft"

    @property
    def monitoring(self) -> bool:
        """Whether it tells of a month that is watched and not paid by."""
        return self.content.get("kind") == "monitoring"

    @property
    def composed_on(self) -> date:
        return day_of(self.composed_at)

    @property
    def decided_on(self) -> date | None:
        return day_of(self.decided_at) if self.decided_at else None

    @property
    def issued_on(self) -> date | None:
        return day_of(self.issued_at) if self.issued_at else None


def matter(content: Mapping[str, Any]) -> dict[str, Any]:
    """The content with its scores as numbers, None for none: what pages and charts are made from."""

    def values(texts: Mapping[str, str]) -> dict[str, Decimal | None]:
        return {key: _value(text) for key, text in texts.items()}

    def read(row: Mapping[str, Any], *keys: str) -> dict[str, Any]:
        return {**row, **{key: _value(row[key]) for key in keys}}

    return {
        **EARLIER,
        **content,
        "risen": [_move(one) for one in content["risen"]],
        "fallen": [_move(one) for one in content["fallen"]],
        "rows": [
            read({"score_before": "", **row}, "score", "score_before", "data", "collaboration")
            | {"dimensions": values(row["dimensions"])}
            for row in content["rows"]
        ],
        "tiers": [
            read(tier, "median", "median_before") | {"dimensions": values(tier["dimensions"])}
            for tier in content["tiers"]
        ],
        "trend": [{**point, "medians": values(point["medians"])} for point in content["trend"]],
    }


def _value(text: str) -> Decimal | None:
    return Decimal(text) if text else None


def _move(one: Mapping[str, Any]) -> dict[str, Any]:
    """A move with its numbers; bulletins of earlier releases named no reasons."""
    reasons = [{**reason, "change": _value(reason["change"])} for reason in one.get("reasons", ())]
    scores = {key: _value(one.get(key, "")) for key in ("score", "score_before")}
    return {**one, **scores, "reasons": reasons}


def last_issued(alliance: int, period: str) -> str:
    """The number of the bulletin that was issued last for a period: a new one corrects it; "" when there is none."""
    rows = (
        select(Bulletin.number)
        .where(Bulletin.alliance_id == alliance, Bulletin.period == period, Bulletin.issued_at.is_not(None))
        .order_by(Bulletin.issued_at.desc(), Bulletin.id.desc())
    )
    return db.session.scalars(rows.limit(1)).first() or ""


@audit.until_next_event
def bulletins(scope: Scope) -> list[BulletinInfo]:
    """The bulletins a reader may know of, newest first: issued ones for all, the others for those who work on them."""
    return _read(_known(scope).order_by(Bulletin.id.desc()))


def bulletin(scope: Scope, number: str) -> BulletinInfo | None:
    return next(iter(_read(_known(scope).where(Bulletin.number == number))), None)


def _known(scope: Scope) -> Select[Bulletin]:
    rows = select(Bulletin).where(Bulletin.alliance_id == scope.alliance_id)
    return rows if scope.institutions is None else rows.where(Bulletin.issued_at.is_not(None))


_contents: Lasting[Mapping[str, Any]] = Lasting()  # by their digest: fetched and read once
REST = [column for column in table_of(Bulletin).c if column.name != "content"]


def _read(rows: Select[Bulletin]) -> list[BulletinInfo]:
    """Bulletins with their contents, of which those that were read before stay in the database."""
    known = _contents.everything()
    unread = case((Bulletin.sha256_content.in_(known), null()), else_=Bulletin.content).label("unread")
    found = []
    for row in db.session.execute(rows.with_only_columns(*REST, unread)):
        content = known.get(row.sha256_content, row.unread)
        _contents.keep(row.sha256_content, content)
        found.append(_info(row, content))
    return found


def bulletin_info(row: Bulletin) -> BulletinInfo:
    """A bulletin as a verb has it at hand."""
    return _info(row, row.content)


def _info(row: Any, content: Mapping[str, Any]) -> BulletinInfo:
    return BulletinInfo(
        row.number, row.period, content, row.sha256_content, row.composed_by, row.composed_at, row.decision,
        row.decided_by, row.decided_at, row.issued_by, row.issued_at, row.edited_at,
    )  # fmt: skip


def corrected_by(scope: Scope, found: BulletinInfo) -> str:
    """The number of the issued bulletin that corrects this one; "" when there is none."""
    later = [one for one in bulletins(scope) if one.issued_at and one.content["corrects"] == found.number]
    return later[0].number if later else ""


def files(scope: Scope, number: str) -> dict[str, str]:
    """The SHA-256 of an issued bulletin's files by language."""
    rows = (
        select(BulletinFile.language, BulletinFile.sha256)
        .join(Bulletin, Bulletin.id == BulletinFile.bulletin_id)
        .where(Bulletin.alliance_id == scope.alliance_id, Bulletin.number == number)
    )
    return dict(list(db.session.execute(rows)))


def pdf(scope: Scope, number: str, language: str) -> tuple[bytes, str] | None:
    """The bytes of an issued bulletin and their SHA-256."""
    row = db.session.execute(
        select(BulletinFile.content, BulletinFile.sha256)
        .join(Bulletin, Bulletin.id == BulletinFile.bulletin_id)
        .where(Bulletin.alliance_id == scope.alliance_id, Bulletin.number == number, BulletinFile.language == language)
    ).first()
    return (row[0], row[1]) if row else None


def published_runs(alliance: int) -> set[int]:
    """The numbers of the runs that an issued bulletin shows: their scores are everybody's."""
    issued = select(Bulletin).where(Bulletin.alliance_id == alliance, Bulletin.issued_at.is_not(None))
    return {one.content["score_run"] for one in _read(issued)}


def hands(alliance: int, number: str) -> set[str]:
    """Everybody who composed or edited a bulletin: none of them approves it."""
    events = audit.events_on(alliance, [f"bulletin:{number}"], limit=EVERY)
    return {event.account for event in events if event.act in HANDS}


@dataclass(frozen=True, slots=True)
class Confirmed:
    """What anybody may know of an issued bulletin, to hold a copy against: whose, of when, its SHA-256 by language."""

    alliance: members.AllianceInfo
    number: str
    period: str
    monitoring: bool
    issued_on: date
    files: Mapping[str, str]
    corrects: str
    corrected_by: str


def confirmed(code: str, number: str) -> Confirmed | None:
    """An issued bulletin of the alliance of a code."""
    owner = members.alliance_of_code(code)
    found = bulletin(Scope(owner.id), number) if owner else None
    if owner is None or found is None or found.issued_on is None:
        return None
    reader = Scope(owner.id)
    return Confirmed(
        owner, number, found.period, found.monitoring, found.issued_on, files(reader, number),
        found.content["corrects"], corrected_by(reader, found),
    )  # fmt: skip


def _concerned(alliance: int, number: str) -> frozenset[str] | None:
    """Nobody in particular; None when there is no such bulletin to decide on."""
    found = select(Bulletin.id).where(Bulletin.alliance_id == alliance, Bulletin.number == number)
    return frozenset() if db.session.scalar(found) else None


accounts.decides_on("bulletin", _concerned)
