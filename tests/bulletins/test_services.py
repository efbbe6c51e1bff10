"""A bulletin from its scores to its frozen bytes: nobody alone, nothing changed later, every number as it was kept."""

from __future__ import annotations

import hashlib
import json
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from alliance.audit import queries as audit
from alliance.bulletins import queries, services
from alliance.bulletins.models import Bulletin, BulletinFile
from alliance.bulletins.views import document
from alliance.core.figure import canonical
from alliance.core.refused import Forbidden, NotFound, Refused
from alliance.core.roles import Grant, Scope, scope_of
from alliance.db import db
from alliance.evaluation import services as evaluation
from alliance.evaluation.models import SchemeRow
from alliance.funds import services as funds
from alliance.funds.services import TotalRow
from tests.bulletins.example import content as example
from tests.small import MEMBERS, SCHEME, at, by, decide

Q1 = "2026Q1"
PAPER = {"zh": "%PDF-1 中文".encode(), "en": b"%PDF-1 English"}


def reader(role: str = "office", institution: str = "") -> Scope:
    return scope_of(role, "H1", [Grant(role, 1, institution)], 1)


@pytest.fixture
def scored(inside: Flask) -> int:
    return evaluation.compute_run(1, Q1, by=by("office"), now=at(20))


@pytest.fixture
def shared(scored: int) -> int:
    """The number of a decided fund."""
    rows = [TotalRow(code, 10_000_000, None) for code in MEMBERS]
    funds.file_total(1, Q1, rows, "signed list", by=by("office"), now=at(20))
    number = funds.compute_fund(1, Q1, by=by("office"), now=at(21))
    decide(1, "2026-010", f"fund:{number}", at(22))
    funds.decide_fund(1, number, decision="2026-010", by=by("chair"), now=at(22))
    return number


def composed(text: str = "开头\n\n结尾") -> str:
    return services.compose_bulletin(1, Q1, text, foreword_en="First", by=by("office"), now=at(23))


def decided(number: str, decision: str = "2026-020") -> None:
    decide(1, decision, f"bulletin:{number}", at(24))
    services.decide_bulletin(1, number, decision=decision, by=by("chair"), now=at(24))


def issued(decision: str = "2026-020") -> str:
    number = composed()
    decided(number, decision)
    services.issue_bulletin(1, number, PAPER, by=by("office2"), now=at(25))
    return number


def content_of(number: str) -> dict[str, Any]:
    found = queries.bulletin(reader(), number)
    assert found is not None
    return dict(found.content)


def test_without_an_official_score_there_is_no_bulletin(inside: Flask) -> None:
    with pytest.raises(Refused, match="no official score"):
        composed()
    assert queries.bulletins(reader()) == []


def test_compose_bulletin_keeps_what_was_official(scored: int, shared: int) -> None:
    found = queries.bulletin(reader(), composed())
    assert found is not None
    assert (found.number, found.state, found.composed_by) == ("2026-01", "draft", "office")
    content = found.content
    assert (content["score_run"], content["fund"]["run"]) == (scored, shared)
    assert (content["foreword"], content["foreword_en"]) == ("开头\n\n结尾", "First")
    text = json.dumps(content, ensure_ascii=False, sort_keys=True)
    assert found.sha256 == hashlib.sha256(text.encode()).hexdigest()
    assert [event.act for event in audit.events_on(1, [f"bulletin:{found.number}"])] == ["bulletins:bulletin:compose"]


def test_a_content_has_the_shape_that_the_pages_are_tried_with(shared: int) -> None:
    def shape(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: shape(part) for key, part in value.items()}
        return type(value).__name__ if not isinstance(value, list) else "list"

    real, made = content_of(composed()), example()
    assert set(real) == set(made)
    for key in ("fund", "data"):
        assert shape(real[key]).keys() == shape(made[key]).keys()
    for key in ("rows", "tiers", "groups", "findings", "dimensions", "trend"):
        assert set(real[key][0]) == set(made[key][0]), key


def test_every_number_of_a_bulletin_is_a_kept_figure(scored: int, shared: int) -> None:
    content = content_of(composed())
    kept = {one.key: one for one in audit.load_run(scored)}
    money = {one.key: one for one in audit.load_run(shared)}
    for row in content["rows"]:
        code = row["code"]
        assert row["score"] == canonical(kept[f"{code}/score"].value)
        assert row["collaboration"] == canonical(kept[f"{code}/collaboration_score"].value)
        assert row["rank"] == (int(kept[f"{code}/rank"].value or 0) if f"{code}/rank" in kept else None)
        for part, key in (("paid_in", "paid_in"), ("received", "share"), ("net", "net")):
            assert row[part] == int((money[f"{code}/{key}"].value or 0) * 100)
    assert content["fund"]["pool"] == int((money[f"fund/{Q1}/pool"].value or 0) * 100)
    primary = next(one for one in content["tiers"] if one["code"] == "primary")
    assert primary["median"] == canonical(kept["primary/median"].value)


def test_the_fund_of_a_bulletin_adds_up(shared: int) -> None:
    fund = content_of(composed())["fund"]
    assert fund["paid_in"] + fund["other"] == fund["pool"] == fund["received"] + fund["reserve"]
    assert fund["net"] == fund["received"] - fund["paid_in"]


def test_a_bulletin_without_a_decided_fund_tells_of_none(scored: int) -> None:
    content = content_of(composed())
    assert content["fund"] is None
    assert {row["paid_in"] for row in content["rows"]} == {None}


def test_the_reasons_for_an_unusual_scheme_are_printed(scored: int) -> None:
    findings = content_of(composed())["findings"]
    assert findings
    assert {one["tier"] for one in findings} <= {"", *MEMBERS.values()}
    assert all(len(one["reason"]) >= 10 for one in findings)
    assert {one["weight"] for one in content_of("2026-01")["groups"]} == set(SCHEME["groups"].values())


def test_decide_bulletin_takes_another_person_and_an_adopted_decision_on_it(scored: int) -> None:
    number, other = composed(), composed()
    decide(1, "2026-020", f"bulletin:{number}", at(24))
    decide(1, "2026-021", f"bulletin:{other}", at(24))
    decide(1, "2026-022", f"bulletin:{number}", at(24), "against")
    with pytest.raises(Forbidden):
        services.decide_bulletin(1, number, decision="2026-020", by=by("office"), now=at(24))
    for decision in ("2026-021", "2026-022", "2026-099", ""):
        with pytest.raises(Refused):
            services.decide_bulletin(1, number, decision=decision, by=by("chair"), now=at(24))
    services.decide_bulletin(1, number, decision="2026-020", by=by("chair"), now=at(24))
    with pytest.raises(Refused, match="decided already"):
        services.decide_bulletin(1, number, decision="2026-020", by=by("judge"), now=at(24))


def test_a_decision_from_before_the_bulletin_was_composed_is_none_on_it(scored: int) -> None:
    number = composed()
    db.session.execute(update(Bulletin).values(composed_at=at(25)))
    db.session.commit()
    decide(1, "2026-020", f"bulletin:{number}", at(24))
    with pytest.raises(Refused, match="decide on it anew"):
        services.decide_bulletin(1, number, decision="2026-020", by=by("chair"), now=at(26))


def test_issue_bulletin_freezes_the_bytes_under_their_digest(scored: int) -> None:
    number = composed()
    with pytest.raises(Refused, match="must be decided"):
        services.issue_bulletin(1, number, PAPER, by=by("office"), now=at(25))
    decided(number)
    services.issue_bulletin(1, number, PAPER, by=by("office2"), now=at(25))
    for language, content in PAPER.items():
        assert queries.pdf(reader(), number, language) == (content, hashlib.sha256(content).hexdigest())
    assert queries.files(reader(), number) == {one: hashlib.sha256(paper).hexdigest() for one, paper in PAPER.items()}
    with pytest.raises(Refused, match="stays as it is"):
        services.issue_bulletin(1, number, {"zh": b"other"}, by=by("office"), now=at(26))
    assert db.session.query(BulletinFile).count() == 2
    assert queries.published_runs(1) == {scored}


def test_a_refused_issue_leaves_nothing_behind(scored: int) -> None:
    number = composed()
    with pytest.raises(Refused):
        services.issue_bulletin(1, number, PAPER, by=by("office"), now=at(25))
    assert db.session.query(BulletinFile).count() == 0
    assert queries.published_runs(1) == set()
    with pytest.raises(NotFound):
        services.issue_bulletin(1, "2026-77", PAPER, by=by("office"), now=at(25))


def test_members_know_of_issued_bulletins_only(scored: int) -> None:
    first = issued()
    second = composed()
    assert [one.number for one in queries.bulletins(reader())] == [second, first]
    member = reader("reporter", "C1")
    assert [one.number for one in queries.bulletins(member)] == [first]
    assert queries.bulletin(member, second) is None
    assert queries.bulletin(Scope(2), first) is None


def test_a_correction_is_a_new_bulletin_that_names_the_old(scored: int) -> None:
    first = issued()
    second, third = composed(), composed()
    assert content_of(second)["corrects"] == content_of(third)["corrects"] == first
    decided(second, "2026-021")
    services.issue_bulletin(1, second, PAPER, by=by("office"), now=at(26))
    old, late = queries.bulletin(reader(), first), queries.bulletin(reader(), third)
    assert old is not None
    assert late is not None
    assert queries.corrected_by(reader("reporter", "C1"), old) == second
    assert queries.is_outdated(1, late)
    with pytest.raises(Refused, match="compose it anew"):
        decided(third, "2026-022")


def scored_again() -> int:
    evaluation.enter_rating(1, Q1, "peers", "C1", Decimal(90), 12, "signed", by=by("office"), now=at(24))
    return evaluation.compute_run(1, Q1, by=by("office"), now=at(25))


def test_what_holds_no_more_is_neither_decided_nor_issued(scored: int) -> None:
    first, second = composed(), composed()
    decided(first)
    scored_again()
    with pytest.raises(Refused, match="compose it anew"):
        services.issue_bulletin(1, first, PAPER, by=by("office2"), now=at(26))
    with pytest.raises(Refused, match="compose it anew"):
        decided(second, "2026-021")
    assert queries.published_runs(1) == set()


def test_a_fund_shared_by_earlier_scores_says_so_and_keeps_its_own_terms(scored: int, shared: int) -> None:
    assert content_of(composed())["fund"]["scores"] == ""
    new = {**SCHEME, "fund": {**SCHEME["fund"], "rate": "20"}}
    evaluation.import_scheme(1, new, by=by("office"), now=at(22))
    db.session.execute(
        update(SchemeRow).where(SchemeRow.version == 2).values(decision="2026-001", decided_at=at(22))
    )  # as if it had been in force from the start: no decision changes weights backwards
    db.session.commit()
    scored_again()
    number = composed()
    fund = content_of(number)["fund"]
    assert (fund["run"], fund["rate"]) == (shared, "15")
    assert fund["scores"] == audit.read_run(scored, 1).digest  # type: ignore[union-attr]
    found = queries.bulletin(reader(), number)
    assert found is not None
    assert "The fund was decided by earlier scores" in document(found, "en")


def test_a_draft_is_outdated_once_the_period_is_scored_again(scored: int) -> None:
    number = composed()
    found = queries.bulletin(reader(), number)
    assert found is not None
    assert not queries.is_outdated(1, found)
    scored_again()
    assert queries.is_outdated(1, found)
    again = queries.bulletin(reader(), composed())
    assert again is not None
    assert not queries.is_outdated(1, again)


def test_what_was_not_filed_is_named(inside: Flask) -> None:
    """A member that files nothing has its indicators listed by name."""
    evaluation.compute_run(1, Q1, by=by("office"), now=at(20))
    content = content_of(composed())
    for row in content["rows"]:
        assert len(row["lacks"]) == row["missing"]
        assert all(one["zh"] and one["en"] for one in row["lacks"])
    assert content["data"]["missing"] == sum(row["missing"] for row in content["rows"])


def test_prospects_tell_what_there_is_to_publish(scored: int, shared: int) -> None:
    number = composed()
    (one,) = queries.prospects(1, at(23))
    assert (one.period, one.members, one.fund, list(one.numbers)) == (Q1, len(MEMBERS), "2026-010", [number])


def test_numbers_count_up_within_the_year_of_shanghai(scored: int) -> None:
    assert [composed(), composed()] == ["2026-01", "2026-02"]
    late = services.compose_bulletin(1, Q1, "", by=by("office"), now=at(31, 12, 20))  # 04:00 of the new year there
    assert late == "2027-01"
    assert db.session.query(Bulletin).count() == 3
