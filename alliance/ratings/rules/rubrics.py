"""A rubric: qualitative items with a weight for each tier, and levels in words with the scores they stand for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from alliance.core.refused import Both, Problem, Refused, mark
from alliance.core.tiers import TIERS

TOP = 100
EVIDENCE_UNDER, EVIDENCE_OVER = 60, 90  # a score beyond these needs a file
MOST_ITEMS = 40


@dataclass(frozen=True, slots=True)
class Band:
    """What scores from one to another say, in words."""

    low: int
    high: int
    words: Both


@dataclass(frozen=True, slots=True)
class Item:
    """A qualitative item; a tier without a weight is not judged by it."""

    code: str
    name: Both
    about: Both
    weights: Mapping[str, Decimal]
    bands: Sequence[Band]

    def band(self, score: int) -> Band:
        """The level that follows from a score."""
        return next(one for one in self.bands if one.low <= score <= one.high)

    def level(self, value: Decimal) -> Both:
        """The level in words of a mark with places; it is reached only with its whole lowest score."""
        return self.band(int(value)).words


@dataclass(frozen=True, slots=True)
class Check:
    """A point of the checklist of a site visit."""

    code: str
    name: Both


@dataclass(frozen=True, slots=True)
class Rubric:
    """A version of a rubric."""

    code: str
    name: Both
    items: Sequence[Item]
    checks: Sequence[Check]
    version: int = 0

    def of_tier(self, tier: str) -> list[Item]:
        """The items by which members of a tier are judged."""
        return [one for one in self.items if one.weights.get(tier)]

    def item(self, code: str) -> Item | None:
        return next((one for one in self.items if one.code == code), None)


def needs_evidence(score: int) -> bool:
    return score < EVIDENCE_UNDER or score > EVIDENCE_OVER


def read_rubric(data: Mapping[str, Any]) -> Rubric:
    """A rubric as it stands in a file; Refused with each fault: names, weights of a tier that do not add up to 100,
    levels that leave a score out or hold it twice."""
    problems: list[Problem] = []
    head = _table(data.get("rubric"), "rubric", problems)
    code, name = _text(head, "code", "rubric", problems), _both(head, "name", "rubric", problems)
    given = data.get("item") if isinstance(data.get("item"), list) else []
    items = [_item(_table(one, f"item {place}", problems), f"item {place}", problems)
             for place, one in enumerate(given or [], 1)]  # fmt: skip
    listed = data.get("check") if isinstance(data.get("check"), list) else []
    checks = []
    for place, one in enumerate(listed or [], 1):
        row = _table(one, f"check {place}", problems)
        checks.append(
            Check(_text(row, "code", f"check {place}", problems), _both(row, "name", f"check {place}", problems))
        )
    _check_whole(items, problems)
    if problems:
        raise Refused("The rubric has %(count)s errors; nothing was changed.", count=len(problems), problems=problems)
    return Rubric(code, name, tuple(items), tuple(checks))


def written(rubric: Rubric) -> dict[str, Any]:
    """A rubric as a file and the database hold it; `read_rubric` reads it back."""
    return {
        "rubric": {"code": rubric.code, "name_zh": rubric.name.zh, "name_en": rubric.name.en},
        "item": [
            {
                "code": one.code, "name_zh": one.name.zh, "name_en": one.name.en, "about_zh": one.about.zh,
                "about_en": one.about.en, "weight": {tier: format(value, "f") for tier, value in one.weights.items()},
                "level": [
                    {"from": band.low, "to": band.high, "zh": band.words.zh, "en": band.words.en} for band in one.bands
                ],
            }
            for one in rubric.items
        ],
        "check": [{"code": one.code, "name_zh": one.name.zh, "name_en": one.name.en} for one in rubric.checks],
    }  # fmt: skip


def _table(given: Any, where: str, problems: list[Problem]) -> Mapping[str, Any]:
    if isinstance(given, Mapping):
        return given
    problems.append(Problem(where, "", mark("this table is missing")))
    return {}


def _text(row: Mapping[str, Any], name: str, where: str, problems: list[Problem]) -> str:
    text = row.get(name)
    if not isinstance(text, str) or not text.strip():
        problems.append(Problem(f"{where}.{name}", str(text or ""), mark("a text is missing")))
        return ""
    return text.strip()


def _both(row: Mapping[str, Any], name: str, where: str, problems: list[Problem]) -> Both:
    return Both(_text(row, f"{name}_zh", where, problems), _text(row, f"{name}_en", where, problems))


def _item(row: Mapping[str, Any], where: str, problems: list[Problem]) -> Item:
    weights = {}
    for tier, given in _table(row.get("weight"), f"{where}.weight", problems).items():
        try:
            value = Decimal(str(given))
        except ArithmeticError:
            value = Decimal(-1)
        if tier not in TIERS or not value.is_finite() or value < 0:
            problems.append(Problem(f"{where}.weight.{tier}", str(given), mark("no tier, or no weight")))
        else:
            weights[tier] = value
    bands = [_band(one, where, problems) for one in row.get("level") or []]
    bands.sort(key=lambda one: one.low)
    _check_bands(bands, where, problems)
    return Item(
        _text(row, "code", where, problems), _both(row, "name", where, problems), _both(row, "about", where, problems),
        weights, tuple(bands),
    )  # fmt: skip


def _band(given: Any, where: str, problems: list[Problem]) -> Band:
    row = _table(given, f"{where}.level", problems)
    low, high = row.get("from"), row.get("to")
    if not isinstance(low, int) or not isinstance(high, int):
        problems.append(Problem(f"{where}.level", "", mark("a level needs whole scores from and to")))
        low = high = 0
    words = Both(_text(row, "zh", f"{where}.level", problems), _text(row, "en", f"{where}.level", problems))
    return Band(low, high, words)


def _check_bands(bands: Sequence[Band], where: str, problems: list[Problem]) -> None:
    """Every score from 0 to 100 belongs to exactly one level."""
    held = [score for one in bands for score in range(max(one.low, 0), min(one.high, TOP) + 1)]
    ends = bands and bands[0].low == 0 and bands[-1].high == TOP
    if not ends or held != list(range(TOP + 1)):
        problems.append(
            Problem(f"{where}.level", "", mark("the levels do not hold each score from 0 to 100 exactly once"))
        )


def _check_whole(items: Sequence[Item], problems: list[Problem]) -> None:
    codes = [one.code for one in items]
    if not items or len(items) > MOST_ITEMS:
        problems.append(Problem("item", str(len(items)), mark("a rubric has from 1 to 40 items")))
    problems += [
        Problem("item", code, mark("this code is used twice")) for code in sorted(set(codes)) if codes.count(code) > 1
    ]
    for tier in TIERS:
        total = sum((one.weights.get(tier, Decimal(0)) for one in items), Decimal(0))
        if total != TOP:
            problems.append(Problem(f"weight.{tier}", f"{total:f}", mark("the weights of a tier add up to 100")))
