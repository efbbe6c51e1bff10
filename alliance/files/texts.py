"""Texts from outside: their encoding, TOML, and the rows of a CSV file."""

from __future__ import annotations

import codecs
import csv
from io import StringIO
from typing import Any

from alliance.core import written
from alliance.core.refused import Refused, mark
from alliance.files.archives import check_size

NO_TABLE = mark("%(name)s cannot be read as a table; save it as .xlsx or as CSV.")


def read_toml(content: bytes, name: str) -> dict[str, Any]:
    """The data of a TOML file, numbers exact; Refused when it is none, with the line."""
    check_size(content)
    try:
        return written.read_toml(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise Refused("%(name)s is not a text file in UTF-8.", name=name) from error
    except ValueError as error:
        raise Refused("%(name)s is not valid TOML: %(fault)s.", name=name, fault=str(error)) from error


def text_rows(content: bytes, name: str) -> list[list[str]]:
    """The rows of a CSV file; Refused when it is none."""
    text = decoded(content, name)
    if "\0" in text or not text.strip():
        raise Refused(NO_TABLE, name=name)
    first = text.lstrip().splitlines()[0]
    mark_between = max(",;\t", key=first.count)
    try:
        return list(csv.reader(StringIO(text, newline=""), delimiter=mark_between, strict=True))
    except csv.Error as error:
        raise Refused(NO_TABLE, name=name) from error


def decoded(content: bytes, name: str) -> str:
    """The text of a file in UTF-8, UTF-16 or GB18030; Refused when it is in none of these."""
    utf16 = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    for encoding in ("utf-16",) if utf16 else ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Refused(NO_TABLE, name=name)
