"""The kinds of files that are taken from people and kept, and the names they may have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from alliance.core.refused import Refused

LONGEST_NAME = 120


@dataclass(frozen=True, slots=True)
class Kind:
    """A sort of file that is taken, with the endings its name may have."""

    word: str
    media: str
    endings: tuple[str, ...]


KINDS: Mapping[str, Kind] = {
    one.word: one
    for one in (
        Kind("PDF", "application/pdf", ("pdf",)),
        Kind("PNG", "image/png", ("png",)),
        Kind("JPEG", "image/jpeg", ("jpg", "jpeg")),
        Kind("XLSX", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ("xlsx",)),
        Kind("DOCX", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", ("docx",)),
        Kind("CSV", "text/csv", ("csv",)),
        Kind("TXT", "text/plain", ("txt",)),
    )
}


def media_of(kinds: tuple[str, ...], name: str) -> str:
    """The media type of a file of one of some kinds; Refused when its name promises another kind."""
    ending = name.rpartition(".")[2].lower() if "." in name else ""
    for kind in kinds:
        if ending in KINDS[kind].endings:
            return KINDS[kind].media
    raise Refused(
        "%(name)s is %(found)s by its content: name it so, and attach it again.", name=name, found=tuple(kinds)
    )


def plain_name(name: str) -> str:
    """The name of a file without folders and signs that no file name should have."""
    last = name.replace("\\", "/").rpartition("/")[2]
    kept = "".join(sign for sign in last if sign.isprintable() and sign not in '"<>:|?*').strip(". ")
    stem, dot, ending = kept.rpartition(".")
    return f"{stem[: LONGEST_NAME - len(ending) - 1]}{dot}{ending}" if dot else kept[:LONGEST_NAME]
