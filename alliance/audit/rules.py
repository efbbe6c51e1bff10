"""What is true of the log: the text of an event, the root and the seal of a batch, and which events a batch held."""

from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

LEAF = struct.Struct(">I12s")  # an event's number counted from the first of its batch, and the head of its digest
REFUSALS = 20  # of an account in a minute that are recorded one by one
OPENINGS = 3600  # seconds in which the same person at the same page is one opening
# Kinds of subjects whose first part is the institution concerned: `submission:C03/2026-03`.
OWNED = (
    "case",
    "cases",
    "certificate",
    "submission",
    "reading",
    "evidence",
    "veto",
    "total",
    "score",
    "statement",
    "institution",
    "door",
    "department",
    "structure",
    "satisfaction",
    "surveytext",
    "post",
    "staff",
    "agreement",
    "bonus",
    "bonusbudget",
    "bonusmonth",
    "hospitaltotal",
    "bonusscheme",
    "chargecode",
    "charges",
    "correction",
    "dischargecases",
    "holding",
    "hospitalrecord",
    "itempoints",
    "objection",
    "payment",
    "referral",
    "reserve",
    "referrals",
    "offer",
    "roster",
    "shift",
    "slip",
    "targets",
    "task",
    "unit",
    "unitrule",
    "workload",
    "course",
    "courses",
    "ledgerentry",
    "ledger",
    "verification",
    "improvement",
)
# Parts of the names of acts about blind ratings: giving marks, judging the pattern of them, scoring as an expert.
BLIND = (":rating:", "ratings:flag:", "ratings:score:")
_encode = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode


def event_text(
    number: int,
    alliance: int | None,
    at: datetime,
    act: str,
    subject: str,
    account: str,
    detail: Mapping[str, Any],
    once: str | None,
) -> str:
    """The canonical text of an event, as it enters a seal."""
    return _encode([number, alliance, at.isoformat(timespec="microseconds"), act, subject, account, detail, once])


@dataclass(slots=True)
class Batch:
    """Events on their way into a seal, in order of their numbers."""

    first: int = 0
    last: int = 0
    count: int = 0
    _root: Any = field(default_factory=hashlib.sha256)
    _leaves: bytearray = field(default_factory=bytearray)

    def add(self, number: int, text: str) -> bytes:
        """Take an event in; gives the head of its digest."""
        encoded = text.encode()
        if self.count:
            self._root.update(b"\n")
        else:
            self.first = number
        self._root.update(encoded)
        head = hashlib.sha256(encoded).digest()[:12]
        self._leaves += LEAF.pack(number - self.first, head)
        self.last = number
        self.count += 1
        return head

    @property
    def root(self) -> str:
        return str(self._root.hexdigest())

    @property
    def leaves(self) -> bytes:
        return bytes(self._leaves)


def leaves_of(first: int, leaves: bytes) -> Iterator[tuple[int, bytes]]:
    """The events a seal names: (number, head of the digest)."""
    for offset, head in LEAF.iter_unpack(leaves[: len(leaves) - len(leaves) % LEAF.size]):
        yield first + offset, head


def seal_text(previous: str, number: int, at: datetime, first: int, last: int, count: int, root: str) -> str:
    """The seal over a batch: it rests on the seal before and on everything its own row says."""
    parts = [previous, number, at.isoformat(timespec="microseconds"), first, last, count, root]
    return hashlib.sha256("\n".join(map(str, parts)).encode()).hexdigest()


def first_seal_text(previous: str, root: str) -> str:
    """The seal as it was made before seals named their events."""
    return hashlib.sha256(f"{previous}\n{root}".encode()).hexdigest()


def differences(expected: Iterable[tuple[int, bytes]], found: Iterable[tuple[int, bytes]]) -> Iterator[tuple[int, str]]:
    """Walk two lists in order of their numbers: (number, "removed", "inserted" or "edited") where they differ."""
    left, right = iter(expected), iter(found)
    was, now = next(left, None), next(right, None)
    while was or now:
        if now is None or (was is not None and was[0] < now[0]):
            assert was is not None
            yield was[0], "removed"
            was = next(left, None)
        elif was is None or now[0] < was[0]:
            yield now[0], "inserted"
            now = next(right, None)
        else:
            if was[1] != now[1]:
                yield was[0], "edited"
            was, now = next(left, None), next(right, None)


def is_blind(act: str) -> bool:
    """Whether an act is part of a blind rating: who did it, and what, is nobody else's to read."""
    return any(part in act for part in BLIND)
