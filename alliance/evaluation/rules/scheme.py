"""A scheme: lines with weights by tier, rater groups, fund rules; its text, and the checks before approval (E1, E2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from alliance.core.figure import canonical, sum_exactly
from alliance.core.period import PeriodKind
from alliance.core.refused import Problem, Refused, mark
from alliance.core.specialties import SPECIALTIES
from alliance.core.steps import Step
from alliance.core.tiers import TIERS
from alliance.core.written import Reader, plain
from alliance.evaluation.rules.linked import ANY, SUPPORTERS
from alliance.evaluation.rules.methods import Line, check_line

GROUPS = ("data", "peers", "third_party", "patients", "regulator")
GROUP_NAMES = {
    "data": ("数据得分", "Data score"),
    "peers": ("成员单位互评", "Cross-rating by members"),
    "third_party": ("第三方评估", "Third-party evaluation"),
    "patients": ("患者满意度", "Patient survey"),
    "regulator": ("主管部门评价", "Regulator's rating"),
}
COLLABORATION = {"tertiary": Decimal(40), "secondary": Decimal(30), "primary": Decimal(50)}
LINE_WORDS = ("indicator", "method", "weight", "steps", "tier", "target_origin", "places", "external", "linked")
LINKED = ("no", ANY, *SPECIALTIES)  # whose value a line takes: one's own, or that of the members supported
FUND_WORDS = ("rate", "basis", "size", "pass_mark", "cap_per_head")
ROUNDING_WORDS = ("share", "total")
# How results of rater groups are made: the word, what it may say (nothing: a number) and what it says when left out.
RATER_WORDS: Mapping[str, tuple[tuple[str, ...], str]] = {
    "peers_used": (("corrected", "raw"), "corrected"),  # with the leniency of raters taken out, or as they were given
    "peers_mid": ((), "3"),  # the mark to which severe and lenient raters are scaled
    "peers_trim": (("yes", "no"), "no"),
    "patients_by_department": (("yes", "no"), "no"),
    "patients_tertiary": ((), "100"),  # least valid answers, by tier
    "patients_secondary": ((), "60"),
    "patients_primary": ((), "30"),
}

NO_INDICATOR = mark("no indicator has this code")
TWICE = mark("this code is used twice")


@dataclass(frozen=True, slots=True)
class SchemeLine:
    """One indicator in one tier: weight, method and its numbers. `places` are those of sᵢ."""

    tier: str
    indicator: str
    weight: Decimal
    method: str
    line: Line
    target_origin: str = ""
    places: int = 6
    external: str = ""  # the element that `reference` compares with
    linked: str = ""  # the value of the members supported: in a specialty, or ANY

    @property
    def measure(self) -> str:
        """What the key of the value calls it: the value of those supported stands beside one's own."""
        return f"{self.indicator}:linked" if self.linked else self.indicator


@dataclass(frozen=True, slots=True)
class FundRules:
    """How the collaboration fund is paid in and shared (F2). Percentages; `cap_per_head` None for no cap."""

    rate: Decimal = Decimal(0)
    basis: str = "collaboration"
    size: str = "headcount"
    pass_mark: Decimal = Decimal(60)
    cap_per_head: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Scheme:
    """A version of a scheme, read whole."""

    code: str
    name_zh: str
    name_en: str
    period: PeriodKind
    valid_from: date
    lines: tuple[SchemeLine, ...]
    groups: Mapping[str, Decimal]
    fund: FundRules
    raters: Mapping[str, str] = field(default_factory=dict)
    places_share: int = 6
    places_total: int = 2
    qualitative: tuple[str, ...] = ()
    data: Mapping[str, Any] = field(default_factory=dict)  # as it was read, numbers as text

    def tier_lines(self, tier: str) -> list[SchemeLine]:
        return [line for line in self.lines if line.tier == tier]

    @property
    def tiers(self) -> list[str]:
        return [tier for tier in TIERS if any(line.tier == tier for line in self.lines)]


@dataclass(frozen=True, slots=True)
class Tagged:
    """What a scheme check needs to know of an indicator."""

    tiers: tuple[str, ...]
    tags: tuple[str, ...]
    direction: str
    qualitative: bool = False


def read_scheme(data: Mapping[str, Any], directions: Mapping[str, str]) -> Scheme:
    """A scheme from TOML data (numbers as Decimal or text); Refused with every problem of form.

    `directions` gives each known indicator's direction.
    """
    reader = _Reader([], directions)
    problems = reader.problems
    head = reader.table("scheme", data.get("scheme", {}))
    rounding = reader.table("rounding", data.get("rounding", {}), ROUNDING_WORDS)
    share, total = (
        reader.places(f"rounding.{key}", rounding.get(key), due) for key, due in (("share", 6), ("total", 2))
    )
    groups = reader.table("groups", data.get("groups", {}), GROUPS)
    lines = [line for place, row in enumerate(data.get("line", ()), 1) for line in reader.lines(place, row, share)]
    scheme = Scheme(
        str(head.get("code", "")), str(head.get("name_zh", "")), str(head.get("name_en", "")),
        reader.period(head.get("period", "quarter")), reader.day("scheme.valid_from", head.get("valid_from", "")),
        tuple(lines),
        {key: reader.decimal(f"groups.{key}", value) for key, value in groups.items()},
        reader.fund(data.get("fund", {})), reader.raters(data.get("raters", {})), share, total,
        tuple(map(str, head.get("qualitative", ()))), plain(data),
    )  # fmt: skip
    if not (scheme.code and scheme.name_zh and scheme.name_en):
        problems.append(Problem("scheme", scheme.code, mark("needs a code and a name in Chinese and in English")))
    if problems:
        raise Refused("The scheme has %(count)s errors.", count=len(problems), problems=problems)
    return scheme


@dataclass(frozen=True, slots=True)
class _Reader(Reader):
    """Reads the parts of a scheme; what cannot be read is added to the problems, and something harmless stands in."""

    directions: Mapping[str, str]

    def period(self, value: object) -> PeriodKind:
        return PeriodKind(self.word("scheme.period", value, [kind.value for kind in PeriodKind]))

    def fund(self, value: Any) -> FundRules:
        row = self.table("fund", value, FUND_WORDS)
        cap = row.get("cap_per_head", "")
        return FundRules(
            self.percent("fund.rate", row.get("rate", "0")),
            self.word("fund.basis", row.get("basis", "collaboration"), ("collaboration", "total")),
            self.word("fund.size", row.get("size", "headcount"), ("headcount", "performance_total", "one")),
            self.percent("fund.pass_mark", row.get("pass_mark", "60")),
            None if cap == "" else self.percent("fund.cap_per_head", cap),
        )

    def raters(self, value: Any) -> dict[str, str]:
        """Every word of the raters, with what it says by default."""
        row = self.table("raters", value, tuple(RATER_WORDS))
        return {
            key: self.word(f"raters.{key}", row.get(key, due), may)
            if may
            else self.positive(f"raters.{key}", row.get(key, due))
            for key, (may, due) in RATER_WORDS.items()
        }

    def positive(self, where: str, value: Any) -> str:
        """A number above 0, as text."""
        found = self.decimal(where, value)
        if found <= 0:
            self.fault(where, canonical(found), mark("must be above 0"))
        return canonical(found)

    def lines(self, place: int, value: Any, places: int) -> list[SchemeLine]:
        """The lines of one row, one for each tier that has a weight; its problems tell which row it is."""
        row = _Reader([], self.directions)
        found = row.row(value, places)
        self.problems.extend(
            replace(one, where=mark("line %(line)s, %(path)s"), at={"line": place, "path": one.where})
            for one in row.problems
        )
        return found

    def row(self, value: Any, places: int) -> list[SchemeLine]:
        """The same with the path in the row as the place of each problem."""
        row = self.table("[[line]]", value)
        code = str(row.get("indicator", ""))
        where = code or "[[line]]"
        if code not in self.directions:
            self.fault(where, code, NO_INDICATOR)
        weights = self.table(f"{where}.weight", row.get("weight", {}), TIERS)
        own = self.table(f"{where}.tier", row.get("tier", {}), TIERS)
        for tier in own:
            if tier not in weights:
                self.fault(f"{where}.tier", tier, mark("this tier has no weight in the line"))
        return [
            self.line(
                f"{where}.{tier}", tier, {**row, **self.table(where, own.get(tier, {})), "weight": weight}, places
            )
            for tier, weight in weights.items()
        ]

    def line(self, where: str, tier: str, row: Mapping[str, Any], places: int) -> SchemeLine:
        code, method = str(row.get("indicator", "")), str(row.get("method", ""))
        numbers = {key: self.decimal(f"{where}.{key}", value) for key, value in row.items() if key not in LINE_WORDS}
        steps = tuple(self.step(f"{where}.steps", step) for step in row.get("steps", ()))
        line = Line(numbers, steps, self.directions.get(code) == "lower")
        self.problems.extend(check_line(where, method, line))
        linked = self.word(f"{where}.linked", row.get("linked", "no"), LINKED)
        return SchemeLine(
            tier, code, self.decimal(f"{where}.weight", row["weight"]), method, line, str(row.get("target_origin", "")),
            self.places(f"{where}.places", row.get("places"), places), str(row.get("external", "")),
            "" if linked == "no" else linked,
        )  # fmt: skip

    def step(self, where: str, value: Any) -> Step:
        row = self.table(where, value, ("from", "to", "share"))
        start, end = (
            None if row.get(key, "") == "" else self.decimal(f"{where}.{key}", row[key]) for key in ("from", "to")
        )
        return Step(start, end, self.decimal(f"{where}.share", row.get("share", "")))


def check_hard(scheme: Scheme, indicators: Mapping[str, Tagged]) -> list[Problem]:
    """What makes a scheme impossible: sums, signs, an indicator that does not apply in a tier."""
    problems = [] if scheme.lines else [Problem("line", "", mark("a scheme needs at least one line"))]
    for tier in scheme.tiers:
        lines = scheme.tier_lines(tier)
        total = sum_exactly(line.weight for line in lines)
        if total != 100:
            problems.append(Problem(tier, canonical(total), mark("the weights of a tier must add up to exactly 100")))
        codes = [line.indicator for line in lines]
        problems += [Problem(f"{tier}.{code}", code, TWICE) for code in sorted(set(codes)) if codes.count(code) > 1]
        for line in lines:
            problems += _check_scheme_line(line, indicators.get(line.indicator))
    total = sum_exactly(scheme.groups.values())
    if total != 100:
        reason = mark("the weights of the rater groups must add up to exactly 100")
        problems.append(Problem("groups", canonical(total), reason))
    below = {group: weight for group, weight in scheme.groups.items() if weight < 0}
    problems += [Problem(f"groups.{key}", canonical(value), mark("must be 0 or more")) for key, value in below.items()]
    unknown = [code for code in scheme.qualitative if code not in indicators]
    return problems + [Problem("scheme.qualitative", code, NO_INDICATOR) for code in unknown]


def _check_scheme_line(line: SchemeLine, indicator: Tagged | None) -> list[Problem]:
    where = f"{line.tier}.{line.indicator}"
    problems = []
    if line.weight <= 0:
        problems.append(Problem(where, canonical(line.weight), mark("must be above 0")))
    if indicator is None:
        problems.append(Problem(where, line.indicator, NO_INDICATOR))
    elif not line.linked and line.tier not in indicator.tiers:
        problems.append(Problem(where, line.tier, mark("this indicator does not apply in this tier")))
    elif indicator.direction == "monitor":
        reason = mark("this indicator is only watched, it cannot be scored")
        problems.append(Problem(where, line.indicator, reason))
    if line.linked and indicator is not None:
        problems += _check_linked(line, indicator)
    if line.method == "reference" and not line.external:
        problems.append(Problem(f"{where}.external", "", mark("is missing")))
    if line.external and line.method != "reference":
        reason = mark("the method %(method)s has no such number")
        problems.append(Problem(f"{where}.external", line.external, reason, {"method": line.method}))
    return problems


def _check_linked(line: SchemeLine, indicator: Tagged) -> list[Problem]:
    """Who may take the value of others: tiers that support, of an indicator that applies in a tier below."""
    where = f"{line.tier}.{line.indicator}.linked"
    problems = []
    if line.tier not in SUPPORTERS:
        problems.append(Problem(where, line.linked, mark("members of this tier support nobody")))
    elif not set(TIERS[TIERS.index(line.tier) + 1 :]).intersection(indicator.tiers):
        problems.append(Problem(where, line.linked, mark("this indicator applies in no tier below")))
    if line.method == "reference":
        reason = mark("the method %(method)s compares a member with its own reference, not with those it supports")
        problems.append(Problem(where, line.linked, reason, {"method": line.method}))
    return problems


def check_soft(scheme: Scheme, indicators: Mapping[str, Tagged]) -> list[Problem]:
    """What practice and policy expect; outside only with a reason of the committee that the bulletin prints."""
    problems = []
    peers = scheme.groups.get("peers", Decimal(0))
    if not 20 <= peers <= 30:
        problems.append(Problem("groups.peers", canonical(peers), mark("cross-rating should weigh 20 to 30")))
    for tier in scheme.tiers:
        problems += _check_tier(scheme, tier, indicators)
    if not (scheme.qualitative or any(indicators.get(line.indicator, _NOTHING).qualitative for line in scheme.lines)):
        problems.append(Problem("scheme.qualitative", "", mark("qualitative items should be part of a scheme")))
    if not 10 <= scheme.fund.rate <= 20:
        reason = mark("the fund rate should lie between 10 and 20")
        problems.append(Problem("fund.rate", canonical(scheme.fund.rate), reason))
    return problems


def _check_tier(scheme: Scheme, tier: str, indicators: Mapping[str, Tagged]) -> list[Problem]:
    """What patients, health outcomes and collaboration should weigh in a tier."""
    weight = {tag: _tagged(scheme, tier, tag, indicators) for tag in ("patient", "health", "collaboration")}
    groups = {group: scheme.groups.get(group, Decimal(0)) for group in ("patients", "data")}
    patients = groups["patients"] + groups["data"] * weight["patient"] / 100
    problems = []
    if patients < 10:
        reason = mark("patients' results should weigh at least 10")
        problems.append(Problem(f"{tier}.patient", canonical(patients), reason))
    if weight["health"] < 20:
        reason = mark("health outcomes should weigh at least 20")
        problems.append(Problem(f"{tier}.health", canonical(weight["health"]), reason))
    if weight["collaboration"] != COLLABORATION[tier]:
        reason = mark("collaboration should weigh %(due)s")
        problems.append(
            Problem(f"{tier}.collaboration", canonical(weight["collaboration"]), reason, {"due": COLLABORATION[tier]})
        )
    return problems


_NOTHING = Tagged((), (), "")


def _tagged(scheme: Scheme, tier: str, tag: str, indicators: Mapping[str, Tagged]) -> Decimal:
    lines = scheme.tier_lines(tier)
    return sum_exactly(line.weight for line in lines if tag in indicators.get(line.indicator, _NOTHING).tags)
