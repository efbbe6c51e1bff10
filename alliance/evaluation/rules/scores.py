"""From the values of indicators to shares, points, the data score, the score and the rank, as figures (E1, E4)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, localcontext
from fractions import Fraction

from alliance.core.figure import (
    ALLIANCE,
    EXACT,
    Figure,
    Kind,
    Level,
    Name,
    State,
    derived,
    given,
    quotient,
    sum_exactly,
)
from alliance.core.formula import median
from alliance.core.tiers import TIERS
from alliance.evaluation.rules import linked
from alliance.evaluation.rules.methods import METHODS, NAMES, rank_shares
from alliance.evaluation.rules.scheme import GROUP_NAMES, Scheme, SchemeLine
from alliance.evaluation.rules.weights import POINTS, WEIGHT, Inputs, Part, apart, spread, total

FEWEST = 3  # a tier in which fewer can be compared shows no median and no rank
SHARE = Name("share", "得分率", "share of the full mark")
SCORE = Name("score", "得分", "score")
SCORES = Name("scores", "同级各单位得分", "scores of the tier")
BEFORE = Name("before", "否决前得分", "score before the veto")
VETO = Name("veto", "一票否决", "veto")


@dataclass(frozen=True, slots=True)
class Label:
    """What an indicator or a dimension is called, where it stands, and how its values are told."""

    zh: str
    en: str
    dimension: str = ""
    tags: tuple[str, ...] = ()
    unit: tuple[str, str] = ("", "")
    places: int = 2


@dataclass(frozen=True, slots=True)
class Member:
    """A member to be scored: its code and tier, and the veto against it, if any, as a given figure of value 1."""

    code: str
    tier: str
    veto: Figure | None = None


@dataclass(slots=True)
class Card:
    """The figures of one member's result; None where there is none."""

    member: Member
    shares: dict[str, Figure] = field(default_factory=dict)
    points: dict[str, Figure] = field(default_factory=dict)
    dimensions: dict[str, Figure] = field(default_factory=dict)
    groups: dict[str, Figure] = field(default_factory=dict)
    data: Figure | None = None
    collaboration: Figure | None = None
    score: Figure | None = None
    rank: Figure | None = None

    @property
    def owner(self) -> str:
        return f"institution:{self.member.code}"


@dataclass(slots=True)
class Scoring:
    """One scoring of a period under a scheme.

    `reference` names the scheme in sources (2026/1). `values` are the figures of indicators by (member, indicator),
    `ratings` the results of rater groups by (group, member). What `reference` lines compare with are the elements in
    `external` by code, or in `references` by (member, code) where each member has its own. What linked lines take are
    the values of the members that `support` names, weighted by `cases`.
    """

    scheme: Scheme
    reference: str
    period: str
    labels: Mapping[str, Label]
    dimensions: Mapping[str, Label]
    values: Mapping[tuple[str, str], Figure]
    ratings: Mapping[tuple[str, str], Figure] = field(default_factory=dict)
    external: Mapping[str, Figure] = field(default_factory=dict)
    kinds: dict[str, Kind] = field(default_factory=dict)
    given: dict[str, Figure] = field(default_factory=dict)
    references: Mapping[tuple[str, str], Figure] = field(default_factory=dict)
    support: linked.Support = field(default_factory=linked.Support)
    cases: linked.Cases = field(default_factory=dict)

    def score(self, members: Sequence[Member]) -> tuple[list[Card], dict[str, Figure]]:
        """The cards of all members, tier by tier, and the medians: by tier, and by `tier/dimension`.

        A member of a tier for which the scheme has no lines has no data score; it is scored by the other groups.
        """
        cards: list[Card] = []
        medians: dict[str, Figure] = {}
        with localcontext(EXACT):
            for tier in TIERS:
                own = [Card(member) for member in members if member.tier == tier]
                self._score_tier(self.scheme.tier_lines(tier), own)
                middle = self._rank(own, tier)
                if middle:
                    medians[tier] = middle
                medians |= self._dimension_medians(own, tier)
                cards += own
        return cards, medians

    def score_again(self, before: Mapping[str, Card], changed: Mapping[str, Collection[str]]) -> list[Card]:
        """The cards of members of whom some values changed, by member and indicator, from their cards before: all other
        lines stay as they were. Where values of a tier are compared in a line, of all its members. Without ranks and
        medians."""
        found: list[Card] = []
        with localcontext(EXACT):
            for tier in TIERS:
                there = [card for card in before.values() if card.member.tier == tier]
                asked = {card.member.code: set(changed.get(card.member.code, ())) for card in there}
                lines = self.scheme.tier_lines(tier)
                for line in lines:
                    if line.method == "rank_in_tier" and any(line.indicator in codes for codes in asked.values()):
                        asked = {code: codes | {line.indicator} for code, codes in asked.items()}
                cards = [
                    Card(card.member, dict(card.shares), dict(card.points)) for card in there if asked[card.member.code]
                ]
                for line in lines:
                    own = [card for card in cards if line.indicator in asked[card.member.code]]
                    if own:
                        self._score_line(line, own)
                self._sum_up_tier(lines, cards)
                found += cards
        return found

    def _score_tier(self, lines: Sequence[SchemeLine], cards: Sequence[Card]) -> None:
        for line in lines:
            self._score_line(line, cards)
        self._sum_up_tier(lines, cards)

    def _sum_up_tier(self, lines: Sequence[SchemeLine], cards: Sequence[Card]) -> None:
        if not cards:
            return
        whole, dimensions = self._part(*GROUP_NAMES["data"], lines), self._dimensions(lines)
        tagged = [line for line in lines if "collaboration" in self.labels[line.indicator].tags]
        together = self._part("协同得分", "Collaboration score", tagged)
        for card in cards:
            self._sum_up(card, whole, dimensions, together)

    def kind(
        self, code: str, zh: str, en: str, formula: str = "", rounding: str = "", *, names: Iterable[Name] = (),
        level: Level = Level.OWN, unit: tuple[str, str] = ("分", "points"), clause: str = "",
    ) -> Kind:  # fmt: skip
        """The kind of a code, made when it is asked for first."""
        known = self.kinds.get(code)
        if known is None:
            clause = clause or self.reference
            known = self.kinds[code] = Kind(code, zh, en, *unit, formula, rounding, clause, level, tuple(names))
        return known

    def parameter(self, place: str, name: Name, value: Decimal, unit: tuple[str, str] = ("", "")) -> Figure:
        """A number of the scheme as a given figure: `scheme:2026/1#primary.I014.target`."""
        key = f"{place}.{name.name}"
        found = self.given.get(key)
        if found is None:
            kind = self.kind(f"parameter:{name.name}", name.zh, name.en, level=Level.ALLIANCE, unit=unit)
            found = self.given[key] = given(f"scheme/{key}", kind, value, f"scheme:{self.reference}#{key}")
        return found

    def _part(self, zh: str, en: str, lines: Iterable[SchemeLine]) -> Part:
        return Part(zh, en, {line.indicator: self._weight(line) for line in lines})

    def _weight(self, line: SchemeLine) -> Figure:
        return self.parameter(f"{line.tier}.{line.indicator}", WEIGHT, line.weight)

    def _dimensions(self, lines: Sequence[SchemeLine]) -> dict[str, Part]:
        """The lines of a tier by dimension, in the order of the library."""
        by_dimension: dict[str, list[SchemeLine]] = {dimension: [] for dimension in self.dimensions}
        for line in lines:
            by_dimension.setdefault(self.labels[line.indicator].dimension, []).append(line)
        labels = {code: self.dimensions.get(code, Label(code, code)) for code in by_dimension}
        return {
            code: self._part(labels[code].zh, labels[code].en, inside)
            for code, inside in by_dimension.items()
            if inside
        }

    def _score_line(self, line: SchemeLine, cards: Sequence[Card]) -> None:
        rows = [self._brought(line, card) for card in cards]
        shared = self._shared(line, rows)
        share_kind, points_kind = self._line_kinds(line, shared)
        missing = self.kind("share:missing", "未填报，计零分", "Not filed: scores 0", "0", unit=("", ""))
        weight = self._weight(line)
        for card, row, exact in zip(cards, rows, _exact_shares(line, rows), strict=True):
            owner, key = card.owner, f"{card.member.code}/{line.indicator}"
            if _not_filed(row):
                # Not filed scores 0 and is listed; not applicable gives its weight away.
                share = derived(f"{key}/share", missing, 0, row, owner=owner)
            else:
                share = derived(f"{key}/share", share_kind, exact, (*row, *shared), owner=owner)
            points = None if share.value is None else line.weight * share.value
            made = derived(f"{key}/points", points_kind, points, (("weight", weight), ("share", share)), owner=owner)
            card.shares[line.indicator], card.points[line.indicator] = share, made

    def _brought(self, line: SchemeLine, card: Card) -> Inputs:
        """What a member brings to a line: its actual value, or that of the members it supports, and, where the line has
        one, the reference."""
        code = card.member.code
        brought = [("actual", self._of_supported(line, code) if line.linked else self.values[code, line.indicator])]
        if line.external:
            reference = self.references.get((code, line.external)) or self.external[line.external]
            brought.append(("reference", reference))
        return brought

    def _of_supported(self, line: SchemeLine, supporter: str) -> Figure:
        rows = linked.supported(self.support, supporter, line.linked, line.indicator, self.values, self.cases)
        label, place = self.labels[line.indicator], f"{line.tier}.{line.indicator}"
        clause = f"{self.reference} {place}"
        value = self.kind(
            f"linked:{place}", f"{label.zh}（受援单位）", f"{label.en} (of the members supported)",
            "sum(value * weight) / sum(weight)", str(label.places), names=(linked.VALUE, linked.WEIGHT),
            unit=label.unit, clause=clause,
        )  # fmt: skip
        weight = self.kind(
            f"linked:{place}:weight", f"{label.zh}：例数 × 支援份额", f"{label.en}: cases × share of support",
            "cases * share / 100", names=(linked.CASES, linked.SHARE), unit=("", ""), clause=clause,
        )  # fmt: skip
        return linked.linked_value(linked.LinkedLine(value, weight, line.measure, self.period), supporter, rows)

    def _shared(self, line: SchemeLine, rows: Sequence[Inputs]) -> Inputs:
        """What is the same for every member in a line: the scheme's numbers; the values of the tier for a rank."""
        place = f"{line.tier}.{line.indicator}"
        shared = [(name, self.parameter(place, NAMES[name], value)) for name, value in line.line.numbers.items()]
        if line.method == "rank_in_tier":
            there = [row[0][1] for row in rows if row[0][1].value is not None]
            shared.append(("values[]", self._listed(line.tier, f"values/{line.indicator}", there)))
        return shared

    def _line_kinds(self, line: SchemeLine, shared: Inputs) -> tuple[Kind, Kind]:
        label, place = self.labels[line.indicator], f"{line.tier}.{line.indicator}"
        clause = f"{self.reference} {place}"
        used = ["actual", *(["reference"] if line.external else []), *(name.removesuffix("[]") for name, _ in shared)]
        share = self.kind(
            f"share:{place}", f"{label.zh}得分率", f"Share of the full mark: {label.en}",
            METHODS[line.method].formula(line.line), str(line.places), names=[NAMES[name] for name in used],
            unit=("", ""), clause=clause,
        )  # fmt: skip
        points = self.kind(
            f"points:{place}", f"{label.zh}得分", f"Points: {label.en}", "weight * share", names=(WEIGHT, SHARE),
            clause=clause,
        )  # fmt: skip
        return share, points

    def _sum_up(self, card: Card, whole: Part, dimensions: Mapping[str, Part], together: Part) -> None:
        for dimension, part in dimensions.items():
            names = (f"{part.zh}得分", f"{part.en} score")
            card.dimensions[dimension] = self._scaled(card, part, f"dimension:{dimension}", *names)
        if together.weights:
            card.collaboration = self._scaled(card, together, "collaboration_score", together.zh, together.en)
        if whole.weights:
            card.data = card.groups["data"] = self._data_score(card, whole, dimensions)
        for group in self.scheme.groups:
            rating = self.ratings.get((group, card.member.code))
            if rating is not None and group != "data":
                card.groups[group] = rating
        card.score = self._score(card)
        if card.member.veto is not None:
            veto = card.member.veto
            card.score = self._vetoed(veto, card.score, "score", "综合得分", "Score")
            if card.collaboration is not None:
                card.collaboration = self._vetoed(
                    veto, card.collaboration, "collaboration_score", "协同得分", "Collaboration score"
                )

    def _scaled(self, card: Card, part: Part, code: str, zh: str, en: str) -> Figure:
        """Points of some lines scaled to 100 over what applies."""
        formula, places = "sum(points) / sum(weight) * 100", str(self.scheme.places_total)
        kind = self.kind(code, zh, en, formula, places, names=(POINTS, WEIGHT))
        applied, without = apart(card.points, part)
        weights = [part.weights[code] for code in applied]
        weight = total(weights)
        exact = quotient(total(applied.values()), weight, 100) if weight else None
        inputs = [("points", figure) for figure in applied.values()] + [("weight", figure) for figure in weights]
        key = f"{card.member.code}/{code.replace(':', '/')}"
        return derived(key, kind, exact, inputs + without, owner=card.owner)

    def _data_score(self, card: Card, whole: Part, dimensions: Mapping[str, Part]) -> Figure:
        """Σ points where every line applies: what is not applicable gives its weight away otherwise."""
        applied, without = apart(card.points, whole)
        if without:
            return self._spread(card, dimensions, without)
        kind = self.kind(
            "data_score", whole.zh, whole.en, "sum(points)", str(self.scheme.places_total), names=(POINTS,)
        )
        inputs = [("points", figure) for figure in applied.values()]
        return derived(f"{card.member.code}/data_score", kind, total(applied.values()), inputs, owner=card.owner)

    def _spread(self, card: Card, dimensions: Mapping[str, Part], without: Inputs) -> Figure:
        """The data score where a line is not applicable."""
        found = spread(card.points, list(dimensions.values()))
        pattern = ".".join(figure.key.split("/")[1] for _, figure in without)
        code, places = f"data_score:{card.member.tier}-{pattern}", str(self.scheme.places_total)
        kind = self.kind(code, *GROUP_NAMES["data"], found.formula, places, names=found.names)
        key = f"{card.member.code}/data_score"
        return derived(key, kind, found.exact, found.inputs + without, owner=card.owner)

    def _score(self, card: Card) -> Figure:
        """Σ r·S over the groups; a group without a result gives its weight to the others in proportion."""
        formula, places = "sum(weight * score) / sum(weight)", str(self.scheme.places_total)
        kind = self.kind("score", "综合得分", "Score", formula, places, names=(WEIGHT, SCORE))
        weights = {
            group: self._group_weight(group, weight) for group, weight in self.scheme.groups.items() if weight > 0
        }
        there = {
            group: figure for group, figure in card.groups.items() if figure.value is not None and group in weights
        }
        inputs = [("weight", weights[group]) for group in there] + [("score", figure) for figure in there.values()]
        for group, weight in weights.items():
            if group not in there:
                inputs.append(("without", weight))
                if group in card.groups:
                    inputs.append(("without", card.groups[group]))  # entered as not applicable
        down = total(weights[group] for group in there)
        products = [self.scheme.groups[group] * (figure.value or 0) for group, figure in there.items()]
        exact = quotient(sum_exactly(products), down) if down else None
        return derived(f"{card.member.code}/score", kind, exact, inputs, owner=card.owner)

    def _group_weight(self, group: str, weight: Decimal) -> Figure:
        zh, en = GROUP_NAMES[group]
        return self.parameter("groups", Name(group, f"{zh}权重", f"Weight: {en}"), weight, ("%", "%"))

    def _vetoed(self, veto: Figure, before: Figure, code: str, zh: str, en: str) -> Figure:
        """A score with a veto against it: 0, whatever it was before."""
        key, state = f"{before.key}/before_veto", before.state
        earlier = Figure(key, before.kind, before.value, state, inputs=before.inputs, owner=before.owner)
        kind = self.kind(
            f"{code}:vetoed", f"{zh}（一票否决）", f"{en} (vetoed)", "before * (1 - veto)", names=(BEFORE, VETO)
        )
        exact = None if earlier.value is None else 0
        return derived(before.key, kind, exact, (("before", earlier), ("veto", veto)), owner=before.owner)

    def _rank(self, cards: Sequence[Card], tier: str) -> Figure | None:
        """Ranks by published score, and their median; none for vetoed members, nor in a tier with fewer than three."""
        scored = [(card, card.score) for card in cards if card.score is not None and card.member.veto is None]
        compared = [(card, score, score.value) for card, score in scored if score.value is not None]
        if len(compared) < FEWEST:
            return None
        values = [value for _, _, value in compared]
        listed = self._listed(tier, "scores", [score for _, score, _ in compared])
        kind = self.kind(
            f"rank:{tier}", "同级名次", "Rank in tier", "1 + count(scores > score)", names=(SCORE, SCORES),
            unit=("", ""),
        )  # fmt: skip
        ranks: dict[Decimal, int] = {}
        for place, value in enumerate(sorted(values, reverse=True), 1):
            ranks.setdefault(value, place)
        for card, score, value in compared:
            inputs = (("score", score), ("scores[]", listed))
            card.rank = derived(f"{card.member.code}/rank", kind, ranks[value], inputs, owner=card.owner)
        middle = self.kind(
            f"median:{tier}", "同级综合得分中位数", "Median score of the tier", "median(scores)",
            str(self.scheme.places_total), names=(SCORES,), level=Level.ALLIANCE,
        )  # fmt: skip
        return derived(f"{tier}/median", middle, median([Fraction(value) for value in values]), (("scores[]", listed),))

    def _dimension_medians(self, cards: Sequence[Card], tier: str) -> dict[str, Figure]:
        """The medians of a tier by `tier/dimension`, over members that are not vetoed; none of fewer than three."""
        found: dict[str, Figure] = {}
        for code, label in self.dimensions.items():
            there = [card.dimensions[code] for card in cards if code in card.dimensions and card.member.veto is None]
            there = [figure for figure in there if figure.value is not None]
            if len(there) < FEWEST:
                continue
            kind = self.kind(
                f"median:{tier}:{code}", f"同级{label.zh}得分中位数", f"Median of the tier: {label.en} score",
                "median(scores)", str(self.scheme.places_total), names=(SCORES,), level=Level.ALLIANCE,
            )  # fmt: skip
            listed = self._listed(tier, f"dimension/{code}", there)
            middle = median([Fraction(figure.value) for figure in there if figure.value is not None])
            found[f"{tier}/{code}"] = derived(f"{tier}/dimension/{code}/median", kind, middle, [("scores[]", listed)])
        return found

    def _listed(self, tier: str, what: str, figures: Sequence[Figure]) -> Figure:
        """The figures of a tier as one figure, their number: all comparisons of the tier rest on it."""
        kind = self.kind(
            f"list:{tier}", "同级参与比较的单位数", "Members of the tier that are compared", "count(value)",
            names=(Name("value", "各单位数值", "values"),), level=Level.ALLIANCE, unit=("家", "members"),
        )  # fmt: skip
        return derived(f"{tier}/{what}/list", kind, len(figures), [("value", figure) for figure in figures])


def _not_filed(row: Inputs) -> bool:
    """Whether a member owes a line something: its value, or its own reference, the alliance's being no debt of its."""
    return any(part.state is State.MISSING and (name == "actual" or part.owner != ALLIANCE) for name, part in row)


def _exact_shares(line: SchemeLine, rows: Sequence[Inputs]) -> list[Fraction | None]:
    """The share of each member; None where a value or the reference is not there."""
    if line.method == "rank_in_tier":
        here = [row[0][1].value for row in rows if row[0][1].value is not None]
        ranked = iter(rank_shares(here, line.line) if here else ())
        return [None if row[0][1].value is None else next(ranked) for row in rows]
    method = METHODS[line.method]
    numbers = method.numbers(line.line)
    found: list[Fraction | None] = []
    for row in rows:
        actual, *reference = (part.value for _, part in row)
        if actual is None or None in reference:
            found.append(None)
            continue
        if reference:
            numbers["reference"] = reference[0] or Decimal(0)
        found.append(method.share(actual, numbers, line.line))
    return found
