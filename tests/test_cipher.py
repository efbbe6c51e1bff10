"""What is encrypted in the database: read under the right key, for its purpose and in its row; keys are rotated."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from flask_migrate import downgrade, upgrade
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, text, update

from alliance import cli
from alliance.accounts import queries, services
from alliance.accounts.models import Account
from alliance.accounts.rules.totp import one_time_code
from alliance.cipher import Keyring, Unreadable, is_encrypted, keyring
from alliance.core.actor import Actor
from alliance.db import db
from tests.conftest import Client
from tests.small import CLOCK, PASSWORD, by

SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
STEP = int(CLOCK.timestamp()) // 30
OLD, NEW = "an older key of some deployment 0123", "the newest key of the deployment 4567"


def enrol(account: str = "office") -> list[str]:
    return services.enrol_totp("", SECRET, one_time_code(SECRET, STEP - 1), by=by(account), now=CLOCK)


def kept(account: str = "office") -> str:
    return db.session.scalars(select(Account.totp).where(Account.code == account)).one()


def put(account: str, value: str) -> None:
    db.session.execute(update(Account).where(Account.code == account).values(totp=value))
    db.session.commit()


def with_keys(app: Flask, *keys: str, secret: str = "t" * 40) -> None:
    app.config["ALLIANCE"] = replace(app.config["ALLIANCE"], data_keys=keys, secret_key=secret)


@given(st.text(), st.text(), st.text())
def test_what_is_encrypted_is_read_again(content: str, purpose: str, row: str) -> None:
    sealed = Keyring((OLD,)).encrypt(content, purpose, row)
    assert Keyring((NEW, OLD)).decrypt(sealed, purpose, row) == content
    assert Keyring((OLD,)).encrypt(content, purpose, row) != sealed  # a nonce is never used twice


def test_it_is_read_for_its_purpose_in_its_row_under_its_key_only() -> None:
    keys = Keyring((OLD,))
    sealed = keys.encrypt("13800000000", "patient.phone", "7")
    for purpose, row in (("patient.name", "7"), ("patient.phone", "8"), ("patient.phon", "e7")):
        with pytest.raises(Unreadable, match="another row"):
            keys.decrypt(sealed, purpose, row)
    with pytest.raises(Unreadable, match=re.escape(keys.newest)):
        Keyring((NEW,)).decrypt(sealed, "patient.phone", "7")
    for damaged in (sealed[:-6], sealed[:-5] + ("A" if sealed[-5] != "A" else "B") + sealed[-4:], f"{keys.newest}."):
        with pytest.raises(Unreadable):
            keys.decrypt(damaged, "patient.phone", "7")
    with pytest.raises(Unreadable, match="not encrypted"):
        keys.decrypt("13800000000", "patient.phone", "7")


def test_the_key_of_an_authenticator_is_not_in_the_database(inside: Flask) -> None:
    enrol()
    assert is_encrypted(kept())
    assert SECRET not in kept()
    half = services.open_session("office", PASSWORD, now=CLOCK)
    assert services.confirm_session(half.secret, one_time_code(SECRET, STEP), now=CLOCK).secret


def test_the_key_of_one_account_opens_no_other(inside: Flask) -> None:
    enrol("office2")
    enrol("office")
    put("office", kept("office2"))
    half = services.open_session("office", PASSWORD, now=CLOCK)
    assert services.confirm_session(half.secret, one_time_code(SECRET, STEP), now=CLOCK).unreadable
    assert queries.unreadable_keys() == ["office"]


def test_keys_are_rotated(inside: Flask) -> None:
    enrol()
    first = kept()
    with_keys(inside, OLD)
    assert queries.foreign_keys() == {}  # what rests on the secret key is still read
    assert services.renew_keys(by=Actor("system"), now=CLOCK) == 1
    assert services.renew_keys(by=Actor("system"), now=CLOCK) == 0
    second = kept()
    assert second.startswith(keyring().newest)
    assert first.split(".")[1] != second.split(".")[1]
    with_keys(inside, NEW, OLD, secret="u" * 40)  # the secret key itself may change now
    half = services.open_session("office", PASSWORD, now=CLOCK)
    assert services.confirm_session(half.secret, one_time_code(SECRET, STEP), now=CLOCK).secret
    result = inside.test_cli_runner().invoke(cli.keys, ["renew"])
    assert "1 encrypted anew" in result.output
    with_keys(inside, NEW, secret="u" * 40)
    assert queries.unreadable_keys() == []
    assert "everything" in inside.test_cli_runner().invoke(cli.keys, ["check"]).output


def test_a_lost_key_is_told_and_a_recovery_code_still_opens(app: Flask, client_as: Callable[[str], Client]) -> None:
    with app.app_context():
        codes = enrol()
    with_keys(app, secret="w" * 40)
    client = client_as("")
    form = {"account": "office", "password": PASSWORD, "csrf_token": client.token()}
    step = client.post("/accounts/sessions/open", data=form).location
    refused = client.send(step, totp_code=one_time_code(SECRET, STEP))
    assert refused.status_code == 422
    assert "无法读取您的动态口令验证器密钥" in refused.get_data(as_text=True)
    assert client.send(step, totp_code=codes[0]).status_code == 302
    assert client.get("/").status_code == 200


def test_the_portal_does_not_start_with_a_wrong_key_and_says_what_to_do(inside: Flask) -> None:
    enrol()
    cli.check_keys()
    with_keys(inside, NEW, secret="w" * 40)
    with pytest.raises(SystemExit, match=r"not here: [0-9a-f]{8} \(1\)") as told:
        cli.check_keys()
    assert "ALLIANCE_DATA_KEYS" in str(told.value)
    runner = inside.test_cli_runner()
    assert runner.invoke(cli.keys, ["check"]).exit_code == 1
    failed = runner.invoke(cli.keys, ["renew"])
    assert failed.exit_code == 1
    assert "Nothing was changed" in failed.output
    before = kept()
    assert "1 authenticators" in runner.invoke(cli.keys, ["discard", "--yes"]).output
    assert before != ""
    assert kept() == ""
    cli.check_keys()
    assert not services.open_session("office", PASSWORD, now=CLOCK).pending


def test_a_database_without_tables_does_not_keep_the_portal_from_starting(empty: Flask) -> None:
    db.session.execute(
        text("DROP TABLE account" if db.engine.dialect.name == "sqlite" else "DROP TABLE account CASCADE")
    )
    db.session.commit()
    cli.check_keys()


def test_the_migration_encrypts_what_is_there_and_goes_back(inside: Flask) -> None:
    enrol("office2")
    db.session.remove()
    downgrade(revision="0008")
    assert kept("office2") == SECRET
    put("office", SECRET)
    db.session.remove()
    upgrade()
    for account in ("office", "office2"):
        assert SECRET not in kept(account)
        assert keyring().decrypt(kept(account), queries.TOTP, account) == SECRET
