"""What came of cross-rating: what closing kept, as numbers of a page and as figures of the score."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from sqlalchemy import func, select

from alliance.audit import queries as audit
from alliance.core.figure import Figure, Kind, Level, Name, State, derived, given, half_up
from alliance.db import db, lasting
from alliance.ratings.models import PeerCell, PeerRound
from alliance.ratings.queries.peers import RoundInfo, peer_round
from alliance.ratings.queries.results import GROUPS, Asked, Group
from alliance.ratings.rules.peer_items import Item
from alliance.ratings.rules.peers import PLACES, TOP, Kept, group_score

ALL = ""  # the cell that tells how many rated a target at all
MARK_PLACES = 4
SCORE_PLACES = 2
OF_TOP = (f"分（满分{TOP}分）", f"of {TOP} points")  # the unit of a mark
FORMULA = "min(sum(weight * mark) / sum(weight) / top * 100, 100)"


@lasting
def peer_cells(round_id: int, _digest: str) -> dict[str, dict[str, Kept]]:
    """What closing kept of a round, by target and item; the digest says that it is closed."""
    found: dict[str, dict[str, Kept]] = {}
    rows = select(PeerCell).where(PeerCell.round_id == round_id).order_by(PeerCell.target, PeerCell.item)
    for row in db.session.scalars(rows):
        raw, relative, raw_trimmed, relative_trimmed = (
            Decimal(one or 0) for one in (row.raw, row.relative, row.raw_trimmed, row.relative_trimmed)
        )
        counts = {int(mark): number for mark, number in row.counts.items()}
        kept = Kept(row.raters, raw, relative, raw_trimmed, relative_trimmed, counts)
        found.setdefault(row.target, {})[row.item] = kept
    return found


def told(one: RoundInfo, cells: Mapping[str, Kept]) -> list[tuple[Item, Kept]]:
    """The items of a target with enough raters behind them; none while too few rated it at all."""
    if cells.get(ALL) is None or cells[ALL].raters < one.floor:
        return []
    return [
        (item, cells[item.code])
        for item in one.items
        if item.code in cells and cells[item.code].raters >= one.floor
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Words:
    """What a scheme says of results of peers."""

    corrected: bool
    mid: Decimal
    trim: bool

    @classmethod
    def of(cls, words: Mapping[str, str]) -> Words:
        return cls(words["peers_used"] == "corrected", Decimal(words["peers_mid"]), words["peers_trim"] == "yes")


@dataclass(frozen=True, slots=True)
class PeerResult:
    """The result of a target of 100, as given and without leniency; None where too few spoke."""

    institution: str
    raters: int
    raw: Decimal | None
    corrected: Decimal | None
    items: list[tuple[Item, Kept]]

    def used(self, words: Words) -> Decimal | None:
        return self.corrected if words.corrected else self.raw


def peer_results(one: RoundInfo, words: Words) -> dict[str, PeerResult]:
    """The results of a closed round by member, both ways side by side."""
    found = {}
    for target, cells in peer_cells(one.id, one.digest).items() if one.closed_at else ():
        items = told(one, cells)
        raw, corrected = (_score(items, words, corrected=way) for way in (False, True))
        found[target] = PeerResult(target, cells[ALL].raters if ALL in cells else 0, raw, corrected, items)
    return found


def _score(items: Iterable[tuple[Item, Kept]], words: Words, *, corrected: bool) -> Decimal | None:
    marks = [
        (item.weight, kept.mark(words.mid, corrected=corrected, trim=words.trim, places=MARK_PLACES))
        for item, kept in items
    ]
    exact = group_score(marks)
    return None if exact is None else half_up(exact, SCORE_PLACES)


def _figures(asked: Asked) -> dict[str, Figure]:
    """The result of each member that the closed round of a period knows, over aggregates only."""
    one = peer_round(asked.alliance, asked.period)
    if one is None or one.closed_at is None:
        return {}
    maker = _Maker(one, Words.of(asked.words), asked)
    return {who: maker.result(who, cells) for who, cells in peer_cells(one.id, one.digest).items()}


def _spoke(asked: Asked) -> dict[str, int]:
    """How many rated each member at all in the closed round of a period."""
    one = peer_round(asked.alliance, asked.period)
    if one is None or one.closed_at is None:
        return {}
    found = {who: there[ALL].raters for who, there in peer_cells(one.id, one.digest).items() if ALL in there}
    return {who: count for who, count in found.items() if count}


def _weight_kind(item: Item) -> Kind:
    zh, en = f"{item.name.zh}：权重", f"{item.name.en}: weight"
    return Kind(f"peers:{item.code}:weight", zh, en, level=Level.ALLIANCE, clause="groups")


class _Maker:
    """Makes the figures of one round: what is alike for all members once."""

    def __init__(self, one: RoundInfo, words: Words, asked: Asked) -> None:
        self.one, self.words = one, words
        # Of a whole mid mark a mark has no more places than what was kept: people read 4.04 and not 4.0400.
        self.places = str(min(MARK_PLACES, PLACES + max(0, -int(words.mid.normalize().as_tuple().exponent))))
        whole = Level.ALLIANCE
        self.top = given(
            "peers/top", Kind("peers:top", "最高分值", "Top mark", level=whole, clause="groups"), Decimal(TOP),
            f"peers:{one.period}#top",
        )  # fmt: skip
        mid = f"scheme:{asked.scheme}#raters.peers_mid" if asked.scheme else f"peers:{one.period}#mid"
        self.mid = given(
            "peers/mid", Kind("peers:mid", "基准分值", "Mid mark", level=whole, clause="groups"), words.mid, mid
        )
        self.weights = {
            item.code: given(
                f"peers/{item.code}/weight",
                _weight_kind(item),
                item.weight,
                f"peers:{one.period}/{item.code}#weight",
            )
            for item in one.items
        }  # fmt: skip
        self.kind = Kind(
            "group:peers", "成员单位互评", "Cross-rating by members", "分", "points", FORMULA, str(SCORE_PLACES),
            "groups",
            names=(
                Name("weight", "条目权重", "weight of the item"), Name("mark", "条目得分", "mark of the item"),
                Name("top", "最高分值", "top mark"),
            ),
        )  # fmt: skip

    def result(self, who: str, cells: Mapping[str, Kept]) -> Figure:
        owner, key = f"institution:{who}", f"{who}/group/peers"
        items = told(self.one, cells)
        if not items:
            return derived(key, self.kind, None, [("top", self.top)], owner=owner, state=State.NOT_APPLICABLE)
        marks = [self._mark(who, item, kept, owner) for item, kept in items]
        inputs = [
            *(("weight", self.weights[item.code]) for item, _kept in items),
            *(("mark", one) for one in marks),
            ("top", self.top),
        ]
        exact = group_score((item.weight, one.value or Decimal(0)) for (item, _), one in zip(items, marks, strict=True))
        return derived(key, self.kind, exact, inputs, owner=owner)

    def _mark(self, who: str, item: Item, kept: Kept, owner: str) -> Figure:
        """The mark of an item: scaled to the mid mark, or as it was given."""
        key, source = f"{who}/peers/{item.code}", f"peers:{self.one.period}/{who}/{item.code}"
        zh, en = item.name.zh, item.name.en
        if not self.words.corrected:
            value = kept.mark(self.words.mid, corrected=False, trim=self.words.trim, places=MARK_PLACES)
            place = "raw_trimmed" if self.words.trim else "raw"
            kind = Kind(f"peers:{item.code}", zh, en, *OF_TOP, rounding=str(PLACES), clause="groups")
            return given(key, kind, value, f"{source}#{place}", owner=owner)
        value = kept.relative_trimmed if self.words.trim else kept.relative
        place = "relative_trimmed" if self.words.trim else "relative"
        of = Kind(f"peers:{item.code}:relative", f"{zh}：相对基准", f"{en}: share of the mid mark", clause="groups")
        relative = given(f"{key}/relative", of, value, f"{source}#{place}", owner=owner)
        kind = Kind(
            f"peers:{item.code}", zh, en, *OF_TOP, formula="mid * relative", rounding=self.places, clause="groups",
            names=(Name("mid", "基准分值", "mid mark"), Name("relative", "相对基准", "share of the mid mark")),
        )  # fmt: skip
        exact = Fraction(self.words.mid) * Fraction(value)
        return derived(key, kind, exact, [("mid", self.mid), ("relative", relative)], owner=owner)


@audit.until_next_event
def _collected(alliance: int, period: str) -> bool:
    return db.session.scalar(
        select(PeerRound.id).where(PeerRound.alliance_id == alliance, PeerRound.period == period)
    ) is not None  # fmt: skip


def _known(alliance: int) -> Iterable[object]:
    closed = PeerRound.closed_at.is_not(None)
    rows = select(func.count(), func.max(PeerRound.closed_at)).where(PeerRound.alliance_id == alliance, closed)
    return db.session.execute(rows).one()


GROUPS["peers"] = Group(_figures, _spoke, _collected, _known)
