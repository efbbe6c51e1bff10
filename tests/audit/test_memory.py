"""What is kept is kept: five ways to change it, each refused on both databases; digests equal on both."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from alliance.audit import queries, services
from alliance.audit.models import FigureInput
from alliance.core.figure import digest
from alliance.core.formula import tells_the_truth
from alliance.db import append_many, db, transaction
from alliance.evaluation import services as evaluation
from tests.small import at, by

TABLES = ("event", "event_seal", "run", "figure_kind", "figure", "figure_input")
# Worked out once and the same on every database, for ever: a change of this line is a change of published results.
DIGEST = "49c29ddd94cf575890a98dc244f0da2afcc24928547344ff5c769715e848f5e5"


@pytest.fixture
def run(inside: Flask) -> int:
    return evaluation.compute_run(1, "2026Q1", by=by("office"), now=at(20))


@pytest.mark.parametrize("table", TABLES)
def test_nothing_kept_can_be_changed(run: int, backend: str, table: str) -> None:
    column = {
        "event": "act",
        "event_seal": "root",
        "run": "digest",
        "figure_kind": "zh",
        "figure": "value",
        "figure_input": "name",
    }[table]
    services.seal_events(now=at(21))
    before = db.session.execute(text(f"SELECT * FROM {table} ORDER BY 1, 2")).all()
    assert before
    db.session.rollback()
    ways = [f"UPDATE {table} SET {column} = 'x'", f"DELETE FROM {table}"]
    if backend == "postgresql":
        ways.append(f"TRUNCATE {table} CASCADE")
    else:
        ways.append(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table} LIMIT 1")
        ways.append(f"REPLACE INTO {table} SELECT * FROM {table} LIMIT 1")
    for way in ways:
        with pytest.raises(DBAPIError, match="append-only"):
            db.session.execute(text(way))
        db.session.rollback()
    assert db.session.execute(text(f"SELECT * FROM {table} ORDER BY 1, 2")).all() == before


def test_every_kept_figure_tells_the_truth(run: int) -> None:
    figures = queries.load_run(run)
    assert len(figures) > 50
    assert [figure.key for figure in figures if figure.kind.formula and not tells_the_truth(figure)] == []


def test_the_digest_of_what_is_kept_is_the_digest_of_what_was_computed(run: int) -> None:
    info = queries.read_run(run, 1)
    assert info is not None
    assert digest(queries.load_run(run)) == info.digest == DIGEST


def test_the_same_inputs_give_the_same_digest(run: int) -> None:
    again = evaluation.compute_run(1, "2026Q1", by=by("office"), now=at(21))
    first, second = queries.read_run(run, 1), queries.read_run(again, 1)
    assert first is not None
    assert second is not None
    assert again != run
    assert first.digest == second.digest


def test_what_is_added_many_at_a_time_comes_back_as_it_was(inside: Flask) -> None:
    """Rows enough for blocks and a remainder, with all that COPY gives a meaning of its own."""
    odd = ["\\", "\\N", "\\.", "a\tb", "a\nb", "a\r\nb", "", "中文 “”", "NULL", "'; --", "\\t", "{1,2}"]
    rows = [(9, number, number % 7, odd[number % len(odd)], number) for number in range(1, 251)]
    with transaction() as session:
        append_many(session, FigureInput.__table__, ["run_id", "figure", "position", "name", "input"], rows)
    found = db.session.execute(
        select(FigureInput.run_id, FigureInput.figure, FigureInput.position, FigureInput.name, FigureInput.input)
        .where(FigureInput.run_id == 9)
        .order_by(FigureInput.figure)
    )
    assert [tuple(row) for row in found] == rows
