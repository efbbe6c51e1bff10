"""Corrections of a whole paid month by workbook: what goes out, what comes back, what a later month pays of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from io import BytesIO

import openpyxl
import pytest
from flask import Flask

from alliance.audit.models import Event
from alliance.core.acts import Act
from alliance.core.refused import Refused
from alliance.db import db
from alliance.i18n import in_language
from alliance.workpoints import queries, services, sheets
from alliance.workpoints.queries import GivenRight
from alliance.workpoints.rules.ledgers import CorrectionPaper
from tests.conftest import Client
from tests.small import CLOCK, by
from tests.workpoints import test_runs
from tests.workpoints.paid_month import HOSPITAL, given_month, hire_third, keep_month
from tests.workpoints.small_month import workbook

MONTH, LATER = "2026-03", "2026-06"
PLACE = f"{HOSPITAL}/{MONTH}"
OFFICE = by("h1.bonus")
REASON = "三月基数录入有误，复核后更正"
PAPER = CorrectionPaper(MONTH, LATER, REASON, "绩效办〔2026〕9号")
HEADS = ["工号", "姓名", "科室", "实发合计（元）", "应发金额（元）"]
# Paid were 5,600.00 to the doctor and 4,200.00 to each nurse.
RIGHTS = [GivenRight("0001", 550000, row=2), GivenRight("0002", 435050, row=3), GivenRight("0003", 420001, row=4)]
SignIn = Callable[[str], Client]


@pytest.fixture
def paid(app: Flask) -> int:
    """March paid to three persons: 5,600.00, 4,200.00 and 4,200.00."""
    with app.app_context():
        hire_third(1)
        run = keep_month(1, given_month(MONTH, "14000", "1400"))
        assert {one.person: one.net for one in queries.slips(run)} == {"0001": 560000, "0002": 420000, "0003": 420000}
        return run


def enter(given: Sequence[GivenRight] = RIGHTS, paper: CorrectionPaper = PAPER, account: str = "h1.bonus") -> int:
    return services.import_correction(1, HOSPITAL, paper, given, by=by(account), now=CLOCK)


def told(given: Sequence[GivenRight], paper: CorrectionPaper = PAPER) -> list[tuple[object, str]]:
    """What is wrong with each row."""
    with pytest.raises(Refused) as refused:
        enter(given, paper)
    with pytest.raises(Refused):
        queries.correction_changes(1, HOSPITAL, paper, given)  # a check says the same
    return [(one.at["row"], one.message) for one in refused.value.problems]


def book(*rows: Sequence[object], title: str = "更正") -> bytes:
    return workbook({title: [HEADS, *rows]})


def read(*rows: Sequence[object]) -> list[GivenRight]:
    return sheets.read_corrections(book(*rows), "c.xlsx")


def test_a_file_corrects_everybody_in_one_go(inside: Flask, paid: int) -> None:
    """4,200.00 paid, 4,350.50 right: 150.50 more; 5,600.00 paid, 5,500.00 right: 100.00 back."""
    shown = queries.correction_changes(1, HOSPITAL, PAPER, RIGHTS)
    assert [(one.person, one.before, one.right, one.difference) for one in shown] == [
        ("0001", 560000, 550000, -10000), ("0002", 420000, 435050, 15050), ("0003", 420000, 420001, 1),
    ]  # fmt: skip
    assert queries.corrections(1, HOSPITAL) == []  # a check keeps nothing
    assert enter() == 3
    found = queries.corrections(1, HOSPITAL, LATER)
    assert [(one.number, one.person, one.difference) for one in found] == [
        (1, "0001", -10000), (2, "0002", 15050), (3, "0003", 1),
    ]  # fmt: skip
    assert {(one.month, one.reason, one.document) for one in found} == {(MONTH, REASON, PAPER.document)}
    assert all(one.paid.endswith(f"/person/{one.person}/net") for one in found)
    acts = db.session.scalars(db.select(Event).where(Event.act == Act.WORKPOINTS_CORRECTION_IMPORT.value)).all()
    assert [(one.subject, one.detail) for one in acts] == [
        (f"correction:{PLACE}", {"month": MONTH, "pays_in": LATER, "count": 3, "document": PAPER.document})
    ]


def test_the_later_month_pays_the_differences_and_its_sums_close(inside: Flask) -> None:
    test_runs.prepared(1)
    keep_month(1, given_month(MONTH, "14000", "1400"))
    enter()
    run = test_runs.slips(1)
    lines = {
        one.person: [(line.month, line.amount) for line in one.lines if line.sort == "correction"]
        for one in queries.slips(run)
    }
    assert lines == {"0001": [(MONTH, -10000)], "0002": [(MONTH, 15050)], "0003": [(MONTH, 1)]}
    assert all(one.net == sum(line.amount for line in one.lines) for one in queries.slips(run))
    info = queries.bonus_run(1, HOSPITAL, LATER)
    assert info is not None
    assert info.rows
    assert not any(row.difference for row in info.rows)


def test_nobody_corrects_what_one_is_paid_oneself(inside: Flask, paid: int) -> None:
    """A check names the row; an own row that changes nothing is none."""
    for deed in (
        lambda: enter(account="h1.nurse"), lambda: queries.correction_changes(1, HOSPITAL, PAPER, RIGHTS, "0002")
    ):  # fmt: skip
        with pytest.raises(Refused) as refused:
            deed()
        assert [one.at["row"] for one in refused.value.problems] == [3]
    same = [GivenRight("0001", 550000, row=2), GivenRight("0002", 420000, row=3)]
    assert [one.difference for one in queries.correction_changes(1, HOSPITAL, PAPER, same, "0002")] == [-10000, 0]
    assert queries.corrections(1, HOSPITAL) == []


def test_the_same_file_does_not_pay_twice(inside: Flask, paid: int) -> None:
    enter()
    for paper in (PAPER, replace(PAPER, pays_in="2026-07")):
        with pytest.raises(Refused, match="nothing is left to correct"):
            enter(paper=paper)
    assert enter([replace(RIGHTS[0], cents=545000), *RIGHTS[1:]], replace(PAPER, pays_in="2026-07")) == 1
    again = queries.corrections(1, HOSPITAL, "2026-07")
    assert [(one.person, one.paid_amount, one.difference) for one in again] == [("0001", 550000, -5000)]


def test_what_was_paid_rightly_stays_and_is_told(inside: Flask, paid: int) -> None:
    given = [replace(RIGHTS[0], cents=560000), RIGHTS[1]]
    assert [one.difference for one in queries.correction_changes(1, HOSPITAL, PAPER, given)] == [0, 15050]
    assert enter(given) == 1
    with pytest.raises(Refused, match="nothing is left to correct"):
        enter(given[:1])


def test_each_row_that_cannot_be_is_told_and_nothing_is_taken(inside: Flask, paid: int) -> None:
    twice = [*RIGHTS, GivenRight("0002", 430000, row=5), GivenRight("9999", 100, row=6)]
    assert told([*twice, GivenRight("0004", 10**11 + 1, row=7)]) == [
        (5, "stands in the table twice"),
        (6, "This person has no payslip of %(period)s that was paid."),
        (7, "The right amount must lie between −1,000,000,000 and 1,000,000,000 CNY."),
    ]
    line = next(one for one in queries.paid_lines(1, HOSPITAL, "0001", MONTH) if one.sort == "bonus")
    services.enter_correction(1, HOSPITAL, PAPER, GivenRight("0001", 570000, line.figure), by=OFFICE, now=CLOCK)
    assert [row for row, message in told(RIGHTS) if "counts twice" in message] == [2]
    assert [one.number for one in queries.corrections(1, HOSPITAL)] == [1]


@pytest.mark.parametrize(
    "wrong",
    [
        {"reason": "错了"}, {"document": " "}, {"pays_in": MONTH}, {"pays_in": "2026-02"}, {"pays_in": "2026Q3"},
        {"month": "2026-02"},
    ],
)  # fmt: skip
def test_a_file_needs_a_reason_a_document_and_a_later_month(inside: Flask, paid: int, wrong: dict[str, str]) -> None:
    with pytest.raises(Refused):
        queries.correction_changes(1, HOSPITAL, replace(PAPER, **wrong), RIGHTS)
    with pytest.raises(Refused):
        enter(paper=replace(PAPER, **wrong))
    assert queries.corrections(1, HOSPITAL) == []


def test_nothing_is_added_to_a_month_that_is_approved(inside: Flask, paid: int) -> None:
    keep_month(1, given_month("2026-04", "14000", "1400"), "approved")
    with pytest.raises(Refused, match="is approved"):
        enter(paper=replace(PAPER, pays_in="2026-04"))
    assert queries.months_to_pay(1, HOSPITAL, MONTH) == ["2026-05", "2026-06", "2026-07", "2026-08"]
    assert queries.months_to_pay(1, HOSPITAL, "2026-02") == ["2026-05", "2026-06", "2026-07", "2026-08"]


def test_a_workbook_is_read_row_by_row_and_a_blank_amount_says_nothing() -> None:
    given = read(
        ["0001", "甲", "D1-1", 5600, ""], ["0002", "乙", "N1", 4200, 4350.5], ["0003", "丙", "N1", 4200, "4,200.01"],
        ["", "合计", "", 14000, ""], ["a4", "", "", "", "-５"],
    )  # fmt: skip
    assert [(one.row, one.person, one.cents) for one in given] == [
        (3, "0002", 435050), (4, "0003", 420001), (6, "A4", -500),
    ]  # fmt: skip
    english = workbook({"corrections": [["Staff number", "Name", "Right amount, CNY"], ["0002", "B", 4350.5]]})
    assert sheets.read_corrections(english, "c.xlsx") == [GivenRight("0002", 435050, row=2)]
    with pytest.raises(Refused, match="holds no right amount"):
        read(["0001", "甲", "D1-1", 5600, ""])
    with pytest.raises(Refused, match="holds no right amount"):
        sheets.read_corrections(book(["0001", "", "", "", 1], title="其他"), "c.xlsx")


@pytest.mark.parametrize("amount", ["不适用", "n/a", "-", "four", "1.005", "nan", "Infinity", "1e999999", "=1"])
def test_what_is_no_amount_is_refused_with_sheet_row_and_column(amount: str) -> None:
    rows = [["0001", "", "", "", 5500], ["0002", "", "", "", "x"]]
    content = BytesIO(book(*rows))
    found = openpyxl.load_workbook(content)
    found.worksheets[0]["E3"].value = amount
    found.worksheets[0]["E3"].data_type = "s"
    found.save(changed := BytesIO())
    with pytest.raises(Refused) as refused:
        sheets.read_corrections(changed.getvalue(), "c.xlsx")
    (one,) = refused.value.problems
    where = str(one.at["sheet"]), one.at["row"], str(one.at["column"])
    assert (where, one.value) == (("corrections", 3, "right"), amount)
    assert one.message == "is no amount in CNY with at most two decimal places"


def test_an_amount_shown_in_percent_or_of_nobody_is_refused() -> None:
    found = openpyxl.load_workbook(BytesIO(book(["0001", "", "", "", 0.5], ["", "", "", "", 5500])))
    found.worksheets[0]["E2"].number_format = "0%"
    found.save(changed := BytesIO())
    with pytest.raises(Refused) as refused:
        sheets.read_corrections(changed.getvalue(), "c.xlsx")
    assert [(one.at["row"], str(one.at["column"])) for one in refused.value.problems] == [(2, "right"), (3, "number")]


@pytest.mark.parametrize("amount", ["nan", "inf", "1e999999"])
def test_what_the_bank_cannot_have_written_is_told_too(amount: str) -> None:
    with pytest.raises(Refused) as refused:
        sheets.read_returns(f"person,amount,reason\n0002,{amount},x".encode(), "back.csv")
    assert [one.value for one in refused.value.problems] == [amount]


@pytest.mark.parametrize(("language", "head"), [("zh", "应发金额（元）"), ("en", "Right amount, CNY")])
def test_the_template_has_a_row_for_each_payslip_as_put_right_last(
    app: Flask, paid: int, client_as: SignIn, language: str, head: str
) -> None:
    with app.app_context():
        enter([RIGHTS[1]])
    client = client_as("h1.bonus")
    client.set_cookie("language", language)
    path = f"/workpoints/corrections/template/{PLACE}"
    found = openpyxl.load_workbook(BytesIO(client.get(path).data))
    rows = [[cell.value for cell in row] for row in found.worksheets[0].iter_rows()]
    assert rows[0][4] == head
    assert [(row[0], Decimal(str(row[3])), row[4] or "") for row in rows[1:]] == [
        ("0001", Decimal(5600), ""), ("0002", Decimal("4350.5"), ""), ("0003", Decimal(4200), ""),
    ]  # fmt: skip
    found.worksheets[0]["E4"] = 4200.01
    found.save(changed := BytesIO())
    with in_language(language), app.test_request_context():
        assert sheets.read_corrections(changed.getvalue(), "c.xlsx") == [GivenRight("0003", 420001, row=4)]


def test_the_page_shows_what_would_come_out_and_then_takes_it(app: Flask, paid: int, client_as: SignIn) -> None:
    client, path = client_as("h1.bonus"), f"/workpoints/corrections/import/{PLACE}"
    listed = f"/workpoints/holdings/list?institution={HOSPITAL}&month="
    assert path in client.get(listed + MONTH).get_data(as_text=True)
    assert "/corrections/import/" not in client.get(listed + LATER).get_data(as_text=True)
    assert f"/workpoints/corrections/template/{PLACE}" in client.get(path).get_data(as_text=True)
    content = book(["0001", "", "", "", 5600], ["0002", "", "", "", 4350.5], ["0003", "", "", "", ""])
    form = {"pays_in": LATER, "reason": REASON, "document": "绩效办〔2026〕9号"}

    def sent(content: bytes, **more: str) -> tuple[int, str]:
        answer = client.send(path, file=(BytesIO(content), "c.xlsx"), **(form | more))
        return answer.status_code, answer.get_data(as_text=True)

    status, page = sent(content, check="1")
    assert status == 200
    assert all(text in page for text in ("4,200.00", "4,350.50", "150.50", "1 张工资条", "1 人"))
    assert ">0001<" not in page
    with app.app_context():
        assert queries.corrections(1, HOSPITAL) == []
    status, page = sent(book(["0002", "", "", "", "n/a"]), apply="1")
    assert (status, "第2行" in page) == (422, True)
    assert sent(content, check="1", reason="错了")[0] == 422
    assert sent(content, check="1", pays_in=MONTH)[0] == 422
    assert sent(content, apply="1")[0] == 302
    assert "150.50" in client.get(listed + LATER).get_data(as_text=True)
    status, page = sent(content, apply="1")
    assert (status, "没有需要更正的" in page) == (422, True)


def test_many_corrections_stand_on_pages_with_their_sum(
    app: Flask, paid: int, client_as: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("alliance.workpoints.views.holdings.SIZE", 2)
    with app.app_context():
        enter()
    client, path = client_as("h1.bonus"), f"/workpoints/holdings/list?institution={HOSPITAL}&month={LATER}"
    first, second = (client.get(f"{path}&page={page}").get_data(as_text=True) for page in (1, 2))
    assert all(
        "50.51" in page and "更正3条" in page.replace(" ", "") for page in (first, second)
    )  # −100 + 150.50 + 0.01
    assert ("4,350.50" in first, "4,200.01" in first) == (True, False)
    assert ("4,350.50" in second, "4,200.01" in second) == (False, True)


@pytest.mark.parametrize("door", ["import", "template"])
def test_only_a_month_that_is_paid_is_corrected_by_its_own_office(
    app: Flask, paid: int, client_as: SignIn, door: str
) -> None:
    with app.app_context():
        keep_month(1, given_month("2026-04", "14000", "1400"), "approved")
    path = f"/workpoints/corrections/{door}/"
    office = client_as("h1.bonus")
    assert office.get(path + PLACE).status_code == 200
    for other in (f"{HOSPITAL}/2026-04", f"{HOSPITAL}/2026-05", f"{HOSPITAL}/2026", f"H2/{MONTH}"):
        assert office.get(path + other).status_code == 404, other
    for account in ("h1.finance", "h1.lead", "h1.head", "h1.nurse", "office"):
        assert client_as(account).get(path + PLACE).status_code in (403, 404), account
