"""A bulletin's HTML made as the portal makes it, with the house's languages and templates and no database."""

from __future__ import annotations

from pathlib import Path

from flask import Flask

from alliance import i18n
from alliance.access import can
from alliance.bulletins.queries import BulletinInfo
from alliance.bulletins.views import document
from alliance.core.acts import Act
from alliance.pages import left

ROOT = Path(__file__).parents[2]


def press() -> Flask:
    """An app that has nothing but the templates and the languages."""
    app = Flask("press", root_path=str(ROOT))
    i18n.prepare(app, {})
    app.jinja_env.globals |= {"can": can, "Act": Act}
    app.jinja_env.filters["left"] = left
    return app


def page(bulletin: BulletinInfo, language: str) -> str:
    """The HTML of a bulletin for paper."""
    with press().app_context():
        return document(bulletin, language)
