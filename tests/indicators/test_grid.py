"""What stands behind the page where values are filed, and its door for single values."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from alliance.core.figure import State
from alliance.core.refused import Refused
from alliance.db import db, transaction
from alliance.indicators import queries, services
from alliance.indicators.rules.filing import Entry, Row
from alliance.indicators.services.readings import append_readings
from tests.conftest import Client
from tests.grid import adopt
from tests.small import CLOCK, at, by, entry

APRIL = "2026-04"
PATH = f"/indicators/readings/file/{APRIL}/C1"
TEXT = "本月新增一个服务点，人次随之上升。"


@contextmanager
def statements() -> Iterator[list[str]]:
    """The statements sent to the database meanwhile."""
    found: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith("BEGIN"):
            found.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def file(values: dict[str, str], seen: int = 0, who: str = "c1.reporter", member: str = "C1") -> None:
    entries = {code: (entry(value), seen) for code, value in values.items()}
    services.file_reading(1, APRIL, member, entries, "", by=by(who), now=at(7, 5))


def line(code: str, member: str = "C1", period: str = APRIL) -> queries.Line:
    return next(one for one in queries.grid(1, period, member, now=CLOCK).lines if one.code == code)


def test_beside_a_value_stands_what_it_is_compared_with(inside: Flask) -> None:
    adopt()
    file({"E1": "12"})
    found = line("E1")
    assert found.previous == Entry(Decimal(60), State.VALUE)  # C1 in March
    assert found.last_year is None
    assert found.median == Decimal(60)  # of 60, 80 and 37: the three primary-care members
    assert [one.code for one in found.targets] == ["I1"]
    assert found.filer is not None
    assert (found.filer.zh, found.revision, found.filed) == ("甲c1.reporter", 1, True)
    groups = [
        group.dimension.code if group.dimension else "" for group in queries.grid(1, APRIL, "C1", now=CLOCK).groups
    ]
    assert groups == ["collaboration", "health", "service"]


def test_last_year_is_the_same_period_a_year_ago(inside: Flask) -> None:
    services.open_period(1, "2027-03", at(30, 12), by=by("office"), now=at(10, 11))
    found = next(one for one in queries.grid(1, "2027-03", "C3", now=CLOCK).lines if one.code == "E1")
    assert found.last_year == Entry(Decimal(37), State.VALUE)
    assert found.previous is None


def test_a_median_of_fewer_than_enough_members_is_not_shown(inside: Flask) -> None:
    assert line("E1", "H1").median is None  # the only tertiary hospital
    assert line("E1").median is not None
    assert all(one.median is None for one in queries.grid(1, APRIL, "C1", now=CLOCK, fewest=5).lines)


def test_a_median_rests_on_accepted_values_alone(inside: Flask) -> None:
    assert line("E1").median == Decimal(60)
    number = services.ask_exception(
        1, "2026-03", "C2", "数据有误，须重新填报。", at(30, 6), by=by("c2.lead"), now=CLOCK
    )
    services.grant_exception(1, number, by=by("office2"), now=CLOCK)
    assert line("E1").median is None


def test_the_number_of_statements_does_not_grow_with_the_values(inside: Flask) -> None:
    counted = []
    for size in (8, 40, 120):
        adopt(size)
        queries.grid(1, APRIL, "C1", now=CLOCK)  # definitions and medians are read once
        with statements() as found:
            grid = queries.grid(1, APRIL, "C1", now=CLOCK)
        assert len(grid.lines) == size
        counted.append(len(found))
    assert counted == [counted[0]] * 3
    assert counted[0] <= 24


def test_what_is_unusual_stands_at_its_line(inside: Flask) -> None:
    adopt()
    file({"G001": "700", "G002": "9", "G003": "8", "E1": "60", "E2": "100"})
    grid = queries.grid(1, APRIL, "C1", now=CLOCK)
    kinds = {one.code: [remark.finding.kind for remark in one.remarks] for one in grid.lines if one.remarks}
    assert kinds == {"E1": ["band"], "E2": ["band"], "G001": ["soft"], "G002": ["parts"]}
    homes = [one.code for one in grid.lines for remark in one.remarks if remark.finding.code == "I1" and remark.home]
    assert homes == ["E2"]
    assert (grid.filled, grid.unexplained, grid.contradictions) == (5, 2, 1)
    value = queries.explained_values(1, APRIL, "C1", ["G001", "I1", "G002", "XX"])
    assert value == {"G001": "700", "I1": "60", "G002": "9"}
    services.explain_value(1, APRIL, "C1", "I1", value["I1"], TEXT, by=by("c1.reporter"), now=CLOCK)
    assert queries.grid(1, APRIL, "C1", now=CLOCK).unexplained == 1
    # Another value is not explained by what was said of the one before.
    file({"E1": "70"}, seen=1)
    assert queries.grid(1, APRIL, "C1", now=CLOCK).unexplained == 2


def test_a_locked_line_says_why(inside: Flask) -> None:
    file({"E1": "60", "E2": "400", "E3": "50", "E4": "100"})
    assert line("E1").locked == ""
    late = queries.grid(1, APRIL, "C1", now=at(2, 6))
    assert late.locked == "filing is closed"
    services.sign_submission(1, APRIL, ["C1"], by=by("c1.lead"), now=at(8, 5))
    services.submit_submission(1, APRIL, ["C1"], by=by("c1.lead"), now=at(8, 5))
    assert line("E1").locked == "is under review"
    services.return_submission(1, APRIL, "C1", {"E2": "与报表不一致，请核对。"}, by=by("office2"), now=at(9, 5))
    assert line("E1").locked == "was not returned and stays locked"
    returned = line("E2")
    assert (returned.locked, returned.answered, returned.open) == ("", False, True)
    file({"E2": "401"}, seen=1)  # filed before the return by the clock
    services.explain_value(1, APRIL, "C1", "E2", "401", TEXT, by=by("c1.reporter"), now=CLOCK)
    assert not line("E2").open
    assert line("E1", period="2026-03").locked == "was accepted and is locked"


def test_a_captured_value_stands_and_may_be_objected_to(inside: Flask) -> None:
    with transaction() as session:
        append_readings(session, 1, APRIL, [Row("C1", "E1", entry("61"))], "captured", "HIS", by("office"), at(7, 5))
    assert line("E1").captured
    judged = queries.judge(1, APRIL, "C1", {"E1": ("62", 1), "E2": ("400", 0)}, now=CLOCK)
    assert set(judged.entries) == {"E2"}
    assert judged.troubles["E1"].message.startswith("was captured")


def capture(element: str, value: str) -> None:
    with transaction() as session:
        append_readings(
            session, 1, APRIL, [Row("C1", element, entry(value))], "captured", "HIS", by("office"), at(7, 5)
        )


def test_who_reviews_reads_the_objection_to_a_captured_value(app: Flask, client_as: Callable[[str], Client]) -> None:
    with app.app_context():
        capture("E1", "61")
        services.explain_value(1, APRIL, "C1", "E1", "61", "系统少计两例，请核对登记", by=by("c1.reporter"), now=CLOCK)
        db.session.remove()
    for account in ("office", "c1.lead"):
        for path in (f"submissions/read/{APRIL}/C1", f"readings/read/C1/E1/{APRIL}"):
            page = client_as(account).get(f"/indicators/{path}").get_data(as_text=True)
            assert "系统少计两例" in page, (account, path)
    assert "对采集值有异议" in client_as("office").get(f"/indicators/submissions/read/{APRIL}/C1").get_data(
        as_text=True
    )
    with app.app_context():
        capture("E1", "63")  # of another value it says nothing
        db.session.remove()
    page = client_as("office").get(f"/indicators/submissions/read/{APRIL}/C1").get_data(as_text=True)
    assert "系统少计两例" not in page


def test_no_verb_overtypes_a_captured_value(inside: Flask) -> None:
    capture("E1", "61")
    with pytest.raises(Refused, match="1 value was captured") as told:
        services.file_reading(
            1, APRIL, "C1", {"E1": (entry("62"), 1), "E2": (entry("400"), 0)}, "x", by=by("c1.reporter"), now=CLOCK
        )
    (problem,) = told.value.problems
    assert (problem.at["element"], problem.value, problem.numbers) == ("E1", "62", {"value": "61"})
    assert "writes why" in problem.message
    rows = [Row("C1", "E1", entry("62"))]
    with pytest.raises(Refused, match="1 value was captured"):
        services.upload_reading(1, APRIL, "C1", rows, [], "x", by=by("c1.reporter"), now=CLOCK)
    with pytest.raises(Refused, match="1 value was captured"):
        services.import_reading(1, APRIL, rows, "x", by=by("office"), now=CLOCK)
    assert queries.readings(1, APRIL, "C1")["E1"].revision == 1
    same = [Row("C1", "E1", entry("61")), Row("C1", "E2", entry("400"))]
    assert services.import_reading(1, APRIL, same, "x", by=by("office"), now=CLOCK) == 1
    capture("E1", "63")  # its own source may say something new
    assert queries.readings(1, APRIL, "C1")["E1"].revision == 2


def test_a_value_captured_while_somebody_typed_is_told_and_the_rest_is_kept(
    app: Flask, client_as: Callable[[str], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = client_as("c1.reporter")
    look = queries.judge

    def captured_meanwhile(*args: Any, **more: Any) -> Any:
        found = look(*args, **more)
        capture("E1", "61")
        return found

    monkeypatch.setattr(queries, "judge", captured_meanwhile)
    lines = send(client, **{"value-E1": "62", "seen-E1": "0", "value-E2": "400", "seen-E2": "0"}).json["lines"]
    assert (lines["E1"]["status"], lines["E1"]["shown"]) == ("refused", "61")
    assert (lines["E2"]["status"], lines["E2"]["shown"]) == ("saved", "400")
    assert "以采集值61为准" in lines["E1"]["remarks"]


def test_each_value_is_judged_by_itself(inside: Flask) -> None:
    file({"E1": "60"})
    file({"E1": "61"}, seen=1, who="office")
    typed = {"E1": ("62", 1), "E2": ("abc", 0), "E3": ("５０", 0), "E4": ("", 0), "XX": ("1", 0)}
    judged = queries.judge(1, APRIL, "C1", typed, now=CLOCK)
    assert {code: one.text for code, (one, _) in judged.entries.items()} == {"E3": "50"}
    assert set(judged.troubles) == {"E1", "E2"}
    assert judged.changed == {"E1"}
    assert str(judged.troubles["E1"].numbers["person"]) == "Office"
    # A whole form brings back what its author never touched: that is no wish to change anything.
    assert not queries.judge(1, APRIL, "C1", {"E1": ("60", 1)}, now=CLOCK, whole=True).troubles
    assert queries.judge(1, APRIL, "C1", {"E1": ("60", 1)}, now=CLOCK).changed == {"E1"}


def send(client: Client, **data: Any) -> Any:
    found = re.search(r'name="csrf-token" content="([^"]+)"', client.get(PATH).get_data(as_text=True))
    assert found
    return client.post(PATH, data=data, headers={"Accept": "application/json", "X-CSRFToken": found[1]})


def test_a_cell_is_saved_and_answered_with_what_is_said_of_it(app: Flask, client_as: Callable[[str], Client]) -> None:
    client = client_as("c1.reporter")
    answer = send(client, **{"value-E1": "12", "seen-E1": "0", "value-E2": "1.5", "seen-E2": "0"})
    assert answer.status_code == 200
    lines = answer.json["lines"]
    assert (lines["E1"]["status"], lines["E1"]["revision"], lines["E1"]["shown"]) == ("saved", 1, "12")
    assert lines["E2"]["status"] == "refused"
    assert "fault-E2" in lines["E2"]["remarks"]
    # The same again, as after an answer that was lost, is saved and changes nothing.
    again = send(client, **{"value-E1": "12", "seen-E1": "0"}).json["lines"]["E1"]
    assert (again["status"], again["revision"]) == ("saved", 1)
    changed = send(client, **{"value-E1": "13", "seen-E1": "0"}).json["lines"]["E1"]
    assert (changed["status"], changed["shown"], changed["revision"]) == ("changed", "12", 1)
    with app.app_context():
        assert queries.readings(1, APRIL, "C1")["E1"].value == Decimal(12)
        db.session.remove()


def test_an_explanation_is_saved_with_the_value_that_it_explains(
    app: Flask, client_as: Callable[[str], Client]
) -> None:
    with app.app_context():
        adopt()
        db.session.remove()
    client = client_as("c1.reporter")
    send(client, **{"value-G001": "700", "seen-G001": "0"})
    short = send(client, **{"explain-G001": "太短"}).json
    assert "G001" in short["told"]
    kept = send(client, **{"explain-G001": TEXT}).json
    assert (kept["told"], kept["lines"]["G001"]["waits"]) == ({}, 0)
    send(client, **{"explain-G001": TEXT})
    with app.app_context():
        assert queries.explanations(1, APRIL, "C1")["G001"].value == "700"
        db.session.remove()


def test_a_closed_filing_refuses_a_cell_with_the_way_out(app: Flask, client_as: Callable[[str], Client]) -> None:
    client = client_as("c1.reporter")
    app.config["CLOCK"] = lambda: at(1, 6)
    client = client_as("c1.reporter")
    answer = send(client, **{"value-E1": "12", "seen-E1": "0"})
    assert answer.json["lines"]["E1"]["status"] == "refused"
    with app.app_context():
        assert queries.readings(1, APRIL, "C1") == {}
        db.session.remove()


@pytest.mark.parametrize("headers", [{}, {"X-CSRFToken": "wrong"}])
def test_a_cell_without_the_token_of_its_page_is_refused(
    client_as: Callable[[str], Client], headers: dict[str, str]
) -> None:
    client = client_as("c1.reporter")
    answer = client.post(PATH, data={"value-E1": "1"}, headers={"Accept": "application/json", **headers})
    assert answer.status_code == 400
