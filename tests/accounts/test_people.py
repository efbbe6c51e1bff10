"""Inviting, granting, deputies, revoking, locking: who may, what ends with it, and what is never seen."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from flask import Flask

from alliance.accounts import queries, services
from alliance.core.acts import Act
from alliance.core.refused import NotFound, Refused
from alliance.core.roles import Grant, may, scope_of
from alliance.members import services as members
from tests.conftest import Client
from tests.small import CLOCK, PASSWORD, SYSTEM, by

TODAY = CLOCK.date()
NEW = "another-horse-8"


def invite(code: str = "guest", alliance: int = 1) -> str:
    return services.invite_account(alliance, code, "客人", "Guest", "C2", by=by("admin"), now=CLOCK)


def give(account: str, role: str, place: str = "", *, who: str = "security", until: date | None = None) -> int:
    return services.give_grant(account, role, 1, place, TODAY, until, by=by(who), now=CLOCK)


def grant_id(account: str) -> int:
    found = queries.person(1, account, TODAY, CLOCK)
    assert found
    return found.grants[0].id


def elsewhere() -> int:
    """A second alliance with a person of its own."""
    other = members.found_alliance("OTHER", "另一医联体", "Other", by=SYSTEM, now=CLOCK)
    services.invite_account(other, "stranger", "外人", "Stranger", "", by=SYSTEM, now=CLOCK)
    services.give_grant("stranger", "office", other, "", TODAY, None, by=SYSTEM, now=CLOCK)
    return other


def test_an_invitation_sets_a_password_once_and_within_a_week(inside: Flask) -> None:
    secret = invite()
    assert services.open_session("guest", "", now=CLOCK).secret == ""
    with pytest.raises(Refused, match="at least 10"):
        services.set_password(secret, "short", now=CLOCK)
    late = CLOCK + timedelta(days=7)
    with pytest.raises(NotFound):
        services.set_password(secret, NEW, now=late)
    assert services.set_password(secret, NEW, now=late - timedelta(seconds=1)) == "guest"
    assert services.open_session("guest", NEW, now=CLOCK).secret
    for used in (secret, "nonsense", ""):
        with pytest.raises(NotFound):
            services.set_password(used, NEW, now=CLOCK)


def test_a_reset_takes_password_and_sessions_and_earlier_links(inside: Flask) -> None:
    session = services.open_session("office", PASSWORD, now=CLOCK).secret
    first = services.reset_account(1, "office", by=by("admin"), now=CLOCK)
    second = services.reset_account(1, "office", by=by("admin"), now=CLOCK)
    assert queries.account_of_session(session, CLOCK) is None
    assert services.open_session("office", PASSWORD, now=CLOCK).secret == ""
    with pytest.raises(NotFound):
        services.set_password(first, NEW, now=CLOCK)
    services.set_password(second, NEW, now=CLOCK)
    assert services.open_session("office", NEW, now=CLOCK).secret


def test_a_locked_account_is_shut_whatever_it_knows_until_it_is_unlocked(inside: Flask) -> None:
    session = services.open_session("office", PASSWORD, now=CLOCK).secret
    services.lock_account(1, "office", "phone lost", by=by("admin"), now=CLOCK)
    assert queries.account_of_session(session, CLOCK) is None
    assert services.open_session("office", PASSWORD, now=CLOCK).secret == ""
    with pytest.raises(Refused, match="already"):
        services.lock_account(1, "office", "again", by=by("admin"), now=CLOCK)
    with pytest.raises(Refused, match="your own"):
        services.lock_account(1, "admin", "oops", by=by("admin"), now=CLOCK)
    services.unlock_account(1, "office", by=by("admin"), now=CLOCK)
    assert services.open_session("office", PASSWORD, now=CLOCK).secret


def test_nobody_gives_a_role_to_oneself(inside: Flask) -> None:
    with pytest.raises(Refused, match="cannot give yourself"):
        give("security", "office")
    give("c2.lead", "security_admin")
    give("security", "office", who="c2.lead")


def test_the_separation_is_by_person_and_names_the_role_held(inside: Flask) -> None:
    with pytest.raises(Refused) as caught:
        give("admin", "security_admin")
    assert caught.value.numbers["held"] == "admin"
    with pytest.raises(Refused, match="no other role"):
        give("auditor", "analyst")
    with pytest.raises(Refused, match="exactly one"):
        give("c1.lead", "quality_officer", "C1")


def test_revoking_ends_the_sessions_at_once_and_keeps_the_row(inside: Flask) -> None:
    session = services.open_session("office", PASSWORD, now=CLOCK).secret
    grant = grant_id("office")
    services.revoke_grant(1, grant, TODAY, "moved", by=by("security"), now=CLOCK)
    assert queries.account_of_session(session, CLOCK) is None
    found = queries.person(1, "office", TODAY, CLOCK)
    assert found
    (line,) = found.grants
    assert (line.id, line.state, line.ended_by, line.ended_at, line.reason) == (
        grant,
        "past",
        "security",
        CLOCK,
        "moved",
    )
    assert line.grant.start == date(2026, 1, 1)
    with pytest.raises(Refused, match="ends on"):
        services.revoke_grant(1, grant, TODAY, "again", by=by("security"), now=CLOCK)
    again = services.open_session("office", PASSWORD, now=CLOCK).secret
    account = queries.account_of_session(again, CLOCK)
    assert account
    assert not any(one.holds(TODAY) for one in account.grants)


def test_a_role_may_end_later_but_not_earlier(inside: Flask) -> None:
    grant = grant_id("office")
    with pytest.raises(Refused, match="today or later"):
        services.revoke_grant(1, grant, TODAY - timedelta(days=1), "why", by=by("security"), now=CLOCK)
    session = services.open_session("office", PASSWORD, now=CLOCK).secret
    services.revoke_grant(1, grant, TODAY + timedelta(days=5), "leaves", by=by("security"), now=CLOCK)
    assert queries.account_of_session(session, CLOCK) is None
    found = queries.person(1, "office", TODAY, CLOCK)
    assert found
    assert found.grants[0].state == "now"


def test_the_last_security_administrator_stays(inside: Flask) -> None:
    with pytest.raises(Refused, match="Nobody else"):
        services.revoke_grant(1, grant_id("security"), TODAY, "why", by=by("security"), now=CLOCK)
    give("c2.lead", "security_admin")
    services.revoke_grant(1, grant_id("security"), TODAY, "why", by=by("c2.lead"), now=CLOCK)


def test_a_deputy_falls_with_the_role_and_is_shown_as_such(inside: Flask) -> None:
    grant, until = grant_id("office"), TODAY + timedelta(days=10)
    services.name_deputy(1, grant, "c2.lead", TODAY, until, by=by("security"), now=CLOCK)
    session = services.open_session("c2.lead", PASSWORD, now=CLOCK).secret
    found = queries.person(1, "c2.lead", TODAY, CLOCK)
    assert found
    deputy = next(line for line in found.grants if line.grant.role == "office")
    assert deputy.deputy_for
    assert deputy.deputy_for.name_en == "Office"
    with pytest.raises(Refused, match="already"):
        services.name_deputy(1, grant, "office", TODAY, until, by=by("security"), now=CLOCK)
    with pytest.raises(Refused, match="cannot give yourself"):
        services.name_deputy(1, grant, "security", TODAY, until, by=by("security"), now=CLOCK)
    services.revoke_grant(1, grant, TODAY, "moved", by=by("security"), now=CLOCK)
    assert queries.account_of_session(session, CLOCK) is None
    found = queries.person(1, "c2.lead", TODAY, CLOCK)
    assert found
    assert next(line for line in found.grants if line.grant.role == "office").state == "past"


def test_what_another_alliance_keeps_is_not_there(inside: Flask) -> None:
    other = elsewhere()
    for work in (
        lambda: give("stranger", "analyst"),
        lambda: services.reset_account(1, "stranger", by=by("admin"), now=CLOCK),
        lambda: services.lock_account(1, "stranger", "why", by=by("admin"), now=CLOCK),
        lambda: services.unlock_account(1, "stranger", by=by("admin"), now=CLOCK),
        lambda: services.end_session(1, "stranger", by=by("admin"), now=CLOCK),
        lambda: services.reset_totp(1, "stranger", by=by("security"), now=CLOCK),
        lambda: services.revoke_grant(other, grant_id("office"), TODAY, "why", by=by("security"), now=CLOCK),
        lambda: services.name_deputy(
            other, grant_id("office"), "chair", TODAY, TODAY + timedelta(days=1), by=by("security"), now=CLOCK
        ),
        lambda: services.add_seat(1, "committee", "stranger", "", TODAY, None, by=by("security"), now=CLOCK),
    ):
        with pytest.raises(NotFound):
            work()
    assert queries.person(1, "stranger", TODAY, CLOCK) is None
    assert "stranger" not in {line.account for line in queries.people(1, TODAY, CLOCK)[0]}
    assert {line.account for line in queries.people(other, TODAY, CLOCK)[0]} == {"stranger"}


@pytest.mark.parametrize(
    ("client", "path"),
    [
        ("admin", "/accounts/persons/read/stranger"),
        ("auditor", "/accounts/persons/read/nobody"),
        ("admin", "/accounts/accounts/reset/stranger"),
        ("admin", "/accounts/accounts/lock/stranger"),
        ("security", "/accounts/grants/give/stranger"),
        ("security", "/accounts/totp/reset/stranger"),
        ("security", "/accounts/grants/revoke/999"),
        ("security", "/accounts/seats/end/committee/99"),
        ("security", "/accounts/seats/add/nothing"),
    ],
)
def test_the_pages_of_another_alliance_are_not_found(
    app: Flask, client_as: Callable[[str], Client], client: str, path: str
) -> None:
    with app.app_context():
        elsewhere()
    answer = client_as(client).get(path)
    assert answer.status_code == 404
    assert "外人" not in answer.get_data(as_text=True)


def test_people_are_found_by_name_account_employer_and_role(inside: Flask) -> None:
    def found(**how: str) -> list[str]:
        return [line.account for line in queries.people(1, TODAY, CLOCK, **how)[0]]

    assert found(search="C1.") == ["c1.lead", "c1.quality", "c1.reporter"]
    assert found(search="甲chair") == ["chair"]
    assert found(search="%") == []
    assert found(employer="H2", role="committee") == ["judge"]
    assert "chair" in found(employer="-")
    assert found(role="auditor") == ["auditor"]
    assert len(queries.people(1, TODAY, CLOCK, start=3, count=5)[0]) == 5
    assert queries.people(1, TODAY, CLOCK, start=900)[1] == len(found())


def test_a_person_is_invited_and_given_a_role_on_pages(app: Flask, client_as: Callable[[str], Client]) -> None:
    answer = client_as("admin").send(
        "/accounts/accounts/invite", account="New.One", name_zh="新人", name_en="", employer="C2", once="i1"
    )
    link = re.search(r"/accounts/passwords/set/([\w-]+)", answer.get_data(as_text=True))
    assert link
    page = client_as("admin").get("/accounts/persons/read/new.one").get_data(as_text=True)
    assert link[1] not in page
    stranger = client_as("")
    answer = stranger.send(link[0], password=NEW, password_again="other")
    assert answer.status_code == 422
    assert stranger.send(link[0], password=NEW, password_again=NEW).status_code == 302
    assert stranger.get(link[0]).status_code == 404
    security = client_as("security")
    form = {"role": "reporter", "institution": "", "start": TODAY.isoformat(), "last": ""}
    assert security.send("/accounts/grants/give/new.one", **form).status_code == 422
    form["institution"] = "C2"
    assert security.send("/accounts/grants/give/new.one", **form).status_code == 302
    form["start"] = "2026-05-09"
    assert "该日期已过" in security.send("/accounts/grants/give/new.one", **form).get_data(as_text=True)
    client = client_as("")
    data = {"account": "new.one", "password": NEW}
    assert client.send("/accounts/sessions/open", **data).location == "/"
    assert client.get("/").status_code == 200


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/accounts/persons/list?page=99999999999999999999999", 200),
        ("/accounts/persons/list?page=-4&employer=nowhere&role=none", 200),
        ("/accounts/persons/list?search=%00", 400),
        ("/accounts/persons/read/a%00b", 302),
        ("/accounts/persons/read/%F0%9F%98%80", 404),
        ("/accounts/grants/revoke/99999999999999999999999", 404),
        ("/accounts/deputies/name/99999999999999999999999", 404),
    ],
)
def test_addresses_that_nobody_types_break_nothing(client_as: Callable[[str], Client], path: str, status: int) -> None:
    assert client_as("security").get(path).status_code == status


def test_a_sign_in_with_a_nul_is_no_fault(client_as: Callable[[str], Client]) -> None:
    assert client_as("").send("/accounts/sessions/open", account="a\0b", password="x\0y").status_code == 400


def test_an_invitation_sent_twice_makes_one_account_and_no_second_link(client_as: Callable[[str], Client]) -> None:
    admin = client_as("admin")
    data = {"account": "twice", "name_zh": "两次", "employer": "", "once": "same"}
    assert admin.send("/accounts/accounts/invite", **data).status_code == 200
    again = admin.send("/accounts/accounts/invite", **data)
    assert again.status_code == 302
    assert "passwords/set" not in again.get_data(as_text=True)


def test_without_a_role_one_has_ones_own_account_and_nothing_else(
    app: Flask, client_as: Callable[[str], Client]
) -> None:
    with app.app_context():
        services.set_password(invite(), PASSWORD, now=CLOCK)
    guest = client_as("")
    assert (
        guest.send("/accounts/sessions/open", account="guest", password=PASSWORD).location == "/accounts/accounts/read"
    )
    assert guest.get("/").status_code == 403
    assert guest.get("/accounts/accounts/read").status_code == 200
    assert guest.get("/accounts/passwords/change").status_code == 200
    assert guest.get("/accounts/persons/list").status_code == 403
    assert guest.send("/accounts/sessions/close").status_code == 302


def test_ones_other_sessions_end_and_ones_own_goes_on(client_as: Callable[[str], Client]) -> None:
    here, there = client_as("office"), client_as("office")
    assert "结束其他会话" in here.get("/accounts/accounts/read").get_data(as_text=True)
    here.send("/accounts/others/close")
    assert there.get("/").status_code == 302
    assert here.get("/").status_code == 200


def test_changing_the_password_asks_the_old_one_and_ends_other_sessions(client_as: Callable[[str], Client]) -> None:
    here, there = client_as("office"), client_as("office")
    form = {"password_old": "wrong", "password": NEW, "password_again": NEW}
    assert "原密码错误" in here.send("/accounts/passwords/change", **form).get_data(as_text=True)
    form["password_old"] = PASSWORD
    assert here.send("/accounts/passwords/change", **form | {"password_again": "x"}).status_code == 422
    assert here.send("/accounts/passwords/change", **form).status_code == 302
    assert here.get("/").status_code == 200
    assert there.get("/").status_code == 302


def test_a_role_is_held_for_a_department_of_a_member(inside: Flask) -> None:
    def head(place: str, department: str, role: str = "department_head") -> int:
        given = ("h2.lead", role, 1, place, TODAY, None)
        return services.give_grant(*given, department=department, by=by("security"), now=CLOCK)

    for place, department, said in (
        ("H1", "", "choose the department"),
        ("", "D1", "choose the member"),
        ("H1", "D9", "has no department D9"),
        ("H2", "D1", "has no department D1"),
    ):
        with pytest.raises(Refused, match=said):
            head(place, department)
    with pytest.raises(Refused, match="not held for a department"):
        head("H1", "D1", role="personnel")
    first = head("H1", "D1")
    with pytest.raises(Refused, match="already"):
        head("H1", "D1")
    head("H1", "D2")
    deputy = services.name_deputy(1, first, "c2.lead", TODAY, TODAY + timedelta(days=3), by=by("security"), now=CLOCK)
    line = queries.grant_line(1, deputy, TODAY)
    assert line
    assert (line.grant.institution, line.grant.department, line.grant.role) == ("H1", "D1", "department_head")
    services.revoke_grant(1, first, TODAY, "moved", by=by("security"), now=CLOCK)
    ended = queries.grant_line(1, deputy, TODAY)
    assert ended
    assert ended.state == "past"


def test_a_head_of_department_does_not_read_the_figures_of_the_hospital() -> None:
    held = [Grant("department_head", 1, "H1", department="D1"), Grant("personnel", 1, "H2"), Grant("reporter", 1, "C1")]
    scope = scope_of("somebody", "H1", held, 1)
    assert (scope.institutions, scope.own) == (frozenset({"C1"}), frozenset({"C1"}))
    assert (scope.inside, scope.departments) == (frozenset({"H2", "C1"}), frozenset({("H1", "D1")}))
    assert not may(held, Act.MEMBERS_DEPARTMENT_READ, institution="H1")
    assert may(held, Act.MEMBERS_DEPARTMENT_DEFINE, institution="H2")
    assert not may(held, Act.MEMBERS_DEPARTMENT_DEFINE, institution="C1")


def test_the_form_of_a_role_shows_the_departments_of_the_member_chosen(client_as: Callable[[str], Client]) -> None:
    client = client_as("security")
    path = "/accounts/grants/give/h2.lead"
    assert "检验科" not in client.get(path).get_data(as_text=True)
    given = {"role": "department_head", "institution": "H1", "start": TODAY.isoformat()}
    shown = client.send(path, **given, show="1")
    assert (shown.status_code, "检验科" in shown.get_data(as_text=True)) == (200, True)
    assert "请选择科室" in client.send(path, **given).get_data(as_text=True)
    assert client.send(path, **given, department="D2").status_code == 302
    assert "检验科" in client.get("/accounts/persons/read/h2.lead").get_data(as_text=True)
