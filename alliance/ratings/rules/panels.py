"""A panel of experts: who judges what, when a score may be locked, and what comes of the scores of an item."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from alliance.core.refused import Problem, Refused, mark
from alliance.ratings.rules.agreement import LOW, icc_average
from alliance.ratings.rules.rubrics import EVIDENCE_OVER, EVIDENCE_UNDER, TOP, needs_evidence

EACH = 2  # experts for an item and a member, at the least
REMARK = 10  # characters of a remark at the least, where evidence is needed
LONGEST = 2000
OPEN, SAVED, LOCKED, MISSED, APART, WITHDRAWN = "open", "saved", "locked", "missed", "apart", "withdrawn"
NOBODY = mark("only %(count)s of %(least)s experts may judge this member; name a further one")


@dataclass(frozen=True, slots=True)
class Place:
    """A score that is asked of an expert."""

    institution: str
    item: str
    account: str


def assign(
    members: Mapping[str, Collection[str]], items: Sequence[str], experts: Sequence[str],
    apart: Mapping[str, Collection[str]],
) -> list[Place]:  # fmt: skip
    """Who judges what: each item has a pair of experts, the same for all members, so that their agreement can be told;
    where one of them stands apart from a member, the next in turn takes the place. `members` gives the items of each.

    Refused with each member that fewer than two experts may judge.
    """
    found, problems = [], []
    for who, judged in members.items():
        free = [one for one in experts if who not in apart.get(one, ())]
        if len(free) < EACH:
            problems.append(Problem(who, "", NOBODY, {"count": len(free), "least": EACH}))
            continue
        for place, item in enumerate(items):
            if item in judged:
                turn = [experts[(place * EACH + step) % len(experts)] for step in range(len(experts))]
                found += [Place(who, item, one) for one in [one for one in turn if one in free][:EACH]]
    if problems:
        raise Refused("The panel cannot be opened with these experts.", problems=problems)
    return found


def state_of(*, apart: bool, locked: bool, withdrawn: bool, saved: bool, due: datetime, now: datetime) -> str:
    """How a score stands: taken away by a conflict of interest, locked, given up because its expert was withdrawn,
    missed, saved half-way or open."""
    if apart:
        return APART
    if locked:
        return LOCKED
    if withdrawn:
        return WITHDRAWN
    if now >= due:
        return MISSED
    return SAVED if saved else OPEN


def check_score(score: int | None, remark: str, *, evidence: bool, unable: bool, lock: bool) -> None:
    """Refused: a score outside 0 to 100; to be locked without a score, without evidence where it is required, or
    without a reason where the expert cannot judge."""
    if score is not None and not 0 <= score <= TOP:
        raise Refused("The score is %(value)s; it must lie between 0 and 100.", value=score)
    if len(remark) > LONGEST:
        raise Refused(
            "The remark has %(count)s characters; at most %(most)s are taken.", count=len(remark), most=LONGEST
        )
    if unable and score is not None:
        raise Refused("Either a score or “cannot judge”, not both.")
    if not lock:
        return
    if score is None and not unable:
        raise Refused("Give a score before you lock it, or say that you cannot judge.")
    if unable and len(remark.strip()) < REMARK:
        raise Refused("Say in at least ten characters why you cannot judge.")
    if score is not None and needs_evidence(score):
        if len(remark.strip()) < REMARK:
            raise Refused(
                "A score under %(under)s or over %(over)s needs a remark of at least ten characters.",
                under=EVIDENCE_UNDER, over=EVIDENCE_OVER,
            )  # fmt: skip
        if not evidence:
            raise Refused(
                "A score under %(under)s or over %(over)s needs a file as evidence.", under=EVIDENCE_UNDER,
                over=EVIDENCE_OVER,
            )  # fmt: skip


def agreement(scores: Mapping[str, Mapping[str, int]], judges: Sequence[str]) -> tuple[Fraction | None, int]:
    """ICC(2,k) of an item, from the scores of its judges by member; the members that all of them scored, and only
    these, are compared. Gives how many they are, too."""
    whole = [[given[one] for one in judges] for given in scores.values() if all(one in given for one in judges)]
    return icc_average(whole), len(whole)


def is_low(icc: Decimal | None) -> bool:
    """Whether a further expert is to be asked."""
    return icc is not None and icc < LOW


def mark_of(scores: Sequence[int], *, median: bool) -> Fraction | None:
    """What an item gives a member: the mean, or the median once a further expert was asked; None where fewer than two
    experts scored, which leaves the item out."""
    if len(scores) < EACH:
        return None
    if not median:
        return Fraction(sum(scores), len(scores))
    ranked, half = sorted(scores), len(scores) // 2
    return Fraction(ranked[half]) if len(ranked) % 2 else Fraction(ranked[half - 1] + ranked[half], 2)
