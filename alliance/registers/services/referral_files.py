"""The verb that hands a large file of referrals to the worker: sealed, because it names patients."""

from __future__ import annotations

from base64 import b64encode
from datetime import datetime

from alliance.audit.services import verb
from alliance.cipher import keyring
from alliance.core.actor import Actor
from alliance.core.acts import Act
from alliance.registers.queries.referral_files import FILE, file_row
from alliance.store import Store
from alliance.work.rules import Place
from alliance.work.services import enqueue


def keep_referrals(alliance: int, content: bytes, store: Store, *, by: Actor) -> str:
    """Keep a file of referrals, sealed for who sent it; the digest of what is kept."""
    sealed = keyring().encrypt(b64encode(content).decode(), FILE, file_row(alliance, by.account))
    return store.keep(sealed.encode())


def queue_referrals(
    alliance: int, institution: str, source: str, kept: str, name: str, apply: bool, *, by: Actor, now: datetime
) -> int:
    """Ask that a large file of referrals be checked, and with `apply` brought in, outside the request; the number of
    the job. `kept` is what `keep_referrals` gave."""
    with verb(by) as session:
        return enqueue(
            session, alliance, Act.REGISTERS_REFERRAL_IMPORT, f"{institution}/{source}/{kept}/{apply:d}",
            subject=f"referrals:{institution}",
            parameters={"institution": institution, "source": source, "kept": kept, "name": name, "apply": apply},
            origin=Place("registers.import_referral", {"institution": institution}),
            reader=None, institution=institution, by=by, now=now,
        )  # fmt: skip
