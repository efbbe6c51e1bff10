"""What is true of decisions: quorum, majority and recusal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from alliance.core.refused import Problem, Refused, mark

CHOICES = ("for", "against", "abstained", "recused", "absent")


@dataclass(frozen=True, slots=True)
class Count:
    """The result of a vote: seats that count, seats present among them, votes, and whether the matter is adopted."""

    seats: int
    present: int
    votes_for: int
    votes_against: int
    adopted: bool


def count_votes(choices: Mapping[int, str], seats: Mapping[int, str], concerned: frozenset[str], quorum: int) -> Count:
    """Count the votes of seats (number → institution). Seats of members concerned are recused and do not count.

    Adopted: a quorum (% of the seats that count) is present and more vote for than against. Refused: a seat without a
    vote, a vote of a seat that is concerned or that the body does not have, a choice that is none.
    """
    numbers = [*seats, *(number for number in choices if number not in seats)]
    problems = [_vote(number, choices.get(number, ""), seats.get(number), concerned) for number in numbers]
    wrong = [problem for problem in problems if problem]
    if wrong:
        raise Refused("The votes cannot be counted: %(count)s seats are wrong.", count=len(wrong), problems=wrong)
    counted = [choices[number] for number, institution in seats.items() if institution not in concerned - {""}]
    counted = [choice for choice in counted if choice != "recused"]
    present = [choice for choice in counted if choice != "absent"]
    votes_for, against = present.count("for"), present.count("against")
    enough = bool(counted) and len(present) * 100 >= quorum * len(counted)
    return Count(len(counted), len(present), votes_for, against, enough and votes_for > against)


SEAT = mark("seat %(seat)s")


def _vote(number: int, choice: str, institution: str | None, concerned: frozenset[str]) -> Problem | None:
    """What is wrong with the vote of a seat, None when nothing is."""
    at: dict[str, object] = {"seat": number}
    if institution is None:
        return Problem(SEAT, choice, mark("the body has no such seat"), at=at)
    if choice not in CHOICES:
        return Problem(SEAT, choice, mark("this seat has no vote; choose one, or absent"), at=at)
    if institution and institution in concerned and choice not in ("recused", "absent"):
        return Problem(SEAT, choice, mark("this seat comes from the member concerned and is recused"), at=at)
    return None
