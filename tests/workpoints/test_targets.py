"""The budget set of a year: drafted, decided, its agreements signed by both sides; how far the targets are."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from flask import Flask

from alliance.audit.models import Event
from alliance.core.figure import State
from alliance.core.refused import Forbidden, NotFound, Refused
from alliance.core.roles import Scope
from alliance.core.written import content_digest
from alliance.db import db
from alliance.desk.queries.tasks import tasks as home_tasks
from alliance.workpoints import queries, services
from alliance.workpoints.models import TargetSignature
from alliance.workpoints.queries import Given
from alliance.workpoints.rules import targets as rules
from alliance.workpoints.rules.entries import BLANK, Entry
from alliance.workpoints.rules.workloads import Workload
from alliance.workpoints.volume.partitions import partitions_of
from tests.conftest import Client
from tests.small import CLOCK, at, by
from tests.workpoints.small_bonus import HOSPITAL, meet
from tests.workpoints.test_totals import cases, load, total
from tests.workpoints.test_totals import file as report

D = Decimal
YEAR = 2026
TERMS = "完成情况计入科室考核得分。"
SignIn = Callable[[str], Client]


def given(key: str, kind: str, number: str | None) -> Given:
    return Given(key, kind, BLANK if number is None else Entry(D(number), State.VALUE))


HOSPITAL_CELLS = [
    given("flow:medical", "amount", "9000000"), given("flow:fiscal", "amount", "1000000"),
    given("flow:staff", "amount", "4000000"), given("flow:drugs", "amount", "5500000"),
    given("pay:bonus", "doctor", "1500000"), given("pay:night", "nurse", "100000"),
    given("pay:task", "doctor", "400000"),
    given("pay:basic", "nurse", "900000"),
]  # fmt: skip
DEPARTMENT_CELLS = [
    given("unit:D1", "visits", "1200"), given("unit:D1", "cmi", "1.2"), given("unit:D1", "variable_cost", "240000"),
    given("unit:D2", "visits", "600"),
]  # fmt: skip


def draft(
    cells: list[Given], account: str = "h1.bonus", seen: str | None = None, terms: str | None = TERMS,
    document: str | None = "财务预算1号",
) -> str:  # fmt: skip
    return services.draft_target(1, HOSPITAL, YEAR, cells, terms, document, seen, by=by(account), now=at(3, 5))


def decided(cells: list[Given], version: int = 1) -> None:
    reference = draft(cells)
    assert reference == f"H1/2026@{version}"
    meet(1, f"targets:{reference}", f"目标{version}", at(3, 5))
    services.decide_target(1, HOSPITAL, YEAR, version, decision=f"目标{version}", by=by("h1.lead"), now=at(4, 5))


def sign(side: str, account: str, unit: str = "D1", seen: str = "") -> None:
    found = queries.agreement(1, HOSPITAL, YEAR, unit)
    digest = seen or (found.sha256 if found else "")
    services.sign_agreement(1, HOSPITAL, YEAR, unit, side, digest, by=by(account), now=at(5, 5))


def test_what_a_set_adds_up_to() -> None:
    found = rules.totals({one.unit: {one.kind: one.entry.value or D(0)} for one in HOSPITAL_CELLS})
    assert (found.income, found.expenditure, found.balance) == (D(10_000_000), D(9_500_000), D(500_000))
    assert (found.pay, found.performance, found.operation_share) == (D(2_900_000), D(2_000_000), D(80))


def test_a_set_says_what_stands_in_its_way() -> None:
    assert [one.where for one in rules.stands_in_the_way({}, "")] == [
        "income", "expenditure", "pay", "units", "document",
    ]  # fmt: skip
    more = {"flow:medical": {"amount": D(10)}, "flow:staff": {"amount": D(4)}, "pay:bonus": {"doctor": D(5)}}
    (wrong,) = rules.stands_in_the_way(more | {"unit:D1": {"visits": D(1)}}, "财务预算1号")
    assert (wrong.where, wrong.value, wrong.numbers) == ("pay", "5", {"staff": 4})


@pytest.mark.parametrize(("measure", "values", "mean", "due", "percent", "state"), [
    ("visits", ("100", "105"), None, "200", "17.08", "on"), ("visits", ("100", "99"), None, "200", "16.58", "off"),
    ("visits", ("100", None), None, "100", "8.33", "on"), ("visits", (None, None), None, None, None, "unknown"),
    ("variable_cost", ("100", "105"), None, "200", "17.08", "off"),
    ("variable_cost", ("100", "95"), None, "200", "16.25", "on"),
    ("cmi", ("1100", "1300"), "1250", "1200", "104.17", "on"), ("cmi", (None, None), None, None, None, "unknown"),
])  # fmt: skip
def test_a_target_is_held_against_the_months_that_are_known(
    measure: str, values: tuple[str | None, ...], mean: str | None, due: str | None, percent: str | None, state: str
) -> None:
    months = [(f"2026-0{place}", D(one) if one else None) for place, one in enumerate(values, 1)]
    found = rules.progress(measure, D(1200), months, D(mean) if mean else None)
    assert (found.due, found.percent, found.state) == (due and D(due), percent and D(percent), state)
    assert found.known == sum(one is not None for one in values)


def test_a_draft_keeps_what_is_not_given_and_a_blank_takes_a_number_back(inside: Flask) -> None:
    assert draft(HOSPITAL_CELLS) == draft(DEPARTMENT_CELLS, terms=None, document=None)
    draft([given("flow:drugs", "amount", None)], terms=None, document=None)
    (info,) = queries.target_sets(1, HOSPITAL)
    assert "flow:drugs" not in info.cells
    assert info.cells["unit:D1"] == {"visits": 1200, "cmi": D("1.2"), "variable_cost": 240000}
    assert (info.terms, info.document, info.units) == (TERMS, "财务预算1号", ["D1", "D2"])


def test_a_draft_that_somebody_else_changed_meanwhile_is_not_overwritten(inside: Flask) -> None:
    draft(HOSPITAL_CELLS, seen="")
    with pytest.raises(Refused, match="Somebody changed this draft"):
        draft(DEPARTMENT_CELLS, seen="")
    draft(DEPARTMENT_CELLS, seen=queries.target_sets(1, HOSPITAL)[0].sha256)


def test_numbers_out_of_range_and_money_earned_by_a_department_are_refused(inside: Flask) -> None:
    wrong = [
        given("unit:D1", "visits", "1.5"), given("unit:D1", "cmi", "-1"), given("unit:D1", "amount", "5"),
        given("flow:anything", "amount", "5"), given("pay:bonus", "amount", "5"),
    ]  # fmt: skip
    with pytest.raises(Refused) as refused:
        draft([*HOSPITAL_CELLS, *wrong])
    assert len(refused.value.problems) == 5
    assert queries.target_sets(1, HOSPITAL) == []
    with pytest.raises(NotFound):
        services.draft_target(1, "X9", YEAR, [], "", "", by=by("h1.bonus"), now=at(3, 5))


def test_a_set_is_decided_by_a_meeting_and_not_by_its_drafter(inside: Flask) -> None:
    draft(HOSPITAL_CELLS)
    meet(1, "targets:H1/2026@1", "目标0", at(3, 5))
    with pytest.raises(Refused, match="in the way"):
        services.decide_target(1, HOSPITAL, YEAR, 1, decision="目标0", by=by("h1.lead"), now=at(4, 5))
    draft(DEPARTMENT_CELLS)
    meet(1, "targets:H1/2026@1", "目标1", at(3, 5))
    with pytest.raises(Forbidden):
        services.decide_target(1, HOSPITAL, YEAR, 1, decision="目标1", by=by("h1.bonus"), now=at(4, 5))
    with pytest.raises(NotFound):
        services.decide_target(1, HOSPITAL, YEAR, 2, decision="目标1", by=by("h1.lead"), now=at(4, 5))
    assert queries.agreement(1, HOSPITAL, YEAR, "D1") is None
    services.decide_target(1, HOSPITAL, YEAR, 1, decision="目标1", by=by("h1.lead"), now=at(4, 5))
    with pytest.raises(Refused, match="frozen"):
        services.decide_target(1, HOSPITAL, YEAR, 1, decision="目标1", by=by("h1.lead"), now=at(4, 5))


def test_both_sides_sign_the_text_that_they_read_each_with_an_own_account(inside: Flask) -> None:
    decided([*HOSPITAL_CELLS, *DEPARTMENT_CELLS])
    with pytest.raises(Refused, match="has changed"):
        sign("director", "h1.lead", seen="f" * 64)
    sign("director", "h1.lead")
    for side, account, wrong in (
        ("director", "h1.head", Refused), ("head", "h1.lead", Forbidden), ("anybody", "h1.head", NotFound),
    ):  # fmt: skip
        with pytest.raises(wrong):
            sign(side, account)
    sign("head", "h1.head")
    found = queries.agreement(1, HOSPITAL, YEAR, "D1")
    assert found
    assert found.signed
    kept = db.session.query(TargetSignature).all()
    assert {content_digest(one.content) for one in kept} == {found.sha256} == {one.sha256 for one in kept}
    assert kept[0].content["targets"] == {"visits": "1200", "cmi": "1.2", "variable_cost": "240000"}
    with pytest.raises(NotFound):
        sign("head", "h1.head", unit="N1")


def test_a_new_version_leaves_signed_what_it_does_not_change(inside: Flask) -> None:
    decided([*HOSPITAL_CELLS, *DEPARTMENT_CELLS])
    for unit in ("D1", "D2"):
        sign("director", "h1.lead", unit)
    decided([given("unit:D2", "visits", "700")], version=2)
    assert queries.unsigned(1, HOSPITAL, YEAR, "director") == ["D2"]
    changed = queries.agreement(1, HOSPITAL, YEAR, "D2")
    assert changed
    assert not changed.signatures
    assert [(one.side, one.account) for one in changed.earlier] == [("director", "h1.lead")]


def test_progress_rests_on_what_the_portal_knows(app: Flask, inside: Flask, tmp_path: Path) -> None:
    decided([*HOSPITAL_CELLS, *DEPARTMENT_CELLS, given("unit:D1", "operations", "12")])
    load(app, tmp_path)  # two visits of D1 in June
    cases(("D1-1", "A", "1.5", 2, "9", "100"), ("D1", "B", "0.5", 2, "9", "100"))
    info = queries.target_in_force(1, HOSPITAL, YEAR)
    assert info

    def known() -> dict[str, tuple[Decimal | None, int]]:
        found = queries.target_progress(
            1, info, ["D1"], partitions_of(app.config["ALLIANCE"].data, 1), at(20, 7).date()
        )["D1"]  # fmt: skip
        return {one.measure: (one.to_date, one.known) for one in found}

    assert known() == {
        "visits": (D(2), 1), "operations": (None, 0), "cmi": (D(1), 1), "variable_cost": (None, 0),
    }  # fmt: skip
    report(total("visits", "90", "D1"))
    assert known()["visits"] == (D(90), 1)


def test_work_entered_by_hand_alone_says_nothing_of_visits(inside: Flask) -> None:
    """A month of which no file is loaded is missing; none of its visits is known to be nought."""
    decided([*HOSPITAL_CELLS, *DEPARTMENT_CELLS])
    lines, paper = partitions_of(inside.config["ALLIANCE"].data, 1), "护理登记本第12页"
    work = Workload(at(8, 4).date(), "T1", D(1), "performing", "inpatient", "D1", "", "床旁清创", paper)
    number = services.enter_workload(1, HOSPITAL, work, by=by("h1.head"), now=CLOCK)
    services.review_workload(lines, 1, HOSPITAL, number, "accepted", by=by("h1.bonus"), now=CLOCK)
    info = queries.target_in_force(1, HOSPITAL, YEAR)
    assert info
    found = queries.target_progress(1, info, ["D1"], lines, at(20, 7).date())["D1"]
    assert {one.measure: one.known for one in found}["visits"] == 0


def test_the_director_and_the_head_have_it_among_their_tasks(inside: Flask) -> None:
    decided([*HOSPITAL_CELLS, *DEPARTMENT_CELLS])

    def waits(scope: Scope) -> list[tuple[str, int | None]]:
        return [(one.what, one.count) for one in home_tasks(scope, at(5, 5)) if one.what.startswith("sign_agreement")]

    director = Scope(1, "h1.lead", "H1", frozenset({"member_lead"}), bonus=frozenset({"H1"}))
    head = Scope(1, "h1.head", "H1", frozenset({"department_head"}), departments=frozenset({("H1", "D1")}))
    assert waits(director) == [("sign_agreements", 2)]
    assert [what for what, _count in waits(head)] == ["sign_agreement"]
    sign("head", "h1.head")
    assert waits(head) == []


def test_events_tell_digests_and_no_amounts(inside: Flask) -> None:
    decided([*HOSPITAL_CELLS, *DEPARTMENT_CELLS])
    sign("head", "h1.head")
    events = db.session.query(Event).filter(Event.subject.like("targets:%") | Event.subject.like("agreement:%")).all()
    assert [(one.act, one.subject, sorted(one.detail)) for one in events] == [
        ("workpoints:target:draft", "targets:H1/2026@1", ["sha256"]),
        ("workpoints:target:decide", "targets:H1/2026@1", ["decision", "sha256"]),
        ("workpoints:agreement:sign", "agreement:H1/2026/D1", ["sha256", "side"]),
    ]


def test_from_the_draft_to_the_signed_paper_on_the_pages(app: Flask, client_as: SignIn) -> None:
    office, director, head = client_as("h1.bonus"), client_as("h1.lead"), client_as("h1.head")
    page, place = "/workpoints/targets/read?institution=H1&year=2026", "/workpoints/targets/draft/H1/2026"
    assert "h1" in office.get(page).get_data(as_text=True)
    amounts = {f"v.{one.unit}.{one.kind}": str(one.entry.value) for one in HOSPITAL_CELLS}
    assert office.get(place).status_code == 200
    assert office.send(place, **amounts | {"v.flow:drugs.amount": "much"}).status_code == 422
    assert office.send(place, **amounts, terms=TERMS, document="财务预算1号").status_code == 302
    with app.app_context():
        seen = queries.target_sets(1, HOSPITAL)[0].sha256
    targets = {f"v.{one.unit}.{one.kind}": str(one.entry.value) for one in DEPARTMENT_CELLS}
    assert office.get(f"{place}?part=departments").status_code == 200
    assert office.send(f"{place}?part=departments", seen=seen, **targets).status_code == 302
    assert head.get(page).status_code == 200
    with app.app_context():
        meet(1, "targets:H1/2026@1", "目标1", CLOCK)
    assert director.send("/workpoints/targets/decide/H1/2026/1", decision="目标9").status_code == 422
    assert director.send("/workpoints/targets/decide/H1/2026/1", decision="目标1").status_code == 302
    mine, other = "/workpoints/agreements/read/H1/2026/D1", "/workpoints/agreements/read/H1/2026/D2"
    assert mine in head.get(page).get_data(as_text=True)
    assert other not in head.get(page).get_data(as_text=True)
    assert other in director.get(page).get_data(as_text=True)
    assert head.get(other).status_code == 404
    with app.app_context():
        found = queries.agreement(1, HOSPITAL, YEAR, "D1")
        assert found
    for client in (head, director):
        text = client.get(mine).get_data(as_text=True)
        assert found.sha256 in text
        assert 'id="sign"' in text
        assert (
            client.send(mine.replace("read", "sign"), seen=found.sha256).status_code == 422
        )  # not said to have read it
        assert client.send(mine.replace("read", "sign"), seen=found.sha256, agreed="y").status_code == 302
        assert 'id="sign"' not in client.get(mine).get_data(as_text=True)
    assert 'id="sign"' not in office.get(mine).get_data(as_text=True)
    assert office.send(mine.replace("read", "sign"), seen=found.sha256, agreed="y").status_code == 403
    for language in ("zh", "en"):
        paper = head.get(f"/workpoints/agreements/download/H1/2026/D1/{language}")
        assert paper.get_data().startswith(b"%PDF-")
    assert head.get("/workpoints/agreements/download/H1/2026/D2/zh").status_code == 404
    assert client_as("c1.lead").get(mine).status_code == 404
