"""The task ledger, withheld pay and corrections: who enters, who reviews, what adds up."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask

from alliance.audit.models import Run
from alliance.core.refused import NotFound, Refused
from alliance.core.roles import Scope
from alliance.db import db
from alliance.desk.queries.tasks import tasks as home_tasks
from alliance.workpoints import queries, services
from alliance.workpoints.models import BonusRun, Slip, SlipLine
from alliance.workpoints.queries import Given, GivenRight
from alliance.workpoints.queries.months import _corrections
from alliance.workpoints.rules.entries import BLANK
from alliance.workpoints.rules.ledgers import CorrectionPaper, HeldPay
from alliance.workpoints.services import GivenTask
from tests.conftest import Client
from tests.small import CLOCK, by
from tests.workpoints.small_month import MONTH

TASK = GivenTask("0001", MONTH, "consultation", 30000, "院外会诊 3 次", "会诊单 2026-04")
REASON = "等待职称复核结果公布后处理"
HELD = HeldPay("0001", MONTH, "withheld", 50000, None, REASON, "doc-1")


def enter(given: GivenTask = TASK, account: str = "h1.head") -> int:
    return services.enter_task(1, "H1", given, by=by(account), now=CLOCK)


def review(number: int, verdict: str = "accepted", reason: str = "", account: str = "h1.bonus") -> None:
    services.review_task(1, "H1", number, verdict, reason, by=by(account), now=CLOCK)


def hold(given: HeldPay = HELD) -> list[int]:
    return services.enter_holding(1, "H1", given, by=by("h1.bonus"), now=CLOCK)


def test_a_task_pays_once_somebody_else_has_accepted_it(inside: Flask) -> None:
    number = enter()
    assert queries.accepted_tasks(1, "H1", MONTH) == []
    assert [one.number for one in queries.open_tasks(1, "H1")] == [number]
    review(number)
    paid = queries.accepted_tasks(1, "H1", MONTH)
    assert [(one.number, one.person, one.subject, one.amount) for one in paid] == [
        (str(number), "0001", "consultation", Decimal("300.00"))
    ]
    assert queries.open_tasks(1, "H1") == []
    with pytest.raises(Refused):
        review(number)


def test_nobody_reviews_what_one_entered_or_is_paid_for(inside: Flask) -> None:
    number = enter(account="h1.bonus")
    with pytest.raises(Refused) as refused:
        review(number)
    assert "You made this entry" in str(refused.value)
    own = enter(replace(TASK, person="0002"))
    with pytest.raises(Refused) as refused:
        review(own, account="h1.nurse")
    assert "your own work or pay" in str(refused.value)
    review(own, account="h1.finance")


def test_a_task_is_refused_with_a_reason(inside: Flask) -> None:
    number = enter()
    with pytest.raises(Refused):
        review(number, "refused", "no")
    review(number, "refused", "会诊单缺少对方医院盖章")
    assert queries.accepted_tasks(1, "H1", MONTH) == []
    found = queries.task(1, "H1", number)
    assert found
    assert (found.state, found.reviewed_by) == ("refused", "h1.bonus")
    with pytest.raises(Refused, match="reviewed already"):
        review(number)
    with pytest.raises(NotFound):
        review(99)
    with pytest.raises(NotFound):
        review(enter(), "perhaps")


def test_an_accepted_task_is_taken_back_while_its_month_is_open(inside: Flask) -> None:
    number, later = enter(), enter()
    review(number)
    with pytest.raises(Refused, match="ten characters"):
        review(number, "refused")
    with pytest.raises(Refused, match="You made this entry"):
        review(number, "refused", "同一会诊已登记过一次", account="h1.head")
    with pytest.raises(Refused, match="meanwhile"):
        services.review_task(1, "H1", number, "refused", REASON, "entered", by=by("h1.finance"), now=CLOCK)
    services.review_task(1, "H1", number, "refused", REASON, "accepted", by=by("h1.finance"), now=CLOCK)
    assert queries.accepted_tasks(1, "H1", MONTH) == []
    review(later)
    paid_month(month=MONTH)
    with pytest.raises(Refused, match="is approved"):
        review(later, "refused", "同一会诊已登记过一次")
    assert [one.number for one in queries.accepted_tasks(1, "H1", MONTH)] == [str(later)]


@pytest.mark.parametrize(
    "wrong",
    [
        replace(TASK, person="0404"),
        replace(TASK, subject="bonus"),
        replace(TASK, subject="night"),
        replace(TASK, cents=0),
        replace(TASK, text=" "),
        replace(TASK, document=""),
        replace(TASK, month="2026"),
        replace(TASK, month="2025-12"),
    ],
)
def test_what_the_ledger_does_not_take(inside: Flask, wrong: GivenTask) -> None:
    with pytest.raises(Refused):
        enter(wrong)
    assert queries.tasks(1, "H1") == []


def test_what_waits_for_a_review_is_a_task_of_those_who_may(inside: Flask) -> None:
    enter(account="h1.bonus")

    def waits(account: str) -> list[str]:
        scope = Scope(1, account, "H1", frozenset({"hospital_office"}), bonus=frozenset({"H1"}))
        return [one.what for one in home_tasks(scope, CLOCK)]

    assert "bonus_task" in waits("h1.other")
    assert "bonus_task" not in waits("h1.bonus")


def test_nobody_withholds_or_releases_the_own_pay(inside: Flask) -> None:
    hold(replace(HELD, person="0002"))
    for deed in (
        lambda: services.enter_holding(1, "H1", replace(HELD, person="0002"), by=by("h1.nurse"), now=CLOCK),
        lambda: services.withdraw_holding(1, "H1", 1, REASON, by=by("h1.nurse"), now=CLOCK),
    ):
        with pytest.raises(Refused, match="0002 is your own"):
            deed()


def test_withheld_pay_is_released_up_to_what_is_withheld(inside: Flask) -> None:
    assert hold() == [1]
    assert hold(replace(HELD, sort="released", cents=20000, month="2026-05")) == [2]
    assert queries.balances(1, "H1") == {"0001": 30000}
    with pytest.raises(Refused) as refused:
        hold(replace(HELD, sort="released", cents=30001, month="2026-05"))
    assert "300" in str(refused.value)
    hold(replace(HELD, sort="released", cents=30000, month="2026-05"))
    assert queries.balances(1, "H1") == {}
    assert [one.number for one in queries.holdings(1, "H1", "2026-05")] == [2, 3]


def test_what_a_later_month_withholds_is_not_released_before_it(inside: Flask) -> None:
    hold(replace(HELD, month="2026-06"))
    with pytest.raises(Refused, match="no more can be released"):
        hold(replace(HELD, sort="released", cents=100, month="2026-05"))
    assert hold(replace(HELD, sort="released", cents=100, month="2026-06")) == [2]


def test_what_is_recovered_takes_three_instalments_at_most_and_adds_up(inside: Flask) -> None:
    numbers = hold(replace(HELD, sort="recovered", cents=10000, months=3))
    found = queries.holdings(1, "H1")
    assert numbers == [1, 2, 3]
    assert [(one.month, one.amount) for one in found] == [("2026-04", 3334), ("2026-05", 3333), ("2026-06", 3333)]
    assert queries.balances(1, "H1") == {}
    with pytest.raises(Refused) as refused:
        hold(replace(HELD, sort="recovered", cents=10000, months=4))
    assert "at most 3" in str(refused.value)


def test_an_entry_is_taken_back_before_its_month_is_approved(inside: Flask) -> None:
    """A part that nothing is due of would keep the payslips of the whole hospital waiting."""
    withdraw = lambda number: services.withdraw_holding(  # noqa: E731
        1, "H1", number, "本人休假，下月再追回", by=by("h1.bonus"), now=CLOCK
    )
    hold()
    hold(replace(HELD, sort="recovered", cents=10000))
    assert withdraw(2) == MONTH
    assert [one.number for one in queries.holdings(1, "H1")] == [1]
    assert [one.withdrawn_for for one in queries.all_holdings(1, "H1")] == ["", "本人休假，下月再追回"]
    with pytest.raises(Refused, match="already"):
        withdraw(2)
    with pytest.raises(NotFound):
        withdraw(9)
    hold(replace(HELD, sort="released", cents=20000, month="2026-05"))
    with pytest.raises(Refused, match="the rest was released"):
        withdraw(1)
    hold(replace(HELD, month="2026-03", sort="recovered", cents=100))
    paid_month("approved")
    with pytest.raises(Refused, match="is approved"):
        withdraw(4)


def test_one_percentage_of_a_person_in_a_month(inside: Flask) -> None:
    part = replace(HELD, cents=None, rate=Decimal(20))
    hold(part)
    with pytest.raises(Refused):
        hold(part)
    hold(replace(part, month="2026-05"))
    assert queries.balances(1, "H1") == {}  # no payslip has withheld anything yet
    with pytest.raises(Refused):
        hold(replace(HELD, person="0404"))


def paid_month(state: str = "paid", month: str = "2026-03") -> str:
    """A run of a month in a state, with a slip of 0001: bonus 5,000.00, 20 % withheld; the digest of its figures."""
    run = Run(
        alliance_id=1, subject=f"bonus:H1/{month}", inputs={}, digest="f" * 64, figures=0, software="",
        account="system", at=CLOCK,
    )  # fmt: skip
    db.session.add(run)
    db.session.flush()
    made = BonusRun(
        alliance_id=1, institution="H1", month=month, number=1, scheme="H1/BONUS/1", state=state, first_run=run.id,
        second_run=run.id, slips_run=run.id, pool=0, reconciliation=[], issues=[],
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    who = {"bonus_run_id": made.id, "person": "0001", "revision": 1}
    db.session.add(
        Slip(**who, unit="D1-1", staff_group="doctor", net=400000, run_id=run.id, made_by="h1.bonus", made_at=CLOCK)
    )
    db.session.add(
        SlipLine(**who, position=1, sort="bonus", subject="bonus", amount=500000, figure="person/0001/bonus")
    )
    db.session.add(
        SlipLine(**who, position=2, sort="withheld", subject="", amount=100000, figure="person/0001/withheld")
    )
    db.session.commit()
    return run.digest


def correct(**changed: object) -> int:
    given = {"person": "0001", "month": "2026-03", "pays_in": MONTH, "paid": f"{'f' * 64}/person/0001/bonus",
             "cents": 520000, "reason": "三月考核得分录入有误，复核后更正", "document": "doc-2"}  # fmt: skip
    one: dict[str, Any] = given | changed
    paper = CorrectionPaper(one["month"], one["pays_in"], one["reason"], one["document"])
    right = GivenRight(one["person"], one["cents"], one["paid"])
    return services.enter_correction(1, "H1", paper, right, by=by("h1.bonus"), now=CLOCK)


def test_a_correction_names_what_was_paid_and_what_is_right(inside: Flask) -> None:
    digest = paid_month()
    lines = queries.paid_lines(1, "H1", "0001", "2026-03")
    assert [(one.sort, one.amount) for one in lines] == [("bonus", 500000), ("withheld", 100000), ("net", 400000)]
    correct()
    found = queries.corrections(1, "H1", MONTH)[0]
    assert (found.paid, found.paid_amount, found.amount, found.difference) == (
        f"{digest}/person/0001/bonus", 500000, 520000, 20000
    )  # fmt: skip
    assert queries.corrections(1, "H1", "2026-05") == []


def test_a_second_correction_pays_what_the_first_left_open(inside: Flask) -> None:
    """5,000.00 was paid; 5,200.00 was right, then 5,300.00: 200.00 and 100.00, never 200.00 and 300.00."""
    paid_month()
    correct()
    with pytest.raises(Refused):
        correct(pays_in="2026-05")  # 5,200.00 again
    correct(pays_in="2026-05", cents=530000)
    assert [(one.paid_amount, one.difference) for one in queries.corrections(1, "H1")] == [
        (500000, 20000), (520000, 10000),
    ]  # fmt: skip
    given = _corrections(1, "H1", "2026-05")
    assert [(one.paid, one.right, one.paid_source) for one in given] == [
        (Decimal("5200"), Decimal("5300"), "correction:H1/1")
    ]


def test_a_payslip_is_corrected_by_its_lines_or_as_a_whole(inside: Flask) -> None:
    digest = paid_month()
    with pytest.raises(Refused) as refused:
        correct(paid=f"{digest}/person/0001/withheld", cents=50000)  # less withheld would be taken back
    assert "release what was withheld" in str(refused.value)
    correct()
    with pytest.raises(Refused) as refused:
        correct(paid=f"{digest}/person/0001/net", cents=420000)
    assert "counts twice" in str(refused.value)


def test_what_a_correction_is_refused_for(inside: Flask) -> None:
    with pytest.raises(Refused):
        correct()  # nothing was paid
    paid_month()
    for changed in (
        {"pays_in": "2026-03"},
        {"pays_in": "2026-02"},
        {"paid": f"{'f' * 64}/person/0001/other"},
        {"person": "0002"},
        {"cents": 500000},
        {"reason": "wrong"},
        {"document": ""},
    ):
        with pytest.raises(Refused):
            correct(**changed)
    assert queries.corrections(1, "H1") == []


def test_what_is_only_approved_was_not_paid_yet(inside: Flask) -> None:
    paid_month("approved")
    assert queries.paid_lines(1, "H1", "0001", "2026-03") == []


def test_a_percentage_counts_with_what_the_payslip_withheld(inside: Flask) -> None:
    hold(replace(HELD, month="2026-03", cents=None, rate=Decimal(20)))
    paid_month()
    assert queries.balances(1, "H1") == {"0001": 100000}


def test_nothing_is_filed_for_a_month_whose_bonus_is_approved(inside: Flask) -> None:
    number = enter(replace(TASK, month="2026-03"))
    paid_month("approved")
    with pytest.raises(Refused):
        enter(replace(TASK, month="2026-03"))
    with pytest.raises(Refused):
        review(number)
    with pytest.raises(Refused):
        hold(replace(HELD, month="2026-03"))
    with pytest.raises(Refused):
        services.file_entry(1, "H1", "2026-03", [Given("D1-1", "score", BLANK)], "doc", by=by("h1.bonus"), now=CLOCK)
    review(number, "refused", "该月奖金已批准，转入下月登记")


def test_the_pages_of_the_ledger(app: Flask, client_as: Callable[[str], Client]) -> None:
    head = client_as("h1.head")
    given = {"person": "0001", "month": MONTH, "subject": "task", "amount": "1,200.50", "text": "抗疫值守",
             "document": "院办 12 号"}  # fmt: skip
    assert head.send("/workpoints/tasks/enter/H1", **given).status_code == 302
    assert head.send("/workpoints/tasks/enter/H1", **{**given, "person": "0404"}).status_code == 422
    assert "1,200.50" in head.get(f"/workpoints/tasks/list?institution=H1&month={MONTH}").get_data(as_text=True)
    assert head.get("/workpoints/tasks/review/H1/1").status_code == 403
    finance = client_as("h1.finance")
    assert finance.get("/workpoints/tasks/review/H1/1").status_code == 200
    assert finance.get("/workpoints/tasks/review/H1/2").status_code == 404
    seen = {"seen": "entered"}
    assert finance.send("/workpoints/tasks/review/H1/1", verdict="refused", reason="", **seen).status_code == 422
    assert finance.send("/workpoints/tasks/review/H1/1", verdict="accepted", **seen).status_code == 302
    assert finance.send("/workpoints/tasks/review/H1/1", verdict="refused", reason=REASON, **seen).status_code == 422
    listed = finance.get(f"/workpoints/tasks/list?institution=H1&month={MONTH}&state=accepted&subject=task&search=0001")
    assert "抗疫值守" in listed.get_data(as_text=True)
    again = finance.get("/workpoints/tasks/review/H1/1").get_data(as_text=True)
    assert 'value="refused"' in again
    assert 'type="radio" value="accepted"' not in again
    assert "/workpoints/tasks/review/H1/1" in listed.get_data(as_text=True)
    with app.app_context():
        paid_month(month=MONTH)
    listed = finance.get(f"/workpoints/tasks/list?institution=H1&month={MONTH}")
    assert "/workpoints/tasks/review/H1/1" not in listed.get_data(as_text=True)


def test_the_pages_of_withheld_pay_and_corrections(app: Flask, client_as: Callable[[str], Client]) -> None:
    with app.app_context():
        digest = paid_month()
    office = client_as("h1.bonus")
    given = {"sort": "withheld", "person": "0001", "month": MONTH, "amount": "500", "rate": "", "months": "1",
             "reason": REASON, "document": "doc-1"}  # fmt: skip
    assert office.send(f"/workpoints/holdings/enter/H1?month={MONTH}", **given).status_code == 302
    assert office.send(f"/workpoints/holdings/enter/H1?month={MONTH}", **{**given, "rate": "5"}).status_code == 422
    path = "/workpoints/corrections/enter/H1?person=0001&month=2026-03"
    assert "5,000.00" in office.get(path).get_data(as_text=True)
    right = {"paid": f"{digest}/person/0001/net", "amount": "4,100", "pays_in": MONTH, "reason": REASON,
             "document": "doc-3"}  # fmt: skip
    assert office.send(path, **right).status_code == 302
    page = office.get(f"/workpoints/holdings/list?institution=H1&month={MONTH}").get_data(as_text=True)
    assert "500.00" in page
    assert "100.00" in page
    path = "/workpoints/holdings/withdraw/H1/1"
    assert "500.00" in office.get(path).get_data(as_text=True)
    assert office.send(path, reason="短").status_code == 422
    assert office.send(path, reason="登记有误，重新登记暂扣").status_code == 302
    assert 'method="post"' not in office.get(path).get_data(as_text=True).split("<main")[1]  # nothing is left to do
    assert office.send("/workpoints/holdings/withdraw/H1/7", reason="登记有误，重新登记暂扣").status_code == 404
    listed = office.get(f"/workpoints/holdings/list?institution=H1&month={MONTH}").get_data(as_text=True)
    assert "登记有误，重新登记暂扣" in listed
    assert client_as("h1.head").get("/workpoints/holdings/list?institution=H1").status_code == 403
    assert client_as("h1.lead").get("/workpoints/holdings/list?institution=H1").status_code == 200


def test_an_old_month_is_corrected_with_an_open_one(app: Flask, client_as: Callable[[str], Client]) -> None:
    """A mistake of September that is found in May is paid with May; a month that is paid takes nothing."""
    with app.app_context():
        paid_month()
        paid_month(month="2025-09")
    page = client_as("h1.bonus").get("/workpoints/corrections/enter/H1?person=0001&month=2025-09")
    months = page.get_data(as_text=True).split('name="month"')[1].split("</select>")[0]
    assert re.findall(r'value="([-0-9]+)"', months) == ["2026-03", "2025-09"]  # only what was paid is corrected
    offered = page.get_data(as_text=True).split('name="pays_in"')[1].split("</select>")[0]
    assert 'value="2026-05"' in offered
    assert 'value="2025-10"' in offered
    assert 'value="2026-03"' not in offered
    assert 'value="2025-09"' not in offered


def test_an_amount_with_a_comma_for_a_point_is_no_amount(app: Flask, client_as: Callable[[str], Client]) -> None:
    head = client_as("h1.head")
    given = {"person": "0001", "month": MONTH, "subject": "task", "text": "抗疫值守", "document": "院办 12 号"}
    for amount in ("12,50", "1,2,3", "1e3", "5²", "12①", "1e-99999999", "0e99999999"):
        told = head.send(f"/workpoints/tasks/enter/H1?month={MONTH}", amount=amount, **given)
        assert told.status_code == 422
        assert f'value="{amount}"' in told.get_data(as_text=True)
    with app.app_context():
        assert queries.tasks(1, "H1") == []
