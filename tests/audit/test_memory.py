"""What is kept is kept: five ways to change it, each refused on both databases; digests equal on both."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from alliance.audit import queries, services
from alliance.core.figure import digest
from alliance.core.formula import tells_the_truth
from alliance.db import db
from alliance.evaluation import services as evaluation
from tests.small import at, by

TABLES = ("event", "event_seal", "run", "figure_kind", "figure", "figure_input")
# Worked out once and the same on every database, for ever: a change of this line is a change of published results.
DIGEST = "597b4de7912b04c5dcc479a4f1cfe1435d9ea25f73515a673259b1149165b01f"


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
