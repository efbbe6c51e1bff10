"""The questions about notices: what there is to read, for whom, and who has read it. The door of the wing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select

from alliance.accounts import queries as accounts
from alliance.audit import queries as audit
from alliance.core.refused import Both
from alliance.core.roles import Scope
from alliance.db import db
from alliance.notices.models import Notice, NoticeReceipt
from alliance.notices.rules import concerns, is_inside


@dataclass(frozen=True, slots=True)
class FileInfo:
    """The file of a notice."""

    name: str
    media: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class NoticeInfo:
    """A notice. `languages` are those it is written in; title and text stand in both, the missing one for the other.

    `replaced_by` is the number of the notice in its place, `read_at` when the reader at hand confirmed it.
    """

    id: int
    number: str
    title: Both
    text: Both
    languages: tuple[str, ...]
    roles: tuple[str, ...]
    institutions: tuple[str, ...]
    due_at: datetime
    replaces: str
    replaced_by: str
    file: FileInfo | None
    published_by: str
    published_at: datetime
    reminded_at: datetime | None
    ended_by: str
    ended_at: datetime | None
    reason: str
    read_at: datetime | None = None

    @property
    def holds(self) -> bool:
        """Whether it is to be read still: neither withdrawn nor replaced."""
        return self.ended_at is None


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody whom a notice concerns, or who has confirmed it; without a name when the account is unknown by now."""

    account: str
    name_zh: str
    name_en: str
    employer: str
    read_at: datetime | None


def notices(scope: Scope, on: date) -> list[NoticeInfo]:
    """The notices that a reader may open, newest first: who reads the whole alliance all but those inside of a member,
    others those that concern them, that they confirmed or had published."""
    found = _infos(scope.alliance_id, scope.account)
    held = accounts.holders(scope.alliance_id, on, scope.account)
    whole = scope.institutions is None
    return [
        one for one in found
        if (whole and not is_inside(one.roles, one.institutions)) or one.read_at is not None
        or one.published_by == scope.account or _concerned(one, held)
    ]  # fmt: skip


def notice(scope: Scope, number: str, on: date) -> NoticeInfo | None:
    """One notice; None when there is none, or the reader may not know of it."""
    return next((one for one in notices(scope, on) if one.number == number), None)


def numbered(alliance: int, numbers: Iterable[str]) -> list[NoticeInfo]:
    """The notices of some numbers, whomever they concern: for whoever had them published."""
    wanted = set(numbers)
    return [one for one in _infos(alliance, "") if one.number in wanted] if wanted else []


def waiting(alliance: int, account: str, on: date) -> list[NoticeInfo]:
    """What a person has still to read and confirm."""
    unread = [one for one in _infos(alliance, account, open_only=True) if one.read_at is None]
    held = accounts.holders(alliance, on, account) if unread else []
    return [one for one in unread if _concerned(one, held)]


def is_concerned(alliance: int, one: NoticeInfo, account: str, on: date) -> bool:
    """Whether a notice concerns an account on a day."""
    return _concerned(one, accounts.holders(alliance, on, account))


def readers(alliance: int, one: NoticeInfo, on: date) -> list[Reader]:
    """Whom a notice concerns, those first who have not confirmed it; whoever did stays in the list."""
    receipts = {
        row.account: row for row in db.session.scalars(select(NoticeReceipt).where(NoticeReceipt.notice_id == one.id))
    }
    found = {
        who.account: Reader(who.account, who.name_zh, who.name_en, who.employer, None)
        for who in accounts.holders(alliance, on)
        if concerns(one.roles, one.institutions, who.grant)
    }
    names = accounts.names(receipts)
    for account, row in receipts.items():
        zh, en, _employer = names.get(account, (account, account, ""))
        found[account] = Reader(account, zh, en, row.employer, row.read_at)
    return sorted(found.values(), key=lambda who: (who.read_at is not None, who.employer, who.account))


def progress(alliance: int, shown: Iterable[NoticeInfo], on: date) -> dict[str, tuple[int, int]]:
    """Of each notice how many have confirmed it, and how many it concerns or concerned."""
    held = accounts.holders(alliance, on)
    receipts: dict[int, set[str]] = {}
    for number, account in db.session.execute(
        select(NoticeReceipt.notice_id, NoticeReceipt.account)
        .join(Notice, Notice.id == NoticeReceipt.notice_id)
        .where(Notice.alliance_id == alliance)
    ):
        receipts.setdefault(number, set()).add(account)
    found = {}
    for one in shown:
        read = receipts.get(one.id, set())
        due = {who.account for who in held if concerns(one.roles, one.institutions, who.grant)}
        found[one.number] = (len(read), len(read | due))
    return found


def files() -> set[str]:
    """The digests of all files that notices refer to."""
    return set(db.session.scalars(select(Notice.file_sha256).where(Notice.file_sha256 != "")))


def count(alliance: int, year: int) -> int:
    """How many notices of a year there are."""
    found = select(func.count()).select_from(Notice).where(Notice.alliance_id == alliance)
    return db.session.scalar(found.where(Notice.number.like(f"{year}-%"))) or 0


def _concerned(one: NoticeInfo, held: Iterable[accounts.Holder]) -> bool:
    return any(concerns(one.roles, one.institutions, who.grant) for who in held)


@audit.until_next_event
def _infos(alliance: int, account: str, *, open_only: bool = False) -> list[NoticeInfo]:
    """Every notice of an alliance with what one account confirmed, newest first."""
    rows = (
        select(Notice, NoticeReceipt.read_at)
        .outerjoin(NoticeReceipt, (NoticeReceipt.notice_id == Notice.id) & (NoticeReceipt.account == account))
        .where(Notice.alliance_id == alliance)
        .order_by(Notice.id.desc())
    )
    if open_only:
        rows = rows.where(Notice.ended_at.is_(None))
    found = [(row, read_at) for row, read_at in db.session.execute(rows)]
    places = {row.replaces: row.number for row, _ in found if row.replaces}
    return [notice_info(row, places.get(row.number, ""), read_at) for row, read_at in found]


def notice_info(row: Notice, replaced_by: str = "", read_at: datetime | None = None) -> NoticeInfo:
    """A row as others see it."""
    written = (("zh", row.text_zh), ("en", row.text_en))
    return NoticeInfo(
        row.id,
        row.number,
        Both(row.title_zh or row.title_en, row.title_en or row.title_zh),
        Both(row.text_zh or row.text_en, row.text_en or row.text_zh),
        tuple(language for language, text in written if text),
        tuple(row.roles),
        tuple(row.institutions),
        row.due_at,
        row.replaces,
        replaced_by,
        FileInfo(row.file_name, row.file_media, row.file_size, row.file_sha256) if row.file_sha256 else None,
        row.published_by,
        row.published_at,
        row.reminded_at,
        row.ended_by,
        row.ended_at,
        row.reason,
        read_at,
    )
