"""Large files of cases and of referrals: a job checks them, tells every bad row, and takes them whole or not at all."""

from __future__ import annotations

import re
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

from flask import Flask
from sqlalchemy import text

from alliance.db import db
from alliance.registers.rules.imports import LARGE
from tests.conftest import Client, run_jobs
from tests.registers.referring import PATIENT, PHONE, identity
from tests.registers.test_referral_pages import HEADS

Signed = Callable[[str], Client]
CASES = "/registers/cases/import/reading/C1"
REFERRALS = "/registers/referrals/import/C1"
READING = "source_id,giver,receiver,reader,day,modality,item,record"


def readings(count: int, wrong: int = 0) -> bytes:
    """Reports on images that C1 asked H1 for, the first ones of a kind that there is not."""
    lines = [
        f"R{one},H1,C1,0001,2026-04-{one % 28 + 1:02},{'palmistry' if one < wrong else 'imaging'},胸部CT平扫,B{one:05}"
        for one in range(count)
    ]
    return "\n".join([READING, *lines]).encode()


def referrals(count: int, wrong: int = 0) -> bytes:
    lines = [
        f"A{one},1,{'C1' if one < wrong else 'H1'},03.04,I10.x05,ICD-10,2.0,急,2026-05-09 09:30,{PATIENT},{PHONE},"
        f"{identity(f'1956{one // 900 % 12 + 1:02}15', f'{one % 900 + 1:03}')},是,血压高"
        for one in range(count)
    ]
    return "\n".join([HEADS, *lines]).encode("utf-8-sig")


def sent(client: Client, path: str, content: bytes, button: str) -> str:
    """Send a file; the page that it leads to."""
    answer = client.send(path, source="HIS", file=(BytesIO(content), "his.csv"), **{button: "1"})
    assert answer.status_code == 302, answer.get_data(as_text=True)[:3000]
    return str(answer.location)


def led(app: Flask, client: Client, page: str) -> str:
    """Do the job; the page that its own leads on to."""
    assert "/work/jobs/read/" in page
    assert run_jobs(app) == 1
    answer = client.get(page)
    assert answer.status_code == 302, answer.get_data(as_text=True)[:3000]
    return str(answer.location)


def read(client: Client, page: str) -> str:
    answer = client.get(page)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def applied(client: Client, page: str, path: str) -> str:
    """Import the file of a report from the button of its page."""
    hidden = dict(re.findall(r'name="(kept|name|source)"[^>]*value="([^"]*)"', read(client, page)))
    answer = client.send(path, apply="1", **hidden)
    assert answer.status_code == 302, answer.get_data(as_text=True)[:3000]
    return str(answer.location)


def count(app: Flask, table: str) -> int:
    with app.app_context():
        found = db.session.scalar(text(f"SELECT count(*) FROM {table}"))
        db.session.remove()
    return int(found or 0)


def test_a_large_file_of_cases_is_checked_by_a_job_and_then_taken_whole(app: Flask, client_as: Signed) -> None:
    clerk, content = client_as("c1.reporter"), readings(LARGE + 1)
    report = led(app, clerk, sent(clerk, CASES, content, "check"))
    page = read(clerk, report)
    assert "2,001" in page
    assert count(app, "register_case") == 0
    assert client_as("c1.lead").get(report).status_code in (403, 404)  # only who sent it reaches it
    assert led(app, clerk, applied(clerk, report, CASES)) == "/registers/cases/list/reading"
    assert count(app, "register_case") == LARGE + 1
    # The same file again, whether checked or imported at once, changes nothing.
    assert "没有需要导入的记录" in read(clerk, led(app, clerk, sent(clerk, CASES, content, "check")))
    led(app, clerk, sent(clerk, CASES, content, "apply"))
    assert count(app, "register_case") == LARGE + 1


def test_every_bad_row_of_a_large_file_stands_in_its_report(app: Flask, client_as: Signed) -> None:
    clerk = client_as("c1.reporter")
    report = led(app, clerk, sent(clerk, CASES, readings(LARGE + 1, wrong=1200), "apply"))
    page = read(clerk, report)
    assert "1,200" in page
    assert "palmistry" in page
    assert 'name="apply"' not in page
    assert "第1201行" in read(clerk, f"{report}?page=12")
    book = clerk.get(f"{report}?format=xlsx")
    assert book.data.startswith(b"PK")
    assert count(app, "register_case") == 0
    assert clerk.get(report.replace("/reading/", "/visit/")).status_code == 404


def test_a_small_file_stays_in_the_request(client_as: Signed) -> None:
    clerk = client_as("c1.reporter")
    answer = clerk.send(CASES, source="HIS", file=(BytesIO(readings(20)), "his.csv"), check="1")
    assert answer.status_code == 200
    assert clerk.send(CASES, source="HIS", check="1").status_code == 422  # no file at all


def stored(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in (folder / "uploads").rglob("*") if path.is_file())


def test_a_large_file_of_referrals_lies_sealed_and_goes_when_it_is_in(
    app: Flask, client_as: Signed, tmp_path: Path
) -> None:
    clerk, content = client_as("c1.reporter"), referrals(LARGE + 1)
    job = sent(clerk, REFERRALS, content, "check")
    words = [PATIENT.encode(), PHONE.encode(), identity("19560115").encode()]
    kept = stored(tmp_path)
    assert len(kept) > len(content)
    assert not any(word in kept for word in words)
    report = led(app, clerk, job)
    assert "2,001" in read(clerk, report)
    assert count(app, "referral") == 0
    assert led(app, clerk, applied(clerk, report, REFERRALS)) == "/registers/referrals/list?sender=C1"
    assert count(app, "referral") == LARGE + 1
    left = stored(tmp_path)
    assert len(left) < 2000  # the report alone
    assert not any(word in left for word in words)


def test_a_large_file_of_referrals_with_errors_is_refused_whole(app: Flask, client_as: Signed, tmp_path: Path) -> None:
    clerk = client_as("c1.reporter")
    report = led(app, clerk, sent(clerk, REFERRALS, referrals(LARGE + 1, wrong=300), "apply"))
    page = read(clerk, report)
    assert "300" in page
    assert PATIENT not in page
    assert count(app, "referral") == 0
    assert not any(word.encode() in stored(tmp_path) for word in (PATIENT, PHONE))
