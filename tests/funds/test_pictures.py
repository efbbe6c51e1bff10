"""The flows of a fund: what comes in is what goes out, and the marks lead on."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from xml.etree import ElementTree

from flask import Flask

from alliance.audit import queries as audit
from alliance.evaluation import services as evaluation
from alliance.funds import pictures, queries, services
from alliance.members import queries as members
from tests.conftest import Client
from tests.small import MEMBERS, at, by

Q1 = "2026Q1"


def test_the_streams_into_the_fund_are_those_out_of_it(app: Flask, client_as: Callable[[str], Client]) -> None:
    with app.app_context():
        evaluation.compute_run(1, Q1, by=by("office"), now=at(20))
        rows = [services.TotalRow(code, 10_000_000, Decimal(100)) for code in MEMBERS]
        services.file_total(1, Q1, rows, "list", by=by("office"), now=at(20))
        number = services.compute_fund(1, Q1, by=by("office"), now=at(21))
    app.config["CLOCK"] = lambda: at(22)
    page = client_as("chair").get(f"/funds/funds/read/{number}")
    assert page.status_code == 200
    with app.test_request_context():
        fund = queries.fund(1, number)
        assert fund is not None
        shares = queries.shares(number)
        names = {one.code: one for one in members.institutions(1, at(21).date())}
        figures = audit.figures_of(number, [f"fund/{Q1}/pool", f"fund/{Q1}/reserve"])
        drawn = pictures.picture(fund, shares, names, figures, queries.sums(fund, shares).other)
        middle = drawn.streams[0].target
        assert sum(one.cents for one in drawn.streams if one.target == middle) == fund.pool
        assert sum(one.cents for one in drawn.streams if one.source == middle) == fund.pool
        ElementTree.fromstring(drawn.svg)
        ElementTree.fromstring(drawn.narrow)
        assert f"/figures/{number}/{figures[f'fund/{Q1}/pool'].number}" in drawn.narrow
        assert all(f"/{share.institution}" in drawn.svg for share in shares if share.received)
