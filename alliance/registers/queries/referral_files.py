"""The question what is in a sealed file of referrals."""

from __future__ import annotations

from base64 import b64decode

from alliance.cipher import Unreadable, keyring
from alliance.core.refused import Refused

FILE = "referral.file"


def file_row(alliance: int, account: str) -> str:
    """What a sealed file is bound to: nobody else's can be put in its place."""
    return f"{alliance}/{account}"


def opened_file(alliance: int, account: str, sealed: bytes) -> bytes:
    """The file that somebody sent; Refused where it is somebody else's or its key is gone."""
    try:
        return b64decode(keyring().decrypt(sealed.decode("ascii", "replace"), FILE, file_row(alliance, account)))
    except Unreadable:
        raise Refused("The file that was checked is no longer kept. Choose it again.") from None
