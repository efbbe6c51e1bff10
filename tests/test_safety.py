"""Web safety and configuration: what every answer carries, what no upload may bring, what a wrong setting says."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
import xlsxwriter
from flask import Flask

from alliance.config import UNPACKED_LIMIT, SettingError, Smtp, from_environment
from alliance.core.refused import Refused
from alliance.files import check_size, check_workbook
from app import create_app
from tests.conftest import Client, configured

SECRET = "0123456789abcdef" * 2


def test_every_answer_carries_its_protection(client_as: Callable[[str], Client]) -> None:
    for account, path in (("", "/accounts/sessions/open"), ("office", "/"), ("office", "/nowhere"), ("", "/health")):
        headers = client_as(account).get(path).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert "camera=()" in headers["Permissions-Policy"]
        assert headers["Cache-Control"] == "private, no-store"
        assert len(headers["X-Request-ID"]) == 16
        assert "Strict-Transport-Security" not in headers  # the tests speak plain http
    with client_as("").get("/static/house.css") as answer:
        assert "no-store" not in answer.headers["Cache-Control"]


def test_behind_tls_browsers_are_told_and_cookies_are_marked(tmp_path: Path) -> None:
    plain = configured(f"sqlite:///{tmp_path}/x.sqlite3", tmp_path)
    client = create_app(replace(plain, secure_cookies=True)).test_client()
    answer = client.post("/accounts/languages/choose", data={"lang": "en"}, base_url="https://portal.test")
    assert "max-age=31536000" in answer.headers["Strict-Transport-Security"]
    assert answer.status_code == 400  # without a CSRF token nothing is chosen
    page = client.get("/accounts/sessions/open", base_url="https://portal.test")
    for cookie in page.headers.getlist("Set-Cookie"):
        assert "Secure" in cookie
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie


def test_a_proxy_is_believed_only_when_it_is_ours(tmp_path: Path) -> None:
    plain = configured(f"sqlite:///{tmp_path}/x.sqlite3", tmp_path)
    sent = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil.test", "X-Request-ID": "given-by-the-proxy"}
    for proxies, number in ((0, False), (1, True)):
        app = create_app(replace(plain, proxies=proxies))
        answer = app.test_client().get("/nowhere", headers=sent)
        assert (answer.headers["X-Request-ID"] == "given-by-the-proxy") is number
        assert (type(app.wsgi_app).__name__ == "ProxyFix") is number


def test_the_number_of_the_request_stands_on_the_page_of_its_error(client_as: Callable[[str], Client]) -> None:
    answer = client_as("office").get("/nowhere")
    assert answer.headers["X-Request-ID"] in answer.get_data(as_text=True)


def test_a_form_with_too_many_fields_is_refused(app: Flask, client_as: Callable[[str], Client]) -> None:
    client = client_as("office")
    many = b"".join(b'--b\r\nContent-Disposition: form-data; name="x%d"\r\n\r\n1\r\n' % one for one in range(6000))
    long = b'--b\r\nContent-Disposition: form-data; name="period"\r\n\r\n' + b"x" * (3 * 2**20) + b"\r\n"
    for body in (many, long):
        answer = client.post(
            "/evaluation/runs/compute", data=body + b"--b--\r\n", content_type="multipart/form-data; boundary=b"
        )
        assert answer.status_code == 413
        assert "表单过大" in answer.get_data(as_text=True)


def book(**extra: bytes) -> bytes:
    """A plain workbook, with further parts."""
    buffer = BytesIO()
    made = xlsxwriter.Workbook(buffer, {"in_memory": True})
    made.add_worksheet("x").write_string(0, 0, "code")
    made.close()
    with zipfile.ZipFile(buffer, "a", zipfile.ZIP_DEFLATED) as archive:
        for name, content in extra.items():
            archive.writestr(name.replace("__", "/").replace("_DOT_", "."), content)
    return buffer.getvalue()


def test_a_plain_workbook_passes() -> None:
    check_workbook(book(), "x.xlsx")


def test_a_zip_bomb_is_refused() -> None:
    with pytest.raises(Refused, match="Unpacked, the file has"):
        check_size(book(xl__media__x_DOT_bin=bytes(UNPACKED_LIMIT + 1)))


def test_a_zip_bomb_that_lies_about_its_size_is_refused() -> None:
    """The heading says ten bytes; the packed bytes hold more than a hundred megabytes."""
    compress = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = b"".join([*(compress.compress(bytes(2**20)) for _ in range(101)), compress.flush()])
    name = b"xl/worksheets/sheet1.xml"
    common = struct.pack("<HHHHHIIIHH", 20, 0, 8, 0, 0, 0, len(packed), 10, len(name), 0)
    local = b"PK\x03\x04" + common + name + packed
    central = b"PK\x01\x02" + struct.pack("<H", 20) + common + struct.pack("<HHHII", 0, 0, 0, 0, 0) + name
    end = b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 1, 1, len(central), len(local), 0)
    with pytest.raises(Refused, match="damaged"):
        check_size(local + central + end)


def test_macros_and_links_to_other_files_are_refused() -> None:
    for part in ({"xl__vbaProject_DOT_bin": b"x"}, {"xl__macrosheets__sheet1_DOT_xml": b"<x/>"}):
        with pytest.raises(Refused, match="holds macros"):
            check_workbook(book(**part), "x.xlsx")
    with pytest.raises(Refused, match="refers to other workbooks"):
        check_workbook(book(xl__externalLinks__externalLink1_DOT_xml=b"<x/>"), "x.xlsx")


@pytest.mark.parametrize("content", [b"PK\x03\x04 nothing more", b"PK\x03\x04" + bytes(100), book()[:-40]])
def test_a_damaged_workbook_is_refused(content: bytes) -> None:
    with pytest.raises(Refused, match="damaged"):
        check_size(content)


MAILS = {
    "ALLIANCE_SMTP_HOST": "mail.example.org",
    "ALLIANCE_SMTP_FROM": "portal@example.org",
    "ALLIANCE_ADDRESS": "https://portal.example.org/",
}


def test_the_settings_of_mails_are_read(tmp_path: Path) -> None:
    plain = {"ALLIANCE_SECRET_KEY": SECRET, "ALLIANCE_DATA": str(tmp_path)}
    assert from_environment(plain).smtp is None
    found = from_environment(plain | MAILS)
    assert found.address == "https://portal.example.org"
    assert found.smtp == Smtp("mail.example.org", 587, "starttls", "portal@example.org")
    user = {"ALLIANCE_SMTP_USER": "portal", "ALLIANCE_SMTP_PASSWORD": "very-secret", "ALLIANCE_SMTP_TLS": "tls"}
    found = from_environment(plain | MAILS | user)
    assert found.smtp
    assert found.smtp.port == 465
    assert "very-secret" not in repr(found)


def test_the_address_of_a_cluster_is_read_and_its_token_not_shown(tmp_path: Path) -> None:
    plain = {"ALLIANCE_SECRET_KEY": SECRET, "ALLIANCE_DATA": str(tmp_path)}
    assert from_environment(plain).spark == ""
    address = "sc://spark.example.org:15002/;use_ssl=true;token=very-secret"
    found = from_environment(plain | {"ALLIANCE_SPARK": address})
    assert found.spark == address
    assert "very-secret" not in repr(found)


def test_settings_are_read(tmp_path: Path) -> None:
    config = from_environment({"ALLIANCE_SECRET_KEY": SECRET, "ALLIANCE_DATA": str(tmp_path / "new")})
    assert (config.secure_cookies, config.proxies, config.metrics_token, config.log) == (True, 0, "", "json")
    assert (config.totp, config.password_days, config.password_warn_days) == (True, 180, 80)
    demo = from_environment({"ALLIANCE_SECRET_KEY": "k" * 40, "ALLIANCE_DATA": str(tmp_path), "ALLIANCE_DEMO": "1"})
    assert (demo.secure_cookies, demo.log) == (False, "plain")


@pytest.mark.parametrize(
    ("setting", "sentence"),
    [
        ({"ALLIANCE_SECRET_KEY": ""}, "ALLIANCE_SECRET_KEY must be set to at least 32 random characters."),
        ({"ALLIANCE_SECRET_KEY": "k" * 40}, "ALLIANCE_SECRET_KEY is not random"),
        ({"ALLIANCE_DATABASE_URL": "mysql://x"}, "ALLIANCE_DATABASE_URL must begin with"),
        ({"ALLIANCE_DEMO": "yes"}, "ALLIANCE_DEMO must be 1 or 0."),
        ({"ALLIANCE_PROXIES": "many"}, "ALLIANCE_PROXIES must be a whole number from 0, not 'many'."),
        ({"ALLIANCE_PROXIES": "6"}, "ALLIANCE_PROXIES must be the number of proxies"),
        ({"ALLIANCE_TOTP": "yes"}, "ALLIANCE_TOTP must be 1"),
        ({"ALLIANCE_PASSWORD_DAYS": "-1"}, "ALLIANCE_PASSWORD_DAYS must be a whole number from 0"),
        ({"ALLIANCE_PASSWORD_WARN_DAYS": "200"}, "ALLIANCE_PASSWORD_WARN_DAYS must be less than"),
        ({"ALLIANCE_METRICS_TOKEN": "short"}, "ALLIANCE_METRICS_TOKEN must have at least 16 characters"),
        ({"ALLIANCE_LOG": "loud"}, "ALLIANCE_LOG must be json or plain."),
        ({"ALLIANCE_SPARK": "spark.example.org:15002"}, "ALLIANCE_SPARK must be the address of a Spark Connect server"),
        (
            {"ALLIANCE_SPARK": "sc://spark:15002/token=x"},
            "ALLIANCE_SPARK must be the address of a Spark Connect server",
        ),
        ({"ALLIANCE_ADDRESS": "portal"}, "ALLIANCE_ADDRESS must be where people reach the portal"),
        ({"ALLIANCE_SMTP_USER": "portal"}, "ALLIANCE_SMTP_USER is set without ALLIANCE_SMTP_HOST"),
        (MAILS | {"ALLIANCE_SMTP_PORT": "0"}, "ALLIANCE_SMTP_PORT must be a port"),
        (MAILS | {"ALLIANCE_SMTP_TLS": "ssl"}, "ALLIANCE_SMTP_TLS must be starttls, tls or none."),
        (MAILS | {"ALLIANCE_SMTP_FROM": "钱@x"}, "ALLIANCE_SMTP_FROM must be the address"),
        (MAILS | {"ALLIANCE_SMTP_PASSWORD": "x"}, "ALLIANCE_SMTP_USER and ALLIANCE_SMTP_PASSWORD are set together"),
        (MAILS | {"ALLIANCE_ADDRESS": ""}, "ALLIANCE_ADDRESS must be set where mails are sent"),
        (
            MAILS | {"ALLIANCE_SMTP_USER": "a", "ALLIANCE_SMTP_PASSWORD": "b", "ALLIANCE_SMTP_TLS": "none"},
            "ALLIANCE_SMTP_TLS must not be none while a password is sent",
        ),
        ({"ALLIANCE_DATA_KEYS": "short"}, "ALLIANCE_DATA_KEYS must hold different keys"),
        ({"ALLIANCE_DATA_KEYS": f"{SECRET}, {SECRET}"}, "ALLIANCE_DATA_KEYS must hold different keys"),
        ({"ALLIANCE_SECRET": "x"}, "ALLIANCE_SECRET is no setting of the portal"),
        ({"ALLIANCE_DATA": "/proc/nowhere"}, "The folder ALLIANCE_DATA=/proc/nowhere cannot be made"),
    ],
)
def test_a_wrong_setting_says_one_sentence(tmp_path: Path, setting: dict[str, str], sentence: str) -> None:
    with pytest.raises(SettingError) as told:
        from_environment({"ALLIANCE_SECRET_KEY": SECRET, "ALLIANCE_DATA": str(tmp_path)} | setting)
    assert sentence in str(told.value)
    assert len(str(told.value).splitlines()) == 1


def test_several_wrong_settings_are_told_at_once() -> None:
    with pytest.raises(SettingError) as told:
        from_environment({"ALLIANCE_LOG": "loud", "ALLIANCE_PROXIES": "-1"})
    assert len(str(told.value).splitlines()) == 3
