"""The second factor, the age of passwords, addresses that try too often, and forms that outlive their session."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, text

from alliance.accounts import queries, services
from alliance.accounts.models import Draft
from alliance.accounts.rules.sign_in import DRAFT
from alliance.accounts.rules.totp import one_time_code
from alliance.config import SettingError, from_environment
from alliance.core.refused import Refused
from alliance.db import db
from alliance.forms import refilled, typed
from tests.conftest import Client
from tests.small import CLOCK, PASSWORD, by

SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
STEP = int(CLOCK.timestamp()) // 30


def enrol(account: str = "office") -> list[str]:
    return services.enrol_totp("", SECRET, one_time_code(SECRET, STEP - 1), by=by(account), now=CLOCK)


def test_a_sign_in_with_a_second_factor_has_two_steps(inside: Flask) -> None:
    enrol()
    half = services.open_session("office", PASSWORD, now=CLOCK)
    assert half.pending
    assert queries.account_of_session(half.secret, CLOCK) is None
    code = one_time_code(SECRET, STEP)
    whole = services.confirm_session(half.secret, code, now=CLOCK)
    assert whole.secret not in ("", half.secret)
    assert queries.account_of_session(whole.secret, CLOCK)
    assert services.confirm_session(half.secret, one_time_code(SECRET, STEP + 1), now=CLOCK).secret == ""
    again = services.open_session("office", PASSWORD, now=CLOCK)
    assert services.confirm_session(again.secret, code, now=CLOCK).secret == ""  # a code is taken once
    back = CLOCK - timedelta(seconds=30)
    assert services.confirm_session(again.secret, one_time_code(SECRET, STEP - 1), now=back).secret == ""


def test_the_code_is_due_within_five_minutes(inside: Flask) -> None:
    enrol()
    half = services.open_session("office", PASSWORD, now=CLOCK).secret
    late = CLOCK + timedelta(minutes=5, seconds=1)
    assert not queries.pending_account(half, late)
    code = one_time_code(SECRET, int(late.timestamp()) // 30)
    assert services.confirm_session(half, code, now=late) == services.Verdict()


def test_a_recovery_code_is_used_once_and_typed_as_people_type(inside: Flask) -> None:
    codes = enrol()
    assert len(set(codes)) == 10
    for number, typed_code in enumerate((codes[0], codes[1].lower().replace("-", " "))):
        half = services.open_session("office", PASSWORD, now=CLOCK).secret
        assert services.confirm_session(half, typed_code, now=CLOCK).secret, number
    half = services.open_session("office", PASSWORD, now=CLOCK).secret
    assert services.confirm_session(half, codes[0], now=CLOCK).secret == ""


def test_five_wrong_codes_lock_the_account_though_the_password_is_right(inside: Flask) -> None:
    enrol()
    for number in range(5):
        half = services.open_session("office", PASSWORD, now=CLOCK)
        assert half.pending, number
        verdict = services.confirm_session(half.secret, "000000", now=CLOCK)
    assert verdict.locked_until == CLOCK + timedelta(minutes=30)
    assert services.open_session("office", PASSWORD, now=CLOCK).secret == ""
    assert services.confirm_session(half.secret, one_time_code(SECRET, STEP), now=CLOCK).secret == ""


def test_a_second_factor_is_proved_once_and_reset_by_somebody_else(inside: Flask) -> None:
    with pytest.raises(Refused, match="code is wrong"):
        services.enrol_totp("", SECRET, "123456", by=by("office"), now=CLOCK)
    with pytest.raises(Refused, match="not a secret"):
        services.enrol_totp("", "AAAA", "123456", by=by("office"), now=CLOCK)
    codes = enrol()
    with pytest.raises(Refused, match="already"):
        enrol()
    with pytest.raises(Refused, match="your own"):
        services.reset_totp(1, "security", by=by("security"), now=CLOCK)
    services.reset_totp(1, "office", by=by("security"), now=CLOCK)
    assert not services.open_session("office", PASSWORD, now=CLOCK).pending
    enrol()
    half = services.open_session("office", PASSWORD, now=CLOCK).secret
    assert services.confirm_session(half, codes[0], now=CLOCK).secret == ""


@pytest.mark.parametrize("account", ["office", "chair", "admin", "security", "auditor"])
def test_where_it_is_required_nothing_opens_before_it_is_set_up(
    app: Flask, client_as: Callable[[str], Client], account: str
) -> None:
    app.config["ALLIANCE"] = replace(app.config["ALLIANCE"], totp=True)
    client = client_as(account)
    for path in ("/", "/accounts/persons/list", "/accounts/accounts/read"):
        assert client.get(path).location == "/accounts/totp/enrol"
    token = {"csrf_token": client.token("/accounts/totp/enrol")}
    assert client.post("/evaluation/runs/compute", data=token).location == "/accounts/totp/enrol"
    page = client.get("/accounts/totp/enrol").get_data(as_text=True)
    found = re.search(r'name="totp_secret"[^>]*value="([A-Z2-7]{32})"', page)
    assert found
    assert f"secret={found[1]}" in unescape(page)
    form = {"totp_secret": found[1], "csrf_token": client.token("/accounts/totp/enrol")}
    assert client.post("/accounts/totp/enrol", data=form | {"totp_code": "1"}).status_code == 422
    done = client.post("/accounts/totp/enrol", data=form | {"totp_code": one_time_code(found[1], STEP)})
    codes = re.findall(r"<code>([A-Z2-7]{4}(?:-[A-Z2-7]{4}){3})</code>", done.get_data(as_text=True))
    assert len(codes) == 10
    assert client.get("/").status_code == 200
    assert codes[0] not in client.get("/accounts/totp/enrol").get_data(as_text=True)

    fresh = client_as("")
    form = {"account": account, "password": PASSWORD, "csrf_token": fresh.token()}
    answer = fresh.post("/accounts/sessions/open?next=/members/institutions/list", data=form)
    assert answer.location == "/accounts/sessions/confirm?next=/members/institutions/list"
    assert fresh.get("/").status_code == 302
    wrong = fresh.send(answer.location, totp_code="000000")
    assert wrong.status_code == 422
    assert fresh.send(answer.location, totp_code=codes[3]).location == "/members/institutions/list"
    assert fresh.get("/members/institutions/list").status_code == 200


def test_others_sign_in_by_password_alone_and_so_does_the_demo(app: Flask, client_as: Callable[[str], Client]) -> None:
    assert client_as("office").get("/").status_code == 200
    app.config["ALLIANCE"] = replace(app.config["ALLIANCE"], totp=True)
    assert client_as("c1.reporter").get("/").status_code == 200


def test_a_password_is_reminded_of_and_then_must_be_changed(app: Flask, client_as: Callable[[str], Client]) -> None:
    app.config["ALLIANCE"] = replace(app.config["ALLIANCE"], password_days=180)  # set 125 days ago
    assert "55天内修改" in client_as("office").get("/").get_data(as_text=True)
    app.config["ALLIANCE"] = replace(app.config["ALLIANCE"], password_days=125)
    client = client_as("office")
    due = client.get("/members/institutions/list").location
    assert due == "/accounts/passwords/change?aged=1"
    form = {"password_old": PASSWORD, "password": "another-horse-8", "password_again": "another-horse-8"}
    client.post("/accounts/passwords/change", data=form | {"csrf_token": client.token(due)})
    assert client.get("/members/institutions/list").status_code == 200


def test_an_unknown_account_learns_nothing(app: Flask, client_as: Callable[[str], Client]) -> None:
    def answer(account: str) -> tuple[int, str]:
        client = client_as("")
        found = client.send("/accounts/sessions/open", account=account, password="wrong-wrong-1")
        notice = re.search(r'<div class="notice-text">.*?</div>', found.get_data(as_text=True), re.DOTALL)
        assert notice
        return found.status_code, notice[0]

    answers = {answer("office") for _ in range(6)} | {answer("nobody-at-all") for _ in range(6)}
    assert len(answers) == 1


def test_an_address_that_fails_too_often_waits_and_others_do_not(inside: Flask) -> None:
    for number in range(30):
        services.open_session(f"guess{number}", "x", now=CLOCK, address="10.0.0.9")
    assert services.open_session("office", PASSWORD, now=CLOCK, address="10.0.0.9").crowded
    assert services.open_session("office", PASSWORD, now=CLOCK, address="10.0.0.8").secret
    later = CLOCK + timedelta(minutes=15)
    assert services.open_session("office", PASSWORD, now=later, address="10.0.0.9").secret


def test_a_half_typed_form_outlives_its_session(app: Flask, client_as: Callable[[str], Client]) -> None:
    client = client_as("c1.reporter")
    path = "/indicators/readings/file/2026-04/C1"
    token = client.token(path)
    app.config["CLOCK"] = lambda: CLOCK + timedelta(minutes=21)
    form = {"csrf_token": token, "once": "draft-1", "value-E1": "77<b>", "seen-E1": "0", "document": "月报 & 附件"}
    ended = client.post(path, data=form)
    assert ended.location == f"/accounts/sessions/open?next={path}"
    page = client.get(ended.location).get_data(as_text=True)
    assert "内容未提交" in page
    back = client.post(
        ended.location,
        data={"account": "c1.reporter", "password": PASSWORD, "csrf_token": client.token(ended.location)},
    )
    assert back.location == path
    page = client.get(path).get_data(as_text=True)
    assert re.search(r'name="value-E1"[^>]* value="77&lt;b&gt;"', page)
    assert "月报 &amp; 附件" in page
    assert 'value="draft-1"' not in page
    sent = client.send(path, **{"value-E1": "77", "seen-E1": "0", "document": "月报"})
    assert sent.status_code == 302
    assert "已恢复到表单中" not in client.get(path).get_data(as_text=True)


def expired_form(app: Flask, client: Client, account: str) -> str:
    """Somebody types into a form whose session has run out, and `account` signs in at the same browser."""
    path = "/indicators/periods/open"
    token = client.token(path)
    app.config["CLOCK"] = lambda: CLOCK + timedelta(minutes=21)
    client.post(path, data={"csrf_token": token, "period": "2026-07", "last_day": "2026-08-31"})
    client.post(
        "/accounts/sessions/open", data={"account": account, "password": PASSWORD, "csrf_token": client.token()}
    )
    return client.get(path).get_data(as_text=True)


def test_what_was_typed_comes_back_to_its_own_person_only(app: Flask, client_as: Callable[[str], Client]) -> None:
    assert "2026-08-31" not in expired_form(app, client_as("office"), "office2")


def test_what_was_typed_comes_back_and_can_be_forgotten(app: Flask, client_as: Callable[[str], Client]) -> None:
    client = client_as("office")
    assert 'value="2026-08-31"' in expired_form(app, client, "office")
    client.send("/accounts/drafts/discard", next="/indicators/periods/open")
    assert "2026-08-31" not in client.get("/indicators/periods/open").get_data(as_text=True)


def test_what_was_typed_is_read_by_its_browser_alone_and_goes(app: Flask, client_as: Callable[[str], Client]) -> None:
    client = client_as("c1.reporter")
    path = "/registers/messages/write/2026-000001"
    token = client.token("/registers/referrals/file/C1")
    app.config["CLOCK"] = lambda: CLOCK + timedelta(minutes=21)
    client.post(path, data={"csrf_token": token, "kind": "note", "text": "患者张某某已到院"})
    with app.app_context():
        kept = db.session.execute(text("SELECT fields FROM draft")).scalar_one()
        assert "text" not in kept
        assert not any(word in kept for word in ("患者", r"\u60a3"))
        row = db.session.scalars(select(Draft.kept_at)).one()
        assert services.clear_drafts(now=row + DRAFT - timedelta(seconds=1)) == 0
        assert services.clear_drafts(now=row + DRAFT) == 1


def test_a_role_revoked_while_its_holder_types_ends_it_there(app: Flask, client_as: Callable[[str], Client]) -> None:
    client = client_as("office")
    token = client.token("/indicators/periods/open")
    with app.app_context():
        found = queries.person(1, "office", CLOCK.date(), CLOCK)
        assert found
        services.revoke_grant(1, found.grants[0].id, CLOCK.date(), "moved", by=by("security"), now=CLOCK)
    form = {"csrf_token": token, "period": "2026-07", "last_day": "2026-08-31"}
    assert "/accounts/sessions/open" in client.post("/indicators/periods/open", data=form).location
    client.send("/accounts/sessions/open", account="office", password=PASSWORD)
    assert client.get("/indicators/periods/open").status_code == 403


def test_the_cookie_of_an_ended_session_opens_nothing_and_keeps_nothing(
    app: Flask, client_as: Callable[[str], Client]
) -> None:
    client = client_as("office")
    with client.session_transaction() as cookie:
        stolen = dict(cookie)
    client.send("/accounts/sessions/close")
    thief = client_as("")
    with thief.session_transaction() as cookie:
        cookie.update(stolen)
    assert thief.get("/").status_code == 302
    thief.post("/indicators/periods/open", data={"csrf_token": thief.token(), "last_day": "2026-08-31"})
    with thief.session_transaction() as cookie:
        assert "draft" not in cookie


FORM = """<form method="post" action="/a?x=1"><input type="hidden" name="csrf_token" value="new">
<input name="t" type="text" value="old"><input name="t" type="text">
<input type="checkbox" name="c" value="1" checked>
<input type="radio" name="r" value="a" checked><input type="radio" name="r" value="b">
<textarea name="n">old</textarea>
<select name="s"><option value="1" selected>1</option><option value="2">2</option></select>
<input type="password" name="password"><input name="other" value="stays"></form>
<form method="post" action="/b"><input name="t" value="old"></form>
"""
REFILLED = """<form method="post" action="/a?x=1"><input type="hidden" name="csrf_token" value="new">
<input name="t" type="text" value="1&quot;&lt;"><input name="t" type="text" value="2">
<input type="checkbox" name="c" value="1">
<input type="radio" name="r" value="a"><input type="radio" name="r" value="b" checked>
<textarea name="n">
a&lt;/textarea&gt;
b</textarea>
<select name="s"><option value="1">1</option><option value="2" selected>2</option></select>
<input type="password" name="password"><input name="other" value="stays"></form>
<form method="post" action="/b"><input name="t" value="old"></form>
"""


def test_a_form_is_refilled_field_by_field() -> None:
    fields = {"t": ['1"<', "2"], "r": ["b"], "n": ["a</textarea>\nb"], "s": ["2"], "csrf_token": ["old"]}
    assert refilled(FORM, "/p", "/a", fields | {"password": ["x"]}) == REFILLED
    kept = typed({"once": ["1"], "csrf_token": ["2"], "password_old": ["3"], "totp_code": ["4"], "t": ["5"]})
    assert kept == {"t": ["5"]}


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("ALLIANCE_PASSWORD_DAYS", "-1"),
        ("ALLIANCE_PASSWORD_DAYS", "half a year"),
        ("ALLIANCE_PASSWORD_DAYS", "80"),
        ("ALLIANCE_PASSWORD_WARN_DAYS", "180"),
        ("ALLIANCE_TOTP", "yes"),
        ("ALLIANCE_PROXIES", "1.5"),
    ],
)
def test_a_setting_that_cannot_be_is_named(tmp_path: Path, setting: str, value: str) -> None:
    base = {"ALLIANCE_SECRET_KEY": "0123456789abcdef" * 2, "ALLIANCE_DATA": str(tmp_path)}
    found = from_environment(base)
    assert (found.totp, found.password_days, found.password_warn_days) == (True, 180, 80)
    demo = from_environment(base | {"ALLIANCE_DEMO": "1"})
    assert (demo.totp, demo.password_days) == (False, 0)
    with pytest.raises(SettingError, match="ALLIANCE_"):
        from_environment(base | {setting: value})
