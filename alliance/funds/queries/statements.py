"""The questions about a member's statement: its amounts, how each comes about, what they were the period before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from alliance.audit import queries as audit
from alliance.core.figure import ALLIANCE
from alliance.core.period import Period
from alliance.funds.queries.funds import (
    FundInfo,
    ShareInfo,
    decided_funds,
    fund_before,
    fund_terms,
    per_head,
    share,
)
from alliance.funds.queries.totals import totals
from alliance.funds.rules import Rules
from alliance.members import queries as members

OWN = ("performance_total", "headcount", "fund_score", "weight", "cap", "paid_in", "share", "net")
PARTS = ("share", "paid_in", "net")


@dataclass(frozen=True, slots=True)
class Statement:
    """What a member pays into a fund and receives from it; `figures` by key, `heads` the amounts by head."""

    fund: FundInfo
    share: ShareInfo
    institution: str
    member: members.MemberInfo | None
    rules: Rules
    figures: Mapping[str, audit.KeptFigure]
    heads: Mapping[str, Decimal | None]
    before: FundInfo | None  # the decided fund of the period before
    then: ShareInfo | None  # the member's share in it
    links: Mapping[str, int]  # numbers of figures in the fund before, by key
    periods: Sequence[FundInfo]  # decided funds that name the member


@dataclass(frozen=True, slots=True)
class Step:
    """A computed amount with its formula in words and with its numbers; without them when others' numbers enter."""

    figure: audit.KeptFigure
    words: str
    numbers: str


@dataclass(frozen=True, slots=True)
class Given:
    """A number that was not computed here, and the document that it was filed with, if that is known."""

    figure: audit.KeptFigure
    kind: str  # of its source: total, scheme, figure
    document: str


def statement(alliance: int, fund: FundInfo, institution: str) -> Statement | None:
    """A member's statement of a fund; None when the fund knows no such member."""
    own = share(fund.run_id, institution)
    if own is None:
        return None
    keys = [f"{institution}/{name}" for name in OWN] + [
        f"fund/{fund.period}/pool", f"fund/{fund.period}/weights", "scheme/fund.rate", "scheme/fund.pass_mark",
    ]  # fmt: skip
    figures = audit.figures_of(fund.run_id, keys)
    head = figures.get(f"{institution}/headcount")
    before = fund_before(alliance, fund)
    cents = {"share": own.received, "paid_in": own.paid_in, "net": own.net}
    return Statement(
        fund,
        own,
        institution,
        members.member(alliance, institution, Period.parse(fund.period).last),
        fund_terms(alliance, fund),
        figures,
        {name: per_head(cents[name], head.value if head else None) for name in PARTS},
        before,
        share(before.run_id, institution) if before else None,
        audit.figure_numbers(before.run_id, [f"{institution}/{name}" for name in PARTS]) if before else {},
        [one for one in decided_funds(alliance) if share(one.run_id, institution)],
    )


def steps(found: Statement, lang: str) -> list[Step]:
    """How the amounts of a statement come about, one after the other, each after what it rests on.

    What was computed over all members, such as the pool, is told in words only: what enters it is others' own.
    """
    return [Step(figure, *_texts(figure, inputs, lang)) for figure, inputs in _trail(found) if figure.kind.formula]


def _texts(figure: audit.KeptFigure, inputs: Sequence[tuple[str, audit.KeptFigure]], lang: str) -> tuple[str, str]:
    words, numbers = audit.formula_texts(figure, inputs, [False] * len(inputs), lang)
    return words, "" if figure.owner == ALLIANCE or numbers == words else numbers


def givens(alliance: int, found: Statement) -> list[Given]:
    """What the amounts of a statement rest on at last: what was filed, scored, and laid down in the scheme."""
    filed = totals(alliance, found.fund.period).get(found.institution)
    held = f"total:{found.institution}/{found.fund.period}@{filed.revision}#" if filed else ""
    return [
        Given(
            figure,
            figure.source.partition(":")[0],
            filed.document if filed and figure.source.startswith(held) else "",
        )
        for figure, _inputs in _trail(found)
        if figure.source
    ]


def _trail(found: Statement) -> list[tuple[audit.KeptFigure, list[tuple[str, audit.KeptFigure]]]]:
    """The figures under a member's net amount with their inputs, inputs first; not what only others' rest on."""
    kept = audit.Kept(found.fund.run_id)
    trail: dict[int, tuple[audit.KeptFigure, list[tuple[str, audit.KeptFigure]]]] = {}

    def follow(figure: audit.KeptFigure) -> None:
        inputs = kept.inputs_of(figure.number) if figure.kind.formula else []
        for _name, part in inputs if figure.owner != ALLIANCE else ():
            if part.number not in trail:
                follow(part)
        trail[figure.number] = (figure, inputs)

    follow(found.figures[f"{found.institution}/net"])
    return list(trail.values())
