"""A throw-away PostgreSQL server for the tests, made of the binaries that the system has."""

import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
from psycopg import sql
from sqlalchemy import make_url

USER = "postgres"
PORT = 5432  # names the socket file only: the server listens on no network address

# Nothing here has to outlive a crash of the machine.
SETTINGS = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "listen_addresses=")
STARTS_WITHIN = 30.0
STOPS_WITHIN = 30.0
MEMORY = "/dev/shm"
ROOM = 2**30  # bytes; containers often have 64 MB there, which is too little


@dataclass(frozen=True)
class Cluster:
    """A running server, reached through the socket in `directory`."""

    directory: Path

    def url(self, name: str) -> str:
        """The SQLAlchemy address of a database of this server."""
        return f"postgresql+psycopg://{USER}@/{name}?host={self.directory}&port={PORT}"

    def create(self, name: str, template: str | None = None) -> str:
        """Make a database, as a copy of `template` if one is named, and give its URL.

        PostgreSQL refuses to copy a database to which somebody is connected.
        """
        statement = sql.SQL("create database {}").format(sql.Identifier(name))
        if template is not None:
            # Files copied as they are: a fifth of the time of the default, which writes each page into the log.
            statement += sql.SQL(" template {} strategy file_copy").format(sql.Identifier(template))
        self._run(statement)
        return self.url(name)

    def drop(self, name: str) -> None:
        """Remove a database, ending whatever connections it still has."""
        self._run(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))

    def _run(self, statement: sql.Composed) -> None:
        self._keeper.execute(statement)

    @cached_property
    def _keeper(self) -> psycopg.Connection:
        return self.connect()

    def close(self) -> None:
        """End the connection over which databases are made and removed."""
        self._keeper.close()

    def connect(self) -> psycopg.Connection:
        """A connection to the maintenance database, outside of any transaction."""
        return psycopg.connect(host=str(self.directory), port=PORT, user=USER, dbname="postgres", autocommit=True)


def dump(url: str) -> bytes:
    """A database of a server of these tests as pg_dump writes it, with all that its tables hold."""
    made = make_url(url)
    address = f"postgresql:///{made.database}?host={made.query['host']}&port={PORT}&user={USER}"
    asked = [str(_binaries() / "pg_dump"), "--no-password", "--dbname", address]
    return subprocess.run(asked, check=True, capture_output=True).stdout


@contextmanager
def cluster() -> Iterator[Cluster]:
    """A new server until the end of the block.

    Raises RuntimeError when the system has no PostgreSQL or the server does not start: a test run without it
    would prove less than it says.
    """
    binaries = _binaries()
    # Not $TMPDIR: the path of a socket holds 107 characters at most, and the server's user must get into it.
    with TemporaryDirectory(prefix="alliance-pg-", dir=_roomy(), ignore_cleanup_errors=True) as name:
        directory = Path(name)
        if os.geteuid() == 0:
            os.chown(directory, *_server_user())
        data = directory / "data"
        _initialise(binaries / "initdb", data)
        with (directory / "log").open("w+b") as log:
            server = subprocess.Popen(
                [
                    *_as_server_user(),
                    str(binaries / "postgres"),
                    *("-D", str(data), "-k", str(directory), "-p", str(PORT)),
                    *(word for setting in SETTINGS for word in ("-c", setting)),
                ],
                cwd=directory,
                stdout=log,
                stderr=log,
            )
            try:
                made = Cluster(directory)
                _wait_for(made, server, directory / "log")
                yield made
                made.close()
            finally:
                _stop(server)


def _roomy() -> str:
    """Where the server lives: in memory, if there is room for many copies of a database, else on the disk."""
    try:
        free = shutil.disk_usage(MEMORY).free
    except OSError:
        return "/tmp"
    return MEMORY if free >= ROOM else "/tmp"


def _binaries() -> Path:
    """The directory of initdb and postgres: $PG_BIN, else Debian's newest version, else from PATH."""
    debian = Path("/usr/lib/postgresql").glob("*/bin")
    candidates = sorted(debian, key=lambda path: float(path.parent.name), reverse=True)
    if named := os.environ.get("PG_BIN"):
        candidates = [Path(named)]
    elif in_path := shutil.which("initdb"):
        candidates.append(Path(in_path).resolve().parent)
    for directory in candidates:
        if (directory / "initdb").exists() and (directory / "postgres").exists():
            return directory
    raise RuntimeError(
        "no PostgreSQL server (initdb, postgres) in $PG_BIN, /usr/lib/postgresql/*/bin or PATH; "
        "install it with: apt-get install postgresql"
    )


def _server_user() -> tuple[int, int]:
    """User and group for the server when root runs the tests, because PostgreSQL refuses root."""
    try:
        entry = pwd.getpwnam(USER)
    except KeyError:
        raise RuntimeError(f"root cannot run PostgreSQL itself, and there is no user {USER!r}") from None
    return entry.pw_uid, entry.pw_gid


def _as_server_user() -> list[str]:
    """The prefix of a command that runs as the server's user and ends when this process is killed."""
    command = ["setpriv", "--pdeathsig=INT"]
    if os.geteuid() == 0:
        uid, gid = _server_user()
        command += [f"--reuid={uid}", f"--regid={gid}", "--init-groups"]
    return [*command, "--"]


def _initialise(initdb: Path, data: Path) -> None:
    # Names in Chinese sort by code point under C.UTF-8, as they do on SQLite.
    options = ["--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", f"--username={USER}"]
    command = [*_as_server_user(), str(initdb), *options, "-D", str(data)]
    done = subprocess.run(command, cwd=data.parent, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"initdb failed:\n{done.stdout}{done.stderr}")


def _wait_for(made: Cluster, server: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + STARTS_WITHIN
    while True:
        try:
            made.connect().close()
        except psycopg.OperationalError as error:
            if server.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"PostgreSQL did not start:\n{log.read_text(errors='replace')}") from error
            time.sleep(0.05)
        else:
            return


def _stop(server: subprocess.Popen[bytes]) -> None:
    server.send_signal(signal.SIGQUIT)  # PostgreSQL's immediate shutdown: nothing has to be saved
    try:
        server.wait(STOPS_WITHIN)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
