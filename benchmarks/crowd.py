"""Many people at the portal at once: gunicorn as the operator's guide starts it, its own database, and who asks."""

from __future__ import annotations

import os
import random
import re
import socket
import statistics
import subprocess
import sys
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from urllib.parse import urlencode

PAUSE = 2.0  # seconds between two requests of a person, on average
SECRET = "0123456789abcdef" * 3


@dataclass(kw_only=True)
class Browser:
    """A browser that somebody may sign in with."""

    account: str = ""
    password: str = ""
    port: int
    cookie: str = ""

    def ask(self, method: str, path: str, data: dict[str, str] | None = None, **headers: str) -> tuple[int, str, float]:
        """Status, text and seconds of one request."""
        body = urlencode(data) if data is not None else None
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        began = time.perf_counter()
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request(method, path, body, {"Cookie": self.cookie, **headers})
        answer: HTTPResponse = connection.getresponse()
        text = answer.read().decode()
        took = time.perf_counter() - began
        for one in answer.headers.get_all("Set-Cookie") or ():
            self.cookie = one.split(";")[0]
        connection.close()
        return answer.status, text, took

    def sign_in(self) -> None:
        status = self.send("/accounts/sessions/open", account=self.account, password=self.password)
        assert status == 302, status

    def send(self, path: str, **fields: str) -> int:
        """Fill in the form of a page and send it; the status of the answer."""
        _, text, _ = self.ask("GET", path)
        match = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', text)
        assert match, path
        return self.ask("POST", path, {**fields, "csrf_token": match[1]})[0]


@dataclass(kw_only=True)
class Visitor(Browser, ABC):
    """One person at work: how long each answer took, by name of what was asked, and what was wrong."""

    chance: random.Random
    seconds: dict[str, list[float]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    @abstractmethod
    def act(self) -> tuple[str, float]:
        """Ask for something by chance: its name, and the seconds it took."""

    def work(self, until: float) -> None:
        """Ask for one thing after the other, with pauses, until the performance counter says so."""
        while True:
            time.sleep(min(self.chance.expovariate(1 / PAUSE), max(0.0, until - time.perf_counter())))
            if time.perf_counter() >= until:
                return
            name, took = self.act()
            self.seconds.setdefault(name, []).append(took)


@contextmanager
def served(url: str, folder: str, port: int, **more: str) -> Iterator[None]:
    """The portal under gunicorn until the block ends; `more` are settings of the deployment."""
    environment = os.environ | {
        "ALLIANCE_SECRET_KEY": SECRET,
        "ALLIANCE_DATA": folder,
        "ALLIANCE_DATABASE_URL": url,
        "ALLIANCE_INSECURE_COOKIES": "1",
        "ALLIANCE_PASSWORD_DAYS": "0",  # the passwords of these alliances are as old as their stories
        "ALLIANCE_TOTP": "0",
        "ALLIANCE_LOG": "plain",
        **more,
    }
    gunicorn = str(Path(sys.executable).with_name("gunicorn"))
    workers = ("--workers", "4", "--worker-class", "gthread", "--threads", "3", "--log-level", "warning")
    server = subprocess.Popen([gunicorn, "--bind", f"127.0.0.1:{port}", *workers, "app:create_app()"], env=environment)
    try:
        wait_for(port)
        yield
    finally:
        server.terminate()
        server.wait(20)


def wait_for(port: int) -> None:
    """Until the server answers."""
    asking = Browser(port=port)
    for _ in range(120):
        try:
            if asking.ask("GET", "/health")[0] == 200:
                return
        except OSError:
            pass
        time.sleep(0.5)
    raise RuntimeError("the server does not answer")


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def all_at_work(visitors: Sequence[Visitor], seconds: float) -> None:
    """Let everybody work at once for so long."""
    until = time.perf_counter() + seconds
    threads = [threading.Thread(target=one.work, args=(until,)) for one in visitors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def report(visitors: Sequence[Visitor], to_reach: Mapping[str, int]) -> bool:
    """Print the times of each thing asked for beside the milliseconds to reach; whether all of them are reached."""
    took = {name: [s for one in visitors for s in one.seconds.get(name, ())] for name in to_reach}
    return all([_show(name, took[name], bound) for name, bound in to_reach.items()])  # noqa: C419 - shows every one


def _show(name: str, seconds: list[float], bound: int) -> bool:
    ordered = sorted(seconds)
    at95 = ordered[int(0.95 * (len(ordered) - 1))] * 1000
    middle, most = statistics.median(ordered) * 1000, ordered[-1] * 1000
    print(
        f"{name:18} {len(ordered):6} requests  p50 {middle:6.0f} ms  p95 {at95:6.0f} ms  max {most:6.0f} ms; "
        f"p95 to reach {bound}"
    )
    return at95 <= bound
