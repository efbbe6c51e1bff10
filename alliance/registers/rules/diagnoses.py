"""What is meant by a diagnosis that somebody typed: a code, a name, or both as a list offers them."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from alliance.core.diagnoses import Diagnosis

LONGEST = 200  # characters of a code with its name


def plain(text: str) -> str:
    """A text as it is compared: without blanks, in usual figures, small."""
    return "".join(unicodedata.normalize("NFKC", text).split()).lower()


def meant(text: str, found: Sequence[Diagnosis]) -> Diagnosis | None:
    """The one of the diagnoses found that has exactly this code or name, or both; None where none has, or several.

    A part of a name is not enough, even if it fits one only: “hypertension” is not “hypertension, grade 3”.
    """
    asked = plain(text)
    for one in found:
        if asked in {plain(one.code), plain(one.code + one.name_zh), plain(one.code + one.name_en)}:
            return one
    named = [one for one in found if asked in {plain(one.name_zh), plain(one.name_en)}]
    return named[0] if len(named) == 1 else None
