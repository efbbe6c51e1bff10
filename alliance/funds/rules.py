"""The collaboration fund (F2): what is paid in, who shares, and how much, as figures in yuan."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from alliance.core.figure import EXACT, SPLIT, Figure, Kind, Level, Name, derived, given, quotient, sum_exactly
from alliance.core.money import capped, cents, split_capped, yuan
from alliance.core.refused import Refused

YUAN = ("元", "CNY")
NO_UNIT = ("", "")

TOTAL = Name("total", "绩效总额", "performance total")
RATE = Name("rate", "缴入比例", "rate")
PART = Name("part", "各项来源", "sources")
SCORE = Name("score", "得分", "score")
WEIGHT = Name("weight", "本单位权数", "own weight")
EACH_WEIGHT = Name("weight", "各单位权数", "weights")
WEIGHTS = Name("weights", "权数合计", "sum of the weights")
FUND = Name("fund", "协同奖励基金", "collaboration fund")
HEADCOUNT = Name("headcount", "人数", "headcount")
LAST = Name("last", "上年人均绩效", "performance pay per head last year")
CAP_RATE = Name("cap", "封顶增幅", "cap")
CAP = Name("cap", "封顶金额", "cap")
CAPPED = Name("capped", "封顶单位所得", "shares at the cap")
RECEIVED = Name("received", "分得", "received")
PAID = Name("paid", "缴入", "paid in")
SHARE = Name("share", "各单位分配金额", "shares")

# Why a member receives nothing.
REASONS = {
    "veto": ("一票否决，不参与分配", "Vetoed: no share"),
    "no_score": ("无得分，不参与分配", "Without a score above 0: no share"),
    "pass_mark": ("低于合格线，不参与分配", "Under the pass mark: no share"),
    "no_size": ("无规模数据，不参与分配", "Without a size: no share"),
}


@dataclass(frozen=True, slots=True)
class Rules:
    """The fund rules of a scheme: rate and pass mark in %, `cap` the most a head may gain over last year, in %.

    `size` weighs the scores: `headcount`, `performance_total` or `one` (all alike).
    """

    reference: str  # the scheme: 2026/1
    rate: Decimal
    basis: str
    size: str
    pass_mark: Decimal
    cap: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Claimant:
    """A member before the fund: its score, and what was filed about it. Amounts are figures in yuan."""

    code: str
    score: Figure | None
    vetoed: bool = False
    performance_total: Figure | None = None
    headcount: Figure | None = None
    last_per_head: Figure | None = None

    @property
    def owner(self) -> str:
        return f"institution:{self.code}"


@dataclass(slots=True)
class Share:
    """What a member pays in and receives."""

    code: str
    paid_in: Figure
    received: Figure
    net: Figure
    reason: str = ""  # why nothing: a key of REASONS


@dataclass(slots=True)
class Pool:
    """The fund of a period, shared."""

    total: Figure
    shares: list[Share]
    reserve: Figure
    weights: Figure | None = None
    kinds: dict[str, Kind] = field(default_factory=dict)

    @property
    def figures(self) -> list[Figure]:
        """The figures at the top, from which all others are reached."""
        return [*(share.net for share in self.shares), self.total, self.reserve]


def share_fund(period: str, claimants: Sequence[Claimant], lines: Sequence[Figure], rules: Rules) -> Pool:
    """Pay in, add the other lines of the pool, and share it by score × size among those from the pass mark on.

    Nobody eligible, and what caps leave over: the named reserve. Refused: a negative line, performance total or size.
    """
    desk = _Desk(period, rules)
    for line in lines:
        if line.value is None or line.value < 0:
            raise Refused(
                "The pool line %(line)s is %(amount)s; it must be 0 or more.", line=line.key, amount=line.value
            )  # fmt: skip
    paid = {claimant.code: desk.pay_in(claimant) for claimant in claimants}
    total = desk.pool([*paid.values(), *lines])
    judged = {claimant.code: desk.weight(claimant) for claimant in claimants}
    weights = {code: weight for code, weight in judged.items() if isinstance(weight, Figure)}
    reasons = {code: why for code, why in judged.items() if isinstance(why, str)}
    together = desk.together(f"fund/{period}/weights", list(weights.values())) if weights else None
    caps = desk.caps([claimant for claimant in claimants if claimant.code in weights])
    received = desk.share(total, weights, together, caps) if together else {}
    shares = []
    for claimant in claimants:
        code, why = claimant.code, reasons.get(claimant.code, "")
        gets = desk.nothing(claimant, why) if why else received[code]
        shares.append(Share(code, paid[code], gets, desk.net(claimant, gets, paid[code]), why))
    reserve = desk.reserve(total, [share.received for share in shares])
    return Pool(total, shares, reserve, together, desk.kinds)


def _sum(figures: Iterable[Figure]) -> Decimal:
    return sum_exactly(figure.value for figure in figures if figure.value is not None)


@dataclass(slots=True)
class _Desk:
    """Makes the figures of one fund."""

    period: str
    rules: Rules
    kinds: dict[str, Kind] = field(default_factory=dict)
    numbers: dict[str, Figure] = field(default_factory=dict)

    def kind(
        self, code: str, zh: str, en: str, formula: str = "", rounding: str = "", *, names: Iterable[Name] = (),
        level: Level = Level.OWN, unit: tuple[str, str] = YUAN,
    ) -> Kind:  # fmt: skip
        known = self.kinds.get(code)
        if known is None:
            clause = f"{self.rules.reference} fund"
            known = self.kinds[code] = Kind(code, zh, en, *unit, formula, rounding, clause, level, tuple(names))
        return known

    def number(self, name: str, zh: str, en: str, value: Decimal, unit: str = "%") -> Figure:
        """A number of the scheme's fund rules."""
        if name not in self.numbers:
            kind = self.kind(f"fund:{name}", zh, en, level=Level.ALLIANCE, unit=(unit, unit))
            source = f"scheme:{self.rules.reference}#fund.{name}"
            self.numbers[name] = given(f"scheme/fund.{name}", kind, value, source)
        return self.numbers[name]

    def pay_in(self, claimant: Claimant) -> Figure:
        """A member's contribution, rate × its performance total; 0 while none is filed."""
        key, total = f"{claimant.code}/paid_in", claimant.performance_total
        if total is None or total.value is None:
            kind = self.kind("paid_in:none", "缴入（未申报绩效总额）", "Paid in (no performance total filed)", "0", "2")
            return derived(key, kind, 0, (), owner=claimant.owner)
        if total.value < 0:
            raise Refused(
                "The performance total of %(who)s is %(amount)s; it must be 0 or more.",
                who=claimant.code, amount=total.value,
            )  # fmt: skip
        kind = self.kind("paid_in", "缴入基金", "Paid into the fund", "total * rate / 100", "2", names=(TOTAL, RATE))
        rate = self.number("rate", "基金缴入比例", "Fund rate", self.rules.rate)
        exact = quotient(EXACT.multiply(total.value, self.rules.rate), Decimal(100))
        return derived(key, kind, exact, (("total", total), ("rate", rate)), owner=claimant.owner)

    def pool(self, parts: Sequence[Figure]) -> Figure:
        kind = self.kind(
            "pool", FUND.zh, "Collaboration fund", "sum(part)", "2", names=(PART,), level=Level.ALLIANCE
        )  # fmt: skip
        return derived(f"fund/{self.period}/pool", kind, _sum(parts), [("part", part) for part in parts])

    def weight(self, claimant: Claimant) -> Figure | str:
        """score × size, exact; or the reason for which a member has no share."""
        score = claimant.score
        if claimant.vetoed:
            return "veto"
        if score is None or score.value is None or score.value <= 0:
            return "no_score"
        if score.value < self.rules.pass_mark:
            return "pass_mark"
        key, zh, en = f"{claimant.code}/weight", "分配权数", "Weight in the fund"
        if self.rules.size == "one":
            kind = self.kind("weight:one", zh, en, "score", names=(SCORE,), unit=NO_UNIT)
            return derived(key, kind, score.value, [("score", score)], owner=claimant.owner)
        size, name = self.size(claimant)
        if size is None or not size.value:
            return "no_size"
        if size.value < 0:
            raise Refused(
                "The size of %(who)s is %(amount)s; it must be 0 or more.", who=claimant.code, amount=size.value
            )
        kind = self.kind("weight", zh, en, "score * size", names=(SCORE, name), unit=NO_UNIT)
        exact = EXACT.multiply(score.value, size.value)
        return derived(key, kind, exact, [("score", score), ("size", size)], owner=claimant.owner)

    def size(self, claimant: Claimant) -> tuple[Figure | None, Name]:
        if self.rules.size == "headcount":
            return claimant.headcount, Name("size", HEADCOUNT.zh, HEADCOUNT.en)
        return claimant.performance_total, Name("size", TOTAL.zh, TOTAL.en)

    def together(self, key: str, weights: Sequence[Figure]) -> Figure:
        kind = self.kind(
            "weights", "权数合计", "Sum of the weights", "sum(weight)", names=(EACH_WEIGHT,), level=Level.ALLIANCE,
            unit=NO_UNIT,
        )  # fmt: skip
        return derived(key, kind, _sum(weights), [("weight", weight) for weight in weights])

    def caps(self, claimants: Iterable[Claimant]) -> dict[str, Figure]:
        """The most that each member may receive; a member without a last year has no cap."""
        if self.rules.cap is None:
            return {}
        formula, names = "headcount * last * (1 + cap / 100)", (HEADCOUNT, LAST, CAP_RATE)
        kind = self.kind("cap", "封顶金额", "Cap", formula, names=names)
        cap = self.number("cap_per_head", "人均增幅封顶", "Cap per head", self.rules.cap)
        growth = 1 + Fraction(self.rules.cap) / 100
        found = {}
        for claimant in claimants:
            heads, last = claimant.headcount, claimant.last_per_head
            if heads is None or last is None or heads.value is None or last.value is None:
                continue
            inputs = (("headcount", heads), ("last", last), ("cap", cap))
            exact = Fraction(heads.value) * Fraction(last.value) * growth
            found[claimant.code] = derived(f"{claimant.code}/cap", kind, exact, inputs, owner=claimant.owner)
        return found

    def share(
        self, total: Figure, weights: Mapping[str, Figure], together: Figure, caps: Mapping[str, Figure]
    ) -> dict[str, Figure]:
        """The shares by member; those at their cap first, the others in what is left."""
        pool = cents(total.value or Decimal(0))
        plain = {code: weight.value or Decimal(0) for code, weight in weights.items()}
        limits = {code: Fraction(cap.value or 0) * 100 for code, cap in caps.items()}
        full, (given_out, _) = capped(pool, plain, limits), split_capped(pool, plain, limits)
        if not full:
            return self.plain_shares(total, weights, together, given_out)
        at_cap = self.kind(
            "share:capped", "分配金额（封顶）", "Share of the fund (at the cap)", "floor(cap * 100) / 100", names=(CAP,)
        )
        found = {
            code: derived(f"{code}/share", at_cap, yuan(full[code]), (("cap", caps[code]),), owner=caps[code].owner)
            for code in sorted(full)
        }
        free = {code: weight for code, weight in weights.items() if code not in full}
        if not free:
            return found
        rest = self.rest(total, list(found.values()))
        others = self.together(f"fund/{self.period}/weights/free", list(free.values()))
        return found | self.plain_shares(rest, free, others, given_out)

    def rest(self, total: Figure, at_cap: Sequence[Figure]) -> Figure:
        kind = self.kind(
            "rest", "其余单位可分金额", "Left for the others", "fund - sum(capped)", "2", names=(FUND, CAPPED),
            level=Level.ALLIANCE,
        )  # fmt: skip
        exact = EXACT.subtract(total.value or Decimal(0), _sum(at_cap))
        inputs = [("fund", total), *(("capped", figure) for figure in at_cap)]
        return derived(f"fund/{self.period}/rest", kind, exact, inputs)

    def plain_shares(
        self, total: Figure, weights: Mapping[str, Figure], together: Figure, given_out: Mapping[str, int]
    ) -> dict[str, Figure]:
        """Shares in proportion to the weights, to the cent by largest remainders."""
        names = (FUND, WEIGHT, WEIGHTS)
        kind = self.kind("share", "分配金额", "Share of the fund", "fund * weight / weights", SPLIT, names=names)
        return {
            code: derived(
                f"{code}/share", kind, yuan(given_out[code]),
                (("fund", total), ("weight", weight), ("weights", together)), owner=weight.owner,
            )
            for code, weight in weights.items()
        }  # fmt: skip

    def nothing(self, claimant: Claimant, reason: str) -> Figure:
        kind = self.kind(f"share:{reason}", *REASONS[reason], "0", "2")
        inputs = [("score", claimant.score)] if claimant.score is not None else []
        if reason == "pass_mark":
            inputs.append(("pass_mark", self.number("pass_mark", "合格线", "Pass mark", self.rules.pass_mark, "")))
        return derived(f"{claimant.code}/share", kind, 0, inputs, owner=claimant.owner)

    def net(self, claimant: Claimant, received: Figure, paid: Figure) -> Figure:
        kind = self.kind("net", "净额", "Net", "received - paid", "2", names=(RECEIVED, PAID))
        exact = EXACT.subtract(received.value or Decimal(0), paid.value or Decimal(0))
        inputs = (("received", received), ("paid", paid))
        return derived(f"{claimant.code}/net", kind, exact, inputs, owner=claimant.owner)

    def reserve(self, total: Figure, shares: Sequence[Figure]) -> Figure:
        """What nobody takes: it enters the next pool as a line of its own."""
        kind = self.kind(
            "reserve", "基金结余（转入下期）", "Reserve, carried to the next pool", "fund - sum(share)", "2",
            names=(FUND, SHARE), level=Level.ALLIANCE,
        )  # fmt: skip
        exact = EXACT.subtract(total.value or Decimal(0), _sum(shares))
        if exact < 0:
            raise ArithmeticError("more was shared than the fund holds")
        inputs = [("fund", total), *(("share", share) for share in shares)]
        return derived(f"fund/{self.period}/reserve", kind, exact, inputs)
