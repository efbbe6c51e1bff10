"""The frame of a page: language, alliance, person, tasks."""

from __future__ import annotations

from typing import Any

from flask import request
from flask_login import current_user

from alliance import access, i18n, pages
from alliance.desk.views import current_period, rail
from alliance.house import drafts
from alliance.members import queries as members


def needed() -> dict[str, Any]:
    """What the page frame needs: language, alliance, person, tasks."""
    lang = i18n.lang()
    frame: dict[str, Any] = {
        "language": lang,
        "lang": i18n.LANGUAGES[lang][1],
        "languages": [
            {"code": code, "label": parts[2], "current": code == lang} for code, parts in i18n.LANGUAGES.items()
        ],
        "person": None,
        "alliance": None,
        "rail": (),
        "frame_period": None,
        "own_data": "",
        "typed_before": drafts.waits_here(),
        "workbook_url": "",
    }
    if current_user.is_authenticated:
        frame["workbook_url"] = pages.workbook_url() if request.method == "GET" else ""
        # Who has no role yet has an account all the same.
        frame["person"] = {"name": i18n.label(current_user), "roles": ""}
    if current_user.is_authenticated and access.grants():
        owner = members.read_alliance(access.alliance_id())
        name = i18n.label(current_user)
        roles = i18n.listed(i18n.role(grant.role) for grant in access.grants())
        frame |= {
            "person": {"name": name, "roles": roles},
            "alliance": {"name": i18n.label(owner)} if owner else None,
            "rail": rail(),
            "frame_period": current_period(),
            "own_data": next(iter(sorted(access.scope().own)), ""),
        }
    return frame
