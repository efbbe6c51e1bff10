"""A month's run of the small alliance's H1 through its verbs: who may do what after whom, and what comes out."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from alliance.audit import queries as audit
from alliance.audit.services import record, verb
from alliance.core.acts import Act
from alliance.core.figure import State, half_up, quotient
from alliance.core.formula import tells_the_truth
from alliance.core.money import yuan
from alliance.core.period import Period
from alliance.core.refused import Forbidden, NotFound, Refused
from alliance.indicators import queries as indicators
from alliance.members import queries as members_queries
from alliance.members import services as members
from alliance.workpoints import queries, services
from alliance.workpoints.models import BonusRun, Holding
from alliance.workpoints.queries.duties import GivenDay
from alliance.workpoints.queries.filing import Given
from alliance.workpoints.rules.duties import ShiftFact
from alliance.workpoints.rules.entries import Entry
from alliance.workpoints.rules.ledgers import HeldPay
from alliance.workpoints.rules.shifts import Shift
from alliance.workpoints.services import GivenTask
from alliance.workpoints.volume.partitions import Partitions
from tests.conftest import Client
from tests.small import STAFFING, YEAR, by
from tests.workpoints.small_bonus import HOSPITAL, meet, put_budget, put_scheme, scheme_data

MONTH = "2026-06"
REASON = "抢救任务较重，经科室讨论确定"


def day(number: int, month: int = 7) -> datetime:
    return datetime(2026, month, number, 2, tzinfo=UTC)


def lines() -> Partitions:
    return Partitions(Path("/nonexistent"))


@pytest.fixture
def month(inside: Flask) -> int:
    """The small alliance's number, with the month prepared."""
    return prepared(1)


def prepared(small: int, scheme: dict[str, Any] | None = None) -> int:
    """H1 with two nurses of equal coefficients, scores filed, ten nights of one of them; nothing computed yet."""
    nurse = next(one for one in STAFFING.employees if one.number == "0002")
    members.record_employee(
        small, HOSPITAL, replace(nurse, number="0003", name_zh="丙护士", name_en="Nurse C"), by=by("h1.personnel"),
        now=day(1, 5),
    )  # fmt: skip
    night = {"shift": "N1", "rate": "280", "from": "2026-01-01"}
    put_scheme(small, scheme or scheme_data(night=[night]))
    put_budget(small)
    full = Entry(Decimal(100), State.VALUE)
    given = [Given(unit, "score", full) for unit in ("D1-1", "N1")]
    given += [Given(unit, "score", full, person) for unit, person in (("D1-1", "0001"), ("N1", "0002"), ("N1", "0003"))]
    services.file_entry(small, HOSPITAL, MONTH, given, "考核汇总表", by=by("h1.bonus"), now=day(1))
    services.define_shift(
        small, HOSPITAL, ShiftFact("N1", "大夜", "Night", "00:00–08:00", True, YEAR), by=by("h1.bonus"), now=day(1, 6)
    )
    nights = [GivenDay("N1", "0002", date(2026, 6, number), "N1") for number in range(1, 11)]
    services.import_roster(small, HOSPITAL, MONTH, nights, "按护理部纸质排班表补录", by=by("h1.bonus"), now=day(1))
    return small


def computed(alliance: int) -> int:
    services.compute_run(alliance, HOSPITAL, MONTH, lines(), by=by("h1.bonus"), now=day(2))
    run = queries.bonus_run(alliance, HOSPITAL, MONTH)
    assert run is not None
    return run.id


def published(alliance: int) -> int:
    run = computed(alliance)
    services.publish_rest(alliance, HOSPITAL, MONTH, by=by("h1.bonus"), now=day(2))
    return run


def slips(alliance: int) -> int:
    run = published(alliance)
    works = indicators.works_on(alliance)
    services.compute_slip(alliance, HOSPITAL, MONTH, works, by=by("h1.bonus"), now=day(9))
    return run


def approved(alliance: int) -> int:
    run = slips(alliance)
    services.check_run(alliance, HOSPITAL, MONTH, REASON, by=by("h1.finance"), now=day(10))
    meet(alliance, f"bonus:{HOSPITAL}/{MONTH}@1", "6月发放", day(10))
    services.approve_run(alliance, HOSPITAL, MONTH, "6月发放", by=by("h1.lead"), now=day(11))
    return run


def test_units_get_base_times_coefficients_and_persons_their_share(month: int) -> None:
    run = computed(month)
    budget = queries.budget_in_force(month, HOSPITAL, 2026)
    units = queries.bonus_units(run)
    assert budget is not None
    assert abs(units["N1"].bonus * 100 - (budget.base or 0) * 525) <= 50
    assert sum(share.amount for share in queries.bonus_shares(run, "N1")) == units["N1"].bonus
    one, other = queries.bonus_shares(run, "N1")
    assert abs(one.amount - other.amount) <= 1


def test_what_a_run_rests_on_is_told_before_it_is_computed(month: int) -> None:
    missing = {line.name_en for line in queries.readiness(month, HOSPITAL, MONTH) if not line.ok}
    assert missing == {"Performance part of the file wage"}  # the budget has them, and none is filed
    open_lines = {line.name_en for line in queries.readiness(month, HOSPITAL, "2026-05") if not line.ok}
    assert open_lines >= {"Scores of units", "Nights of the rosters"}
    with pytest.raises(Refused) as refused:
        services.compute_run(month, HOSPITAL, "2026-05", lines(), by=by("h1.bonus"), now=day(2))
    assert {one.where for one in refused.value.problems} >= {"D1-1", "N1"}


def test_a_line_of_the_heads_without_any_head_is_told_before_the_run(inside: Flask) -> None:
    """Who is a head follows from the assessments; without them heads would share their units' bonuses."""
    lines_of = {
        code: {"name_zh": code, "name_en": code, "share": share} for code, share in (("departments", 95), ("heads", 5))
    }
    prepared(1, scheme_data(groups=lines_of, first={"model": "point", "closing": "exact"}))
    assert "Assessments of heads" in {line.name_en for line in queries.readiness(1, HOSPITAL, MONTH) if not line.ok}
    given = [Given("D1-1", "operation", Entry(Decimal(90), State.VALUE), "0001")]
    services.file_entry(1, HOSPITAL, MONTH, given, "院领导考核表", by=by("h1.bonus"), now=day(1))
    (told,) = [one for one in queries.readiness(1, HOSPITAL, MONTH) if one.name_en == "Assessments of heads"]
    assert (told.there, told.needed, told.ok) == ("1", None, True)


def test_a_head_shifts_three_percent_and_is_refused_eight(month: int) -> None:
    run = computed(month)
    one, other = queries.bonus_shares(run, "N1")
    three = Decimal(one.computed * 3 // 100) / 100
    shifts = [Shift(one.person, three, REASON), Shift(other.person, -three, REASON)]
    assert services.shift_unit(month, HOSPITAL, MONTH, "N1", shifts, 1, by=by("h1.head"), now=day(3)) == 2
    mine, yours = queries.bonus_shares(run, "N1")
    assert (mine.amount - mine.computed, yours.amount - yours.computed) == (int(three * 100), -int(three * 100))
    eight = Decimal(one.computed * 8 // 100) / 100
    with pytest.raises(Refused) as refused:
        services.shift_unit(
            month, HOSPITAL, MONTH, "N1", [Shift(one.person, eight, REASON), Shift(other.person, -eight, REASON)], 2,
            by=by("h1.head"), now=day(3),
        )  # fmt: skip
    assert {problem.where for problem in refused.value.problems} == {"N1/0002", "N1/0003"}
    assert queries.bonus_shares(run, "N1") == [mine, yours]
    with pytest.raises(Refused):  # on top of what somebody else changed
        services.shift_unit(month, HOSPITAL, MONTH, "N1", [], 1, by=by("h1.head"), now=day(3))


def test_a_reason_is_no_story(month: int) -> None:
    one, other = queries.bonus_shares(computed(month), "N1")
    shifts = [Shift(one.person, Decimal(1), "长" * 301), Shift(other.person, Decimal(-1), REASON)]
    with pytest.raises(Refused, match="longer than 300"):
        services.shift_unit(month, HOSPITAL, MONTH, "N1", shifts, 1, by=by("h1.head"), now=day(3))


def test_taking_shifts_back_restores_what_was_computed(month: int) -> None:
    run = computed(month)
    one, other = queries.bonus_shares(run, "N1")
    cent = Decimal("0.01")
    shifts = [Shift(one.person, cent, REASON), Shift(other.person, -cent, REASON)]
    services.shift_unit(month, HOSPITAL, MONTH, "N1", shifts, 1, by=by("h1.head"), now=day(3))
    services.shift_unit(month, HOSPITAL, MONTH, "N1", [], 2, by=by("h1.head"), now=day(3))
    assert [share.amount for share in queries.bonus_shares(run, "N1")] == [one.computed, other.computed]


def test_slips_wait_for_three_working_days_of_publicity(month: int) -> None:
    published(month)
    works = indicators.works_on(month)
    for early in (day(2), day(3), day(7)):  # Thursday the 2nd; Friday, Monday, Tuesday are public
        with pytest.raises(Refused) as refused:
            services.compute_slip(month, HOSPITAL, MONTH, works, by=by("h1.bonus"), now=early)
        assert {one.where for one in refused.value.problems} == {"D1-1", "N1"}
    assert services.compute_slip(month, HOSPITAL, MONTH, works, by=by("h1.bonus"), now=day(8)) == 3


def test_a_slip_holds_the_share_and_the_nights(month: int) -> None:
    run = slips(month)
    found = {one.person: one for one in queries.slips(run)}
    assert [(line.sort, line.amount) for line in found["0002"].lines if line.sort == "night"] == [("night", 280000)]
    assert (
        found["0002"].net == found["0003"].net + 280000 + found["0002"].lines[0].amount - found["0003"].lines[0].amount
    )
    info = queries.bonus_run(month, HOSPITAL, MONTH)
    assert info is not None
    assert all(not row.difference for row in info.rows)


def test_an_objection_goes_to_the_head_and_then_to_the_office(month: int) -> None:
    published(month)
    file = lambda text: services.file_objection(  # noqa: E731
        month, HOSPITAL, MONTH, "N1", "0002", text, by=by("h1.nurse"), now=day(3)
    )
    number = file("夜班未计入，请核对个人系数")
    with pytest.raises(Refused):
        file("夜班未计入，请再核对")
    works = indicators.works_on(month)
    with pytest.raises(Refused):
        services.compute_slip(month, HOSPITAL, MONTH, works, by=by("h1.bonus"), now=day(9))
    with pytest.raises(Forbidden):
        services.answer_objection(
            month, HOSPITAL, MONTH, number, True, "同意，予以更正并重新公示", "office", by=by("h1.bonus"), now=day(3)
        )
    services.answer_objection(
        month, HOSPITAL, MONTH, number, False, "系数依据岗位表核对无误，不予调整", "head", by=by("h1.head"), now=day(3)
    )
    again = file("请绩效办复核本人系数")
    services.answer_objection(
        month, HOSPITAL, MONTH, again, True, "经绩效办复核，同意予以更正", "office", by=by("h1.bonus"), now=day(6)
    )
    run = queries.bonus_run(month, HOSPITAL, MONTH)
    assert run is not None
    assert queries.bonus_units(run.id)["N1"].published_at is None


def test_who_computed_does_not_check_and_who_checked_does_not_pay(month: int) -> None:
    slips(month)
    with pytest.raises(Refused):
        services.check_run(month, HOSPITAL, MONTH, REASON, by=by("h1.bonus"), now=day(10))
    services.check_run(month, HOSPITAL, MONTH, REASON, by=by("h1.finance"), now=day(10))
    with pytest.raises(Refused):  # without a record of the hospital's body
        services.approve_run(month, HOSPITAL, MONTH, "没有", by=by("h1.lead"), now=day(10))
    meet(month, f"bonus:{HOSPITAL}/{MONTH}@1", "6月发放", day(10))
    services.approve_run(month, HOSPITAL, MONTH, "6月发放", by=by("h1.lead"), now=day(11))
    with pytest.raises(Refused):
        services.pay_run(month, HOSPITAL, MONTH, by=by("h1.finance"), now=day(12))
    services.pay_run(month, HOSPITAL, MONTH, by=by("h1.cashier"), now=day(12))
    run = queries.bonus_run(month, HOSPITAL, MONTH)
    assert run is not None
    assert run.state == "paid"
    assert [step.verb for step in run.steps] == ["compute", "slips", "check", "approve", "pay"]


def test_one_slip_is_corrected_without_the_others(month: int) -> None:
    run = slips(month)
    before = {one.person: one for one in queries.slips(run)}
    with pytest.raises(Refused):  # nothing it rests on has changed
        services.correct_slip(month, HOSPITAL, MONTH, "0003", REASON, by=by("h1.bonus"), now=day(9))
    night = [GivenDay("N1", "0003", date(2026, 6, 20), "N1")]
    services.import_roster(month, HOSPITAL, MONTH, night, "漏排一个大夜班，现予补录", by=by("h1.bonus"), now=day(9))
    services.correct_slip(month, HOSPITAL, MONTH, "0003", "漏计一个夜班，补发夜班费", by=by("h1.bonus"), now=day(9))
    after = {one.person: one for one in queries.slips(run)}
    assert after["0003"].net == before["0003"].net + 28000
    assert (after["0003"].revision, after["0002"]) == (before["0003"].revision + 1, before["0002"])


def test_who_made_or_corrected_payslips_does_not_check_the_run(month: int) -> None:
    published(month)
    works = indicators.works_on(month)
    services.compute_slip(month, HOSPITAL, MONTH, works, by=by("h1.cashier"), now=day(9))
    night = [GivenDay("N1", "0003", date(2026, 6, 20), "N1")]
    services.import_roster(month, HOSPITAL, MONTH, night, "漏排一个大夜班，现予补录", by=by("h1.bonus"), now=day(9))
    services.correct_slip(month, HOSPITAL, MONTH, "0003", "漏计一个夜班，补发夜班费", by=by("h1.personnel"), now=day(9))
    for account in ("h1.bonus", "h1.cashier", "h1.personnel"):
        with pytest.raises(Refused, match="You took an earlier step"):
            services.check_run(month, HOSPITAL, MONTH, REASON, by=by(account), now=day(10))
    services.check_run(month, HOSPITAL, MONTH, REASON, by=by("h1.finance"), now=day(10))


def test_a_run_does_not_release_what_was_never_withheld(month: int) -> None:
    """20 % withheld, released with the next month, and the first entry taken back: nothing was withheld."""
    slips(month)
    held = HeldPay("0002", MONTH, "withheld", 10000, None, "等待职称复核结果公布后处理", "doc-1")
    (number,) = services.enter_holding(month, HOSPITAL, held, by=by("h1.bonus"), now=day(9))
    back = replace(held, sort="released")
    services.enter_holding(month, HOSPITAL, back, by=by("h1.bonus"), now=day(9))
    with verb(by("h1.bonus")) as session:  # however it came about
        row = session.scalars(select(Holding).where(Holding.number == number)).one()
        row.withdrawn_by, row.withdrawn_at, row.withdrawn_for = "h1.bonus", day(9), "登记有误，撤回"
        record(
            session,
            Act.WORKPOINTS_HOLDING_WITHDRAW,
            f"holding:{HOSPITAL}/{number}",
            by=by("h1.bonus"),
            now=day(9),
            alliance=month,
        )
    services.correct_slip(month, HOSPITAL, MONTH, "0002", "补发暂扣后重新生成工资条", by=by("h1.bonus"), now=day(9))
    with pytest.raises(Refused, match="more is released than was withheld"):
        services.check_run(month, HOSPITAL, MONTH, REASON, by=by("h1.finance"), now=day(10))


def test_a_run_is_not_checked_while_a_payslip_is_not_what_is_filed(month: int) -> None:
    """Pay withheld after the payslips were made would be paid, and released a second time later."""
    run = slips(month)
    held = HeldPay("0002", MONTH, "withheld", 10000, None, "等待职称复核结果公布后处理", "doc-1")
    services.enter_holding(month, HOSPITAL, held, by=by("h1.bonus"), now=day(9))
    with pytest.raises(Refused) as refused:
        services.check_run(month, HOSPITAL, MONTH, REASON, by=by("h1.finance"), now=day(10))
    assert [one.where for one in refused.value.problems] == ["0002"]
    before = {one.person: one.net for one in queries.slips(run)}
    services.correct_slip(month, HOSPITAL, MONTH, "0002", "补登暂扣后重新生成工资条", by=by("h1.bonus"), now=day(10))
    after = {one.person: one.net for one in queries.slips(run)}
    assert after == before | {"0002": before["0002"] - 10000}
    services.check_run(month, HOSPITAL, MONTH, REASON, by=by("h1.finance"), now=day(10))
    services.withdraw_holding(month, HOSPITAL, 1, "职称复核已通过，不再暂扣", by=by("h1.bonus"), now=day(11))
    meet(month, f"bonus:{HOSPITAL}/{MONTH}@1", "6月发放", day(11))
    with pytest.raises(Refused, match="not what is filed now"):
        services.approve_run(month, HOSPITAL, MONTH, "6月发放", by=by("h1.lead"), now=day(11))


def test_somebody_without_a_payslip_gets_one_when_something_was_filed_since(month: int) -> None:
    run = slips(month)
    with pytest.raises(NotFound):
        services.correct_slip(month, HOSPITAL, MONTH, "0404", "补发本月任务津贴一笔", by=by("h1.bonus"), now=day(9))
    task = GivenTask("0004", MONTH, "task", 30000, "抗疫值守", "院办 12 号")
    nurse = next(one for one in STAFFING.employees if one.number == "0002")
    late = replace(nurse, number="0004", name_zh="丁护士", name_en="Nurse D", start=date(2026, 6, 30))
    members.record_employee(month, HOSPITAL, late, by=by("h1.personnel"), now=day(9))
    number = services.enter_task(month, HOSPITAL, task, by=by("h1.head"), now=day(9))
    services.review_task(month, HOSPITAL, number, "accepted", "", by=by("h1.cashier"), now=day(9))
    with pytest.raises(Refused) as refused:
        services.check_run(month, HOSPITAL, MONTH, REASON, by=by("h1.finance"), now=day(10))
    assert [one.where for one in refused.value.problems] == ["0004"]
    assert (
        services.correct_slip(month, HOSPITAL, MONTH, "0004", "补发本月任务津贴一笔", by=by("h1.bonus"), now=day(10))
        == 0
    )
    assert {one.person: one.net for one in queries.slips(run)}["0004"] == 30000


def test_a_night_of_who_has_left_counts_to_the_group_and_unit_of_the_last_post(month: int) -> None:
    nurse = next(one for one in STAFFING.employees if one.number == "0002")
    left = replace(nurse, number="0003", name_zh="丙护士", name_en="Nurse C", status="left", start=date(2026, 6, 1))
    night = [GivenDay("N1", "0003", date(2026, 6, 20), "N1")]
    services.import_roster(month, HOSPITAL, MONTH, night, "按护理部纸质排班表补录", by=by("h1.bonus"), now=day(1))
    members.record_employee(month, HOSPITAL, left, by=by("h1.personnel"), now=day(1))
    found = {one.person: one for one in queries.slips(slips(month))}["0003"]
    assert (found.unit, found.group, found.net) == ("N1", "nurse", 28000)
    run = queries.bonus_run(month, HOSPITAL, MONTH)
    assert run is not None
    assert run.slips_run is not None
    sums = [figure.key for figure in audit.load_run(run.slips_run) if "administration" in figure.key]
    assert sums == []


def test_a_reversed_run_keeps_everything_and_the_month_is_computed_anew(month: int) -> None:
    first = approved(month)
    with pytest.raises(Refused):
        services.compute_run(month, HOSPITAL, MONTH, lines(), by=by("h1.bonus"), now=day(12))
    wrong = "夜班数据有误，需重新核算"
    with pytest.raises(Refused, match="needs one of its own"):
        services.reverse_run(month, HOSPITAL, MONTH, wrong, "6月发放", by=by("h1.lead"), now=day(12))
    meet(month, f"bonus:{HOSPITAL}/{MONTH}@1", "6月冲销", day(12))
    services.reverse_run(month, HOSPITAL, MONTH, wrong, "6月冲销", by=by("h1.lead"), now=day(12))
    assert services.compute_run(month, HOSPITAL, MONTH, lines(), by=by("h1.bonus"), now=day(13)) == 2
    assert len(queries.slips(first)) == 3
    old = queries.bonus_run(month, HOSPITAL, MONTH, 1)
    assert old is not None
    assert old.state == "reversed"


def test_pages_of_a_run_open_for_the_hospital_and_for_nobody_else(
    app: Flask, client_as: Callable[[str], Client]
) -> None:
    with app.app_context():
        approved(prepared(1))
    place = f"{HOSPITAL}/{MONTH}"
    open_to = {
        f"/workpoints/runs/read/{place}": {"h1.bonus", "h1.finance", "h1.lead"},
        f"/workpoints/units/read/{place}/N1": {"h1.bonus", "h1.finance", "h1.lead", "h1.head", "h1.nurse"},
        f"/workpoints/units/read/{place}/D1-1": {"h1.bonus", "h1.finance", "h1.lead", "h1.head"},
    }
    for account in ("h1.bonus", "h1.finance", "h1.lead", "h1.head", "h1.nurse", "c1.lead", "office", "regulator"):
        client = client_as(account)
        for path, allowed in open_to.items():
            status = client.get(path).status_code
            assert (status == 200) == (account in allowed), (account, path, status)
            assert status in (200, 403, 404)


def test_a_figure_of_pay_opens_for_its_person_the_head_and_the_offices(
    app: Flask, client_as: Callable[[str], Client]
) -> None:
    with app.app_context():
        approved(prepared(1))
        run = queries.bonus_run(1, HOSPITAL, MONTH)
        assert run is not None
        slip = queries.slip(run.id, "0002")
        assert slip is not None
        night = next(line for line in slip.lines if line.sort == "night")
        other = queries.bonus_shares(run.id, "N1", "0003")[0]
    paths = {
        f"/figures/{slip.figures}/by-key/{night.figure}": {"h1.bonus", "h1.finance", "h1.lead", "h1.nurse"},
        f"/figures/{run.second_run}/by-key/{other.computed_figure}": {"h1.bonus", "h1.finance", "h1.lead", "h1.head"},
        f"/figures/{run.first_run}/by-key/pool": {"h1.bonus", "h1.finance", "h1.lead", "h1.head", "h1.nurse"},
    }
    for account in ("h1.bonus", "h1.finance", "h1.lead", "h1.head", "h1.nurse", "c1.lead", "office", "chair"):
        client = client_as(account)
        for path, allowed in paths.items():
            status = client.get(path, follow_redirects=True).status_code
            assert status == (200 if account in allowed else 404), (account, path, status)
    net = client_as("h1.nurse").get(f"/figures/{slip.figures}/by-key/person/0002/net", follow_redirects=True).text
    assert " − 0 = " in net  # nothing was taken off
    assert re.search(r"[\d,]+\.\d\d \+ 2,800\.00 − 0 = ", net)


def test_figures_of_the_hospital_tell_on_nobody(app: Flask, client_as: Callable[[str], Client]) -> None:
    """A sum over one person's pay, the parts of another unit's bonus: open to the hospital's offices alone."""
    with app.app_context():
        approved(prepared(1))
        run = queries.bonus_run(1, HOSPITAL, MONTH)
        assert run is not None
    offices = {"h1.bonus", "h1.finance", "h1.lead"}
    paths = {
        f"/figures/{run.slips_run}/by-key/structure/night/nurse": offices,  # one nurse had all the nights
        f"/figures/{run.slips_run}/by-key/structure/all": offices,
        f"/figures/{run.second_run}/by-key/unit/D1-1/second:weights": offices | {"h1.head"},
        f"/figures/{run.second_run}/by-key/unit/N1/second:weights": offices | {"h1.head", "h1.nurse"},
        f"/figures/{run.slips_run}/by-key/scheme/night.N1@2026-01-01": offices | {"h1.nurse"},
    }
    for account in (*sorted(offices), "h1.head", "h1.nurse", "c1.lead", "office"):
        client = client_as(account)
        for path, allowed in paths.items():
            status = client.get(path, follow_redirects=True).status_code
            assert status == (200 if account in allowed else 404), (account, path, status)


def test_a_number_that_no_database_holds_is_none(app: Flask, client_as: Callable[[str], Client]) -> None:
    with app.app_context():
        approved(prepared(1))
    client, large = client_as("h1.bonus"), "9" * 20
    for path in (f"units/read/H1/{MONTH}/N1", f"runs/read/H1/{MONTH}", f"slips/read/H1/{MONTH}/0002"):
        assert client.get(f"/workpoints/{path}?number={large}&revision={large}").status_code == 200
    assert client.get(f"/workpoints/workloads/enter/H1?from={large}").status_code == 200


@pytest.mark.parametrize("seen", ["abc", "9" * 5000], ids=["word", "endless"])
def test_a_revision_that_is_none_is_refused_and_no_fault(
    app: Flask, client_as: Callable[[str], Client], seen: str
) -> None:
    with app.app_context():
        computed(prepared(1))
    answer = client_as("h1.head").send(f"/workpoints/units/shift/H1/{MONTH}/D1-1", seen=seen)
    assert answer.status_code == 422


def test_a_foreign_month_is_not_found(month: int) -> None:
    with pytest.raises(NotFound):
        services.check_run(month, "H2", MONTH, by=by("h1.finance"), now=day(9))


def test_what_is_filed_after_the_computation_is_told(app: Flask, client_as: Callable[[str], Client]) -> None:
    address = f"/workpoints/runs/read/{HOSPITAL}/{MONTH}"
    with app.app_context():
        alliance = prepared(1)
        computed(alliance)
    assert "核算之后又登记了" not in client_as("h1.bonus").get(address).text
    with app.app_context():
        given = [Given("N1", "score", Entry(Decimal(90), State.VALUE))]
        services.file_entry(alliance, HOSPITAL, MONTH, given, "考核汇总表", by=by("h1.bonus"), now=day(3))
        run = queries.bonus_run(alliance, HOSPITAL, MONTH)
        assert run is not None
        assert queries.recorded_since(alliance, run) == queries.SinceInfo(0, 1, 0)
    page = " ".join(client_as("h1.bonus").get(address).text.split())
    assert "核算之后又登记了" in page
    assert "已填报1个数值。重新核算后才会计入。" in page


def test_nights_of_somebody_who_left_are_told_before_they_are_paid(month: int) -> None:
    """A roster is filed in advance: who left meanwhile still stands on it, and each night would be paid."""
    assert all("not in post" not in line.name_en for line in queries.readiness(month, HOSPITAL, MONTH))
    nights = queries.nights(month, HOSPITAL, MONTH)
    left = next(one for one in members_queries.employee_facts(month, HOSPITAL) if one.number == nights[0].person)
    gone = replace(left, status="left", start=nights[-2].day)
    members.record_employee(month, HOSPITAL, gone, by=by("h1.personnel"), now=day(3))
    told = [line for line in queries.readiness(month, HOSPITAL, MONTH) if "not in post" in line.name_en]
    assert [(one.name_en, one.there, one.needed, one.ok) for one in told] == [
        (f"Nights of people not in post: {left.number}", "2", "0", False)
    ]


def test_a_transfer_recorded_after_the_computation_is_told(app: Flask, client_as: Callable[[str], Client]) -> None:
    address, last = f"/workpoints/runs/read/{HOSPITAL}/{MONTH}", Period.parse(MONTH).last
    with app.app_context():
        alliance = prepared(1)
        computed(alliance)
        nurse = next(one for one in STAFFING.employees if one.number == "0002")
        for start in (last, last + timedelta(1)):  # what holds from the next month on changes nothing here
            moved = replace(nurse, department="D1-1", start=start)
            members.record_employee(alliance, HOSPITAL, moved, by=by("h1.personnel"), now=day(3))
        run = queries.bonus_run(alliance, HOSPITAL, MONTH)
        assert run is not None
        assert queries.recorded_since(alliance, run) == queries.SinceInfo(0, 0, 1)
    page = " ".join(client_as("h1.bonus").get(address).text.split())
    assert "已登记1条科室、岗位或员工信息。重新核算后才会计入。" in page


def test_a_paid_run_is_not_reversed(month: int) -> None:
    approved(month)
    with pytest.raises(Refused, match="needs a recorded decision"):
        services.reverse_run(month, HOSPITAL, MONTH, "夜班数据有误，需重新核算", "", by=by("h1.lead"), now=day(12))
    services.pay_run(month, HOSPITAL, MONTH, by=by("h1.cashier"), now=day(12))
    meet(month, f"bonus:{HOSPITAL}/{MONTH}@1", "6月冲销", day(12))
    with pytest.raises(Refused, match="what was paid stays"):
        services.reverse_run(
            month, HOSPITAL, MONTH, "夜班数据有误，需重新核算", "6月冲销", by=by("h1.lead"), now=day(13)
        )
    with pytest.raises(Refused, match="Enter what was wrong as corrections"):
        services.compute_run(month, HOSPITAL, MONTH, lines(), by=by("h1.bonus"), now=day(13))


def test_what_a_run_says_of_its_payslips_follows_a_corrected_one(month: int) -> None:
    """Teaching tasks of 10,000,000 and of 20,000 CNY, entered late: 72,799.96 of 10,092,799.96 are 0.72 %."""
    run = slips(month)
    before = queries.bonus_run(month, HOSPITAL, MONTH)
    assert before is not None
    assert not any(one.kind == "operation_share" for one in before.issues)
    for person, amount in (("0002", 1_000_000_000), ("0003", 2_000_000)):
        task = GivenTask(person, MONTH, "teaching", amount, "临床带教学生四十人次", "带教记录")
        number = services.enter_task(month, HOSPITAL, task, by=by("h1.bonus"), now=day(9))
        services.review_task(month, HOSPITAL, number, "accepted", by=by("h1.finance"), now=day(9))
        services.correct_slip(month, HOSPITAL, MONTH, person, "补录带教任务后重新生成", by=by("h1.bonus"), now=day(9))
    found = queries.bonus_run(month, HOSPITAL, MONTH)
    assert found is not None
    assert found.slips_run is not None
    pay = [(line.subject, line.amount) for one in queries.slips(run) for line in one.lines if line.subject]
    low = sum(cents for subject, cents in pay if subject in ("bonus", "file_wage", "night"))
    kept = audit.values_of(
        found.slips_run, ["structure/operation_share", "structure/teaching/nurse", "structure/all", "paid/special"]
    )
    assert kept["structure/all"] == yuan(sum(cents for _subject, cents in pay))
    assert kept["structure/teaching/nurse"] == Decimal("10020000")
    assert kept["structure/operation_share"] == half_up(quotient(yuan(low), kept["structure/all"], 100), 2)
    warned = [one.amount for one in found.issues if one.kind == "operation_share"]
    assert [Decimal(amount) for amount in warned] == [kept["structure/operation_share"]]
    assert [row for row in found.rows if row.code == "slips"] == [row for row in before.rows if row.code == "slips"]
    for figure in audit.load_run(found.slips_run):
        assert tells_the_truth(figure)
    with pytest.raises(Refused, match="under its share"):
        services.check_run(month, HOSPITAL, MONTH, by=by("h1.finance"), now=day(10))
    services.check_run(month, HOSPITAL, MONTH, REASON, by=by("h1.finance"), now=day(10))


def test_a_slip_of_which_every_line_is_gone_is_one_of_nothing(month: int) -> None:
    """Withheld pay released to somebody who has left, and taken back before the run is checked."""
    nurse = next(one for one in STAFFING.employees if one.number == "0002")
    gone = replace(nurse, number="0009", name_zh="丁护士", name_en="Nurse D", status="left", start=date(2026, 6, 1))
    late = replace(nurse, number="0010", name_zh="戊护士", name_en="Nurse E", start=date(2026, 7, 1))
    for one in (gone, late):
        members.record_employee(month, HOSPITAL, one, by=by("h1.personnel"), now=day(1, 6))
    for sort, of in (("withheld", "2026-05"), ("released", MONTH)):
        held = HeldPay("0009", of, sort, 10000, None, "等待职称复核结果公布后处理", "doc-1")
        numbers = services.enter_holding(month, HOSPITAL, held, by=by("h1.bonus"), now=day(1))
    run = slips(month)
    assert {one.person: one.net for one in queries.slips(run)}["0009"] == 10000
    services.withdraw_holding(month, HOSPITAL, numbers[0], "补发对象有误，撤回补发", by=by("h1.bonus"), now=day(9))
    with pytest.raises(Refused, match="not what is filed now"):
        services.check_run(month, HOSPITAL, MONTH, REASON, by=by("h1.finance"), now=day(10))
    assert services.correct_slip(month, HOSPITAL, MONTH, "0009", REASON, by=by("h1.bonus"), now=day(9)) == 1
    after = {one.person: one for one in queries.slips(run)}
    assert (after["0009"].net, after["0009"].lines) == (0, ())
    with pytest.raises(Refused, match="comes out as it is"):
        services.correct_slip(month, HOSPITAL, MONTH, "0009", REASON, by=by("h1.bonus"), now=day(9))
    with pytest.raises(Refused, match="Nothing is due"):
        services.correct_slip(month, HOSPITAL, MONTH, "0010", REASON, by=by("h1.bonus"), now=day(9))
    services.check_run(month, HOSPITAL, MONTH, REASON, by=by("h1.finance"), now=day(10))


def test_where_a_remark_stands_is_told_in_words(app: Flask, client_as: Callable[[str], Client]) -> None:
    with app.app_context():
        run = computed(prepared(1))
        with verb(by("h1.bonus")) as session:
            row = session.get(BonusRun, run)
            assert row is not None
            row.issues = [
                ["point_value", "first/doctor_inpatient", "2 → 1.5"], ["technique_without_unit", "N1/robot", "2"],
                ["technique_without_unit", "performing_unit/robot", "1"],
            ]  # fmt: skip
            record(session, Act.WORKPOINTS_RUN_COMPUTE, "bonus:H1", by=by("h1.bonus"), now=day(3), alliance=1)
    page = client_as("h1.bonus").get(f"/workpoints/runs/read/{HOSPITAL}/{MONTH}").get_data(as_text=True)
    for words in ("医师 · 住院", "内科护理单元 · robot", "执行科室 · robot"):
        assert words in page


def test_the_page_of_a_run_leads_to_a_first_payslip(app: Flask, client_as: Callable[[str], Client]) -> None:
    with app.app_context():
        slips(prepared(1))
        nurse = next(one for one in STAFFING.employees if one.number == "0002")
        late = replace(nurse, number="0004", name_zh="丁护士", name_en="Nurse D", start=date(2026, 6, 30))
        members.record_employee(1, HOSPITAL, late, by=by("h1.personnel"), now=day(9))
    place, office = f"{HOSPITAL}/{MONTH}", client_as("h1.bonus")
    page = office.get(f"/workpoints/runs/read/{place}").get_data(as_text=True)
    assert '<option value="0004">' in page
    assert '<option value="0002">' not in page  # has one
    found = office.get(f"/workpoints/runs/read/{place}?payee=+0004+")
    assert (found.status_code, found.location) == (302, f"/workpoints/slips/correct/{place}/0004")
    assert "丁护士" in office.get(found.location).get_data(as_text=True)
    for nobody in ("0002", "9999"):
        missed = office.get(f"/workpoints/runs/read/{place}?payee={nobody}")
        assert f"没有工号{nobody}" in missed.get_data(as_text=True)
    assert 'name="payee"' not in client_as("h1.finance").get(f"/workpoints/runs/read/{place}?payee=0004").get_data(
        as_text=True
    )


def test_a_meeting_on_a_checked_run_is_recorded_from_its_page_and_leads_back(
    app: Flask, client_as: Callable[[str], Client]
) -> None:
    with app.app_context():
        slips(prepared(1))
        services.check_run(1, HOSPITAL, MONTH, REASON, by=by("h1.finance"), now=day(10))
    office = client_as("h1.bonus")
    page, form = f"/workpoints/runs/read/{HOSPITAL}/{MONTH}", f"/workpoints/records/file/{HOSPITAL}"
    assert form in office.get(page).get_data(as_text=True)
    meeting = {
        "matter": f"bonus:{HOSPITAL}/{MONTH}@1", "body": "directors", "number": "院办4号", "title": "会议纪要",
        "held_on": "2026-05-10", "participants": "9", "votes_for": "12", "votes_against": "1",
    }  # fmt: skip
    assert "表决情况" in office.send(form, **meeting).get_data(as_text=True)
    assert office.send(form, **meeting | {"votes_for": "8"}).location == f"{page}?number=1#records"
