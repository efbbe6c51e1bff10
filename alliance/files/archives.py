"""How much a file may hold, packed and unpacked, and whether an archive brings macros."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Collection
from io import BytesIO

from alliance.config import UNPACKED_LIMIT, UPLOAD_LIMIT
from alliance.core.refused import Refused, mark

ZIP = b"PK\x03\x04"
PIECE = 2**20
# How a damaged or hostile archive makes its reader fail.
BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, ValueError, RuntimeError, NotImplementedError, OSError)
DAMAGED = mark("The file is damaged: it cannot be opened as a workbook.")


def check_size(content: bytes) -> None:
    """Refuse an upload over the limits, packed or unpacked, before anything reads it."""
    check_length(len(content))
    if content.startswith(ZIP):
        try:
            unpacked = sum(part.file_size for part in zipfile.ZipFile(BytesIO(content)).infolist())
        except BROKEN as error:
            raise Refused(DAMAGED) from error
        if unpacked > UNPACKED_LIMIT:
            raise Refused(
                "Unpacked, the file has %(size)s MB; at most %(limit)s MB are taken.",
                size=unpacked // 2**20,
                limit=UNPACKED_LIMIT // 2**20,
            )
        _check_parts(content)


def check_length(size: int) -> None:
    """Refuse an upload of too many bytes, also one that is not yet in memory."""
    if size > UPLOAD_LIMIT:
        raise Refused(
            "The file has %(size)s MB; at most %(limit)s MB are taken. Split it.",
            size=size // 2**20,
            limit=UPLOAD_LIMIT // 2**20,
        )


def _check_parts(content: bytes) -> None:
    """Refuse an archive with a part that holds more than it declares: the readers of workbooks unpack all there is."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as box:
            for part in box.infolist():
                declared, size = part.file_size, 0
                part.file_size += 1
                with box.open(part) as stream:
                    while piece := stream.read(PIECE):
                        size += len(piece)
                if size > declared:
                    raise Refused(DAMAGED)
    except BROKEN as error:
        raise Refused(DAMAGED) from error


def has_macros(parts: Collection[str], kinds: bytes) -> bool:
    """Whether an archive brings macros, by the names of its parts in small letters and its table of kinds."""
    return b"macroenabled" in kinds.lower() or any(
        part.endswith("vbaproject.bin") or "macrosheets/" in part for part in parts
    )
