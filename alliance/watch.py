"""What watches the portal: a number for each request, its line in the log, and the counters that Prometheus reads."""

from __future__ import annotations

import fcntl
import json
import logging
import os
import re
import secrets
import socket
import struct
import sys
import threading
import time
import traceback
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from flask import Flask, Response, current_app, g, has_app_context, has_request_context, request
from flask_login import current_user
from sqlalchemy import event
from sqlalchemy.orm import Session

from alliance.config import Config

# Upper bounds of the latency histogram in seconds; the target for a page is 0.2.
BOUNDS = (0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1.0, 2.5, 5.0, 10.0)
RECORD, VALUE = 256, struct.Struct("<d")  # a counter in its file: its name, filled up with blanks, then its value
NAME = RECORD - VALUE.size
NUMBER = re.compile(r"[A-Za-z0-9-]{8,64}")
HELP = {
    "portal_requests_total": ("counter", "Requests by view, method and class of status."),
    "portal_request_seconds": ("histogram", "Time of a request by view."),
    "portal_events_total": ("counter", "Events recorded, by act."),
    "portal_refusals_total": ("counter", "Requests of signed-in accounts that were refused, by status."),
    "portal_task_last_run_timestamp_seconds": ("gauge", "When a timed task last began."),
    "portal_task_failed": ("gauge", "1 when the last run of a timed task failed."),
}
requests = logging.getLogger("alliance.requests")


class Counters:
    """Counters of all processes of this machine: each process writes its own file, a reader adds them up.

    A value is eight bytes in the page cache, so a killed process loses nothing it had counted. Files of processes that
    are gone are added to one file the next time a process begins.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock = threading.Lock()
        self._pid = 0
        self._file = -1
        self._places: dict[str, int] = {}
        self._values: dict[str, float] = {}

    def add(self, name: str, amount: float = 1.0) -> None:
        """Count; `name` with its labels, as Prometheus writes it."""
        with self._lock:
            if self._pid != os.getpid():
                self._begin()
            if name not in self._places:
                encoded = name.encode()
                if len(encoded) > NAME:
                    return
                self._places[name] = len(self._places) * RECORD
                self._values[name] = 0.0
                os.pwrite(self._file, encoded.ljust(NAME) + VALUE.pack(0.0), self._places[name])
            self._values[name] += amount
            os.pwrite(self._file, VALUE.pack(self._values[name]), self._places[name] + NAME)

    def totals(self) -> dict[str, float]:
        """Every counter, added up over all processes that ever were."""
        found: dict[str, float] = defaultdict(float)
        with self._alone():
            for path in self.folder.glob("*.counters"):
                for name, value in _read(path):
                    found[name] += value
        return dict(found)

    def _begin(self) -> None:
        """Open this process's file, going on with the values of a process that had the same number."""
        self.folder.mkdir(parents=True, exist_ok=True)
        host = socket.gethostname()
        with self._alone():
            self._fold(host)
            path = self.folder / f"{host}.{os.getpid()}.counters"
            found = dict(_read(path)) if path.exists() else {}
            self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        self._places = {name: place * RECORD for place, name in enumerate(found)}
        self._values = found
        self._pid = os.getpid()

    def _fold(self, host: str) -> None:
        gone = [path for path in self.folder.glob(f"{host}.*.counters") if not _lives(path)]
        if not gone:
            return
        past, whole = self.folder / f"past.{host}.counters", defaultdict[str, float](float)
        for path in [*gone, *([past] if past.exists() else [])]:
            for name, value in _read(path):
                whole[name] += value
        new = past.with_suffix(".new")
        new.write_bytes(b"".join(name.encode().ljust(NAME) + VALUE.pack(value) for name, value in whole.items()))
        new.replace(past)
        for path in gone:
            path.unlink()

    def _alone(self) -> _Alone:
        return _Alone(self.folder)


class _Alone:
    """While files are read together or folded, no other process folds."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / "lock"

    def __enter__(self) -> None:
        self._file = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(self._file, fcntl.LOCK_EX)

    def __exit__(self, *_: object) -> None:
        os.close(self._file)


def _read(path: Path) -> Iterator[tuple[str, float]]:
    content = path.read_bytes()
    for start in range(0, len(content) - RECORD + 1, RECORD):
        name = content[start : start + NAME].rstrip().decode()
        yield name, VALUE.unpack_from(content, start + NAME)[0]


def _lives(path: Path) -> bool:
    try:
        os.kill(int(path.name.split(".")[-2]), 0)
    except ProcessLookupError:
        return False
    except (ValueError, PermissionError):
        return True
    return True


def labelled(name: str, **labels: str) -> str:
    """A counter's name with its labels."""
    inside = ",".join(f'{key}="{value}"' for key, value in labels.items())
    return f"{name}{{{inside}}}" if inside else name


def exposition(totals: Mapping[str, float]) -> str:
    """All counters as Prometheus reads them (text format 0.0.4)."""
    families: dict[str, dict[str, float]] = defaultdict(dict)
    for name, value in totals.items():
        base = name.partition("{")[0]
        families[next((end for end in HELP if base in (end, f"{end}_bucket", f"{end}_sum", f"{end}_count")), base)][
            name
        ] = value
    lines = []
    for family in sorted(families):
        kind, told = HELP.get(family, ("untyped", family))
        lines += [f"# HELP {family} {told}", f"# TYPE {family} {kind}"]
        lines += [f"{name} {value:.17g}" for name, value in sorted(families[family].items(), key=_order)]
    return "\n".join(lines) + "\n"


def _order(pair: tuple[str, float]) -> tuple[str, float]:
    """Buckets stand from the smallest bound to the largest."""
    bound = re.search(r'le="([^"]+)"', pair[0])
    return re.sub(r'le="[^"]+"', "", pair[0]), float(bound[1]) if bound else 0.0


@event.listens_for(Session, "after_commit")
def _count_events(session: Session) -> None:
    """What a verb recorded counts when it is kept, not before."""
    for act in session.info.pop("acts", ()):
        if has_app_context() and "counters" in current_app.extensions:
            count(labelled("portal_events_total", act=act))


def count(name: str, amount: float = 1.0) -> None:
    """Count for the meters; what cannot be counted must not stop the work."""
    try:
        counters: Counters = current_app.extensions["counters"]
        counters.add(name, amount)
    except OSError:
        current_app.logger.warning("the counters cannot be written", exc_info=True)


class JsonFormatter(logging.Formatter):
    """One line of JSON for each record; of a fault its type and where it was, not its words, which may quote data."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line: dict[str, object] = {"time": at, "level": record.levelname.lower(), "logger": record.name}
        line["message"] = record.getMessage()
        if has_request_context():
            line["request"] = g.get("request_number", "")
        line |= getattr(record, "facts", {})
        if record.exc_info and record.exc_info[1] is not None:
            fault = record.exc_info[1]
            frames = traceback.extract_tb(fault.__traceback__)
            line["fault"] = type(fault).__name__
            line["at"] = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
        return json.dumps(line, ensure_ascii=False)


def prepare(app: Flask, config: Config) -> None:
    """Number, time, count and log every request. Called before any other hook, so that it sees them all."""
    app.extensions["counters"] = Counters(config.data / "metrics")
    app.before_request(_begin)
    app.after_request(_end)
    if not config.testing:
        _prepare_logs(config)


class _Nameless(logging.Filter):
    """Servers that log each address with a time and a machine leave those of surveys out: they are keys, and clocks."""

    def filter(self, record: logging.LogRecord) -> bool:
        return " /s/" not in record.getMessage()


def _prepare_logs(config: Config) -> None:
    for server in ("werkzeug", "gunicorn.access"):
        logging.getLogger(server).addFilter(_Nameless())
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        JsonFormatter() if config.log == "json" else logging.Formatter("%(levelname)s %(name)s: %(message)s")
    )
    logging.basicConfig(handlers=[handler], level=logging.WARNING)
    requests.setLevel(logging.INFO if config.log == "json" else logging.WARNING)


def _begin() -> None:
    config: Config = current_app.config["ALLIANCE"]
    given = request.headers.get("X-Request-ID", "")
    # Only a proxy of our own may number requests: a stranger's number would stand in the log.
    trusted = config.proxies > 0 and NUMBER.fullmatch(given)
    g.request_number = given if trusted else secrets.token_hex(8)
    g.request_began = time.perf_counter()


def _end(response: Response) -> Response:
    number = g.get("request_number") or secrets.token_hex(8)
    response.headers["X-Request-ID"] = number
    took = time.perf_counter() - g.get("request_began", time.perf_counter())
    view = request.endpoint or "none"
    status = f"{response.status_code // 100}xx"
    account = current_user.code if current_user.is_authenticated else ""
    count(labelled("portal_requests_total", view=view, method=_method(), status=status))
    for bound in BOUNDS:
        if took <= bound:
            count(labelled("portal_request_seconds_bucket", view=view, le=f"{bound:g}"))
    count(labelled("portal_request_seconds_bucket", view=view, le="+Inf"))
    count(labelled("portal_request_seconds_sum", view=view), took)
    count(labelled("portal_request_seconds_count", view=view))
    if account and response.status_code in (400, 403, 404, 409, 413, 422, 429):
        count(labelled("portal_refusals_total", status=str(response.status_code)))
    facts = {
        "method": _method(), "view": view, "status": response.status_code, "ms": round(took * 1000, 1),
        "account": account,
    }  # fmt: skip
    requests.info("request", extra={"facts": facts})
    return response


def _method() -> str:
    """A method of HTTP; whatever else a stranger sends must not become a label."""
    return request.method if request.method in ("GET", "HEAD", "POST", "OPTIONS") else "other"
