"""The questions about scores of units that come from the alliance's evaluation."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from alliance.audit import queries as audit
from alliance.core.period import Period
from alliance.evaluation import queries as evaluation

FIGURE = "figure:"  # how the document of a number begins that is a figure of a kept run


@dataclass(frozen=True, slots=True)
class OfficialScore:
    """The score of a hospital in an official run: the period, the kept run and its key in it, the value, the figure as
    others rest on it."""

    period: str
    run_id: int
    key: str
    value: Decimal
    source: str


def official_score(alliance: int, institution: str, month: str) -> OfficialScore | None:
    """The hospital's score of the last scored period that was over with a month; None where there is none."""
    last = Period.parse(month).last
    for run in evaluation.holding_runs(alliance):
        if Period.parse(run.period).last <= last:
            key = f"{institution}/score"
            value = audit.values_of(run.run_id, [key]).get(key)
            kept = audit.read_runs({run.run_id}, alliance)[run.run_id]
            return OfficialScore(run.period, run.run_id, key, value, f"{FIGURE}{kept.digest}/{key}") if value else None
    return None


def taken_scores(alliance: int, documents: Iterable[str]) -> dict[str, tuple[str, int, str]]:
    """The period, the kept run and the key behind each document that is a figure of scores."""
    found: dict[str, tuple[str, int, str]] = {}
    for document in set(documents):
        if document.startswith(FIGURE):
            digest, _, key = document.removeprefix(FIGURE).partition("/")
            run = audit.run_of_digest(digest, alliance)
            if run is not None:
                found[document] = (run.subject.partition(":")[2], run.id, key)
    return found
