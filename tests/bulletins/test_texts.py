"""The texts of a draft are edited by one at a time and until the decision; who wrote them approves nothing."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from alliance.audit import queries as audit
from alliance.bulletins import queries, services
from alliance.core.refused import Forbidden, Refused
from alliance.core.roles import Grant, scope_of
from alliance.evaluation import services as evaluation
from tests.conftest import Client
from tests.small import at, by, decide

Q1, HERE = "2026Q1", "/bulletins/bulletins"
HONOUR = {
    "code": "C1", "name": "", "award": "协同标兵单位", "award_en": "", "reason": "闭环率居首", "reason_en": ""
}  # fmt: skip
CASE = {"code": "C1", "title": "一张转诊单", "title_en": "", "text": "三方签收。\n\n漏访提醒。", "text_en": ""}


@pytest.fixture
def number(app: Flask) -> str:
    """The number of a draft."""
    with app.app_context():
        evaluation.compute_run(1, Q1, by=by("office"), now=at(20))
        return services.compose_bulletin(1, Q1, "开头", by=by("office"), now=at(23))


def draft(number: str) -> queries.BulletinInfo:
    found = queries.bulletin(scope_of("office", "H1", [Grant("office", 1, "")], 1), number)
    assert found is not None
    return found


def edited(number: str, account: str = "office2", **texts: Any) -> None:
    seen = texts.pop("seen", draft(number).sha256)
    services.edit_bulletin(1, number, texts.pop("foreword", "新的"), seen=seen, by=by(account), now=at(24), **texts)


def test_editing_changes_the_words_and_no_number(app: Flask, number: str) -> None:
    with app.app_context():
        before = draft(number)
        edited(number, reference=" 小医〔2026〕1号 ", honours=[HONOUR], cases=[CASE])
        after = draft(number)
        assert (after.content["foreword"], after.content["reference"]) == ("新的", "小医〔2026〕1号")
        assert (after.content["honours"], after.content["cases"]) == ([HONOUR], [CASE])
        assert after.content["rows"] == before.content["rows"]
        assert after.edited_at == at(24)
        event = audit.events_on(1, [f"bulletin:{number}"])[-1]
        assert (event.act, event.detail["sha256"]) == ("bulletins:bulletin:edit", after.sha256)


def test_nothing_changed_is_no_event(app: Flask, number: str) -> None:
    with app.app_context():
        edited(number, foreword="开头")
        assert draft(number).edited_at is None


def test_whoever_read_an_older_draft_overwrites_nothing(app: Flask, number: str) -> None:
    with app.app_context():
        seen = draft(number).sha256
        edited(number, foreword="先到")
        with pytest.raises(Refused, match="Somebody else changed this draft"):
            edited(number, foreword="后到", seen=seen)
        assert draft(number).content["foreword"] == "先到"


def test_whoever_edited_a_draft_does_not_approve_it(app: Flask, number: str) -> None:
    with app.app_context():
        edited(number, "chair")
        decide(1, "2026-020", f"bulletin:{number}", at(25))
        with pytest.raises(Forbidden):
            services.decide_bulletin(1, number, decision="2026-020", by=by("chair"), now=at(25))


def test_a_decision_from_before_a_change_is_none(app: Flask, number: str) -> None:
    with app.app_context():
        decide(1, "2026-020", f"bulletin:{number}", at(22))
        edited(number)
        with pytest.raises(Refused):
            services.decide_bulletin(1, number, decision="2026-020", by=by("chair"), now=at(25))


def test_what_is_decided_is_edited_no_more(app: Flask, number: str) -> None:
    with app.app_context():
        decide(1, "2026-020", f"bulletin:{number}", at(24))
        services.decide_bulletin(1, number, decision="2026-020", by=by("chair"), now=at(24))
        with pytest.raises(Refused, match="stays as it is"):
            edited(number)


@pytest.mark.parametrize(
    "texts",
    [
        {"honours": [HONOUR | {"code": "X9"}]}, {"honours": [HONOUR | {"code": ""}]},
        {"honours": [HONOUR | {"award": " "}]}, {"honours": [HONOUR | {"reason": ""}]},
        {"cases": [CASE | {"title": ""}]}, {"cases": [CASE | {"text": "长" * 10_000}]},
    ],
)  # fmt: skip
def test_honours_and_cases_that_are_not_whole_are_refused(app: Flask, number: str, texts: dict[str, Any]) -> None:
    with app.app_context(), pytest.raises(Refused, match="not whole") as refusal:
        edited(number, **texts)
    assert len(refusal.value.problems) == 1


def test_the_form_brings_back_what_stands_and_takes_out_what_is_emptied(
    client_as: Any, app: Flask, number: str
) -> None:
    with app.app_context():
        edited(number, honours=[HONOUR])
        seen = draft(number).sha256
    office: Client = client_as("office")
    page = office.get(f"{HERE}/edit/{number}").get_data(as_text=True)
    assert "协同标兵单位" in page
    assert seen in page
    emptied = {f"honours-0-{key}": "" for key in HONOUR}
    answer = office.send(f"{HERE}/edit/{number}", foreword="定稿", seen=seen, **emptied)
    assert answer.location == f"{HERE}/read/{number}"
    with app.app_context():
        assert (draft(number).content["foreword"], draft(number).content["honours"]) == ("定稿", [])
    assert office.send(f"{HERE}/edit/{number}", foreword="旧页", seen=seen).status_code == 422
