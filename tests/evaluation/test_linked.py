"""Linked lines in runs, trials, estimates, months and what-ifs, and who reads what of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from flask import Flask

from alliance.audit import queries as audit
from alliance.core.formula import tells_the_truth
from alliance.core.refused import NotFound, Refused
from alliance.core.roles import Grant, Scope, scope_of
from alliance.desk import queries as desk
from alliance.evaluation import queries, services, sheets
from alliance.files import read_toml
from alliance.indicators import services as indicators
from alliance.members import services as members
from tests.conftest import Client
from tests.evaluation.linked import link_up, linked_scheme, support
from tests.small import PEOPLE, at, by, entry

Q1, MARCH = "2026Q1", "2026-03"
NOW = at(20, 5)
OWN = "H1/I2:linked/2026Q1"


@pytest.fixture
def linked(inside: Flask) -> Flask:
    link_up()
    return inside


def computed() -> int:
    return services.compute_run(1, Q1, by=by("office"), now=at(20))


def value(run: int, key: str = OWN) -> Decimal | None:
    return audit.figures_of(run, [key])[key].value


def scope(account: str) -> Scope:
    employer, role, place = PEOPLE[account]
    return scope_of(account, employer, [Grant(role, 1, place)], 1)


def test_a_supporter_is_scored_by_the_value_of_those_it_supports(linked: Flask) -> None:
    """C1: 222 of 300 due are 74 %, C2: 246 of 300 are 82 %; with 70 % of C1: (74 × 210 + 82 × 300) ÷ 510 = 78.71."""
    run = computed()
    assert (value(run), value(run, "H1/I2/share"), value(run, "H2/I2:linked/2026Q1")) == (
        Decimal("78.71"), Decimal("0.983875"), Decimal("74.00"),
    )  # fmt: skip
    assert value(run, "C1/I2/2026Q1") == Decimal("74.00")
    assert "H1/I2/2026Q1" not in audit.figures_of(run, ["H1/I2/2026Q1"])
    figures = audit.load_run(run)
    assert [one.key for one in figures if not tells_the_truth(one)] == []
    sheet = queries.sheet(1, queries.run(1, run), "H1", "tertiary")  # type: ignore[arg-type]
    line = next(one for one in sheet.lines if one.indicator == "I2")
    assert line.value is not None
    assert line.value.key == OWN


def test_a_trial_of_the_same_state_has_the_same_digest(linked: Flask) -> None:
    run = audit.read_run(computed(), 1)
    tried = queries.trial(1, services.try_run(1, Q1, "2026", 2, by=by("analyst"), now=at(20)))
    assert run is not None
    assert tried is not None
    assert tried.digest == run.digest


@pytest.mark.parametrize(
    ("until", "own"), [(date(2026, 2, 15), "74.00"), (date(2026, 3, 31), "74.00"), (date(2026, 4, 1), "78.71")]
)
def test_who_is_supported_on_the_last_day_of_the_period_counts(linked: Flask, until: date, own: str) -> None:
    """A link that ends inside the period, or on its last day, does not count; one that ends on the day after does."""
    members.end_link(1, "C2", "", until, by=by("office"), now=at(2))
    assert value(computed()) == Decimal(own)


def test_a_link_that_begins_inside_the_period_counts_whole(linked: Flask) -> None:
    there = [support(("H1", 50), ("H2", 50), supported="C3", start=date(2026, 3, 31))]
    members.set_link(1, there, by=by("office"), now=at(2))
    # C3: 150 of 300 are 50 %: (40,140 + 50 × 150) ÷ 660 = 72.18…
    assert value(computed()) == Decimal("72.18")


def test_a_specialty_of_its_own_takes_the_place_of_all(linked: Flask) -> None:
    """H2's line asks for cardiology: C1 is supported in it by H1 alone, C3 by H2."""
    there = [
        support(("H1", 100), supported="C1", specialty="03.04"), support(("H2", 100), supported="C3", specialty="03"),
    ]  # fmt: skip
    members.set_link(1, there, by=by("office"), now=at(2))
    run = computed()
    assert value(run, "H2/I2:linked/2026Q1") == Decimal("50.00")
    # H1's line asks for any: of C1 it has the mean of 70 % and 100 %: (74 × 255 + 82 × 300) ÷ 555 = 78.32…
    assert value(run) == Decimal("78.32")
    assert value(run, "C1/support/H1") == Decimal("85")


def test_who_supports_nobody_gives_the_weight_to_the_other_lines(linked: Flask) -> None:
    members.end_link(1, "C1", "", date(2026, 3, 1), by=by("office"), now=at(2))
    members.end_link(1, "C2", "", date(2026, 3, 1), by=by("office"), now=at(2))
    run = computed()
    assert value(run) is None
    assert value(run, "H1/data_score") == value(run, "H1/collaboration_score")


def test_a_month_is_monitored_and_estimated_in_the_same_way(linked: Flask) -> None:
    found = queries.monitor(1, MARCH)
    card = next(one for one in found.cards if one.member.code == "H1")
    assert card.shares["I2"].inputs[0][1].value == Decimal("78.71")
    info = queries.scheme_in_force(1, date(2026, 3, 31))
    assert info is not None
    so_far = queries.work_out_so_far(1, Q1, info, at(20))
    card = next(one for one in so_far.cards if one.member.code == "H1")
    assert card.shares["I2"].inputs[0][1].value == Decimal("78.71")


@pytest.mark.parametrize(("element", "other"), [("E3", "20"), ("E4", "900"), ("E2", "4000")])
def test_what_if_agrees_with_a_whole_computation(linked: Flask, element: str, other: str) -> None:
    """Another value of C1 moves whoever supports it too: what is worked out for those concerned is what scoring
    everybody from the readings gives."""
    computed()
    ground = queries.scores_if(1, Q1, MARCH, NOW)
    assert ground is not None
    before, then = ground.scores(), ground.scores({("C1", element, MARCH): Decimal(other)})
    moved = {code for code in before if before[code] != then[code]}
    assert moved == ({"C1"} if element == "E2" else {"C1", "H1", "H2"})
    _correct("C1", element, other)
    run = services.compute_run(1, Q1, by=by("office"), now=at(21, 5))
    again = {row.institution: row.score for row in queries.scores(run)}
    assert again == {code: one.score for code, one in then.items()}


def test_a_blank_of_one_supported_leaves_the_others_value(linked: Flask) -> None:
    """H1 has half of the 60 points for referrals and 0.983875 of the 40 for follow-ups; with C2 alone, 82 %, all 40."""
    computed()
    ground = queries.scores_if(1, Q1, MARCH, NOW)
    assert ground is not None
    then = ground.scores({("C1", "E3", MARCH): None})
    assert (ground.scores()["H1"].score, then["H1"].score) == (Decimal("69.36"), Decimal("70.00"))


def _correct(member: str, element: str, other: str) -> None:
    """Change an accepted value under an exception, and have it accepted again."""
    lead, reporter = by(f"{member.lower()}.lead"), by(f"{member.lower()}.reporter")
    number = indicators.ask_exception(1, MARCH, member, "自查发现漏计，申请更正。", at(25, 5), by=lead, now=NOW)
    indicators.grant_exception(1, number, by=by("office2"), now=at(20, 5, 3))
    indicators.file_reading(1, MARCH, member, {element: (entry(other), 1)}, "", by=reporter, now=at(20, 5, 4))
    indicators.sign_submission(1, MARCH, [member], by=lead, now=at(20, 5, 5))
    indicators.submit_submission(1, MARCH, [member], by=lead, now=at(20, 5, 6))
    indicators.accept_submission(1, MARCH, [member], by=by("office2"), now=at(20, 5, 7))


def test_a_linked_line_is_written_and_read_back(linked: Flask) -> None:
    info = queries.scheme_info(1, "2026", 2)
    assert info is not None
    again = read_toml(sheets.write_scheme_file(info.content).encode(), "scheme.toml")
    reference = services.import_scheme(1, again, by=by("office"), now=at(2))
    found = queries.scheme_info(1, "2026", int(reference.partition("/")[2]))
    assert found is not None
    assert found.sha256 == info.sha256
    lines = queries.parsed(1, found).lines
    assert [(one.tier, one.linked) for one in lines if one.indicator == "I2"] == [
        ("tertiary", "yes"), ("secondary", "03.04"), ("primary", ""),
    ]  # fmt: skip


def test_centers_support_nobody(inside: Flask) -> None:
    data = linked_scheme()
    data["line"][1]["tier"]["primary"] = {"linked": "yes"}
    with pytest.raises(Refused) as refused:
        services.import_scheme(1, data, by=by("office"), now=at(1))
    assert [(one.where, one.message) for one in refused.value.problems] == [
        ("primary.I2.linked", "members of this tier support nobody")
    ]


def test_a_supporter_opens_its_own_value_and_not_those_of_whom_it_supports(linked: Flask) -> None:
    run = computed()
    numbers = audit.figure_numbers(run, [OWN, "C1/I2/2026Q1", "C1/I2:linked/H1/2026Q1", "C1/support/all/H1"])
    own = desk.explain(scope("h1.lead"), run, numbers[OWN], "en")
    assert own.figure.value == Decimal("78.71")
    assert [(line.name, line.shut, line.value, line.owner) for line in own.inputs] == [
        ("value", True, None, ""), ("value", True, None, ""), ("weight", True, None, ""), ("weight", True, None, ""),
    ]  # fmt: skip
    assert "74" not in own.numbers
    for key in ("C1/I2/2026Q1", "C1/I2:linked/H1/2026Q1"):
        with pytest.raises(NotFound):
            desk.explain(scope("h1.lead"), run, numbers[key], "en")
    # Links are told to everybody, with who recorded them.
    share = desk.explain(scope("h1.lead"), run, numbers["C1/support/all/H1"], "en")
    assert share.origin is not None
    assert share.origin.parts == ("C1", "all", "2026-01-01", "H1")
    assert [hand.account for hand in share.origin.hands] == ["office"]
    # Who is supported sees what it gives, and not what its supporter comes to.
    weight = desk.explain(scope("c1.lead"), run, numbers["C1/I2:linked/H1/2026Q1"], "en")
    assert weight.figure.value == Decimal(210)
    assert weight.used_by == []
    with pytest.raises(NotFound):
        desk.explain(scope("c1.lead"), run, numbers[OWN], "en")


def test_it_opens_down_to_the_reading_for_who_reads_the_whole(linked: Flask) -> None:
    run = computed()
    number = desk.number_of(scope("chair"), run, OWN)
    for key in ("C1/I2:linked/H1/2026Q1", "C1/E4/2026Q1", "C1/E4/2026-03"):
        explained = desk.explain(scope("chair"), run, number, "en")
        number = next(line.number for line in explained.inputs if line.key == key)
    assert desk.explain(scope("chair"), run, number, "en").figure.value == Decimal(100)


def test_pages_say_whose_value_it_is(app: Flask, client_as: Callable[[str], Client]) -> None:
    with app.app_context():
        link_up()
        run = computed()
        numbers = audit.figure_numbers(run, [OWN, "C1/support/all/H1"])
    for account in ("chair", "h1.lead"):
        client = client_as(account)
        client.set_cookie("language", "en")
        page = client.get(f"/evaluation/scores/read/{run}/H1").get_data(as_text=True)
        assert "of the members supported, weighted by cases" in page
        assert "78.71" in page
        assert client.get(f"/figures/{run}/{numbers[OWN]}").status_code == 200
        told = client.get(f"/figures/{run}/{numbers['C1/support/all/H1']}").get_data(as_text=True)
        assert "Hospital H1 supports Hospital C1 since 2026-01-01" in told
    scheme = client.get("/evaluation/schemes/read/2026/2?tier=secondary").get_data(as_text=True)
    assert "of the members supported in Cardiology" in scheme
