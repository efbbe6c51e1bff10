"""Charge lines: read, cleaned and counted, summed exactly, followed down; the engine in its sandbox."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pandas
import pyarrow
import pyarrow.parquet
import pytest

from alliance.core.refused import Refused
from alliance.workpoints.rules import workloads
from alliance.workpoints.rules.cleaning import RULES, check_mapping, issues_of
from alliance.workpoints.rules.codes import Code
from alliance.workpoints.rules.items import ALWAYS, ItemPoints
from alliance.workpoints.rules.uses import Use
from alliance.workpoints.volume import engine, loading, points, scrub
from alliance.workpoints.volume.partitions import Partitions

D = Decimal
MONTH, YEAR = "2026-03", date(2026, 1, 1)
HEADS = [
    "流水号", "日期", "项目", "门诊住院", "数量", "金额", "开单科室", "开单医师", "执行科室", "执行人员", "原流水号",
]  # fmt: skip
NAMES = (
    "line_key", "day", "item", "setting", "quantity", "amount", "ordering_unit", "ordering_person", "performing_unit",
    "performing_person", "refund_of",
)  # fmt: skip
COLUMNS = dict(zip(NAMES, HEADS, strict=True))
GOOD = [
    ["1", "2026-03-01", "I1", "门诊", "2", "200.00", "D1", "ann", "D2", "bob", ""],
    ["2", "2026-03-31", "I1", "住院", "1", "100.00", "D1", "ann", "D2", "bob", ""],
    ["3", "2026/03/02", "I2", "住院", "0.5", "1,000.50", "D1", "ann", "D3", "", ""],
    ["4", "20260303", "I1", "门诊", "-1", "-100.00", "", "", "D9", "", "1"],
]


def text(rows, between=","):
    return "\n".join(between.join(f'"{cell}"' if between in cell else cell for cell in row) for row in [HEADS, *rows])


@pytest.fixture
def lines(tmp_path):
    return Partitions(tmp_path / "lines")


@pytest.fixture
def load(lines, tmp_path):
    def loaded(content, *, name="his", columns=COLUMNS, month=MONTH, hospital="H01", revision=1, **more):
        path = tmp_path / f"{name}.in"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        source = loading.Source(hospital, month, name, path, f"{name}.csv", revision)
        return loading.load(lines, source, columns, **more)

    return loaded


def rows_of(file):
    return pyarrow.parquet.read_table(file).to_pylist()


def line(key="1", **cells):
    """A row that counts, with some of its cells otherwise."""
    row = dict(zip(NAMES, GOOD[0], strict=True)) | {"line_key": key, "quantity": "1", "amount": "10.00"} | cells
    return list(row.values())


MEANINGS = points.Meanings(
    "H01",
    [
        ItemPoints("I1", "ordering", D("2"), date(2026, 1, 1)),
        ItemPoints("I1", "performing", D("8"), date(2026, 1, 1), date(2026, 3, 15)),
        ItemPoints("I1", "performing", D("8.1234"), date(2026, 3, 15)),
        ItemPoints("I2", "performing", D("10"), date(2026, 1, 1)),
    ],
    [Code("D1", "C01"), Code("D2", "C02"), Code("D3", "C03")],
    [Code("ann", "P1"), Code("bob", "P2")],
)


def asked(lines, tmp_path, question, meanings=MEANINGS, loads=(("his", 1),)):
    with engine.opened([lines.root], tmp_path) as one:
        points.read_lines(one, lines.files("H01", MONTH, loads))
        points.prepare(one, [meanings])
        return question(one)


def counted(loaded):
    return {one.rule: one.lines for one in loaded.cleaned if one.lines}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("between", [",", ";", "\t"])
def test_a_text_file_is_read_whatever_its_encoding(load, encoding, between):
    found = load(text(GOOD, between).encode(encoding))
    assert (found.rows, found.lines, found.aside, found.amount) == (4, 4, 0, D("1200.50"))
    assert counted(found) == {"paired": 1}


def test_a_workbook_and_a_parquet_file_hold_the_same_lines(load, lines, tmp_path):
    load(text(GOOD))
    first = rows_of(lines.file("H01", MONTH, "his", 1))
    frame = pandas.DataFrame(GOOD, columns=HEADS)
    frame.to_excel(tmp_path / "book.xlsx", index=False)
    load((tmp_path / "book.xlsx").read_bytes())
    assert rows_of(lines.file("H01", MONTH, "his", 1)) == first
    typed = pyarrow.table({head: [row[place] for row in GOOD] for place, head in enumerate(HEADS)})
    for place, make in ((0, int), (4, float), (10, lambda text: float(text) if text else None)):
        typed = typed.set_column(place, HEADS[place], pyarrow.array([make(row[place]) for row in GOOD]))
    pyarrow.parquet.write_table(typed, tmp_path / "typed.parquet")
    load((tmp_path / "typed.parquet").read_bytes())
    assert rows_of(lines.file("H01", MONTH, "his", 1)) == [{**row, "row_no": row["row_no"] - 1} for row in first]


BAD = [
    [" 1 ", "2026-03-01", "Ｉ１", "门诊", "１", "10.00", "", "", "D2", "", ""],
    ["2", "2026-04-01", "I1", "门诊", "1", "10.00", "", "", "D2", "", ""],
    ["3", "30 Feb", "I1", "门诊", "1", "10.00", "", "", "D2", "", ""],
    ["4", "2026-03-01", "I1", "门诊", "1.23456", "10.00", "", "", "D2", "", ""],
    ["5", "2026-03-01", "I1", "门诊", "1", "ten", "", "", "D2", "", ""],
    ["6", "2026-03-01", "I1", "街上", "1", "10.00", "", "", "D2", "", ""],
    ["1", "2026-03-01", "I1", "门诊", "1", "10.00", "", "", "D2", "", ""],
    ["8", "2026-03-01", "I1", "门诊", "-1", "-10.00", "", "", "D2", "", "77"],
    ["9", "2026-03-01", "OLD", "门诊", "-1", "-10.00", "", "", "D2", "", ""],
    ["", "2026-03-01", "I1", "门诊", "1", "10.00", "", "", "D2", "", ""],
    ["11", "2026-03-01", "I1", "门诊", "1", "10.00", "", "", "D2", "", "", "", "", "more"],
    ["12", "2026-03-01"],
]


def test_every_row_is_a_line_or_lies_aside_with_its_reason(load, lines):
    found = load(text(BAD), item_codes={"OLD": "I2"})
    assert counted(found) == {
        "trimmed": 1, "full_width": 1, "mapped": 1, "malformed": 1, "no_key": 2, "bad_day": 1, "outside": 1,
        "bad_number": 2, "bad_setting": 1, "duplicate": 1, "unpaired": 1, "negative": 1,
    }  # fmt: skip
    assert (found.rows, found.lines, found.aside) == (12, 2, 10)
    assert [(row["line_key"], row["item"], row["quantity"]) for row in rows_of(lines.file("H01", MONTH, "his", 1))] == [
        ("1", "I1", D(1)), ("9", "I2", D(-1)),
    ]  # fmt: skip
    aside = {row["row_no"]: (row["reason"], row["line_key"]) for row in rows_of(lines.aside("H01", MONTH, "his", 1))}
    assert aside[8] == ("duplicate", "1")  # the rows are numbered as in the file, whose first one holds the headings
    assert aside[12] == ("malformed", "11")
    outside = next(one for one in found.cleaned if one.rule == "outside")
    assert (outside.rows, outside.amount) == ((3,), 10)
    assert [one.where for one in issues_of("his", list(found.cleaned))][:2] == ["his/trimmed", "his/full_width"]
    assert {one.rule for one in found.cleaned} == set(RULES)


@pytest.mark.parametrize(("opens", "closes"), [("item", ""), ("remark", ""), ("remark", "remark"), ("item", "item")])
def test_lines_that_an_open_quotation_mark_swallows_are_not_lost(load, lines, opens, closes):
    heads = [*HEADS[:2], "名称", *HEADS[2:]]

    def rows(first, last):
        for number in range(1, 7):
            cells = dict(zip(["line_key", "day", "remark", *NAMES[2:]], heads, strict=True))
            row = line(str(number))
            row = [*row[:2], "纱布", *row[2:]]
            if number == 2:
                row[list(cells).index(first)] = '"大号'
            if number == 5 and last:
                row[list(cells).index(last)] = '针"'
            yield row

    whole = "\n".join(",".join(row) for row in [heads, *rows(opens, closes)])
    with pytest.raises(Refused, match="1 row of his") as refused:
        load(whole)
    (problem,) = refused.value.problems
    assert problem.where == "his.csv:3"
    assert not lines.everything()


def test_a_line_break_in_a_remark_swallows_nothing(load):
    rows = [[*line("1"), '"术后, 每日\n一次"'], [*line("2"), "无"]]
    found = load("\n".join(",".join(row) for row in [[*HEADS, "备注"], *rows]))
    assert (found.rows, found.lines, counted(found)) == (2, 2, {})


@pytest.mark.parametrize("between", [",", "\t"])
def test_columns_without_a_heading_are_passed_over(load, between):
    found = load("\ufeff\r\n" + "\n".join(between.join(["", *row, ""]) for row in [HEADS, line("1"), line("2")]))
    assert (found.rows, found.lines, found.amount) == (2, 2, 20)


def test_headings_are_read_in_one_line_and_never_for_one_of_our_own(load, lines, tmp_path):
    broken = '"流水\n号"'
    load("\n".join(",".join(row) for row in [[broken, *HEADS[1:], "row_no"], [*line("7"), "9"]]),
         columns={**COLUMNS, "line_key": "流水 号"})  # fmt: skip
    assert [row["line_key"] for row in rows_of(lines.file("H01", MONTH, "his", 1))] == ["7"]
    load("\n".join(",".join(row) for row in [["row_no", *HEADS[1:]], line("7")]),
         columns={**COLUMNS, "line_key": "row_no"})  # fmt: skip
    assert [row["line_key"] for row in rows_of(lines.file("H01", MONTH, "his", 1))] == ["7"]
    assert list(loading.head(lines, tmp_path / "his.in", "his.csv").columns) == ["row_no", *HEADS[1:]]


TITLES = [["滨江市第一人民医院 2026年6月 收费明细"], ["制表", "2026-07-01", "单位", "元"], []]


@pytest.mark.parametrize("between", [",", "\t", "xlsx"])
def test_titles_may_stand_above_the_headings(load, lines, tmp_path, between):
    rows = [*TITLES, HEADS, line("1"), line("2", quantity="x")]
    if between == "xlsx":
        padded = [[*row, *[""] * (len(HEADS) - len(row))] for row in rows]
        pandas.DataFrame(padded).to_excel(tmp_path / "book.xlsx", index=False, header=False)
        content = (tmp_path / "book.xlsx").read_bytes()
    else:
        content = "\ufeff" + "\n".join(between.join(row) for row in rows)
    found = load(content)
    assert (found.rows, found.lines, counted(found)) == (2, 1, {"bad_number": 1})
    assert {one.rule: one.rows for one in found.cleaned if one.lines} == {"bad_number": (6,)}
    head = loading.head(lines, tmp_path / "his.in", "his.csv")
    assert (head.row, dict(head.columns)) == (4, dict(zip(HEADS, line("1"), strict=True)))


def test_a_row_is_taken_for_the_headings_only_beneath_titles(load, lines, tmp_path):
    short = [["流水号", "日期", "项目", "数量", "金额"], line("1")]
    with pytest.raises(Refused, match="does not fit"):
        load("\n".join(",".join(row) for row in short))
    head = loading.head(lines, tmp_path / "his.in", "his.csv")
    assert (head.row, list(head.columns)) == (1, short[0])


def test_a_row_that_is_lost_beneath_titles_is_told_with_its_number_in_the_file(load):
    rows = [*TITLES, HEADS, line("1"), line("2", item='"大号'), line("3"), line("4")]
    with pytest.raises(Refused) as refused:
        load("\n".join(",".join(row) for row in rows))
    assert [one.where for one in refused.value.problems] == ["his.csv:6"]


def test_a_heading_twice_is_refused_whatever_the_kind_of_file(load, tmp_path):
    pandas.DataFrame([[*line("1"), "999"]], columns=[*HEADS, "金额"]).to_excel(tmp_path / "book.xlsx", index=False)
    capital = "\n".join(",".join(row) for row in [[*HEADS, "A", "a"], [*line("1"), "", ""]])
    for content, column in ((tmp_path / "book.xlsx").read_bytes(), "金额"), (capital, "A"):
        with pytest.raises(Refused, match=f"has the column {column} twice"):
            load(content)


def test_blanks_of_every_kind_are_taken_off(load, lines):
    rows = [line("1\t", performing_unit="\tD2", quantity="1\u00a0"), line("2", performing_unit="D2\u200b")]
    assert counted(load(text(rows))) == {"trimmed": 2}
    found = [(row["line_key"], row["performing_unit"]) for row in rows_of(lines.file("H01", MONTH, "his", 1))]
    assert found == [("1", "D2"), ("2", "D2")]


def test_a_number_is_read_as_systems_write_it_and_never_guessed(load, lines):
    given = {".5": D("0.5"), "-.25": D("-0.25"), "1,500": D(1500), "0,123": None, "1,5": None, "1E+2": None, "1.": None}
    rows = [line(str(number), quantity=f'"{text}"') for number, text in enumerate(given)]
    load("\n".join(",".join(row) for row in [HEADS, *rows]))
    kept = {row["line_key"]: row["quantity"] for row in rows_of(lines.file("H01", MONTH, "his", 1))}
    assert [kept.get(str(number)) for number in range(len(given))] == list(given.values())


def test_a_number_that_a_spreadsheet_cut_off_is_told_as_such(load):
    rows = [
        line("2.02603E+14"),
        line("2.02603E+14"),
        line("3"),
        line("4", item="3.3E+11"),
        line("2026E+14"),
        line("2E+11"),
    ]
    found = load(text(rows))
    assert (found.lines, counted(found)) == (2, {"cut_off": 4})


def test_a_day_is_read_as_systems_write_it_and_never_guessed(load, lines):
    given = {
        "2026-11-1": 1, "2026/11/3 8:05": 3, "2026-11-04 08:30:00.000": 4, "2026-11-05T08:30:00": 5,
        "2026年11月6日": 6,
        "2026-11-30 23:59:59.999999": 30, "2026111": None, "202611": None, "46327": None, "2026-11-31": None,
    }  # fmt: skip
    load(text([line(str(number), day=day) for number, day in enumerate(given)]), month="2026-11")
    kept = {row["line_key"]: row["day"].day for row in rows_of(lines.file("H01", "2026-11", "his", 1))}
    assert [kept.get(str(number)) for number in range(len(given))] == list(given.values())


def test_a_null_sign_in_a_code_breaks_its_row_and_nothing_else(load, lines):
    found = load(text([line("1"), line("2", item="I1\0")]))
    assert counted(found) == {"malformed": 1}
    (aside,) = rows_of(lines.aside("H01", MONTH, "his", 1))
    assert aside["item"] == "I1\ufffd"


def test_a_file_of_which_no_row_can_count_takes_nobodys_place(load, lines):
    with pytest.raises(Refused, match="no lines beneath its headings"):
        load(text([]))
    with pytest.raises(Refused, match="None of the 2 rows") as refused:
        load(text([line("1", day="2026-04-01"), line("2", day="2026-04-02")]))
    (problem,) = refused.value.problems
    assert (problem.place, problem.numbers) == ("Day outside the month", {"count": 2, "row": 2})
    assert not lines.everything()


def test_refunds_take_off_no_more_than_was_charged(load, lines):
    refund = {"quantity": "-1", "amount": "-10.00", "refund_of": "1"}
    found = load(text([
        line("1", quantity="2"), line("2", **refund), line("3", **refund), line("4", **refund), line("5"),
        line("6", **refund | {"refund_of": "5", "quantity": "-3"}),
    ]))  # fmt: skip
    assert counted(found) == {"paired": 2, "excess": 2}
    assert [row["line_key"] for row in rows_of(lines.file("H01", MONTH, "his", 1))] == ["1", "2", "3", "5"]


def test_a_refund_takes_off_whom_the_charge_that_counts_paid(load, lines):
    load(text([line("1", performing_unit="D7")]))
    again = [line("1", performing_unit="D8"), line("2", quantity="-1", refund_of="1", performing_unit="D9")]
    found = load(text(again), name="again", in_force={MONTH: [("his", 1)]})
    assert counted(found) == {"duplicate": 1, "paired": 1}
    (refund,) = rows_of(lines.file("H01", MONTH, "again", 1))
    assert refund["performing_unit"] == "D7"


def test_a_rule_that_meets_every_line_needs_no_memory_for_it(tmp_path):
    with engine.opened([tmp_path], tmp_path, engine.Bounds("64MB", 1)) as one:
        one.run(
            "CREATE TABLE judged AS SELECT range + 1 AS row_no, CAST(1 AS DECIMAL(18, 4)) AS amount, "
            "['trimmed', 'full_width'] AS met, CAST(NULL AS VARCHAR) AS aside FROM range(2000000)"
        )
        found = {rule: (lines, first) for rule, lines, _amount, first in one.rows(scrub.BY_RULE)}
    assert found == dict.fromkeys(("trimmed", "full_width"), (2_000_000, list(range(1, 21))))


def test_a_refund_takes_its_points_off_those_who_earned_them_months_ago_too(load, lines, tmp_path):
    load(text(GOOD[:1]).replace("2026-03-01", "2026-01-05"), month="2026-01", name="january")
    found = load(text(GOOD[3:]), in_force={"2026-01": [("january", 1)]})
    assert counted(found) == {"paired": 1}
    (line,) = rows_of(lines.file("H01", MONTH, "his", 1))
    assert (line["ordering_person"], line["performing_unit"], line["performing_person"]) == ("ann", "D2", "bob")
    earned = asked(lines, tmp_path, points.earned)
    assert [(one.role, one.unit, one.person, one.points) for one in earned] == [
        ("ordering", "C01", "P1", -2), ("performing", "C02", "P2", -8),
    ]  # fmt: skip


def test_a_number_used_in_another_file_of_the_month_is_a_duplicate(load):
    load(text(GOOD[:1]))
    assert counted(load(text(GOOD[:2]), name="again", in_force={MONTH: [("his", 1)]})) == {"duplicate": 1}
    assert counted(load(text(GOOD[:2]), name="later", in_force={MONTH: []})) == {}


def test_a_corrected_file_takes_the_place_of_its_own_lines_and_what_was_loaded_before_stays(load, lines):
    load(text(GOOD[:2]))
    load(text(GOOD[2:3]), name="other", in_force={MONTH: [("his", 1)]})
    corrected = text([["1", *GOOD[0][1:4], "5", *GOOD[0][5:]]])
    load(corrected, revision=2, in_force={MONTH: [("his", 1), ("other", 1)]})

    def counts(*loads):
        kept = [row for file in lines.files("H01", MONTH, loads) for row in rows_of(file)]
        return [(row["source"], row["line_key"], row["quantity"]) for row in kept]

    assert counts(("his", 2), ("other", 1)) == [("his", "1", 5), ("other", "3", D("0.5"))]
    assert counts(("other", 1), ("his", 1)) == [("his", "1", 2), ("his", "2", 1), ("other", "3", D("0.5"))]


def test_the_same_file_is_not_taken_under_another_name(load):
    first = load(text(GOOD))
    with pytest.raises(Refused, match="loaded already as his"):
        load(text(GOOD), name="copy", known={first.digest: "his"})
    assert load(text(GOOD), known={first.digest: "his"}).lines == 4


def test_a_failed_load_leaves_everything_as_it_was(load, lines):
    load(text(GOOD))
    before = rows_of(lines.file("H01", MONTH, "his", 1))
    for content, columns, said in (
        (b"\x00\x01\x02", COLUMNS, "cannot be read"), (b"", COLUMNS, "cannot be read"), ("just words", COLUMNS, "read"),
        (b"PAR1 but nothing behind it", COLUMNS, "cannot be read"), (b"PK\x03\x04 no workbook", COLUMNS, "damaged"),
        (text(GOOD), {**COLUMNS, "day": "Tag"}, "does not fit"), (text(GOOD), {}, "lacks the columns"),
        (text(GOOD).replace("日期", "流水号", 1), COLUMNS, "twice"),
    ):  # fmt: skip
        with pytest.raises(Refused, match=said):
            load(content, columns=columns)
    assert rows_of(lines.file("H01", MONTH, "his", 1)) == before
    assert [path.name for path in lines.root.iterdir()] == ["H01"]


def test_what_a_killed_load_left_is_removed(load, lines):
    load(text(GOOD))
    load(text(GOOD[:1]), revision=2)  # killed before it was noted that it counts
    (lines.root / ".loading-old").mkdir()
    counted = {lines.file("H01", MONTH, "his", 1), lines.aside("H01", MONTH, "his", 1)}
    assert loading.clear(lines, datetime(2020, 1, 1, tzinfo=UTC), counted) == 0
    assert loading.clear(lines, datetime(2100, 1, 1, tzinfo=UTC), counted) == 3
    assert [path.name for path in lines.root.iterdir()] == ["H01"]
    assert set(lines.everything()) == counted


def test_the_progress_of_a_load_is_told(load):
    told = []
    load(text(GOOD), progress=lambda done, of: told.append((done, of)))
    assert told == [(1, 3), (2, 3), (3, 3)]


def test_a_mapping_names_what_is_wrong():
    with pytest.raises(Refused) as refused:
        check_mapping({**COLUMNS, "item": "日期", "colour": "流水号"}, set(HEADS))
    assert {problem.where for problem in refused.value.problems} == {"item", "day", "colour", "line_key"}


def test_points_by_role_unit_person_and_setting(load, lines, tmp_path):
    load(text(GOOD))
    earned = asked(lines, tmp_path, points.earned)
    assert [(one.role, one.unit, one.person, one.setting, one.lines, one.amount, one.points) for one in earned] == [
        ("ordering", "C01", "P1", "inpatient", 1, 100, 2), ("ordering", "C01", "P1", "outpatient", 2, 100, 2),
        ("performing", "C02", "P2", "inpatient", 1, 100, D("8.1234")),
        ("performing", "C02", "P2", "outpatient", 2, 100, 8), ("performing", "C03", "", "inpatient", 1, D("1000.5"), 5),
    ]  # fmt: skip
    assert all(isinstance(one.points, D) for one in earned)


def test_a_sum_opens_to_its_lines(load, lines, tmp_path):
    load(text(GOOD))

    def behind(one):
        found = points.earned(one)[3]
        return found, points.behind(one, found), points.behind(one, found, limit=1, offset=1)

    found, every, second = asked(lines, tmp_path, behind)
    assert [(row[0], row[1], row[7]) for row in every] == [("his", 2, 16), ("his", 5, -8)]
    assert second == every[1:]
    assert sum(row[7] for row in every) == found.points


def test_the_codes_that_lines_use_are_counted_by_column(load, lines, tmp_path):
    load(text(GOOD))
    used = asked(lines, tmp_path, points.used)
    assert [(one.code, one.lines) for one in used if one.what == "performing_person"] == [("", 1), ("bob", 3)]
    for what in ("ordering_unit", "ordering_person", "performing_unit", "performing_person"):
        assert sum(one.lines for one in used if one.what == what) == 4


def test_codes_are_counted_day_by_day_where_that_is_asked(load, lines, tmp_path):
    load(text(GOOD))
    asked_for = [Use("item", "I1", date(2026, 3, 1), date(2026, 3, 31), 3, D(200))]
    days = asked(lines, tmp_path, lambda one: points.used_by_day(one, asked_for))
    assert all(one.first == one.last for one in days)
    assert sum(one.lines for one in days) == 3
    assert {(one.what, one.code) for one in days} == {("item", "I1")}


def test_items_that_earn_nothing_are_counted_on_the_days_without_points(load, lines, tmp_path):
    load(text(GOOD))
    poor = points.Meanings("H01", MEANINGS.items[:3], MEANINGS.units, MEANINGS.persons)
    found = asked(lines, tmp_path, lambda one: (points.unearned(one), points.whole(one)), poor)
    assert [(one.code, one.lines, one.amount) for one in found[0]] == [("I2", 1, D("1000.5"))]
    assert found[1] == (2, 4, D("1200.5"))
    assert asked(lines, tmp_path, points.unearned) == []
    assert asked(lines, tmp_path, points.whole, loads=()) == (0, 0, 0)


def test_an_item_with_points_on_some_days_earns_nothing_on_the_others(load, lines, tmp_path):
    load(text(GOOD))
    late = points.Meanings("H01", [ItemPoints("I1", "performing", D(1), date(2026, 3, 3))], [], [])
    found = asked(lines, tmp_path, points.unearned, late)
    by_day = asked(lines, tmp_path, lambda one: points.unearned_by_day(one, found), late)
    assert sum(one.lines for one in by_day) == sum(one.lines for one in found)
    assert all(one.first == one.last for one in by_day)
    assert max(one.last for one in by_day if one.code == "I1") < date(2026, 3, 3)


def test_totals_count_every_line(load, lines, tmp_path):
    load(text(GOOD))
    assert sum(row[4] for row in asked(lines, tmp_path, points.totals)) == 4


def test_a_month_without_lines_has_no_points(lines, tmp_path):
    assert asked(lines, tmp_path, points.earned, loads=()) == []
    assert asked(lines, tmp_path, points.used, loads=()) == []


def test_codes_that_mean_two_things_at_once_are_refused(lines, tmp_path):
    twice = points.Meanings("H01", [], [Code("D1", "C01"), Code("D1", "C02", date(2026, 2, 1))], [])
    with pytest.raises(Refused, match="D1: this code leads to two at once"):
        asked(lines, tmp_path, points.earned, twice, ())
    surgeon = points.Meanings("H01", [ItemPoints("I1", "surgeon", D(1), date(2026, 1, 1))], [], [])
    with pytest.raises(Refused, match="I1/surgeon: charge lines name who ordered"):
        asked(lines, tmp_path, points.earned, surgeon, ())


def test_what_departments_did_counts_every_line_once(load, lines, tmp_path):
    load(text(GOOD))
    poor = points.Meanings("H01", MEANINGS.items, MEANINGS.units[:2], MEANINGS.persons)
    classes = [Code("I1", "treatment", date(2026, 1, 1))]
    found, patients = asked(
        lines, tmp_path, lambda one: (points.prepare(one, [poor]), points.volumes(one, "H01", classes))[1], poor
    )
    assert [(one.unit, one.setting, one.item_class, one.lines, one.quantity, one.amount) for one in found] == [
        ("", "inpatient", "", 1, D("0.5"), D("1000.5")), ("C02", "inpatient", "treatment", 1, 1, 100),
        ("C02", "outpatient", "treatment", 2, 1, 100),
    ]  # fmt: skip
    assert (sum(one.refunds for one in found), sum(one.nameless for one in found)) == (1, 1)
    assert [(one.unit, one.setting, one.lines) for one in patients] == [
        ("C01", "inpatient", 1), ("C01", "inpatient", 1), ("C01", "outpatient", 2),
    ]  # fmt: skip


TECHNIQUES = [
    points.TechniqueItem("I1", "robot", date(2026, 3, 2), ALWAYS), points.TechniqueItem("I9", "robot", YEAR, ALWAYS),
    points.TechniqueItem("I2", "lens", YEAR, ALWAYS),
]  # fmt: skip
MORE = [
    ["5", "2026-03-09", "I9", "住院", "1.5", "10.00", "D1", "ann", "D2", "", ""],
    ["6", "2026-03-10", "I1", "门诊", "-4", "-40.00", "", "", "D2", "bob", "77"],
    ["7", "2026-03-11", "I2", "门诊", "1", "10.00", "", "", workloads.NOT_SAID, "", ""],
    ["8", "2026-03-12", "I1", "门诊", "3", "10.00", "D1", "ann", "D2", "bob", ""],
]


def test_techniques_are_counted_by_who_performed_them_with_refunds_taken_off(load, lines, tmp_path):
    """Line 1 is of before the first day, line 6 refunds a line that nobody has and lies aside, line 7 was only ordered;
    line 4 refunds line 1, so it stands with whoever performed that."""
    load(text([*GOOD, *MORE]))

    def ask(one):
        points.prepare_techniques(one, "H01", TECHNIQUES)
        found = points.techniques(one)
        return found, points.technique_lines(
            one, [sum_ for sum_ in found if sum_.technique == "robot"], limit=3, offset=1
        )

    found, behind = asked(lines, tmp_path, ask)
    assert found == [
        points.Done("lens", "C03", "", 1, D("0.5")),
        points.Done("robot", "C02", "", 1, D("1.5")),
        points.Done("robot", "C02", "P2", 3, D(3)),
    ]
    assert [(row[2], row[4], row[6], row[8]) for row in behind] == [
        ("5", "I9", D("1.5"), ""), ("8", "I1", D(3), "P2"), ("2", "I1", D(1), "P2"),
    ]  # fmt: skip


def test_a_technique_that_no_known_department_did_is_told_and_not_lost(load, lines, tmp_path):
    load(text([["1", "2026-03-05", "I1", "门诊", "2", "200.00", "D1", "ann", "D9", "bob", ""]]))

    def ask(one):
        points.prepare_techniques(one, "H01", TECHNIQUES)
        return points.techniques(one)

    assert asked(lines, tmp_path, ask) == [points.Done("robot", "", "P2", 1, D(2))]
    assert asked(lines, tmp_path, ask, loads=()) == []


def test_the_digest_is_of_the_sums_and_not_of_their_order(load, lines, tmp_path):
    load(text(GOOD))
    earned = asked(lines, tmp_path, points.earned)
    assert points.digest(earned) == points.digest(reversed(earned))
    assert points.digest(earned) != points.digest(earned[1:])


def test_decimals_are_summed_without_losing_a_digit(load, lines, tmp_path):
    rows = [[str(n), "2026-03-01", "I1", "门诊", "0.0001", "0.01", "", "", "D2", "", ""] for n in range(1000)]
    load(text(rows))
    meanings = points.Meanings(
        "H01", [ItemPoints("I1", "performing", D("0.0001"), date(2026, 1, 1))], MEANINGS.units, []
    )
    (earned,) = asked(lines, tmp_path, points.earned, meanings)
    assert (earned.points, earned.amount) == (D("0.00001"), 10)


def test_a_quantity_of_thirteen_digits_is_multiplied_as_any_other(load, lines, tmp_path):
    load(text([line("1", quantity="6901234567890", ordering_unit="", ordering_person="")]))
    earned = asked(lines, tmp_path, points.earned)
    assert [(one.role, one.points) for one in earned] == [
        ("ordering", 2 * 6901234567890),
        ("performing", 8 * 6901234567890),
    ]


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM read_text('/etc/passwd')", "SELECT * FROM read_csv('/etc/passwd')", "INSTALL httpfs",
        "LOAD httpfs", "COPY (SELECT 1) TO '/tmp/out.csv'", "ATTACH '/tmp/other.db'", "SET threads = 64",
        "SET enable_external_access = true", "SELECT * FROM glob('/etc/*')",
    ],
)  # fmt: skip
def test_the_engine_reaches_nothing_outside_its_folders(lines, tmp_path, statement):
    with engine.opened([lines.root], tmp_path) as one, pytest.raises(engine.Engine.failures):
        one.rows(statement)
    with engine.shared(lines.root) as one, pytest.raises(engine.Engine.failures):
        one.rows(statement)


def test_connections_of_one_engine_do_not_see_each_others_tables(lines):
    column = {"code": "VARCHAR"}
    with engine.shared(lines.root) as one, engine.shared(lines.root) as other:
        one.table("known", column, [("A",)])
        other.table("known", column, [("B",), ("C",)])
        other.view("lines", [], "SELECT 1 AS there")
        assert (one.rows("SELECT code FROM known"), len(other.rows("SELECT code FROM known"))) == ([("A",)], 2)
        with pytest.raises(engine.Engine.failures):
            one.rows("SELECT * FROM lines")
    with engine.shared(lines.root) as later, pytest.raises(engine.Engine.failures):
        later.rows("SELECT code FROM known")


def test_too_little_memory_is_told_as_such(tmp_path):
    bounds = engine.Bounds("10MB", 1)
    with engine.opened([], tmp_path, bounds) as one, pytest.raises(Refused, match="more memory than the 10MB"):
        one.rows("SELECT list(range) FROM range(20000000)")


@pytest.mark.parametrize("name", ["../x", "", "a/b", ".hidden", "x" * 65])
def test_names_of_files_cannot_lead_elsewhere(lines, name):
    with pytest.raises(Refused, match="no name for charge lines"):
        lines.file("H01", MONTH, name, 1)
    with pytest.raises(Refused):
        lines.folder(name, MONTH)
    with pytest.raises(Refused):
        lines.folder("H01", "2026")


def test_lines_are_asked_of_the_cluster_where_there_is_one(tmp_path: Path) -> None:
    """No cluster answers at this address, or its client is not installed: that is said, and nothing else is asked."""
    with pytest.raises(Refused, match="Spark"), loading.reading(Partitions(tmp_path, "sc://127.0.0.1:9"), []):
        pass
