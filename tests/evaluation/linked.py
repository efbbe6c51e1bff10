"""The small alliance with links between members, and a scheme whose hospitals take the value of whom they support."""

from __future__ import annotations

import copy
from datetime import date
from decimal import Decimal
from typing import Any

from alliance.evaluation import queries, services
from alliance.members import services as members
from alliance.members.rules.links import Support
from tests.small import REASON, SCHEME, YEAR, at, by, decide


def linked_scheme() -> dict[str, Any]:
    """H1 takes the follow-up rate of all it supports, H2 that of those it supports in cardiology."""
    found = copy.deepcopy(SCHEME)
    found["line"][1]["tier"] = {"tertiary": {"linked": "yes"}, "secondary": {"linked": "03.04"}}
    return found


def support(*shares: tuple[str, int], supported: str, specialty: str = "", start: date = YEAR) -> Support:
    return Support(supported, specialty, start, tuple((code, Decimal(share)) for code, share in shares))


def link_up() -> None:
    """H1 supports C1 with 70 % and C2 alone, H2 supports C1 with 30 %; the scheme in force takes their values."""
    there = [support(("H1", 70), ("H2", 30), supported="C1"), support(("H1", 100), supported="C2")]
    members.set_link(1, there, by=by("office"), now=at(1))
    services.import_scheme(1, linked_scheme(), by=by("office"), now=at(1))
    decide(1, "2026-050", "scheme:2026/2", at(1))
    info = queries.scheme_info(1, "2026", 2)
    assert info is not None
    reasons = {one.where: REASON for one in queries.soft_findings(1, info)}
    services.decide_scheme(1, "2026", 2, reasons, decision="2026-050", by=by("chair"), now=at(1))
