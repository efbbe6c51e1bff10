"""The commands: demo, worker, checks of what is kept."""

from __future__ import annotations

import time
from datetime import datetime

import click
from flask import Flask, current_app
from sqlalchemy import make_url

from alliance import jobs
from alliance.audit import queries as audit
from alliance.core.figure import digest
from alliance.core.formula import tells_the_truth
from alliance.core.period import SHANGHAI
from alliance.demo import people, story
from alliance.members import queries as members


def prepare(app: Flask) -> None:
    """Give the app its commands."""
    app.cli.add_command(worker)
    app.cli.add_command(runs)
    app.cli.add_command(demo)
    app.config["DEMO_PASSWORD"], app.config["DEMO_ALLIANCE"] = people.PASSWORD, people.ALLIANCE[0]


@click.command()
def worker() -> None:
    """Do timed work until stopped."""
    jobs.run(current_app._get_current_object())  # type: ignore[attr-defined]


@click.group()
def demo() -> None:
    """The demo alliance."""


@demo.command("load")
def load_demo() -> None:
    """Load the demo alliance, once; loading it again does nothing. Never beside another alliance."""
    others = [code for code in members.alliances() if code != people.ALLIANCE[0]]
    if others:
        raise click.ClickException(
            f"This database holds the alliance {others[0]}; the demo is never loaded beside it. Start with "
            "ALLIANCE_DEMO=0, or name another ALLIANCE_DATA for the demo."
        )
    if story.is_loaded():
        click.echo("demo: it is there already")
    elif story.is_begun():
        url = make_url(current_app.config["ALLIANCE"].database_url)
        raise click.ClickException(
            f"The demo was interrupted while it loaded. The database {url.database} holds nothing else: remove it, or "
            "name another one, and start again."
        )
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
