"""The headers of every answer: what a browser may do with it, and whether it keeps it."""

from __future__ import annotations

from flask import Response, current_app, request

from alliance import access
from alliance.config import Config

HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; object-src 'none'; frame-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",  # for browsers that do not know frame-ancestors
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
}
TLS = {"Strict-Transport-Security": f"max-age={365 * 24 * 3600}; includeSubDomains"}


def add(response: Response) -> None:
    """Give an answer its headers; of those for security the ones that a view set itself stay."""
    config: Config = current_app.config["ALLIANCE"]
    for name, value in (HEADERS | (TLS if config.secure_cookies else {})).items():
        response.headers.setdefault(name, value)
    if request.endpoint not in access.FILES:
        # Pages hold what the next person at the machine must not find, also before sign-in: tokens.
        response.headers["Cache-Control"] = "private, no-store"
    if response.status_code in (429, 503):
        response.headers.setdefault("Retry-After", "60")
