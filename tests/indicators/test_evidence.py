"""Evidence: what is taken, who sees it, and that its bytes are there and unaltered."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from alliance.core.media import media_of, plain_name
from alliance.core.refused import NotFound, Refused
from alliance.files import kinds_of
from alliance.indicators import queries, services
from alliance.store import Store
from tests.conftest import Client
from tests.small import CLOCK, at, by, entry

APRIL, NOW = "2026-04", at(10, 5)
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + b"\x00" * 17 + b"\x00\x00\x00\x00IEND\xaeB`\x82"
ADD = f"/indicators/evidence/add/{APRIL}/C1/E1"


def office(part: str, *more: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as box:
        for name in ("[Content_Types].xml", part, *more):
            box.writestr(name, "<x/>")
    return buffer.getvalue()


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "evidence", lambda: NOW)


def add(store: Store, *files: tuple[str, bytes], element: str = "E1") -> int:
    return services.add_evidence(1, APRIL, "C1", element, files, store, by=by("c1.reporter"), now=NOW)


@pytest.mark.parametrize(
    ("content", "name", "media"),
    [
        (PDF, "账目.pdf", "application/pdf"),
        (PNG, "scan.PNG", "image/png"),
        (b"\xff\xd8\xff\xe0" + b"0" * 20 + b"\xff\xd9", "a.jpeg", "image/jpeg"),
        (office("xl/workbook.xml"), "a.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (
            office("word/document.xml"),
            "a.docx",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        ),
        ("甲,乙\n1,2\n".encode("gb18030"), "a.csv", "text/csv"),
        ("说明".encode(), "a.txt", "text/plain"),
    ],
)
def test_a_file_is_what_its_content_says(content: bytes, name: str, media: str) -> None:
    assert media_of(kinds_of(content, name), name) == media


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"MZ\x90\x00" + b"\x00" * 60, "invoice.pdf"),
        (b"\x7fELF" + b"\x00" * 60, "invoice.pdf"),
        (b"<html><script>alert(1)</script></html>", "invoice.pdf"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "a.txt"),
        (b"#!/bin/sh\necho\n", "a.txt"),
        (PDF, "a.exe"),
        (b"plain text", "run.bat"),
        (office("xl/workbook.xml", "xl/vbaProject.bin"), "a.xlsx"),
        (office("evil.txt"), "a.docx"),
        (b"PK\x03\x04 no archive", "a.xlsx"),
        (b"%PDF-1.7 cut off", "a.pdf"),
    ],
)
def test_what_only_pretends_is_refused(content: bytes, name: str) -> None:
    with pytest.raises(Refused):
        media_of(kinds_of(content, name), name)


def test_a_name_loses_folders_and_what_no_name_should_have() -> None:
    assert plain_name('..\\..\\C:/x/a"<b>\r\n.pdf') == "ab.pdf"
    assert len(plain_name("x" * 300 + ".pdf")) == 120


def test_a_file_is_attached_found_and_removed(inside: Flask, store: Store) -> None:
    assert add(store, ("a.pdf", PDF), ("b.png", PNG)) == 2
    found = queries.evidence(1, APRIL, "C1", "E1")
    assert [(one.name, one.media, one.added_by[1]) for one in found] == [
        ("a.pdf", "application/pdf", "C1.Reporter"),
        ("b.png", "image/png", "C1.Reporter"),
    ]
    assert store.read(found[0].sha256) == PDF
    services.remove_evidence(1, found[0].number, by=by("c1.reporter"), now=NOW)
    gone = queries.evidence_by_number(1, found[0].number)
    assert gone is not None
    assert gone.removed_at == NOW
    with pytest.raises(Refused, match="already"):
        services.remove_evidence(1, found[0].number, by=by("c1.reporter"), now=NOW)
    assert services.clear_evidence(store, now=NOW + timedelta(days=9)) == 0  # the row still refers to the bytes
    assert add(store, ("a.pdf", PDF)) == 1


def test_all_files_are_attached_or_none(inside: Flask, store: Store) -> None:
    with pytest.raises(Refused, match="none of the files"):
        add(store, ("a.pdf", PDF), ("b.pdf", b"MZ\x00\x00"))
    add(store, ("a.pdf", PDF))
    with pytest.raises(Refused, match="already"):
        add(store, ("b.png", PNG), ("again.pdf", PDF))
    assert len(queries.evidence(1, APRIL, "C1")) == 1
    # The bytes of the refused try lie there, named by nothing, for a day.
    assert services.clear_evidence(store, now=NOW + timedelta(hours=1)) == 0
    assert services.clear_evidence(store, now=NOW + timedelta(days=2)) == 1


def test_size_and_number_have_limits(inside: Flask, store: Store) -> None:
    with pytest.raises(Refused, match="MB a file"):
        add(store, ("a.txt", b"a" * (20 * 2**20 + 1)))
    with pytest.raises(Refused, match="empty"):
        add(store, ("a.txt", b""))
    add(store, *((f"{n}.txt", f"text {n}".encode()) for n in range(20)))
    with pytest.raises(Refused, match="at most 20"):
        add(store, ("more.pdf", PDF))


def test_evidence_is_locked_with_the_filing(inside: Flask, store: Store) -> None:
    values = {code: (entry("9"), 0) for code in ("E1", "E2", "E3", "E4")}
    services.file_reading(1, APRIL, "C1", values, "", by=by("c1.reporter"), now=NOW)
    services.sign_submission(1, APRIL, ["C1"], by=by("c1.lead"), now=NOW)
    add(store, ("a.pdf", PDF))
    fallen = queries.submission(1, APRIL, "C1")
    assert fallen is not None
    assert fallen.state is queries.Progress.DRAFT
    services.sign_submission(1, APRIL, ["C1"], by=by("c1.lead"), now=NOW)
    services.submit_submission(1, APRIL, ["C1"], by=by("c1.lead"), now=NOW)
    with pytest.raises(Refused, match="under review"):
        add(store, ("b.png", PNG))
    services.return_submission(1, APRIL, "C1", {"E2": "does not agree with the ledger"}, by=by("office2"), now=NOW)
    with pytest.raises(Refused, match="locked"):
        add(store, ("b.png", PNG))
    assert add(store, ("b.png", PNG), element="E2") == 1
    over = queries.calendar(1, APRIL, at(1, 6)).review_until
    with pytest.raises(Refused, match="closed"):
        services.add_evidence(1, APRIL, "C1", "E2", [("c.txt", b"c")], store, by=by("c1.reporter"), now=over)
    with pytest.raises(NotFound):
        add(store, ("b.png", PNG), element="E9")


def test_two_attach_the_same_file_at_once_and_it_is_there_once(app: Flask, store: Store) -> None:
    def attach(_: int) -> str:
        with app.app_context():
            try:
                return str(add(store, ("a.pdf", PDF)))
            except Refused as refused:
                return refused.message

    with ThreadPoolExecutor(2) as pool:
        told = sorted(pool.map(attach, range(2)))
    assert told[1] == "1" or told[0] == "1"
    with app.app_context():
        assert len(queries.evidence(1, APRIL, "C1")) == 1


def test_a_command_reads_every_file_again_and_names_those_that_are_lost(inside: Flask) -> None:
    data, runner = inside.config["ALLIANCE"].data, inside.test_cli_runner()
    add(Store(data / "evidence"), ("a.pdf", PDF), ("b.png", PNG))
    whole = runner.invoke(args=["files", "check"])
    assert (whole.exit_code, whole.output) == (0, "files: 2 files are there as they were kept\n")
    lost, altered = sorted((data / "evidence").glob("??/*"))
    lost.unlink()
    altered.write_bytes(b"something else")
    found = runner.invoke(args=["files", "check"])
    assert found.exit_code == 1
    assert f"evidence/{lost.parent.name}/{lost.name} is missing" in found.output
    assert f"evidence/{altered.parent.name}/{altered.name} is not what was kept" in found.output
    assert "2 of 2 files" in found.output


def test_what_lies_on_the_disk_is_looked_at_again(store: Store) -> None:
    digest = store.keep(PDF)
    assert store.keep(PDF) == digest
    path = store.folder / digest[:2] / digest[2:]
    assert [one.name for one in path.parent.iterdir()] == [digest[2:]]
    path.write_bytes(PDF + b"x")
    with pytest.raises(Refused, match="altered"):
        store.read(digest)
    assert store.keep(PDF) == digest  # kept anew, it is whole again
    assert store.read(digest) == PDF
    for wrong in ("0" * 64, "../../etc/passwd", ""):
        with pytest.raises(NotFound):
            store.read(wrong)


def sent(client: Client, content: bytes = PDF, name: str = "账目.pdf", path: str = ADD) -> Any:
    return client.post(
        path, data={"csrf_token": client.token(), "once": "e" * 32, "files": (io.BytesIO(content), name)}
    )


def test_a_file_is_downloaded_by_those_who_may_and_shown_to_nobody(
    app: Flask, client_as: Callable[[str], Client]
) -> None:
    assert sent(client_as("c1.reporter")).status_code == 302
    for account in ("c1.reporter", "c1.lead", "office", "regulator"):
        answer = client_as(account).get("/indicators/evidence/read/1")
        assert (answer.status_code, answer.data, answer.mimetype) == (200, PDF, "application/pdf")
        assert answer.headers["Content-Disposition"].startswith("attachment")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert client_as("c2.reporter").get("/indicators/evidence/read/1").status_code == 404
    page = client_as("office").get(f"/indicators/submissions/read/{APRIL}/C1").get_data(as_text=True)
    assert "账目.pdf" in page
    with app.app_context():
        (info,) = queries.evidence(1, APRIL, "C1")
    kept = app.config["ALLIANCE"].data / "evidence" / info.sha256[:2] / info.sha256[2:]
    kept.write_bytes(b"altered")
    told = client_as("office").get("/indicators/evidence/read/1")
    assert told.status_code == 422
    kept.unlink()
    assert client_as("office").get("/indicators/evidence/read/1").status_code == 422


def test_a_file_is_as_old_as_the_machine_says_wherever_the_clock_of_the_alliance_stands(
    app: Flask, client_as: Callable[[str], Client]
) -> None:
    app.config["CLOCK"] = lambda: CLOCK + timedelta(days=300)
    app.extensions["alliance_clock"] = lambda _machine: NOW
    assert sent(client_as("c1.reporter")).status_code == 302
    (path,) = (app.config["ALLIANCE"].data / "evidence").glob("??/*")
    assert path.stat().st_mtime == (CLOCK + timedelta(days=300)).timestamp()


def test_pages_of_evidence_open_and_remove_asks_first(client_as: Callable[[str], Client]) -> None:
    client = client_as("c1.reporter")
    assert sent(client, b"MZ\x00\x00", "a.pdf").status_code == 422
    assert sent(client).status_code == 302
    for path in (ADD, f"/indicators/evidence/list/{APRIL}/C1", "/indicators/evidence/remove/1"):
        assert client.get(path).status_code == 200
    assert sent(client, path=ADD.replace("C1", "C2")).status_code == 404
    assert client.send("/indicators/evidence/remove/1", once="f" * 32).status_code == 302
    assert client.get("/indicators/evidence/remove/1").status_code == 404
    assert client.get("/indicators/evidence/read/1").status_code == 200


def test_uploads_to_be_checked_are_cleared_after_a_day(tmp_path: Path) -> None:
    from alliance.jobs.timed import UPLOADS_KEPT

    store = Store(tmp_path / "uploads" / "someone", lambda: CLOCK)
    store.keep(PDF)
    assert store.clear(CLOCK + timedelta(hours=1) - UPLOADS_KEPT) == 0
    assert store.clear(CLOCK + timedelta(hours=25) - UPLOADS_KEPT) == 1
