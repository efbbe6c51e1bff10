"""Cross-rating from links to figures: who rates, what is refused, what strikes, and that nothing tells on a rater."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

import pytest
from flask import Flask
from sqlalchemy import select

from alliance.audit.models import Event
from alliance.audit.queries import touches
from alliance.core.figure import trail
from alliance.core.formula import tells_the_truth
from alliance.core.period import day_of
from alliance.core.refused import Forbidden, NotFound, Refused
from alliance.core.roles import Scope
from alliance.db import db
from alliance.desk.queries import tasks
from alliance.evaluation import queries as evaluation
from alliance.evaluation import services as scores
from alliance.members import queries as member_queries
from alliance.members import services as members
from alliance.members.rules.links import Support
from alliance.ratings import queries, services
from alliance.ratings.models import PeerCell, PeerPair, PeerVerdict
from alliance.ratings.queries.peer_results import peer_cells
from tests.ratings.small_peers import (
    CODES,
    LATER,
    OPENED,
    PERIOD,
    WEIGHTS,
    close,
    link_all,
    marks_of,
    open_round,
    rate,
    rate_all,
)
from tests.small import MEMBERS, by

ALLIANCE = 1


def found() -> queries.RoundInfo:
    one = queries.peer_round(ALLIANCE, PERIOD)
    assert one
    return one


def support(supported: str, *shares: tuple[str, str], start: date = date(2026, 1, 1), specialty: str = "") -> Support:
    return Support(supported, specialty, start, tuple((code, Decimal(share)) for code, share in shares))


@pytest.mark.parametrize(
    "wrong",
    [
        support("C1", ("H1", "60"), ("H2", "30")),
        support("C1", ("C1", "100")),
        support("C1", ("H9", "100")),
        support("C1", ("H1", "50"), ("H1", "50")),
        support("C1", ("H1", "100"), specialty="99"),
        support("C1"),
    ],
)
def test_shares_of_supporters_add_up_and_name_members(inside: Flask, wrong: Support) -> None:
    with pytest.raises(Refused) as refused:
        members.set_link(ALLIANCE, [wrong], by=by("office"), now=OPENED)
    assert refused.value.problems


def test_a_link_holds_from_a_day_until_it_is_changed_or_ended(inside: Flask) -> None:
    first, changed, ended = date(2026, 1, 1), date(2026, 3, 1), date(2026, 5, 1)
    members.set_link(ALLIANCE, [support("C1", ("H1", "100"))], by=by("office"), now=OPENED)
    with pytest.raises(Refused):  # the day before something else that is recorded
        members.set_link(ALLIANCE, [support("C1", ("H2", "100"), start=date(2025, 6, 1))], by=by("office"), now=OPENED)
    then = support("C1", ("H1", "40"), ("H2", "60"), start=changed)
    members.set_link(ALLIANCE, [then], by=by("office"), now=OPENED)
    members.end_link(ALLIANCE, "C1", "", ended, by=by("office"), now=OPENED)
    on = {day: [one.supporter for one in member_queries.links(ALLIANCE, day)] for day in (first, changed, ended)}
    assert on == {first: ["H1"], changed: ["H1", "H2"], ended: []}
    assert member_queries.linked(ALLIANCE, date(2026, 4, 1), date(2026, 6, 30)) == {
        frozenset(("C1", "H1")),
        frozenset(("C1", "H2")),
    }
    with pytest.raises(NotFound):
        members.end_link(ALLIANCE, "C2", "", ended, by=by("office"), now=OPENED)


def test_without_links_and_cases_nobody_rates(inside: Flask) -> None:
    with pytest.raises(Refused):
        services.open_round(ALLIANCE, PERIOD, WEIGHTS, 3, by=by("office"), now=OPENED)


def test_a_round_begins_once_with_a_floor_that_is_never_lowered_and_ten_working_days(inside: Flask) -> None:
    link_all(ALLIANCE)
    with pytest.raises(Refused):
        services.open_round(ALLIANCE, PERIOD, WEIGHTS, 2, by=by("office"), now=OPENED)
    services.open_round(ALLIANCE, PERIOD, WEIGHTS, 3, by=by("office"), now=OPENED)
    with pytest.raises(Refused):
        services.open_round(ALLIANCE, PERIOD, WEIGHTS, 3, by=by("office"), now=OPENED)
    assert found().raters == len(MEMBERS)
    assert found().due_at - OPENED > timedelta(days=12)
    assert {row.target for row in queries.own_pairs(found().id, "C1")} == {*MEMBERS} - {"C1"}


def test_nobody_rates_oneself_or_somebody_one_has_no_part_in(inside: Flask) -> None:
    open_round(ALLIANCE)
    sheet = services.Sheet(marks_of("C1", "C2"))
    with pytest.raises(Refused):
        services.save_rating(ALLIANCE, PERIOD, "C1", {"C1": sheet}, by=by("c1.lead"), now=OPENED)
    with pytest.raises(NotFound):
        services.save_rating(ALLIANCE, PERIOD, "C1", {"H9": sheet}, by=by("c1.lead"), now=OPENED)
    with pytest.raises(Forbidden):
        services.save_rating(ALLIANCE, PERIOD, "C1", {"C2": sheet}, by=by("c2.lead"), now=OPENED)


def test_half_a_form_is_kept_and_not_handed_in(inside: Flask) -> None:
    open_round(ALLIANCE)
    half = services.Sheet({"P01": 4, "P02": 0}, "so far")
    services.save_rating(ALLIANCE, PERIOD, "C1", {"C2": half}, by=by("c1.lead"), now=OPENED)
    with pytest.raises(Refused) as refused:
        services.submit_rating(ALLIANCE, PERIOD, "C1", by=by("c1.lead"), now=OPENED)
    assert len(refused.value.problems) == 4  # each of the four members has open items
    kept = next(row for row in queries.own_pairs(found().id, "C1") if row.target == "C2")
    assert (kept.marks, kept.comment) == ({"P01": 4, "P02": 0}, "so far")
    # Two of one member at once: the second is told, and nothing is overwritten.
    with pytest.raises(Refused):
        services.save_rating(ALLIANCE, PERIOD, "C1", {"C2": half}, by=by("c1.quality"), now=OPENED)


def test_ten_thousand_characters_and_a_mark_of_six_are_refused(inside: Flask) -> None:
    open_round(ALLIANCE)
    for sheet in (services.Sheet({}, "字" * 10_000), services.Sheet({"P01": 6})):
        with pytest.raises(Refused):
            services.save_rating(ALLIANCE, PERIOD, "C1", {"C2": sheet}, by=by("c1.lead"), now=OPENED)


def test_what_is_handed_in_is_locked_and_late_is_late(inside: Flask) -> None:
    open_round(ALLIANCE)
    rate(ALLIANCE, "C1")
    again = {"C2": services.Sheet(marks_of("C1", "C2"), "", 1)}
    with pytest.raises(Refused):
        services.save_rating(ALLIANCE, PERIOD, "C1", again, by=by("c1.lead"), now=OPENED)
    with pytest.raises(Refused):
        services.submit_rating(ALLIANCE, PERIOD, "C1", by=by("c1.lead"), now=OPENED)
    with pytest.raises(Refused):
        services.save_rating(ALLIANCE, PERIOD, "C2", {}, by=by("c2.lead"), now=found().due_at)


def test_reminders_reach_who_is_missing_once_for_an_occasion(inside: Flask) -> None:
    open_round(ALLIANCE)
    rate(ALLIANCE, "C1")
    for expected in (len(MEMBERS) - 1, 0):
        count = services.remind_rater(ALLIANCE, PERIOD, list(MEMBERS), "5", by=by("office"), now=OPENED)
        assert count == expected
    with pytest.raises(Refused):
        services.remind_rater(ALLIANCE, PERIOD, ["C2"], "9", by=by("office"), now=found().due_at)


def test_a_round_is_closed_when_all_are_in_or_its_time_is_over(inside: Flask) -> None:
    open_round(ALLIANCE)
    with pytest.raises(Refused):
        services.close_round(ALLIANCE, PERIOD, by=by("office"), now=OPENED)
    rate_all(ALLIANCE, "C3")
    close(ALLIANCE)
    assert found().closed_at == LATER
    with pytest.raises(Refused):
        services.close_round(ALLIANCE, PERIOD, by=by("office"), now=LATER)


WHY = "两家单位系统停机，无法按时填报。"


def test_more_time_is_given_to_who_has_not_handed_in_until_somebody_decided(inside: Flask) -> None:
    open_round(ALLIANCE)
    rate_all(ALLIANCE, "C2", "C3")
    until = LATER + timedelta(days=7)

    def move(due: datetime, reason: str = WHY, now: datetime = LATER) -> int:
        return services.reschedule_round(ALLIANCE, PERIOD, due, reason, by=by("office"), now=now)

    late = {"C1": services.Sheet(marks_of("C3", "C1"))}
    with pytest.raises(Refused):
        services.save_rating(ALLIANCE, PERIOD, "C3", late, by=by("c3.lead"), now=LATER)
    for due, reason in ((LATER, WHY), (found().due_at, WHY), (until, "短"), (LATER + timedelta(days=200), WHY)):
        with pytest.raises(Refused):
            move(due, reason)
    assert queries.is_movable(found())
    assert move(until) == 2
    assert found().due_at == until
    assert found().is_open(LATER)
    services.save_rating(ALLIANCE, PERIOD, "C3", late, by=by("c3.lead"), now=LATER)
    with pytest.raises(Refused):  # handed in stays handed in
        services.save_rating(ALLIANCE, PERIOD, "C1", {"C3": late["C1"]}, by=by("c1.lead"), now=LATER)
    event = db.session.scalars(select(Event).where(Event.act == "ratings:round:reschedule")).one()
    assert event.detail == {"due": until.isoformat(), "count": 2, "reason": WHY}
    last = day_of(until - timedelta(minutes=1))
    days = [until - timedelta(days=number) for number in range(1, 6)]
    told = {queries.occasion(ALLIANCE, found(), day) for day in days} - {""}
    assert told == {last.isoformat()}  # the working day before the new last day
    db.session.add(
        PeerVerdict(round_id=found().id, flag="x", left_out=False, reason=WHY, decided_by="office", decided_at=LATER)
    )
    db.session.commit()
    assert not queries.is_movable(found())
    with pytest.raises(Refused):
        move(until + timedelta(days=1))


def test_nobody_needs_more_time_when_all_is_in_or_closed(inside: Flask) -> None:
    open_round(ALLIANCE)
    rate_all(ALLIANCE)
    for _step in ("all in", "closed"):
        assert not queries.is_movable(found())
        with pytest.raises(Refused):
            services.reschedule_round(
                ALLIANCE, PERIOD, LATER + timedelta(days=7), WHY, by=by("office"), now=LATER
            )  # fmt: skip
        if found().closed_at is None:
            close(ALLIANCE)


def figures(words: dict[str, str] | None = None) -> dict[str, Decimal | None]:
    asked = evaluation.rater_words(ALLIANCE, PERIOD)
    if words:
        asked = queries.Asked(asked.alliance, asked.period, asked.scheme, {**asked.words, **words})
    found_figures = queries.group_figures(asked)
    for one in trail(*found_figures.values()):
        assert tells_the_truth(one), one.key
        # No source leads to a rater: the round, the member rated and the item are all that it names.
        assert one.source.partition(":")[0] in ("", "peers", "scheme")
    return {who: one.value for (_group, who), one in found_figures.items()}


def test_results_are_figures_that_tell_the_truth_in_the_words_of_the_scheme(inside: Flask) -> None:
    open_round(ALLIANCE)
    assert figures() == {}
    rate_all(ALLIANCE)
    close(ALLIANCE)
    raw, corrected = figures({"peers_used": "raw"}), figures()
    assert set(raw) == set(MEMBERS)
    assert raw != corrected
    results = queries.peer_results(found(), queries.Words(True, Decimal(3), False))
    assert {who: one.corrected for who, one in results.items()} == corrected
    assert {who: one.raw for who, one in results.items()} == raw
    twice = figures({"peers_mid": "6"})
    assert all(one is not None and one <= 100 for one in twice.values())
    assert Decimal(100) in twice.values()


def test_a_rater_who_gives_everybody_the_same_changes_no_result(inside: Flask) -> None:
    open_round(ALLIANCE)
    rate_all(ALLIANCE, "C3")
    rate(ALLIANCE, "C3", same=5)
    keys = {one.flag.key: one for one in queries.flags(found().id)}
    assert keys["constant-C3"].left_out
    close(ALLIANCE)
    with_it = {who: one for who, one in peer_cells(found().id, found().digest).items() if who != "C3"}
    raters = {one[""].raters for one in with_it.values()}
    assert raters == {3}  # the fourth says nothing
    marks = {(row.rater, row.target): row.marks for row in db.session.scalars(select(PeerPair)) if row.rater != "C3"}
    expected = {
        code: sum(row[code] for (_rater, target), row in marks.items() if target == "C1") for code in CODES
    }  # fmt: skip
    for code in CODES:
        assert with_it["C1"][code].raw == (Decimal(expected[code]) / 3).quantize(Decimal("0.01"), ROUND_HALF_UP)


def test_under_three_raters_the_group_does_not_apply_and_nothing_is_shown(inside: Flask) -> None:
    open_round(ALLIANCE)
    rate(ALLIANCE, "C1")
    rate(ALLIANCE, "C2")
    services.close_round(ALLIANCE, PERIOD, by=by("office"), now=LATER)
    assert set(figures().values()) == {None}
    results = queries.peer_results(found(), queries.Words(True, Decimal(3), False))
    assert all(one.items == [] and one.raw is None for one in results.values())


def test_a_flag_is_decided_by_somebody_it_does_not_concern_before_the_round_closes(inside: Flask) -> None:
    open_round(ALLIANCE)
    for rater in MEMBERS:
        sheets = {
            target: services.Sheet(
                dict.fromkeys(CODES, 2 + list(MEMBERS).index(target) % 3) if rater == "H1" else marks_of(rater, target)
            )
            for target in MEMBERS
            if target != rater
        }
        services.save_rating(ALLIANCE, PERIOD, rater, sheets, by=by(f"{rater.lower()}.lead"), now=OPENED)
        services.submit_rating(ALLIANCE, PERIOD, rater, by=by(f"{rater.lower()}.lead"), now=OPENED)
    key = "straight-H1"
    assert key in {one.flag.key for one in queries.open_flags(ALLIANCE, found().id, day_of(LATER))}
    with pytest.raises(Refused):
        services.close_round(ALLIANCE, PERIOD, by=by("office"), now=LATER)
    with pytest.raises(Forbidden):  # employed by H1
        services.decide_flag(ALLIANCE, PERIOD, key, True, "one line through all", by=by("office"), now=LATER)
    with pytest.raises(Refused):
        services.decide_flag(ALLIANCE, PERIOD, key, True, "short", by=by("office2"), now=LATER)
    with pytest.raises(NotFound):
        services.decide_flag(ALLIANCE, PERIOD, "straight-C3", True, "no such flag", by=by("office2"), now=LATER)
    services.decide_flag(ALLIANCE, PERIOD, key, True, "one line through all", by=by("office2"), now=LATER)
    close(ALLIANCE)
    assert {row.raters for row in db.session.scalars(select(PeerCell).where(PeerCell.target == "C1"))} == {3}


def test_a_flag_that_concerns_the_whole_office_is_decided_by_the_committee(inside: Flask) -> None:
    """The two of the office are employed by H1 and H2, which give each other what nobody else gives them."""
    open_round(ALLIANCE)
    high, low = 5, 2
    for rater in MEMBERS:
        friend = {"H1": "H2", "H2": "H1"}.get(rater, "")
        sheets = {
            target: services.Sheet(
                {
                    code: (high if target == friend else low if target in ("H1", "H2") else 3) - (at % 3 == 0)
                    for at, code in enumerate(CODES)
                }
            )
            for target in MEMBERS
            if target != rater
        }
        services.save_rating(ALLIANCE, PERIOD, rater, sheets, by=by(f"{rater.lower()}.lead"), now=OPENED)
        services.submit_rating(ALLIANCE, PERIOD, rater, by=by(f"{rater.lower()}.lead"), now=OPENED)
    open_now = {one.flag.key: one.flag for one in queries.open_flags(ALLIANCE, found().id, day_of(LATER))}
    assert queries.deciders(ALLIANCE, open_now["exchange-H1-H2"], day_of(LATER)) == {"chair"}
    for account in ("office", "office2", "judge"):  # employed by H1, H2 and H2
        with pytest.raises(Forbidden):
            services.decide_flag(ALLIANCE, PERIOD, "exchange-H1-H2", True, "far apart", by=by(account), now=LATER)
    with pytest.raises(Refused):
        services.close_round(ALLIANCE, PERIOD, by=by("office"), now=LATER)
    chair = Scope(ALLIANCE, "chair", "", frozenset({"committee"}), None)
    assert [one.count for one in tasks(chair, LATER) if one.what == "peers"] == [1]
    services.decide_flag(ALLIANCE, PERIOD, "exchange-H1-H2", True, "far apart from others", by=by("chair"), now=LATER)
    assert not [one for one in tasks(chair, LATER) if one.what == "peers"]
    for key, flag in open_now.items():
        if "chair" not in queries.deciders(ALLIANCE, flag, day_of(LATER)):
            with pytest.raises(NotFound):  # the office comes first
                services.decide_flag(ALLIANCE, PERIOD, key, True, "looked at it", by=by("chair"), now=LATER)
    close(ALLIANCE)


def test_the_result_enters_the_official_score_and_nothing_is_typed_in_beside_it(inside: Flask) -> None:
    open_round(ALLIANCE)
    rate_all(ALLIANCE)
    with pytest.raises(Refused):
        scores.enter_rating(
            ALLIANCE, PERIOD, "peers", "C3", Decimal("92.5"), 9, "table", by=by("office"), now=LATER
        )  # fmt: skip
    close(ALLIANCE)
    run = scores.compute_run(ALLIANCE, PERIOD, by=by("office"), now=LATER)
    kept = evaluation.group_values(run, ["C3"])["C3/peers"]
    assert kept.value == figures()["C3"]
    assert kept.kind.formula


def test_the_members_log_tells_nobody_who_rated_it(inside: Flask) -> None:
    open_round(ALLIANCE)
    rate_all(ALLIANCE)
    close(ALLIANCE)
    for code in MEMBERS:
        assert not [one for one in touches(ALLIANCE, code) if one.act.startswith("ratings:")]
