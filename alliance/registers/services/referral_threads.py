"""The verbs on the thread of a referral: write a message with its files, clear what no message has."""

from __future__ import annotations

import secrets
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from alliance.audit.services import verb
from alliance.cipher import Keyring, keyring
from alliance.core.actor import Actor
from alliance.core.acts import Act
from alliance.core.media import media_of, plain_name
from alliance.core.refused import Refused
from alliance.files import kinds_of
from alliance.registers.models import ReferralContact, ReferralFile, ReferralMessage
from alliance.registers.queries.referrals import ATTACHED, MESSAGE, kept_files, row_of
from alliance.registers.rules.proofs import check_proof
from alliance.registers.rules.referral_threads import check_file, check_message, disputed
from alliance.registers.rules.referrals import OVER, side_of
from alliance.registers.services.referral_keeping import finish, load
from alliance.store import Store

KEPT_UNNAMED = timedelta(days=1)  # bytes that no message has: of a verb that was refused, or is under way


@dataclass(frozen=True, slots=True)
class Attached:
    """Files for a message, each as (name, bytes), and where their bytes are kept."""

    files: Sequence[tuple[str, bytes]]
    store: Store


@dataclass(frozen=True, slots=True)
class _Kept:
    name: str
    media: str
    size: int
    sealed: str
    sha256: str


def write_message(
    alliance: int, number: str, institution: str, kind: str, text: str, attached: Attached | None = None, *, by: Actor,
    now: datetime,
) -> None:  # fmt: skip
    """One side writes on a case; a dispute takes the case out of what counts until it is settled. Files go with a
    dispute and with what is written until it is settled: all of them or none.

    Refused: what the rules of messages say; a file that is no image or PDF by its content, too large, one too many.
    """
    kept = (
        [_kept(alliance, number, name, content, attached.store) for name, content in attached.files] if attached else []
    )
    with verb(by) as session:
        row = load(session, alliance, number)
        side_of(row.sender, row.receiver, institution)
        check_message(kind, text, row.state, row.disputed_by, institution)
        if row.state in OVER and session.get(ReferralContact, row.id) is None:
            raise Refused("The texts of this case were erased when their time was over; nothing is added to it.")
        there = (
            session.scalar(
                select(func.count(ReferralFile.id)).join(ReferralMessage).where(ReferralMessage.referral_id == row.id)
            )
            or 0
        )
        for place, file in enumerate(kept):
            check_file(kind, row.disputed_by, file.media, file.name)
            check_proof(file.size, there + place, file.name)
        one = ReferralMessage(
            referral_id=row.id, institution=institution, kind=kind, text="", recorded_by=by.account, recorded_at=now
        )
        session.add(one)
        session.flush()
        one.text = keyring().encrypt(text.strip(), MESSAGE, f"{row_of(alliance, number)}/{one.id}")
        session.add_all(
            ReferralFile(message_id=one.id, sealed=file.sealed, media=file.media, size=file.size, sha256=file.sha256)
            for file in kept
        )
        row.disputed_by = disputed(kind, institution, row.disputed_by)
        finish(session, row, Act.REGISTERS_MESSAGE_WRITE, by, now, about=kind, files=len(kept))


def _kept(alliance: int, number: str, name: str, content: bytes, store: Store) -> _Kept:
    """A file with its bytes on the disk, encrypted under a key of its own, which is encrypted with its name."""
    name, row = plain_name(name), row_of(alliance, number)
    check_proof(len(content), 0, name)
    media, key = media_of(kinds_of(content, name), name), secrets.token_hex(32)
    digest = store.keep(Keyring([key]).encrypt(b64encode(content).decode(), ATTACHED, row).encode())
    return _Kept(name, media, len(content), keyring().encrypt(f"{key}\n{name}", ATTACHED, row), digest)


def clear_message_files(store: Store, *, now: datetime) -> int:
    """Remove bytes that no message has and that were not kept within a day; how many files."""
    return store.clear(now - KEPT_UNNAMED, kept_files())
