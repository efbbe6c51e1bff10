"""The browser of these tests: the system's Chromium, set up as a reader in China has it.

Everything in this directory carries the mark `browser` and runs after all other tests.
"""

from __future__ import annotations

import os
import re
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import ConsoleMessage, Locator, Page, ViewportSize
from werkzeug.serving import make_server

from alliance.demo import people

PHONE: ViewportSize = {"width": 390, "height": 844}
OFFICE: ViewportSize = {"width": 1366, "height": 768}

HERE = Path(__file__).parent
PHONE = {"width": 390, "height": 844}
OFFICE = {"width": 1366, "height": 768}

# The browser talks to the portal under test and to nobody else.
QUIET = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.browser)
    # The slow ones last, so that a broken rule shows within seconds.
    items.sort(key=lambda item: item.path.is_relative_to(HERE))


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    chromium = shutil.which("chromium")
    if chromium is None:
        raise RuntimeError("there is no chromium; install it with: apt-get install chromium")
    arguments = {**browser_type_launch_args, "executable_path": chromium, "args": [*QUIET]}
    if os.geteuid() == 0:
        # Chromium refuses to run as root with its sandbox on.
        arguments["chromium_sandbox"] = False
        arguments["args"].append("--no-sandbox")
    return arguments


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    return {**browser_context_args, "locale": "zh-CN", "timezone_id": "Asia/Shanghai"}


@pytest.fixture(scope="session")
def portal(demo: Flask) -> Iterator[str]:
    """The address of the demo, served."""
    server = make_server("127.0.0.1", 0, demo, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()


def said_wrong(message: ConsoleMessage) -> bool:
    return message.type in ("error", "warning") and not re.search("status of 4(03|04|22)", message.text)


@pytest.fixture
def quiet(page: Page, portal: str) -> Iterator[list[str]]:
    """What the browser complains of, and every request that leaves the portal: nothing, at the end of each test."""
    heard: list[str] = []
    # A refused form is answered with 422, a page not for the reader with 403 or 404: errors to a browser.
    page.on("console", lambda message: heard.append(message.text) if said_wrong(message) else None)
    page.on("pageerror", lambda error: heard.append(str(error)))
    page.on(
        "request", lambda request: heard.append(request.url) if not request.url.startswith((portal, "data:")) else None
    )
    yield heard
    assert heard == []


@pytest.fixture(scope="session")
def cookies() -> dict[str, list[Any]]:
    """The sessions of the accounts that signed in, so that no one-time code is asked for twice in a minute."""
    return {}


@pytest.fixture
def sign_in(page: Page, portal: str, cookies: dict[str, list[Any]]) -> Callable[[str], None]:
    def signed(account: str) -> None:
        page.context.clear_cookies()
        if account in cookies:
            page.context.add_cookies(cookies[account])
            page.goto(f"{portal}/")
            return
        page.goto(f"{portal}/accounts/sessions/open")
        page.fill("#account", account)
        page.fill("#password", people.PASSWORD)
        page.press("#password", "Enter")
        page.wait_for_url(re.compile(rf"^{portal}/($|accounts/sessions/confirm)"))
        if "confirm" in page.url:
            page.fill("#totp_code", page.inner_text("main strong"))
            page.press("#totp_code", "Enter")
            page.wait_for_url(f"{portal}/")
        cookies[account] = page.context.cookies()

    return signed


def clean(page: Page) -> list[str]:
    """The violations of WCAG 2.2 AA on the page as it stands; there should be none."""
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
    found: Any = Axe().run(page, options={"runOnly": {"type": "tag", "values": tags}, "resultTypes": ["violations"]})
    return [f"{one['id']} {[node['target'] for node in one['nodes']][:3]}" for one in found.response["violations"]]


def fits(page: Page) -> list[str]:
    """By how much the page is wider than the window; it should not be."""
    over = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    return [f"{over} px too wide"] if over > 0 else []


def follow(target: Locator) -> None:
    """Click on what leads to another page, and be there: a click alone may return before the old page goes."""
    with target.page.expect_navigation():
        target.click()


def speak(page: Page, language: str) -> None:
    switch = page.locator(f"button[name=lang][value={language}]").first
    if switch.count():
        follow(switch)
    assert page.evaluate("document.documentElement.lang")[:2] == language
