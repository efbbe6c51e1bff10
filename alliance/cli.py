"""The commands: demo, worker, checks of what is kept."""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import click
from flask import Flask, current_app
from sqlalchemy import create_engine, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from alliance import jobs
from alliance.audit import queries as audit
from alliance.audit import services as audit_services
from alliance.core.figure import digest
from alliance.core.formula import tells_the_truth
from alliance.core.period import SHANGHAI
from alliance.demo import people, story


def prepare(app: Flask) -> None:
    """Give the app its commands."""
    app.cli.add_command(worker)
    app.cli.add_command(runs)
    app.cli.add_command(demo)
    app.cli.add_command(log)
    app.config["DEMO_PASSWORD"] = people.PASSWORD


@click.command()
def worker() -> None:
    """Do timed work until stopped."""
    jobs.run(current_app._get_current_object())  # type: ignore[attr-defined]


@click.group()
def demo() -> None:
    """The demo alliance."""


@demo.command("load")
def load_demo() -> None:
    """Load the demo alliance, once; loading it again does nothing."""
    if story.is_loaded():
        click.echo("demo: it is there already")
    elif story.is_begun():
        folder = current_app.config["ALLIANCE"].data
        raise click.ClickException(f"The demo was interrupted while it loaded. Remove {folder} and start again.")
    else:
        started = time.monotonic()
        story.Teller(datetime.now(SHANGHAI).date(), lambda text: click.echo(f"demo: {text}")).tell()
        click.echo(f"demo: loaded in {time.monotonic() - started:.0f} s")
    click.echo(f"demo: sign in with the password {people.PASSWORD} as")
    for line in story.lines():
        click.echo(f"demo:   {line}")


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
