"""The workload ledger: entered by hand, reviewed by another person, then lines like those of a file."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask
from openpyxl import load_workbook
from werkzeug.test import TestResponse as Response

from alliance.audit.models import Event, Run
from alliance.core.refused import NotFound, Refused
from alliance.core.roles import Scope
from alliance.db import db
from alliance.desk.queries.tasks import tasks as home_tasks
from alliance.store import Store
from alliance.workpoints import queries, services, sheets
from alliance.workpoints.models import ChargeLoad
from alliance.workpoints.queries import GivenWork, MonthLines
from alliance.workpoints.rules.headings import guessed
from alliance.workpoints.rules.items import Item
from alliance.workpoints.rules.meanings import PERSON, Meaning
from alliance.workpoints.rules.tables import TableRow
from alliance.workpoints.rules.volumes import VolumePart
from alliance.workpoints.rules.workloads import SOURCE, Workload
from alliance.workpoints.volume.partitions import Partitions, partitions_of
from tests.conftest import Client
from tests.small import YEAR, at, by
from tests.workpoints.small_bonus import HEADS, month_run

MONTH = "2026-04"
NOW = at(5, 5)
OFFICE = by("h1.bonus")
WORK = Workload(
    date(2026, 4, 8), "T1", Decimal("2.5"), "performing", "inpatient", "N1", "0002", "床旁清创", "护理登记本第12页"
)
REASON = "护理登记本上没有这一条记录"
TABLE = [
    TableRow(Item("T1", "清创术", "Debridement", "treatment"), "ordering", Decimal("2"), 2),
    TableRow(Item("T1", "清创术", "Debridement", "treatment"), "performing", Decimal("8"), 3),
    TableRow(Item("N1", "未定点数护理", "Nursing without points", "nursing"), "", None, 4),
]


@pytest.fixture
def lines(inside: Flask) -> Partitions:
    services.import_points(1, "H1", TABLE, YEAR, "点数表", "a" * 64, by=OFFICE, now=NOW)
    return partitions_of(inside.config["ALLIANCE"].data, 1)


def enter(given: Workload = WORK, account: str = "h1.head") -> int:
    return services.enter_workload(1, "H1", given, by=by(account), now=NOW)


def review(
    lines: Partitions, number: int, verdict: str = "accepted", reason: str = "", account: str = "h1.bonus"
) -> None:  # fmt: skip
    services.review_workload(lines, 1, "H1", number, verdict, reason, by=by(account), now=NOW)


def month(lines: Partitions) -> MonthLines:
    return queries.month_lines(lines, 1, "H1", MONTH)


def earned(lines: Partitions) -> list[tuple[object, ...]]:
    return [(one.role, one.unit, one.person, one.setting, one.lines, one.points) for one in month(lines).earned]


def test_work_earns_points_once_somebody_else_has_accepted_it(lines: Partitions) -> None:
    number = enter()
    assert earned(lines) == []
    review(lines, number)
    assert earned(lines) == [("performing", "N1", "0002", "inpatient", 1, 20)]
    review(lines, enter(replace(WORK, quantity=Decimal(1), role="ordering", unit="D1-1", person="0001")))
    assert ("ordering", "D1-1", "0001", "inpatient", 1, 2) in earned(lines)
    review(lines, enter(replace(WORK, quantity=Decimal("0.0001"), person="")))
    assert ("performing", "N1", "", "inpatient", 1, Decimal("0.0008")) in earned(lines)
    assert [(one.source, one.lines, one.amount) for one in queries.loads(1, "H1", MONTH)] == [(SOURCE, 3, Decimal(0))]


@pytest.mark.parametrize("column", ["item", "text", "document"])
def test_what_a_file_says_is_no_longer_than_what_is_typed(lines: Partitions, column: str) -> None:
    with pytest.raises(Refused, match="is longer than"):
        enter(replace(WORK, **{column: "长" * 201}))


def test_the_lines_behind_a_sum_lead_to_the_entry(lines: Partitions) -> None:
    review(lines, enter())
    found = month(lines)
    behind = queries.lines_behind(lines, 1, "H1", MONTH, found.loads, found.earned[0], 10, 0)
    assert [(line[0], line[1], line[5], line[7]) for line in behind] == [(SOURCE, 1, Decimal("2.5"), 20)]


def test_work_goes_the_way_of_every_line(lines: Partitions) -> None:
    review(lines, enter(replace(WORK, item="OLD")))
    review(lines, enter(replace(WORK, item="N1")))
    found = month(lines)
    assert [(one.what, one.code, one.lines) for one in found.unknown] == [("item", "OLD", 1)]
    assert {one.item: one.standing for one in found.items} == {"N1": "without", "OLD": "unknown"}


def test_a_code_that_a_system_uses_for_somebody_else_does_not_take_the_work(lines: Partitions) -> None:
    services.map_code(1, "H1", Meaning(PERSON, "0002", "0001", YEAR), by=OFFICE, now=NOW)
    review(lines, enter())
    assert earned(lines) == [("performing", "N1", "0002", "inpatient", 1, 20)]


def test_a_file_and_the_ledger_stand_side_by_side(lines: Partitions) -> None:
    path = lines.root.parent / "his.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([",".join(HEADS), "1,2026-04-01,T1,住院,1,100.00,0101,0001,JYK,0002"]))
    services.load_charge(lines, 1, "H1", MONTH, "HIS", path, "his.csv", guessed(HEADS), by=OFFICE, now=NOW)
    review(lines, enter())
    assert [one[1] for one in earned(lines)] == ["D1", "D2", "N1"]
    for refused in (
        lambda: services.load_charge(lines, 1, "H1", MONTH, SOURCE, path, "x", guessed(HEADS), by=OFFICE, now=NOW),
        lambda: services.withdraw_charge(1, "H1", MONTH, SOURCE, 1, REASON, by=OFFICE, now=NOW),
        lambda: services.map_charge(1, "H1", SOURCE, guessed(HEADS), by=OFFICE, now=NOW),
    ):
        with pytest.raises(Refused, match="workload ledger"):
            refused()


def test_nobody_reviews_what_one_entered_or_did(lines: Partitions) -> None:
    number = enter(account="h1.bonus")
    with pytest.raises(Refused, match="You made this entry"):
        review(lines, number)
    with pytest.raises(Refused, match="your own work"):
        review(lines, number, account="h1.nurse")
    review(lines, number, account="h1.finance")
    with pytest.raises(Refused, match="reviewed already"):
        review(lines, number, account="h1.finance")


def test_what_somebody_else_accepted_meanwhile_is_not_returned_unseen(lines: Partitions) -> None:
    number = enter()
    review(lines, number)
    with pytest.raises(Refused, match="meanwhile"):
        services.review_workload(
            lines, 1, "H1", number, "refused", "记录单有误，退回补正", "entered", by=by("h1.finance"), now=NOW
        )
    assert month(lines).earned


def test_what_was_accepted_is_returned_while_the_month_is_open(lines: Partitions) -> None:
    first, second = enter(), enter(replace(WORK, day=date(2026, 4, 9)))
    review(lines, first)
    review(lines, second)
    with pytest.raises(Refused):
        review(lines, first, "refused", "no")
    review(lines, first, "refused", REASON)
    assert earned(lines) == [("performing", "N1", "0002", "inpatient", 1, 20)]
    review(lines, second, "refused", REASON)
    assert earned(lines) == []
    assert queries.loads(1, "H1", MONTH) == []
    assert [row.revision for row in db.session.query(ChargeLoad).order_by(ChargeLoad.id)] == [1, 2, 3, 4]
    found = queries.workload(1, "H1", first)
    assert found
    assert (found.state, found.reviewed_by, found.reason) == ("refused", "h1.bonus", REASON)


def test_an_approved_month_takes_no_more_work(lines: Partitions) -> None:
    accepted, waiting = enter(), enter(replace(WORK, day=date(2026, 4, 9)))
    review(lines, accepted)
    run = Run(alliance_id=1, subject="bonus", inputs={}, digest="f" * 64, figures=0, software="", account="", at=NOW)
    db.session.add(run)
    db.session.commit()
    month_run(1, MONTH, "approved", run.id, {})
    for refused in (
        enter, lambda: review(lines, waiting), lambda: review(lines, accepted, "refused", REASON)
    ):  # fmt: skip
        with pytest.raises(Refused, match="is approved"):
            refused()
    review(lines, waiting, "refused", REASON)  # it never counted, and must not wait for ever
    assert len(queries.workloads(1, "H1", MONTH, "accepted")) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        replace(WORK, item=" "), replace(WORK, quantity=Decimal(0)), replace(WORK, quantity=Decimal("0.00001")),
        replace(WORK, quantity=Decimal(1_000_001)), replace(WORK, day=date(2026, 5, 6)), replace(WORK, text=""),
        replace(WORK, document=" "), replace(WORK, unit="D9"), replace(WORK, person="0404"),
        replace(WORK, role="anything"), replace(WORK, setting=""), replace(WORK, day=date(2025, 12, 31)),
    ],
)  # fmt: skip
def test_what_the_ledger_does_not_take(inside: Flask, wrong: Workload) -> None:
    with pytest.raises((Refused, NotFound)):
        enter(wrong)
    assert queries.workloads(1, "H1", wrong.month) == []


def test_events_tell_neither_persons_nor_what_was_done(lines: Partitions) -> None:
    review(lines, enter())
    events = db.session.query(Event).filter(Event.act.like("workpoints:workload:%")).order_by(Event.id).all()
    assert [(one.act, one.subject) for one in events] == [
        ("workpoints:workload:enter", "workload:H1/1"), ("workpoints:workload:review", "workload:H1/1"),
    ]  # fmt: skip
    assert events[0].detail == {"month": MONTH}
    assert events[1].detail.keys() == {"verdict", "revision", "sha256", "count"}


def test_what_waits_for_a_review_is_a_task_of_those_who_may(inside: Flask) -> None:
    enter(account="h1.bonus")

    def waits(account: str) -> list[str]:
        scope = Scope(1, account, "H1", frozenset({"hospital_office"}), bonus=frozenset({"H1"}))
        return [one.what for one in home_tasks(scope, NOW)]

    assert "bonus_workload" in waits("h1.other")
    assert "bonus_workload" not in waits("h1.bonus")


def test_a_head_enters_the_office_returns_and_accepts_and_the_nurse_opens_it(
    app: Flask, client_as: Callable[[str], Client]
) -> None:
    with app.app_context():
        services.import_points(1, "H1", TABLE, YEAR, "点数表", "a" * 64, by=OFFICE, now=NOW)
    sent = {
        "day": "2026-04-08", "item": "T1", "quantity": "2.5", "unit": "N1", "person": "0002", "role": "performing",
        "setting": "inpatient", "text": "床旁清创", "document": "护理登记本第12页",
    }  # fmt: skip
    head, office, nurse = client_as("h1.head"), client_as("h1.bonus"), client_as("h1.nurse")
    place = f"/workpoints/workloads/list?institution=H1&month={MONTH}"
    assert head.get(f"/workpoints/workloads/enter/H1?month={MONTH}").status_code == 200
    assert head.send(f"/workpoints/workloads/enter/H1?month={MONTH}", **{**sent, "unit": "D2"}).status_code == 422
    for typed in ("1e3", "1_000", "5²", "٣", "12,50"):
        answer = head.send(f"/workpoints/workloads/enter/H1?month={MONTH}", **{**sent, "quantity": typed})
        assert answer.status_code == 422
        assert f'value="{typed}"' in answer.get_data(as_text=True)
    for _time in range(2):
        assert head.send(f"/workpoints/workloads/enter/H1?month={MONTH}", **sent).status_code == 302
    asked = office.get("/workpoints/workloads/review/H1/2").get_data(as_text=True)
    assert "/workpoints/workloads/read/H1/1" in asked  # the same work twice?
    assert "20" in asked
    assert office.send("/workpoints/workloads/review/H1/1", verdict="accepted").status_code == 302
    assert office.send("/workpoints/workloads/review/H1/2", verdict="refused", reason="no").status_code == 422
    assert office.send("/workpoints/workloads/review/H1/2", verdict="refused", reason=REASON).status_code == 302
    assert REASON in head.get(place).get_data(as_text=True)
    assert "?month=2026-04&amp;from=2" in head.get("/workpoints/workloads/read/H1/2").get_data(as_text=True)
    again = head.get(f"/workpoints/workloads/enter/H1?month={MONTH}&from=2").get_data(as_text=True)
    assert "护理登记本第12页" in again
    behind = (
        f"/workpoints/lines/list?institution=H1&month={MONTH}&role=performing&unit=N1&person=0002&setting=inpatient"
    )
    for client in (office, head, nurse):
        assert 'href="/workpoints/workloads/read/H1/1"' in client.get(behind).get_data(as_text=True)
        assert "床旁清创" in client.get("/workpoints/workloads/read/H1/1").get_data(as_text=True)
    assert nurse.get(place).status_code == 403
    assert client_as("c1.lead").get("/workpoints/workloads/read/H1/1").status_code == 404
    listed = office.get(f"/workpoints/charges/list?institution=H1&month={MONTH}").get_data(as_text=True)
    assert f'href="/workpoints/workloads/list?institution=H1&amp;month={MONTH}"' in listed
    read = office.get(f"/workpoints/charges/read/H1/{MONTH}/{SOURCE}/1").get_data(as_text=True)
    assert "/workpoints/charges/withdraw/" not in read
    assert "· ·" not in " ".join(read.split())  # lines of the ledger have no file that would have a name
    assert "导入工作簿" in head.get(place).get_data(as_text=True)


@pytest.mark.parametrize(
    "listing", ["workloads/list", "entries/read", "cases/list", "tasks/list", "holdings/list", "charges/list"]
)
def test_from_a_past_month_one_comes_back_to_this_one(
    app: Flask, client_as: Callable[[str], Client], listing: str
) -> None:  # fmt: skip
    listed = client_as("h1.bonus").get(f"/workpoints/{listing}?institution=H1&month=2025-01").get_data(as_text=True)
    offered = re.findall(r'value="([-0-9]+)"', listed.split('name="month"')[1].split("</select>")[0])
    assert offered == sorted(offered, reverse=True)
    assert {"2026-05", "2026-04", "2025-05", "2025-01"} <= set(offered)


def test_an_entry_is_no_file_of_charge_lines(lines: Partitions) -> None:
    review(lines, enter())
    ready = {line.name_en: line.there for line in queries.readiness(1, "H1", MONTH)}
    assert ready["Files of charge lines"] == "0"


def test_an_entry_counts_in_the_standing_reports_for_the_one_department_that_it_names(lines: Partitions) -> None:
    review(lines, enter())
    review(lines, enter(replace(WORK, role="ordering", unit="D1-1", person="0001")))
    review(lines, enter(replace(WORK, role="ordering", unit="D1-1", person="")))
    for volumes in queries.month_volumes(lines, 1, "H1", MONTH):
        assert [(one.unit, one.lines, one.nameless) for one in volumes] == [("D1-1", 2, 1), ("N1", 1, 0)]
    found = queries.volume_lines(lines, 1, "H1", MONTH, VolumePart(units=frozenset({"D1-1"})), 10, 0)
    assert [line[1] for line in found] == [2, 3]


def take(works: list[Workload], units: tuple[str, ...] = ("D1", "D1-1", "N1"), account: str = "h1.head") -> int:
    given = [GivenWork(one) for one in works]
    return services.import_workload(1, "H1", MONTH, given, units, by=by(account), now=NOW)


def test_a_workbook_is_entered_once_however_often_it_comes(lines: Partitions) -> None:
    more = replace(WORK, day=date(2026, 4, 9), person="")
    assert take([WORK, more]) == 2
    review(lines, 1)
    review(lines, 2, "refused", REASON)
    assert take([WORK, more]) == 0
    assert take([more, replace(more, text="床旁清创，第二次"), WORK]) == 1
    assert [(one.number, one.state) for one in queries.workloads(1, "H1", MONTH)] == [
        (3, "entered"), (2, "refused"), (1, "accepted"),
    ]  # fmt: skip


def test_a_workbook_with_faults_is_entered_not_at_all(inside: Flask) -> None:
    wrong = [
        replace(WORK, quantity=Decimal(0)), replace(WORK, unit="D9"), replace(WORK, person="0404"),
        replace(WORK, unit="D2"), replace(WORK, day=date(2026, 5, 1)), WORK, WORK,
    ]  # fmt: skip
    with pytest.raises(Refused) as refused:
        take(wrong)
    assert [one.message for one in refused.value.problems] == [
        "The quantity must be above 0 and at most 1,000,000.", "On %(day)s there was no department %(code)s.",
        "%(person)s was not in post in %(period)s.", "is no department for which you may enter work",
        "is no day of this month", "stands in the file twice; where it is other work, say so under work done",
    ]  # fmt: skip
    assert queries.workloads(1, "H1", MONTH) == []


def test_the_workbook_reads_back_as_it_was_written(app: Flask) -> None:
    with app.test_request_context():
        works = [WORK, replace(WORK, role="ordering", setting="outpatient", person="", quantity=Decimal("0.0001"))]
        take(works)
        roll = queries.roll(1, "H1", MONTH)
        content = sheets.write_workloads("H1", MONTH, roll, ["N1"], queries.workloads(1, "H1", MONTH))
        assert {one.work for one in sheets.read_workloads(content, "w.xlsx")} == set(works)
        book = load_workbook(BytesIO(content))
        page = next(one for one in book if one.title.endswith("workload"))
        page["A2"], page["D3"], page["C3"] = "昨天", "别的", "许多"
        saved = BytesIO()
        book.save(saved)
        with pytest.raises(Refused) as refused:
            sheets.read_workloads(saved.getvalue(), "w.xlsx")
        assert [(one.at["row"], one.value, one.message) for one in refused.value.problems] == [
            (2, "昨天", "is no day; write it as 2026-04-08"), (3, "许多", "is no number"),
            (3, "别的", "is neither %(first)s nor %(second)s"),
        ]  # fmt: skip


def test_what_is_wrong_with_an_entry_is_told_at_its_own_cell(app: Flask) -> None:
    with app.test_request_context():
        take([WORK])
        roll = queries.roll(1, "H1", MONTH)
        content = sheets.write_workloads("H1", MONTH, roll, ["N1"], queries.workloads(1, "H1", MONTH))
        book = load_workbook(BytesIO(content))
        page = next(one for one in book if one.title.endswith("workload"))
        page["C2"], page["G2"], page["H2"] = -2, "0404", "长" * 201
        saved = BytesIO()
        book.save(saved)
        given = sheets.read_workloads(saved.getvalue(), "w.xlsx")
        with pytest.raises(Refused) as refused:
            queries.workload_changes(1, "H1", MONTH, given, ["N1"], NOW.date())
        assert [(one.place, one.value[:5]) for one in refused.value.problems] == [
            ("sheet workload, row 2, quantity", "-2"), ("sheet workload, row 2, text", "长" * 5),
            ("sheet workload, row 2, person", "0404"),
        ]  # fmt: skip


PAPER = b"%PDF-1.4 a page of the ward's book %%EOF"


def test_a_file_shows_the_work_until_it_is_reviewed(lines: Partitions, tmp_path: Path) -> None:
    store = Store(tmp_path)

    def attach(number: int, *files: tuple[str, bytes]) -> int:
        return services.attach_workload(1, "H1", number, files, store, by=by("h1.head"), now=NOW)

    number = services.enter_workload(1, "H1", WORK, [("a.pdf", PAPER)], store, by=by("h1.head"), now=NOW)
    (file,) = queries.workload_evidence(1, "H1", number)
    assert (file.name, file.media, store.read(file.sha256)) == ("a.pdf", "application/pdf", PAPER)
    for wrong, why in (
        (("b.pdf", PAPER), "already"), (("b.pdf", b"MZ is a programme \0"), "none of the files"),
        (("b.pdf", b""), "empty"),
        (("b.png", PAPER + b" "), "PDF"),
    ):  # fmt: skip
        with pytest.raises(Refused, match=why):
            attach(number, wrong)
    assert attach(number, *((f"{place}.txt", str(place).encode()) for place in range(9))) == 9
    with pytest.raises(Refused, match="at most"):
        attach(number, ("z.txt", b"z"))
    review(lines, number)
    with pytest.raises(Refused, match="reviewed already"):
        attach(number, ("z.txt", b"z"))
    assert services.clear_workloads(store, now=datetime.now(UTC) + timedelta(days=2)) == 1  # of a verb that was refused
    assert {file.sha256} < queries.workload_files()


def test_evidence_is_opened_by_those_who_see_the_ledger_and_checked_on_the_disk(
    app: Flask, client_as: Callable[[str], Client]
) -> None:
    sent = {
        "day": "2026-04-08", "item": "T1", "quantity": "2.5", "unit": "N1", "person": "0002", "role": "performing",
        "setting": "inpatient", "text": "床旁清创", "document": "护理登记本第12页", "files": (BytesIO(PAPER), "a.pdf"),
    }  # fmt: skip
    head, nurse = client_as("h1.head"), client_as("h1.nurse")
    assert head.send(f"/workpoints/workloads/enter/H1?month={MONTH}", **sent).status_code == 302
    digest = sha256(PAPER).hexdigest()
    door = f"/workpoints/workloads/download/H1/1/{digest}"
    assert door in client_as("h1.bonus").get("/workpoints/workloads/review/H1/1").get_data(as_text=True)
    assert client_as("h1.finance").get(door).get_data() == PAPER
    assert nurse.get(door).status_code == 403
    assert door not in nurse.get("/workpoints/workloads/read/H1/1").get_data(as_text=True)
    more = head.send("/workpoints/workloads/attach/H1/1", files=(BytesIO(b"more"), "b.txt"))
    assert more.status_code == 302
    runner = app.test_cli_runner()
    with app.app_context():
        assert runner.invoke(args=["files", "check"]).exit_code == 0
    kept = app.config["ALLIANCE"].data / "workloads" / digest[:2] / digest[2:]
    kept.write_bytes(b"something else")
    assert head.get(door).status_code == 422
    with app.app_context():
        found = runner.invoke(args=["files", "check"])
    assert found.exit_code == 1
    assert f"workloads/{digest[:2]}/{digest[2:]} is not what was kept" in found.output


def test_a_head_checks_and_applies_a_workbook(app: Flask, client_as: Callable[[str], Client]) -> None:
    head = client_as("h1.head")
    template = head.get(f"/workpoints/workloads/template/H1/{MONTH}")
    book = load_workbook(BytesIO(template.get_data()))
    page = next(one for one in book if one.title.endswith("workload"))
    page.append(["2026-04-08", "T1", 2.5, "执行", "住院", "N1", "0002", "床旁清创", "护理登记本第12页"])
    saved = BytesIO()
    book.save(saved)
    place = f"/workpoints/workloads/import/H1/{MONTH}"

    def send(**button: str) -> Response:
        return head.send(place, file=(BytesIO(saved.getvalue()), "w.xlsx"), **button)

    assert "1" in send(check="1").get_data(as_text=True)
    with app.app_context():
        assert queries.workloads(1, "H1", MONTH) == []
    for _time in range(2):
        assert send(apply="1").status_code == 302
    with app.app_context():
        assert [one.work for one in queries.workloads(1, "H1", MONTH)] == [WORK]
