"""The browser of these tests: the system's Chromium, set up as a reader in China has it.

Everything in this directory carries the mark `browser` and runs after all other tests.
"""

import os
import shutil
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent

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
