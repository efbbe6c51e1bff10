"""What is true of conflicts of interest: their kinds, and what a declaration needs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from alliance.core.refused import REASON, Both, Refused

KINDS: Mapping[str, Both] = {
    "employment": Both("本人曾任职或正在任职", "Own present or past employment"),
    "family": Both("近亲属任职", "Employment of a close relative"),
    "money": Both("合同、股权或其他经济利益", "Contract, shares or other interest in money"),
    "work": Both("合作课题、师生或共同署名", "Joint project, teaching or publications"),
    "other": Both("其他可能影响公正的关系", "Another tie that may impair fairness"),
}


def check_declared(kind: str, reason: str, start: date, until: date | None, today: date) -> None:
    """Refused: an unknown kind, a reason too short, an end that is not after the beginning and after today."""
    if kind not in KINDS:
        raise Refused("Choose what kind of conflict it is.")
    if len(reason.strip()) < REASON:
        raise Refused("Give a reason of at least ten characters.")
    if until is not None and until <= max(start, today):
        raise Refused("The end must lie after the beginning and after today.")


def check_ended(start: date, until: date | None, end: date, why: str, today: date) -> None:
    """Refused: what has ended, an end that lies back, a reason too short."""
    if until is not None and until <= today:
        raise Refused("This conflict of interest has ended already.")
    if end < max(start, today):
        raise Refused("A conflict of interest ends today at the earliest; what was judged under it stays apart.")
    if len(why.strip()) < REASON:
        raise Refused("Give a reason of at least ten characters.")
