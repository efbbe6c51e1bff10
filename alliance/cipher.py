"""What the database keeps unreadable: text encrypted under the keys of the deployment, bound to a purpose and a row."""

from __future__ import annotations

import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import current_app

MARK = "c1"  # how everything encrypted begins: "c1.<name of the key>.<nonce and text in base 64>"
NONCE = 12  # bytes, as NIST SP 800-38D recommends for GCM
NAME = 8  # hexadecimal digits of a key's name
PREFIX = len(f"{MARK}.") + NAME  # signs that say under which key something is encrypted


class Unreadable(Exception):
    """What is kept cannot be decrypted: its key is not among ours, or it was altered or belongs to another row."""


@dataclass(frozen=True, slots=True)
class Keyring:
    """The keys of a deployment as their own texts: the first encrypts, each decrypts what it encrypted."""

    keys: Sequence[str]

    def encrypt(self, text: str, purpose: str, row: str) -> str:
        """A text as the database keeps it; it is read again for the same purpose and the same row only."""
        nonce = secrets.token_bytes(NONCE)
        sealed = _cipher(self.keys[0], purpose).encrypt(nonce, text.encode(), _bound(purpose, row))
        return f"{self.newest}.{urlsafe_b64encode(nonce + sealed).decode()}"

    def decrypt(self, kept: str, purpose: str, row: str) -> str:
        """What was encrypted for a purpose and a row; Unreadable."""
        for key in self.keys:
            if kept.startswith(f"{_prefix(key)}."):
                try:
                    sealed = urlsafe_b64decode(kept[PREFIX + 1 :])
                    return _cipher(key, purpose).decrypt(sealed[:NONCE], sealed[NONCE:], _bound(purpose, row)).decode()
                except (Error, InvalidTag, ValueError) as error:
                    raise Unreadable("altered, or from another row") from error
        raise Unreadable(f"its key is not among ours: {kept[:PREFIX]}" if is_encrypted(kept) else "not encrypted")

    def fingerprints(self, text: str, purpose: str) -> list[str]:
        """A text as keyed one-way hashes, hexadecimal: under the newest key, by which it is kept today, then under each
        older one, by which it may have been kept. Nobody comes from one to the text without the key."""
        said = f"{purpose}\0{text}".encode()
        return [hmac.new(_derived(key, f"hash {purpose}", 32), said, sha256).hexdigest() for key in self.keys]

    @property
    def newest(self) -> str:
        """How what is encrypted today begins."""
        return _prefix(self.keys[0])

    def knows(self, prefix: str) -> bool:
        """Whether the key is here under which something that begins so was encrypted."""
        return any(_prefix(key) == prefix for key in self.keys)


def is_encrypted(kept: str) -> bool:
    return kept.startswith(f"{MARK}.")


def keyring() -> Keyring:
    """The keys of this deployment: ALLIANCE_DATA_KEYS, and at last the one that rests on ALLIANCE_SECRET_KEY."""
    config = current_app.config["ALLIANCE"]
    return Keyring((*config.data_keys, config.secret_key))


@lru_cache(maxsize=64)
def _derived(key: str, about: str, length: int) -> bytes:
    return HKDF(SHA256(), length, salt=None, info=f"alliance {about}".encode()).derive(key.encode())


def _cipher(key: str, purpose: str) -> AESGCM:
    return AESGCM(_derived(key, f"data {purpose}", 32))


def _prefix(key: str) -> str:
    return f"{MARK}.{_derived(key, 'name', NAME // 2).hex()}"


def _bound(purpose: str, row: str) -> bytes:
    """What is not kept but must be the same again: a text moved to another row or column is not read there."""
    return f"{purpose}\0{row}".encode()
