"""The browser of these tests: the system's Chromium, set up as a reader in China has it.

Everything in this directory carries the mark `browser` and runs after all other tests.
"""

import os
import re
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import ConsoleMessage, Page
from werkzeug.serving import make_server

from alliance.demo import people

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
    return message.type in ("error", "warning") and "422" not in message.text


@pytest.fixture
def quiet(page: Page, portal: str) -> Iterator[list[str]]:
    """What the browser complains of, and every request that leaves the portal: nothing, at the end of each test."""
    heard: list[str] = []
    # A refused form is answered with 422, which the browser calls an error.
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


def fits(page: Page) -> None:
    """Nothing sticks out at the side."""
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), page.url
