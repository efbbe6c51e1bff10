"""Our sums of a month beside the totals that the hospital's own system reports, down to their lines; the case mix."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask

from alliance.audit.models import Event
from alliance.core.acts import Act
from alliance.core.figure import State
from alliance.core.refused import NotFound, Refused
from alliance.db import db
from alliance.workpoints import queries, services, sheets
from alliance.workpoints.queries import Given, GivenCase, GivenMonth
from alliance.workpoints.rules.entries import BLANK, Entry
from alliance.workpoints.rules.headings import guessed
from alliance.workpoints.rules.items import Item
from alliance.workpoints.rules.tables import TableRow
from alliance.workpoints.rules.totals import AMOUNT as CHARGES
from alliance.workpoints.rules.totals import BED_DAYS, DISCHARGES, LINES, MEASURES, VISITS, compare
from alliance.workpoints.rules.volumes import stay, together
from alliance.workpoints.volume.partitions import partitions_of
from tests.conftest import Client
from tests.small import YEAR, at, by
from tests.workpoints.small_bonus import HOSPITAL, put_scheme, scheme_data
from tests.workpoints.small_month import workbook
from tests.workpoints.test_charges import HEADS
from tests.workpoints.test_runs import MONTH, computed, prepared

D = Decimal
OFFICE, NOW = by("h1.bonus"), at(5)
SignIn = Callable[[str], Client]
# D1 is 0101 in the hospital's systems; two consultations of outpatients, three bed-days, an ultrasound.
ROWS = [
    ["1", f"{MONTH}-01", "C1", "门诊", "1", "20.00", "0101", "0001", "0101", "0001"],
    ["2", f"{MONTH}-02", "C1", "门诊", "1", "20.00", "0101", "0001", "0101", "0001"],
    ["3", f"{MONTH}-02", "B1", "住院", "3", "150.00", "0101", "0001", "0101", ""],
    ["4", f"{MONTH}-03", "E1", "住院", "1", "110.00", "0101", "0001", "JYK", "0002"],
]
ITEMS = (("C1", "诊察费", "consultation"), ("B1", "床位费", "bed"), ("E1", "超声", "examination"))


def value(number: str) -> Entry:
    return Entry(D(number), State.VALUE)


def total(measure: str, number: str, unit: str = "", seen: int | None = None) -> Given:
    return Given(unit, measure, value(number), seen=seen)


def file(*given: Given, document: str = "医院信息系统月报") -> int:
    return services.file_total(1, HOSPITAL, MONTH, given, document, by=OFFICE, now=NOW)


def load(app: Flask, folder: Path) -> None:
    """The lines of the month, loaded as an office does."""
    table = [TableRow(Item(code, zh, zh, kind), "", None, row) for row, (code, zh, kind) in enumerate(ITEMS, 2)]
    services.import_points(1, HOSPITAL, table, YEAR, "点数表", "a" * 64, by=OFFICE, now=NOW)
    path = folder / "his.csv"
    path.write_text("\n".join(",".join(row) for row in [HEADS, *ROWS]), "utf-8")
    lines = partitions_of(app.config["ALLIANCE"].data, 1)
    services.load_charge(lines, 1, HOSPITAL, MONTH, "HIS", path, "his.csv", guessed(HEADS), by=OFFICE, now=at(20, 7))


def cases(*groups: tuple[str, str, str, int, str, str]) -> None:
    """Disease groups: unit, code, weight, cases, days, cost."""
    given = [
        GivenCase(unit, code, D(rw), count, D(days), D(cost), D(0), D(1), D(1))
        for unit, code, rw, count, days, cost in groups
    ]
    services.import_entry(1, HOSPITAL, MONTH, GivenMonth(cases=given), "病案首页", by=OFFICE, now=NOW)


def compared(app: Flask) -> dict[tuple[str, str], tuple[Decimal, Decimal | None, Decimal | None, bool]]:
    found = queries.compared(1, HOSPITAL, MONTH, partitions_of(app.config["ALLIANCE"].data, 1))
    return {(one.unit, one.measure): (one.ours, one.theirs, one.percent, one.over) for one in found}


def test_a_difference_is_told_in_percent_of_the_hospitals_total_and_only_over_the_limit_listed() -> None:
    half = D("0.5")
    assert compare("", CHARGES, D("100.50"), D(100), half).over is False
    one = compare("", CHARGES, D("100.51"), D(100), half)
    assert (one.difference, one.percent, one.over) == (D("0.51"), D("0.51"), True)
    assert compare("", CHARGES, D("99.49"), D(100), half).percent == D("-0.51")
    nothing = compare("", VISITS, D(3), D(0), half)
    assert (nothing.percent, nothing.over) == (None, True)
    assert compare("", VISITS, D(0), D(0), half).over is False
    assert compare("", VISITS, D(3), None, half).difference is None


def test_the_case_mix_is_the_mean_weight_of_the_cases_and_the_length_the_mean_of_their_days() -> None:
    both = together([stay(D("0.8"), 10, D(60), D(80000)), stay(D("2.5"), 5, D(75), D(160000))])
    assert (both.discharges, both.weight) == (15, D("20.5"))
    assert (both.case_mix, both.length, both.per_discharge) == (D("1.3667"), D("9.00"), D("16000.00"))
    assert together([]).case_mix is None


def test_our_sums_stand_beside_the_hospitals_totals(inside: Flask, tmp_path: Path) -> None:
    load(inside, tmp_path)
    cases(("D1-1", "ES3", "1.2", 4, "20", "8000"), ("D1-2", "FR2", "0.6", 2, "8", "3000"))
    assert file(total(CHARGES, "300"), total(VISITS, "2"), total(DISCHARGES, "6", "D1"), total(LINES, "4")) == 4
    found = compared(inside)
    assert found["", CHARGES] == (D(300), D(300), D(0), False)
    assert found["", VISITS] == (D(2), D(2), D(0), False)
    assert found["", BED_DAYS][:2] == (D(3), None)  # the whole hospital's sums always stand there
    assert found["D1", DISCHARGES] == (D(6), D(6), D(0), False)  # with the units beneath the department
    assert ("D1", VISITS) not in found
    assert file(total(CHARGES, "310", seen=1)) == 1
    assert compared(inside)["", CHARGES] == (D(300), D(310), D("-3.23"), True)


def test_a_total_is_typed_over_and_taken_back_and_every_revision_stays(inside: Flask) -> None:
    assert file(total(VISITS, "10")) == 1
    assert file(total(VISITS, "10")) == 0  # what stands there already
    assert file(total(VISITS, "12", seen=1)) == 1
    assert file(Given("", VISITS, BLANK, seen=2)) == 1
    cell = queries.total_cells(1, HOSPITAL, MONTH)["", VISITS]
    assert (cell.value, cell.revision) == (None, 3)
    acts = db.session.scalars(db.select(Event.subject).where(Event.act == Act.WORKPOINTS_TOTAL_FILE.value)).all()
    assert set(acts) == {f"hospitaltotal:{HOSPITAL}/{MONTH}"}


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (total(VISITS, "1", "ZZ"), "is no unit"),
        (total("weight", "1"), "is no kind"),
        (total(VISITS, "1.5"), "whole number"),
        (total(VISITS, "-1"), "between"),
        (total(VISITS, "7", seen=5), "changed this cell"),
        (Given("", VISITS, Entry(None, State.NOT_APPLICABLE)), "leave empty"),
    ],
)
def test_what_cannot_be_a_total_is_refused_with_its_place(inside: Flask, given: Given, reason: str) -> None:
    with pytest.raises(Refused) as refused:
        file(given, total(LINES, "4"))
    assert reason in refused.value.problems[0].message
    assert queries.total_cells(1, HOSPITAL, MONTH) == {}


def test_a_total_needs_a_document_a_month_and_a_hospital(inside: Flask) -> None:
    with pytest.raises(Refused):
        file(total(VISITS, "1"), document=" ")
    with pytest.raises(Refused, match="twice"):
        raise_first(lambda: file(total(VISITS, "1"), total(VISITS, "2")))
    with pytest.raises(Refused):
        services.file_total(1, HOSPITAL, "2026Q1", [total(VISITS, "1")], "月报", by=OFFICE, now=NOW)
    with pytest.raises(NotFound):
        services.file_total(1, "X9", MONTH, [total(VISITS, "1")], "月报", by=OFFICE, now=NOW)


def raise_first(work: Callable[[], object]) -> None:
    """Raise what a refusal says of its first problem."""
    try:
        work()
    except Refused as refused:
        raise Refused(refused.problems[0].message) from refused


def test_the_workbook_goes_out_and_comes_back_the_same(app: Flask) -> None:
    with app.test_request_context():
        file(total(CHARGES, "1234.56"), total(VISITS, "7", "D1"))
        cells, roll = queries.total_cells(1, HOSPITAL, MONTH), queries.roll(1, HOSPITAL, MONTH)
        given = sheets.read_totals(sheets.write_totals(HOSPITAL, MONTH, roll, cells), "totals.xlsx")
        assert {(one.unit, one.kind): one.entry.value for one in given} == {
            ("", CHARGES): D("1234.56"),
            ("D1", VISITS): 7,
        }
        assert queries.total_changes(1, HOSPITAL, MONTH, given) == []


def test_a_run_lists_the_sums_that_differ_by_more_than_the_schemes_limit(
    app: Flask, client_as: SignIn, tmp_path: Path
) -> None:
    with app.app_context():
        prepared(1)
        load(app, tmp_path)
        file(total(CHARGES, "301"), total(VISITS, "3"), total(LINES, "40", "D1"))
        lines = partitions_of(app.config["ALLIANCE"].data, 1)
        services.compute_run(1, HOSPITAL, MONTH, lines, by=OFFICE, now=at(2, 7))
        run = queries.bonus_run(1, HOSPITAL, MONTH)
        assert run is not None
        told = [(one.where, one.amount) for one in run.issues if one.kind == "totals_differ"]
        assert told == [("D1/lines", "-37"), (f"{HOSPITAL}/visits", "-1")]  # 300 of 301 lies within 0.5 %
        assert not any(one.blocks for one in run.issues)
    page = client_as("h1.finance").get(f"/workpoints/runs/read/{HOSPITAL}/{MONTH}").get_data(as_text=True)
    assert "全院 · 门诊人次" in page
    assert " · 明细条数" in page


def test_a_month_without_totals_reads_no_lines(inside: Flask) -> None:
    assert computed(prepared(1))  # its folder of lines is not there


def test_the_limit_is_a_number_of_the_scheme(inside: Flask) -> None:
    assert queries.totals_limit(1, HOSPITAL, MONTH) == D("0.5")
    put_scheme(1, scheme_data(limits={"totals": D("2.5")}))
    assert queries.totals_limit(1, HOSPITAL, MONTH) == D("2.5")
    with pytest.raises(Refused):
        put_scheme(1, scheme_data(limits={"totals": D(101)}))


def test_each_sum_opens_to_exactly_its_lines(app: Flask, client_as: SignIn, tmp_path: Path) -> None:
    with app.app_context():
        load(app, tmp_path)
        cases(("D1-1", "ES3", "1.2", 4, "20", "8000"))
        file(total(CHARGES, "310"), total(VISITS, "2"))
    office = client_as("h1.bonus")
    page = office.get(f"/workpoints/totals/read?institution={HOSPITAL}&month={MONTH}").get_data(as_text=True)
    assert "−3.23" in page
    assert "超出范围" in page
    where = f"/workpoints/volumes/list?institution={HOSPITAL}&month={MONTH}"
    for place, keys in {
        "&side=performed": {"1", "2", "3", "4"}, "&side=performed&unit=D1": {"1", "2", "3"},
        "&side=ordered&unit=D1": {"1", "2", "3", "4"},
        "&side=ordered&beneath=D1&setting=inpatient&item_class=bed": {"3"},
        "&side=ordered&setting=outpatient&item_class=consultation": {"1", "2"}, "&side=performed&unit=D2": {"4"},
        "&side=performed&unit=": set(),
    }.items():  # fmt: skip
        lines = office.get(where + place).get_data(as_text=True)
        shown = set(re.findall(r'<td class="nowrap" data-label="[^"]*">([1-4])</td>', lines))
        assert shown == keys, place
        assert f"HIS {len(ROWS) + 1}" not in lines or "4" in keys
    assert office.get(where + "&side=nobody").status_code == 404
    volumes = office.get(f"/workpoints/volumes/read?institution={HOSPITAL}&month={MONTH}").get_data(as_text=True)
    assert "/workpoints/volumes/list?" in volumes
    assert "5.00" in volumes  # days of a stay
    assert "1.2000" in volumes  # the case-mix index


def test_totals_are_typed_and_imported_on_their_pages(app: Flask, client_as: SignIn) -> None:
    office = client_as("h1.bonus")
    place = f"{HOSPITAL}/{MONTH}"
    fields = {"v..visits": "12", "v.D1.amount": "1,000.50", "document": "月报", "seen.": "", "seen.D1": ""}
    assert office.send(f"/workpoints/totals/file/{place}", **fields).status_code == 302
    wrong = office.send(f"/workpoints/totals/file/{place}", **(fields | {"v..visits": "many", "seen.": "visits:1"}))
    assert wrong.status_code == 422
    assert 'aria-invalid="true"' in wrong.get_data(as_text=True)
    rows = [["unit", *MEASURES], ["全院", "", "", "15", "", ""], ["D1", "900", "", "-", "4", ""]]
    book = workbook({"报表数 totals": rows})
    where = f"/workpoints/totals/import/{place}"
    checked = office.send(where, file=(BytesIO(book), "t.xlsx"), document="月报", check="1")
    assert "将变更 3 个" in checked.get_data(as_text=True)
    assert office.send(where, file=(BytesIO(book), "t.xlsx"), document="月报", apply="1").status_code == 302
    with app.app_context():
        cells = {key: one.value for key, one in queries.total_cells(1, HOSPITAL, MONTH).items()}
    assert cells == {("", VISITS): 15, ("D1", CHARGES): 900, ("D1", DISCHARGES): 4}
    assert office.get(f"/workpoints/totals/template/{place}").status_code == 200


def test_the_case_mix_stands_beside_the_establishment_and_opens(app: Flask, client_as: SignIn) -> None:
    with app.app_context():
        cases(("D1-1", "ES3", "1.2", 4, "20", "8000"), ("D1-1", "FR2", "0.6", 2, "8", "3000"))
    office = client_as("h1.bonus")
    link = f"/workpoints/entries/read?institution={HOSPITAL}&amp;month={MONTH}&amp;unit=D1-1#cases"
    staffing = office.get(f"/members/staffings/read?institution={HOSPITAL}&month={MONTH}").get_data(as_text=True)
    assert "1.0000" in staffing
    assert link in staffing
    entries = office.get(f"/workpoints/entries/read?institution={HOSPITAL}&month={MONTH}").get_data(as_text=True)
    assert link in entries
    opened = office.get(link.replace("&amp;", "&")).get_data(as_text=True)
    assert "= 6.0 ÷ 6 =" in opened
    other = client_as("h1.personnel").get(f"/members/staffings/read?institution={HOSPITAL}&month={MONTH}")
    assert other.status_code == 200
    assert "1.0000" not in other.get_data(as_text=True).split("CMI")[-1] or "CMI" not in other.get_data(as_text=True)
