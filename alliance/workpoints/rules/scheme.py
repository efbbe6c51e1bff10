"""A hospital's bonus scheme (W0): every option of its budget, points and distributions, read from its text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from alliance.core.refused import Problem, Refused, mark
from alliance.core.steps import Step, check_steps
from alliance.core.written import Reader, plain
from alliance.workpoints.rules import closing, first, quality, weighing
from alliance.workpoints.rules.activity import ActivityRules
from alliance.workpoints.rules.allowances import NightRate
from alliance.workpoints.rules.budget import BudgetRules
from alliance.workpoints.rules.cases import CaseRules
from alliance.workpoints.rules.costs import CostRules
from alliance.workpoints.rules.heads import GRADES, HeadRules
from alliance.workpoints.rules.increments import IncrementRules
from alliance.workpoints.rules.items import ALWAYS, MixRules
from alliance.workpoints.rules.publicity import DAYS
from alliance.workpoints.rules.quality import QualityRules
from alliance.workpoints.rules.second import ALL, COEFFICIENT, WAYS, WHOLE, Fixed, Part, PartFactor, SecondRules
from alliance.workpoints.rules.techniques import Technique
from alliance.workpoints.rules.working import LARGEST_REMAINDER, ROUNDINGS

TABLES = (
    "scheme", "budget", "accrual", "first", "groups", "drivers", "quality", "activity", "cases", "mix", "increments",
    "technique", "roles", "costs", "second", "limits", "heads", "grades", "special", "night", "newcomer",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Accrual:
    """A source line accrued from a class of charges at a rate in %."""

    code: str
    item_class: str
    rate: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class FirstRules:
    """How the first distribution works: its model, how it closes, what losses count in the driver model."""

    model: str = first.POST
    closing: str = closing.NONE
    rounding: str = LARGEST_REMAINDER
    losses_count_nothing: bool = False
    disease_groups: bool = False  # inpatient points by disease group; then case mix stays out of item points


@dataclass(frozen=True, slots=True)
class Limits:
    """What the units' own rules may do: the head's shift and the reserve in %, working days of publicity; and by how
    much, in %, our sums may differ from the hospital's own totals before a run says so."""

    shift: Decimal = Decimal(5)
    reserve: Decimal = Decimal(0)
    publicity: int = DAYS
    totals: Decimal = Decimal("0.5")


@dataclass(frozen=True, slots=True)
class SpecialRules:
    """The warning lines of special pay, in % of all performance pay."""

    lower: Decimal = Decimal(0)
    upper: Decimal = Decimal(100)


@dataclass(frozen=True, slots=True)
class BonusScheme:
    """A version of a bonus scheme, read whole."""

    code: str
    name_zh: str
    name_en: str
    valid_from: date
    budget: BudgetRules
    accruals: tuple[Accrual, ...]
    first: FirstRules
    groups: Mapping[str, tuple[str, str, Decimal]]
    drivers: Mapping[str, Decimal]
    quality: QualityRules
    activity: ActivityRules
    cases: CaseRules
    mix: MixRules
    increments: IncrementRules
    techniques: tuple[Technique, ...]
    roles: Mapping[str, Decimal]
    costs: CostRules
    second: SecondRules
    limits: Limits
    heads: HeadRules
    grades: Mapping[str, Decimal]
    special: SpecialRules
    nights: tuple[NightRate, ...]
    newcomers: tuple[Step, ...]
    data: Mapping[str, Any] = field(default_factory=dict)  # as it was read, numbers as text


def read_scheme(data: Mapping[str, Any]) -> BonusScheme:
    """A bonus scheme from TOML data (numbers as Decimal or text); Refused with every problem of form."""
    reader = _Reader([])
    reader.table("scheme", data, TABLES)
    head = reader.table("scheme", data.get("scheme", {}), ("code", "name_zh", "name_en", "valid_from"))
    words: dict[str, dict[str, Sequence[str]]] = {
        "first": {"model": first.MODELS, "closing": closing.CLOSINGS, "rounding": ROUNDINGS},
        "quality": {"kind": quality.KINDS},
    }

    def rules(made: type[Any], name: str) -> Any:
        return reader.record(made, name, data.get(name, {}), words.get(name, {}))

    scheme = BonusScheme(
        str(head.get("code", "")), str(head.get("name_zh", "")), str(head.get("name_en", "")),
        reader.day("scheme.valid_from", head.get("valid_from", "")), rules(BudgetRules, "budget"),
        tuple(reader.record(Accrual, f"accrual {place}", row, {}) for place, row in reader.rows("accrual", data)),
        rules(FirstRules, "first"), reader.groups(data.get("groups", {})),
        reader.numbers("drivers", data.get("drivers", {})), rules(QualityRules, "quality"),
        rules(ActivityRules, "activity"), rules(CaseRules, "cases"), rules(MixRules, "mix"),
        reader.increments(data.get("increments", {})),
        tuple(reader.technique(place, row) for place, row in reader.rows("technique", data)),
        reader.numbers("roles", data.get("roles", {})),
        rules(CostRules, "costs"), reader.second("second", data.get("second", {})), rules(Limits, "limits"),
        rules(HeadRules, "heads"), {**GRADES, **reader.numbers("grades", data.get("grades", {}))},
        rules(SpecialRules, "special"), tuple(reader.night(place, row) for place, row in reader.rows("night", data)),
        reader.steps("newcomer", data), plain(data),
    )  # fmt: skip
    if not (scheme.code and scheme.name_zh and scheme.name_en):
        reader.fault("scheme", scheme.code, mark("needs a code and a name in Chinese and in English"))
    _refuse(reader.problems)
    return scheme


def read_second(data: Mapping[str, Any], place: str) -> SecondRules:
    """A unit's own rule of the second distribution, kept under a place of its own; Refused with all its problems."""
    reader = _Reader([])
    found = reader.second(place, data)
    _refuse(reader.problems)
    return found


def _refuse(problems: Sequence[Problem]) -> None:
    if problems:
        raise Refused("The scheme has %(count)s errors.", count=len(problems), problems=problems)


@dataclass(frozen=True, slots=True)
class _Reader(Reader):
    """Reads the tables of a bonus scheme."""

    def rows(self, where: str, data: Mapping[str, Any]) -> list[tuple[int, Any]]:
        """A list of tables, numbered from 1."""
        found = data.get(where, ())
        if not isinstance(found, list | tuple):
            self.fault(where, found, mark("is not a list of tables"))
            return []
        return list(enumerate(found, 1))

    def numbers(self, where: str, value: Any) -> dict[str, Decimal]:
        return {key: self.decimal(f"{where}.{key}", part) for key, part in self.table(where, value).items()}

    def groups(self, value: Any) -> dict[str, tuple[str, str, Decimal]]:
        found = {}
        for code, row in self.table("groups", value).items():
            where = f"groups.{code}"
            words = self.table(where, row, ("name_zh", "name_en", "share"))
            share = self.decimal(f"{where}.share", words.get("share", ""))
            found[code] = (str(words.get("name_zh", code)), str(words.get("name_en", code)), share)
        return found

    def steps(self, where: str, data: Mapping[str, Any]) -> tuple[Step, ...]:
        """A list of steps with from, to and rate, without gap or overlap; none is none."""
        found = []
        for place, value in self.rows(where, data):
            row = self.table(f"{where} {place}", value, ("from", "to", "rate"))
            start, end = (
                None if row.get(key, "") == "" else self.decimal(f"{where} {place}.{key}", row[key])
                for key in ("from", "to")
            )
            found.append(Step(start, end, self.decimal(f"{where} {place}.rate", row.get("rate", ""))))
        try:
            check_steps(found or [Step(None, None, Decimal(0))])
        except Refused as refused:
            self.problems.append(Problem(where, str(len(found)), refused.message, refused.numbers))
        return tuple(found)

    def increments(self, value: Any) -> IncrementRules:
        table = dict(self.table("increments", value))
        steps = self.steps("step", table)
        table.pop("step", None)
        return replace(self.record(IncrementRules, "increments", table, {}), steps=steps)

    def technique(self, place: int, value: Any) -> Technique:
        """`item` names one charge item, `items` several."""
        where = f"technique {place}"
        row = self.table(where, value, ("code", "name_zh", "name_en", "item", "items", "amount", "from"))
        code, name_zh, name_en = (" ".join(str(row.get(key, "")).split()) for key in ("code", "name_zh", "name_en"))
        if not (code and name_zh and name_en):
            self.fault(where, code, mark("needs a code and a name in Chinese and in English"))
        listed = row.get("items", ())
        if not isinstance(listed, list | tuple):
            self.fault(f"{where}.items", listed, mark("is not a list"))
            listed = ()
        items = dict.fromkeys(str(one).strip() for one in (row.get("item", ""), *listed))
        return Technique(
            code, name_zh, name_en, tuple(item for item in items if item),
            self.decimal(f"{where}.amount", row.get("amount", "")), self.day(f"{where}.from", row.get("from", "")),
        )  # fmt: skip

    def night(self, place: int, value: Any) -> NightRate:
        where = f"night {place}"
        row = self.table(where, value, ("shift", "rate", "from", "to"))
        until = self.day(f"{where}.to", row["to"]) if row.get("to") else ALWAYS
        rate = self.decimal(f"{where}.rate", row.get("rate", ""))
        return NightRate(str(row.get("shift", "")), rate, self.day(f"{where}.from", row.get("from", "")), until)

    def second(self, where: str, value: Any) -> SecondRules:
        words = ("way", "reserve", "reserve_limit", "rounding", "whole", "part", "fixed")
        row = self.table(where, value, words)
        parts = tuple(self.part(f"{where}.part {place}", one) for place, one in self.rows("part", row))
        fixed = tuple(self.fixed(f"{where}.fixed {place}", one) for place, one in self.rows("fixed", row))
        return SecondRules(
            self.word(f"{where}.way", row.get("way", COEFFICIENT), WAYS),
            self.percent(f"{where}.reserve", row.get("reserve", 0)),
            self.percent(f"{where}.reserve_limit", row.get("reserve_limit", 0)),
            self.word(f"{where}.rounding", row.get("rounding", LARGEST_REMAINDER), ROUNDINGS),
            self.decimal(f"{where}.whole", row.get("whole", WHOLE)), where, parts, fixed,
        )  # fmt: skip

    def part(self, where: str, value: Any) -> Part:
        row = self.table(where, value, ("code", "name_zh", "name_en", "share", "who", "factor"))
        code = str(row.get("code", ""))
        factors = tuple(self.factor(f"{where}.factor {place}", one) for place, one in self.rows("factor", row))
        return Part(
            code, str(row.get("name_zh", code)), str(row.get("name_en", code)),
            self.percent(f"{where}.share", row.get("share", "")), factors, self.who(row.get("who")),
        )  # fmt: skip

    def fixed(self, where: str, value: Any) -> Fixed:
        row = self.table(where, value, ("code", "name_zh", "name_en", "each", "who"))
        code = str(row.get("code", ""))
        each = self.decimal(f"{where}.each", row.get("each", ""))
        name_zh, name_en = (str(row.get(key, code)) for key in ("name_zh", "name_en"))
        return Fixed(code, name_zh, name_en, each, self.who(row.get("who")))

    def factor(self, where: str, value: Any) -> PartFactor:
        row = self.table(where, value, ("code", "name_zh", "name_en", "weight", "way", "size", "times"))
        code = str(row.get("code", ""))
        return PartFactor(
            code, str(row.get("name_zh", code)), str(row.get("name_en", code)),
            self.decimal(f"{where}.weight", row.get("weight", 100)),
            self.word(f"{where}.way", row.get("way", weighing.OWN), weighing.WEIGHINGS),
            self.decimal(f"{where}.size", row.get("size", 0)), str(row.get("times", "")),
        )  # fmt: skip

    def who(self, value: Any) -> frozenset[str]:
        return frozenset(map(str, value)) if isinstance(value, list | tuple) and value else frozenset({ALL})
