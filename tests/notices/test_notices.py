"""Notices: who must read them, who has, what ends them, and what a page shows to whom."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from flask import Flask

from alliance import letters
from alliance.accounts import services as account_services
from alliance.audit.queries import events_on
from alliance.core.period import end_of
from alliance.core.refused import NotFound, Refused
from alliance.core.roles import Grant, Scope
from alliance.desk.queries import tasks
from alliance.notices import queries, services
from alliance.notices.rules import Draft, concerns
from alliance.store import Store
from tests.conftest import Client
from tests.small import CLOCK, by
from tests.smtp import Box, free_port, running, settings

TODAY = CLOCK.date()
DRAFT = Draft(
    "关于核对三月数据的通知", "", "请各单位核对。", "", ("reporter", "member_lead"), (), end_of(date(2026, 5, 15))
)
OFFICE = Scope(1, "office", "H1", frozenset({"office"}), None)
PDF = b"%PDF-1.7\n1 0 obj\n<< >>\nendobj\ntrailer\n<< >>\n%%EOF\n"


def member(account: str) -> Scope:
    code = account[:2].upper()
    role = "reporter" if account.endswith("reporter") else "member_lead"
    return Scope(1, account, code, frozenset({role}), frozenset({code}), frozenset({code}))


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "notices", lambda: CLOCK)


def publish(store: Store, draft: Draft = DRAFT, *, replaces: str = "", file: tuple[str, bytes] | None = None) -> str:
    return services.publish_notice(1, draft, file, store, replaces, by=by("office"), now=CLOCK)


def read(number: str, account: str) -> None:
    services.acknowledge_notice(1, number, by=by(account), now=CLOCK)


def standing(number: str) -> dict[str, bool]:
    found = queries.notice(OFFICE, number, TODAY)
    assert found
    return {one.account: one.read_at is not None for one in queries.readers(1, found, TODAY)}


def test_a_notice_is_a_task_of_those_it_concerns_until_they_confirm_it(inside: Flask, store: Store) -> None:
    number = publish(store, replace(DRAFT, roles=("reporter",), institutions=("C1", "C2")))
    assert number == "2026-001"
    assert standing(number) == {"c1.reporter": False, "c2.reporter": False}
    mine = [one for one in tasks(member("c1.reporter"), CLOCK) if one.what == "read_notice"]
    assert [(one.subject, one.due) for one in mine] == [(number, DRAFT.due_at)]
    assert [one for one in tasks(member("c3.reporter"), CLOCK) if one.what == "read_notice"] == []
    read(number, "c1.reporter")
    assert [one for one in tasks(member("c1.reporter"), CLOCK) if one.what == "read_notice"] == []
    assert standing(number) == {"c1.reporter": True, "c2.reporter": False}
    with pytest.raises(Refused, match="already"):
        read(number, "c1.reporter")
    with pytest.raises(NotFound):
        read(number, "c3.reporter")


@pytest.mark.parametrize(
    ("roles", "institutions", "grant", "due"),
    [
        (("reporter",), (), Grant("reporter", 1, "C1"), True),
        (("reporter",), ("C2",), Grant("reporter", 1, "C1"), False),
        (("office", "reporter"), ("C1",), Grant("office", 1), False),
        (("office",), (), Grant("office", 1), True),
        (("member_lead",), (), Grant("reporter", 1, "C1"), False),
    ],
)
def test_whom_a_notice_concerns(roles: tuple[str, ...], institutions: tuple[str, ...], grant: Grant, due: bool) -> None:
    assert concerns(roles, institutions, grant) is due


def test_who_takes_up_a_role_later_has_to_read_it_and_who_has_read_it_stays_in_the_list(
    inside: Flask, store: Store
) -> None:
    number = publish(store, replace(DRAFT, institutions=("C1",)))
    read(number, "c1.lead")
    account_services.invite_account(1, "newcomer", "新人", "New", "C1", by=by("admin"), now=CLOCK)
    account_services.give_grant("newcomer", "reporter", 1, "C1", TODAY, None, by=by("security"), now=CLOCK)
    account_services.lock_account(1, "c1.reporter", "left", by=by("admin"), now=CLOCK)
    account_services.lock_account(1, "c1.lead", "left", by=by("admin"), now=CLOCK)
    assert standing(number) == {"newcomer": False, "c1.lead": True}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"title_zh": "", "text_zh": ""}, "one language at least"),
        ({"title_en": "Only a title"}, "a title and a text"),
        ({"roles": ()}, "whose role"),
        ({"roles": ("nobody",)}, "whose role"),
        ({"roles": ("office",), "institutions": ("C1",)}, "belong to no member"),
        ({"due_at": CLOCK}, "passed"),
        ({"roles": ("auditor",), "institutions": ()}, ""),
    ],
)
def test_a_notice_that_makes_no_sense_is_refused(
    inside: Flask, store: Store, change: dict[str, object], said: str
) -> None:
    draft = replace(DRAFT, **change)  # type: ignore[arg-type]
    if said:
        with pytest.raises(Refused, match=said):
            publish(store, draft)
        assert queries.notices(OFFICE, TODAY) == []
    else:
        assert publish(store, draft)


def test_a_notice_for_nobody_is_refused_and_leaves_nothing(inside: Flask, store: Store) -> None:
    account_services.lock_account(1, "c1.quality", "left", by=by("admin"), now=CLOCK)
    with pytest.raises(Refused, match="concern nobody"):
        publish(store, replace(DRAFT, roles=("quality_officer",)))
    assert queries.notices(OFFICE, TODAY) == []
    with pytest.raises(NotFound):
        publish(store, replace(DRAFT, institutions=("C9",)))


def test_a_notice_is_never_edited_but_replaced_or_withdrawn(inside: Flask, store: Store) -> None:
    first = publish(store)
    read(first, "c1.reporter")
    second = publish(store, replace(DRAFT, text_zh="请各单位核对并更正。"), replaces=first)
    old = queries.notice(OFFICE, first, TODAY)
    assert old
    assert (old.holds, old.replaced_by, old.text.zh) == (False, second, "请各单位核对。")
    assert standing(second)["c1.reporter"] is False
    waiting = queries.waiting(1, "c1.reporter", TODAY)
    assert [one.number for one in waiting] == [second]
    for again in (
        lambda: read(first, "c2.reporter"),
        lambda: publish(store, replaces=first),
        lambda: services.withdraw_notice(1, first, "错误", by=by("office"), now=CLOCK),
        lambda: services.remind_notice(1, first, by=by("office"), now=CLOCK),
    ):
        with pytest.raises(Refused, match="no longer valid"):
            again()
    services.withdraw_notice(1, second, "日期有误", by=by("office"), now=CLOCK)
    assert queries.waiting(1, "c1.reporter", TODAY) == []
    assert standing(first)["c1.reporter"] is True


def test_every_step_is_an_event(inside: Flask, store: Store) -> None:
    number = publish(store, file=("附件.pdf", PDF))
    read(number, "c1.reporter")
    services.remind_notice(1, number, by=by("office"), now=CLOCK)
    services.withdraw_notice(1, number, "日期有误", by=by("office"), now=CLOCK)
    found = events_on(1, [f"notice:{number}"])
    assert [one.act.rpartition(":")[2] for one in found] == ["publish", "acknowledge", "remind", "withdraw"]


def test_a_reminder_goes_to_those_who_have_not_read_it_once_an_hour(app: Flask, store: Store) -> None:
    port, box = free_port(), Box()
    app.config["ALLIANCE"] = replace(app.config["ALLIANCE"], smtp=settings(port), address="https://portal.example")
    with app.app_context():
        for account in ("c1.reporter", "c1.lead"):
            key = str(app.secret_key)
            # Mails about tasks are not wanted; a notice that must be read comes all the same.
            account_services.set_mailbox(1, f"{account}@clinic.example", False, False, key, by=by(account), now=CLOCK)
        with running(box, port):
            letters.send_mails(CLOCK)
        for mail in box.mails:
            secret = mail.get_content().partition("/mailboxes/confirm/")[2].split()[0]
            account_services.confirm_mailbox(secret, now=CLOCK)
        box.mails.clear()
        number = publish(store)
        read(number, "c1.lead")
        assert services.remind_notice(1, number, by=by("office"), now=CLOCK) == 9
        with pytest.raises(Refused, match="hour"):
            services.remind_notice(1, number, by=by("office"), now=CLOCK + timedelta(minutes=59))
        with running(box, port):
            letters.send_mails(CLOCK)
        assert sorted(str(mail["To"]).partition("@")[0] for mail in box.mails) == [
            "c1.lead", "c1.reporter", "c1.reporter",
        ]  # fmt: skip
        for mail in box.mails:
            assert mail["Subject"] == f"通知{number}：请阅读并确认"
            assert "2026-05-15 24:00" in mail.get_content()
            assert "核对" not in mail.get_content()
            assert mail["List-Unsubscribe"] is None


def test_when_everybody_has_read_it_nobody_is_reminded(inside: Flask, store: Store) -> None:
    number = publish(store, replace(DRAFT, roles=("quality_officer",)))
    read(number, "c1.quality")
    with pytest.raises(Refused, match="Everybody"):
        services.remind_notice(1, number, by=by("office"), now=CLOCK)


def test_the_file_is_what_it_says_and_stays_while_a_notice_names_it(inside: Flask, store: Store) -> None:
    for name, content, said in (
        ("附件.pdf", b"", "empty"),
        ("附件.pdf", b"MZ\x90\x00", "附件"),
        ("附件.png", PDF, "PDF"),
    ):
        with pytest.raises(Refused, match=said):
            publish(store, file=(name, content))
    number = publish(store, file=("C:\\桌面\\附件.pdf", PDF))
    found = queries.notice(OFFICE, number, TODAY)
    assert found
    assert found.file
    assert (found.file.name, found.file.media) == ("附件.pdf", "application/pdf")
    store.keep(b"of a verb that was refused")
    assert services.clear_notices(store, now=CLOCK + timedelta(days=2)) == 1
    assert store.read(found.file.sha256) == PDF


def test_what_a_notice_concerns_nobody_else_is_not_found(
    client_as: Callable[[str], Client], app: Flask, store: Store
) -> None:
    with app.app_context():
        number = publish(store, replace(DRAFT, institutions=("C1",)))
    for account, status in (
        ("c1.reporter", 200), ("c1.lead", 200), ("c2.reporter", 404), ("c1.quality", 404), ("office2", 200),
        ("regulator", 200), ("admin", 404),
    ):  # fmt: skip
        client = client_as(account)
        assert client.get(f"/notices/notices/read/{number}").status_code == status, account
        assert client.get(f"/notices/notices/download/{number}").status_code == 404
        listed = client.get("/notices/notices/list").get_data(as_text=True)
        assert ("核对三月数据" in listed) is (status == 200), account
    assert client_as("c2.reporter").send(f"/notices/notices/acknowledge/{number}").status_code == 404


def test_the_pages_from_publishing_to_the_list_of_readers(client_as: Callable[[str], Client]) -> None:
    office = client_as("office")
    assert office.get("/notices/notices/publish").status_code == 200
    form = {
        "title_zh": "关于填报的通知",
        "text_zh": "第一段\n\n<b>第二段</b>",
        "roles": ["reporter"],
        "last_day": "2026-05-20",
    }
    assert office.send("/notices/notices/publish", **form | {"last_day": ""}).status_code == 422
    answer = office.send("/notices/notices/publish", **form, file=(io.BytesIO(PDF), "附件.pdf"))
    assert answer.status_code == 302
    where = answer.location
    page = office.get(where).get_data(as_text=True)
    assert "5人中0人已阅" in page
    assert "<b>第二段" not in page
    clerk = client_as("c1.reporter")
    assert where in clerk.get("/").get_data(as_text=True)
    page = clerk.get(where).get_data(as_text=True)
    assert "我已阅读" in page
    assert "c2.reporter" not in page
    taken = clerk.get(where.replace("/read/", "/download/"))
    assert taken.data == PDF
    assert "attachment" in taken.headers["Content-Disposition"]
    assert clerk.send(where.replace("/read/", "/acknowledge/")).status_code == 302
    assert where not in clerk.get("/").get_data(as_text=True)
    assert "5人中1人已阅" in office.get(where).get_data(as_text=True)
    assert office.send(where.replace("/read/", "/remind/")).status_code == 302
    again = office.get(f"/notices/notices/publish?replaces={where.rpartition('/')[2]}").get_data(as_text=True)
    assert "第一段" in again
    withdraw = where.replace("/read/", "/withdraw/")
    assert office.get(withdraw).status_code == 200
    assert office.send(withdraw, reason="").status_code == 422
    assert office.send(withdraw, reason="内容有误").status_code == 302
    assert "内容有误" in clerk.get(where).get_data(as_text=True)
    assert "内容有误" not in client_as("c1.lead").get("/notices/notices/list").get_data(as_text=True)
