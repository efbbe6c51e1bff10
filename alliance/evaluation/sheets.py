"""Schemes written as TOML files; score sheets on paper."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import tomli_w
from flask import current_app

from alliance.accounts import queries as accounts
from alliance.audit import queries as audit
from alliance.evaluation import pictures, queries
from alliance.i18n import LANGUAGES, in_language, label
from alliance.members import queries as members


def write_scheme_file(content: Mapping[str, Any]) -> str:
    """The scheme as TOML text that reads back to the same content."""
    return tomli_w.dumps(dict(content))


def scorecard(alliance: int, found: queries.Scorecard, language: str, *, site: str = "") -> str:
    """The HTML of a member's score sheet for paper, also outside of a request.

    `site` is the address of the portal, under which each figure is explained; "" where it is not known.
    """
    owner, kept = members.read_alliance(alliance), audit.read_run(found.run.run_id, alliance)
    scheme, departures = queries.departures(alliance, found)

    def address(figure: audit.KeptFigure) -> str:
        return f"{site}/figures/{figure.run_id}/{figure.number}" if site else ""

    with in_language(language):
        page = current_app.jinja_env.get_template("evaluation/score.html")
        return page.render(
            card=found, run=found.run, row=found.row, sheet=found.sheet, library=found.library, kept=kept,
            groups=queries.GROUP_NAMES, radar=pictures.dimensions(found, address), address=address, site=site,
            scheme=scheme, departures=departures, decision=_decision(alliance, scheme.decision),
            vetoed_by=_decision(alliance, found.veto.decision) if found.veto else None,
            owner=label(owner) if owner else "", lang=LANGUAGES[language][1], language=language,
        )  # fmt: skip


def _decision(alliance: int, number: str) -> accounts.DecisionInfo | None:
    return accounts.decision(alliance, number) if number else None
