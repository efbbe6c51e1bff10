"""The shared point library: published by the alliance, adopted by a hospital, overridden item by item."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal
from threading import Barrier, Thread

import pytest
from flask_migrate import downgrade, upgrade

from alliance.audit.models import Run
from alliance.core.refused import NotFound, Refused
from alliance.db import db
from alliance.workpoints import queries, services
from alliance.workpoints.models import ItemPointRow, PointTable
from alliance.workpoints.rules.items import Item, ItemPoints
from alliance.workpoints.rules.overrides import OwnPoints
from alliance.workpoints.rules.tables import TableRow
from alliance.workpoints.services import GivenLibrary
from tests.small import at, by
from tests.workpoints.small_bonus import month_run

D = Decimal
YEAR, MARCH, APRIL, MAY, JUNE = (date(2026, month, 1) for month in (1, 3, 4, 5, 6))
PUBLISHER, OFFICE = by("office"), by("h1.bonus")
NOW = at(5)
WHY = "本院该项目耗时明显更长"


def row(code, role, points, item_class="treatment", name=""):
    item = Item(code, name or f"项目{code}", name or f"Item {code}", item_class)
    return TableRow(item, role if points is not None else "", None if points is None else D(points), 2)


FIRST = [
    row("T1", "ordering", "2"), row("T1", "performing", "8"), row("E1", "performing", "1.5", "examination"),
    row("N1", "performing", "4", "nursing"), row("Z1", "performing", "0", "nursing"), row("G1", "", None, "drug"),
]  # fmt: skip
# T1 is worth more, N1 is dropped, S1 is new.
SECOND = [row("S1", "team", "20", "operation"), *FIRST[:1], row("T1", "performing", "9"), *FIRST[2:3], *FIRST[4:]]


def publish(alliance, rows, *, newest=0, code="CITY", **more):
    given = {
        "code": code, "level": "city", "title": "市级医疗服务项目点数库", "source": "市卫健发〔2026〕1号",
        "start": YEAR, "sha256": "a" * 64, "newest": newest,
    }  # fmt: skip
    return services.publish_library(alliance, GivenLibrary(**(given | more)), rows, by=PUBLISHER, now=NOW)


def adopt(alliance, version=1, start=MARCH, *, seen=None, institution="H1", code="CITY", who=OFFICE):
    seen = seen or queries.points_state(alliance, institution)
    return services.adopt_library(alliance, institution, code, version, start, seen, by=who, now=NOW)


def override(alliance, item, role, points, start=MARCH, reason=WHY, seen=None):
    own = OwnPoints(item, role, None if points is None else D(points), start, reason)
    seen = seen or queries.points_state(alliance, "H1")
    services.set_override(alliance, "H1", own, seen, by=OFFICE, now=NOW)


def held(alliance, on):
    return {(one.item.code, one.role): one.points for one in queries.table_rows(alliance, "H1", on)}


@pytest.fixture
def alliance(inside):
    (found,) = db.session.execute(db.select(db.metadata.tables["alliance"].c.id)).scalars()
    return found


@pytest.fixture
def library(alliance):
    publish(alliance, FIRST)
    return alliance


def test_a_version_is_published_and_says_what_it_changes(library):
    assert publish(library, SECOND, newest=1, start=APRIL) == 2
    second, first = queries.libraries(library)
    assert (first.reference, first.items, first.added, first.dropped, first.changed) == ("CITY/1", 5, 5, 0, 0)
    assert (second.reference, second.added, second.dropped, second.changed) == ("CITY/2", 1, 1, 1)
    changed = queries.library_changes(library, second)
    items, points = changed.items, changed.points
    assert (items.added, items.dropped, items.changed) == (("S1",), ("N1",), ("T1",))
    assert ("T1", "performing", 8, 9) in points.changes


def test_a_library_may_link_pay_to_nothing_that_a_hospital_may_not(alliance):
    wrong = [
        row("G1", "performing", "1", "drug"), row("E1", "ordering", "1", "examination"),
        row("L1", "ordering", "1", "laboratory"), row("C1", "performing", "1", "consumable"),
        row("T1", "performing", "-1"), row("T2", "performing", "1"), row("T2", "performing", "1"),
    ]  # fmt: skip
    with pytest.raises(Refused) as refused:
        publish(alliance, wrong)
    assert len(refused.value.problems) == 6
    with pytest.raises(Refused):
        publish(alliance, [])
    assert queries.libraries(alliance) == []


@pytest.mark.parametrize(
    ("rows", "more"),
    [
        (FIRST, {"newest": 1}), (SECOND, {"newest": 0}), (SECOND, {"newest": 1, "level": "province"}),
        (SECOND, {"newest": 1, "start": date(2025, 12, 1)}), (SECOND, {"code": "city library"}),
    ],
    ids=["the same again", "published meanwhile", "another level", "an earlier day", "no code"],
)  # fmt: skip
def test_what_would_be_no_next_version_is_refused(library, rows, more):
    with pytest.raises(Refused):
        publish(library, rows, **more)
    assert len(queries.libraries(library)) == 1


def test_a_hospital_adopts_a_version_without_copying_its_rows(library):
    services.import_points(library, "H1", FIRST[:2], YEAR, "院内表", "b" * 64, by=OFFICE, now=NOW)
    before = db.session.query(ItemPointRow).count()
    assert adopt(library) == 0
    assert db.session.query(ItemPointRow).count() == before
    assert sorted(held(library, date(2026, 2, 28))) == [("T1", "ordering"), ("T1", "performing")]
    assert held(library, MARCH)[("N1", "performing")] == 4
    assert {code.code for code in queries.points.item_classes(library, "H1")} == {"T1", "E1", "N1", "Z1", "G1"}
    table = queries.in_force(library, "H1", MARCH)
    assert queries.library_of(library, table).reference == "CITY/1"
    assert queries.point_tables(library, "H2") == []


def test_an_override_holds_from_its_month_on_and_can_be_taken_back(library):
    adopt(library)
    override(library, "T1", "performing", "10")
    override(library, "T1", "performing", "0", start=APRIL)
    override(library, "T1", "performing", None, start=JUNE, reason="设备更新，恢复市级点数")
    rows = [one for one in queries.item_points(library, "H1") if (one.item, one.role) == ("T1", "performing")]
    assert rows == [
        ItemPoints("T1", "performing", D(10), MARCH, APRIL), ItemPoints("T1", "performing", D(0), APRIL, JUNE),
        ItemPoints("T1", "performing", D(8), JUNE),
    ]  # fmt: skip
    assert [held(library, day)[("T1", "performing")] for day in (MARCH, MAY, JUNE)] == [10, 0, 8]
    assert held(library, MAY)[("T1", "ordering")] == 2
    assert [one.own.points for one in queries.deviation_report(library, "H1", JUNE).history] == [None, 0, 10]


@pytest.mark.parametrize(
    ("item", "role", "points", "more"),
    [
        ("X9", "performing", "1", {}), ("G1", "performing", "1", {}), ("N1", "ordering", "1", {}),
        ("T1", "performing", "-1", {}), ("T1", "performing", "1.23456", {}), ("T1", "performing", "8", {}),
        ("T1", "performing", "9", {"reason": "太短      "}), ("T1", "performing", "9", {"start": date(2026, 3, 2)}),
        ("T1", "performing", "9", {"start": YEAR}), ("T1", "performing", None, {}),
    ],
    ids=["no item", "no points", "no role", "below 0", "too fine", "the same", "no reason", "no first", "no library",
         "nothing to take back"],
)  # fmt: skip
def test_an_override_that_means_nothing_is_refused(library, item, role, points, more):
    adopt(library)
    with pytest.raises(Refused):
        override(library, item, role, points, **more)
    assert queries.deviation_report(library, "H1", MARCH).history == ()


def test_the_deviation_is_counted_in_percent_and_nought_in_the_library_has_none(library):
    adopt(library)
    override(library, "T1", "performing", "10")
    override(library, "N1", "performing", "2")
    override(library, "Z1", "performing", "1")
    found = queries.deviation_report(library, "H1", MAY)
    assert [(line.item.code, line.library, line.own, line.percent) for line in found.lines] == [
        ("Z1", 0, 1, None), ("N1", 4, 2, -50), ("T1", 8, 10, 25),
    ]  # fmt: skip
    assert (found.items, found.mean, found.largest) == (3, D("37.50"), D(-50))
    assert found.lines[1].info.own.reason == WHY
    assert queries.deviation_report(library, "H2", MAY).library is None


def test_a_newer_version_is_offered_and_holds_only_once_it_is_adopted(library):
    adopt(library)
    override(library, "T1", "ordering", "3")
    override(library, "N1", "performing", "5")
    override(library, "T1", "performing", "12", start=JUNE)
    publish(library, SECOND, newest=1, start=APRIL)
    table = queries.in_force(library, "H1", MAY)
    assert queries.newer_version(library, table).version == 2
    assert held(library, MAY)[("N1", "performing")] == 5
    changes = queries.adoption_changes(library, "H1", queries.library_version(library, "CITY", 2), MAY)
    items = changes.table.items
    assert (items.added, items.dropped, items.changed) == (("S1",), ("N1",), ("T1",))
    assert [one.row for one in changes.overrides.stay] == [("T1", "ordering"), ("T1", "performing")]
    assert [one.row for one in changes.overrides.fall] == [("N1", "performing")]
    assert adopt(library, 2, MAY) == 1
    assert held(library, APRIL)[("N1", "performing")] == 5
    assert ("N1", "performing") not in held(library, MAY)
    assert [held(library, day)[("T1", "performing")] for day in (APRIL, MAY, JUNE)] == [8, 9, 12]
    assert [held(library, day)[("T1", "ordering")] for day in (MARCH, MAY)] == [3, 3]
    assert queries.newer_version(library, queries.in_force(library, "H1", MAY)) is None
    publish(library, FIRST, newest=2, start=JUNE)
    adopt(library, 3, JUNE)
    assert held(library, JUNE)[("N1", "performing")] == 4, "what fell away does not come back by itself"


def test_overrides_of_one_library_are_not_those_of_another(library):
    adopt(library)
    override(library, "T1", "performing", "10")
    publish(library, FIRST, code="PROV", level="province")
    assert adopt(library, 1, MAY, code="PROV") == 0
    assert held(library, MAY)[("T1", "performing")] == 8


def test_what_cannot_be_adopted_is_refused(library):
    for start in (date(2026, 3, 2), date(2025, 12, 1)):
        with pytest.raises(Refused):
            adopt(library, 1, start)
    for version, institution in ((9, "H1"), (1, "NOBODY")):
        with pytest.raises(NotFound):
            adopt(library, version, institution=institution)
    adopt(library)
    with pytest.raises(Refused):
        adopt(library)


def test_points_do_not_change_under_a_month_whose_bonus_is_approved(library):
    adopt(library)
    run = Run(
        alliance_id=library, subject="bonus:H1/2026-04", inputs={}, digest="f" * 64, figures=0, software="",
        account="system", at=NOW,
    )  # fmt: skip
    db.session.add(run)
    db.session.commit()
    month_run(library, "2026-04", "approved", run.id, {})
    with pytest.raises(Refused):
        override(library, "T1", "performing", "9")
    publish(library, SECOND, newest=1)
    with pytest.raises(Refused):
        adopt(library, 2, APRIL)
    override(library, "T1", "performing", "9", start=MAY)


def test_the_alliance_counts_who_adopted_what_and_names_nobody(library):
    adopt(library)
    override(library, "T1", "performing", "10")
    override(library, "T1", "ordering", "3")
    override(library, "N1", "performing", "5")
    adopt(library, institution="H2", who=by("h2.lead"))
    (first,) = queries.libraries(library)
    assert queries.adoptions(library, date(2026, 2, 1)) == {}
    assert queries.adoptions(library, MAY) == {first.number: queries.Adoption(2, 2, 0, 2)}
    services.import_points(library, "H2", FIRST, APRIL, "院内表", "b" * 64, by=by("h2.lead"), now=NOW)
    assert queries.adoptions(library, MAY) == {first.number: queries.Adoption(1, 2, 2, 2)}


def test_two_people_who_adopt_at_once_adopt_once(library, inside):
    seen, gate, said = queries.points_state(library, "H1"), Barrier(2), []

    def work(version):
        with inside.app_context():
            gate.wait()
            try:
                adopt(library, 1, version, seen=seen)
                said.append("done")
            except Refused as refused:
                said.append(refused.message)

    threads = [Thread(target=work, args=(start,)) for start in (MARCH, APRIL)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said) == ["Somebody else has changed the points meanwhile; look at what would change now.", "done"]
    db.session.rollback()
    assert db.session.query(PointTable).where(PointTable.institution == "H1").count() == 1


HEAD = "项目编码,项目名称,收费类别,角色,点数"
FORM = {"code": "CITY", "level": "city", "title": "市级点数库", "source": "市卫健发〔2026〕1号", "start": "2026-01-01"}


def sent(client, rows, **more):
    content = "\n".join([HEAD, *rows]).encode()
    data = {**FORM, **more, "file": (io.BytesIO(content), "p.csv"), "csrf_token": client.token(), "check": "1"}
    return client.post("/workpoints/libraries/publish", data=data).get_data(as_text=True)


def hidden(page, name):
    return page.split(f'name="{name}" type="hidden" value="')[1].split('"')[0]


def put(app):
    with app.app_context():
        (number,) = db.session.execute(db.select(db.metadata.tables["alliance"].c.id)).scalars()
        publish(number, FIRST)
        adopt(number)
        override(number, "T1", "performing", "10")
        return number


def test_the_office_checks_a_table_and_then_publishes_it(app, client_as):
    client = client_as("office")
    shown = sent(client, ["A1,换药,治疗,执行,三", "A2,拔牙,魔法,,4.5"])
    assert "魔法" in shown
    assert 'name="apply"' not in shown
    page = sent(client, ["A1,换药,治疗,执行,3", "A2,拔牙,手术,,4.5", "A3,阿司匹林,药品,,"])
    kept = {name: hidden(page, name) for name in ("kept", "name", "newest")}
    answer = client.send("/workpoints/libraries/publish", **FORM, **kept, apply="1")
    assert answer.location.endswith("/workpoints/libraries/read/CITY/1")
    assert "拔牙" in client.get("/workpoints/libraries/read/CITY/1?search=拔").get_data(as_text=True)
    again = sent(client, ["A1,换药,治疗,执行,5", "A2,拔牙,手术,,4.5"])
    assert "A3" in again
    kept = {name: hidden(again, name) for name in ("kept", "name", "newest")}
    assert client.send("/workpoints/libraries/publish", **FORM, **kept, apply="1").status_code == 302
    assert client.send("/workpoints/libraries/publish", **FORM, **kept, apply="1").status_code == 422
    shown = client.get("/workpoints/libraries/list").get_data(as_text=True)
    assert "CITY/2" in shown
    assert "code=CITY" in client.get("/workpoints/libraries/list").get_data(as_text=True)
    out = client.get("/workpoints/libraries/export/CITY/1?as=csv").get_data(as_text=True)
    assert "A2,拔牙,拔牙,手术,执行,4.5" in out


def test_a_hospital_sees_what_changes_adopts_and_overrides(app, client_as):
    number = put(app)
    with app.app_context():
        publish(number, SECOND, newest=1, start=APRIL)
    client = client_as("h1.bonus")
    points = client.get("/workpoints/points/read?institution=H1").get_data(as_text=True)
    assert "/workpoints/libraries/adopt/H1/CITY/2" in points
    page = client.get("/workpoints/libraries/adopt/H1/CITY/2").get_data(as_text=True)
    assert WHY in page
    seen = hidden(page, "seen")
    assert client.send("/workpoints/libraries/adopt/H1/CITY/2", month="2030-01", seen=seen).status_code == 422
    assert (
        client.send("/workpoints/libraries/adopt/H1/CITY/2", month="2026-05", seen="1-9", apply="1").status_code == 422
    )
    sent = {"month": "2026-05", "seen": seen, "apply": "1"}
    assert client.send("/workpoints/libraries/adopt/H1/CITY/2", **sent).status_code == 302
    page = client.get("/workpoints/overrides/list?institution=H1").get_data(as_text=True)
    assert "11.11" in page
    seen = hidden(client.get("/workpoints/overrides/set/H1?item=S1&role=team").get_data(as_text=True), "seen")
    given = {"item": "S1", "role": "team", "month": "2026-05", "reason": WHY, "seen": seen}
    for wrong in (
        {},
        {"points": "3", "back": "y"},
        {"points": "-1"},
        {"points": "sNaN"},
        {"points": "1e-9999999"},
        {"points": "1e9999999"},
        {"points": "3", "reason": "太短"},
        {"points": "20"},
    ):
        assert client.send("/workpoints/overrides/set/H1", **given | wrong).status_code == 422, wrong
    assert client.send("/workpoints/overrides/set/H1", **given, points="0").status_code == 302
    assert "S1" in client.get("/workpoints/overrides/list?institution=H1").get_data(as_text=True)
    assert client.get("/workpoints/overrides/set/H1?item=NONE").status_code == 200


def test_the_points_of_an_item_open_to_the_library_and_the_override_for_all_whom_the_hospital_pays(app, client_as):
    put(app)
    for account in ("h1.bonus", "h1.finance", "h1.lead", "h1.head", "h1.nurse"):
        page = client_as(account).get("/workpoints/items/read/H1/T1?on=2026-05-01")
        assert page.status_code == 200, account
        assert WHY in page.get_data(as_text=True)
        assert "CITY/1" in page.get_data(as_text=True)
    client = client_as("h1.nurse")
    for path in ("/T1?on=2026-01-01", "/T1?on=yesterday", "/NONE"):
        assert client.get(f"/workpoints/items/read/H1{path}").status_code == 404, path
    assert client.get("/workpoints/overrides/list?institution=H1").status_code == 403


def test_a_hospitals_deviation_is_nobody_elses(app, client_as):
    put(app)
    for account in ("c1.lead", "h2.lead"):
        client = client_as(account)
        for path in ("overrides/list?institution=H1", "items/read/H1/T1", "points/read?institution=H1"):
            assert client.get(f"/workpoints/{path}").status_code == 404, path
    for account in ("office", "chair", "regulator", "analyst"):
        client = client_as(account)
        page = client.get("/workpoints/libraries/list").get_data(as_text=True)
        assert "H1医院" not in page
        assert WHY not in page + client.get("/workpoints/libraries/read/CITY/1").get_data(as_text=True)
        assert client.get("/workpoints/overrides/list?institution=H1").status_code == 403
    assert client_as("c1.lead").get("/workpoints/libraries/list").status_code == 200
    assert client_as("office").get("/workpoints/libraries/read/CITY/9").status_code == 404
    assert client_as("h1.bonus").get("/workpoints/libraries/adopt/H2/CITY/1").status_code == 404
    assert client_as("h1.bonus").get("/workpoints/overrides/set/H2").status_code == 404


def test_a_hospital_goes_back_to_a_table_of_its_own(library):
    adopt(library)
    override(library, "T1", "performing", "10")
    services.import_points(library, "H1", FIRST, APRIL, "院内表", "b" * 64, by=OFFICE, now=NOW)
    assert [held(library, day)[("T1", "performing")] for day in (MARCH, APRIL)] == [10, 8]
    assert queries.library_of(library, queries.in_force(library, "H1", MAY)) is None
    with pytest.raises(Refused):
        override(library, "T1", "performing", "9", start=MAY)


def test_going_back_before_libraries_a_hospital_keeps_its_points(library):
    adopt(library)
    override(library, "T1", "performing", "10")
    override(library, "N1", "performing", "5")
    override(library, "N1", "performing", None, start=APRIL)
    before = queries.table_rows(library, "H1", MAY)
    db.session.remove()
    downgrade(revision="0016")
    upgrade()
    assert queries.table_rows(library, "H1", MAY) == before
    assert queries.libraries(library) == []
