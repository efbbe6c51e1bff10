"""Scores of units that are taken from the alliance's evaluation, and the bonus that rests on them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from alliance.audit import queries as audit
from alliance.core.figure import State
from alliance.core.refused import Refused
from alliance.evaluation import services as evaluation
from alliance.workpoints import queries, services
from alliance.workpoints.queries.filing import Given
from alliance.workpoints.rules.entries import BLANK, Entry
from tests.conftest import Client
from tests.small import at, by
from tests.workpoints.small_bonus import HOSPITAL
from tests.workpoints.test_runs import MONTH, computed, day, prepared

PAGE = f"/workpoints/entries/read?institution={HOSPITAL}&month={MONTH}"


def scored() -> audit.KeptFigure:
    """The hospital's official score of the first quarter."""
    run = evaluation.compute_run(1, "2026Q1", by=by("office"), now=at(20))
    return audit.figures_of(run, ["H1/score"])["H1/score"]


def taken() -> int:
    return services.take_score(1, HOSPITAL, MONTH, by=by("h1.bonus"), now=day(1))


def unfiled() -> None:
    """A month that is prepared but for the score of one of its two units."""
    prepared(1)
    services.file_entry(1, HOSPITAL, MONTH, [Given("N1", "score", BLANK)], "撤回", by=by("h1.bonus"), now=day(1))


def test_units_without_a_score_take_the_official_one_and_the_bonus_rests_on_its_figure(inside: Flask) -> None:
    score = scored()
    unfiled()
    assert taken() == 1
    run = queries.bonus_run(1, HOSPITAL, MONTH) if computed(1) else None
    assert run is not None
    used = audit.figures_of(run.first_run, ["unit/N1/score", "unit/D1-1/score"])
    assert used["unit/N1/score"].value == score.value
    source = used["unit/N1/score"].source
    assert source == queries.unit_entries(1, HOSPITAL, MONTH)["N1", "score"].document
    assert (source.startswith("figure:"), source.endswith("/H1/score")) == (True, True)
    assert used["unit/D1-1/score"].source.startswith("unitentry:")


def test_there_is_nothing_to_take_before_a_score_nor_when_every_unit_has_one(inside: Flask) -> None:
    unfiled()
    with pytest.raises(Refused, match="no official score"):
        taken()
    scored()
    taken()
    with pytest.raises(Refused, match="a score already"):
        taken()


def test_a_score_of_a_period_that_was_not_over_is_not_taken(inside: Flask) -> None:
    scored()
    assert queries.official_score(1, HOSPITAL, "2026-02") is None
    found = queries.official_score(1, HOSPITAL, "2026-03")
    assert found is not None
    assert found.period == "2026Q1"


def test_nobody_types_a_figure_as_a_document(inside: Flask) -> None:
    unfiled()
    given = [Given("N1", "score", Entry(scored().value, State.VALUE))]
    with pytest.raises(Refused, match="document"):
        services.file_entry(1, HOSPITAL, MONTH, given, "figure:0/H1/score", by=by("h1.bonus"), now=day(1))


def test_the_office_takes_it_on_the_page_and_it_opens_into_the_score(
    app: Flask, client_as: Callable[[str], Client]
) -> None:  # fmt: skip
    with app.app_context():
        score = scored()
        unfiled()
    office = client_as("h1.bonus")
    path = f"/workpoints/scores/take/{HOSPITAL}/{MONTH}"
    assert path in office.get(PAGE).text
    answer = office.post(path, data={"csrf_token": office.token(PAGE)}, follow_redirects=True)
    assert "1 个科室已采用正式得分".replace(" ", "") in answer.text.replace(" ", "")
    assert path not in answer.text
    page = office.get(f"{PAGE}&unit=N1").text
    link = next(part for part in page.split('"') if "/by-key/" in part)
    opened = office.get(link.replace("&amp;", "&"), follow_redirects=True)
    assert opened.status_code == 200
    assert str(score.value) in opened.text
