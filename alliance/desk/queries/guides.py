"""The guides, one for each kind of work, from their Markdown in docs/guide."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

GUIDES = Path(__file__).parents[3] / "docs" / "guide"
# Who is shown which first; everybody may read all of them.
READERS = {
    "start": frozenset[str](),
    "reporter": frozenset({"reporter", "quality_officer"}),
    "lead": frozenset({"member_lead"}),
    "cooperation": frozenset({"reporter", "member_lead"}),
    "office": frozenset({"office", "analyst"}),
    "ratings": frozenset({"member_lead", "quality_officer", "office", "analyst"}),
    "surveys": frozenset({"office", "analyst", "hospital_office"}),
    "experts": frozenset({"expert", "office", "reporter", "member_lead"}),
    "checks": frozenset({"checker", "office"}),
    "committee": frozenset({"committee", "regulator"}),
    "hospital": frozenset({"hospital_office", "personnel", "department_head"}),
    "bonus": frozenset({"hospital_office", "finance", "member_lead", "department_head", "staff"}),
    "pay": frozenset({"hospital_office", "finance", "member_lead", "staff"}),
    "targets": frozenset({"hospital_office", "member_lead", "department_head"}),
    "charges": frozenset({"hospital_office"}),
    "points": frozenset({"hospital_office"}),
    "people": frozenset({"admin", "security_admin"}),
    "auditor": frozenset({"auditor"}),
    "operator": frozenset({"admin"}),
}
PICTURE = re.compile(r"pictures/(?P<name>[a-z0-9-]+)\.png")


@dataclass(frozen=True, slots=True)
class Guide:
    """A guide: its name in addresses, what it is called, its first sentence, whether it is for the reader's roles."""

    name: str
    title: str
    about: str
    own: bool


@dataclass(frozen=True, slots=True)
class GuidePage:
    """A guide as HTML without its heading, and its parts as (anchor, text)."""

    title: str
    html: str
    parts: Sequence[tuple[str, str]]


def guides(roles: Collection[str], lang: str) -> list[Guide]:
    """All guides in their order, with a mark on those for the reader."""
    own = {name for name, readers in READERS.items() if name == "start" or not readers.isdisjoint(roles)}
    return [Guide(name, *_head(name, lang), name in own) for name in READERS]


def guide(name: str, lang: str, picture_at: str) -> GuidePage | None:
    """A guide in a language; `picture_at` is the address of a picture with `{}` for its name. None: there is none."""
    return _page(name, lang, picture_at) if name in READERS else None


def picture(name: str, lang: str) -> Path | None:
    """The file of a picture; None when there is none of this name."""
    path = GUIDES / lang / "pictures" / f"{name}.png"
    return path if PICTURE.fullmatch(f"pictures/{name}.png") and path.is_file() else None


def _parser() -> MarkdownIt:
    # No HTML: a guide says what it has to say in Markdown.
    return MarkdownIt("commonmark", {"html": False}).enable("table")


@cache
def _tokens(name: str, lang: str) -> list[Token]:
    return _parser().parse((GUIDES / lang / f"{name}.md").read_text("utf-8"))


def _head(name: str, lang: str) -> tuple[str, str]:
    """The heading of a guide and the paragraph under it."""
    texts = [token.content for token in _tokens(name, lang) if token.type == "inline"]
    return texts[0], " ".join(texts[1].split("\n"))


def _led(token: Token, picture_at: str) -> list[Token]:
    """A piece of text with its address on the portal; a picture opens in its full size."""
    if token.type == "link_open":
        token.attrSet("href", re.sub(r"^([a-z]+)\.md\b", r"\1", str(token.attrGet("href"))))
    found = PICTURE.fullmatch(str(token.attrGet("src"))) if token.type == "image" else None
    if not found:
        return [token]
    src = picture_at.format(found["name"])
    token.attrs |= {"src": src, "loading": "lazy"}
    return [Token("link_open", "a", 1, attrs={"href": src}), token, Token("link_close", "a", -1)]


@cache
def _page(name: str, lang: str, picture_at: str) -> GuidePage:
    tokens = deepcopy(_tokens(name, lang))
    parts: list[tuple[str, str]] = []
    for place, token in enumerate(tokens):
        if token.type == "heading_open" and token.tag == "h2":
            token.attrSet("id", f"part-{len(parts) + 1}")
            parts.append((f"part-{len(parts) + 1}", tokens[place + 1].content))
        if token.type == "table_open":
            token.attrSet("class", "table")
        token.children = [one for child in token.children or () for one in _led(child, picture_at)]
    # The heading is the page's own.
    return GuidePage(tokens[1].content, _parser().renderer.render(tokens[3:], _parser().options, {}), parts)
