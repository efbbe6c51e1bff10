from decimal import Decimal
from typing import Any

import pytest

from alliance.core.formula import CALLS
from alliance.core.period import PeriodKind
from alliance.core.refused import Problem, Refused
from alliance.indicators.rules.definitions import KINDS, Element, Words
from alliance.indicators.rules.faults import check_library
from alliance.indicators.rules.libraries import read_library
from tests.core.example import cases, read

D = Decimal
SOUND = {key: rows for key, rows in read("indicators", "definitions").items() if key != "case"}


def with_rows(case: dict[str, Any]) -> dict[str, Any]:
    """The sound library with the rows of a case: one row changes that of its code, a list of rows is added."""
    data = {what: [dict(row) for row in rows] for what, rows in SOUND.items()}
    for what, rows in data.items():
        put = case.get(what, [])
        if isinstance(put, dict) and what != "dimension":
            for row in rows:
                if row["code"] == put["code"]:
                    row.update(put)
                    put = []
                    break
        rows += [{"name_zh": "名", "name_en": "name", **row} for row in (put if isinstance(put, list) else [put])]
    return data


def test_the_sound_library_is_sound():
    library = read_library(SOUND)
    assert check_library(library) == []
    assert library.elements["R"] == Element("R", Words("参照", "reference"), Words("%"), places=2)
    assert library.indicators["RATE"].elements == ("A", "B")


@pytest.mark.parametrize("case", cases("indicators", "definitions"))
def test_each_fault_is_found_and_nothing_else(case):
    with pytest.raises(Refused) as refused:
        read_library(with_rows(case))
    where, value, message = case["problem"]
    assert [(one.where, one.value, one.message) for one in refused.value.problems] == [(where, value, message)]


def test_all_faults_are_told_at_once():
    data = with_rows({"element": [{"code": "C", "mode": "guessed"}, {"code": "D", "name_en": ""}]})
    with pytest.raises(Refused, match="has 2 errors"):
        read_library(data)


def test_every_kind_is_refused_when_it_is_incomplete():
    reason = "this kind of indicator lacks something it is computed from"
    lacking = {case["problem"][1] for case in read("indicators", "definitions")["case"] if case["problem"][2] == reason}
    assert lacking == set(KINDS)


@pytest.mark.parametrize("word", [*CALLS, "None", "and", "lambda"])
def test_words_of_formulas_are_no_codes(word):
    with pytest.raises(Refused, match="meaning in formulas"):
        read_library(with_rows({"element": {"code": word}}))


def test_numbers_come_as_text_as_decimals_or_whole():
    row = {
        "code": "N",
        "kind": "sum",
        "terms": ["A"],
        "factor": D("0.10"),
        "tolerance": 0,
        "target": "15",
        "places": "3",
    }
    row |= {"band": [D("15"), "25"]}
    found = read_library(with_rows({"indicator": row})).indicators["N"]
    assert (found.factor, found.tolerance, found.target, found.places) == (D("0.1"), 0, 15, 3)
    assert found.band == (15, 25)


def test_what_is_left_out_has_a_default():
    found = read_library(with_rows({"indicator": {"code": "N", "kind": "sum", "terms": ["A"]}})).indicators["N"]
    assert (found.factor, found.tolerance, found.places, found.back, found.direction) == (1, 10, 2, "year", "higher")
    element = read_library(SOUND).elements["A"]
    assert (element.frequency, element.aggregation, element.external) == (PeriodKind.MONTH, "flow", False)


def test_terms_carry_their_signs():
    found = read_library(with_rows({"indicator": {"code": "N", "kind": "sum", "terms": ["+A", "-B"]}})).indicators["N"]
    assert found.numerator == ((1, "A"), (-1, "B"))


def test_what_an_indicator_refers_to():
    rows = [
        {"code": "N", "kind": "difference", "indicator": "RATE", "external": "R"},
        {"code": "O", "kind": "agreement_with_lead", "indicators": ["RATE", "N"]},
    ]
    found = read_library(with_rows({"indicator": rows})).indicators
    assert (found["N"].refers_to, found["N"].elements) == (("RATE",), ("R",))
    assert found["O"].refers_to == ("RATE", "N")


def test_a_problem_says_where_it_stands():
    assert Problem("A", "b", "c").numbers == {}
