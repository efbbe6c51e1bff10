import pytest
from hypothesis import given
from hypothesis import strategies as st

from alliance.accounts.rules import CHOICES, Count, check_password, count_votes
from alliance.core.refused import Refused

SEATS = {1: "H01", 2: "S01", 3: "C01", 4: "C02", 5: ""}


def count(*choices, concerned=(), quorum=60, seats=SEATS):
    return count_votes(dict(zip(seats, choices, strict=True)), seats, frozenset(concerned), quorum)


@pytest.mark.parametrize(
    ("choices", "concerned", "due"),
    [
        (("for", "for", "for", "against", "abstained"), (), Count(5, 5, 3, 1, True)),
        (("for", "for", "against", "against", "abstained"), (), Count(5, 5, 2, 2, False)),  # as many against
        (("for", "for", "for", "absent", "absent"), (), Count(5, 3, 3, 0, True)),  # 60 % is enough
        (("for", "for", "absent", "absent", "absent"), (), Count(5, 2, 2, 0, False)),  # no quorum
        (("for", "abstained", "abstained", "abstained", "abstained"), (), Count(5, 5, 1, 0, True)),
        (("recused", "for", "for", "absent", "against"), ("H01",), Count(4, 3, 2, 1, True)),
        (("absent", "for", "for", "absent", "against"), ("H01",), Count(4, 3, 2, 1, True)),  # absent is out too
        (("recused", "recused", "recused", "recused", "recused"), (), Count(0, 0, 0, 0, False)),
    ],
)
def test_votes(choices, concerned, due):
    assert count(*choices, concerned=concerned) == due


@pytest.mark.parametrize(
    ("choices", "seat", "reason"),
    [
        ({1: "for"}, "2", "has no vote"),
        ({1: "yes", 2: "for"}, "1", "has no vote"),
        ({1: "for", 2: "for"}, "1", "is recused"),
        ({1: "recused", 2: "for", 3: "for"}, "3", "no such seat"),
    ],
)
def test_votes_that_cannot_be_counted(choices, seat, reason):
    with pytest.raises(Refused, match="1 seat is wrong") as refused:
        count_votes(choices, {1: "H01", 2: "S01"}, frozenset(["H01"] if reason == "is recused" else []), 50)
    (problem,) = refused.value.problems
    assert problem.place == f"seat {seat}"
    assert reason in problem.message


def test_a_seat_that_comes_from_nowhere_is_concerned_by_nothing():
    assert count("recused", "for", "for", "for", "for", concerned=["H01", ""]).seats == 4


@given(st.lists(st.sampled_from(CHOICES), min_size=5, max_size=5), st.integers(1, 100))
def test_adopted_needs_a_quorum_and_more_for_than_against(choices, quorum):
    found = count(*choices, quorum=quorum)
    assert found.seats >= found.present >= found.votes_for + found.votes_against
    assert found.adopted == (
        found.seats > 0 and found.present * 100 >= quorum * found.seats and found.votes_for > found.votes_against
    )


@pytest.mark.parametrize("password", ["correct horse", "abcdefghi1", "1234567890-", "密码密码密码密码密码1"])
def test_passwords_that_will_do(password):
    check_password(password, "office")
    check_password(password, "")


@pytest.mark.parametrize("password", ["", "short1", "abcdefghijk", "12345678901", "my-Office-1234"])
def test_passwords_that_will_not(password):
    with pytest.raises(Refused, match="at least 10 characters"):
        check_password(password, "office")
