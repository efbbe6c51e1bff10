"""Written answers: what in them may name a person, and what may be decided about them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from alliance.core.refused import Both

HELD, RELEASED, WITHHELD = "held", "released", "withheld"
STATES: dict[str, Both] = {
    HELD: Both("待阅", "To be read"),
    RELEASED: Both("已公开", "Released"),
    WITHHELD: Both("不公开", "Withheld"),
}
# What each pattern finds; the first that fits at a place is told.
PERSONAL: dict[str, Both] = {
    "mail": Both("电子邮箱", "e-mail address"),
    "identity": Both("身份证号", "ID number"),
    "phone": Both("电话号码", "phone number"),
    "digits": Both("长数字", "long number"),
    "name": Both("可能是姓名", "perhaps a name"),
}
_D, _GAP = r"[0-9０-９]", r"[\s\-－—–·.．()（）]?"
_FIND = re.compile(
    rf"(?P<mail>[\w.+-]+@[\w-]+(?:\.[\w-]+)+)"
    rf"|(?P<identity>(?<![0-9０-９])(?:{_D}{_GAP}){{17}}[0-9０-９xXｘＸ](?![0-9０-９])|(?<![0-9０-９])(?:{_D}{_GAP}){{14}}{_D}(?![0-9０-９]))"
    rf"|(?P<phone>(?<![0-9０-９])[1１]{_GAP}[3-9３-９]{_GAP}(?:{_D}{_GAP}){{8}}{_D}(?![0-9０-９])"
    rf"|(?<![0-9０-９])[0０]{_D}{{2,3}}{_GAP}(?:{_D}{_GAP}){{6,7}}{_D}(?![0-9０-９]))"
    rf"|(?P<digits>(?:{_D}{_GAP}){{6,}}{_D})"
    r"|(?P<name>(?:(?<=我叫)|(?<=姓名[:：])|(?<=姓名是)|(?<=名叫))[一-鿿]{2,3})"
)
BLACKED = "■■■"


def marked(text: str) -> list[tuple[str, str]]:
    """A written answer in pieces: (words, "" or what of PERSONAL they may be)."""
    return list(_pieces(text))


def _pieces(text: str) -> Iterator[tuple[str, str]]:
    end = 0
    for found in _FIND.finditer(text):
        if found.start() > end:
            yield text[end : found.start()], ""
        yield found.group(), found.lastgroup or ""
        end = found.end()
    if end < len(text):
        yield text[end:], ""


def blacked(text: str) -> str:
    """A written answer with everything blacked out that may name or reach a person."""
    return "".join(BLACKED if kind else words for words, kind in marked(text))
