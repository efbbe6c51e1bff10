"""Charge lines as an office loads them: files that count, codes that wait, who may follow a number down."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pandas
import pytest
from flask import current_app

from alliance.audit.models import Run
from alliance.core.refused import NotFound, Refused
from alliance.db import db
from alliance.members import services as members
from alliance.members.rules.departments import CodeFact
from alliance.workpoints import queries, services, sheets
from alliance.workpoints.models import ChargeLoad
from alliance.workpoints.queries import months
from alliance.workpoints.rules.codes import Code
from alliance.workpoints.rules.headings import guessed, mapping_for
from alliance.workpoints.rules.items import Item, ItemPoints
from alliance.workpoints.rules.meanings import Meaning, of_systems
from alliance.workpoints.rules.tables import TableRow
from alliance.workpoints.rules.volumes import Volume, reports
from alliance.workpoints.volume import loading
from alliance.workpoints.volume.partitions import partitions_of
from tests.conftest import run_jobs
from tests.small import at, by
from tests.workpoints.small_bonus import HEADS, month_run, put_scheme, scheme_data

D = Decimal
MONTH, NEXT = "2026-03", "2026-04"
YEAR = date(2026, 1, 1)
COLUMNS = guessed(HEADS)
OFFICE = by("h1.bonus")
NOW = at(5)
# D1 is 0101 and D2 is JYK in the hospital's systems; 0001 and 0002 are its people.
GOOD = [
    ["1", "2026-03-01", "T1", "门诊", "2", "200.00", "0101", "0001", "JYK", "0002"],
    ["2", "2026-03-31", "T1", "住院", "1", "100.00", "0101", "0001", "JYK", "0002"],
    ["3", "2026-03-02", "E1", "住院", "3", "90.00", "0101", "0001", "JYK", ""],
    ["4", "2026-03-03", "G1", "门诊", "10", "55.50", "0101", "0001", "JYK", "0002"],
]
TABLE = [
    TableRow(Item("T1", "清创术", "Debridement", "treatment"), "ordering", D("2"), 2),
    TableRow(Item("T1", "清创术", "Debridement", "treatment"), "performing", D("8"), 3),
    TableRow(Item("E1", "超声检查", "Ultrasound", "examination"), "performing", D("1.5"), 4),
    TableRow(Item("G1", "阿司匹林", "Aspirin", "drug"), "", None, 5),
    TableRow(Item("N1", "未定点数护理", "Nursing without points", "nursing"), "", None, 6),
]


def text(rows, heads=HEADS):
    return "\n".join(",".join(row) for row in [heads, *rows])


@pytest.fixture
def alliance(inside):
    (found,) = db.session.execute(db.select(db.metadata.tables["alliance"].c.id)).scalars()
    services.import_points(found, "H1", TABLE, YEAR, "点数表〔2026〕1号", "a" * 64, by=OFFICE, now=NOW)
    return found


@pytest.fixture
def lines(inside, alliance):
    return partitions_of(inside.config["ALLIANCE"].data, alliance)


@pytest.fixture
def load(alliance, lines, tmp_path):
    def loaded(content, *, source="HIS", month=MONTH, columns=COLUMNS, now=NOW, **more):
        path = tmp_path / f"{source}.in"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return services.load_charge(
            lines, alliance, "H1", month, source, path, f"{source}.csv", columns, by=OFFICE, now=now, **more
        )

    return loaded


@pytest.fixture
def asked(alliance, lines):
    def month(code=MONTH):
        return queries.month_lines(lines, alliance, "H1", code)

    return month


def say(alliance, what, outside, meaning, reason="", start=YEAR):
    services.map_code(alliance, "H1", Meaning(what, outside, meaning, start), reason, by=OFFICE, now=NOW)


def test_the_lines_of_a_month_become_points(load, asked):
    load(text(GOOD))
    found = asked()
    assert [(one.role, one.unit, one.person, one.setting, one.lines, one.points) for one in found.earned] == [
        ("ordering", "D1", "0001", "inpatient", 1, 2), ("ordering", "D1", "0001", "outpatient", 1, 4),
        ("performing", "D2", "", "inpatient", 1, D("4.5")), ("performing", "D2", "0002", "inpatient", 1, 8),
        ("performing", "D2", "0002", "outpatient", 1, 16),
    ]  # fmt: skip
    assert (found.lines, found.amount, found.loads, found.unknown) == (4, D("445.50"), (("HIS", 1),), [])


def test_goods_earn_nothing_and_stand_in_nobodys_way(load, asked):
    load(text([*GOOD, ["5", "2026-03-04", "N1", "住院", "1", "20.00", "", "", "JYK", ""]]))
    found = asked()
    assert [(one.item, one.lines, one.standing) for one in found.items] == [("G1", 1, "goods"), ("N1", 1, "without")]
    assert (found.pointed.items, found.pointed.lines) == (2, 3)
    assert found.pointed.amount + sum(one.amount for one in found.items) == found.amount
    assert found.unknown == []


def test_unknown_codes_wait_with_count_and_amount_until_they_are_mapped(alliance, load, asked):
    load(text([
        ["1", "2026-03-01", "OLD", "门诊", "2", "20.00", "0101", "X9", "9999", "0002"],
        ["2", "2026-03-02", "OLD", "门诊", "1", "10.00", "0101", "0001", "9999", "0002"],
    ]))  # fmt: skip
    assert [(one.what, one.code, one.lines, one.amount) for one in asked().unknown] == [
        ("item", "OLD", 2, 30), ("ordering_person", "X9", 1, 20), ("performing_unit", "9999", 2, 30),
    ]  # fmt: skip
    assert asked().earned == []
    say(alliance, "item", "OLD", "T1")
    say(alliance, "unit", "9999", "D2")
    say(alliance, "person", "X9", "0001")
    found = asked()
    assert found.unknown == []
    assert [(one.role, one.unit, one.person, one.points) for one in found.earned] == [
        ("ordering", "D1", "0001", 6), ("performing", "D2", "0002", 24),
    ]  # fmt: skip


def test_points_that_pay_nobody_are_told_by_department(alliance, lines, load):
    """D1 and D2 have neither posts nor people; the last line says who ordered and not for which department."""
    put_scheme(alliance, scheme_data(first={"model": "point", "closing": "exact"}))
    load(text([*GOOD, ["5", "2026-03-03", "T1", "门诊", "1", "10.00", "", "0001", "JYK", "0002"]]))
    found = months.lines_of(alliance, "H1", MONTH, lines).issues
    assert {(one.where, one.amount, one.blocks) for one in found if one.kind == "points_without_unit"} == {
        ("D1", "6", False), ("D2", "36.5", False), ("ordering_unit/—", "2", False),
    }  # fmt: skip


def test_a_code_means_what_was_recorded_from_its_day_on(alliance, load, asked):
    load(text([
        ["1", "2026-03-01", "OLD", "门诊", "1", "10.00", "", "", "JYK", "0002"],
        ["2", "2026-03-20", "OLD", "门诊", "1", "10.00", "", "", "JYK", "0002"],
    ]))  # fmt: skip
    say(alliance, "item", "OLD", "T1", start=date(2026, 3, 10))
    found = asked()
    assert [(one.code, one.lines) for one in found.unknown] == [("OLD", 1)]
    assert sum(one.points for one in found.earned if one.role == "performing") == 8


def test_an_item_that_means_another_one_does_not_count_twice(alliance, load, asked):
    load(text(GOOD[2:3]))
    say(alliance, "item", "E1", "T1")
    assert [(one.role, one.points) for one in asked().earned] == [("ordering", 6), ("performing", 24)]


def test_codes_put_aside_for_good_are_counted_and_wait_no_longer(alliance, load, asked):
    load(text([*GOOD, ["5", "2026-03-04", "HOTEL", "住院", "1", "20.00", "", "", "JYK", ""]]))
    with pytest.raises(Refused, match="at least ten characters"):
        say(alliance, "item", "HOTEL", "", "太短")
    say(alliance, "item", "HOTEL", "", "陪护床租金，不属于医疗服务项目")
    found = asked()
    assert (found.unknown, [(one.what, one.code, one.lines, one.amount) for one in found.aside]) == (
        [], [("item", "HOTEL", 1, 20)],
    )  # fmt: skip
    assert {one.item: one.standing for one in found.items}["HOTEL"] == "aside"


def test_a_code_means_only_what_there_is(alliance):
    for what, meaning, said in (
        ("item", "NONE", "no other item"), ("item", "T1", "no other item"), ("unit", "D9", "no department"),
        ("person", "9999", "nobody on the staff"),
    ):  # fmt: skip
        with pytest.raises(Refused, match=said):
            say(alliance, what, "T1", meaning)


def test_a_code_that_two_systems_use_for_two_units_waits(alliance, load, asked):
    members.map_code(alliance, "H1", CodeFact("PACS", "0101", "D2", YEAR), by=by("h1.personnel"), now=NOW)
    load(text(GOOD[:1]))
    assert [(one.what, one.code) for one in asked().unknown] == [("ordering_unit", "0101")]
    say(alliance, "unit", "0101", "D1")
    assert asked().unknown == []


def test_codes_of_systems_hold_from_their_days_on():
    june = date(2026, 6, 1)
    found = of_systems([("HIS", "1", "D1", YEAR), ("HIS", "1", "", june), ("LIS", "1", "D2", june)])
    assert [(one.meaning, one.start, one.until) for one in found] == [
        ("D1", YEAR, june), ("D2", june, date(9999, 12, 31)),
    ]  # fmt: skip


def test_broken_rows_lie_aside_and_negative_quantities_count(load, alliance, asked):
    load(text([
        *GOOD[:1],
        ["2", "2026-04-01", "T1", "门诊", "1", "10.00", "", "", "JYK", ""],
        ["3", "2026-03-40", "T1", "门诊", "1", "10.00", "", "", "JYK", ""],
        ["4", "2026-03-04", "T1", "门诊", "-1", "-100.00", "", "", "JYK", "0002"],
    ]))  # fmt: skip
    (one,) = queries.loads(alliance, "H1", MONTH)
    assert (one.rows, one.lines, one.aside, one.amount) == (4, 2, 2, 100)
    assert {rule.rule: (rule.lines, rule.rows) for rule in one.cleaned} == {
        "bad_day": (1, (4,)), "outside": (1, (3,)), "negative": (1, (5,)),
    }  # fmt: skip
    assert sum(row.points for row in asked().earned if row.role == "performing") == 8


def test_a_file_in_gb18030_is_read(load):
    assert load(text(GOOD).encode("gb18030")).lines == 4


def test_the_same_file_does_not_count_twice(load, alliance):
    load(text(GOOD))
    for source, month in (("HIS", MONTH), ("LIS", MONTH), ("HIS", NEXT)):
        with pytest.raises(Refused, match="loaded already"):
            load(text(GOOD), source=source, month=month)
    services.withdraw_charge(alliance, "H1", MONTH, "HIS", 1, "导出的月份选错了，重新导出", by=OFFICE, now=NOW)
    assert load(text(GOOD)).lines == 4


def test_a_corrected_file_replaces_exactly_its_own_lines_and_the_old_ones_still_open(load, alliance, lines, asked):
    load(text(GOOD[:1]))
    load(text(GOOD[1:2]), source="LIS")
    before = asked()
    load(text([["1", "2026-03-01", "T1", "门诊", "5", "500.00", "0101", "0001", "JYK", "0002"]]))
    after = asked()
    assert (before.loads, after.loads) == ((("HIS", 1), ("LIS", 1)), (("HIS", 2), ("LIS", 1)))
    assert [one.points for one in after.earned] == [2, 10, 8, 40]
    assert before.digest != after.digest
    old = next(one for one in before.earned if (one.role, one.setting) == ("performing", "outpatient"))
    behind = queries.lines_behind(lines, alliance, "H1", MONTH, before.loads, old, 10, 0)
    assert [(row[0], row[2], row[5], row[7]) for row in behind] == [("HIS", "1", 2, 16)]


def test_a_file_is_compared_anew_once_another_was_replaced(load, alliance):
    """The number 1 stood in both files; since the first gave it up, the second may count it."""
    load(text(GOOD[:1]))
    assert (load(text(GOOD[:2]), source="LIS").lines, queries.compared_before(alliance, "H1", MONTH)) == (1, [])
    with pytest.raises(Refused, match="nothing was loaded twice"):
        load(text(GOOD[:2]), source="LIS", now=at(6))
    load(text(GOOD[2:3]), now=at(6))
    assert [(one.source, count) for one, count in queries.compared_before(alliance, "H1", MONTH)] == [("LIS", 1)]
    with pytest.raises(Refused, match="nothing was loaded twice"):
        load(text(GOOD[:2]), source="PACS", now=at(7))
    assert load(text(GOOD[:2]), source="LIS", now=at(7)).lines == 2
    assert queries.compared_before(alliance, "H1", MONTH) == []


def test_the_same_file_again_is_no_change_that_others_are_compared_with(load, alliance):
    """Else two files that hold doubled numbers of their own would ask for each other for ever."""
    his, lis = [*GOOD[:1], GOOD[0]], [*GOOD[1:2], GOOD[1]]
    load(text(his))
    load(text(lis), source="LIS")
    load(text([*lis, GOOD[2]]), source="LIS", now=at(6))
    assert [one.source for one, _count in queries.compared_before(alliance, "H1", MONTH)] == ["HIS"]
    load(text(his), now=at(7))
    assert queries.compared_before(alliance, "H1", MONTH) == []


def test_a_file_that_was_taken_out_counts_no_longer(load, alliance, asked):
    load(text(GOOD))
    with pytest.raises(Refused, match="ten characters"):
        services.withdraw_charge(alliance, "H1", MONTH, "HIS", 1, "错了", by=OFFICE, now=NOW)
    services.withdraw_charge(alliance, "H1", MONTH, "HIS", 1, "导出的月份选错了，重新导出", by=OFFICE, now=NOW)
    assert (queries.loads(alliance, "H1", MONTH), asked().earned, asked().lines) == ([], [], 0)
    with pytest.raises(Refused, match="not count any more"):
        services.withdraw_charge(alliance, "H1", MONTH, "HIS", 1, "导出的月份选错了，重新导出", by=OFFICE, now=NOW)
    with pytest.raises(NotFound):
        services.withdraw_charge(alliance, "H1", MONTH, "LIS", 1, "导出的月份选错了，重新导出", by=OFFICE, now=NOW)


def test_a_load_that_is_killed_before_it_counts_leaves_nothing_that_counts(load, alliance, lines, asked, monkeypatch):
    load(text(GOOD[:1]))
    put = loading.Made.put

    def killed(made, partitions):
        put(made, partitions)
        raise KeyboardInterrupt

    with monkeypatch.context() as during:
        during.setattr(loading.Made, "put", killed)
        with pytest.raises(KeyboardInterrupt):
            load(text(GOOD))
    assert lines.file("H1", MONTH, "HIS", 2).exists()
    assert (asked().lines, asked().loads) == (1, (("HIS", 1),))
    assert load(text(GOOD[:3])).lines == 3  # over what was left
    assert asked().lines == 3


def approve(alliance):
    """The bonus of the month is approved."""
    run = Run(
        alliance_id=alliance, subject="bonus", inputs={}, digest="f" * 64, figures=0, software="", account="", at=NOW
    )
    db.session.add(run)
    db.session.commit()
    month_run(alliance, MONTH, "approved", run.id, {})


def test_an_approved_month_takes_and_loses_no_lines_and_no_points(alliance, load):
    load(text(GOOD))
    approve(alliance)
    for change in (
        lambda: load(text(GOOD[:2])), lambda: load(text(GOOD[:2]), source="LIS"),
        lambda: services.withdraw_charge(alliance, "H1", MONTH, "HIS", 1, "导出范围有误文件作废", by=OFFICE, now=NOW),
        lambda: services.queue_charge(
            alliance, "H1", MONTH, "HIS", "f" * 64, "三月.csv", COLUMNS, by=OFFICE, now=NOW
        ),
        lambda: services.import_points(alliance, "H1", TABLE, date(2026, 3, 31), "表", "b" * 64, by=OFFICE, now=NOW),
    ):  # fmt: skip
        with pytest.raises(Refused, match="is approved"):
            change()
    services.import_points(alliance, "H1", TABLE, date(2026, 4, 1), "表", "b" * 64, by=OFFICE, now=NOW)
    assert load(text([["5", "2026-04-01", *GOOD[0][2:]]]), month=NEXT).lines == 1


def test_a_load_does_not_count_beside_lines_that_it_was_never_compared_with(alliance, load, asked):
    def meanwhile(done, _of):
        if done == 2:
            load(text(GOOD[:2]), source="LIS")

    with pytest.raises(Refused, match="Somebody else loaded LIS meanwhile"):
        load(text(GOOD), progress=meanwhile)
    assert load(text(GOOD)).lines == 2
    assert asked().lines == 4


def test_a_month_that_has_not_begun_has_no_lines(load):
    with pytest.raises(Refused, match="has not begun"):
        load(text(GOOD), month="2026-09")
    # A month begins in Shanghai, eight hours before it does in Greenwich.
    first = datetime(2026, 8, 31, 16, tzinfo=UTC)
    with pytest.raises(Refused, match="has not begun"):
        load(text(GOOD), month="2026-09", now=first - timedelta(minutes=1))
    assert load(text([["1", "2026-09-01", *GOOD[0][2:]]]), month="2026-09", now=first).lines == 1


def test_lines_that_are_gone_from_the_disk_are_told(load, lines, asked):
    load(text(GOOD))
    lines.file("H1", MONTH, "HIS", 1).unlink()
    with pytest.raises(Refused, match="HIS-r1"):
        asked()


def test_the_headings_of_hospital_systems_are_guessed():
    heads = [
        "收费明细号", "计费时间", "收费项目编码", "项目名称", "就诊类型", "数量", "实收金额", "开单科室代码",
        "开单科室名称", "开单医生工号", "执行科室代码", "执行科室名称", "执行人工号", "原收费流水号",
    ]  # fmt: skip
    assert guessed(heads) == {
        "line_key": "收费明细号", "day": "计费时间", "item": "收费项目编码", "setting": "就诊类型", "quantity": "数量",
        "amount": "实收金额", "ordering_unit": "开单科室代码", "ordering_person": "开单医生工号",
        "performing_unit": "执行科室代码", "performing_person": "执行人工号", "refund_of": "原收费流水号",
    }  # fmt: skip
    remembered = {"amount": "数量", "day": "没有这一列"}
    assert mapping_for(heads, remembered)["amount"] == "数量"
    assert mapping_for(heads, remembered)["day"] == "计费时间"


def test_points_that_pay_may_not_rest_on_are_refused_with_their_row(alliance):
    wrong = [
        TableRow(Item("G1", "阿司匹林", "Aspirin", "drug"), "performing", D(1), 2),
        TableRow(Item("E1", "超声检查", "Ultrasound", "examination"), "ordering", D(1), 3),
        TableRow(Item("T1", "清创术", "Debridement", "treatment"), "performing", D("-1"), 4),
        TableRow(Item("T1", "清创术", "Debridement", "treatment"), "ordering", D("1.23456"), 5),
    ]
    with pytest.raises(Refused) as refused:
        services.import_points(alliance, "H1", wrong, YEAR, "表", "b" * 64, by=OFFICE, now=NOW)
    assert [problem.at["row"] for problem in refused.value.problems] == [2, 3, 4, 5]


def test_each_table_holds_until_the_next_one_begins(alliance):
    later = [TableRow(Item("T1", "清创术", "Debridement", "treatment"), "performing", D("9"), 2)]
    services.import_points(alliance, "H1", later, date(2026, 4, 1), "二", "b" * 64, by=OFFICE, now=NOW)
    services.import_points(alliance, "H1", later, date(2026, 4, 1), "二，更正", "c" * 64, by=OFFICE, now=NOW)
    rows = [row for row in queries.item_points(alliance, "H1") if (row.item, row.role) == ("T1", "performing")]
    assert rows == [
        ItemPoints("T1", "performing", D(8), YEAR, date(2026, 4, 1)),
        ItemPoints("T1", "performing", D(9), date(2026, 4, 1)),
    ]  # fmt: skip
    assert sorted(queries.items(alliance, "H1", date(2026, 3, 1))) == ["E1", "G1", "N1", "T1"]
    assert sorted(queries.items(alliance, "H1", date(2026, 5, 1))) == ["T1"]
    found = queries.point_changes(alliance, "H1", TABLE, date(2026, 5, 1))
    assert (found.items, found.same) == (4, 0)


def test_a_teams_points_are_divided_by_the_shares_of_the_scheme():
    rows = [ItemPoints("T1", "team", D(10), YEAR), ItemPoints("E1", "performing", D(1), YEAR)]
    shares = {"ordering": D("0.2"), "performing": D("0.8")}
    known = [Code("T1", "operation", YEAR), Code("E1", "examination", YEAR)]
    assert [(row.item, row.role, row.points) for row in queries.earning_points(rows, shares, known)] == [
        ("T1", "ordering", 2), ("T1", "performing", 8), ("E1", "performing", 1),
    ]  # fmt: skip


def test_a_team_earns_as_its_item_was_classed_on_the_day_of_the_line(alliance, load, asked):
    """A table of a later day that has the item no more, or in another class, changes nothing before."""
    load(text(GOOD[:2]))
    shares = {"ordering": D("0.2"), "performing": D("0.8")}

    def team(start, *codes):
        rows = [TableRow(Item(code, "术", "Op", kind), "team", D(10), 2) for code, kind in codes]
        services.import_points(alliance, "H1", rows, start, "团队点数", "c" * 64, by=OFFICE, now=NOW)

    def earned(month=MONTH):
        lines = queries.month_lines(
            partitions_of(current_app.config["ALLIANCE"].data, alliance), alliance, "H1", month, shares
        )
        return [(one.role, one.lines, one.points) for one in lines.earned]

    team(YEAR, ("T1", "operation"), ("E1", "examination"))
    whole = [("ordering", 1, 2), ("ordering", 1, 4), ("performing", 1, 8), ("performing", 1, 16)]
    assert earned() == whole
    team(date(2026, 4, 1), ("T1", "examination"))
    assert earned() == whole
    team(date(2026, 3, 15), ("E1", "examination"))
    assert earned() == [("ordering", 1, 4), ("performing", 1, 16)]
    assert earned(NEXT) == []


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_table_goes_out_and_comes_back_the_same(alliance, language):
    rows = queries.table_rows(alliance, "H1", YEAR)
    for content in (sheets.write_points(rows, language), sheets.write_points_csv(rows, language).encode()):
        back = sheets.read_points(content, "points")
        assert [(row.item, row.role, row.points) for row in back] == [(row.item, row.role, row.points) for row in rows]


@pytest.mark.parametrize(("rows", "line"), [
    ([("A", "", None), ("A", "", None)], 3),
    ([("A", "performing", "1"), ("A", "performing", None), ("A", "", None)], 4),
    ([("A", "team", "10"), ("A", "performing", "3")], 3),
    ([("A", "performing", "1000000")], 2),
])  # fmt: skip
def test_a_table_that_could_not_be_kept_or_would_count_twice_is_refused(alliance, rows, line):
    table = [
        TableRow(Item(code, "术", "Op", "operation"), role, None if points is None else D(points), number)
        for number, (code, role, points) in enumerate(rows, 2)
    ]
    with pytest.raises(Refused, match="The table has 1 error") as refused:
        services.import_points(alliance, "H1", table, YEAR, "表", "b" * 64, by=OFFICE, now=NOW)
    assert [problem.at["row"] for problem in refused.value.problems] == [line]


@pytest.mark.parametrize(("text", "points"), [
    ("0", "0"), (".5", "0.5"), ("1,500.25", "1500.25"), ("1e3", None), ("1e99999999", None), ("1e-99999999", None),
    ("1_000", None), ("٣", None), ("1,5", None), ("0,500", None), ("Infinity", None),
])  # fmt: skip
def test_points_are_plain_numbers(text, points):
    table = f'项目编码,项目名称,收费类别,角色,点数\nA,术,operation,执行,"{text}"\n'.encode()
    if points is None:
        with pytest.raises(Refused, match="1 error"):
            sheets.read_points(table, "点数表.csv")
        return
    (row,) = sheets.read_points(table, "点数表.csv")
    assert row.points == D(points)


def test_a_code_of_which_a_spreadsheet_made_a_day_is_told():
    buffer = io.BytesIO()
    heads = ["项目编码", "项目名称", "收费类别", "角色", "点数"]
    pandas.DataFrame([[date(2026, 1, 2), "术", "operation", "执行", 1]], columns=heads).to_excel(buffer, index=False)
    with pytest.raises(Refused, match="1 error") as refused:
        sheets.read_points(buffer.getvalue(), "点数表.xlsx")
    assert refused.value.problems[0].at["row"] == 2


def test_a_bad_cell_of_a_table_is_told_with_its_row_and_column():
    content = "项目编码,项目名称,收费类别,角色,点数\nA1,甲,治疗,执行,三\nA2,乙,魔法,外科,1\n,丙,治疗,,\n"
    with pytest.raises(Refused) as refused:
        sheets.read_points(content.encode(), "points.csv")
    assert [(one.at["row"], str(one.at["column"])) for one in refused.value.problems] == [
        (2, "points"), (3, "item_class"), (3, "role"), (4, "item"),
    ]  # fmt: skip


def upload(client, content, **fields):
    data = {"month": MONTH, "source": "HIS", "file": (io.BytesIO(content), "三月.csv"), "csrf_token": client.token()}
    return client.post("/workpoints/charges/load/H1", data={**data, **fields}, content_type="multipart/form-data")


def hidden(page, name):
    return page.split(f'name="{name}" type="hidden" value="')[1].split('"')[0]


def test_the_office_loads_a_file_sees_what_is_unknown_and_maps_it(app, client_as):
    with app.app_context():
        (number,) = db.session.execute(db.select(db.metadata.tables["alliance"].c.id)).scalars()
        services.import_points(number, "H1", TABLE, YEAR, "点数表", "a" * 64, by=OFFICE, now=NOW)
    client = client_as("h1.bonus")
    page = upload(client, text([*GOOD, ["5", "2026-03-04", "OLD", "住院", "1", "20.00", "", "", "JYK", ""]]).encode())
    shown = page.get_data(as_text=True)
    assert 'selected value="项目编码">项目编码 · ' in shown
    kept = {"month": MONTH, "source": "HIS", "kept": hidden(shown, "kept"), "name": hidden(shown, "name")}
    columns = {f"column_{column}": heading for column, heading in COLUMNS.items()}
    answer = client.send("/workpoints/charges/load/H1", **kept, **columns, apply="1")
    assert "/work/jobs/read/" in answer.location
    assert run_jobs(app) == 1
    shown = client.get(f"/workpoints/charges/list?institution=H1&month={MONTH}").get_data(as_text=True)
    assert "OLD" in shown
    assert "outside=OLD" in shown
    place = {"what": "item", "outside": "OLD", "item": "T1", "start": "2026-03-01"}
    assert client.send(f"/workpoints/codes/map/H1?month={MONTH}", **place).status_code == 302
    shown = client.get(f"/workpoints/charges/list?institution=H1&month={MONTH}").get_data(as_text=True)
    assert "outside=OLD" not in shown
    for path in ("/workpoints/codes/list/H1", f"/workpoints/volumes/read?institution=H1&month={MONTH}",
                 f"/workpoints/charges/read/H1/{MONTH}/HIS/1", "/workpoints/charges/map/H1/HIS",
                 f"/workpoints/charges/withdraw/H1/{MONTH}/HIS/1", "/workpoints/points/read?institution=H1",
                 "/workpoints/points/import/H1", f"/workpoints/lines/list?institution=H1&month={MONTH}",
                 "/workpoints/codes/map/H1?what=person&outside=X9"):  # fmt: skip
        assert client.get(path).status_code == 200, path
    with app.app_context():
        assert queries.charge_mapping(number, "H1", "HIS") == COLUMNS
    again = upload(client, text(GOOD[:2]).encode())
    assert "column_day" in again.get_data(as_text=True)
    shown, read = "/workpoints/charges/list?institution=H1&month={}", f"/workpoints/charges/read/H1/{MONTH}/HIS/1"
    assert "/charges/load/" in client.get(shown.format(MONTH)).get_data(as_text=True)
    assert "/charges/withdraw/" in client.get(read).get_data(as_text=True)
    with app.app_context():
        approve(number)
    assert "/charges/load/" not in client.get(shown.format(MONTH)).get_data(as_text=True)
    assert "/charges/withdraw/" not in client.get(read).get_data(as_text=True)
    assert f'value="{MONTH}"' not in client.get("/workpoints/charges/load/H1").get_data(as_text=True)


def test_a_job_that_loads_is_done_once_and_refuses_what_counts_already(app, client_as):
    client = client_as("h1.bonus")
    shown = upload(client, text(GOOD).encode()).get_data(as_text=True)
    kept = {"month": MONTH, "source": "HIS", "kept": hidden(shown, "kept"), "name": hidden(shown, "name")}
    columns = {f"column_{column}": heading for column, heading in COLUMNS.items()}
    client.send("/workpoints/charges/load/H1", **kept, **columns, apply="1")
    assert run_jobs(app) == 1
    again = client.send("/workpoints/charges/load/H1", **kept, **columns, apply="1")
    assert again.status_code == 422
    with app.app_context():
        assert db.session.query(ChargeLoad).count() == 1


def test_a_table_of_points_is_checked_and_then_applied(app, client_as):
    client = client_as("h1.bonus")
    content = "项目编码,项目名称,收费类别,角色,点数\nA1,换药,治疗,执行,3\nA2,拔牙,手术,,4.5\n".encode()
    data = {"start": "2026-01-01", "title": "院发〔2026〕1号", "file": (io.BytesIO(content), "p.csv")}
    page = client.post("/workpoints/points/import/H1", data={**data, "csrf_token": client.token(), "check": "1"})
    shown = page.get_data(as_text=True)
    kept = {"start": "2026-01-01", "title": "院发〔2026〕1号", "kept": hidden(shown, "kept"), "name": "p.csv"}
    assert client.send("/workpoints/points/import/H1", **kept, apply="1").status_code == 302
    assert "拔牙" in client.get("/workpoints/points/read?institution=H1&search=拔").get_data(as_text=True)
    out = client.get("/workpoints/points/export/H1?as=csv").get_data(as_text=True)
    assert "A2,拔牙,拔牙,手术,执行,4.5" in out


def test_a_head_sees_the_lines_of_the_own_units_and_an_employee_only_the_own(app, client_as):
    with app.app_context():
        (number,) = db.session.execute(db.select(db.metadata.tables["alliance"].c.id)).scalars()
        services.import_points(number, "H1", TABLE, YEAR, "点数表", "a" * 64, by=OFFICE, now=NOW)
        data = app.config["ALLIANCE"].data
        path = data / "his.csv"
        path.write_text(text(GOOD))
        services.load_charge(
            partitions_of(data, number), number, "H1", MONTH, "HIS", path, "his.csv", COLUMNS, by=OFFICE, now=NOW
        )
    place = f"/workpoints/lines/list?institution=H1&month={MONTH}"
    ordered = f"{place}&role=ordering&unit=D1&person=0001&setting=outpatient"
    performed = f"{place}&role=performing&unit=D2&person=0002&setting=outpatient"
    unnamed = f"{place}&role=performing&unit=D2&person=&setting=inpatient"
    for account, opened in (
        ("h1.bonus", {ordered, performed, unnamed}), ("h1.finance", {ordered, performed, unnamed}),
        ("h1.head", {ordered}), ("h1.nurse", {performed}),
    ):  # fmt: skip
        client = client_as(account)
        assert client.get(place).status_code == 200, account
        found = {path for path in (ordered, performed, unnamed) if client.get(path).status_code == 200}
        assert found == opened, account
    points = "/workpoints/items/read/H1/T1?on=2026-03-01"
    assert points in client_as("h1.nurse").get(performed).get_data(as_text=True)
    assert client_as("h1.nurse").get(points).status_code == 200
    page = client_as("h1.bonus").get(f"{place}&loads=HIS-r1").get_data(as_text=True)
    assert '<th scope="row" colspan="4">合计</th>' in page
    assert "现在计入" not in page
    page = client_as("h1.bonus").get(f"{place}&loads=HIS-r1,workload-ledger-r1").get_data(as_text=True)
    assert "现在计入的是HIS-r1" in page
    assert client_as("c1.lead").get(ordered).status_code == 404
    assert client_as("h1.nurse").get(f"/workpoints/charges/list?institution=H1&month={MONTH}").status_code == 403


@pytest.mark.parametrize("path", [
    "/workpoints/charges/list?institution=H1", "/workpoints/charges/read/H1/2026-03/HIS/1",
    "/workpoints/points/read?institution=H1", "/workpoints/points/export/H1", "/workpoints/codes/list/H1",
    "/workpoints/lines/list?institution=H1", "/workpoints/volumes/read?institution=H1",
])  # fmt: skip
def test_a_foreign_hospital_is_not_found(client_as, path):
    assert client_as("c1.lead").get(path).status_code == 404


def test_eleven_thousand_items_are_imported_in_seconds(alliance, tmp_path):
    rows = [
        TableRow(
            Item(f"I{number:05}", f"项目{number}", f"Item {number}", "treatment"), "performing", D(number) / 100, 0
        )
        for number in range(11_487)
    ]
    back = sheets.read_points(sheets.write_points(rows, "zh"), "points.xlsx")
    services.import_points(alliance, "H1", back, date(2026, 2, 1), "国家目录", "d" * 64, by=OFFICE, now=NOW)
    assert len(queries.items(alliance, "H1", date(2026, 2, 1))) == 11_487


def test_the_reports_tell_what_departments_did_and_what_their_patients_cost():
    def volume(unit, setting, item_class, quantity, amount, **more):
        return Volume(unit, setting, item_class, 10, D(quantity), D(amount), more.get("refunds", 0), 0)

    found = {one.unit: one for one in reports([
        volume("D1", "outpatient", "consultation", 20, "400"), volume("D1", "outpatient", "drug", 30, "600", refunds=1),
        volume("D1", "inpatient", "bed", 4, "200"), volume("", "inpatient", "", 1, "5"),
    ])}  # fmt: skip
    assert list(found) == ["D1", ""]
    patients, quality = found["D1"].patients, found["D1"].quality
    assert (patients.visits, patients.per_visit, patients.bed_days, patients.per_bed_day) == (20, 50, 4, 50)
    assert (patients.drug_share, patients.consumable_share) == (50, 0)
    assert (quality.refunds, quality.refund_share, found["D1"].whole.amount) == (1, D("3.33"), 1200)
    assert found[""].patients.per_visit is None
