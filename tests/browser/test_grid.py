"""The page where values are filed, in a real browser: keyboard, paste, lost connection, two clerks, no script."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from flask_migrate import upgrade
from playwright.sync_api import Browser, Locator, Page, expect
from werkzeug.serving import make_server

from alliance.db import db
from alliance.indicators import queries, services
from tests.conftest import make
from tests.grid import COUNT, adopt
from tests.small import CLOCK, PASSWORD, at, build, by, entry

APRIL = "2026-04"
PATH = f"/indicators/readings/file/{APRIL}/C1"
PHONE = {"width": 390, "height": 844}
OFFICE = {"width": 1366, "height": 768}
PASTE = """([selector, text]) => {
  const data = new DataTransfer();
  data.setData("text/plain", text);
  const field = document.querySelector(selector);
  field.focus();
  field.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
}"""


@pytest.fixture(scope="module")
def filing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with a month of forty values to file."""
    folder = tmp_path_factory.mktemp("filing")
    app = make(f"sqlite:///{folder}/filing.sqlite3", folder)
    with app.app_context():
        upgrade()
        build()
        adopt()
        db.session.remove()
        db.engine.dispose()
    return folder / "filing.sqlite3"


@pytest.fixture
def app(filing: Path, tmp_path: Path) -> Iterator[Flask]:
    target = tmp_path / "filing.sqlite3"
    shutil.copyfile(filing, target)
    app = make(f"sqlite:///{target}", tmp_path)
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def portal(app: Flask) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()


@pytest.fixture
def clerk(browser: Browser, portal: str) -> Iterator[Callable[..., Page]]:
    """Opens the page as an account, in a browser of its own."""
    contexts = []

    def opened(account: str = "c1.reporter", **settings: Any) -> Page:
        context = browser.new_context(locale="zh-CN", timezone_id="Asia/Shanghai", viewport=OFFICE, **settings)
        contexts.append(context)
        page = context.new_page()
        page.goto(f"{portal}/accounts/sessions/open")
        page.fill("#account", account)
        page.fill("#password", PASSWORD)
        page.press("#password", "Enter")
        page.wait_for_url(f"{portal}/")
        page.goto(portal + PATH)
        return page

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture
def kept(app: Flask) -> Callable[[], dict[str, str]]:
    """What is in the database, by element."""

    def values() -> dict[str, str]:
        with app.app_context():
            found = {code: queries.value_text(one) for code, one in queries.readings(1, APRIL, "C1").items()}
            db.session.remove()
        return found

    return values


def state(page: Page, code: str) -> Locator:
    return page.locator(f"#state-{code}")


def saved(page: Page, *codes: str) -> None:
    for code in codes:
        expect(state(page, code)).to_have_attribute("data-state", "saved")


def clean(page: Page) -> None:
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
    found: Any = Axe().run(page, options={"runOnly": {"type": "tag", "values": tags}})
    assert [(one["id"], [node["target"] for node in one["nodes"]]) for one in found.response["violations"]] == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_a_month_is_filed_by_keyboard_alone(clerk: Callable[..., Page], kept: Callable[[], dict[str, str]]) -> None:
    page = clerk()
    page.focus("#value-E1")
    page.keyboard.type("12")
    page.keyboard.press("Enter")
    page.keyboard.type("9")
    page.keyboard.press("ArrowUp")
    page.keyboard.type("13")
    page.keyboard.press("ArrowDown")
    page.keyboard.type("100")
    page.keyboard.press("Tab")
    saved(page, "E1", "E2")
    expect(page.locator("#value-G001")).to_be_focused()
    assert kept() == {"E1": "13", "E2": "100"}
    expect(page.locator("[data-far]")).to_have_text(f"已填报 2／{COUNT} 项")
    # The browser's own undo works in the field where somebody types.
    page.keyboard.type("77")
    page.keyboard.press("Control+z")
    assert page.input_value("#value-G001") != "77"


def test_what_is_unusual_is_told_at_once_and_explained_in_its_place(
    clerk: Callable[..., Page], app: Flask, kept: Callable[[], dict[str, str]]
) -> None:
    page = clerk()
    page.fill("#value-G001", "700")
    page.press("#value-G001", "Enter")
    saved(page, "G001")
    expect(page.locator("[data-waits]")).to_be_visible()
    page.fill("#explain-G001", "太短")
    page.press("#explain-G001", "Tab")
    expect(page.locator("#explain-fault-G001")).to_be_visible()
    page.fill("#explain-G001", "本月新增一个服务点，人次随之上升。")
    page.press("#explain-G001", "Tab")
    expect(page.locator("#explain-state-G001")).to_contain_text("已说明")
    expect(page.locator("[data-waits]")).to_be_hidden()
    clean(page)
    # A rate out of its band is told at its values and explained at the last of them; a part may not exceed its whole.
    page.fill("#value-E1", "60")
    page.fill("#value-E2", "100")
    page.fill("#value-G002", "9")
    page.fill("#value-G003", "8")
    page.press("#value-G003", "Enter")
    saved(page, "E1", "E2", "G002", "G003")
    expect(page.locator("#remarks-E1 a[href='#explain-I1']")).to_be_visible()
    expect(page.locator("#remarks-E2 #explain-I1")).to_be_visible()
    expect(page.locator("[data-contradicts]")).to_be_visible()
    # Out of the hard bounds is refused, and stays in the field.
    page.fill("#value-G005", "-1")
    page.press("#value-G005", "Enter")
    expect(state(page, "G005")).to_have_attribute("data-state", "refused")
    expect(page.locator("#fault-G005")).to_be_visible()
    assert "G005" not in kept()
    page.click("[data-check]")
    expect(page.locator("#value-G005")).to_be_focused()
    clean(page)


def test_a_column_is_pasted_and_nothing_of_it_is_lost(
    clerk: Callable[..., Page], kept: Callable[[], dict[str, str]]
) -> None:
    page = clerk()
    page.evaluate(PASTE, ["#value-E1", "20\r\n200\r\n"])
    saved(page, "E1", "E2")
    # One that cannot be read does not keep the others from being saved.
    page.evaluate(PASTE, ["#value-G001", "1\r\nabc\r\n３\r\n"])
    saved(page, "G001", "G007")
    expect(state(page, "G004")).to_have_attribute("data-state", "refused")
    assert page.input_value("#value-G004") == "abc"
    page.evaluate(PASTE, ["#value-E1", "编码\t数值\r\ng010\t10\r\n随访人次\t50\r\nXX\t7\r\nG013\t1,300\r\n"])
    saved(page, "G010", "E3", "G013")
    report = page.locator("[data-paste]")
    expect(report).to_contain_text("XX 7")
    expect(report).to_contain_text("本表没有此项")
    assert kept() == {"E1": "20", "E2": "200", "G001": "1", "G007": "3", "G010": "10", "E3": "50", "G013": "1300"}
    report.get_by_text("撤销本次粘贴").click()
    expect(state(page, "G010")).to_have_attribute("data-state", "saved")
    expect(page.locator("[data-line=G010][data-open]")).to_be_visible()
    assert kept()["G010"] == ""
    last = page.locator("[data-line]").last.get_attribute("data-line")
    page.evaluate(PASTE, [f"#value-{last}", "5\n6\n"])
    expect(report).to_contain_text("没有剩余的填报框")
    clean(page)


def test_a_lost_connection_loses_nothing(clerk: Callable[..., Page], kept: Callable[[], dict[str, str]]) -> None:
    page = clerk()
    page.context.set_offline(True)
    page.fill("#value-E1", "21")
    page.press("#value-E1", "Enter")
    expect(state(page, "E1")).to_have_attribute("data-state", "unsaved")
    page.keyboard.type("210")
    page.keyboard.press("Enter")
    expect(state(page, "E2")).to_have_attribute("data-state", "unsaved")
    expect(page.locator("[data-net]")).to_contain_text("网络已断开")
    clean(page)
    heard: list[str] = []
    page.on("dialog", lambda dialog: (heard.append(dialog.type), dialog.dismiss()))
    page.evaluate("location.assign('/')")
    page.wait_for_timeout(300)
    assert heard == ["beforeunload"]
    page.context.set_offline(False)
    saved(page, "E1", "E2")
    assert kept() == {"E1": "21", "E2": "210"}
    expect(page.locator("[data-net]")).to_be_empty()


def test_a_session_that_ended_keeps_the_values_until_somebody_signs_in(
    clerk: Callable[..., Page], portal: str, kept: Callable[[], dict[str, str]]
) -> None:
    page = clerk()
    page.context.clear_cookies()
    page.fill("#value-E1", "22")
    page.press("#value-E1", "Enter")
    expect(page.locator("[data-net]")).to_contain_text("登录已失效")
    other = page.context.new_page()
    other.goto(f"{portal}/accounts/sessions/open")
    other.fill("#account", "c1.reporter")
    other.fill("#password", PASSWORD)
    other.press("#password", "Enter")
    other.wait_for_url(f"{portal}/")
    expect(state(page, "E1")).to_have_attribute("data-state", "saved", timeout=20_000)
    assert kept() == {"E1": "22"}


def test_of_two_clerks_the_second_is_told_and_nothing_is_overwritten(
    clerk: Callable[..., Page], app: Flask, kept: Callable[[], dict[str, str]]
) -> None:
    page = clerk()
    with app.app_context():
        services.file_reading(1, APRIL, "C1", {"E1": (entry("31"), 0)}, "", by=by("office"), now=CLOCK)
        services.file_reading(1, APRIL, "C1", {"E2": (entry("310"), 0)}, "", by=by("office"), now=CLOCK)
        db.session.remove()
    page.fill("#value-E1", "32")
    page.press("#value-E1", "Enter")
    expect(state(page, "E1")).to_have_attribute("data-state", "changed")
    expect(page.locator("#fault-E1")).to_contain_text("甲office已将此值改为 31")
    assert page.input_value("#value-E1") == "32"
    assert kept()["E1"] == "31"
    clean(page)
    page.click("#line-E1 [data-keep]")
    saved(page, "E1")
    assert kept()["E1"] == "32"
    page.fill("#value-E2", "320")
    page.press("#value-E2", "Enter")
    expect(state(page, "E2")).to_have_attribute("data-state", "changed")
    page.click("#line-E2 [data-take]")
    saved(page, "E2")
    assert page.input_value("#value-E2") == "310"
    assert kept()["E2"] == "310"


def test_without_script_the_form_keeps_everything_that_is_right(
    clerk: Callable[..., Page], app: Flask, kept: Callable[[], dict[str, str]]
) -> None:
    page = clerk(java_script_enabled=False)
    page.fill("#value-E1", "41")
    page.fill("#value-E2", "abc")
    page.fill("#value-G001", "700")
    with app.app_context():
        services.file_reading(1, APRIL, "C1", {"E3": (entry("5"), 0)}, "", by=by("office"), now=CLOCK)
        db.session.remove()
    page.click("#grid .form-end button")
    expect(page.locator(".error-summary a[href='#value-E2']")).to_be_visible()
    assert page.input_value("#value-E2") == "abc"
    # What was not touched here is no wish to empty what somebody else filed meanwhile.
    assert kept() == {"E1": "41", "G001": "700", "E3": "5"}
    page.fill("#value-E2", "410")
    page.fill("#explain-G001", "本月新增一个服务点，人次随之上升。")
    page.click("#grid .form-end button")
    page.wait_for_url("**/submissions/read/**")
    assert kept()["E2"] == "410"
    with app.app_context():
        assert queries.explanations(1, APRIL, "C1")["G001"].value == "700"
        db.session.remove()


def test_a_returned_value_alone_can_be_changed(
    clerk: Callable[..., Page], app: Flask, kept: Callable[[], dict[str, str]]
) -> None:
    with app.app_context():
        due = [one.code for one in queries.grid(1, APRIL, "C1", now=CLOCK).lines]
        values = {code: (entry("10" if code == "E1" else "100"), 0) for code in due}
        services.file_reading(1, APRIL, "C1", values, "", by=by("c1.reporter"), now=at(7, 5))
        for about in {one.code for one in queries.findings(1, APRIL, "C1")}:
            value = queries.explained_values(1, APRIL, "C1", [about])[about]
            text = "本期按新的口径统计，数值相应变化。"
            services.explain_value(1, APRIL, "C1", about, value, text, by=by("c1.reporter"), now=at(7, 5))
        services.sign_submission(1, APRIL, ["C1"], by=by("c1.lead"), now=at(8, 5))
        services.submit_submission(1, APRIL, ["C1"], by=by("c1.lead"), now=at(8, 5))
        reasons = {"G004": "与门诊日志不一致，请核对。", "G007": "与上月相同，请确认是否漏报。"}
        services.return_submission(1, APRIL, "C1", reasons, by=by("office2"), now=at(9, 5))
        db.session.remove()
    page = clerk()
    expect(page.locator(".returned li")).to_have_count(2)
    expect(page.locator(".returned")).to_contain_text("与门诊日志不一致")
    expect(page.locator("#value-E1")).not_to_be_editable()
    expect(page.locator("#remarks-E1")).to_contain_text("保持锁定")
    clean(page)
    page.click("[data-show=open]")
    expect(page.locator("[data-line]:visible")).to_have_count(2)
    page.fill("#value-G004", "101")
    page.press("#value-G004", "Enter")
    saved(page, "G004")
    expect(page.locator("#value-G007")).to_be_focused()
    page.fill("#explain-G007", "已核对原始台帐，数值无误。")
    page.press("#explain-G007", "Tab")
    expect(page.locator("#explain-state-G007")).to_contain_text("已说明")
    assert (kept()["G004"], kept()["G007"]) == ("101", "100")
    page.click("[data-check]")
    page.wait_for_url("**/submissions/read/**")


def test_on_a_phone_a_value_has_a_card_of_its_own(clerk: Callable[..., Page]) -> None:
    page = clerk(has_touch=True)
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    clean(page)
    assert page.get_attribute("#value-E1", "inputmode") == "decimal"
    page.fill("#value-E1", "12")
    page.press("#value-E1", "Enter")
    saved(page, "E1")
    clean(page)
