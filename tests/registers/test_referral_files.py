"""Files on the thread of a disputed referral: attached by its two sides, read by them and the office, gone in time."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask

from alliance.core.refused import Refused
from alliance.db import db
from alliance.jobs import timed
from alliance.registers import queries, services
from alliance.registers.services import Attached
from alliance.store import Store
from tests.conftest import Client
from tests.registers.referring import PATIENT, actor, file, see, works
from tests.registers.test_referral_services import case
from tests.small import CLOCK, by

Signed = Callable[[str], Client]
PDF = b"%PDF-1.4\n" + PATIENT.encode() + b"\n%%EOF\n"
NAME = f"{PATIENT}-出院记录.pdf"


def write(number: str, store: Store, kind: str = "dispute", *files: tuple[str, bytes]) -> None:
    services.write_message(
        1, number, "C1", kind, "接诊日期与本院记录不一致。", Attached(files, store), by=actor("C1"), now=CLOCK
    )


@pytest.fixture
def seen(inside: Flask) -> str:
    number = file(1, "C1", "H1", CLOCK - timedelta(hours=2))
    see(1, number, "H1", CLOCK - timedelta(hours=1))
    return number


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "messages")


def bytes_in(store: Store) -> list[bytes]:
    return [path.read_bytes() for path in store.folder.rglob("*") if path.is_file()]


def test_a_dispute_takes_files_that_lie_encrypted(seen: str, store: Store) -> None:
    write(seen, store, "dispute", (NAME, PDF), ("photo.pdf", PDF))
    one = case(seen)
    found = queries.attached_files(1, one)
    assert [each.name for each in found] == [NAME, "photo.pdf"]
    assert [queries.opened_bytes(1, one, each, store.read(each.sha256)) for each in found] == [PDF, PDF]
    assert len(bytes_in(store)) == 2
    assert not any(PATIENT.encode() in content or b"%PDF" in content for content in bytes_in(store))
    assert [len(message.files) for message in queries.messages(1, one)] == [2]
    # Until it is settled both sides may add to it.
    services.write_message(
        1, seen, "H1", "note", "附上本院门诊记录。", Attached([("b.pdf", PDF)], store), by=actor("H1"), now=CLOCK
    )
    assert len(queries.attached_files(1, one)) == 3


@pytest.mark.parametrize(
    ("kind", "name", "content"),
    [
        ("note", "a.pdf", PDF),
        ("dispute", "a.csv", "编号,日期".encode()),
        ("dispute", "a.png", PDF),
        ("dispute", "a.pdf", b""),
        ("dispute", "a.exe", b"MZ\x90\x00"),
    ],
)
def test_what_is_not_taken_leaves_no_message(seen: str, store: Store, kind: str, name: str, content: bytes) -> None:
    with pytest.raises(Refused):
        write(seen, store, kind, ("good.pdf", PDF), (name, content))
    assert queries.messages(1, case(seen)) == []
    assert case(seen).disputed_by == ""
    services.clear_message_files(store, now=store.clock() + timedelta(days=2))
    assert bytes_in(store) == []


def test_a_change_of_the_deployments_key_leaves_them_readable(inside: Flask, seen: str, store: Store) -> None:
    write(seen, store, "dispute", (NAME, PDF))
    config = inside.config["ALLIANCE"]
    inside.config["ALLIANCE"] = replace(config, data_keys=("n" * 20 + "ewer-key-of-32-signs",))
    assert services.renew_keys(by=by("office"), now=CLOCK) == 4
    inside.config["ALLIANCE"] = replace(config, data_keys=inside.config["ALLIANCE"].data_keys, secret_key="z" * 40)
    one = case(seen)
    info = queries.attached_files(1, one)[0]
    assert (info.name, queries.opened_bytes(1, one, info, store.read(info.sha256))) == (NAME, PDF)
    assert queries.foreign_keys() == {}


def test_they_go_with_the_contact_data(seen: str, store: Store) -> None:
    write(seen, store, "dispute", (NAME, PDF))
    day = CLOCK.date()
    services.return_referral(1, seen, "H1", case(seen).version, day, "监测血压", works, by=actor("H1"), now=CLOCK)
    services.close_referral(1, seen, "C1", case(seen).version, "患者已迁往外地长期居住。", by=actor("C1"), now=CLOCK)
    digest = queries.attached_files(1, case(seen))[0].sha256
    now = store.clock()
    timed.erase_contacts(store.folder.parent, CLOCK + timedelta(days=29))
    assert len(queries.attached_files(1, case(seen))) == 1
    assert services.erase_referral_contacts(now=CLOCK + timedelta(days=30)) == 1
    db.session.rollback()
    assert queries.attached_files(1, case(seen)) == []
    assert store.place(digest).exists()  # by itself unreadable: the key of it is gone
    timed.erase_contacts(store.folder.parent, now + timedelta(days=31))
    assert bytes_in(store) == []


def test_both_sides_and_the_office_read_a_file_and_nobody_else(app: Flask, client_as: Signed) -> None:
    with app.app_context():
        number = file(1, "C1", "H1", CLOCK - timedelta(hours=2))
        see(1, number, "H1", CLOCK - timedelta(hours=1))
        db.session.remove()
    center, page = client_as("c1.reporter"), f"/registers/referrals/read/{number}"
    sent = center.send(
        f"/registers/messages/write/{number}", kind="dispute", text="接诊日期与本院记录不一致。",
        files=(BytesIO(PDF), NAME),
    )  # fmt: skip
    assert sent.status_code == 302, sent.get_data(as_text=True)[:3000]
    path = f"/registers/attachments/read/{number}/1"
    for account in ("c1.reporter", "h1.reporter", "h1.lead", "office"):
        client = client_as(account)
        assert path in client.get(page).get_data(as_text=True), account
        answer = client.get(path)
        assert (answer.status_code, answer.data, answer.mimetype) == (200, PDF, "application/pdf")
        assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert client_as("office").get(f"/registers/attachments/read/{number}/2").status_code == 404
    for account, status in (("c2.reporter", 404), ("analyst", 403), ("regulator", 403), ("c1.quality", 403)):
        client = client_as(account)
        assert client.get(path).status_code == status, account
        assert not re.search("/attachments/read/", client.get(page).get_data(as_text=True))
    # Without a file a message is sent as before.
    assert center.send(f"/registers/messages/write/{number}", kind="note", text="请核对。").status_code == 302
