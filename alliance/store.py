"""Bytes that lie outside the database, each under its SHA-256: written whole or not at all, and looked at again when
they are read."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import mkstemp
from typing import BinaryIO

from alliance.core.refused import NotFound, Refused

PIECE = 8 * 2**20
DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Store:
    """A folder of files `ab/cdef…`, named by the SHA-256 of what is in them.

    `clock` is the machine's, by which files are cleared: that of the alliance may stand (record 0146).
    """

    folder: Path
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)

    def keep(self, content: bytes) -> str:
        """The SHA-256 under which the bytes now lie on the disk for good; there already is as good as written."""
        digest = hashlib.sha256(content).hexdigest()
        path = self._path(digest)
        if not self._holds(path, digest):
            path.parent.mkdir(parents=True, exist_ok=True)
            _write(path, content)
        kept = self.clock().timestamp()
        os.utime(path, (kept, kept))
        return digest

    def keep_stream(self, stream: BinaryIO) -> str:
        """The same for what is too large for the memory, read in pieces."""
        self.folder.mkdir(parents=True, exist_ok=True)
        found = hashlib.sha256()
        handle, name = mkstemp(dir=self.folder, prefix=".new-")
        try:
            with os.fdopen(handle, "wb") as file:
                while piece := stream.read(PIECE):
                    found.update(piece)
                    file.write(piece)
                file.flush()
                os.fsync(file.fileno())
            path = self._path(found.hexdigest())
            path.parent.mkdir(parents=True, exist_ok=True)
            os.replace(name, path)
        except BaseException:
            with suppress(FileNotFoundError):
                os.unlink(name)
            raise
        _on_disk(path.parent)
        kept = self.clock().timestamp()
        os.utime(path, (kept, kept))
        return found.hexdigest()

    def read(self, digest: str) -> bytes:
        """The bytes of a digest; NotFound when they are not there, Refused when they are not what was kept."""
        path = self._path(digest)
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            raise NotFound() from None
        if hashlib.sha256(content).hexdigest() != digest:
            raise Refused("The file on disk is not the one that was kept: it was altered or is damaged.")
        return content

    def place(self, digest: str) -> Path:
        """Where the bytes of a digest lie, for what reads files by itself; NotFound when they are not there."""
        path = self._path(digest)
        if not path.exists():
            raise NotFound()
        return path

    def remove(self, digest: str) -> None:
        """Remove the bytes of a digest at once; nothing happens where there are none."""
        self._path(digest).unlink(missing_ok=True)

    def clear(self, before: datetime, wanted: Collection[str] = ()) -> int:
        """Remove the files last kept before a moment, save those wanted; how many."""
        count = 0
        for path in self.folder.glob("??/*"):
            with suppress(FileNotFoundError):
                if path.parent.name + path.name not in wanted and path.stat().st_mtime < before.timestamp():
                    path.unlink()
                    count += 1
        return count

    def _path(self, digest: str) -> Path:
        if not DIGEST.fullmatch(digest):
            raise NotFound()
        return self.folder / digest[:2] / digest[2:]

    def _holds(self, path: Path, digest: str) -> bool:
        try:
            return hashlib.sha256(path.read_bytes()).hexdigest() == digest
        except FileNotFoundError:
            return False


def uploads(data: Path, alliance: int, account: str, clock: Callable[[], datetime]) -> Store:
    """Where the files lie that a person had checked; nobody else's hands reach there."""
    who = hashlib.sha256(f"{alliance}/{account}".encode()).hexdigest()[:32]
    return Store(data / "uploads" / who, clock)


def _write(path: Path, content: bytes) -> None:
    """Write bytes so that after a crash the whole file is there under its name, or nothing is."""
    handle, name = mkstemp(dir=path.parent, prefix=".new-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)
    except BaseException:
        with suppress(FileNotFoundError):
            os.unlink(name)
        raise
    _on_disk(path.parent)


def _on_disk(path: Path) -> None:
    """Have the system write a folder to the disk for good."""
    folder = os.open(path, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
