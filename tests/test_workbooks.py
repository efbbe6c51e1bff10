"""Every page with a table is had as a workbook: the same rows, numbers as numbers, text as text."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import unquote

import openpyxl
import pytest
from flask import Flask, render_template_string
from werkzeug.test import TestResponse

from alliance import pages, tables, workbooks
from alliance.core.period import SHANGHAI
from tests.conftest import Client
from tests.test_doors import ACCOUNTS, DOORS

LISTS = [
    (view, path, min(roles - {""}))
    for (view, method), (path, roles) in DOORS.items()
    if method == "GET" and roles - {""} and view.partition(".")[2].startswith(("list_", "read_"))
]


def book_of(answer: TestResponse) -> Any:
    assert (answer.status_code, answer.mimetype) == (200, workbooks.MEDIA), answer.get_data(as_text=True)[:500]
    return openpyxl.load_workbook(io.BytesIO(answer.data))


def made(app: Flask, page: str, **given: Any) -> list[tables.Table]:
    """The tables of a page that is written here, as a workbook is given them."""
    with app.test_request_context("/"):
        tables.begin()
        return tables.read(
            render_template_string('{% import "house/macros.html" as ui with context %}' + page, **given)
        )


def row_of(app: Flask, cells: str, **given: Any) -> list[tables.Cell]:
    return made(app, "{% call ui.table('T', [('A', '')]) %}<tr>" + cells + "</tr>{% endcall %}", **given)[0].rows[0]


def test_every_list_and_every_page_with_a_table_is_had_as_a_workbook(
    client_as: Callable[[str], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("alliance.accounts.views.people.ON_A_PAGE", 100)  # a workbook has all, a page the first
    clients: dict[str, Client] = {}
    taken = set()
    for view, path, role in LISTS:
        client = clients.setdefault(role, client_as(ACCOUNTS[role]))
        answer = client.get(path)
        if answer.mimetype != "text/html":
            continue
        page = answer.get_data(as_text=True)
        shown = re.findall(r'<table class="sheet.*?</table>', page, re.DOTALL)
        if answer.status_code != 200 or not shown or view == "audit.list_events":
            assert "format=xlsx" not in page
            continue
        link = re.search(r'href="([^"]*format=xlsx)"', page)
        assert link, view
        taken.add(view)
        book = book_of(client.get(link[1].replace("&amp;", "&")))
        assert len(book.sheetnames) == len(shown) + 1, view
        for table, sheet in zip(shown, book.worksheets[:-1], strict=True):
            heads = table.partition("</thead>")[0].count("<tr")
            rows = table.partition("</thead>")[2].count("<tr")
            assert sheet.max_row == heads + rows, (view, sheet.title)
            assert sheet.freeze_panes == f"A{heads + 1}"
        assert not [cell for sheet in book for row in sheet.rows for cell in row if cell.data_type == "f"], view
        assert not [cell for sheet in book for row in sheet.rows for cell in row if "\ue000" in str(cell.value)], view
    assert len(taken) > 20, sorted(taken)


def test_a_number_keeps_its_value_and_its_look(app: Flask) -> None:
    cells = row_of(
        app,
        "<td>{{ a|number(2) }}</td><td>{{ b|amount }}</td><td>{{ ui.number(c|number) }}%</td>"
        "<td>{{ ui.number(a|number(1)) }}{{ ui.unit_behind('万元') }}</td><td>+{{ c|number(2) }}</td>"
        "<td>−{{ c|number(2) }}</td><td>{{ a|number }} / {{ b|number }}</td><td>{{ none|number }}</td>",
        a=Decimal("1234.505"), b=-123450, c=Decimal("12.3"),
    )  # fmt: skip
    assert [(cell.value, cell.look) for cell in cells] == [
        (Decimal("1234.505"), "#,##0.00"),
        (Decimal("-1234.50"), "#,##0.00"),
        (Decimal("12.3"), '#,##0.0"%"'),
        (Decimal("1234.505"), '#,##0.0" 万元"'),
        (Decimal("12.3"), "+#,##0.00;-#,##0.00;#,##0.00"),
        (Decimal("-12.3"), "#,##0.00"),
        (None, ""),
        (None, ""),
    ]
    assert cells[6].text == "1,234.505 / -123,450".replace("-", "−")


def test_a_number_in_a_heading_is_its_text(app: Flask) -> None:
    page = "{% call ui.table(_('x') ~ n|number, [(n|number, '', n|number ~ '%')]) %}<tr></tr>{% endcall %}"
    (found,) = made(app, page, n=Decimal("0.50"))
    assert (found.caption, found.heads[0][0].text) == ("x0.50", "0.50（0.50%）")


def test_what_excel_cannot_keep_and_what_is_no_amount_stays_a_text(app: Flask) -> None:
    cells = row_of(
        app,
        "<td>{{ a|number }}</td><td>0012</td><td>412</td><td class='num'>412</td><td class='num'>0012</td>"
        "<td class='num'>1,234.50</td><td class='num'>—</td>",
        a=Decimal("1234567890123.456"),
    )
    assert [cell.value for cell in cells] == [None, None, None, Decimal(412), None, Decimal("1234.50"), None]
    assert cells[0].text == "1,234,567,890,123.456"


def test_days_and_moments_are_dates_and_midnight_is_a_text(app: Flask) -> None:
    cells = row_of(
        app,
        "<td>{{ a|day }}</td><td>{{ b|moment }}</td><td>{{ b|deadline }}</td><td>{{ c|deadline }}</td>",
        a=date(2026, 3, 31),
        b=datetime(2026, 4, 10, 17, 30, 12, tzinfo=SHANGHAI),
        c=datetime(2026, 4, 11, tzinfo=SHANGHAI),
    )
    moment = datetime(2026, 4, 10, 17, 30)
    assert [cell.value for cell in cells] == [date(2026, 3, 31), moment, moment, None]
    assert cells[3].text == "2026-04-10 24:00"


def test_no_text_is_a_formula_a_link_or_a_mark(app: Flask) -> None:
    texts = ["=cmd|' /C calc'!A0", "+1+1", "-2", "@SUM(A1)", "\t=1", "https://example.org", "\ue0000n5\ue001x\ue002"]
    rows = "{% for one in texts %}<tr><td>{{ one }}</td></tr>{% endfor %}"
    found = made(app, "{% call ui.table('T', [('A', '')]) %}" + rows + "{% endcall %}", texts=texts)
    with app.test_request_context("/"):
        book = openpyxl.load_workbook(io.BytesIO(workbooks.write(found, workbooks.About("T", [("=A", "=B")]))))
    cells = [cell for sheet in book for row in sheet.rows for cell in row]
    assert {cell.data_type for cell in cells} == {"s"}
    assert not [cell for cell in cells if cell.hyperlink]
    assert [cell.value for cell in book.worksheets[0]["A"]][1:] == [text.strip() for text in texts]


def test_fields_in_a_cell_tell_what_is_in_them(app: Flask) -> None:
    (cell,) = row_of(
        app,
        '<td><input value="7"><input type="checkbox" checked><input type="hidden" value="secret">'
        '<select><option value="a">A</option><option value="b" selected>B</option></select><button>Send</button></td>',
    )
    assert cell.text == "7✓B"


def test_a_label_that_nobody_sees_stands_in_no_cell(app: Flask) -> None:
    (cell,) = row_of(app, '<td class="num"><label class="visually-hidden">Total</label><input value="1200.5"></td>')
    assert cell.value == Decimal("1200.5")


def test_what_spans_keeps_its_columns(app: Flask) -> None:
    page = (
        "{% call ui.table('T', [('A', ''), ('B', 'num', '%'), ('C', '')], foot|safe, groups=[('', 1), ('G', 2)]) %}"
        '<tr><td rowspan="2">x</td><td>1</td><td>2</td></tr><tr><td>3</td><td>4</td></tr>{% endcall %}'
    )
    found = made(app, page, foot='<tr><th colspan="2">Sum</th><td>6</td></tr>')
    with app.test_request_context("/"):
        book = openpyxl.load_workbook(io.BytesIO(workbooks.write(found, workbooks.About("T", []))))
    assert [[cell.value for cell in row] for row in book.worksheets[0].rows] == [
        [None, "G", None], ["A", "B（%）", "C"], ["x", "1", "2"], [None, "3", "4"], ["Sum", None, "6"],
    ]  # fmt: skip
    assert book.worksheets[0].auto_filter.ref == "A2:C4"


@pytest.mark.parametrize(
    ("text", "name"),
    [("Q1/2026: [a]*?\\", "Q1 2026 a"), ("'x'", "x"), ("", "Sheet"), ("History", "Sheet"), ("长" * 40, "长" * 31)],
)
def test_a_sheet_has_a_name_that_excel_takes(text: str, name: str) -> None:
    assert workbooks.sheet_name(text, set()) == name


def test_two_sheets_never_have_one_name() -> None:
    assert workbooks.sheet_name("a" * 40, {"a" * 31}) == "a" * 29 + " 2"
    assert workbooks.sheet_name("A", {"a", "a 2"}) == "A 3"


def test_a_leafed_list_is_there_as_a_whole_with_its_filters(
    client_as: Callable[[str], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("alliance.accounts.views.people.ON_A_PAGE", 2)
    client = client_as("admin")
    assert client.get("/accounts/persons/list").get_data(as_text=True).count('<th scope="row">') == 2
    every = book_of(client.get("/accounts/persons/list?page=3&format=xlsx")).worksheets[0].max_row - 1
    assert every > 10
    page = client.get("/accounts/persons/list?search=c1.&page=1").get_data(as_text=True)
    assert 'href="/accounts/persons/list?search=c1.&amp;format=xlsx"' in page
    book = book_of(client.get("/accounts/persons/list?search=c1.&format=xlsx"))
    assert {cell.value[:3] for cell in book.worksheets[0]["A"][1:]} == {"c1."}
    told = {row[0].value: row[1].value for row in book.worksheets[-1].rows}
    assert "c1." in told.values()
    assert "/accounts/persons/list?search=c1." in told["网址"]


def test_a_list_that_reaches_the_limit_says_so(
    client_as: Callable[[str], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "ROWS", 3)
    book = book_of(client_as("admin").get("/accounts/persons/list?format=xlsx"))
    assert book.worksheets[0].max_row == 4
    assert "已达上限" in [row[0].value for row in book.worksheets[-1].rows]


def test_its_name_goes_through_a_header_of_latin_letters(client_as: Callable[[str], Client]) -> None:
    told = client_as("office").get("/indicators/elements/list?format=xlsx").headers["Content-Disposition"]
    assert told.encode("latin-1")
    assert "filename*=UTF-8''%" in told
    name = unquote(told.rpartition("''")[2])
    assert name.endswith(".xlsx")
    assert not name.isascii()


def test_it_is_remembered_as_an_export_and_counted_as_heavy(client_as: Callable[[str], Client]) -> None:
    client = client_as("office")
    answer = client.get("/indicators/elements/list?format=xlsx")
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert ".xlsx" in answer.headers["Content-Disposition"]
    log = client_as("auditor").get("/audit/events/list?kind=export").get_data(as_text=True)
    assert log.count('<th scope="row">') == 1
    for _ in range(59):
        assert client.get("/indicators/elements/list?format=xlsx").status_code == 200
    assert client.get("/indicators/elements/list?format=xlsx").status_code == 429
    assert client.get("/indicators/elements/list").status_code == 200


def test_nobody_gets_more_than_the_page(client_as: Callable[[str], Client]) -> None:
    assert client_as("office").get("/accounts/persons/list?format=xlsx").status_code == 403
    assert client_as("c1.reporter").get("/audit/events/list?format=xlsx").status_code == 403
    stranger = client_as("").get("/accounts/persons/list?format=xlsx")
    assert stranger.location.startswith("/accounts/sessions/open")


def test_a_page_without_a_table_stays_a_page(client_as: Callable[[str], Client]) -> None:
    answer = client_as("office").get("/nothing?format=xlsx")
    assert (answer.status_code, answer.mimetype) == (404, "text/html")
    home = client_as("office").get("/?format=xlsx")
    assert home.mimetype == "text/html"
    assert "\ue000" not in home.get_data(as_text=True)


def test_the_log_leads_to_its_own_workbook(client_as: Callable[[str], Client]) -> None:
    answer = client_as("auditor").get("/audit/events/list?account=office&format=xlsx")
    assert answer.location == "/audit/events/export/xlsx?account=office"
