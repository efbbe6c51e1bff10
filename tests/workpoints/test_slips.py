"""Payslips: who sees which, what stands on them, on paper; the payment's files and the analysis of a month."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from io import BytesIO, StringIO
from zipfile import ZipFile

import openpyxl
import pypdfium2
import pytest
from flask import Flask
from sqlalchemy import update

from alliance.audit.services import verb
from alliance.core.money import yuan
from alliance.core.refused import NotFound, Refused
from alliance.members.rules.staff import EmployeeFact
from alliance.pdf import SLIPS_STYLE, render, render_each
from alliance.workpoints import queries, services, sheets
from alliance.workpoints.models import BonusRun, Slip
from alliance.workpoints.queries.analysis import by_title
from alliance.workpoints.queries.months import _reserve
from alliance.workpoints.queries.slips import paid_before
from alliance.workpoints.rules.month.given import CorrectionGiven, HoldingGiven
from tests.conftest import Client, file_made, run_jobs
from tests.glyphs import missing_glyphs
from tests.small import CLOCK, STAFFING, YEAR, by
from tests.workpoints.paid_month import HOSPITAL, given_month, hire_third, keep_month, nights

MONTH, BEFORE = "2026-04", "2026-03"
PLACE = f"{HOSPITAL}/{MONTH}"
SignIn = Callable[[str], Client]


@pytest.fixture
def runs(app: Flask) -> tuple[int, int]:
    """March paid, April approved: ten nights, a tenth withheld of one nurse, and a correction of March."""
    with app.app_context():
        hire_third(1)
        first = keep_month(1, given_month(BEFORE, "30000", "3000"))
        known = queries.bonus_run(1, HOSPITAL, BEFORE)
        assert known is not None
        slip = queries.slip(known.id, "0002")
        assert slip is not None
        paid = f"figure:{'0' * 64}/{slip.lines[0].figure}"
        second = keep_month(1, given_month(
            MONTH, "40000", "4000", nights=nights("0002", MONTH, 10),
            holdings=[HoldingGiven(1, "0002", "withheld", None, Decimal(10)),
                      HoldingGiven(2, "0003", "recovered", Decimal("100.00"), None)],
            corrections=[CorrectionGiven(1, "0002", BEFORE, Decimal("9050.00"), yuan(slip.lines[0].amount), paid)],
        ), "approved")  # fmt: skip
        return first, second


def test_a_month_knows_what_the_year_paid_and_left_before_it(app: Flask, runs: tuple[int, int]) -> None:
    """March paid 30,000.00, April 40,000.00 with nights of 2,800.00; both pools were shared. A draft counts not."""
    with app.app_context():
        found = paid_before(1, HOSPITAL, "2026-05")
        assert [(one.month, one.operation, one.whole) for one in found] == [
            ("2026-03", Decimal(30000), Decimal(30000)), ("2026-04", Decimal(42800), Decimal(42800)),
        ]  # fmt: skip
        assert [one.month for one in paid_before(1, HOSPITAL, MONTH)] == [BEFORE]
        assert paid_before(1, HOSPITAL, "2027-01") == []
        held = _reserve(1, HOSPITAL, "2026-05")
        assert {month: one.value for month, one in held.items()} == {"2026-03": 0, "2026-04": 0}
        assert all(one.source.endswith("/first/left") for one in held.values())
    set_state(app, runs[1], "draft")
    with app.app_context():
        assert [one.month for one in paid_before(1, HOSPITAL, "2026-05")] == [BEFORE]
        assert list(_reserve(1, HOSPITAL, "2026-05")) == [BEFORE]


def text_of(content: bytes) -> str:
    document = pypdfium2.PdfDocument(content)
    try:
        return "\n".join(page.get_textpage().get_text_range() for page in document)
    finally:
        document.close()


def set_state(app: Flask, run: int, state: str) -> None:
    with app.app_context(), verb(by("h1.bonus")) as session:
        session.execute(update(BonusRun).where(BonusRun.id == run).values(state=state))


def test_a_payslip_opens_for_its_employee_and_the_hospitals_offices_alone(
    runs: tuple[int, int], client_as: SignIn
) -> None:
    own = {"h1.bonus", "h1.finance", "h1.lead", "h1.nurse"}
    for account in (*sorted(own), "h1.head", "h1.personnel", "c1.lead", "c1.quality", "office", "regulator", "chair"):
        client = client_as(account)
        for path in (f"/workpoints/slips/read/{PLACE}/0002", f"/workpoints/slips/download/{PLACE}/0002/zh"):
            status = client.get(path).status_code
            assert (status == 200) == (account in own), (account, path, status)
            assert status in (200, 403, 404)
        other = client.get(f"/workpoints/slips/read/{PLACE}/0003").status_code
        assert (other == 200) == (account in own - {"h1.nurse"}), account
    assert client_as("h1.head").get(f"/workpoints/slips/read/{PLACE}/0002").status_code in (403, 404)
    assert client_as("h1.nurse").get(f"/workpoints/slips/read/{PLACE}/0003").status_code == 404
    assert client_as("h1.nurse").get(f"/workpoints/slips/read/H2/{MONTH}/0002").status_code == 404
    assert client_as("h1.bonus").get(f"/workpoints/slips/read/H2/{MONTH}/0002").status_code == 404


@pytest.mark.parametrize("state", ["draft", "checked", "reversed"])
def test_an_employee_sees_nothing_of_a_run_that_is_not_approved(
    app: Flask, runs: tuple[int, int], client_as: SignIn, state: str
) -> None:
    set_state(app, runs[1], state)
    client = client_as("h1.nurse")
    assert client.get(f"/workpoints/slips/read/{PLACE}/0002").status_code == 404
    page = client.get("/workpoints/slips/list").get_data(as_text=True)
    assert "2026年3月" in page
    assert "2026年4月" not in page
    office = client_as("h1.bonus").get(f"/workpoints/slips/read/{PLACE}/0002?number=1").status_code
    assert office == 200


def test_lines_add_up_and_each_amount_opens(app: Flask, runs: tuple[int, int], client_as: SignIn) -> None:
    with app.app_context():
        run = queries.bonus_run(1, HOSPITAL, MONTH)
        assert run is not None
        sheet = queries.slip_sheet(1, run, "0002")
        assert sheet is not None
        signed = sum(sheets.line_sign(line) * line.amount for line in sheet.slip.lines)
        assert signed == sheet.slip.net
        assert [line.sort for line in sheet.slip.lines] == ["bonus", "night", "correction", "withheld"]
        assert sheet.to_date == sheet.slip.net + queries.slips_of(1, HOSPITAL, "0002")[1].net
        keys = [line.figure for line in sheet.slip.lines]
        figures = sheet.slip.figures
    client = client_as("h1.nurse")
    page = client.get(f"/workpoints/slips/read/{PLACE}/0002").get_data(as_text=True)
    for key in keys:
        assert f"/figures/{figures}/by-key/{key}" in page
        assert client.get(f"/figures/{figures}/by-key/{key}", follow_redirects=True).status_code == 200, key
    assert f"/slips/read/{HOSPITAL}/{BEFORE}/0002" in page  # the month that the correction corrects
    assert f"{sheet.slip.net / 100:,.2f}" in page


def test_ones_own_slips_stand_year_by_year_with_what_was_paid_to_date(runs: tuple[int, int], client_as: SignIn) -> None:
    page = client_as("h1.nurse").get("/workpoints/slips/list").get_data(as_text=True)
    nets = [Decimal(text.replace(",", "")) for text in re.findall(r'<td class="num">([\d,.]+)</td>', page)]
    assert len(nets) == 3
    assert nets[0] + nets[1] == nets[2]
    for account in ("h1.bonus", "office", "c1.lead"):
        assert client_as(account).get("/workpoints/slips/list").status_code in (403, 404)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_payslip_on_paper_has_every_amount_and_every_letter(
    runs: tuple[int, int], client_as: SignIn, language: str
) -> None:
    client = client_as("h1.nurse")
    answer = client.get(f"/workpoints/slips/download/{PLACE}/0002/{language}")
    assert answer.mimetype == "application/pdf"
    assert missing_glyphs(answer.data) == []
    text = text_of(answer.data)
    page = client.get(f"/workpoints/slips/read/{PLACE}/0002").get_data(as_text=True)
    for amount in re.findall(r'class="number" href="[^"]*">([\d,.]+)</a>', page):
        assert amount in text
    if language == "en":
        assert not re.search("[\u4e00-\u9fff]", text)
        assert "Night allowance" in text
    else:
        assert "夜班费" in text


def test_a_unit_comes_as_one_paper_and_a_hospital_as_one_for_each_unit(
    app: Flask, runs: tuple[int, int], client_as: SignIn
) -> None:
    client = client_as("h1.finance")
    with app.app_context():
        run = queries.bonus_run(1, HOSPITAL, MONTH)
        assert run is not None
        nets = {one.person: (one.unit, f"{one.net / 100:,.2f}") for one in queries.slips(run.id)}
    for unit in ("N1", ""):
        asked = client.send(f"/workpoints/slips/print/{PLACE}/zh", unit=unit)
        assert asked.status_code == 302
        assert run_jobs(app) == 1
        made = file_made(client, asked.location)
        content = client.get(made).data
        if unit:
            text = {"N1.pdf": text_of(content)}
            assert text["N1.pdf"].count("实发") >= 2
        else:
            with ZipFile(BytesIO(content)) as box:
                text = {name: text_of(box.read(name)) for name in box.namelist()}
            assert set(text) == {"D1-1.pdf", "N1.pdf"}
        for place, net in nets.values():
            if f"{place}.pdf" in text:
                assert net in text[f"{place}.pdf"]
    assert client_as("h1.nurse").send(f"/workpoints/slips/print/{PLACE}/zh", unit="N1").status_code == 404
    assert client_as("h1.nurse").get(made).status_code == 404
    assert client_as("h1.bonus").get(made).status_code == 404  # it lies among the files of who asked


def test_slips_of_a_unit_that_has_none_cannot_be_asked_for(inside: Flask, runs: tuple[int, int]) -> None:
    with pytest.raises(NotFound):
        services.print_slip(1, HOSPITAL, MONTH, "D2", "zh", by=by("h1.bonus"), now=CLOCK)
    with pytest.raises(NotFound):
        services.print_slip(1, HOSPITAL, "2026-02", "", "zh", by=by("h1.bonus"), now=CLOCK)


def test_papers_set_side_by_side_are_those_set_one_after_the_other(inside: Flask, runs: tuple[int, int]) -> None:
    run, names = queries.bonus_run(1, HOSPITAL, MONTH), queries.names_of(1, HOSPITAL)
    assert run is not None
    papers = [
        sheets.slips_paper(1, run, queries.slip_sheets(1, run, [unit]), names, "zh", unit) for unit in ("D1-1", "N1")
    ]
    assert list(render_each(papers, SLIPS_STYLE, 2)) == [render(paper, SLIPS_STYLE) for paper in papers]


def test_a_draft_on_paper_says_so(app: Flask, runs: tuple[int, int], client_as: SignIn) -> None:
    set_state(app, runs[1], "draft")
    answer = client_as("h1.bonus").get(f"/workpoints/slips/download/{PLACE}/0002/zh")
    assert "草稿" in text_of(answer.data)


def test_earlier_revisions_stay_beside_the_corrected_one(app: Flask, runs: tuple[int, int], client_as: SignIn) -> None:
    with app.app_context(), verb(by("h1.bonus")) as session:
        old = session.get_one(Slip, (runs[1], "0003", 0))
        session.add(Slip(
            bonus_run_id=old.bonus_run_id, person="0003", revision=1, unit=old.unit, staff_group=old.staff_group,
            net=old.net, run_id=old.run_id, reason="漏计一个夜班，补发夜班费", made_by="h1.bonus", made_at=CLOCK,
        ))  # fmt: skip
    page = client_as("h1.bonus").get(f"/workpoints/slips/read/{PLACE}/0003").get_data(as_text=True)
    assert "漏计一个夜班" in page
    assert "revision=0" in page
    with app.app_context():
        run = queries.bonus_run(1, HOSPITAL, MONTH)
        assert run is not None
        assert len(queries.slips(run.id)) == 3
        assert {one.unit: one.count for one in queries.slip_units(run.id)} == {"D1-1": 1, "N1": 2}
        assert queries.slip_page(run.id, 1, 2)[1] == 3


def test_the_form_of_a_correction_is_the_offices_and_asks_for_a_reason(
    app: Flask, runs: tuple[int, int], client_as: SignIn
) -> None:
    set_state(app, runs[1], "draft")
    path = f"/workpoints/slips/correct/{PLACE}/0002"
    client = client_as("h1.bonus")
    assert client.get(path).status_code == 200
    assert client.send(path, reason="短").status_code == 422
    for account in ("h1.finance", "h1.nurse", "h1.head", "office"):
        assert client_as(account).get(path).status_code in (403, 404)


def test_the_banks_file_pays_what_was_approved_and_no_account_number(
    app: Flask, runs: tuple[int, int], client_as: SignIn
) -> None:
    client = client_as("h1.finance")
    page = client.get(f"/workpoints/payments/export/{PLACE}").get_data(as_text=True)
    assert "notice-good" in page
    with app.app_context():
        run = queries.bonus_run(1, HOSPITAL, MONTH)
        assert run is not None
        found = queries.payment(1, run)
        nets = {one.person: one.net for one in queries.slips(run.id)}
    assert found.net == sum(nets.values())
    tied = found.tied
    assert (tied.difference, tied.approved) == (Decimal(0), tied.paid + tied.withheld + tied.returned)
    assert tied.returned == Decimal(100)
    assert tied.withheld > 0
    for what in ("bank", "tax"):
        made = client.get(f"/workpoints/payments/download/{PLACE}/{what}/csv").get_data(as_text=True)
        rows = list(csv.reader(StringIO(made.removeprefix("\ufeff"))))
        column = 3 if what == "bank" else -1
        assert sum(Decimal(row[column]) for row in rows[1:-1]) == Decimal(rows[-1][column]) == yuan(found.net)
        book = openpyxl.load_workbook(BytesIO(client.get(f"/workpoints/payments/download/{PLACE}/{what}/xlsx").data))
        amounts = [row[column if what == "bank" else book.worksheets[0].max_column - 1].value
                   for row in book.worksheets[0].iter_rows(min_row=2)]  # fmt: skip
        assert sum(Decimal(str(one)) for one in amounts[:-1]) == yuan(found.net)
    assert [row[2] for row in csv.reader(StringIO(
        client.get(f"/workpoints/payments/download/{PLACE}/bank/csv").get_data(as_text=True)
    ))][1:] == [""] * 4  # fmt: skip


def test_a_payment_is_the_finance_offices_and_waits_for_the_approval(
    app: Flask, runs: tuple[int, int], client_as: SignIn
) -> None:
    path = f"/workpoints/payments/export/{PLACE}"
    for account in ("h1.bonus", "h1.lead", "h1.head", "h1.nurse", "c1.lead", "office"):
        assert client_as(account).get(path).status_code in (403, 404), account
    set_state(app, runs[1], "checked")
    client = client_as("h1.finance")
    assert client.get(path).status_code == 404
    assert client.get(f"/workpoints/payments/download/{PLACE}/bank/csv").status_code == 404


def test_a_slip_that_pays_something_else_than_was_kept_is_told(app: Flask, runs: tuple[int, int]) -> None:
    with app.app_context():
        with verb(by("h1.bonus")) as session:
            session.execute(
                update(Slip).where(Slip.bonus_run_id == runs[1], Slip.person == "0003").values(net=Slip.net + 1)
            )
        run = queries.bonus_run(1, HOSPITAL, MONTH)
        assert run is not None
        assert queries.payment(1, run).tied.difference == Decimal("-0.01")


def test_those_who_decide_see_the_month_against_the_one_before(inside: Flask, runs: tuple[int, int]) -> None:
    run = queries.bonus_run(1, HOSPITAL, MONTH)
    assert run is not None
    found = queries.decision(1, run)
    assert (found.pool, found.paid, found.before) == (4_000_000, 4_000_000, 3_000_000)
    established, present = found.heads
    assert established.value == Decimal("5000.00")  # 40,000 over eight established posts
    assert (present.heads, present.value) == (Decimal(3), Decimal("13333.33"))
    assert present.before == Decimal("10000.00")
    assert found.gini == Decimal("0.0667")  # 16,000, 12,000 and 12,000
    assert [(one.code, one.persons) for one in found.groups] == [("doctor", 1), ("nurse", 2)]
    assert found.titles == ()  # fewer than ten persons in all
    assert found.share is not None
    assert [one.month for one in found.trend] == [BEFORE, MONTH]
    assert [one.values["base"] for one in found.trend] == [Decimal(3000), Decimal(4000)]


def test_units_stand_side_by_side_with_last_month(inside: Flask, runs: tuple[int, int]) -> None:
    run = queries.bonus_run(1, HOSPITAL, MONTH)
    assert run is not None
    found = {one.unit: one for one in queries.management(1, run)}
    assert (found["N1"].bonus, found["N1"].before, found["N1"].change) == (2_400_000, 1_800_000, Decimal("33.3"))
    assert found["N1"].head == Decimal("12000.00")
    assert found["D1-1"].quality == Decimal(1)


def test_who_moved_by_a_fifth_is_listed_with_the_largest_cause(inside: Flask, runs: tuple[int, int]) -> None:
    run = queries.bonus_run(1, HOSPITAL, MONTH)
    assert run is not None
    whole = queries.execution(1, run, "N1", whole=True)
    assert whole is not None
    assert {one.person: one.cause for one in whole.movers} == {"0002": "bonus", "0003": "bonus"}
    head = queries.execution(1, run, "N1", whole=False)
    assert head is not None
    assert {one.percent for one in head.movers} == {Decimal("33.33")}
    assert queries.execution(1, run, "D2", whole=True) is None


def test_before_the_payslips_are_made_movers_are_told_by_shares(
    inside: Flask, runs: tuple[int, int], client_as: SignIn
) -> None:
    run = queries.bonus_run(1, HOSPITAL, MONTH)
    assert run is not None
    found = queries.execution(1, replace(run, slips_run=None), "N1", whole=True)
    assert found is not None
    assert not found.by_slips
    assert {one.percent for one in found.movers} == {Decimal("33.33")}
    with verb(by("h1.bonus")) as session:
        session.execute(update(BonusRun).where(BonusRun.id == run.id).values(slips_run=None))
    path = f"/workpoints/analyses/read?institution={HOSPITAL}&month={MONTH}&reader=execution&unit=N1"
    assert "两个月的工资条未全部生成" in client_as("h1.bonus").get(path).get_data(as_text=True)


def test_no_cell_of_pay_by_title_has_fewer_than_ten_persons() -> None:
    template = STAFFING.employees[0]

    def people(**titles: int) -> tuple[dict[str, int], dict[str, EmployeeFact]]:
        known, pay = {}, {}
        for title, count in titles.items():
            for place in range(count):
                number = f"{title}{place}"
                known[number] = EmployeeFact(
                    number, "", "", template.department, template.post, title, YEAR, "active", YEAR
                )
                pay[number] = 100_00
        return pay, known

    cells = by_title(*people(a=30, b=12, c=4))
    assert [(one.code, one.persons, one.titles) for one in cells] == [("a", 30, ()), ("", 16, ("b", "c"))]
    cells = by_title(*people(a=30, b=12, c=6, d=5))
    assert [(one.persons, one.titles) for one in cells] == [(30, ()), (12, ()), (11, ("c", "d"))]
    assert by_title(*people(a=9)) == ()
    assert [one.persons for one in by_title(*people(a=10, b=11))] == [10, 11]


@pytest.mark.parametrize("reader", ["decision", "management", "execution"])
def test_the_analysis_opens_for_offices_whole_and_for_a_head_on_the_own_units(
    runs: tuple[int, int], client_as: SignIn, reader: str
) -> None:
    path = f"/workpoints/analyses/read?institution={HOSPITAL}&month={MONTH}&reader={reader}"
    for account in ("h1.bonus", "h1.finance", "h1.lead"):
        client = client_as(account)
        assert client.get(path).status_code == 200
        assert client.get(f"{path}&format=xlsx").status_code == 200
    assert (client_as("h1.head").get(path).status_code == 200) == (reader == "execution")
    for account in ("h1.nurse", "h1.personnel", "c1.lead", "office", "regulator", "chair"):
        assert client_as(account).get(path).status_code in (403, 404), account


def test_a_head_sees_no_foreign_unit_in_the_analysis(runs: tuple[int, int], client_as: SignIn) -> None:
    client = client_as("h1.head")  # heads D1 with D1-1 and N1
    path = f"/workpoints/analyses/read?institution={HOSPITAL}&month={MONTH}"
    assert client.get(f"{path}&unit=N1").status_code == 200
    assert client.get(f"{path}&unit=D2").status_code == 404
    assert client.get(f"/workpoints/analyses/read?institution=H2&month={MONTH}").status_code == 404
    assert client.get(f"/workpoints/analyses/download/H2/{MONTH}/zh").status_code == 404


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("account", ["h1.lead", "h1.head"])
def test_the_analysis_on_paper_is_whole(runs: tuple[int, int], client_as: SignIn, account: str, language: str) -> None:
    answer = client_as(account).get(f"/workpoints/analyses/download/{PLACE}/{language}")
    assert answer.status_code == 200
    assert missing_glyphs(answer.data) == []
    text = text_of(answer.data)
    assert ("40,000.00" in text) == (account == "h1.lead")
    assert ("12,000.00" in text) == (account == "h1.head") or account == "h1.lead"
    if language == "en":
        assert not re.search("[\u4e00-\u9fff]", text.replace("主治医师", "").replace("护师", ""))


def test_a_month_without_a_run_says_so_kindly(runs: tuple[int, int], client_as: SignIn) -> None:
    answer = client_as("h1.bonus").get(f"/workpoints/analyses/read?institution={HOSPITAL}&month=2026-01")
    assert answer.status_code == 200
    assert 'class="empty"' in answer.get_data(as_text=True)


def test_a_reason_too_short_is_refused_by_the_verb_too(inside: Flask, runs: tuple[int, int]) -> None:
    with pytest.raises(Refused):
        services.correct_slip(1, HOSPITAL, MONTH, "0002", "短", by=by("h1.bonus"), now=CLOCK)
