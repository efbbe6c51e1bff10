"""A walk through the portal by its links: one address for each page, as each role finds it."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import unescape
from html.parser import HTMLParser

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.exceptions import HTTPException

CHINESE = re.compile(r"[\u3400-\u9fff]")
# A sign of the other script beside a Chinese character.
MIXED = re.compile(r"[\u3400-\u9fff] ?[,;:!?()]|[,;!?()] ?[\u3400-\u9fff]|[\u3400-\u9fff] ?\.(?![\da-z])")
SENTENCE = re.compile(r"(?:[A-Za-z]{2,}[ ,]+){3,}[A-Za-z]{2,}")
TOLD = ("title", "aria-label", "alt", "placeholder")  # attributes that people read or hear
SKIPPED = frozenset({"script", "style", "code", "textarea"})  # no words of the page: programs, secrets, own typing
SUM = re.compile(r"[÷×−≤≥=+]")  # a formula keeps its own brackets
VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"})


@dataclass(frozen=True, slots=True)
class Found:
    """A page as it was found: its view, its address and what it holds."""

    view: str
    path: str
    html: str


def client(app: Flask, account: str, password: str) -> FlaskClient:
    """A client that is signed in as an account, or as nobody with ""."""
    found = app.test_client()
    if account:
        data = {"csrf_token": _token(found, "/accounts/sessions/open"), "account": account, "password": password}
        answer = found.post("/accounts/sessions/open", data=data)
        assert answer.status_code == 302, account
        if answer.location.startswith("/accounts/sessions/confirm"):
            _confirm(found)
    return found


def speak(client: FlaskClient, language: str) -> None:
    """Choose the language in which the pages come."""
    signed_in = client.get("/accounts/accounts/read").status_code == 200
    token = _token(client, "/accounts/accounts/read" if signed_in else "/accounts/sessions/open")
    client.post("/accounts/languages/choose", data={"csrf_token": token, "lang": language, "next": "/"})


def _confirm(client: FlaskClient) -> None:
    """Type the one-time code that the demo shows beside its field."""
    path = "/accounts/sessions/confirm"
    code = re.search(r"<strong[^>]*>(\d{6})</strong>", client.get(path).get_data(as_text=True))
    assert code
    answer = client.post(path, data={"csrf_token": _token(client, path), "totp_code": code[1]})
    assert answer.status_code == 302


def _token(client: FlaskClient, path: str) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get(path).get_data(as_text=True))
    assert found
    return found[1]


def pages(app: Flask, client: FlaskClient, starts: Iterable[str]) -> Iterator[Found]:
    """Every view that links lead to from some pages, with the first address found for it."""
    routes = app.url_map.bind("localhost")
    seen: set[str] = set()
    given = [*starts, "/style"]
    queue = deque(given)
    while queue:
        path = queue.popleft()
        try:
            view = str(routes.match(path.partition("?")[0], method="GET")[0])
        except HTTPException:
            view = path if path in given else "static"
        if view in seen or "static" in view:
            continue
        answer = client.get(path)
        assert answer.status_code in (200, 302) or path in given, (path, answer.status_code)
        view = view if answer.status_code in (200, 302) else path  # the page of an error is one of its own
        seen.add(view)
        if answer.status_code == 302:
            queue.append(answer.location)
        if answer.status_code == 302 or answer.mimetype != "text/html":
            answer.close()
            continue
        html = answer.get_data(as_text=True)
        yield Found(view, path, html)
        links = (unescape(link) for link in re.findall(r'<a\b[^>]*href="([^"#]+)', html))
        queue.extend(link for link in links if link.startswith("/"))


class _Texts(HTMLParser):
    """The texts of a page with the language that each is marked with."""

    def __init__(self) -> None:
        super().__init__()
        self.marks: list[tuple[str, str]] = []
        self.found: list[tuple[str, str]] = []

    @property
    def language(self) -> str:
        return next((lang for _, lang in reversed(self.marks) if lang), "")[:2]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        marked = dict(attrs)
        if tag not in VOID:
            self.marks.append((tag, marked.get("lang") or ""))
        language = (marked.get("lang") or self.language)[:2]
        self.found += [(language, marked[name] or "") for name in TOLD if marked.get(name)]

    def handle_endtag(self, tag: str) -> None:
        while self.marks and self.marks.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if data.strip() and not SKIPPED & {tag for tag, _ in self.marks}:
            self.found.append((self.language, data.strip()))


def wrong_words(html: str) -> list[str]:
    """Texts of a page that are not in the language they are marked with, or mix the signs of two."""
    reader = _Texts()
    reader.feed(html)
    return [
        text
        for language, text in reader.found
        if (language == "en" and CHINESE.search(text))
        or (
            language == "zh"
            and ((MIXED.search(text) and not SUM.search(text)) or (SENTENCE.search(text) and not CHINESE.search(text)))
        )
    ]
