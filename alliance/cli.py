"""The commands: demo, worker, checks of what is kept."""

from __future__ import annotations

import time
from datetime import datetime

import click
from flask import Flask, current_app

from alliance import jobs
from alliance.audit import queries as audit
from alliance.core.figure import digest
from alliance.core.formula import tells_the_truth
from alliance.core.period import SHANGHAI
from alliance.demo import people, story


def prepare(app: Flask) -> None:
    """Give the app its commands."""
    app.cli.add_command(worker)
    app.cli.add_command(runs)
    app.cli.add_command(demo)
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
