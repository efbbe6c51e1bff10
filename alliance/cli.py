"""The commands: the first alliance, demo, worker, checks of what is kept."""

from __future__ import annotations

import atexit
import fcntl
import gc
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

import click
from flask import Flask, current_app
from flask_migrate import downgrade, upgrade
from sqlalchemy import create_engine, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from alliance.accounts import queries as account_queries
from alliance.accounts import services as accounts
from alliance.accounts.rules import check_account
from alliance.audit import queries as audit
from alliance.audit import services as audit_services
from alliance.cipher import Unreadable
from alliance.core.actor import Actor
from alliance.core.figure import digest
from alliance.core.formula import tells_the_truth
from alliance.core.period import SHANGHAI, day_of
from alliance.core.refused import NotFound, Refused
from alliance.db import db
from alliance.demo import clock, people, story
from alliance.indicators import queries as indicator_queries
from alliance.jobs import timetable
from alliance.members import queries as member_queries
from alliance.members import services as members
from alliance.notices import queries as notice_queries
from alliance.registers import queries as register_queries
from alliance.registers import services as registers
from alliance.store import Store
from alliance.workpoints import queries as bonus_queries


def prepare(app: Flask) -> None:
    """Give the app its commands."""
    app.cli.add_command(alliance)
    app.cli.add_command(worker)
    app.cli.add_command(runs)
    app.cli.add_command(demo)
    app.cli.add_command(log)
    app.cli.add_command(keys)
    app.cli.add_command(files)
    app.config["DEMO_PASSWORD"], app.config["DEMO_ALLIANCE"] = people.PASSWORD, people.ALLIANCE[0]


@click.command()
def worker() -> None:
    """Do timed work until stopped."""
    check_keys()
    settle()
    timetable.run(current_app._get_current_object())  # type: ignore[attr-defined]


SELDOM = 200_000  # new objects between two searches for garbage


def settle() -> None:
    """What a process has loaded stays: looking through it for garbage would stop every page and run for 0.2 s."""
    gc.collect()
    gc.freeze()
    atexit.register(gc.unfreeze)  # libraries that count what is left at the end would report all of it as leaked


def check_keys() -> None:
    """End the process when the database holds what the keys of this deployment do not read.

    A database that does not answer or is not migrated yet says so elsewhere.
    """
    try:
        found = account_queries.foreign_keys()
        patients = register_queries.foreign_keys()
    except SQLAlchemyError:
        return
    finally:
        db.session.remove()
    if patients:
        names = ", ".join(f"{prefix.partition('.')[2]} ({count})" for prefix, count in patients.items())
        sys.exit(
            "The portal does not start.\nThe database holds data of patients encrypted under keys that are not here: "
            f"{names}. Add the ALLIANCE_SECRET_KEY or the key of ALLIANCE_DATA_KEYS under which they were encrypted to "
            "ALLIANCE_DATA_KEYS."
        )
    if found:
        names = ", ".join(f"{prefix.partition('.')[2]} ({count})" for prefix, count in found.items())
        sys.exit(
            "The portal does not start.\nThe database holds keys of authenticators encrypted under keys that are not "
            f"here: {names}. Add the ALLIANCE_SECRET_KEY or the key of ALLIANCE_DATA_KEYS under which they were "
            "encrypted to ALLIANCE_DATA_KEYS; if it is lost, flask --app app keys discard takes these authenticators "
            "away, so that their holders set up new ones."
        )


@click.group("keys")
def keys() -> None:
    """The keys under which data is encrypted in the database."""


@keys.command("check")
def check_all() -> None:
    """Try to read everything that is encrypted."""
    lost = account_queries.unreadable_keys()
    for code in lost:
        click.echo(f"account:{code} the key of the authenticator cannot be read")
    patients = register_queries.unreadable_keys()
    for subject in patients:
        click.echo(f"{subject} what names the patient cannot be read")
    lost = [*lost, *patients]
    if lost:
        raise click.ClickException(f"{len(lost)} cannot be read under the keys of this deployment.")
    click.echo("keys: everything that is encrypted can be read")


@keys.command("renew")
def renew_keys() -> None:
    """Encrypt everything anew that is not under the newest key; older keys are needed no longer then."""
    try:
        count = accounts.renew_keys(by=Actor("system"), now=datetime.now(UTC))
        count += registers.renew_keys(by=Actor("system"), now=datetime.now(UTC))
    except Unreadable as error:
        raise click.ClickException(
            f"Nothing was changed, because something cannot be read: {error}. See flask --app app keys check."
        ) from error
    click.echo(f"keys: {count} encrypted anew under the newest key")


@keys.command("discard")
@click.confirmation_option(prompt="Take away every authenticator whose key cannot be read?")
def discard_keys() -> None:
    """Take away the authenticators whose keys are lost; their holders set up new ones at the next sign-in."""
    lost = accounts.discard_keys(by=Actor("system"), now=datetime.now(UTC))
    for code in lost:
        click.echo(f"account:{code} has no authenticator any more")
    click.echo(f"keys: {len(lost)} authenticators were taken away")


@click.group("files")
def files() -> None:
    """The files that lie outside the database."""


@files.command("check")
def check_files() -> None:
    """Read every file that evidence, notices and ledgers refer to, and compare it with its digest."""
    data, count, wrong = current_app.config["ALLIANCE"].data, 0, 0
    for folder, wanted in (
        ("evidence", indicator_queries.evidence_files()),
        ("notices", notice_queries.files()),
        ("ledgers", register_queries.ledger_files()),
        ("workloads", bonus_queries.workload_files()),
    ):
        store = Store(data / folder)
        for digest_of_file in sorted(wanted):
            count += 1
            try:
                store.read(digest_of_file)
            except (NotFound, Refused, OSError) as fault:
                wrong += 1
                what = "is missing" if isinstance(fault, NotFound) else "is not what was kept, or cannot be read"
                click.echo(f"{folder}/{digest_of_file[:2]}/{digest_of_file[2:]} {what}")
    if wrong:
        raise click.ClickException(f"{wrong} of {count} files are not there as they were kept.")
    click.echo(f"files: {count} files are there as they were kept")


@click.group()
def alliance() -> None:
    """The alliances of this installation."""


@alliance.command("found")
@click.argument("code")
@click.option("--zh", required=True, help="Name in Chinese.")
@click.option("--en", required=True, help="Name in English.")
@click.option("--lead-account", default="security", show_default=True, help="Account of the security administrator.")
@click.option("--lead-name", default="安全管理员", show_default=True, help="Name of that person.")
@click.option("--admin-account", default="admin", show_default=True, help="Account of the system administrator.")
@click.option("--admin-name", default="系统管理员", show_default=True, help="Name of that person.")
@click.option(
    "--address", default="", help="Where the portal is reached; by default ALLIANCE_ADDRESS, or this machine."
)
def found_alliance(
    code: str, zh: str, en: str, lead_account: str, lead_name: str, admin_account: str, admin_name: str, address: str
) -> None:
    """Found an alliance with its first two persons: who gives the roles, and who makes the accounts.

    Prints a link for each to set a password. Called again after an interruption it goes on where it stopped; a person
    who has a password already gets no new link.
    """
    system, now = Actor("system"), datetime.now(UTC)
    address = address or current_app.config["ALLIANCE"].address or "http://127.0.0.1:8000"
    pairs = ((lead_account, lead_name, "security_admin"), (admin_account, admin_name, "admin"))
    try:
        if lead_account == admin_account:
            raise click.ClickException("The two administrators are two persons; name two accounts.")
        for account, _name, _role in pairs:
            check_account(account)
        known = member_queries.alliance_of_code(code)
        number = known.id if known else None
        for account, _name, _role in pairs:
            # Before anything is made: a name that is taken elsewhere must not leave half an alliance behind.
            home = account_queries.home(account)
            if home and home != number:
                raise Refused("The account %(code)s exists already.", code=account)
        if number is None:
            number = members.found_alliance(code, zh, en, by=system, now=now)
        for account, name, role in pairs:
            link = _first_person(number, account, name, role, now)
            if link:
                click.echo(f"{role:15} {account:15} {address.rstrip('/')}/accounts/passwords/set/{link}")
            else:
                click.echo(f"{role:15} {account:15} has a password already")
    except Refused as refused:
        raise click.ClickException(str(refused)) from refused


def _first_person(number: int, account: str, name: str, role: str, now: datetime) -> str:
    """An account with its first role, made as far as it is not there yet; the secret of its link, "" for none."""
    system, today = Actor("system"), day_of(now)
    there = account_queries.person(number, account, today, now)
    if there is None:
        link = accounts.invite_account(number, account, name, "", "", by=system, now=now)
    elif there.accounts[0].password_at is None:
        link = accounts.reset_account(number, account, by=system, now=now)
    else:
        link = ""
    if there is None or not any(line.grant.role == role for line in there.grants):
        accounts.give_grant(account, role, number, "", today, None, by=system, now=now)
    return link


@click.group()
def demo() -> None:
    """The demo alliance."""


@demo.command("load")
@click.option(
    "--day", type=click.DateTime(["%Y-%m-%d"]), help="The day on which the demo's clock stands; by default today."
)
@click.option("--months", type=click.IntRange(12, 24), default=24, show_default=True, help="How long its story is.")
def load_demo(day: datetime | None, months: int) -> None:
    """Load the demo alliance, once; loading it again does nothing. Never beside another alliance.

    A load that was interrupted begins anew.
    """
    settle()
    gc.set_threshold(SELDOM)  # the process ends when it is done: a sixth of its time went into looking for garbage
    with _alone():
        _load_demo(day.date() if day else clock.default_day(datetime.now(SHANGHAI).date()), months)
    click.echo(f"demo: sign in with the password {people.PASSWORD} as")
    for line in story.lines():
        click.echo(f"demo:   {line}")


@contextmanager
def _alone() -> Iterator[None]:
    """Only one process on this machine loads the demo into a folder; the system takes the lock from one that died."""
    folder = current_app.config["ALLIANCE"].data
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / "demo.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise click.ClickException("The demo is being loaded by another process.") from error
        yield


def _load_demo(day: date, months: int) -> None:
    others = [one.code for one in member_queries.alliances() if one.code != people.ALLIANCE[0]]
    if not others and member_queries.alliances() and not (story.is_begun() or story.is_loaded()):
        others = [people.ALLIANCE[0]]  # a real alliance of this name: it is no half demo, and is never cleared
    if others:
        raise click.ClickException(
            f"This database holds the alliance {others[0]}; the demo is never loaded beside it. Start with "
            "ALLIANCE_DEMO=0, or name another ALLIANCE_DATA for the demo."
        )
    if story.is_loaded():
        click.echo("demo: it is there already")
        return
    if story.is_begun():
        click.echo("demo: an earlier load was interrupted; this database, which holds nothing else, is made anew")
        _clear()
    started = time.monotonic()
    story.load(day, lambda text: click.echo(f"demo: {time.monotonic() - started:3.0f} s  {text}"), months=months)
    click.echo(f"demo: loaded in {time.monotonic() - started:.0f} s; its clock stands on {day.isoformat()}")


def _clear() -> None:
    """Every table made anew: the log of half a demo takes no deletion."""
    db.session.remove()
    downgrade(revision="base")
    upgrade()


@click.group()
def runs() -> None:
    """What is kept of computations."""


@runs.command("check")
@click.argument("run_ids", nargs=-1, type=int)
def check_runs(run_ids: tuple[int, ...]) -> None:
    """Work every kept figure out again from its printed formula, and compare digests; all runs when none are named."""
    wrong = 0
    for run in audit.all_runs():
        if run_ids and run.id not in run_ids:
            continue
        figures = audit.load_run(run.id)
        lies = [figure.key for figure in figures if figure.kind.formula and not tells_the_truth(figure)]
        same = digest(figures) == run.digest
        click.echo(
            f"run {run.id} {run.subject}: {len(figures)} figures, "
            f"digest {'same' if same else 'DIFFERS'}, {len(lies)} untrue"
        )
        for key in lies[:10]:
            click.echo(f"  {key}")
        wrong += bool(lies) or not same
    if wrong:
        raise click.ClickException(f"{wrong} runs are not what they were.")


@click.group("audit")
def log() -> None:
    """The audit log: seal it, and prove that nothing in it was changed."""


@log.command("seal")
@click.option("--print", "printed", is_flag=True, help="Print the chain of seals, to be kept elsewhere.")
def seal_log(printed: bool) -> None:
    """Seal what is not sealed yet."""
    count = 0
    while sealed := audit_services.seal_events(now=datetime.now(UTC)):
        count += sealed
    click.echo(f"audit: {count} events were sealed", err=printed)
    if printed:
        for seal in audit.seals():
            click.echo(_seal_line(seal))


def _seal_line(seal: audit.SealInfo) -> str:
    """A seal as a line of the file that is kept elsewhere: number, time, events from and to, text of the seal."""
    return f"{seal.id} {seal.at.isoformat()} {seal.first_event} {seal.last_event} {seal.seal}"


@log.command("verify")
@click.option("--database", default="", help="Another database than the portal's own, such as a restored copy.")
@click.option(
    "--against", type=click.Path(exists=True, dir_okay=False), help="A chain of seals that was kept elsewhere."
)
def verify_log(database: str, against: str | None) -> None:
    """Work every seal out again from the events. Needs the database only; changes nothing."""
    copy = _kept_elsewhere(Path(against).read_text("utf-8").splitlines()) if against else {}
    try:
        url = make_url(database or current_app.config["SQLALCHEMY_DATABASE_URI"])
    except ArgumentError as error:
        raise click.ClickException(f"{database} is no address of a database.") from error
    if url.get_backend_name() == "sqlite" and not (url.database and Path(url.database).is_file()):
        raise click.ClickException(f"There is no database at {url.database}.")
    engine = create_engine(url, hide_parameters=True)
    level = "REPEATABLE READ" if engine.dialect.name == "postgresql" else "SERIALIZABLE"
    try:
        with engine.connect().execution_options(isolation_level=level) as connection:
            found = audit.verify(connection, copy)
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        raise click.ClickException(f"The log cannot be read: {reason}.") from error
    finally:
        engine.dispose()
    for finding in found.findings:
        click.echo(f"{finding.what} {finding.wrong}")
    if found.wrong > len(found.findings):
        click.echo(f"… and {found.wrong - len(found.findings)} more")
    click.echo(f"audit: {found.events} events, {found.seals} seals; {found.unsealed} events are not sealed yet")
    if found.unused > 0:
        click.echo(f"audit: {found.unused} numbers have no event: transactions that were rolled back leave such gaps")
    if found.last:
        click.echo("audit: the last seal, to be compared with a copy kept elsewhere:")
        click.echo(_seal_line(found.last))
    if found.wrong:
        raise click.ClickException(f"The log is not what it was: {found.wrong} things are wrong.")
    click.echo("audit: the log is whole")


def _kept_elsewhere(lines: Iterable[str]) -> dict[int, str]:
    """Seals by number from a file of `audit seal --print`."""
    found: dict[int, str] = {}
    for number, line in enumerate(lines, 1):
        parts = line.split()
        if not parts:
            continue
        if len(parts) != 5 or not parts[0].isdecimal():
            raise click.ClickException(f"Line {number} of the copy is no seal.")
        found[int(parts[0])] = parts[4]
    return found
