"""What a file is by its content."""

from __future__ import annotations

import re
import zipfile
from io import BytesIO

from alliance.core.refused import Refused, mark
from alliance.files.archives import BROKEN, ZIP, check_size, has_macros
from alliance.files.texts import decoded

NOT_TAKEN = mark("%(name)s is none of the files that are taken: PDF, PNG, JPEG, XLSX, DOCX, CSV, TXT.")
PDF, PNG, JPEG = b"%PDF-", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"
OFFICE = {"xl/workbook.xml": "XLSX", "word/document.xml": "DOCX"}
MARKUP = re.compile(r"<\s*(?:!doctype|html|svg|script|\?xml|head|body|iframe)|^\s*(?:#!|MZ)", re.IGNORECASE)


def kinds_of(content: bytes, name: str) -> tuple[str, ...]:
    """What a file is by its content: PDF, PNG, JPEG, XLSX, DOCX, or CSV and TXT, which nothing tells apart.

    Refused: anything else, whatever its name; macros, links to other files, damaged and overgrown archives.
    """
    if content.startswith(PDF) and b"%%EOF" in content[-2048:]:
        return ("PDF",)
    if content.startswith(PNG) and content[12:16] == b"IHDR" and b"IEND" in content[-64:]:
        return ("PNG",)
    if content.startswith(JPEG) and b"\xff\xd9" in content[-1024:]:
        return ("JPEG",)
    if content.startswith(ZIP):
        return (_office_kind(content, name),)
    if _is_text(content):
        return ("CSV", "TXT")
    raise Refused(NOT_TAKEN, name=name)


def _office_kind(content: bytes, name: str) -> str:
    check_size(content)
    try:
        with zipfile.ZipFile(BytesIO(content)) as box:
            parts = {part.lower() for part in box.namelist()}
            kinds = box.read("[Content_Types].xml")
    except (*BROKEN, KeyError) as error:
        raise Refused(NOT_TAKEN, name=name) from error
    if has_macros(parts, kinds):
        raise Refused("%(name)s holds macros, which are not taken. Save it without them.", name=name)
    for part, kind in OFFICE.items():
        if part in parts:
            return kind
    raise Refused(NOT_TAKEN, name=name)


def _is_text(content: bytes) -> bool:
    """Whether bytes are plain text: of an encoding that is used, without control signs, and no page or program."""
    try:
        text = decoded(content, "")
    except Refused:
        return False
    if any(sign < " " and sign not in "\t\r\n\f" for sign in set(text)):
        return False
    return bool(text.strip()) and not MARKUP.search(text[:4096]) and "<script" not in text.lower()
