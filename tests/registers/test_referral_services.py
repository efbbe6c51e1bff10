"""The verbs on referrals, on both databases: the way of a case, who may do what, what counts, what is erased."""

from __future__ import annotations

import logging
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from threading import Barrier, Thread

import pytest
from flask import Flask
from sqlalchemy import text

from alliance.audit import queries as audit
from alliance.cipher import Keyring, keyring
from alliance.core.actor import Actor
from alliance.core.refused import Forbidden, NotFound, Refused
from alliance.core.roles import Scope
from alliance.db import db
from alliance.indicators.rules.derived import DERIVED
from alliance.jobs import timetable
from alliance.members import services as members
from alliance.members.rules import read_row
from alliance.registers import queries, services
from alliance.registers.queries import Wanted
from alliance.registers.queries.referrals import CONTACT, row_of
from alliance.store import Store
from alliance.work import queries as works_queries
from tests.conftest import utc
from tests.postgres import dump
from tests.registers.referring import PATIENT, PHONE, actor, file, given, identity, see, works
from tests.small import by

NOW = utc(2026, 5, 8, 2)  # a Friday, 10:00 in Shanghai
WHOLE = Scope(1, institutions=None)


def scope(*codes: str) -> Scope:
    return Scope(1, institutions=frozenset(codes), own=frozenset(codes))


def case(number: str) -> queries.ReferralInfo:
    found = queries.referral(WHOLE, number)
    assert found
    return found


def test_a_case_goes_its_whole_way(inside: Flask) -> None:
    number = file(1, "C1", "H1", NOW)
    assert number == "2026-000001"
    one = case(number)
    assert (one.direction, one.state, one.birth_year, one.sex) == ("up", "filed", 1956, "male")
    assert (one.due_by, one.due_at) == ("H1", utc(2026, 5, 11, 16))
    see(1, number, "H1", NOW + timedelta(hours=1))
    one = case(number)
    assert (one.state, one.seen_month, one.counts, one.due_at) == ("seen", "2026-05", True, None)
    later = NOW + timedelta(days=3)
    services.discharge_referral(1, number, "H1", 3, later.date(), works, by=actor("H1"), now=later)
    assert case(number).due_by == "H1"
    services.return_referral(1, number, "H1", 4, later.date(), "监测血压", works, by=actor("H1"), now=later)
    one = case(number)
    assert (one.state, one.due_by, one.follow_due) == ("returned", "C1", utc(2026, 5, 18, 16))
    services.follow_referral(1, number, "C1", 5, later.date(), by=actor("C1"), now=later)
    assert case(number).due_at is None
    fees = {"diagnosis": 5000, "western_drugs": 12345}
    services.charge_referral(1, number, "H1", 6, fees, by=actor("H1"), now=later)
    assert queries.fees(case(number)) == {"diagnosis": Decimal("50.00"), "western_drugs": Decimal("123.45")}
    services.close_referral(1, number, "C1", 7, "", by=actor("C1"), now=later)
    one = case(number)
    assert (one.state, one.ended_at, one.counts) == ("closed", later, True)
    told = queries.told(1, one)
    assert told
    assert (told.contact.name, told.contact.phone, told.contact.identity) == (PATIENT, PHONE, identity())
    assert (told.purpose, told.summary) == ("血压控制不佳", "监测血压")
    with pytest.raises(Refused, match="closed"):
        services.return_referral(1, number, "H1", 8, later.date(), "晚了", works, by=actor("H1"), now=later)


def test_an_agreed_case_feeds_the_figures_of_both_sides_and_leads_to_its_page(inside: Flask) -> None:
    number = file(1, "C1", "H1", NOW)
    see(1, number, "H1", NOW + timedelta(hours=1))
    assert list(queries.counted(1, ["2026-04", "2026-06"])) == []
    found = list(queries.counted(1, ["2026-05"], {"referral.sent_up", "referral.received_up"}))
    assert [(one.institution, one.measure, one.quantity, one.case) for one in found] == [
        ("C1", "referral.sent_up", 1, f"referral/{number}"), ("H1", "referral.received_up", 1, f"referral/{number}"),
    ]  # fmt: skip
    assert queries.case_address(found[0].case) == ("registers.read_referral", {"number": number})
    assert all(code in queries.MEASURES for one in DERIVED.values() for code in one.measures)


def test_what_is_wrong_is_refused_before_anything_is_kept(inside: Flask) -> None:
    with pytest.raises(Refused, match="cannot be filed") as found:
        file(1, "C1", "H1", NOW, identity=identity()[:-1] + "7", diagnosis="?")
    assert len(found.value.problems) == 2
    assert identity()[:10] not in str(found.value)
    with pytest.raises(Refused, match="not to itself"):
        file(1, "C1", "C1", NOW)
    with pytest.raises(Refused, match="no member"):
        file(1, "C1", "H9", NOW)
    cells = {"code": "C2", "name_zh": "C2医院", "name_en": "Hospital C2", "tier": "primary", "joined": "2025-01-01",
             "left": "2026-05-01", "from": "2026-05-01"}  # fmt: skip
    row = read_row(cells, 2, [])
    assert row
    members.import_workbook(1, [replace(row, start=date(2026, 5, 1))], by=by("office"), now=NOW)
    with pytest.raises(Refused, match="no member"):
        file(1, "C1", "C2", NOW)
    assert queries.referrals(WHOLE, Wanted(), 1, 10)[1] == 0


def test_only_the_side_whose_turn_it_is_takes_a_step(inside: Flask) -> None:
    number = file(1, "C1", "H1", NOW)
    with pytest.raises(Refused, match="receives the patient"):
        services.accept_referral(1, number, "C1", 1, by=actor("C1"), now=NOW)
    with pytest.raises(NotFound):
        services.accept_referral(1, number, "C2", 1, by=actor("C2"), now=NOW)
    with pytest.raises(Refused, match="filed the referral"):
        services.cancel_referral(1, number, "H1", 1, "病人改去别处就诊了。", works, by=actor("H1"), now=NOW)
    with pytest.raises(Refused, match="ten characters"):
        services.decline_referral(1, number, "H1", 1, "没床", works, by=actor("H1"), now=NOW)
    with pytest.raises(Refused, match="names the patient"):
        services.decline_referral(
            1, number, "H1", 1, f"{PATIENT}已在外院住院治疗。", works, by=actor("H1"), now=NOW
        )  # fmt: skip
    services.decline_referral(1, number, "H1", 1, "本科室近期没有空床可用。", works, by=actor("H1"), now=NOW)
    assert (case(number).state, case(number).due_at) == ("declined", None)
    other = file(1, "C1", "H1", NOW)
    services.cancel_referral(1, other, "C1", 1, "病人决定暂不转院治疗。", works, by=actor("C1"), now=NOW)
    with pytest.raises(Refused, match="cancelled"):
        services.accept_referral(1, other, "H1", 1, by=actor("H1"), now=NOW)


def test_of_two_who_accept_at_once_the_second_is_told(inside: Flask) -> None:
    number, ready, told = file(1, "C1", "H1", NOW), Barrier(2), list[str]()

    def accept(account: str) -> None:
        with inside.app_context():
            ready.wait()
            try:
                services.accept_referral(1, number, "H1", 1, by=Actor(account, "H1"), now=NOW)
                told.append("done")
            except Refused as refused:
                told.append(str(refused))
            finally:
                db.session.remove()

    threads = [Thread(target=accept, args=(name,)) for name in ("h1.reporter", "h1.lead")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    db.session.rollback()
    assert sorted(told)[1] == "done"
    assert "accepted" in sorted(told)[0]
    assert case(number).version == 2


def test_who_looked_at_an_older_state_is_told(inside: Flask) -> None:
    number = file(1, "C1", "H1", NOW)
    services.write_message(1, number, "C1", "note", "请带上既往检查结果。", by=actor("C1"), now=NOW)
    with pytest.raises(Refused, match="See how it stands now"):
        services.accept_referral(1, number, "H1", 1, by=actor("H1"), now=NOW)


def measures(month: str, known: datetime, before: datetime | None = None) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for one in queries.counted_referrals(1, month, known, before):
        key = f"{one.institution} {one.measure}"
        found[key] = found.get(key, Decimal(0)) + one.quantity
    return found


def test_a_dispute_takes_a_case_out_until_its_side_settles_it(inside: Flask) -> None:
    number = file(1, "C1", "H1", NOW)
    with pytest.raises(Refused, match="after the patient was seen"):
        services.write_message(1, number, "C1", "dispute", "未到诊", by=actor("C1"), now=NOW)
    see(1, number, "H1", NOW)
    first, second = NOW + timedelta(days=30), NOW + timedelta(days=60)
    assert measures("2026-05", first)["C1 referral.sent_up"] == 1
    disputed = first + timedelta(days=1)
    services.write_message(1, number, "C1", "dispute", "病人并未到诊", by=actor("C1"), now=disputed)
    assert not case(number).counts
    with pytest.raises(Refused, match="Only the institution that disputes"):
        services.write_message(1, number, "H1", "settlement", "已到诊", by=actor("H1"), now=disputed)
    assert measures("2026-06", second, first) == {"C1 referral.sent_up": -1, "H1 referral.received_up": -1}
    assert measures("2026-05", first)["C1 referral.sent_up"] == 1  # what was known then stays what it was
    services.write_message(1, number, "C1", "settlement", "核对后确认到诊", by=actor("C1"), now=second)
    assert case(number).counts
    sent, back = queries.reconciliation(1, "C1", "H1", "2026-05")
    assert (sent.sent, sent.seen, sent.agreed, sent.disputed) == (1, 1, 1, 0)
    assert back.sent == 0
    assert [one.kind for one in queries.messages(1, case(number))] == ["dispute", "settlement"]


def test_what_was_done_in_a_month_counts_for_who_did_it(inside: Flask) -> None:
    number = file(1, "C1", "H1", NOW, urgency="emergency")
    see(1, number, "H1", NOW + timedelta(minutes=20))
    late = file(1, "C2", "H1", NOW, urgency="emergency", identity=identity(order="003"))
    services.decline_referral(
        1, late, "H1", 1, "本科室近期没有空床可用。", works, by=actor("H1"), now=NOW + timedelta(hours=2)
    )
    assert measures("2026-05", NOW + timedelta(days=30)) == {
        "C1 referral.filed": 1, "C2 referral.filed": 1, "H1 referral.accepted": 1, "H1 referral.declined": 1,
        "H1 referral.answered_on_time": 1, "C1 referral.sent_up": 1, "H1 referral.received_up": 1,
    }  # fmt: skip
    (answer,) = queries.answers(WHOLE, "2026-05")
    assert (answer.answered, answer.on_time, answer.median, answer.declined) == (2, 1, 70, 1)
    assert queries.flows(WHOLE, "2026-05") == {("C1", "H1", "up"): 1}


def test_a_patient_sent_back_is_a_pair_until_it_is_certified_and_countersigned(inside: Flask) -> None:
    first = file(1, "C1", "H1", NOW)
    see(1, first, "H1", NOW)
    later = NOW + timedelta(days=5)
    second = file(1, "H1", "C1", later, diagnosis="I10.902")
    assert (case(first).pointless, case(first).counts, case(second).pointless) == (True, False, True)
    see(1, second, "C1", later)
    assert not case(second).counts
    (pair,) = queries.pairs(scope("C1"))
    assert queries.pairs(scope("C2")) == []
    reason = "术后恢复期需在社区继续康复治疗。"
    with pytest.raises(Forbidden):
        services.certify_pair(1, pair.id, "H1", reason, by=actor("H1"), now=later)
    with pytest.raises(NotFound):
        services.certify_pair(1, pair.id, "C2", reason, by=actor("C2"), now=later)
    with pytest.raises(Refused, match="in the state"):
        services.countersign_pair(1, pair.id, True, by=by("office2"), now=later)
    services.certify_pair(1, pair.id, "C1", reason, by=actor("C1"), now=later)
    with pytest.raises(Refused, match="Nobody employed"):
        services.countersign_pair(1, pair.id, True, by=by("office"), now=later)  # employed by H1
    services.countersign_pair(1, pair.id, True, by=by("office2"), now=later)
    assert case(first).counts
    assert case(second).counts
    assert measures("2026-05", later + timedelta(days=30))["H1 referral.sent_down"] == 1


def test_a_pair_ends_when_its_second_does_not_take_place(inside: Flask) -> None:
    first = file(1, "C1", "H1", NOW)
    see(1, first, "H1", NOW)
    second = file(1, "H1", "C1", NOW + timedelta(days=2))
    assert not case(first).counts
    services.cancel_referral(
        1, second, "H1", 1, "病情变化，继续住院治疗观察。", works, by=actor("H1"), now=NOW + timedelta(days=2)
    )
    assert (case(first).counts, case(first).pointless, case(second).pointless) == (True, False, False)
    assert [one.state for one in queries.pairs(WHOLE)] == ["void"]


def test_a_bed_is_taken_once_and_given_back(inside: Flask) -> None:
    services.publish_offer(1, "H1", "03.04", "bed", date(2026, 5, 9), 1, by=actor("H1"), now=NOW)
    (bed,) = queries.offers(1, date(2026, 5, 8), date(2026, 5, 15))
    number = file(1, "C1", "H1", NOW, offer=bed.id)
    with pytest.raises(Refused, match="last one was taken"):
        file(1, "C2", "H1", NOW, offer=bed.id)
    with pytest.raises(Refused, match="another institution"):
        file(1, "C2", "H2", NOW, offer=bed.id)
    with pytest.raises(Refused, match="taken already"):
        services.publish_offer(1, "H1", "03.04", "bed", date(2026, 5, 9), 0, by=actor("H1"), now=NOW)
    services.decline_referral(1, number, "H1", 1, "床位临时被急诊病人占用。", works, by=actor("H1"), now=NOW)
    (bed,) = queries.offers(1, date(2026, 5, 8), date(2026, 5, 15))
    assert bed.free == 1


def test_what_waits_is_told_to_who_owes_it(inside: Flask) -> None:
    file(1, "C1", "H1", NOW, urgency="urgent")
    due, both = NOW + timedelta(hours=4), frozenset({"H1", "C1"})
    (one,) = queries.waiting(1, both, NOW)
    assert (one.institution, one.what, one.count, one.overdue, one.due) == ("H1", "answer", 1, 0, due)
    assert [one.overdue for one in queries.waiting(1, both, due)] == [1]
    assert queries.waiting(1, frozenset({"C1"}), due) == []


def test_the_list_that_a_task_leads_to_holds_what_waits_and_nothing_else(inside: Flask) -> None:
    file(1, "C1", "H1", NOW)
    number = file(1, "C2", "H1", NOW, identity=identity(order="003"))
    see(1, number, "H1", NOW)
    services.discharge_referral(1, number, "H1", 3, NOW.date(), works, by=actor("H1"), now=NOW)
    number = file(1, "C1", "H1", NOW, identity=identity(order="004"))
    see(1, number, "H1", NOW)
    services.discharge_referral(1, number, "H1", 3, NOW.date(), works, by=actor("H1"), now=NOW)
    services.return_referral(1, number, "H1", 4, NOW.date(), "监测血压", works, by=actor("H1"), now=NOW)
    for code in ("H1", "C1", "C2"):
        own = frozenset({code})
        owed = {one.what: one.count for one in queries.waiting(1, own, NOW)}
        for what in ("answer", "summary", "follow_up"):
            found, total = queries.referrals(scope(code), Wanted(waits=what, owed_by=own), 1, 50)
            assert total == owed.get(what, 0), (code, what)
            assert all(one.due_by == code for one in found)


def test_lists_show_what_is_in_reach(inside: Flask) -> None:
    file(1, "C1", "H1", NOW)
    file(1, "C2", "H1", NOW, identity=identity(order="003"))
    assert queries.referrals(scope("C1"), Wanted(), 1, 50)[1] == 1
    assert queries.referrals(scope("C3"), Wanted(), 1, 50)[1] == 0
    assert queries.referrals(scope("H1"), Wanted(sender="C2"), 1, 50)[1] == 1
    assert queries.referrals(WHOLE, Wanted(overdue=NOW + timedelta(days=9)), 1, 50)[1] == 2
    assert queries.referral(scope("C3"), "2026-000001") is None


def files_of(app: Flask, folder: Path) -> bytes:
    """All bytes that lie in the folder of the database: the file, its log, whatever else."""
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_after_its_time_nothing_names_the_patient_any_more(inside: Flask, backend: str, tmp_path: Path) -> None:
    number = file(1, "C1", "H1", NOW)
    services.write_message(1, number, "C1", "note", f"{PATIENT} 电话 {PHONE}", by=actor("C1"), now=NOW)
    services.cancel_referral(1, number, "C1", 2, "病人决定暂不转院治疗。", works, by=actor("C1"), now=NOW)
    sealed = db.session.scalars(text("SELECT contact FROM referral_contact")).one()
    assert services.erase_referral_contacts(now=NOW + timedelta(days=29)) == 0
    assert services.erase_referral_contacts(now=NOW + timedelta(days=30)) == 1
    assert services.erase_referral_contacts(now=NOW + timedelta(days=31)) == 0
    one = case(number)
    assert queries.told(1, one) is None
    assert [message.text for message in queries.messages(1, one)] == [None]
    with pytest.raises(Refused, match="erased"):
        services.write_message(1, number, "C1", "note", "还有一事", by=actor("C1"), now=NOW + timedelta(days=31))
    events = audit.events(1, [], audit.Wanted(), limit=500)
    told = " ".join(f"{event.subject} {event.detail}" for event in events)
    assert not any(word in told for word in (PATIENT, PHONE, identity()))
    if backend == "sqlite":
        db.session.remove()
        with db.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        content = files_of(inside, tmp_path)
        for word in (PATIENT, PHONE, identity(), sealed):
            assert word.encode() not in content
        assert number.encode() in content
    # What stays is the key, until three years have passed.
    assert db.session.scalar(text("SELECT patient_key FROM referral")) != ""
    services.erase_referral_contacts(now=NOW + timedelta(days=1100))
    assert db.session.scalar(text("SELECT patient_key FROM referral")) == ""


def backup(app: Flask, folder: Path) -> bytes:
    """A backup of the database as an operator makes one: SQLite's online backup, or pg_dump."""
    url = str(app.config["ALLIANCE"].database_url)
    if url.startswith("postgresql"):
        return dump(url)
    target = folder / "backup.sqlite3"
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as source, closing(sqlite3.connect(target)) as copy:
        source.backup(copy)
    content = target.read_bytes()
    target.unlink()
    return content


def test_neither_a_backup_nor_a_file_nor_a_log_names_the_patient_after_the_time(
    inside: Flask, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    words = [PATIENT, PHONE, identity()]
    store, pdf = Store(tmp_path / "messages"), b"%PDF-1.4\n" + " ".join(words).encode() + b"\n%%EOF\n"
    caplog.set_level(logging.DEBUG)
    number = file(1, "C1", "H1", NOW)
    see(1, number, "H1", NOW + timedelta(hours=1))
    attached = services.Attached([(f"{PATIENT}.pdf", pdf)], store)
    services.write_message(1, number, "C1", "dispute", f"{PATIENT} {PHONE}", attached, by=actor("C1"), now=NOW)
    services.keep_referrals(1, pdf, Store(tmp_path / "uploads" / "c1"), by=actor("C1"))
    day = (NOW + timedelta(hours=2)).date()
    services.return_referral(1, number, "H1", 4, day, f"{PATIENT}监测血压", works, by=actor("H1"), now=NOW)
    with pytest.raises(Refused, match="name"):  # what stays must not name the patient
        services.close_referral(1, number, "C1", 5, f"{PATIENT}迁往外地居住了。", by=actor("C1"), now=NOW)
    services.close_referral(1, number, "C1", 5, "患者已迁往外地长期居住。", by=actor("C1"), now=NOW)
    sealed = db.session.scalars(text("SELECT contact FROM referral_contact")).one()
    db.session.rollback()
    kept = sealed.encode()
    assert kept in backup(inside, tmp_path)  # so that looking for it means something
    over, machine = NOW + timedelta(days=30), datetime.now(UTC) + timedelta(days=2)

    def erase(_started: datetime) -> None:
        services.erase_referral_contacts(now=over)
        services.clear_message_files(store, now=machine)
        Store(tmp_path / "uploads" / "c1").clear(machine)

    timetable.task(inside, "test", "erase_referral_contacts", erase)
    db.session.remove()
    assert [one.error for one in works_queries.tasks()] == [""]
    content = backup(inside, tmp_path)
    assert number.encode() in content
    assert [path for path in (tmp_path / "messages").rglob("*") if path.is_file()] == []
    db.session.remove()
    if not str(inside.config["ALLIANCE"].database_url).startswith("postgresql"):
        with db.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    found = {"the backup": content, "a file": files_of(inside, tmp_path), "the log": caplog.text.encode()}
    for place, holds in found.items():
        assert not any(word in holds for word in (*map(str.encode, words), kept)), place


def test_before_that_it_is_readable_in_no_file(inside: Flask, backend: str, tmp_path: Path) -> None:
    file(1, "C1", "H1", NOW)
    if backend == "sqlite":
        db.session.remove()
        content = files_of(inside, tmp_path)
        assert not any(word.encode() in content for word in (PATIENT, PHONE, identity()))


def test_patients_keys_outlive_a_change_of_the_deployments_key(inside: Flask) -> None:
    """The keys of patients rest on a number of their own, which is only encrypted anew."""
    first = file(1, "C1", "H1", NOW)
    services.write_message(1, first, "C1", "note", "请带上既往检查结果。", by=actor("C1"), now=NOW)
    config = inside.config["ALLIANCE"]
    inside.config["ALLIANCE"] = replace(config, data_keys=("n" * 20 + "ewer-key-of-32-signs",))
    assert services.renew_keys(by=by("office"), now=NOW) == 3
    assert services.renew_keys(by=by("office"), now=NOW) == 0
    inside.config["ALLIANCE"] = replace(config, data_keys=inside.config["ALLIANCE"].data_keys, secret_key="z" * 40)
    second = file(1, "C1", "H1", NOW)
    keys = db.session.scalars(text("SELECT patient_key FROM referral ORDER BY id")).all()
    assert keys[0] == keys[1]
    told = queries.told(1, case(first))
    assert told
    assert told.contact.name == PATIENT
    assert queries.foreign_keys() == {}
    assert queries.unreadable_keys() == []
    inside.config["ALLIANCE"] = config
    assert set(queries.unreadable_keys()) == {"patients:1", f"referral:{first}", f"referral:{second}"}
    assert sum(queries.foreign_keys().values()) == 4


def test_what_is_sealed_is_bound_to_its_case(inside: Flask) -> None:
    first, second = file(1, "C1", "H1", NOW), file(1, "C2", "H1", NOW, identity=identity(order="003"))
    sealed = db.session.scalars(text("SELECT contact FROM referral_contact ORDER BY referral_id")).all()
    assert PATIENT in keyring().decrypt(sealed[0], CONTACT, row_of(1, first))
    with pytest.raises(Exception, match="another row"):
        Keyring([inside.config["ALLIANCE"].secret_key]).decrypt(sealed[0], CONTACT, row_of(1, second))


def row(record: str, version: int = 1, **other: object) -> queries.ImportRow:
    return queries.ImportRow(int(record) + 1, record, version, NOW - timedelta(hours=1), given(**other))  # type: ignore[arg-type]


def test_a_file_is_taken_whole_or_not_at_all_and_once(inside: Flask) -> None:
    rows = [row(str(number), identity=identity(order=f"{number:03}")) for number in range(1, 6)]
    bad = [*rows, row("6", identity=identity()[:-1] + "7"), row("1")]
    with pytest.raises(Refused, match="2 errors") as found:
        services.import_referral(1, "C1", "HIS", bad, works, by=actor("C1"), now=NOW)
    assert {one.place for one in found.value.problems} == {"row 7, column identity", "row 2, column record"}
    assert queries.referrals(WHOLE, Wanted(), 1, 10)[1] == 0
    assert services.import_referral(1, "C1", "HIS", rows, works, by=actor("C1"), now=NOW) == 5
    assert services.import_referral(1, "C1", "HIS", rows, works, by=actor("C1"), now=NOW) == 0
    assert queries.referrals(WHOLE, Wanted(), 1, 10)[1] == 5
    # A changed record replaces, as long as nobody has answered it.
    newer = [replace(rows[0], version=2, given=replace(rows[0].given, receiver="H2", name="测试乙某某"))]
    assert services.import_referral(1, "C1", "HIS", newer, works, by=actor("C1"), now=NOW) == 1
    one = case("2026-000001")
    assert (one.receiver, one.due_by) == ("H2", "H2")
    told = queries.told(1, one)
    assert told
    assert told.contact.name == "测试乙某某"
    services.accept_referral(1, "2026-000001", "H2", one.version, by=actor("H2"), now=NOW)
    with pytest.raises(Refused, match="1 error"):
        services.import_referral(1, "C1", "HIS", [replace(newer[0], version=3)], works, by=actor("C1"), now=NOW)
    # Another source may use the same record names.
    assert services.import_referral(1, "C1", "EMR", rows[:1], works, by=actor("C1"), now=NOW) == 1


def test_an_earlier_register_is_taken_over_with_all_that_happened(inside: Flask) -> None:
    seen = date(2026, 3, 3)
    cases = [
        services.Past("C1", given(), utc(2026, 3, 2, 2), utc(2026, 3, 2, 3), seen_on=seen, discharged_on=seen,
                      returned_at=utc(2026, 3, 4, 2), followed_on=date(2026, 3, 9), closed_at=utc(2026, 3, 10, 2)),
        services.Past("C2", given(identity=identity(order="003")), utc(2026, 3, 2, 2), utc(2026, 3, 2, 3),
                      declined="本科室近期没有空床可用。"),
        services.Past("H1", given("C1"), utc(2026, 3, 9, 2), utc(2026, 3, 9, 3), seen_on=date(2026, 3, 10)),
    ]  # fmt: skip
    numbers = services.take_over_referrals(1, cases, works, by=by("office"), now=NOW)
    assert [case(number).state for number in numbers] == ["closed", "declined", "seen"]
    assert [case(number).pointless for number in numbers] == [True, False, True]
    assert measures("2026-03", utc(2026, 4, 15)).get("C1 referral.sent_up") == 1  # as known before it was found
    assert "C1 referral.sent_up" not in measures("2026-03", NOW)
