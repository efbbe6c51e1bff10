"""Schemes as TOML files: read with exact numbers, and written back; score sheets on paper."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import tomli_w
from flask import current_app

from alliance.accounts import queries as accounts
from alliance.audit import queries as audit
from alliance.core.refused import Refused
from alliance.evaluation import pictures, queries
from alliance.files import check_size
from alliance.i18n import LANGUAGES, in_language, label
from alliance.members import queries as members


def read_scheme_file(content: bytes, name: str) -> dict[str, Any]:
    """The data of a scheme file, numbers exact; Refused when it is not TOML, with the line."""
    check_size(content)
    try:
        return tomllib.loads(content.decode("utf-8-sig"), parse_float=Decimal)
    except UnicodeDecodeError as error:
        raise Refused("%(name)s is not a text file in UTF-8.", name=name) from error
    except tomllib.TOMLDecodeError as error:
        raise Refused("%(name)s is not valid TOML: %(fault)s.", name=name, fault=str(error)) from error


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
