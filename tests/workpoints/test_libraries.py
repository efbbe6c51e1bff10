"""The shared point library: published by the alliance, adopted by a hospital, overridden item by item."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from threading import Barrier, Thread

import pytest

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
    items, points = queries.library_changes(library, second)
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
    assert (changes.items.added, changes.items.dropped, changes.items.changed) == (("S1",), ("N1",), ("T1",))
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
