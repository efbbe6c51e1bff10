"""Mails against a real server: each arrives once, right in both languages, whatever happens to server and worker."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from flask import Flask

from alliance import letters
from alliance.accounts import queries as accounts
from alliance.accounts import services as account_services
from alliance.accounts.rules.mailboxes import ASKS, leave_token, read_leave
from alliance.bulletins import services as bulletins
from alliance.core.refused import NotFound, Refused
from alliance.db import transaction
from alliance.evaluation import services as evaluation
from alliance.indicators import services as indicators
from alliance.mail import Letter, message
from alliance.post import queries, services
from alliance.post.rules import KEPT, PAUSES, TRIES, pause
from tests.conftest import Client
from tests.small import CLOCK, PASSWORD, at, by, decide, entry, readings
from tests.smtp import Box, free_port, running, settings

PORT = free_port()
ADDRESS = "https://portal.example"
LATER = CLOCK + timedelta(minutes=1)


@pytest.fixture
def posted(app: Flask) -> Flask:
    """The small alliance with a mail server named in its settings."""
    app.config["ALLIANCE"] = replace(app.config["ALLIANCE"], smtp=settings(PORT), address=ADDRESS)
    return app


@pytest.fixture
def box() -> Box:
    return Box()


def key(app: Flask) -> str:
    return str(app.secret_key)


def give_address(app: Flask, account: str, *, tasks: bool = True, bulletins: bool = True) -> str:
    """An address that the person has confirmed by the link that was sent there."""
    address, arrived = f"{account}@clinic.example", Box()
    account_services.set_mailbox(1, address, tasks, bulletins, key(app), by=by(account), now=CLOCK)
    with running(arrived, PORT):
        letters.send_mails(CLOCK)
    account_services.confirm_mailbox(link_in(arrived, "/mailboxes/confirm/"), now=CLOCK)
    return address


def link_in(box: Box, way: str) -> str:
    text = box.mails[-1].get_content()
    found = re.search(re.escape(f"{ADDRESS}/accounts{way}") + r"(\S+)", text)
    assert found, text
    return found[1]


def remind(*who: str) -> None:
    indicators.send_reminder(1, "2026-04", who, "0", by=by("office"), now=CLOCK)


def states() -> list[tuple[str, str]]:
    return [(one.account, one.state) for one in queries.mails(1)][::-1]


def speak(account: str, language: str) -> None:
    account_services.choose_language(account, language, by=by(account), now=CLOCK)


def test_a_reminder_reaches_reporter_and_lead_in_the_language_of_each(posted: Flask, box: Box) -> None:
    with posted.app_context():
        for account in ("c1.reporter", "c1.lead", "c2.reporter"):
            give_address(posted, account)
        speak("c1.lead", "en")
        remind("C1")
        with running(box, PORT):
            letters.send_mails(LATER)
            letters.send_mails(LATER)
        mails = {str(mail["To"]): mail for mail in box.mails}
        assert len(box.mails) == len(mails) == 2
        zh, en = mails["c1.reporter@clinic.example"], mails["c1.lead@clinic.example"]
        assert zh["Subject"] == "提醒：2026年4月的数据尚未提交"
        assert en["Subject"] == "Reminder: the values of April 2026 are not submitted yet"
        assert "C1医院2026年4月" in zh.get_content()
        assert "Hospital C1" in en.get_content()
        assert zh["From"].addresses[0].display_name == "小医联体"
        assert zh["From"].addresses[0].addr_spec == "portal@alliance.example"
        assert f"{ADDRESS}/indicators/submissions/read/2026-04/C1" in zh.get_content()
        assert zh["Content-Language"] == "zh-Hans-CN"
        assert zh["Auto-Submitted"] == "auto-generated"
        assert zh.get_content_type() == "text/plain"


def test_a_mail_holds_no_name_of_a_person_no_figure_and_no_address_in_the_outbox(posted: Flask, box: Box) -> None:
    with posted.app_context():
        give_address(posted, "c1.reporter")
        remind("C1")
        with running(box, PORT):
            letters.send_mails(LATER)
        text = box.mails[0].get_content()
        assert "甲c1.reporter" not in text
        assert not re.search(r"\d", re.sub(r"https://\S+|2026年4月|C1", "", text)), text
        (mail,) = queries.mails(1)[:1]
        assert "@" not in repr(mail)


def test_a_mail_is_queued_only_if_its_verb_is_done(posted: Flask) -> None:
    with posted.app_context():
        give_address(posted, "c1.reporter")
        before = len(states())
        with pytest.raises(RuntimeError, match="falls"):
            queue_and_fall()
        assert len(states()) == before


def queue_and_fall() -> None:
    with transaction() as session:
        subject = "submission:C1/2026-04"
        services.queue_mail(session, "reminder", ["c1.reporter"], subject, {}, alliance=1, now=CLOCK)
        raise RuntimeError("the verb falls")


def test_the_same_occasion_mails_once(posted: Flask, box: Box) -> None:
    with posted.app_context():
        give_address(posted, "c1.reporter")
        remind("C1")
        remind("C1")
        with running(box, PORT):
            letters.send_mails(LATER)
        assert len(box.mails) == 1


def test_a_returned_value_is_mailed_to_the_reporter(posted: Flask, box: Box) -> None:
    with posted.app_context():
        for account in ("c1.reporter", "c1.lead", "c2.reporter"):
            give_address(posted, account)
        file_april()
        reasons = {"E1": "与登记台帐不一致，请核对"}
        indicators.return_submission(1, "2026-04", "C1", reasons, by=by("office2"), now=CLOCK)
        with running(box, PORT):
            letters.send_mails(LATER)
        (mail,) = box.mails
        assert str(mail["To"]) == "c1.reporter@clinic.example"
        assert mail["Subject"] == "2026年4月有数据被退回"
        assert "台帐" not in mail.get_content()


def file_april() -> None:
    entries = {element: (entry(value), 0) for element, value in readings("C1", "2026-04").items()}
    indicators.file_reading(1, "2026-04", "C1", entries, "monthly report", by=by("c1.reporter"), now=at(6, 5))
    indicators.sign_submission(1, "2026-04", ["C1"], by=by("c1.lead"), now=at(6, 5))
    indicators.submit_submission(1, "2026-04", ["C1"], by=by("c1.lead"), now=at(6, 5, 3))


def test_an_issued_bulletin_is_mailed_to_those_who_subscribe_and_may_read_it(posted: Flask, box: Box) -> None:
    with posted.app_context():
        for account, wants in (("c1.lead", True), ("c2.lead", False), ("auditor", True), ("regulator", True)):
            give_address(posted, account, bulletins=wants)
        evaluation.compute_run(1, "2026Q1", by=by("office"), now=at(20))
        number = bulletins.compose_bulletin(1, "2026Q1", "开头", by=by("office"), now=at(23))
        decide(1, "2026-020", f"bulletin:{number}", at(24))
        bulletins.decide_bulletin(1, number, decision="2026-020", by=by("chair"), now=at(24))
        assert [kind for kind in kinds() if kind != "address"] == []
        bulletins.issue_bulletin(1, number, {"zh": b"%PDF-1"}, by=by("office2"), now=at(25))
        with running(box, PORT):
            letters.send_mails(LATER)
        assert sorted(str(mail["To"]).partition("@")[0] for mail in box.mails) == ["c1.lead", "regulator"]
        assert {mail["Subject"] for mail in box.mails} == {f"简报{number}已发布：2026年第1季度"}
        text = box.mails[0].get_content()
        assert f"{ADDRESS}/bulletins/bulletins/read/{number}" in text
        assert not [part for part in box.mails[0].walk() if part.get_filename()]


def kinds() -> list[str]:
    return [one.kind for one in queries.mails(1)]


def test_a_receiver_who_is_refused_for_good_is_not_tried_again_until_somebody_says_so(posted: Flask, box: Box) -> None:
    with posted.app_context():
        address = give_address(posted, "c1.reporter")
        give_address(posted, "c1.lead")
        remind("C1")
        box.answers[address] = f"550 5.1.1 <{address}> unknown"
        with running(box, PORT):
            for minutes in (1, 30, 60, 24 * 60):
                letters.send_mails(CLOCK + timedelta(minutes=minutes))
            assert box.tries.count(address) == 1
            assert len(box.mails) == 1
            failed = [one for one in queries.mails(1) if one.state == "failed"]
            assert [one.account for one in failed] == ["c1.reporter"]
            assert failed[0].error == "550 5.1.1 <…> unknown"
            box.answers.clear()
            assert services.resend_mail(1, [failed[0].id], by=by("admin"), now=LATER) == 1
            letters.send_mails(LATER)
        assert len(box.mails) == 2
        assert str(box.mails[-1]["To"]) == address
        assert box.mails[-1]["Message-ID"] == f"<{failed[0].number}@alliance.example>"
        assert services.resend_mail(1, [failed[0].id], by=by("admin"), now=LATER) == 0


def test_a_receiver_who_is_put_off_is_tried_with_growing_pauses_and_at_last_given_up(posted: Flask, box: Box) -> None:
    with posted.app_context():
        address = give_address(posted, "c1.reporter")
        remind("C1")
        box.answers[address] = "451 4.7.1 try later"
        gaps, now = [], CLOCK
        with running(box, PORT):
            while queries.mails(1)[0].state == "waiting":
                letters.send_mails(now - timedelta(seconds=1))
                letters.send_mails(now)
                gaps.append(queries.mails(1)[0].next_at - now)
                now = queries.mails(1)[0].next_at
        assert len(gaps) == box.tries.count(address) == TRIES
        assert gaps == sorted(gaps)
        assert now - CLOCK > timedelta(hours=24)
        assert queries.mails(1)[0].state == "failed"
        assert queries.mails(1)[0].error == "451 4.7.1 try later"


def test_while_the_server_is_away_mails_wait_and_then_each_arrives_once(posted: Flask, box: Box) -> None:
    with posted.app_context():
        for account in ("c1.reporter", "c1.lead", "c2.reporter"):
            give_address(posted, account)
        remind("C1", "C2")
        for minute in (0, 1, 2, 4):
            letters.send_mails(CLOCK + timedelta(minutes=minute))
        assert {state for _, state in states()[-3:]} == {"waiting"}
        trouble = queries.last_error()
        assert trouble is not None
        assert trouble.queued_at == CLOCK
        assert "ConnectionRefusedError" in trouble.error
        with running(box, PORT):
            for minute in (10, 11, 12, 60):
                letters.send_mails(CLOCK + timedelta(minutes=minute))
        assert sorted(str(mail["To"]) for mail in box.mails) == [
            "c1.lead@clinic.example", "c1.reporter@clinic.example", "c2.reporter@clinic.example",
        ]  # fmt: skip
        assert len({mail["Message-ID"] for mail in box.mails}) == 3
        assert queries.last_error() is None


def test_a_worker_killed_between_sending_and_noting_sends_the_same_message_again(
    posted: Flask, box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    with posted.app_context():
        give_address(posted, "c1.reporter")
        remind("C1")

        def killed(*_args: object, **_names: object) -> None:
            raise KeyboardInterrupt

        with running(box, PORT):
            with monkeypatch.context() as patch:
                patch.setattr(letters, "note_mail", killed)
                with pytest.raises(KeyboardInterrupt):
                    letters.send_mails(CLOCK)
            letters.send_mails(CLOCK + timedelta(seconds=30))
            assert len(box.mails) == 1
            letters.send_mails(CLOCK + pause(1))
            letters.send_mails(CLOCK + timedelta(days=1))
        first, second = box.mails
        assert first["Message-ID"] == second["Message-ID"]
        assert first["Date"] == second["Date"]
        assert first.get_content() == second.get_content()


def test_what_a_worker_has_taken_no_other_takes(posted: Flask) -> None:
    with posted.app_context():
        give_address(posted, "c1.reporter")
        remind("C1")
        assert services.take_mail(now=CLOCK)
        assert services.take_mail(now=CLOCK) is None


def test_a_mail_whose_last_try_nobody_noted_is_given_up(posted: Flask) -> None:
    with posted.app_context():
        give_address(posted, "c1.reporter")
        remind("C1")
        now = CLOCK
        for gap in PAUSES:
            assert services.take_mail(now=now)
            now += gap
        assert services.take_mail(now=now) is None
        assert queries.mails(1)[0].state == "failed"


def test_without_a_server_nothing_is_sent_and_nothing_waits(app: Flask) -> None:
    with app.app_context():
        account_services.set_mailbox(1, "a@clinic.example", True, True, key(app), by=by("c1.reporter"), now=CLOCK)
        letters.send_mails(CLOCK)
        assert states() == [("c1.reporter", "failed")]


def test_ended_mails_are_forgotten_after_ninety_days_and_waiting_ones_are_not(posted: Flask, box: Box) -> None:
    with posted.app_context():
        give_address(posted, "c1.reporter")
        remind("C1")
        assert services.forget_mails(now=CLOCK + KEPT) == 0
        assert services.forget_mails(now=CLOCK + KEPT + timedelta(seconds=1)) == 1
        assert states() == [("c1.reporter", "waiting")]


def test_nothing_is_sent_to_an_address_before_it_is_confirmed(posted: Flask, box: Box) -> None:
    with posted.app_context():
        account_services.set_mailbox(1, "a@clinic.example", True, True, key(posted), by=by("c1.reporter"), now=CLOCK)
        remind("C1")
        with running(box, PORT):
            letters.send_mails(LATER)
            assert [mail["Subject"] for mail in box.mails] == ["请确认您的电子邮箱"]
            secret = link_in(box, "/mailboxes/confirm/")
            with pytest.raises(NotFound):
                account_services.confirm_mailbox(secret, now=CLOCK + timedelta(days=7))
            account_services.confirm_mailbox(secret, now=LATER)
            with pytest.raises(NotFound):
                account_services.confirm_mailbox(secret, now=LATER)
            indicators.send_reminder(1, "2026-04", ["C1"], "-1", by=by("office"), now=LATER)
            letters.send_mails(LATER)
        assert len(box.mails) == 2


def test_a_link_for_an_address_that_was_changed_since_is_dropped(posted: Flask, box: Box) -> None:
    with posted.app_context():
        for address in ("wrong@clinic.example", "right@clinic.example"):
            account_services.set_mailbox(1, address, True, True, key(posted), by=by("c1.reporter"), now=CLOCK)
        with running(box, PORT):
            letters.send_mails(CLOCK)
        assert [str(mail["To"]) for mail in box.mails] == ["right@clinic.example"]
        assert states() == [("c1.reporter", "dropped"), ("c1.reporter", "sent")]


def test_nobody_floods_a_stranger_with_links(posted: Flask) -> None:
    with posted.app_context():

        def ask(number: int, now: datetime) -> None:
            account_services.set_mailbox(
                1, f"a{number}@clinic.example", True, True, key(posted), by=by("c1.reporter"), now=now
            )

        for number in range(ASKS):
            ask(number, CLOCK)
        with pytest.raises(Refused, match="tomorrow"):
            ask(9, CLOCK)
        ask(9, CLOCK + timedelta(days=1))


@pytest.mark.parametrize("wrong", ["name", "a@b@c", "a b@c.example", "a@c.example\nBcc: x@y.example", "钱@c.example"])
def test_what_is_no_address_is_refused(posted: Flask, wrong: str) -> None:
    with posted.app_context(), pytest.raises(Refused, match="no e-mail address"):
        account_services.set_mailbox(1, wrong, True, True, key(posted), by=by("c1.reporter"), now=CLOCK)


def test_whoever_does_not_subscribe_or_takes_the_address_back_gets_nothing(posted: Flask, box: Box) -> None:
    with posted.app_context():
        give_address(posted, "c1.reporter", tasks=False)
        give_address(posted, "c1.lead")
        remind("C1")
        account_services.set_mailbox(1, "", True, True, key(posted), by=by("c1.lead"), now=CLOCK)
        with running(box, PORT):
            letters.send_mails(LATER)
        assert box.mails == []
        assert states()[-1] == ("c1.lead", "dropped")


def test_an_invitation_is_mailed_and_its_link_confirms_the_address(posted: Flask, box: Box) -> None:
    with posted.app_context():
        shown = account_services.invite_account(
            1, "guest", "客人", "Guest", "C2", "guest@clinic.example", key(posted), by=by("admin"), now=CLOCK
        )
        with running(box, PORT):
            letters.send_mails(CLOCK)
        mailed = link_in(box, "/passwords/set/")
        assert mailed != shown
        assert accounts.account_of_link(mailed, CLOCK) == accounts.account_of_link(shown, CLOCK) == "guest"
        account_services.set_password(mailed, PASSWORD, now=CLOCK)
        assert accounts.account_of_link(shown, CLOCK) is None
        found = accounts.mailbox("guest")
        assert found
        assert (found.address, found.pending) == ("guest@clinic.example", "")
        account_services.reset_account(1, "guest", key(posted), by=by("admin"), now=CLOCK)
        with running(box, PORT):
            letters.send_mails(CLOCK)
        assert box.mails[-1]["Subject"] == "请设置新密码"
        assert account_services.set_password(link_in(box, "/passwords/set/"), PASSWORD, now=CLOCK) == "guest"


def test_the_link_that_is_shown_confirms_no_address(posted: Flask) -> None:
    with posted.app_context():
        shown = account_services.invite_account(
            1, "guest", "客人", "Guest", "C2", "guest@clinic.example", key(posted), by=by("admin"), now=CLOCK
        )
        account_services.set_password(shown, PASSWORD, now=CLOCK)
        found = accounts.mailbox("guest")
        assert found
        assert found.address == ""


def test_the_link_of_an_invitation_that_was_used_is_not_mailed(posted: Flask, box: Box) -> None:
    with posted.app_context():
        shown = account_services.invite_account(
            1, "guest", "客人", "Guest", "C2", "guest@clinic.example", key(posted), by=by("admin"), now=CLOCK
        )
        account_services.set_password(shown, PASSWORD, now=CLOCK)
        with running(box, PORT):
            letters.send_mails(LATER)
        assert box.mails == []
        assert states() == [("guest", "dropped")]


def test_a_subscription_ends_by_the_link_of_a_mail_without_signing_in(
    posted: Flask, box: Box, client_as: Callable[[str], Client]
) -> None:
    with posted.app_context():
        give_address(posted, "c1.reporter")
        remind("C1")
        with running(box, PORT):
            letters.send_mails(LATER)
        (mail,) = box.mails
        assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        leave = str(mail["List-Unsubscribe"]).strip("<>").removeprefix(ADDRESS)
        assert leave in mail.get_content()
    stranger = client_as("")
    page = stranger.get(leave)
    assert "不再接收任务邮件" in page.get_data(as_text=True)
    with posted.app_context():
        assert accounts.reached(["c1.reporter"], "tasks") == ["c1.reporter"]
    assert posted.test_client().post(leave, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    with posted.app_context():
        assert accounts.reached(["c1.reporter"], "tasks") == []
        assert accounts.reached(["c1.reporter"], "bulletins") == ["c1.reporter"]
    assert stranger.post(leave).status_code == 200
    assert stranger.post(leave[:-1] + ("0" if leave[-1] != "0" else "1")).status_code == 404


def test_the_token_that_ends_a_subscription_is_good_for_one_person_and_topic() -> None:
    token = leave_token("k" * 40, 7, "bulletins")
    assert read_leave("k" * 40, token) == (7, "bulletins")
    for wrong in (token.replace("7-", "8-", 1), token.replace("bulletins", "tasks"), token + "0", "", "7-bulletins-"):
        assert read_leave("k" * 40, wrong) is None
    assert read_leave("j" * 40, token) is None


def test_a_header_holds_one_line_whatever_stands_in_a_name() -> None:
    letter = Letter("n1", "a@clinic.example", "医联体\r\nBcc: x@y.example", "题\n目", "文", "zh-Hans-CN", CLOCK)
    raw = message(letter, "portal@alliance.example").as_bytes()
    assert b"\nBcc:" not in raw
    raw.decode("ascii")


def test_ones_own_page_and_the_list_of_mails(posted: Flask, box: Box, client_as: Callable[[str], Client]) -> None:
    client = client_as("c1.reporter")
    form = {"address": "r@clinic.example", "tasks": "y", "bulletins": "y"}
    assert client.send("/accounts/mailboxes/set", **form).status_code == 302
    assert "r@clinic.example" in client.get("/accounts/accounts/read").get_data(as_text=True)
    assert client.send("/accounts/mailboxes/set", **form | {"address": "nonsense"}).status_code == 422
    box.answers["r@clinic.example"] = "550 no such user"
    with posted.app_context(), running(box, PORT):
        letters.send_mails(LATER)
    admin = client_as("admin")
    page = admin.get("/post/mails/list?state=failed").get_data(as_text=True)
    assert "550 no such user" in page
    assert "@" not in page
    assert admin.send("/post/mails/resend").status_code == 302
    box.answers.clear()
    with posted.app_context(), running(box, PORT):
        letters.send_mails(LATER)
    secret = link_in(box, "/mailboxes/confirm/")
    stranger = client_as("")
    assert "r@clinic.example" in stranger.get(f"/accounts/mailboxes/confirm/{secret}").get_data(as_text=True)
    assert stranger.send(f"/accounts/mailboxes/confirm/{secret}").status_code == 200
    assert stranger.get(f"/accounts/mailboxes/confirm/{secret}").status_code == 404
    with posted.app_context():
        assert accounts.reached(["c1.reporter"]) == ["c1.reporter"]
    person = admin.get("/accounts/persons/read/c1.reporter").get_data(as_text=True)
    assert "r@clinic.example" in person
    assert "r@clinic.example" not in client_as("security").get("/accounts/persons/read/c1.reporter").get_data(
        as_text=True
    )


def test_without_a_server_the_pages_say_that_no_mail_is_sent(client_as: Callable[[str], Client]) -> None:
    for account, path in (
        ("c1.reporter", "/accounts/accounts/read"),
        ("c1.reporter", "/accounts/mailboxes/set"),
        ("admin", "/post/mails/list"),
    ):
        assert "本平台不发送电子邮件" in client_as(account).get(path).get_data(as_text=True)
    assert 'name="address"' not in client_as("admin").get("/accounts/accounts/invite").get_data(as_text=True)
