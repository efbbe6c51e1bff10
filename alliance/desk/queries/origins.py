"""The origin of a given figure: the record behind it, and who stands behind that."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from alliance.accounts import queries as accounts
from alliance.audit import queries as audit
from alliance.core.roles import Scope
from alliance.desk.queries import pay
from alliance.evaluation import queries as evaluation
from alliance.funds import queries as funds
from alliance.indicators import queries as indicators
from alliance.members import queries as members
from alliance.ratings import queries as rated


@dataclass(frozen=True, slots=True)
class Hand:
    """Who did what to the record behind a figure, and when."""

    what: str  # filed, signed, submitted, accepted, decided, entered, computed
    account: str
    name_zh: str
    name_en: str
    employer: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Origin:
    """The record behind a given figure: kind, address, document, people, and whether a newer one is there."""

    kind: str  # of ORIGINS, figure, or one of pay.ORIGINS
    parts: tuple[str, ...]
    document: str = ""
    hands: tuple[Hand, ...] = ()
    newer: bool = False
    run_id: int = 0
    number: int = 0
    cases: int = 0  # of a reading, how many it was derived from


def _hand(what: str, account: str, at: datetime | None, names: dict[str, tuple[str, str, str]]) -> Hand:
    zh, en, employer = names.get(account, (account, account, ""))
    return Hand(what, account, zh, en, employer, at)


def _hands(*acts: tuple[str, str, datetime | None]) -> tuple[Hand, ...]:
    names = accounts.names({account for _, account, _ in acts if account})
    return tuple(_hand(what, account, at, names) for what, account, at in acts if account)


def origin_of(scope: Scope, figure: audit.KeptFigure) -> Origin:
    """The record behind a source, with the people who stand behind it."""
    kind, _, rest = figure.source.partition(":")
    if kind in pay.ORIGINS:
        parts, document, acts, newer = pay.ORIGINS[kind](scope.alliance_id, rest)
        return Origin(kind, parts, document, _hands(*acts), newer)
    return ORIGINS[kind](scope, rest)


def _reading_origin(scope: Scope, rest: str) -> Origin:
    place, _, revision = rest.partition("@")
    institution, element, period = place.split("/")
    found = indicators.revisions(scope.alliance_id, institution, element, period)
    used = next((one for one in found if one.revision == int(revision)), None)
    submission = indicators.submission(scope.alliance_id, period, institution)
    acts: list[tuple[str, str, datetime | None]] = []
    if used:
        acts.append(("filed", used.filed_by, used.filed_at))
    if submission:
        acts += [
            ("signed", submission.signed_by, submission.signed_at),
            ("submitted", submission.submitted_by, submission.submitted_at),
            ("accepted", submission.accepted_by, submission.accepted_at),
        ]
    newer = bool(found) and found[-1].revision > int(revision)
    return Origin(
        "reading", (institution, element, period, revision), used.document if used else "", _hands(*acts), newer,
        cases=indicators.counted_number(scope.alliance_id, period, institution, element, int(revision)),
    )  # fmt: skip


def _scheme_origin(scope: Scope, rest: str) -> Origin:
    reference, _, place = rest.partition("#")
    code, _, version = reference.rpartition("/")
    info = evaluation.scheme_info(scope.alliance_id, code, int(version))
    acts = (
        (("drafted", info.drafted_by, info.drafted_at), ("decided", info.decided_by, info.decided_at)) if info else ()
    )
    return Origin("scheme", (code, version, place), info.decision if info else "", _hands(*acts))


def _rating_origin(scope: Scope, rest: str) -> Origin:
    place, _, revision = rest.partition("@")
    group, institution, period = place.split("/")
    current = next(
        (r for r in evaluation.ratings(scope.alliance_id, period) if (r.group, r.institution) == (group, institution)),
        None,
    )
    same = current is not None and current.revision == int(revision)
    acts = (("entered", current.entered_by, current.entered_at),) if current and same else ()
    return Origin(
        "rating",
        (group, institution, period, revision),
        current.document if current and same else "",
        _hands(*acts),
        not same,
    )


def _peers_origin(scope: Scope, rest: str) -> Origin:
    """What closing kept of a round of cross-rating, of a member or of all: aggregates, and nobody who rated."""
    place, _, name = rest.partition("#")
    period, *parts = place.split("/")
    found = rated.peer_round(scope.alliance_id, period)
    acts = (("recorded", found.closed_by, found.closed_at),) if found else ()
    item = next((one.name for one in found.items if one.code == parts[-1]), None) if found and parts else None
    institution = parts[0] if len(parts) > 1 else ""
    return Origin(
        "peers", (period, institution, item.zh if item else "", item.en if item else "", name), "", _hands(*acts)
    )


def _panel_origin(scope: Scope, rest: str) -> Origin:
    """What experts found: leads to the aggregate of the member, never to who scored."""
    place, _, item = rest.partition("#")
    period, institution = place.split("/")
    one = rated.panel(scope.alliance_id, period)
    acts = (("recorded", one.closed_by, one.closed_at),) if one else ()
    return Origin("panel", (period, institution, item), "", _hands(*acts))


def _rubric_origin(scope: Scope, rest: str) -> Origin:
    reference, _, place = rest.partition("#")
    code, _, version = reference.rpartition("/")
    info = rated.rubric(scope.alliance_id, code, int(version))
    acts = (("entered", info.recorded_by, info.recorded_at),) if info else ()
    return Origin("rubric", (code, version, place), "", _hands(*acts))


def _survey_origin(scope: Scope, rest: str) -> Origin:
    """What a closed survey counted; nobody stands behind it by name."""
    place, _, what = rest.partition("#")
    survey, version, period, institution, question = place.split("/")
    return Origin("survey", (survey, version, period, institution, question, what))


def _decision_origin(scope: Scope, rest: str) -> Origin:
    found = accounts.decision(scope.alliance_id, rest)
    acts = (("recorded", found.recorded_by, found.recorded_at),) if found else ()
    return Origin("decision", (rest,), found.document if found else "", _hands(*acts))


def _total_origin(scope: Scope, rest: str) -> Origin:
    place, _, name = rest.partition("#")
    place, _, revision = place.partition("@")
    institution, period = place.split("/")
    current = funds.totals(scope.alliance_id, period).get(institution)
    same = current is not None and current.revision == int(revision)
    acts = (("filed", current.filed_by, current.filed_at),) if current and same else ()
    return Origin(
        "total",
        (institution, period, revision, name),
        current.document if current and same else "",
        _hands(*acts),
        not same,
    )


def _line_origin(scope: Scope, rest: str) -> Origin:
    place, _, revision = rest.partition("@")
    period, _, number = place.partition("/")
    found = funds.line_revisions(scope.alliance_id, period).get(int(number), [])
    used = next((one for one in found if one.revision == int(revision or 1)), None)
    acts = (("filed", used.filed_by, used.filed_at),) if used else ()
    newer = used is not None and found[-1].revision > used.revision
    return Origin("line", (period, number), used.document if used else "", _hands(*acts), newer)


def _figure_origin(scope: Scope, rest: str) -> Origin:
    digest, _, key = rest.partition("/")
    run = audit.run_of_digest(digest, scope.alliance_id)
    number = audit.figure_numbers(run.id, [key]).get(key, 0) if run else 0
    return Origin("figure", (key,), run_id=run.id if run else 0, number=number)


def _link_origin(scope: Scope, rest: str) -> Origin:
    """Who recorded that a member is supported in a specialty from a day on; newer where that was replaced since."""
    place, _, supporter = rest.partition("#")
    place, _, start = place.partition("@")
    member, _, specialty = place.partition("/")
    found = members.links_of(scope.alliance_id, member, "" if specialty == "all" else specialty)
    there = [one for one in found if one.start.isoformat() == start]
    acts = (("recorded", there[0].recorded_by, there[0].recorded_at),) if there else ()
    return Origin("link", (member, specialty, start, supporter), "", _hands(*acts), not there)


def _estimate_origin(scope: Scope, rest: str) -> Origin:
    period, _, key = rest.partition("/")
    figures = evaluation.estimate_figures(scope.alliance_id, period)
    return Origin("estimate", (period, key), number=figures.numbers.get(key, 0) if figures else 0)


ORIGINS = {
    "reading": _reading_origin,
    "scheme": _scheme_origin,
    "rating": _rating_origin,
    "peers": _peers_origin,
    "panel": _panel_origin,
    "rubric": _rubric_origin,
    "survey": _survey_origin,
    "decision": _decision_origin,
    "total": _total_origin,
    "line": _line_origin,
    "link": _link_origin,
    "figure": _figure_origin,
    "estimate": _estimate_origin,
}

PAY_ORIGINS = frozenset(pay.ORIGINS)
