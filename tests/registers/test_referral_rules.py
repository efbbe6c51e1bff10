"""What is true of referrals, without any database: identity numbers, states, deadlines, pairs, what counts."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given as samples
from hypothesis import strategies as some

from alliance.core.period import SHANGHAI
from alliance.core.refused import NotFound, Refused
from alliance.registers.rules import people
from alliance.registers.rules.referral_counts import Turn, counted
from alliance.registers.rules.referral_pairs import Move, certify_due, check_certificate, check_countersign, pairs
from alliance.registers.rules.referrals import (
    ACROSS,
    DOWN,
    RECEIVER,
    SENDER,
    STATES,
    STEPS,
    UP,
    answer_due,
    check_day,
    check_diagnosis,
    check_parties,
    check_step,
    direction_of,
    faults,
    follow_due,
    median,
    side_of,
    summary_due,
)
from tests.registers.referring import given, identity, works


def test_the_check_sign_is_that_of_the_standard() -> None:
    # The example of GB 11643-1999, annex: 11010519491231002 has the sign X.
    assert people.check_sign("11010519491231002") == "X"
    assert people.check_sign("44052418800101001") == "4"


def test_year_of_birth_and_sex_follow_from_the_number() -> None:
    found = people.read_identity("11010519491231002x")
    assert (found.birth, found.sex, found.number) == (date(1949, 12, 31), "female", "11010519491231002X")
    assert people.read_identity(" 110105 19491231 0 02X ").number == found.number
    assert people.read_identity(identity(order="011")).sex == "male"


@pytest.mark.parametrize(
    "wrong", ["", "123", "110105194912310021", "11010519491231002Y", "1101051949123100", "99999918000101001"]
)
def test_what_is_no_identity_number_is_refused(wrong: str) -> None:
    with pytest.raises(Refused):
        people.read_identity(wrong)
    first = "99999919560231" + "001"  # the 31st of February
    with pytest.raises(Refused, match="no day of birth"):
        people.read_identity(first + people.check_sign(first))


@samples(some.integers(0, 16), some.integers(1, 9))
def test_one_mistyped_digit_is_found(place: int, by: int) -> None:
    whole = identity()
    wrong = whole[:place] + str((int(whole[place]) + by) % 10) + whole[place + 1 :]
    with pytest.raises(Refused):
        people.read_identity(wrong)


def test_telephone_numbers_are_read_as_people_write_them() -> None:
    assert people.read_phone("+86 139-0000-0001") == "13900000001"
    assert people.read_phone("0571-87000000") == "057187000000"
    for wrong in ("", "12345", "23900000001", "139000000011"):
        with pytest.raises(Refused):
            people.read_phone(wrong)


def test_a_patients_key_is_stable_and_needs_the_pepper() -> None:
    one, other = b"a" * 32, b"b" * 32
    assert people.patient_key(identity(), one) == people.patient_key(identity(), one)
    assert people.patient_key(identity(), one) != people.patient_key(identity(), other)
    assert identity() not in people.patient_key(identity(), one)


def test_a_text_that_stays_must_not_name_the_patient() -> None:
    contact = people.Contact("测试甲某某", "13900000001", identity())
    people.check_silent("本院暂无床位，请另选医院。", contact)
    people.check_silent("已无联系方式", None)
    for text in ("测试甲某某未到院。", "电话 139 0000 0001 无人接听", f"证件 {identity().lower()}"):
        with pytest.raises(Refused, match="names the patient"):
            people.check_silent(text, contact)


def test_direction_follows_from_the_tiers() -> None:
    assert direction_of("primary", "tertiary") == direction_of("secondary", "tertiary") == UP
    assert direction_of("tertiary", "primary") == direction_of("secondary", "primary") == DOWN
    assert direction_of("secondary", "secondary") == ACROSS


def test_an_answer_is_due_by_urgency() -> None:
    friday = datetime(2026, 5, 8, 16, 0, tzinfo=SHANGHAI)
    assert answer_due("emergency", friday, works) == friday + timedelta(minutes=30)
    assert answer_due("urgent", friday, works) == friday + timedelta(hours=4)
    # One working day: all of Monday.
    assert answer_due("ordinary", friday, works) == datetime(2026, 5, 12, tzinfo=SHANGHAI)
    assert summary_due(date(2026, 5, 8), works) == datetime(2026, 5, 14, tzinfo=SHANGHAI)
    assert follow_due(date(2026, 5, 8)) == datetime(2026, 5, 16, tzinfo=SHANGHAI)


def test_each_step_is_of_one_side_and_out_of_some_states() -> None:
    for name, step in STEPS.items():
        for direction in (UP, DOWN, ACROSS):
            for state in STATES:
                takes = [side for side in (SENDER, RECEIVER) if _takes(name, state, direction, side)]
                assert len(takes) <= 1, (name, direction, state)
                assert bool(takes) <= (state in step.before), (name, direction, state)


def _takes(name: str, state: str, direction: str, side: str) -> bool:
    try:
        check_step(name, state, direction, side)
    except Refused:
        return False
    return True


def test_the_way_of_a_case() -> None:
    assert check_step("accept", "filed", UP, RECEIVER) == "accepted"
    assert check_step("see", "accepted", UP, RECEIVER) == "seen"
    assert check_step("discharge", "seen", UP, RECEIVER) == "seen"
    assert check_step("return", "seen", UP, RECEIVER) == "returned"
    assert check_step("follow", "returned", UP, SENDER) == "returned"
    assert check_step("follow", "seen", DOWN, RECEIVER) == "seen"
    assert check_step("close", "returned", UP, SENDER) == "closed"
    with pytest.raises(Refused, match="Only the institution that receives"):
        check_step("accept", "filed", UP, SENDER)
    with pytest.raises(Refused, match="Only the institution that filed"):
        check_step("cancel", "filed", UP, RECEIVER)
    with pytest.raises(Refused, match="closed"):
        check_step("return", "closed", UP, RECEIVER)
    with pytest.raises(NotFound):
        side_of("C1", "H1", "C2")


def test_fields_that_are_wrong_are_all_told() -> None:
    today = date(2026, 5, 8)
    assert faults(given(), today) == []
    bad = given(
        diagnosis="10.I", urgency="soon", name="3", phone="1", identity=identity()[:-1] + "7", consent=False,
        specialty="99",
    )  # fmt: skip
    found = faults(bad, today)
    fields = {"diagnosis", "urgency", "name", "phone", "identity", "consent", "specialty"}
    assert {one.field for one in found} == fields
    # What names the patient is not repeated in a report.
    assert {one.value for one in found if one.field in ("name", "phone", "identity")} == {""}
    unborn = faults(given(identity=identity("20260509")), today)
    assert "day of birth" in str(unborn[0].refused)


def test_codes_have_the_shape_of_their_system() -> None:
    for code in ("I10", "I10.x05", "E11.900", "C34.901"):
        check_diagnosis(code, "ICD-10", "2.0")
    check_diagnosis("BA00.Z", "ICD-11", "2024-01")
    for code, system, version in (("i10", "ICD-10", "2.0"), ("I1", "ICD-10", "2.0"), ("I10", "ICD-9", "1"),
                                  ("I10", "ICD-10", "")):  # fmt: skip
        with pytest.raises(Refused):
            check_diagnosis(code, system, version)


def test_nobody_refers_to_oneself_or_to_who_has_left() -> None:
    with pytest.raises(Refused, match="not to itself"):
        check_parties("C1", "C1", {"C1": 1})
    with pytest.raises(Refused, match="no member"):
        check_parties("C1", "H9", {"C1": 1})
    with pytest.raises(Refused, match="not come yet"):
        check_day(date(2026, 5, 9), date(2026, 5, 1), date(2026, 5, 8))
    with pytest.raises(Refused, match="must not lie before"):
        check_day(date(2026, 4, 30), date(2026, 5, 1), date(2026, 5, 8))


def test_the_median_is_the_middle() -> None:
    assert median([90, 5, 30]) == 30
    assert median([30, 90]) == Decimal(60)
    assert median([]) is None


def move(case: int, direction: str, filed: int, seen: int | None, diagnosis: str = "I10.x05", state: str = "seen",
         key: str = "k") -> Move:  # fmt: skip
    return Move(case, key, direction, diagnosis, state, date(2026, 5, filed), date(2026, 5, seen) if seen else None)


def test_back_within_fourteen_days_with_the_same_diagnosis_is_a_pair() -> None:
    first = move(1, UP, 1, 3)
    assert pairs([first, move(2, DOWN, 17, None, "I10.902", "filed")]) == [(1, 2)]
    assert pairs([first, move(2, DOWN, 18, None)]) == []  # the fifteenth day
    assert pairs([first, move(2, UP, 10, None)]) == []
    assert pairs([first, move(2, DOWN, 10, None, "I11.900")]) == []
    assert pairs([first, move(2, DOWN, 10, None, state="declined")]) == []
    assert pairs([first, move(2, DOWN, 10, None, key="other")]) == []
    assert pairs([move(1, UP, 1, None, state="accepted"), move(2, DOWN, 10, None)]) == []
    assert pairs([move(1, ACROSS, 1, 3), move(2, DOWN, 10, None)]) == []
    # Up, down, up: the last one is the second of the one before it.
    assert pairs([first, move(2, DOWN, 5, 6), move(3, UP, 9, None)]) == [(1, 2), (2, 3)]
    # Without a key nobody is known again.
    assert pairs([move(1, UP, 1, 3, key=""), move(2, DOWN, 5, 6, key="")]) == []


def test_a_certificate_has_its_time_and_is_decided_by_others() -> None:
    due = certify_due(date(2026, 5, 8), works)  # a Friday
    assert due == datetime(2026, 5, 16, tzinfo=SHANGHAI)
    check_certificate("found", due, due - timedelta(minutes=1))
    with pytest.raises(Refused, match="five working days"):
        check_certificate("found", due, due)
    with pytest.raises(Refused):
        check_certificate("certified", due, due - timedelta(days=1))
    check_countersign("certified", "C3", ["C1", "H1"], "h1.reporter", "office")
    for employer, account in (("H1", "office"), ("C3", "h1.reporter")):
        with pytest.raises(Refused, match="Nobody employed"):
            check_countersign("certified", employer, ["C1", "H1"], "h1.reporter", account)


def at(month: int, day: int) -> datetime:
    return datetime(2026, month, day, 12, tzinfo=UTC)


def turn(case: str, month: str, when: datetime, counts: bool) -> Turn:
    return Turn(case, "C1", "H1", UP, month, when, counts)


def sums(turns: list[Turn], month: str, known: datetime, before: datetime | None = None) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for one in counted(turns, month, known, before):
        key = f"{one.institution} {one.measure}"
        found[key] = found.get(key, Decimal(0)) + one.quantity
    return found


def test_a_case_counts_once_for_each_side() -> None:
    one = [turn("1", "2026-08", at(8, 20), True)]
    assert sums(one, "2026-08", at(9, 15)) == {"C1 referral.sent_up": 1, "H1 referral.received_up": 1}
    assert sums(one, "2026-08", at(8, 19)) == {}  # not known yet
    assert sums(one, "2026-09", at(10, 15), at(9, 15)) == {}  # told already


def test_what_becomes_known_later_corrects_the_next_month() -> None:
    """Seen in August, disputed after August's run, settled in October: +1, −1, +1."""
    turns = [
        turn("1", "2026-08", at(8, 20), True), turn("1", "2026-08", at(9, 20), False),
        turn("1", "2026-08", at(10, 20), True),
    ]  # fmt: skip
    august, september, october = at(9, 15), at(10, 15), at(11, 15)
    assert sums(turns, "2026-08", august)["C1 referral.sent_up"] == 1
    assert sums(turns, "2026-09", september, august)["C1 referral.sent_up"] == -1
    assert sums(turns, "2026-10", october, september)["C1 referral.sent_up"] == 1
    # Confirmed after the run of its month.
    late = [turn("2", "2026-08", at(9, 18), True)]
    assert sums(late, "2026-08", august) == {}
    assert sums(late, "2026-09", september, august)["H1 referral.received_up"] == 1
    # There and back between two runs is nothing.
    both = [turn("3", "2026-08", at(8, 20), True), turn("3", "2026-08", at(9, 20), False),
            turn("3", "2026-08", at(9, 25), True)]  # fmt: skip
    assert sums(both, "2026-09", september, august) == {}


@samples(
    some.lists(some.integers(0, 300), unique=True, max_size=8),
    some.lists(some.integers(0, 300), unique=True, max_size=5),
)
def test_all_runs_together_are_what_holds_at_the_last(changes: list[int], runs: list[int]) -> None:
    began = datetime(2026, 8, 10, tzinfo=UTC)
    turns = [
        turn("1", "2026-08", began + timedelta(hours=hour), place % 2 == 0)
        for place, hour in enumerate(sorted(changes))
    ]
    moments = [began + timedelta(hours=hour, minutes=30) for hour in sorted(runs)]
    total, before = Decimal(0), None
    for place, moment in enumerate(moments):
        total += sums(turns, f"2026-{8 + place:02}", moment, before).get("C1 referral.sent_up", Decimal(0))
        before = moment
    known = [one for one in turns if moments and one.at <= moments[-1]]
    assert total == (1 if known and known[-1].counts else 0)
