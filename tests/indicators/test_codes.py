"""Code systems: versions never change, mappings are dated, a file is checked before it is applied."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from io import BytesIO

import pytest
from flask import Flask

from alliance.core.refused import Refused
from alliance.indicators import queries, services, sheets
from alliance.indicators.rules.codes import Pair, Term
from tests.conftest import Client
from tests.small import at, by

JANUARY, JULY = date(2026, 1, 1), date(2026, 7, 1)
TERMS = "编码,名称,英文名称\nI10,原发性高血压,Essential hypertension\nE11,2型糖尿病,Type 2 diabetes\n"
NATIONAL, WHO = ("ICD-10-CN", "2.0"), ("ICD-11", "2025")


def head(place: tuple[str, str]) -> services.CodeSystemHead:
    return services.CodeSystemHead(*place, f"{place[0]}名", f"{place[0]} name", "国家卫生健康委", JANUARY)


def codes(text: str = TERMS, place: tuple[str, str] = NATIONAL) -> int:
    rows = sheets.read_terms(text.encode("gb18030"), "codes.csv")
    return services.import_codesystem(1, head(place), rows, by=by("office"), now=at(10, 5))


def both() -> None:
    codes()
    codes("code,name_zh\nBA00,原发性高血压\n5A11,2型糖尿病\n5A14,糖尿病\n", WHO)


def pairs(rows: list[Pair], start: date = JANUARY) -> int:
    return services.import_mapping(1, NATIONAL, WHO, start, rows, by=by("office"), now=at(10, 5))


def systems() -> tuple[queries.CodeSystemInfo, queries.CodeSystemInfo]:
    one, other = queries.code_system(1, *NATIONAL), queries.code_system(1, *WHO)
    assert one
    assert other
    return one, other


def test_codes_are_imported_once_and_found_by_code_and_name(inside: Flask) -> None:
    assert codes() == 2
    assert codes() == 0
    system = queries.code_system(1, *NATIONAL)
    assert system
    assert system.terms == 2
    assert [one.code for one in queries.terms(system, "i1")] == ["I10"]
    assert [one.code for one in queries.terms(system, "糖尿")] == ["E11"]
    assert [one.code for one in queries.terms(system, "%")] == []
    assert codes(TERMS + "J44,慢性阻塞性肺疾病,COPD\n") == 1


def test_a_code_never_changes_its_meaning_within_a_version(inside: Flask) -> None:
    codes()
    with pytest.raises(Refused) as caught:
        codes("code,name_zh\nI10,高血压病\nZ00,\nZ00,体检\n")
    assert [problem.where for problem in caught.value.problems] == ["Z00", "I10", "Z00"]
    assert codes("code,name_zh\nI10,高血压病\n", ("ICD-10-CN", "3.0")) == 1


def test_a_mapping_holds_from_its_day(inside: Flask) -> None:
    both()
    assert pairs([Pair("I10", "BA00"), Pair("E11", "5A11")]) == 2
    assert pairs([Pair("I10", "BA00"), Pair("E11", "5A11")]) == 0
    assert pairs([Pair("E11", "5A14"), Pair("I10", "")], JULY) == 2
    one, other = systems()
    assert queries.mapped(one, other, date(2026, 6, 30)) == {"I10": "BA00", "E11": "5A11"}
    assert queries.mapped(one, other, JULY) == {"E11": "5A14"}
    rows = queries.mappings(1, one, "E11")
    assert [(row.target, row.valid_from, row.until) for row in rows] == [
        ("5A14", JULY, None), ("5A11", JANUARY, JULY),
    ]  # fmt: skip


def test_a_mapping_of_unknown_codes_or_written_over_is_refused(inside: Flask) -> None:
    both()
    pairs([Pair("I10", "BA00")])
    with pytest.raises(Refused) as caught:
        pairs([Pair("X9", "BA00"), Pair("E11", "ZZ"), Pair("I10", "5A11")])
    assert [problem.value for problem in caught.value.problems] == ["X9", "ZZ", "5A11"]
    with pytest.raises(Refused, match="not mapped to itself"):
        services.import_mapping(1, WHO, WHO, JULY, [], by=by("office"), now=at(10, 5))


def test_a_check_on_the_page_changes_nothing_and_applying_does(client_as: Callable[[str], Client]) -> None:
    client = client_as("office")

    def send(**buttons: str) -> int:
        return client.send(
            "/indicators/codesystems/import",
            code="ICD-10-CN", version="2.0", name_zh="疾病分类", name_en="Diseases", source="国家卫生健康委",
            valid_from="2026-01-01", file=(BytesIO(TERMS.encode()), "codes.csv"), **buttons,
        ).status_code  # fmt: skip

    assert send(check="1", once="c1") == 200
    assert client.get("/indicators/codesystems/read/ICD-10-CN/2.0").status_code == 404
    assert send(apply="1", once="c2") == 302
    text = client_as("c1.reporter").get("/indicators/codesystems/read/ICD-10-CN/2.0?search=E11").get_data(as_text=True)
    assert "2型糖尿病" in text
    assert "原发性高血压" not in text
    assert client_as("c1.reporter").get("/indicators/codesystems/list").status_code == 200


def test_terms_are_plain_data() -> None:
    assert sheets.read_terms(b"code,name_zh\nA00, x \n", "a.csv") == [Term("A00", "x", "")]
