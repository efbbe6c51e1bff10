"""Tables in and out: what a cell says, what a file would do, and that it is done whole or not at all."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from flask import Flask
from sqlalchemy import func, select

from alliance.core.figure import State
from alliance.core.refused import Refused
from alliance.db import db, transaction
from alliance.files import open_table
from alliance.indicators import queries, services, sheets
from alliance.indicators.models import Explanation, Reading
from alliance.indicators.rules.cells import read_entry, read_period
from alliance.indicators.rules.definitions import Element, Words
from alliance.indicators.rules.filing import Row
from alliance.indicators.services.readings import append_readings
from tests.conftest import Client
from tests.small import at, by, entry

APRIL, NOW = "2026-04", at(10, 5)
HEAD = "element,value,explanation,revision,institution,period\n"
UPLOAD = f"/indicators/readings/upload/{APRIL}/C1"
COUNT = Element("E1", Words("数"), Words("人次"))
SHARE = Element("E2", Words("率"), Words("%"), places=1)


def packed(parts: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as box:
        for name, data in parts.items():
            box.writestr(name, data)
    return buffer.getvalue()


def report(text: str | bytes, institution: str = "C1", account: str = "c1.reporter") -> queries.Report:
    content = text.encode() if isinstance(text, str) else text
    filled = sheets.read_filled(content, "t.csv", APRIL, queries.library(1), institution)
    return queries.dry_run(1, APRIL, filled, institution, by=by(account), now=NOW)


def apply(found: queries.Report) -> tuple[int, int]:
    return services.upload_reading(1, APRIL, "C1", found.rows, found.notes, "t.csv", by=by("c1.reporter"), now=NOW)


def faults(found: queries.Report) -> list[tuple[Any, str, str]]:
    return [(one.at.get("row"), getattr(one.at.get("column"), "en", ""), one.message) for one in found.problems]


def workbook(rows: list[list[Any]], formats: dict[str, str] | None = None) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    for row in rows:
        sheet.append(row)
    for place, number_format in (formats or {}).items():
        sheet[place].number_format = number_format
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def repacked(content: bytes, **parts: bytes) -> bytes:
    """A workbook with further parts."""
    buffer = io.BytesIO(content)
    with zipfile.ZipFile(buffer, "a", zipfile.ZIP_DEFLATED) as box:
        for name, data in parts.items():
            box.writestr(name.replace("__", "/"), data)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("text", "kind", "element", "value"),
    [
        ("１２", "", COUNT, "12"),
        ("12,345", "", COUNT, "12345"),
        ("1E+05", "", COUNT, "100000"),
        ("1.0", "", COUNT, "1"),
        ("0.15", "percent", SHARE, "15"),
        ("15%", "", SHARE, "15"),
        ("0", "", COUNT, "0"),
        ("-", "", COUNT, ""),
        ("－", "", COUNT, ""),
        ("清空", "", COUNT, ""),
    ],
)
def test_a_cell_says_a_value(text: str, kind: str, element: Element, value: str) -> None:
    problems: list[Any] = []
    found = read_entry(text, kind, element, 2, problems)
    assert problems == []
    assert found is not None
    assert Decimal(found.text or "0") == Decimal(value or "0")
    assert (found.state is State.MISSING) == (value == "")


def test_a_blank_cell_says_nothing() -> None:
    assert read_entry("", "", COUNT, 2, []) is None


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("0.15", "percent"), ("2026-04-01", "date"), ("TRUE", "truth"), ("", "error"), ("", "formula"),
        ("1.23457E+12", "lost"), ("1.5", ""), ("15%", ""), ("12 or so", ""),
    ],
)  # fmt: skip
def test_a_cell_that_is_no_count_is_refused(text: str, kind: str) -> None:
    problems: list[Any] = []
    assert read_entry(text, kind, COUNT, 2, problems) is None
    assert len(problems) == 1


@pytest.mark.parametrize("text", ["2026-04", "2026/4/1", "2026年4月", "Apr-26", "2026-04-01", "２０２６-04"])
def test_a_month_is_read_though_a_spreadsheet_took_it_for_a_day(text: str) -> None:
    assert read_period(text) == APRIL


def test_cells_of_a_workbook_keep_their_types(inside: Flask) -> None:
    rows = [
        ["element", "value"],
        ["E1", 1.0],
        ["E2", 0.1 + 0.2],
        ["E3", date(2026, 4, 1)],
        ["E4", 0.15],
        ["E5", "=1/0"],
    ]
    table = open_table(workbook(rows, {"B5": "0%"}), "t.xlsx", {"element": "甲", "value": "乙"}, required=["value"])
    found = [(cells["value"].text, cells["value"].kind) for _, cells in table.cells()]
    assert found == [("1", ""), ("0.3", ""), ("2026-04-01", "date"), ("0.15", "percent"), ("", "formula")]


def test_a_blank_never_empties_a_value_and_a_dash_does(inside: Flask) -> None:
    apply(report(HEAD + "E1,5,,0,C1,2026-04\nE2,50,,0,C1,2026-04\n"))
    found = report(HEAD + "E1,,,1,C1,2026-04\nE2,-,,1,C1,2026-04\nE3,n/a,,0,C1,2026-04\n")
    assert [(one.row.element, one.before, one.after) for one in found.changes] == [("E2", "50", ""), ("E3", "", "n/a")]
    apply(found)
    now = queries.readings(1, APRIL, "C1")
    assert now["E1"].value == 5
    assert now["E2"].state is State.MISSING


def test_the_same_file_again_changes_nothing(inside: Flask) -> None:
    text = HEAD + "E1,5,because of the flood in May,0,C1,2026-04\n"
    assert apply(report(text)) == (1, 1)
    again = report(text)
    assert not again.says_something
    assert again.same == 1
    before = db.session.scalar(select(func.count()).select_from(Reading))
    assert apply(again) == (0, 0)
    assert db.session.scalar(select(func.count()).select_from(Reading)) == before
    assert db.session.scalar(select(func.count()).select_from(Explanation)) == 1


def test_every_fault_is_told_with_row_and_column(inside: Flask) -> None:
    text = HEAD + (
        "E1,5,short,0,C1,2026-04\nE1,6,,0,C1,2026-04\nE2,abc,,0,C1,2026-04\nE3,1,,0,C2,2026-04\n"
        "E4,1,,0,C1,2026-03\nE9,1,,0,C1,2026-04\n"
    )
    assert [(row, column) for row, column, _ in faults(report(text))] == [
        (2, "explanation"), (3, "element"), (4, "value"), (5, "institution"), (6, "period"), (7, "element"),
    ]  # fmt: skip


def test_a_change_by_somebody_else_after_the_download_is_told(inside: Flask) -> None:
    apply(report(HEAD + "E1,5,,0,C1,2026-04\n"))
    services.file_reading(1, APRIL, "C1", {"E1": (entry("7"), 1)}, "", by=by("office"), now=NOW)
    assert [(row, column) for row, column, _ in faults(report(HEAD + "E1,6,,1,C1,2026-04\n"))] == [(2, "value")]
    untouched = report(HEAD + "E1,5,,1,C1,2026-04\n")
    assert untouched.problems == ()
    assert [row.element for row in untouched.stays] == ["E1"]
    assert queries.readings(1, APRIL, "C1")["E1"].value == 7


def test_what_changed_between_check_and_apply_is_not_overwritten(inside: Flask) -> None:
    found = report(HEAD + "E1,5,,0,C1,2026-04\nE2,6,long enough a reason,0,C1,2026-04\n")
    services.file_reading(1, APRIL, "C1", {"E1": (entry("7"), 0)}, "", by=by("office"), now=NOW)
    with pytest.raises(Refused, match="changed by somebody else"):
        apply(found)
    assert set(queries.readings(1, APRIL, "C1")) == {"E1"}
    assert db.session.scalar(select(func.count()).select_from(Explanation)) == 0


def test_only_returned_items_of_a_returned_filing_are_open(inside: Flask) -> None:
    apply(report("element,value\nE1,5\nE2,50\nE3,1\nE4,9\n"))
    services.sign_submission(1, APRIL, ["C1"], by=by("c1.lead"), now=NOW)
    services.submit_submission(1, APRIL, ["C1"], by=by("c1.lead"), now=NOW)
    locked = report("element,value\nE1,6\n")
    assert [row for row, _, _ in faults(locked)] == [2]
    with pytest.raises(Refused, match="under review"):
        apply(queries.Report((queries_change("E1", "6", 1),), (), 0, (), ()))
    services.return_submission(1, APRIL, "C1", {"E2": "does not agree with the ledger"}, by=by("office2"), now=NOW)
    found = report("element,value\nE1,6\nE2,51\n")
    assert [(row, column) for row, column, _ in faults(found)] == [(2, "value")]
    assert apply(report("element,value\nE2,51\n")) == (1, 0)


def queries_change(element: str, value: str, seen: int) -> Any:
    from alliance.indicators.queries.imports import Change

    return Change(Row("C1", element, entry(value), seen), "")


def test_a_closed_period_is_refused(inside: Flask) -> None:
    filled = sheets.read_filled(b"element,value\nE1,6\n", "t.csv", APRIL, queries.library(1), "C1")
    with pytest.raises(Refused, match="closed at"):
        queries.dry_run(1, APRIL, filled, "C1", by=by("c1.reporter"), now=at(1, 6))
    with pytest.raises(Refused, match="not open"):
        queries.dry_run(1, "2026-07", filled, "C1", by=by("c1.reporter"), now=NOW)


def test_a_template_filled_in_comes_back_as_it_was_meant(inside: Flask) -> None:
    apply(report("element,value\nE1,5\n"))
    lines = [
        sheets.Line(
            one.element.code, one.element.name, one.element.unit, one.element.definition, one.previous, one.last_year,
            one.value, one.explanation, one.revision,
        )
        for one in queries.due_lines(1, APRIL, "C1")
    ]  # fmt: skip
    content = sheets.write_member_template("C1", APRIL, lines)
    book = openpyxl.load_workbook(io.BytesIO(content))
    sheet = book["readings"]
    assert sheet.protection.sheet
    assert (sheet["I2"].protection.locked, sheet["C2"].protection.locked, sheet["I2"].number_format) == (
        False,
        True,
        "@",
    )
    assert [cell.value for cell in sheet[2]][6:9] == ["60", None, "5"] or sheet["G2"].value
    sheet["I3"] = 12.0
    buffer = io.BytesIO()
    book.save(buffer)
    found = report(buffer.getvalue())
    assert [(one.row.element, one.after) for one in found.changes] == [("E2", "12")]
    assert found.problems == ()
    assert report(sheets.write_member_csv("C1", APRIL, lines)).same == 1


def test_the_marked_workbook_is_the_same_with_its_wrong_cells_in_colour(inside: Flask) -> None:
    content = workbook([["element", "value"], ["E1", "abc"], ["E2", 5], ["E9", 1]])
    found = report(content)
    sheet = openpyxl.load_workbook(io.BytesIO(sheets.mark_faults(content, "t.xlsx", found.problems, "C1"))).active
    assert {cell.coordinate for row in sheet for cell in row if cell.comment} == {"B2", "A4"}
    assert sheet["B2"].fill.start_color.rgb == "FFFFC7CE"
    assert sheet["B3"].value == 5
    text = b"element,value\nE1,=1+1\n"
    marked = sheets.mark_faults(text, "t.csv", report(text).problems, "C1")
    assert openpyxl.load_workbook(io.BytesIO(marked)).active["B2"].data_type == "s"


def test_an_odd_file_is_marked_too(inside: Flask) -> None:
    """A CSV file with the line break of a word processor; a workbook with a style that it does not have."""
    text = "element,value\nE1,a\x0bb\n"
    marked = sheets.mark_faults(text.encode(), "t.csv", report(text).problems, "C1")
    assert openpyxl.load_workbook(io.BytesIO(marked)).active["B2"].value == "a b"
    content = workbook([["element", "value"], ["E1", "abc"]])
    with zipfile.ZipFile(io.BytesIO(content)) as box:
        parts = {name: box.read(name) for name in box.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    parts[sheet] = parts[sheet].replace(b'<c r="B2"', b'<c r="B2" s="99"')
    odd = packed(parts)
    found = openpyxl.load_workbook(io.BytesIO(sheets.mark_faults(odd, "t.xlsx", report(odd).problems, "C1"))).active
    assert found["B2"].comment


GOOD = [["element", "value"], ["E1", 5]]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (repacked(workbook(GOOD), **{"xl__vbaProject.bin": b"x"}), "macros"),
        (repacked(workbook(GOOD), **{"xl__externalLinks__externalLink1.xml": b"<x/>"}), "other workbooks"),
        (repacked(workbook(GOOD), **{"xl__bomb.xml": b"0" * (101 * 2**20)}), "Unpacked"),
        (b"\xd0\xcf\x11\xe0" + b"0" * 600, "old .xls"),
        (b"0" * (21 * 2**20), "at most 20 MB"),
        (
            workbook([[None, "element", "value"], ["x"]] + [[None]] * 5).replace(b"PK\x03\x04", b"PK\x03\x05", 1),
            "as a table",
        ),
        (b"element,value,value\nE1,1,2\n", "twice"),
        (b"\x00\x01\x02", "as a table"),
        (b"element,value\n", "holds no values"),
    ],
)
def test_a_hostile_or_wrong_file_is_refused(inside: Flask, content: bytes, why: str) -> None:
    with pytest.raises(Refused, match=why):
        report(content)


def test_a_sheet_of_two_cells_far_apart_is_refused(inside: Flask) -> None:
    book = openpyxl.Workbook()
    book.active["A1"] = "element"
    book.active["B1"] = "value"
    book.active["XFD1048576"] = 1
    buffer = io.BytesIO()
    book.save(buffer)
    with pytest.raises(Refused, match="rows and"):
        report(buffer.getvalue())


@pytest.mark.parametrize(
    "cell",
    [
        '<c r="xfd600"><v>1</v></c>',  # a reader takes small letters too
        '<c r = "XFD600"><v>1</v></c>',
        '<c foo=">" r="XFD600"><v>1</v></c>',
        '<c r="ABCD600"><v>1</v></c>',
        '<c r="ZZZZZZ99999999999"><v>1</v></c>',  # over which the reader panics
    ],
)
def test_no_cell_hides_where_it_stands(cell: str) -> None:
    """A reader makes room for every cell of the rectangle; what fills all of it would end the process."""
    content = workbook([["code", "name"], ["A", "b"]])
    with zipfile.ZipFile(io.BytesIO(content)) as box:
        parts = {name: box.read(name) for name in box.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    parts[sheet] = parts[sheet].replace(b"</sheetData>", f'<row r="3">{cell}</row></sheetData>'.encode())
    with pytest.raises(Refused, match=r"fills|damaged"):
        open_table(packed(parts), "t.xlsx", {"code": "编码", "name": "名称"}, required=["code"])


def test_of_two_parts_of_one_name_none_is_read() -> None:
    content = workbook([["code"], ["A"]])
    with zipfile.ZipFile(io.BytesIO(content)) as box:
        parts = {name: box.read(name) for name in box.namelist()}
    with pytest.raises(Refused, match="damaged"):
        open_table(
            packed(parts | {"XL/worksheets/sheet1.xml": b"<worksheet/>"}), "t.xlsx", {"code": "编码"}, required=["code"]
        )


def test_a_part_that_holds_more_than_it_declares_is_refused(inside: Flask) -> None:
    content = bytearray(workbook(GOOD))
    with zipfile.ZipFile(io.BytesIO(bytes(content))) as box:
        part = next(one for one in box.infolist() if one.filename == "xl/worksheets/sheet1.xml")
    size = part.file_size.to_bytes(4, "little")
    content = bytearray(bytes(content).replace(size, (part.file_size - 40).to_bytes(4, "little")))
    with pytest.raises(Refused, match="damaged"):
        report(bytes(content))


def test_the_office_is_told_of_members_that_are_locked_and_may_not_explain(inside: Flask) -> None:
    text = "institution,element,value,explanation\nC1,E1,5,\nC2,E1,6,the roof came down\n"
    assert [(row, column) for row, column, _ in faults(report(text, "", "office"))] == [(3, "explanation")]


def send(client: Client, path: str, content: bytes, name: str = "t.csv", **more: Any) -> Any:
    return client.send(path, file=(io.BytesIO(content), name), once="a" * 32, **more)


def test_a_table_is_checked_and_applied_without_being_sent_again(client_as: Callable[[str], Client]) -> None:
    client = client_as("c1.reporter")
    answer = send(client, UPLOAD, b"element,value\nE1,5\n", check="1")
    text = answer.get_data(as_text=True)
    assert answer.status_code == 200
    hidden = {
        name: text.split(f'name="{name}"')[1].split('value="')[1].split('"')[0] for name in ("kept", "report", "name")
    }
    assert client.send(UPLOAD, apply="1", once="b" * 32, **hidden).status_code == 302
    again = client.send(UPLOAD, apply="1", once="c" * 32, **hidden)
    assert again.status_code == 302
    assert client_as("office").send(UPLOAD, apply="1", **hidden).status_code == 403
    other = client_as("c2.reporter").send(UPLOAD.replace("C1", "C2"), apply="1", once="d" * 32, **hidden)
    assert other.status_code == 422  # what one person had checked is not there for another


def test_a_wrong_table_is_shown_with_its_marked_workbook(client_as: Callable[[str], Client]) -> None:
    client = client_as("c1.reporter")
    answer = send(client, UPLOAD, b"element,value\nE1,abc\n", check="1")
    assert answer.status_code == 422
    text = answer.get_data(as_text=True)
    link = text.split('href="/indicators/readings/marked')[1].split('"')[0].replace("&amp;", "&")
    marked = client.get("/indicators/readings/marked" + link)
    assert marked.status_code == 200
    assert openpyxl.load_workbook(io.BytesIO(marked.data)).active["B2"].comment
    for ending in ("", "?as=csv"):
        assert client.get(f"/indicators/readings/template/{APRIL}/C1{ending}").status_code == 200


def test_a_captured_value_stays_and_the_rest_of_the_table_is_applied(
    app: Flask, client_as: Callable[[str], Client]
) -> None:
    with app.app_context():
        with transaction() as session:
            append_readings(
                session, 1, APRIL, [Row("C1", "E1", entry("61"))], "captured", "HIS", by("office"), at(7, 5)
            )
        text = HEAD + f"E1,62,系统多算了一例转诊病人，请核对。,1,C1,{APRIL}\nE2,400,,0,C1,{APRIL}\n"
        found = report(text)
        assert not found.problems
        assert [one.row.element for one in found.changes] == ["E2"]
        (stays,) = found.captured
        assert (stays.at["row"], stays.value, stays.numbers["value"]) == (2, "62", "61")
        (note,) = found.notes
        assert note.value == "61"  # an objection to what was captured, not an explanation of what was typed
        db.session.remove()
    client = client_as("c1.reporter")
    page = send(client, UPLOAD, text.encode(), check="1").get_data(as_text=True)
    assert "以采集值61为准" in page
    with app.app_context():
        assert apply(report(text)) == (1, 1)
        assert report(text).says_something is False


def test_an_upload_of_fifty_megabytes_is_refused(client_as: Callable[[str], Client]) -> None:
    answer = client_as("c1.reporter").post(
        UPLOAD,
        input_stream=io.BytesIO(b"--x"),
        environ_overrides={"CONTENT_LENGTH": str(50 * 2**20)},
        content_type="multipart/form-data; boundary=x",
    )
    assert answer.status_code == 413
