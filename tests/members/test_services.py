"""Members as they are recorded: one lead at a time, whatever is imported after what."""

from __future__ import annotations

import pytest
from flask import Flask

from alliance.core.refused import Refused
from alliance.members import queries, services
from alliance.members.rules import InstitutionRow, read_row
from tests.small import MEMBERS, at, by


def row(code: str, lead: str, start: str, left: str = "") -> InstitutionRow:
    found = read_row(
        {"code": code, "name_zh": f"{code}医院", "name_en": f"Hospital {code}", "tier": MEMBERS[code], "is_lead": lead,
         "joined": "2025-01-01", "start": start, "left": left},
        1, [],
    )  # fmt: skip
    assert found
    return found


def imported(*rows: InstitutionRow) -> int:
    return services.import_workbook(1, rows, by=by("office"), now=at(10))


def test_a_second_lead_is_refused_while_the_first_one_holds(inside: Flask) -> None:
    for start in ("2025-01-01", "2026-03-01", "2027-01-01"):
        with pytest.raises(Refused) as caught:
            imported(row("H2", "yes", start))
        assert [problem.value for problem in caught.value.problems] == ["H1, H2"]
        with pytest.raises(Refused):
            queries.what_changes(1, [row("H2", "yes", start)])
    assert queries.lead(1, at(10).date()) == "H1"


def test_the_lead_is_handed_over_in_one_file(inside: Flask) -> None:
    assert imported(row("H1", "no", "2026-03-01"), row("H2", "yes", "2026-03-01")) == 2
    assert [queries.lead(1, day.date()) for day in (at(1, 2), at(1, 3))] == ["H1", "H2"]


def test_who_leaves_makes_room_for_another_lead(inside: Flask) -> None:
    assert imported(row("H1", "yes", "2025-01-01", left="2026-03-01")) == 1
    assert imported(row("H2", "yes", "2026-03-01")) == 1
    assert [queries.lead(1, day.date()) for day in (at(1, 2), at(1, 3))] == ["H1", "H2"]


def test_what_touches_no_lead_is_taken(inside: Flask) -> None:
    assert imported(row("C1", "no", "2026-03-01")) == 1
    assert imported(row("H1", "yes", "2026-03-01")) == 1
