"""One-time codes, the age of passwords, names of accounts, and what one person may hold together."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import date, timedelta

import pytest

from alliance.accounts.rules.grants import check_deputy, check_grant, check_last
from alliance.accounts.rules.sign_in import check_account, password_days_left
from alliance.accounts.rules.totp import matching_step, one_time_code, otpauth
from alliance.core.refused import Refused
from alliance.core.roles import DEPARTMENTAL, OWN, PEOPLE, PLACED, ROLES, RUNNING, SEPARATED, Grant

RFC = base64.b32encode(b"12345678901234567890").decode()


@pytest.mark.parametrize(
    ("seconds", "code"),
    [  # RFC 6238, appendix B, SHA-1
        (59, "94287082"),
        (1111111109, "07081804"),
        (1111111111, "14050471"),
        (1234567890, "89005924"),
        (2000000000, "69279037"),
        (20000000000, "65353130"),
    ],
)
def test_the_codes_are_those_of_the_rfc(seconds: int, code: str) -> None:
    assert one_time_code(RFC, seconds // 30, digits=8) == code
    assert one_time_code(RFC, seconds // 30) == code[2:]


@pytest.mark.parametrize(("drift", "taken"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_code_is_taken_one_step_early_or_late(drift: int, taken: bool) -> None:
    step = 50_000_000
    found = matching_step(RFC, one_time_code(RFC, step + drift), step * 30 + 7, 0)
    assert found == (step + drift if taken else None)


def test_a_code_is_taken_once_even_when_the_clock_is_set_back() -> None:
    step = 50_000_000
    code = one_time_code(RFC, step)
    assert matching_step(RFC, code, step * 30, step - 1) == step
    assert matching_step(RFC, code, step * 30, step) is None
    assert matching_step(RFC, one_time_code(RFC, step - 1), (step - 1) * 30, step) is None


@pytest.mark.parametrize("typed", ["", "12345", "abcdef", "１２３４５６", "000000000000"])
def test_what_is_no_code_is_not_taken(typed: str) -> None:
    assert matching_step(RFC, typed, 59, 0) is None


def test_the_address_for_an_authenticator_is_escaped() -> None:
    assert otpauth(RFC, "c03.lead", "某市 & 集团") == (
        "otpauth://totp/%E6%9F%90%E5%B8%82%20%26%20%E9%9B%86%E5%9B%A2:c03.lead?secret="
        f"{RFC}&issuer=%E6%9F%90%E5%B8%82%20%26%20%E9%9B%86%E5%9B%A2"
    )


@pytest.mark.parametrize(
    ("age", "limit", "left"), [(0, 180, 180), (179, 180, 1), (180, 180, 0), (400, 180, 0), (400, 0, None)]
)
def test_the_days_that_are_left_of_a_password(age: int, limit: int, left: int | None) -> None:
    assert password_days_left(timedelta(days=age), limit) == left


@pytest.mark.parametrize("code", ["c03.reporter", "a1", "office_2", "z-9"])
def test_names_of_accounts_that_will_do(code: str) -> None:
    check_account(code)


@pytest.mark.parametrize("code", ["", "a", "Office", "办公室", ".lead", "a b", "a" * 33, "a/b", "a\n"])
def test_names_of_accounts_that_will_not(code: str) -> None:
    with pytest.raises(Refused, match="lower-case letters"):
        check_account(code)


def grant(role: str, start: int = 1, until: int = 28, place: str = "", alliance: int = 1) -> Grant:
    return Grant(role, alliance, place, date(2026, 5, start), date(2026, 5, until))


@pytest.mark.parametrize("one", sorted(SEPARATED))
@pytest.mark.parametrize("other", sorted(SEPARATED))
def test_three_offices_are_three_persons(one: str, other: str) -> None:
    with pytest.raises(Refused):
        check_grant(grant(one, 5, 10), [grant(other, 9, 20)], [])
    check_grant(grant(one, 5, 9), [grant(other, 9, 20)], [])  # one after the other is fine


@pytest.mark.parametrize("role", sorted(ROLES.keys() - {"auditor"}))
def test_who_audits_holds_nothing_else(role: str) -> None:
    held = replace(grant(role, place="C1" if role in PLACED else ""), department="D1" if role in DEPARTMENTAL else "")
    with pytest.raises(Refused, match="no other role"):
        check_grant(grant("auditor"), [held], [])
    with pytest.raises(Refused, match="no other role"):
        check_grant(held, [grant("auditor", alliance=2)], [])


def test_who_audits_changes_nothing_but_the_own_account() -> None:
    assert {act for act in ROLES["auditor"] - OWN if act.split(":")[2] not in ("list", "read", "export")} == set()


def test_who_makes_accounts_gives_no_roles_and_the_other_way_round() -> None:
    assert ROLES["admin"] & ROLES["security_admin"] == RUNNING | PEOPLE


def test_a_role_is_held_where_it_belongs_and_once() -> None:
    with pytest.raises(Refused, match="choose the member"):
        check_grant(grant("reporter"), [], [])
    with pytest.raises(Refused, match="whole alliance"):
        check_grant(grant("office", place="C1"), [], [])
    with pytest.raises(Refused, match="no role"):
        check_grant(grant("emperor"), [], [])
    with pytest.raises(Refused, match="ends after"):
        check_grant(grant("office", 5, 5), [], [])
    with pytest.raises(Refused, match="already"):
        check_grant(grant("office", 5, 9), [grant("office")], [])
    check_grant(grant("reporter", place="C1"), [grant("reporter", place="C2")], [])


def test_a_member_has_one_quality_officer_at_any_date() -> None:
    theirs = [grant("quality_officer", 1, 10, "C1")]
    with pytest.raises(Refused, match="exactly one"):
        check_grant(grant("quality_officer", 9, 20, "C1"), [], theirs)
    check_grant(grant("quality_officer", 10, 20, "C1"), [], theirs)
    check_grant(grant("quality_officer", 1, 20, "C2"), [], theirs)


def test_a_deputy_stands_in_within_the_role_and_has_none() -> None:
    held = grant("office", 5, 20)
    check_deputy(grant("office", 5, 20), held, of_deputy=False)
    for start, until in ((4, 10), (6, 21)):
        with pytest.raises(Refused, match="only while"):
            check_deputy(grant("office", start, until), held, of_deputy=False)
    with pytest.raises(Refused, match="a deputy has no deputy"):
        check_deputy(grant("office", 6, 7), held, of_deputy=True)
    with pytest.raises(Refused, match="nobody stands in"):
        check_deputy(grant("quality_officer", 6, 7, "C1"), grant("quality_officer", 5, 20, "C1"), of_deputy=False)


def test_the_last_who_can_give_roles_back_stays() -> None:
    day = date(2026, 5, 10)
    with pytest.raises(Refused, match="Nobody else"):
        check_last("security_admin", day, [grant("admin"), grant("security_admin", 1, 10)])
    check_last("security_admin", day, [grant("security_admin")])
    check_last("office", day, [])
