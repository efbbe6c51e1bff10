"""New techniques of H1: from charge lines and the workload ledger to the payslip, and what is refused on the way."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask

from alliance.audit import queries as audit
from alliance.core.figure import State
from alliance.core.refused import Refused
from alliance.indicators import queries as indicators
from alliance.workpoints import queries, services
from alliance.workpoints.queries.filing import Given
from alliance.workpoints.rules.entries import Entry
from alliance.workpoints.rules.headings import guessed
from alliance.workpoints.rules.items import Item
from alliance.workpoints.rules.ledgers import ENTERED
from alliance.workpoints.rules.meanings import ITEM, UNIT, Meaning
from alliance.workpoints.rules.tables import TableRow
from alliance.workpoints.rules.workloads import Workload
from alliance.workpoints.services import GivenTask
from alliance.workpoints.volume import points
from alliance.workpoints.volume.partitions import Partitions, partitions_of
from tests.conftest import Client
from tests.small import YEAR, at, by
from tests.workpoints.small_bonus import HEADS, HOSPITAL, hear, put_scheme, scheme_data
from tests.workpoints.test_runs import MONTH, day, prepared

OFFICE = by("h1.bonus")
TABLE = [
    TableRow(Item("R1", "机器人手术", "Robotic surgery", "operation"), "performing", Decimal(8), 2),
    TableRow(Item("R2", "机器人辅助", "Robotic assistance", "treatment"), "", None, 3),
    TableRow(Item("G1", "阿司匹林", "Aspirin", "drug"), "", None, 4),
]
ROBOT: dict[str, Any] = {
    "code": "robot", "name_zh": "机器人手术", "name_en": "Robotic surgery", "items": ["R1", "R2"], "amount": "500",
    "from": "2026-06-01",
}  # fmt: skip
# N1 does 3 − 1 of R1, 1.5 of what means R2, and half of one by the ledger: 4 times. D1-1 is refunded one of May.
LINES = [
    ["1", "2026-06-01", "R1", "住院", "3", "900.00", "0102", "0001", "0103", "0002"],
    ["2", "2026-06-03", "R1", "住院", "-1", "-300.00", "0102", "0001", "0103", "0002"],
    ["3", "2026-06-30", "OLD", "门诊", "1.5", "150.00", "0102", "0001", "0103", ""],
    ["4", "2026-06-04", "G1", "门诊", "10", "55.50", "0102", "0001", "0103", ""],
    ["5", "2026-06-05", "R1", "住院", "-1", "-300.00", "0103", "0002", "0102", "0001"],
    ["6", "2026-06-06", "R2", "住院", "2", "20.00", "0102", "0001", "9999", "0002"],
]
HERE = f"institution={HOSPITAL}&month={MONTH}"
MINE = f"/workpoints/techniques/list?{HERE}&unit=N1&technique=robot"
SignIn = Callable[[str], Client]


@pytest.fixture
def lines(inside: Flask) -> Partitions:
    return put_month(inside)


def put_month(app: Flask, **scheme: Any) -> Partitions:
    """June of H1 as of test_runs, with a technique in its scheme, lines that count as it, and entries of the ledger;
    the scores of the units leave something of the pool."""
    prepared(1)
    scores = [Given(unit, "score", Entry(Decimal(90), State.VALUE)) for unit in ("D1-1", "N1")]
    services.file_entry(1, HOSPITAL, MONTH, scores, "考核汇总表", by=OFFICE, now=day(1))
    services.import_points(1, HOSPITAL, TABLE, YEAR, "点数表", "a" * 64, by=OFFICE, now=day(1))
    night = {"shift": "N1", "rate": "280", "from": "2026-01-01"}
    put_scheme(1, scheme_data(night=[night], **{"technique": [ROBOT], **scheme}))
    for outside, unit in (("0102", "D1-1"), ("0103", "N1")):
        services.map_code(1, HOSPITAL, Meaning(UNIT, outside, unit, YEAR), by=OFFICE, now=day(1))
    services.map_code(1, HOSPITAL, Meaning(ITEM, "OLD", "R2", YEAR), by=OFFICE, now=day(1))
    found = partitions_of(app.config["ALLIANCE"].data, 1)
    path = found.root.parent / "his.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    for name, month, rows in (
        ("may.csv", "2026-05", [["9", "2026-05-30", *LINES[4][2:4], "1", "300.00", *LINES[4][6:]]]),
        ("his.csv", MONTH, [[*row, "9" if row[0] == "5" else "1" if row[0] == "2" else ""] for row in LINES]),
    ):
        heads = HEADS if month != MONTH else [*HEADS, "原明细流水号"]
        path.write_text("\n".join(",".join(row) for row in [heads, *rows]))
        services.load_charge(found, 1, HOSPITAL, month, "HIS", path, name, guessed(heads), by=OFFICE, now=day(1))
    for role, unit, person in (("performing", "N1", "0002"), ("ordering", "D1-1", "0001")):
        work = Workload(date(2026, 6, 9), "R2", Decimal("0.5"), role, "inpatient", unit, person, "辅助", "登记本")
        number = services.enter_workload(1, HOSPITAL, work, by=OFFICE, now=day(1))
        services.review_workload(found, 1, HOSPITAL, number, "accepted", by=by("h1.finance"), now=day(1))
    return found


def test_a_technique_goes_from_its_lines_to_the_payslip(lines: Partitions) -> None:
    services.compute_run(1, HOSPITAL, MONTH, lines, by=OFFICE, now=day(2))
    run = queries.bonus_run(1, HOSPITAL, MONTH)
    assert run is not None
    kept = audit.values_of(run.first_run, [
        "unit/N1/technique/robot/done", "unit/N1/technique/robot", "unit/N1/bonus/plain", "unit/N1/bonus",
        "unit/D1-1/technique/robot/done", "unit/D1-1/technique/robot", "unit/D1-1/bonus/plain", "unit/D1-1/bonus",
    ])  # fmt: skip
    assert [kept["unit/N1/technique/robot/done"], kept["unit/N1/technique/robot"]] == [4, 2000]
    assert [kept["unit/D1-1/technique/robot/done"], kept["unit/D1-1/technique/robot"]] == [-1, 0]
    for unit, reward in (("N1", 2000), ("D1-1", 0)):
        bonus, plain = kept[f"unit/{unit}/bonus"], kept[f"unit/{unit}/bonus/plain"]
        assert bonus is not None
        assert plain is not None
        assert bonus == plain + reward
        assert queries.bonus_units(run.id)[unit].bonus == bonus * 100
        assert sum(one.amount for one in queries.bonus_shares(run.id, unit)) == bonus * 100
    lost = ("technique_without_unit", "performing_unit/robot", "2")
    assert [(one.kind, one.where, one.amount) for one in run.issues] == [lost]
    assert all(not row.difference for row in run.rows)
    assert audit.read_runs([run.first_run], 1)[run.first_run].inputs["lines"] == "HIS-r1,workload-ledger-r2"
    services.publish_rest(1, HOSPITAL, MONTH, by=OFFICE, now=day(2))
    services.compute_slip(1, HOSPITAL, MONTH, indicators.works_on(1), by=OFFICE, now=day(9))
    paid = [
        line.amount
        for slip in queries.slips(run.id)
        for line in slip.lines
        if (line.sort, slip.unit) == ("bonus", "N1")
    ]
    assert sum(paid) == queries.bonus_units(run.id)["N1"].bonus


def test_the_same_lines_by_the_driver_model_share_the_pool_to_the_cent(inside: Flask) -> None:
    lines = put_month(inside, first={"model": "driver", "closing": "exact"}, drivers={"establishment": "100"})
    services.compute_run(1, HOSPITAL, MONTH, lines, by=OFFICE, now=day(2))
    run = queries.bonus_run(1, HOSPITAL, MONTH)
    assert run is not None
    assert sum(one.bonus for one in queries.bonus_units(run.id).values()) == run.pool
    kept = audit.values_of(run.first_run, ["first:shared", "pool"])
    assert kept["pool"] is not None
    assert kept["first:shared"] == kept["pool"] - 2000


def test_nothing_is_asked_of_the_lines_where_no_technique_has_begun(
    inside: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = put_month(inside, technique=[ROBOT | {"from": "2026-07-01"}])

    def never(_engine: object) -> Any:
        raise AssertionError("the lines were asked")

    monkeypatch.setattr(points, "techniques", never)
    services.compute_run(1, HOSPITAL, MONTH, lines, by=OFFICE, now=day(2))
    run = queries.bonus_run(1, HOSPITAL, MONTH)
    assert run is not None
    assert audit.values_of(run.first_run, ["unit/N1/technique/robot"]) == {}


def test_a_count_opens_to_its_lines_for_those_whose_business_it_is(app: Flask, client_as: SignIn) -> None:
    with app.app_context():
        lines = put_month(app)
        services.compute_run(1, HOSPITAL, MONTH, lines, by=OFFICE, now=day(2))
        services.publish_rest(1, HOSPITAL, MONTH, by=OFFICE, now=day(2))
        run = queries.bonus_run(1, HOSPITAL, MONTH)
        assert run is not None
        keys = ["unit/N1/bonus", "unit/N1/technique/robot", "unit/N1/technique/robot/done"]
        numbers = audit.figure_numbers(run.first_run, keys)
    office = client_as("h1.bonus")
    for lang, words in (
        ("en", ("Unit bonus with increments", "New technique: Robotic surgery", "How often: Robotic surgery")),
        ("zh", ("科室奖金（含增量）", "新技术奖励：机器人手术", "例数：机器人手术")),
    ):
        office.set_cookie("language", lang)
        for key, word in zip(keys, words, strict=True):
            page = office.get(f"/figures/{run.first_run}/{numbers[key]}").get_data(as_text=True)
            assert word in page
    assert MINE.replace("&", "&amp;") in page
    shown = office.get(MINE).get_data(as_text=True)
    assert "/workpoints/workloads/read/H1/1" in shown
    assert shown.count("<tr>") == 5  # the heading, two of R1, one that means R2, one of the ledger
    assert "OLD" in shown
    head, nurse = client_as("h1.head"), client_as("h1.nurse")
    assert head.get(f"{MINE.replace('=N1', '=D1-1')}").status_code == 200
    own = nurse.get(MINE).get_data(as_text=True)
    assert "OLD" not in own  # names nobody
    assert own.count("<tr>") == 4
    assert nurse.get(MINE.replace("=N1", "=D1-1")).status_code == 404
    others = nurse.get(MINE.replace("=robot", "=lens"))  # her unit's, but no line of hers
    assert (others.status_code, others.get_data(as_text=True).count("OLD")) == (200, 0)
    listed = office.get(f"/workpoints/techniques/list?{HERE}").get_data(as_text=True)
    assert re.findall(r'technique=robot&amp;unit=([^&"]*)', listed) == ["", "D1-1", "N1"]
    assert office.get(f"/workpoints/techniques/list?{HERE}&technique=lens&unit=N1").status_code == 404


def test_the_scheme_tells_its_techniques_in_words(app: Flask, client_as: SignIn) -> None:
    with app.app_context():
        prepared(1)
        services.import_points(1, HOSPITAL, TABLE, YEAR, "点数表", "a" * 64, by=OFFICE, now=day(1))
        reference = put_scheme(1, scheme_data(technique=[ROBOT]))
    office = client_as("h1.bonus")
    _place, code, version = reference.split("/")
    for lang, words in (("zh", "机器人手术"), ("en", "Robotic surgery")):
        office.set_cookie("language", lang)
        page = office.get(f"/workpoints/schemes/read/H1/{code}/{version}?against=BONUS/1").get_data(as_text=True)
        for one in (words, "500.00", "R1", "R2"):
            assert one in page


def test_a_technique_on_goods_or_on_what_nobody_knows_is_refused(inside: Flask) -> None:
    with pytest.raises(Refused) as refused:
        services.import_scheme(1, HOSPITAL, scheme_data(technique=[ROBOT]), by=OFFICE, now=day(1))
    assert [one.where for one in refused.value.problems] == ["technique.robot.R1", "technique.robot.R2"]
    services.import_points(1, HOSPITAL, TABLE, YEAR, "点数表", "a" * 64, by=OFFICE, now=day(1))
    with pytest.raises(Refused) as refused:
        services.import_scheme(
            1, HOSPITAL, scheme_data(technique=[ROBOT | {"items": ["R1", "G1"]}]), by=OFFICE, now=day(1)
        )
    assert [(one.where, one.value) for one in refused.value.problems] == [("technique.robot.G1", "drug")]


def test_a_run_is_refused_where_a_later_table_made_the_item_a_drug(lines: Partitions) -> None:
    goods = [replace(TABLE[1], item=replace(TABLE[1].item, item_class="consumable")), TABLE[0]]
    services.import_points(1, HOSPITAL, goods, date(2026, 6, 1), "点数表二", "b" * 64, by=OFFICE, now=day(1))
    with pytest.raises(Refused, match="pay to drugs") as refused:
        services.compute_run(1, HOSPITAL, MONTH, lines, by=OFFICE, now=day(2))
    assert [(one.where, one.value) for one in refused.value.problems] == [("technique.robot.R2", "consumable")]


def test_a_draft_is_not_put_into_force_once_a_table_made_its_item_a_drug(inside: Flask) -> None:
    services.import_points(1, HOSPITAL, TABLE, YEAR, "点数表", "a" * 64, by=OFFICE, now=at(1))
    reference = services.import_scheme(1, HOSPITAL, scheme_data(technique=[ROBOT]), by=OFFICE, now=at(5))
    hear(1, f"scheme:{reference}", "方案1", at(5))
    goods = [replace(TABLE[1], item=replace(TABLE[1].item, item_class="consumable")), TABLE[0]]
    services.import_points(1, HOSPITAL, goods, date(2026, 6, 1), "点数表二", "b" * 64, by=OFFICE, now=at(5))
    with pytest.raises(Refused, match="The scheme has 1 error") as refused:
        services.decide_scheme(1, HOSPITAL, "BONUS", 1, {}, decision="方案1-院办", by=by("h1.lead"), now=at(6))
    assert [one.where for one in refused.value.problems] == ["technique.robot.R2"]


def test_a_technique_is_no_longer_typed_where_the_scheme_counts_them(inside: Flask) -> None:
    prepared(1)
    task = GivenTask("0002", MONTH, "new_technique", 50000, "首例机器人手术", "手术记录")
    old = services.enter_task(1, HOSPITAL, task, by=OFFICE, now=day(1))
    services.import_points(1, HOSPITAL, TABLE, YEAR, "点数表", "a" * 64, by=OFFICE, now=day(1))
    put_scheme(1, scheme_data(technique=[ROBOT]))
    with pytest.raises(Refused, match=r"H1/BONUS/2 rewards new techniques by charge lines.*workload ledger"):
        services.enter_task(1, HOSPITAL, task, by=OFFICE, now=day(1))
    assert services.enter_task(1, HOSPITAL, replace(task, subject="teaching"), by=OFFICE, now=day(1)) == old + 1
    kept = queries.task(1, HOSPITAL, old)
    assert kept is not None
    assert (kept.subject, kept.state) == ("new_technique", ENTERED)
    services.review_task(1, HOSPITAL, old, "accepted", by=by("h1.finance"), now=day(2))
