"""Schemes, runs, vetoes: the walk of the house's own example, and what is refused."""

from __future__ import annotations

import copy
from datetime import date
from decimal import Decimal

import pytest
from flask import Flask

from alliance.accounts import services as accounts
from alliance.audit import queries as audit
from alliance.core.refused import Forbidden, NotFound, Refused
from alliance.evaluation import queries, services, sheets
from alliance.files import read_toml
from alliance.indicators import services as indicators
from tests.small import LIBRARY, REASON, SCHEME, at, by, decide

Q1 = "2026Q1"
ALL_REASONS = dict.fromkeys(
    ("tertiary.collaboration", "secondary.collaboration", "primary.collaboration", "scheme.qualitative"), REASON
)


def figure(run: int, key: str) -> Decimal | None:
    return audit.figures_of(run, [key])[key].value


def computed() -> int:
    return services.compute_run(1, Q1, by=by("office"), now=at(20))


def test_the_walk_of_one_datum(inside: Flask) -> None:
    """C3: 40 + 40 + 37 referrals against 400 + 400 + 412 discharges give 9.65; attainment of 10 weighs 60."""
    run = computed()
    assert figure(run, "C3/E1/2026Q1") == Decimal(117)
    assert figure(run, "C3/I1/2026Q1") == Decimal("9.65")  # 117 / 1212 × 100 = 9.6534…
    assert figure(run, "C3/I1/share") == Decimal("0.965000")
    assert figure(run, "C3/I1/points") == Decimal("57.9")
    assert figure(run, "C3/I2/points") == Decimal("25")  # 150 / 300 × 100 = 50 of 80, weight 40
    assert figure(run, "C3/data_score") == Decimal("82.90")
    assert figure(run, "C3/collaboration_score") == Decimal("96.50")
    assert figure(run, "C3/score") == Decimal("82.90")  # peers have no result: their weight goes to the data
    assert figure(run, "C3/rank") == Decimal(3)


def test_a_group_with_a_result_weighs_in(inside: Flask) -> None:
    services.enter_rating(1, Q1, "peers", "C3", Decimal("92.5"), 5, "minutes 3", by=by("office"), now=at(19))
    run = computed()
    assert figure(run, "C3/score") == Decimal("84.82")  # (82.90 × 80 + 92.5 × 20) ÷ 100


def test_scores_are_listed_by_rank_and_small_tiers_have_none(inside: Flask) -> None:
    rows = queries.scores(computed())
    assert [(row.institution, row.rank) for row in rows if row.tier == "primary"] == [("C2", 1), ("C1", 2), ("C3", 3)]
    assert {row.rank for row in rows if row.tier != "primary"} == {None}


def test_a_member_whose_figures_were_not_accepted_scores_nothing_and_is_listed(inside: Flask) -> None:
    from sqlalchemy import text

    from alliance.db import db

    db.session.execute(
        text("UPDATE submission SET state = 'submitted' WHERE institution = 'C2' AND period = '2026-02'")
    )
    db.session.commit()
    run = computed()
    row = queries.score(run, "C2")
    assert row is not None
    assert (row.score, row.missing) == (Decimal(0), 2)


def test_a_veto_needs_its_decision_and_leaves_nothing(inside: Flask) -> None:
    with pytest.raises(Refused, match="no decision"):
        services.impose_veto(1, Q1, "C1", "figures were made up", decision="2026-009", by=by("chair"), now=at(18))
    decide(1, "2026-009", f"veto:C1/{Q1}", at(18))
    services.impose_veto(1, Q1, "C1", "figures were made up", decision="2026-009", by=by("chair"), now=at(18))
    run = computed()
    row = queries.score(run, "C1")
    assert row is not None
    assert (row.score, row.rank, row.vetoed) == (Decimal(0), None, True)


def test_nobody_decides_on_the_own_employer(inside: Flask) -> None:
    decide(1, "2026-009", f"veto:H2/{Q1}", at(18))
    with pytest.raises(Forbidden):
        services.impose_veto(1, Q1, "H2", "figures were made up", decision="2026-009", by=by("judge"), now=at(18))


def test_a_trial_keeps_nothing_for_good(inside: Flask) -> None:
    number = services.try_run(1, Q1, "2026", 1, by=by("analyst"), now=at(20))
    found = queries.trial(1, number)
    assert found is not None
    assert {row["institution"]: row["score"] for row in found.summary}["C3"] == "82.9"
    assert queries.runs(1) == []


def test_a_trial_and_the_official_run_have_one_digest(inside: Flask) -> None:
    trial = queries.trial(1, services.try_run(1, Q1, "2026", 1, by=by("analyst"), now=at(20)))
    run = audit.read_run(computed(), 1)
    assert trial is not None
    assert run is not None
    assert trial.digest == run.digest


def test_a_period_that_is_not_over_is_not_scored_officially(inside: Flask) -> None:
    with pytest.raises(Refused, match="not over"):
        services.compute_run(1, "2026Q2", by=by("office"), now=at(20))


def changed(**parts: object) -> dict[str, object]:
    return {**copy.deepcopy(SCHEME), **parts}


def test_weights_that_do_not_add_up_are_refused_with_their_place(inside: Flask) -> None:
    data = changed()
    data["line"][0]["weight"]["primary"] = "59.9"  # type: ignore[index]
    with pytest.raises(Refused) as caught:
        services.import_scheme(1, data, by=by("office"), now=at(1))
    assert [(p.where, p.value) for p in caught.value.problems] == [("primary", "99.9")]


def test_a_decided_scheme_is_frozen_and_a_change_is_a_new_version(inside: Flask) -> None:
    reference = services.import_scheme(1, changed(), by=by("office"), now=at(1))
    assert reference == "2026/2"
    with pytest.raises(Refused, match="frozen"):
        services.decide_scheme(1, "2026", 1, {}, decision="2026-001", by=by("chair"), now=at(1))
    assert queries.scheme_info(1, "2026", 1).content == queries.scheme_info(1, "2026", 2).content  # type: ignore[union-attr]


def test_nobody_puts_the_own_draft_into_force(inside: Flask) -> None:
    services.import_scheme(1, changed(), by=by("chair"), now=at(1))
    decide(1, "2026-002", "scheme:2026/2", at(1))
    with pytest.raises(Forbidden):
        services.decide_scheme(1, "2026", 2, {}, decision="2026-002", by=by("chair"), now=at(1))


def redrafted(weight: str) -> dict[str, object]:
    """The scheme of the tests with other weights in its first tier."""
    data = changed()
    for line, one in zip(data["line"], (weight, str(100 - int(weight))), strict=True):  # type: ignore[call-overload]
        line["weight"]["tertiary"] = one
    return data


def test_a_draft_is_not_swapped_after_the_vote(inside: Flask) -> None:
    """Neither a decision recorded before a new draft nor one of a meeting held before it puts that draft into force.
    before it."""
    services.import_scheme(1, redrafted("55"), by=by("office"), now=at(1))
    decide(1, "2026-002", "scheme:2026/2", at(2))
    services.import_scheme(1, redrafted("50"), by=by("office"), now=at(3))
    with pytest.raises(Refused, match="decide on it anew"):
        services.decide_scheme(1, "2026", 2, ALL_REASONS, decision="2026-002", by=by("chair"), now=at(4))
    accounts.record_decision(
        1, "committee", "2026-003", at(2).date(), "scheme:2026/2", "text", "doc", {1: "for", 2: "for"},
        by=by("judge"), now=at(4),
    )  # fmt: skip
    with pytest.raises(Refused, match="decide on it anew"):
        services.decide_scheme(1, "2026", 2, ALL_REASONS, decision="2026-003", by=by("chair"), now=at(4))
    decide(1, "2026-004", "scheme:2026/2", at(4))
    services.decide_scheme(1, "2026", 2, ALL_REASONS, decision="2026-004", by=by("chair"), now=at(4))


def test_the_same_draft_again_leaves_its_decision_standing(inside: Flask) -> None:
    services.import_scheme(1, redrafted("55"), by=by("office"), now=at(1))
    decide(1, "2026-002", "scheme:2026/2", at(2))
    assert services.import_scheme(1, redrafted("55"), by=by("office2"), now=at(3)) == "2026/2"
    services.decide_scheme(1, "2026", 2, ALL_REASONS, decision="2026-002", by=by("chair"), now=at(4))


def test_who_drafted_first_does_not_put_it_into_force_after_somebody_imported_it_anew(inside: Flask) -> None:
    services.import_scheme(1, redrafted("55"), by=by("chair"), now=at(1))
    services.import_scheme(1, redrafted("50"), by=by("office"), now=at(1))
    decide(1, "2026-002", "scheme:2026/2", at(2))
    with pytest.raises(Forbidden):
        services.decide_scheme(1, "2026", 2, ALL_REASONS, decision="2026-002", by=by("chair"), now=at(2))
    services.decide_scheme(1, "2026", 2, ALL_REASONS, decision="2026-002", by=by("judge"), now=at(2))


def test_a_scheme_tells_when_its_definitions_have_changed_since_the_decision(inside: Flask) -> None:
    """What it does not rest on may change; every run keeps the digest of what it used."""
    info = queries.scheme_info(1, "2026", 1)
    assert info is not None
    first = audit.read_run(computed(), 1)
    element = {"code": "E8", "name_zh": "别项", "name_en": "Another", "unit_zh": "人", "unit_en": "persons"}
    indicators.load_library(1, {**LIBRARY, "element": [*LIBRARY["element"], element]}, by=by("office"), now=at(20))
    assert not queries.library_changed(1, info)
    changed_one = {**LIBRARY["indicator"][0], "factor": "1000"}
    text = "minutes of the data group, no. 4"
    indicators.define_indicator(1, changed_one, 1, date(2026, 4, 1), "need", text, by=by("office"), now=at(21))
    assert queries.library_changed(1, info)
    second = audit.read_run(computed(), 1)
    assert first is not None
    assert second is not None
    # The first quarter keeps the version that held in it.
    assert first.inputs["library_sha256"] == second.inputs["library_sha256"] != queries.library_digest(1, info)


def test_nobody_enters_a_result_of_the_own_employer(inside: Flask) -> None:
    with pytest.raises(Forbidden):
        services.enter_rating(1, Q1, "peers", "H1", Decimal(90), 5, "minutes", by=by("office"), now=at(19))
    services.enter_rating(1, Q1, "peers", "H1", Decimal(90), 5, "minutes", by=by("office2"), now=at(19))


def test_a_decision_on_another_matter_or_not_adopted_is_refused(inside: Flask) -> None:
    services.import_scheme(1, changed(), by=by("office"), now=at(1))
    with pytest.raises(Refused, match="another matter"):
        services.decide_scheme(1, "2026", 2, {}, decision="2026-001", by=by("chair"), now=at(1))
    decide(1, "2026-002", "scheme:2026/2", at(1), votes="against")
    with pytest.raises(Refused, match="not adopted"):
        services.decide_scheme(1, "2026", 2, {}, decision="2026-002", by=by("chair"), now=at(1))


def test_what_lies_outside_the_expected_needs_a_reason(inside: Flask) -> None:
    services.import_scheme(1, changed(), by=by("office"), now=at(1))
    decide(1, "2026-002", "scheme:2026/2", at(1))
    with pytest.raises(Refused) as caught:
        services.decide_scheme(
            1, "2026", 2, {"primary.collaboration": REASON}, decision="2026-002", by=by("chair"), now=at(1)
        )
    assert "primary.collaboration" not in [problem.where for problem in caught.value.problems]
    assert "tertiary.collaboration" in [problem.where for problem in caught.value.problems]


def test_a_scheme_file_reads_back_to_the_same_content(inside: Flask) -> None:
    info = queries.scheme_info(1, "2026", 1)
    assert info is not None
    text = sheets.write_scheme_file(info.content)
    again = read_toml(text.encode(), "scheme.toml")
    reference = services.import_scheme(1, again, by=by("office"), now=at(1))
    found = queries.scheme_info(1, *_parts(reference))
    assert found is not None
    assert found.sha256 == info.sha256


def _parts(reference: str) -> tuple[str, int]:
    code, _, version = reference.rpartition("/")
    return code, int(version)


def test_a_file_that_is_no_toml_is_refused_with_its_line() -> None:
    with pytest.raises(Refused, match="line 1"):
        read_toml(b"= nothing", "wrong.toml")


def test_another_alliances_run_is_not_found(inside: Flask) -> None:
    run = computed()
    assert audit.read_run(run, 2) is None
    assert queries.run(2, run) is None
    with pytest.raises(NotFound):
        services.try_run(2, Q1, "2026", 1, by=by("analyst"), now=at(20))


@pytest.mark.parametrize(("value", "n", "document"), [("101", 5, "d"), ("-1", 5, "d"), ("50", 0, "d"), ("50", 5, " ")])
def test_a_result_of_raters_is_checked(inside: Flask, value: str, n: int, document: str) -> None:
    with pytest.raises(Refused):
        services.enter_rating(1, Q1, "peers", "C3", Decimal(value), n, document, by=by("office"), now=at(19))
    assert queries.ratings(1, Q1) == []
