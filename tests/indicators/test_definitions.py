"""Definitions: adopted once, never edited, in versions that hold from a day; old results keep the old one."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from alliance.audit import queries as audit
from alliance.core.actor import Actor
from alliance.core.refused import AlreadyDone, Refused
from alliance.db import db
from alliance.evaluation import queries as evaluation
from alliance.evaluation import services as scoring
from alliance.indicators import queries, services
from alliance.indicators.models import Definition
from alliance.indicators.rules.versions import differences, flat, spec_of
from tests.conftest import Client
from tests.small import LIBRARY, at, by

WHY = "依据2026年第3号文件，分母改为出院与随访之和。"
JULY = date(2026, 7, 1)


def count() -> int:
    return db.session.scalar(select(func.count()).select_from(Definition)) or 0


def spec(code: str = "I1", **more: Any) -> dict[str, Any]:
    row = next(one for one in LIBRARY["indicator"] if one["code"] == code)
    return {**row, **more}


def define(row: dict[str, Any], seen: int = 1, start: date = JULY, cause: str = "policy", text: str = WHY) -> int:
    return services.define_indicator(1, row, seen, start, cause, text, by=by("office"), now=at(10, 5))


def load(code: str, codes: list[str] | None = None, start: date = JULY) -> int:
    return services.load_library(1, queries.shipped_library(code), codes, start, by=by("office"), now=at(10, 5))


def test_adopting_twice_changes_nothing(inside: Flask) -> None:
    before = count()
    assert load("county_2024") == 5 + 25 + 18
    assert load("county_2024") == 0
    assert count() == before + 48
    assert queries.adoption(1, "county_2024").empty


def test_all_shipped_libraries_can_be_adopted_together(inside: Flask) -> None:
    for code in queries.SHIPPED:
        load(code)
    known = queries.library(1, queries.NEWEST)
    assert len(known.indicators) == 2 + 66 + 66 + 18 + 17 + 20 + 19
    assert known.indicators["C04"].mark == "verified"
    assert known.elements["E001"].library == "five_dimensions"


def test_a_chosen_indicator_brings_what_it_rests_on(inside: Flask) -> None:
    found = queries.adoption(1, "county_2024", ["C06"])
    assert [one.code for one in found.indicators] == ["C06P", "C06L", "C06"]
    assert found.needs == {"C06P", "C06L"}
    assert [one.code for one in found.elements] == ["CE10", "CE11", "CE12", "CE13"]
    assert load("county_2024", ["C06"]) == 1 + 4 + 3
    # A weight comes along too, and elements of another library.
    weighed = queries.adoption(1, "balanced_scorecard", ["B208"])
    assert {one.code for one in weighed.elements} == {"E037", "BE023"}


def test_what_is_adopted_is_due_from_its_day_and_not_before(inside: Flask) -> None:
    load("community", ["P19"])
    assert "PE26" not in queries.library(1, date(2026, 6, 30)).elements
    assert "PE26" in queries.library(1, JULY).elements


def test_what_the_alliance_writes_otherwise_stays(inside: Flask) -> None:
    load("county_2024", ["C04"])
    row = {**next(one for one in queries.shipped_library("county_2024")["indicator"] if one["code"] == "C04")}
    row |= {"factor": "1000"}
    services.define_indicator(1, row, 1, date(2026, 8, 1), "need", WHY, by=by("office"), now=at(10, 5))
    found = queries.adoption(1, "county_2024", ["C04"])
    assert [one.field for one in found.other["C04"]] == ["factor"]
    assert load("county_2024", ["C04"]) == 0
    one = queries.library(1, queries.NEWEST).indicators["C04"]
    assert (one.factor, one.mark, one.version) == (Decimal(1000), "own", 2)


def test_a_new_version_holds_from_its_day_and_the_old_one_before(inside: Flask) -> None:
    assert define(spec(denominator=["E2", "E4"])) == 2
    old, new = queries.library(1, date(2026, 6, 30)).indicators["I1"], queries.library(1, JULY).indicators["I1"]
    assert [code for _, code in old.denominator] == ["E2"]
    assert [code for _, code in new.denominator] == ["E2", "E4"]
    versions = queries.versions(1, "indicator", "I1")
    assert [(one.version, one.valid_from, one.until, one.cause) for one in versions] == [
        (2, JULY, None, "policy"), (1, date.min, JULY, ""),
    ]  # fmt: skip
    assert [(one.field, one.before, one.after) for one in versions[0].changes] == [("denominator", "E2", "E2 + E4")]
    events = audit.events_on(1, ["indicator:I1"])
    assert (events[-1].act, events[-1].detail["version"]) == ("indicators:indicator:define", 2)


def test_a_past_period_is_scored_by_the_version_that_held_then(inside: Flask) -> None:
    info = evaluation.scheme_info(1, "2026", 1)
    assert info
    before = evaluation.work_out(1, "2026Q1", info)
    define(spec(denominator=["E2", "E4"]))
    after = evaluation.work_out(1, "2026Q1", info)
    assert [card.score.value for card in after.cards if card.score] == [
        card.score.value for card in before.cards if card.score
    ]
    clauses = {figure.kind.clause for figure in after.figures} | {
        part.kind.clause for figure in after.figures for _, part in figure.inputs
    }
    assert "small I1 v2" not in clauses
    later = queries.filed(1, "2026Q3", {"C1": ["I1"]}, {}, {}).values().values["C1", "I1"]
    assert later.kind.clause == "small I1 v2"


def test_a_version_cannot_begin_in_a_scored_period(inside: Flask) -> None:
    scoring.compute_run(1, "2026Q1", by=by("office"), now=at(10, 5))
    with pytest.raises(Refused, match="is scored already"):
        define(spec(factor="1000"), start=date(2026, 3, 1))
    assert define(spec(factor="1000"), start=date(2026, 4, 1)) == 2


@pytest.mark.parametrize(
    ("more", "start", "cause", "text", "said"),
    [
        ({}, JULY, "policy", WHY, "Nothing differs"),
        ({"factor": "1"}, date(2026, 7, 2), "policy", WHY, "first day"),
        ({"factor": "1"}, JULY, "", WHY, "cause"),
        ({"factor": "1"}, JULY, "policy", "短", "at least"),
        ({"denominator": ["E99"]}, JULY, "policy", WHY, "has 1 error"),
        ({"factor": "many"}, JULY, "policy", WHY, "has 1 error"),
        ({"unit_zh": "", "dimension": "nowhere"}, JULY, "policy", WHY, "has 1 error"),
    ],
)
def test_what_is_refused(inside: Flask, more: Any, start: date, cause: str, text: str, said: str) -> None:
    before = count()
    with pytest.raises(Refused, match=said):
        define(spec(**more), start=start, cause=cause, text=text)
    assert count() == before


def test_a_circle_between_versions_is_refused_with_the_way_round(inside: Flask) -> None:
    define(
        {**spec(code="I1"), "code": "X1", "kind": "growth", "indicator": "I2", "numerator": [], "denominator": []}, 0
    )
    with pytest.raises(Refused) as caught:
        define({**spec("I2"), "kind": "growth", "indicator": "X1", "numerator": [], "denominator": []})
    assert [problem.value for problem in caught.value.problems] == ["I2 → X1 → I2"]


def test_mixed_units_are_refused(inside: Flask) -> None:
    row = {"code": "E9", "name_zh": "费用", "name_en": "Cost", "unit_zh": "元", "unit_en": "CNY"}
    services.define_element(1, row, 0, JULY, "need", WHY, by=by("office"), now=at(10, 5))
    with pytest.raises(Refused) as caught:
        define(spec(denominator=["E2", "E9"]))
    assert [problem.message for problem in caught.value.problems] == [
        "things of different units cannot be added or subtracted"
    ]


def test_two_authors_at_once_are_told(inside: Flask) -> None:
    define(spec(factor="1000"))
    with pytest.raises(Refused, match="somebody else"):
        define(spec(factor="10"), seen=1, start=date(2026, 8, 1))


def test_a_version_begins_after_the_one_before(inside: Flask) -> None:
    define(spec(factor="1000"))
    with pytest.raises(Refused, match="later day"):
        define(spec(factor="10"), seen=2, start=JULY)


@pytest.mark.parametrize("code", queries.SHIPPED)
def test_every_shipped_definition_survives_being_typed_again(code: str) -> None:
    known = queries.shipped(code)
    for what, items in (("element", known.elements), ("indicator", known.indicators)):
        for one in items.values():  # type: ignore[attr-defined]
            assert differences(one, queries.alone(what, spec_of(flat(one)))) == []


OPEN = (
    "/indicators/indicators/list?tag=collaboration&kind=ratio&used=yes", "/indicators/indicators/read/I1",
    "/indicators/elements/list?search=E1", "/indicators/elements/read/E1", "/indicators/standards/read?period=2026Q2",
)  # fmt: skip


@pytest.mark.parametrize("path", OPEN)
def test_the_pages_of_definitions_are_open_to_a_reporter(client_as: Callable[[str], Client], path: str) -> None:
    answer = client_as("c1.reporter").get(path)
    assert answer.status_code == 200


def test_an_indicator_says_where_it_is_used(client_as: Callable[[str], Client]) -> None:
    text = client_as("c1.reporter").get("/indicators/indicators/read/I1").get_data(as_text=True)
    assert "小方案" in text
    assert "转诊人次" in text


def test_filters_narrow_the_list(client_as: Callable[[str], Client]) -> None:
    client = client_as("office")
    text = client.get("/indicators/indicators/list?search=I2").get_data(as_text=True)
    assert "随访率" in text
    assert "转诊率" not in text
    assert "没有符合筛选条件" in client.get("/indicators/indicators/list?mark=verified").get_data(as_text=True)


def test_adopting_on_the_pages(client_as: Callable[[str], Client]) -> None:
    client = client_as("office")
    assert client.get("/indicators/libraries/read/county_2024").status_code == 200
    text = client.get("/indicators/libraries/load/county_2024?code=C06").get_data(as_text=True)
    assert "CE10" in text
    assert "2026-06-01" in text
    answer = client.send("/indicators/libraries/load/county_2024", code="C06", valid_from="2026-06-01", once="adopt-1")
    assert answer.status_code == 302
    assert client.get("/indicators/indicators/read/C06").status_code == 200


def test_a_new_version_is_shown_before_it_is_saved(client_as: Callable[[str], Client]) -> None:
    client = client_as("office")
    typed = {
        **flat(queries.alone("indicator", spec())),
        "tiers": ["primary", "secondary", "tertiary"], "tags": ["collaboration"], "denominator": "E2 + E4",
        "seen": "1", "valid_from": "2026-07-01", "cause": "finding", "cause_text": WHY,
    }  # fmt: skip
    where = "/indicators/indicators/define?code=I1"
    shown = client.send(where, **typed, check="1").get_data(as_text=True)
    assert "E2 + E4" in shown
    assert 'name="save"' in shown
    found = re.search(r'name="checked" value="(\w+)"', shown)
    assert found
    # What was typed after the check is shown first.
    other = client.send(where, **typed | {"denominator": "E4"}, save="1", checked=found[1])
    assert other.status_code == 200
    assert "第2版" not in client.get("/indicators/indicators/read/I1").get_data(as_text=True)
    assert client.send(where, **typed, save="1", checked=found[1], once="define-1").status_code == 302
    text = client.get("/indicators/indicators/read/I1").get_data(as_text=True)
    assert "第2版" in text
    assert "核查发现" in text
    again = typed | {"denominator": "E2 + E77", "seen": "2", "valid_from": "2026-08-01"}
    found = re.search(r'name="checked" value="(\w+)"', client.send(where, **again, check="1").get_data(as_text=True))
    assert found
    wrong = client.send(where, **again, save="1", checked=found[1])
    assert wrong.status_code == 422
    assert "E77" in wrong.get_data(as_text=True)


def test_the_same_form_is_done_once(inside: Flask) -> None:
    actor = Actor("office", "H1", once="token-9")
    services.define_indicator(1, spec(factor="10"), 1, JULY, "need", WHY, by=actor, now=at(10, 5))
    with pytest.raises(AlreadyDone):
        services.define_indicator(1, spec(factor="20"), 2, date(2026, 8, 1), "need", WHY, by=actor, now=at(10, 5))
