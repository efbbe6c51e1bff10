"""The portal of a hospital with ALLIANCE_SPARK set: a file loaded, a month computed, every page of lines opened.

No test of its own: tests/workpoints/test_spark.py runs this file with the client of Spark and the address of a server.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from flask import Flask

from alliance.audit import queries as audit
from alliance.config import Config, from_environment
from alliance.workpoints import queries, services
from alliance.workpoints.rules.headings import guessed
from alliance.workpoints.rules.items import Item
from alliance.workpoints.rules.meanings import UNIT, Meaning
from alliance.workpoints.rules.tables import TableRow
from alliance.workpoints.rules.workloads import Workload
from alliance.workpoints.volume import cluster
from alliance.workpoints.volume.partitions import partitions_of
from tests.conftest import Client, run_jobs
from tests.small import YEAR, by
from tests.workpoints.small_bonus import HEADS, HOSPITAL, put_scheme, scheme_data
from tests.workpoints.test_runs import MONTH, prepared

NOW = datetime(2026, 7, 2, 2, tzinfo=UTC)
OFFICE = by("h1.bonus")
LINES = [
    ["1", "2026-06-01", "T1", "门诊", "2", "200.00", "0102", "0001", "0103", "0002"],
    ["2", "2026-06-30", "T1", "住院", "1.5", "150.01", "0102", "0001", "0103", "0003"],
    ["3", "2026-06-02", "G1", "门诊", "10", "55.50", "0102", "0001", "0103", ""],
    ["4", "2026-06-03", "N1", "住院", "1", "20.00", "", "", "0103", "0002"],
    ["5", "2026-06-04", "OLD'S", "住院", "1", "33.00", "", "", "9999", "0002"],
    ["6", "2026-06-31", "T1", "住院", "1", "33.00", "", "", "0103", "0002"],  # no day: put aside
]
TABLE = [
    TableRow(Item("T1", "清创术", "Debridement", "treatment"), "ordering", Decimal("2"), 2),
    TableRow(Item("T1", "清创术", "Debridement", "treatment"), "performing", Decimal("8.125"), 3),
    TableRow(Item("G1", "阿司匹林", "Aspirin", "drug"), "", None, 4),
    TableRow(Item("N1", "未定点数护理", "Nursing without points", "nursing"), "", None, 5),
]
PLACE = f"institution={HOSPITAL}&month={MONTH}"
PAGES = (
    f"/workpoints/charges/list?{PLACE}", f"/workpoints/charges/read/{HOSPITAL}/{MONTH}/HIS/1",
    f"/workpoints/lines/list?{PLACE}", f"/workpoints/volumes/read?{PLACE}",
    f"/workpoints/lines/list?{PLACE}&role=performing&unit=N1&person=0002&setting=outpatient",
    f"/workpoints/lines/list?{PLACE}&role=performing&unit=N1&person=0002&setting=inpatient",
    f"/workpoints/lines/list?{PLACE}&role=ordering&unit=D1-1&person=0001&setting=inpatient",
    f"/workpoints/techniques/list?{PLACE}", f"/workpoints/techniques/list?{PLACE}&technique=t&unit=N1",
)  # fmt: skip


@pytest.fixture
def backend() -> str:
    return "sqlite"  # the engine does not know the database


@pytest.fixture
def sessions(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses of the sessions that were opened at the cluster."""
    opened, found = cluster.opened, list[str]()

    @contextmanager
    def counted(address: str) -> Iterator[cluster.Cluster]:
        found.append(address)
        with opened(address) as one:
            yield one

    monkeypatch.setattr(cluster, "opened", counted)
    return found


def on(app: Flask, spark: str) -> None:
    """The portal as it is started with this address of a cluster, or with none."""
    before: Config = app.config["ALLIANCE"]
    environ = {"ALLIANCE_SECRET_KEY": "0123456789" * 4, "ALLIANCE_DATA": str(before.data), "ALLIANCE_SPARK": spark}
    app.config["ALLIANCE"] = replace(before, spark=from_environment(environ).spark)


def put_month(app: Flask) -> None:
    """June of H1, with points as half of what the units share, codes of lines known, and work entered by hand."""
    alliance = prepared(1)
    night = {"shift": "N1", "rate": "280", "from": "2026-01-01"}
    technique = {"code": "t", "name_zh": "术", "name_en": "T", "items": ["T1"], "amount": 50, "from": YEAR}
    driven = scheme_data(
        first={"model": "driver", "closing": "exact"}, drivers={"establishment": 50, "points": 50}, night=[night],
        technique=[technique],
    )  # fmt: skip
    services.import_points(alliance, HOSPITAL, TABLE, YEAR, "点数表", "a" * 64, by=OFFICE, now=NOW)
    put_scheme(alliance, driven)
    for outside, unit in (("0102", "D1-1"), ("0103", "N1")):
        services.map_code(alliance, HOSPITAL, Meaning(UNIT, outside, unit, YEAR), by=OFFICE, now=NOW)
    work = Workload(date(2026, 6, 9), "T1", Decimal("0.5"), "performing", "inpatient", "N1", "0002", "清创", "登记本")
    number = services.enter_workload(alliance, HOSPITAL, work, by=OFFICE, now=NOW)
    lines = partitions_of(app.config["ALLIANCE"].data, alliance)
    services.review_workload(lines, alliance, HOSPITAL, number, "accepted", by=by("h1.finance"), now=NOW)


def load(client: Client, app: Flask) -> None:
    """Send the month's file and have it loaded, as the office does."""
    content = "\n".join(",".join(row) for row in [HEADS, *LINES]).encode()
    sent = {"month": MONTH, "source": "HIS", "file": (BytesIO(content), "六月.csv"), "csrf_token": client.token()}
    shown = client.post(f"/workpoints/charges/load/{HOSPITAL}", data=sent).get_data(as_text=True)
    kept = {name: shown.split(f'name="{name}" type="hidden" value="')[1].split('"')[0] for name in ("kept", "name")}
    columns = {f"column_{column}": heading for column, heading in guessed(HEADS).items()}
    answer = client.send(
        f"/workpoints/charges/load/{HOSPITAL}", month=MONTH, source="HIS", **kept, **columns, apply="1"
    )
    assert "/work/jobs/read/" in answer.location
    assert run_jobs(app) == 1


def computed(client: Client, app: Flask) -> tuple[Any, ...]:
    """The month computed through its page, by the worker: digests, what the lines gave, units, persons, issues."""
    answer = client.send(f"/workpoints/runs/compute/{HOSPITAL}/{MONTH}")
    assert answer.status_code == 302, answer.get_data(as_text=True)
    assert run_jobs(app) == 1
    with app.app_context():
        run = queries.bonus_run(1, HOSPITAL, MONTH)
        assert run is not None
        runs = audit.read_runs([run.first_run, run.second_run], 1)
        kept = [(runs[number].digest, runs[number].inputs) for number in (run.first_run, run.second_run)]
        units = {unit: one.bonus for unit, one in queries.bonus_units(run.id).items()}
        return kept, units, queries.bonus_shares(run.id), run.issues, run.rows


def shown(client: Client, path: str) -> str:
    """A page without what is new in each answer."""
    answer = client.get(path)
    assert answer.status_code == 200, path
    signed = r"[\w-]+\.[\w-]{6}\.[\w-]{20,}"  # by the second
    return re.sub(signed, "", re.sub(r'nonce="[^"]*"', "", answer.get_data(as_text=True)))


def test_a_portal_on_a_cluster_pays_what_the_embedded_engine_pays(
    app: Flask, client_as: Callable[[str], Client], sessions: list[str]
) -> None:
    address = os.environ["ALLIANCE_SPARK"]
    app.config["CLOCK"] = lambda: NOW
    with app.app_context():
        put_month(app)
    client = client_as("h1.bonus")
    on(app, address)
    load(client, app)
    there = computed(client, app)
    pages = [shown(client, path) for path in PAGES]
    assert set(sessions) == {address}
    asked = len(sessions)
    on(app, "")
    here = computed(client, app)
    assert there == here
    for path, page in zip(PAGES, pages, strict=True):
        assert shown(client, path).splitlines() == page.splitlines(), path
    assert len(sessions) == asked
    assert "OLD&#39;S" in pages[0]
    assert "/workpoints/workloads/read/H1/1" in pages[5]
    assert date(2026, 6, 30).isoformat() in pages[6]
    assert "/workpoints/workloads/read/H1/1" in pages[8]
