"""A diagnosis is found by its name: while it is typed, by choice without script, and beside its code on each page."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta

import pypdfium2
import pytest
from flask import Flask

from alliance.core.diagnoses import Diagnosis, system_of
from alliance.db import db
from alliance.indicators import queries as indicators
from alliance.indicators import services
from alliance.indicators.rules.codes import Term
from alliance.registers.rules.diagnoses import meant
from tests.conftest import Client
from tests.registers.referring import file
from tests.registers.test_course_pages import STARTING
from tests.registers.test_referral_pages import TYPED, text_of
from tests.small import CLOCK, at, by

GRADE_3 = Term("I10.x05", "高血压3级", "Hypertension, grade 3")
TERMS = (
    Term("I10.x00", "特发性（原发性）高血压", "Essential (primary) hypertension"),
    GRADE_3,
    Term("E11.900", "2型糖尿病", "Type 2 diabetes mellitus"),
)
FILE = "/registers/referrals/file/C1"


def keep(terms: tuple[Term, ...] = TERMS, version: str = "2.0", start: date = date(2026, 1, 1)) -> None:
    """A version of the alliance's code system of diagnoses."""
    head = services.CodeSystemHead("ICD-10-CN", version, "疾病分类", "Diseases", "国家卫生健康委", start)
    services.import_codesystem(1, head, terms, by=by("office"), now=at(10, 5))


@pytest.fixture
def known(app: Flask) -> None:
    with app.app_context():
        keep()
        db.session.remove()


def found(search: str, on: date = date(2026, 5, 1)) -> list[str]:
    return [one.code for one in indicators.find_diagnoses(1, search, on, 12)]


def test_a_code_system_tells_diagnoses_by_its_name() -> None:
    assert [system_of(code) for code in ("ICD-10", "icd-10-cn", "ICD-11", "LOINC", "ICD-9-CM-3")] == [
        "ICD-10", "ICD-10", "ICD-11", "", "",
    ]  # fmt: skip


def test_only_a_whole_code_or_name_is_taken_without_a_choice() -> None:
    one, other = (Diagnosis("ICD-10", "2.0", term.code, term.name_zh, term.name_en) for term in TERMS[:2])
    for text in ("i10.X05", "I10.x05 高血压3级", "高血压３级", " Hypertension,  Grade 3 "):
        assert meant(text, [one, other]) == other, text
    assert meant("高血压", [other]) is None  # one fits, and is not said
    assert meant("I10.x05 糖尿病", [one, other]) is None


def test_words_find_diagnoses_in_the_versions_that_hold(inside: Flask) -> None:
    keep()
    assert found("高血压") == ["I10.x05", "I10.x00"]  # what begins with it first
    assert found("i10.X") == ["I10.x05", "I10.x00"]
    assert found("I10.x05 高血压3级") == ["I10.x05"]
    assert found("diabetes 2") == ["E11.900"]
    assert found("%") == found(" ") == []
    keep((Term("I10.x06", "高血压3级（极高危）"),), "3.0", date(2026, 4, 1))
    assert found("高血压") == ["I10.x06"]
    assert found("高血压", date(2026, 3, 31)) == ["I10.x05", "I10.x00"]
    # What was filed under the older version keeps its name.
    named = indicators.named_diagnoses(1, [("ICD-10", "I10.X05"), ("ICD-11", "BA00")])
    assert [(place, one.name_zh, one.version) for place, one in named.items()] == [
        (("ICD-10", "I10.X05"), "高血压3级", "2.0")
    ]
    assert indicators.named_diagnoses(2, [("ICD-10", "I10.x05")]) == {}
    assert indicators.find_diagnoses(2, "高血压", date(2026, 5, 1), 12) == []


@pytest.mark.usefixtures("known")
def test_a_referral_is_filed_by_the_name_of_its_diagnosis(client_as: Callable[[str], Client]) -> None:
    clerk = client_as("c1.reporter")
    assert clerk.get("/registers/diagnoses/list?search=高血压").get_json() == {
        "found": ["I10.x05 高血压3级", "I10.x00 特发性（原发性）高血压"]
    }
    answer = clerk.send(FILE, **{**TYPED, "diagnosis": "高血压3级", "system_version": "1"})
    assert answer.status_code == 302
    page = text_of(clerk, answer.location)
    assert re.search("I10.x05</span> 高血压3级 <span[^>]*>ICD-10 2.0", page)
    # From now on it is offered before anything is typed.
    assert '<option value="I10.x05 高血压3级">' in text_of(clerk, FILE)


@pytest.mark.usefixtures("known")
def test_without_script_a_word_leads_to_a_choice(client_as: Callable[[str], Client]) -> None:
    clerk = client_as("c1.reporter")
    answer = clerk.send(FILE, **{**TYPED, "diagnosis": "高血压"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert 'href="#diagnosis"' in page
    assert page.count('name="match"') == 2
    assert "patient_name" in page
    # A choice stands even where something else is wrong.
    wrong = clerk.send(FILE, **{**TYPED, "diagnosis": "高血压", "match": "I10.x00", "patient_phone": "12"})
    assert 'value="I10.x00 特发性（原发性）高血压"' in wrong.get_data(as_text=True)
    assert 'name="match"' not in wrong.get_data(as_text=True)
    answer = clerk.send(FILE, **{**TYPED, "diagnosis": "高血压", "match": "I10.x00"})
    assert "特发性（原发性）高血压" in text_of(clerk, answer.location)
    # A choice of another word is none.
    assert clerk.send(FILE, **{**TYPED, "diagnosis": "糖尿病", "match": "I10.x00"}).status_code == 422


@pytest.mark.usefixtures("known")
def test_a_code_with_another_name_or_no_code_is_refused(client_as: Callable[[str], Client]) -> None:
    clerk = client_as("c1.reporter")
    for text in ("I10.x05 糖尿病", "不存在的病", "x", "高" * 201):
        answer = clerk.send(FILE, **{**TYPED, "diagnosis": text})
        assert answer.status_code == 422, text
        assert 'href="#diagnosis"' in answer.get_data(as_text=True), text
    # A code that the list lacks is taken as it is.
    answer = clerk.send(FILE, **{**TYPED, "diagnosis": "k80.200"})
    assert "K80.200</span> <span" in text_of(clerk, answer.location)


@pytest.mark.usefixtures("known")
def test_the_name_stands_beside_the_code_wherever_a_referral_is_read(
    app: Flask, client_as: Callable[[str], Client]
) -> None:  # fmt: skip
    with app.app_context():
        number = file(1, "C1", "H1", CLOCK - timedelta(hours=1))
        db.session.remove()
    hospital = client_as("h1.reporter")
    for path in ("referrals/list", f"referrals/read/{number}", f"referrals/decline/{number}"):
        assert GRADE_3.name_zh in text_of(hospital, f"/registers/{path}"), path
    paper = hospital.get(f"/registers/referrals/download/{number}/zh").data
    document = pypdfium2.PdfDocument(paper)
    assert GRADE_3.name_zh in document[0].get_textpage().get_text_range()
    document.close()


@pytest.mark.usefixtures("known")
def test_a_pathway_case_is_started_by_the_name_of_its_diagnosis(client_as: Callable[[str], Client]) -> None:
    clerk = client_as("c1.reporter")
    path = "/registers/courses/start/C1"
    assert clerk.send(path, **{**STARTING, "diagnosis": "diabetes"}).status_code == 422
    answer = clerk.send(path, **{**STARTING, "diagnosis": "2型糖尿病"})
    assert answer.status_code == 302, answer.get_data(as_text=True)
    assert re.search("E11.900</span> 2型糖尿病", text_of(clerk, answer.location))
    assert "2型糖尿病" in text_of(clerk, "/registers/courses/list")
