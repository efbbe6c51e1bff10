"""Payments that the bank returned: entered with their reason, paid again in a new batch or withheld, tied out."""

from __future__ import annotations

import csv
from collections.abc import Callable
from decimal import Decimal
from io import BytesIO, StringIO

import pytest
from flask import Flask

from alliance.audit.models import Event
from alliance.core.refused import NotFound, Refused
from alliance.db import db
from alliance.workpoints import queries, services, sheets
from alliance.workpoints.queries import GivenReturn, Payment
from alliance.workpoints.rules.returns import AGAIN, OPEN, WITHHELD, Returned, last_batch, still_out
from tests.conftest import Client
from tests.small import CLOCK, by
from tests.workpoints import test_runs
from tests.workpoints.paid_month import HOSPITAL, given_month, hire_third, keep_month

MONTH = "2026-04"
PLACE = f"{HOSPITAL}/{MONTH}"
FINANCE = by("h1.finance")
REASON = "账户已销户，与本人核实新账户"
SignIn = Callable[[str], Client]


@pytest.fixture
def paid(app: Flask) -> dict[str, int]:
    """April paid to three persons: what each gets, in cents."""
    with app.app_context():
        hire_third(1)
        run = keep_month(1, given_month(MONTH, "40000", "4000"))
        return {one.person: one.net for one in queries.slips(run)}


def came_back(person: str, amount: int, reason: str = "户名不符") -> int:
    given = GivenReturn(person, amount, reason)
    return services.enter_bankreturn(1, HOSPITAL, MONTH, given, "银行退票清单", by=FINANCE, now=CLOCK)


def settle(choices: dict[int, str], note: str = REASON) -> int:
    return services.settle_bankreturn(1, HOSPITAL, MONTH, choices, note, by=FINANCE, now=CLOCK)


def payment() -> Payment:
    run = queries.bonus_run(1, HOSPITAL, MONTH)
    assert run is not None
    return queries.payment(1, run)


def test_what_came_back_is_not_with_the_bank_until_it_is_paid_again() -> None:
    first = Returned(400)
    assert still_out(1000, [first]) == 600
    again = Returned(400, 1, AGAIN, 2)
    assert (still_out(1000, [again]), last_batch([again])) == (1000, 2)
    assert still_out(1000, [again, Returned(1000, 2, WITHHELD)]) == 0


def test_what_came_back_counts_as_returned_paid_again_as_paid_withheld_as_withheld(
    inside: Flask, paid: dict[str, int]
) -> None:
    before = payment().tied
    came_back("0002", paid["0002"])
    came_back("0003", 10000)
    tied = payment().tied
    whole = Decimal(paid["0002"] + 10000) / 100
    assert (tied.bank, tied.paid, tied.difference) == (whole, before.paid - whole, 0)
    assert settle({1: AGAIN, 2: WITHHELD}) == 2
    after = payment()
    assert (after.tied.bank, after.tied.withheld, after.tied.difference) == (0, before.withheld + 100, 0)
    assert after.tied.paid == before.paid - 100
    later = after.batch(2)
    assert later is not None
    assert [(one.person, one.net) for one in later.payees] == [("0002", paid["0002"])]
    assert after.batch(3) is None
    assert queries.balances(1, HOSPITAL) == {"0003": 10000}  # it can be released with a later month


def test_a_payment_comes_back_twice_from_two_batches(inside: Flask, paid: dict[str, int]) -> None:
    came_back("0002", paid["0002"])
    with pytest.raises(Refused) as refused:
        came_back("0002", 1)  # the bank has nothing of it now
    assert refused.value.problems[0].where == "0002"
    assert settle({1: AGAIN}) == 2
    came_back("0002", paid["0002"])
    run = queries.bonus_run(1, HOSPITAL, MONTH)
    assert run is not None
    assert [(one.batch, one.state) for one in queries.bank_returns(run.id)] == [(1, AGAIN), (2, OPEN)]
    assert settle({2: AGAIN}) == 3
    assert payment().tied.difference == 0


@pytest.mark.parametrize(
    ("person", "amount", "reason"),
    [("9999", 100, "户名不符"), ("0002", 0, "户名不符"), ("0002", 10**9, "户名不符"), ("0002", 100, " "),
     ("0002", 100, "长" * 201)],
)  # fmt: skip
def test_what_the_bank_cannot_have_returned_is_refused(
    inside: Flask, paid: dict[str, int], person: str, amount: int, reason: str
) -> None:
    with pytest.raises(Refused) as refused:
        came_back(person, amount, reason)
    assert len(refused.value.problems) == 1
    assert payment().returns == ()


def test_returned_payments_are_settled_once_with_a_reason_and_not_by_who_checked(
    inside: Flask, paid: dict[str, int]
) -> None:
    came_back("0002", 100)
    with pytest.raises(Refused):
        settle({})
    with pytest.raises(Refused):
        settle({1: WITHHELD}, "短")
    with pytest.raises(NotFound):
        settle({7: AGAIN})
    with pytest.raises(NotFound):
        services.settle_bankreturn(1, "H2", MONTH, {1: AGAIN}, REASON, by=FINANCE, now=CLOCK)
    settle({1: AGAIN})
    with pytest.raises(Refused, match="meanwhile"):
        settle({1: WITHHELD})
    details = db.session.scalars(db.select(Event.detail).where(Event.act.like("workpoints:bankreturn:%"))).all()
    assert not any("0002" in str(detail) for detail in details)


def test_who_settles_what_another_settled_meanwhile_is_told_which(
    app: Flask, paid: dict[str, int], client_as: SignIn
) -> None:
    with app.app_context():
        came_back("0002", 100)
        came_back("0003", 100)
        settle({1: AGAIN})
    path = f"/workpoints/bankreturns/settle/{PLACE}"
    told = client_as("h1.finance").send(path, **{"choice-1": "withheld", "choice-2": "again", "note": REASON})
    assert told.status_code == 422
    assert "第 1 号退回款刚刚已被处理" in told.get_data(as_text=True)
    with app.app_context():
        run = queries.bonus_run(1, HOSPITAL, MONTH)
        assert run is not None
        assert [one.state for one in queries.bank_returns(run.id)] == [AGAIN, OPEN]


def test_whoever_checked_a_run_pays_nothing_of_it_again(app: Flask) -> None:

    with app.app_context():
        test_runs.approved(test_runs.prepared(1))
        given = GivenReturn("0002", 100, "户名不符")
        services.enter_bankreturn(1, HOSPITAL, test_runs.MONTH, given, "清单", by=FINANCE, now=test_runs.day(20))
        with pytest.raises(Refused, match="checked"):
            services.settle_bankreturn(
                1, HOSPITAL, test_runs.MONTH, {1: AGAIN}, "", by=FINANCE, now=test_runs.day(20)
            )  # fmt: skip


def test_the_banks_list_is_read_and_told_row_by_row() -> None:
    good = '工号,账号尾号,金额,退回原因\n0002,1234,"1,200.50",户名不符\n0003,5678,80,账户销户\n'
    assert sheets.read_returns(good.encode("gb18030"), "back.csv") == [
        GivenReturn("0002", 120050, "户名不符", 2), GivenReturn("0003", 8000, "账户销户", 3),
    ]  # fmt: skip
    with pytest.raises(Refused) as refused:
        sheets.read_returns(b"person,amount,reason\n0002,1.234,x\n0003,many,x", "back.csv")
    assert [one.at["row"] for one in refused.value.problems] == [2, 3]
    with pytest.raises(Refused):
        sheets.read_returns(b"person,amount,reason\n", "back.csv")
    for none in ('"12,5"', "NaN", "-inf", "1e-99999999", "1e99999999"):
        with pytest.raises(Refused) as refused:
            sheets.read_returns(f"person,amount,reason\n0002,{none},closed\n".encode(), "back.csv")
        assert "is no amount in CNY" in refused.value.problems[0].message


def test_finance_enters_imports_and_settles_on_its_pages(app: Flask, paid: dict[str, int], client_as: SignIn) -> None:
    finance = client_as("h1.finance")
    enter = f"/workpoints/bankreturns/enter/{PLACE}"
    assert finance.send(enter, person="0002", amount="50.00", reason="户名不符", document="清单").status_code == 302
    wrong = finance.send(enter, person="0002", amount="99999999", reason="户名不符", document="清单")
    assert wrong.status_code == 422
    where = f"/workpoints/bankreturns/import/{PLACE}"
    content = "person,amount,reason\n0003,60.00,账户销户".encode()
    assert "共 1 笔" in finance.send(
        where, file=(BytesIO(content), "b.csv"), document="清单", check="1"
    ).get_data(as_text=True)  # fmt: skip
    assert finance.send(where, file=(BytesIO(content), "b.csv"), document="清单", apply="1").status_code == 302
    page = finance.get(f"/workpoints/payments/export/{PLACE}").get_data(as_text=True)
    assert "户名不符" in page
    assert "110.00" in page
    sent = finance.send(
        f"/workpoints/bankreturns/settle/{PLACE}", **{"choice-1": "again", "choice-2": "", "note": ""}
    )  # fmt: skip
    assert sent.status_code == 302
    own = client_as("h1.nurse").get(f"/workpoints/slips/read/{PLACE}/0002").get_data(as_text=True)
    assert "重新发放" in own
    assert "银行退回" not in client_as("h1.nurse").get("/workpoints/slips/list").get_data(as_text=True)
    made = finance.get(f"/workpoints/payments/download/{PLACE}/bank/csv?batch=2").get_data(as_text=True)
    rows = list(csv.reader(StringIO(made.removeprefix("\ufeff"))))
    assert [row[3] for row in rows[1:]] == ["50.00", "50.00"]  # one payee and the sum
    assert finance.get(f"/workpoints/payments/download/{PLACE}/bank/csv?batch=3").status_code == 404
    assert finance.get(f"/workpoints/payments/download/{PLACE}/tax/csv?batch=2").status_code == 404
    for account in ("h1.bonus", "h1.lead", "h1.head", "h1.nurse", "office"):
        assert client_as(account).get(enter).status_code in (403, 404), account
