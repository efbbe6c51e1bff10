"""How answers travel: pages, styles, scripts and pictures compressed; files of the installation under addresses that
change with what is in them, so that a browser asks for each of them once."""

from __future__ import annotations

import hashlib
import os
from functools import lru_cache
from typing import Any

from flask import Flask, Response, current_app, g, request, url_for
from flask_compress import Compress
from werkzeug.security import safe_join

from alliance.access import STATIC

# PDF, workbooks and pictures are compressed already; a file that is taken out leaves as it is.
KINDS = ("text/html", "text/css", "text/javascript", "application/json", "image/svg+xml")
ALGORITHMS = ("br", "zstd", "gzip")
LEAST = 1024  # bytes under which compressing saves no packet
YEAR = 365 * 24 * 3600
# Pages that show a secret which stays the same from one answer to the next: never compressed (record 0095).
SECRET = frozenset(
    {
        "accounts.open_session",
        "accounts.confirm_session",
        "accounts.set_password",
        "accounts.enrol_totp",
        "accounts.invite_account",
        "accounts.reset_account",
    }
)


def prepare(app: Flask) -> None:
    """Compress what the app answers, and give the files of the installation a digest in their address.

    To be called before everything else that looks at answers, because the last one registered looks first.
    """
    app.config.update(
        COMPRESS_REGISTER=False,
        COMPRESS_MIMETYPES=list(KINDS),
        COMPRESS_ALGORITHM=list(ALGORITHMS),
        COMPRESS_ALGORITHM_STREAMING=list(ALGORITHMS),
        COMPRESS_STREAMING_ENDPOINT_CONDITIONAL=sorted(STATIC),
        COMPRESS_MIN_SIZE=LEAST,
        COMPRESS_BR_LEVEL=5,
    )
    app.jinja_env.globals["sprite"] = sprite
    compress = Compress(app)

    @app.after_request
    def _travel(response: Response) -> Response:
        if request.endpoint in STATIC:
            _keep(response)
        if not _may_shrink(response):
            return response
        if hasattr(response.response, "close"):
            response.call_on_close(
                response.response.close
            )  # the compressed stream in its place does not close the file
        return compress.after_request(response)

    @app.url_defaults
    def _digest(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint in STATIC and "filename" in values:
            values.setdefault("v", digest(endpoint, values["filename"]))


def sprite() -> str:
    """The address of the file with the icons, looked up once for all of them on a page."""
    if "sprite" not in g:
        g.sprite = url_for("static", filename="icons.svg")
    return str(g.sprite)


def digest(endpoint: str, filename: str) -> str | None:
    """The first digits of the SHA-256 of a file of the installation; none for a file that is not there."""
    owner = current_app if endpoint == "static" else current_app.blueprints[endpoint.partition(".")[0]]
    path = safe_join(owner.static_folder or "", filename)
    try:
        return _digest_of(path, os.stat(path).st_mtime_ns) if path else None
    except OSError:
        return None


@lru_cache(maxsize=256)
def _digest_of(path: str, _changed: int) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:12]


def _keep(response: Response) -> None:
    """Under its digest a file never changes; under a bare address it may, and the browser asks whether it did."""
    named = request.args.get("v", "")
    view_args = request.view_args or {}
    if response.status_code < 400 and named and named == digest(request.endpoint or "", view_args.get("filename", "")):
        response.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable"
    else:
        response.headers["Cache-Control"] = "no-cache"


def _may_shrink(response: Response) -> bool:
    """Whether the length of an answer may depend on what is in it.

    Who sees only lengths could guess at secrets beside words of their own choosing. They need a page that a foreign
    site asked for, and a secret that stays; neither is compressed.
    """
    foreign = request.headers.get("Sec-Fetch-Site", "") in ("cross-site", "same-site")
    taken_out = "attachment" in response.headers.get("Content-Disposition", "")
    return not taken_out and (request.endpoint in STATIC or (not foreign and request.endpoint not in SECRET))
