"""The closed set of scoring methods (E3): from an actual value to the share sᵢ of the full mark, 0 to 1.

Each method is a function with its formula text; `actual` and the numbers of the scheme line are its inputs, all of them
decimals or all of them fractions; decimals in a context that loses no digit (core.figure.EXACT). The share may pass 1
only up to `cap` (attainment, gate). Worked examples of every method: tests/evaluation/examples/.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, TypeVar

from alliance.core.figure import EXACT, Name, canonical, half_up, quotient
from alliance.core.refused import Problem, Refused, mark
from alliance.core.steps import Step, check_steps

Number = TypeVar("Number", Decimal, Fraction)
ONE, NOUGHT = Fraction(1), Fraction(0)


@dataclass(frozen=True, slots=True)
class Line:
    """What a method knows of a scheme line in one tier: its numbers, its steps and which direction is better."""

    numbers: Mapping[str, Decimal]
    steps: tuple[Step, ...] = ()
    lower_is_better: bool = False


Numbers = Mapping[str, Decimal]
Check = Callable[[str, Numbers], list[Problem]]


@dataclass(frozen=True, slots=True)
class Method:
    """A scoring method: its numbers, its share, its formula and its own checks.

    `defaults` gives the optional numbers that a line leaves out; the formula then holds them as they are worked out.
    """

    required: tuple[str, ...]
    optional: tuple[str, ...]
    share: Callable[[Any, Mapping[str, Any], Line], Fraction]
    formula: Callable[[Line], str]
    check: Check
    defaults: Callable[[Numbers], Numbers]

    def numbers(self, line: Line) -> dict[str, Decimal]:
        """The numbers of a line with the defaults put in."""
        found = {**self.defaults(line.numbers), **line.numbers}
        return {name: found[name] for name in (*self.required, *self.optional) if name in found}


NAMES = {
    "actual": Name("actual", "实际值", "actual value"),
    "target": Name("target", "目标值", "target"),
    "cap": Name("cap", "封顶倍数", "cap"),
    "bottom": Name("bottom", "零分值", "value that scores 0"),
    "low": Name("low", "区间下限", "lower end of the band"),
    "high": Name("high", "区间上限", "upper end of the band"),
    "width": Name("width", "扣减宽度", "width of the fall"),
    "limit": Name("limit", "上限值", "upper limit"),
    "reference": Name("reference", "外部参照值", "external reference"),
    "zero_at": Name("zero_at", "得零分的差值", "difference that scores 0"),
    "full_at": Name("full_at", "得满分的差值", "difference that scores in full"),
    "base": Name("base", "基期值", "base value"),
    "threshold": Name("threshold", "门槛值", "threshold"),
    "benchmark": Name("benchmark", "标杆值", "benchmark"),
    "maximum": Name("maximum", "满分值", "full mark of the rating"),
    "full": Name("full", "满分", "full mark"),
    "values": Name("values", "同级各单位实际值", "actual values of the tier"),
}


def _way(gone: Number, whole: Number) -> Fraction:
    """gone ÷ whole, not under 0 and not over 1; both may be negative."""
    if whole < 0:
        gone, whole = -gone, -whole
    if gone <= 0:
        return NOUGHT
    return ONE if gone >= whole else quotient(gone, whole)


def _attainment(actual: Number, p: Mapping[str, Number], line: Line) -> Fraction:
    """min(max(a, 0) ÷ t, cap); lower is better: cap at a ≤ 0, else min(t ÷ a, cap).

    Domain: t > 0, cap > 0, any a. 8.98 of 10 gives 0.898; lower is better, 12 against 9 gives 0.75. Source: E3; the
    rates and volumes of a county community (oracle, 42.5 points).
    """
    top, bottom = (p["target"], actual) if line.lower_is_better else (actual, p["target"])
    if bottom <= 0 or top >= p["cap"] * bottom:
        return Fraction(p["cap"])
    return quotient(top, bottom) if top > 0 else NOUGHT


def _attainment_text(line: Line) -> str:
    cap = "cap" if "cap" in line.numbers else "1"
    if line.lower_is_better:
        return f"{cap} if actual <= 0 else min(target / actual, {cap})"
    return f"min(max(actual, 0) / target, {cap})"


def _linear(actual: Number, p: Mapping[str, Number], line: Line) -> Fraction:
    """clamp((a − bottom) ÷ (t − bottom), 0, 1), upward or downward as bottom and target lie.

    Domain: t ≠ bottom, any a. 75 between 45 and 80 gives 30 ÷ 35 = 0.857. Source: E3; UK Quality and Outcomes
    Framework.
    """
    return _way(actual - p["bottom"], p["target"] - p["bottom"])


def _band(actual: Number, p: Mapping[str, Number], line: Line) -> Fraction:
    """1 inside [low, high], ends included; outside max(0, 1 − distance ÷ width). The width is half the band by default.

    Domain: low < high, width > 0, any a. In 15 to 25 with width 5: 14 gives 0.8, 27 gives 0.6, 40 nothing. Source: E3.
    """
    distance = p["low"] - actual if actual < p["low"] else actual - p["high"]
    return _way(p["width"] - distance, p["width"])


def _band_text(line: Line) -> str:
    width = "width" if "width" in line.numbers else "((high - low) / 2)"
    return f"max(0, 1 - max(low - actual, actual - high, 0) / {width})"


def _half_the_band(numbers: Numbers) -> Numbers:
    if "low" not in numbers or "high" not in numbers:
        return {}
    return {"width": EXACT.multiply(EXACT.subtract(numbers["high"], numbers["low"]), Decimal("0.5"))}


def _upper_limit(actual: Number, p: Mapping[str, Number], line: Line) -> Fraction:
    """1 up to the limit, then max(0, 1 − (a − limit) ÷ width): one-sided, no reward for falling far below.

    Domain: width > 0, any a. Limit 28, width 4: 28 gives 1, 29 gives 0.75, 33 nothing. Source: E3, shares of drugs and
    consumables.
    """
    return _way(p["limit"] + p["width"] - actual, p["width"])


def _reference(actual: Number, p: Mapping[str, Number], line: Line) -> Fraction:
    """Linear in the difference from an external reference: clamp((a − r − zero_at) ÷ (full_at − zero_at), 0, 1).

    Domain: full_at ≠ zero_at, any a and r. A growth of 4 beside the region's 5.5, nothing at +2 and in full at −2:
    (−1.5 − 2) ÷ (−4) = 0.875. Source: E3, growth of cost per visit below the regional average.
    """
    return _way(actual - p["reference"] - p["zero_at"], p["full_at"] - p["zero_at"])


def _steps(actual: Number, p: Mapping[str, Number], line: Line) -> Fraction:
    """The share of the step in which a lies; steps are half-open [from, to), the last one closed.

    Domain: steps without gap or overlap, shares 0 to 1, any a; outside the table nothing. [0, 1) × 1, [1, 2] × 0.8:
    1 gives 0.8, 2 gives 0.8, 2.1 nothing. Source: E3.
    """
    for step in line.steps:
        if step.end is None or actual < step.end:
            return Fraction(step.rate) if step.start is None or actual >= step.start else NOUGHT
    last = line.steps[-1]
    return Fraction(last.rate) if actual == last.end else NOUGHT


def _steps_text(line: Line) -> str:
    first, last = line.steps[0], line.steps[-1]
    text = canonical(last.rate)
    if last.end is not None:
        text = f"{text} if actual <= {canonical(last.end)} else 0"
    for step in reversed(line.steps[:-1]):
        text = f"{canonical(step.rate)} if actual < {canonical(step.end)} else {text}"
    return text if first.start is None else f"0 if actual < {canonical(first.start)} else {text}"


def _improvement(actual: Number, p: Mapping[str, Number], line: Line) -> Fraction:
    """clamp((a − base) ÷ (t − base), 0, 1): how much of the way from the base value to the target is gone.

    Domain: t ≠ base, any a. From 58 towards 75, 68.2 gives 0.6. Source: E3.
    """
    return _way(actual - p["base"], p["target"] - p["base"])


def _achievement_or_improvement(actual: Number, p: Mapping[str, Number], line: Line) -> Fraction:
    """As the US value-based purchasing programme, rounding included: 0 to 10 points, the better of both, ÷ 10.

    Domain: benchmark ≠ threshold, any a; the direction comes from their order. 0.880237 between 0.869247 and 0.887868,
    from a base of 0.856752: 6 points for achievement, 7 for improvement, so 0.7. Source: E3; 42 CFR 412.165.
    """
    return max(achievement_points(actual, p), improvement_points(actual, p)) / 10


def achievement_points(actual: Number, p: Mapping[str, Number]) -> Fraction:
    """The achievement points alone: 0 under the threshold, 1 to 9 on the way, 10 from the benchmark on."""
    way = quotient(actual - p["threshold"], p["benchmark"] - p["threshold"])
    if way < 0:
        return NOUGHT
    return Fraction(10) if way >= 1 else Fraction(half_up(9 * way + Fraction(1, 2), 0))


def improvement_points(actual: Number, p: Mapping[str, Number]) -> Fraction:
    """The improvement points alone, 0 to 9; none where the base value had reached the benchmark."""
    way = p["benchmark"] - p["base"]
    if way * (p["benchmark"] - p["threshold"]) <= 0:
        return NOUGHT
    points = half_up(10 * quotient(actual - p["base"], way) - Fraction(1, 2), 0)
    return Fraction(min(max(points, Decimal(0)), Decimal(9)))


WAY = "(actual - threshold) / (benchmark - threshold)"
ACHIEVEMENT = f"0 if {WAY} < 0 else 10 if {WAY} >= 1 else half_up(9 * {WAY} + 1 / 2, 0)"
IMPROVEMENT = (
    "min(max(half_up(10 * (actual - base) / (benchmark - base) - 1 / 2, 0), 0), 9)"
    " if (benchmark - base) * (benchmark - threshold) > 0 else 0"
)


def _rank_in_tier(actual: Number, p: Mapping[str, Number], line: Line) -> Fraction:
    raise ValueError("a rank needs the whole tier: rank_shares")


def _rank_text(line: Line) -> str:
    better = "<" if line.lower_is_better else ">"
    place = f"(count(values {better} actual) + (count(values == actual) + 1) / 2)"
    return f"1 if count(values) == 1 else (count(values) - {place}) / (count(values) - 1)"


def rank_shares(actuals: Sequence[Fraction] | Sequence[Decimal], line: Line) -> list[Fraction]:
    """(n − rank) ÷ (n − 1) for each of a tier; ties share the mean rank; alone scores 1.

    Domain: any values, n ≥ 1. 90, 80, 80, 70 give 1, 0.5, 0.5, 0. Source: E3.
    """
    n = len(actuals)
    if n == 1:
        return [ONE]
    ordered = sorted(actuals)
    shares = []
    for actual in actuals:
        # n − rank is how many are beaten, among ties the mean of their places from below, counted from 0.
        beaten = Fraction(bisect_left(ordered, actual) + bisect_right(ordered, actual) - 1, 2)
        shares.append((n - 1 - beaten if line.lower_is_better else beaten) / (n - 1))
    return shares


def _rated(actual: Number, p: Mapping[str, Number], line: Line) -> Fraction:
    """clamp(x ÷ maximum, 0, 1). Domain: maximum > 0, any x. 4.2 of 5 gives 0.84. Source: E3."""
    return _way(actual, p["maximum"])


def _deduction(actual: Number, p: Mapping[str, Number], line: Line) -> Fraction:
    """max(0, M − Σ) ÷ M, Σ being the sum of deductions. Domain: M > 0; a Σ under 0 counts as 0. 3 of 10 lost gives 0.7.

    Source: E3.
    """
    return _way(p["full"] - actual, p["full"])


def _gate(actual: Number, p: Mapping[str, Number], line: Line) -> Fraction:
    """Nothing on the wrong side of the threshold, else attainment.

    Domain: t > 0, cap > 0, any a. Threshold 60, target 80: 59.99 gives nothing, 60 gives 0.75. Source: E3.
    """
    shut = actual > p["threshold"] if line.lower_is_better else actual < p["threshold"]
    return NOUGHT if shut else _attainment(actual, p, line)


def _gate_text(line: Line) -> str:
    return f"0 if actual {'>' if line.lower_is_better else '<'} threshold else {_attainment_text(line)}"


def _always(text: str) -> Callable[[Line], str]:
    """The formula of a method that has one for every line."""
    return lambda line: text


def _fine(where: str, p: Numbers) -> list[Problem]:
    return []


def _differ(one: str, other: str) -> Check:
    """A check that refuses two numbers that are equal, where the formula divides by their difference."""

    def check(where: str, p: Numbers) -> list[Problem]:
        if one not in p or other not in p or p[one] != p[other]:
            return []
        return [Problem(f"{where}.{one}", canonical(p[one]), mark("must differ from %(other)s"), {"other": other})]

    return check


def _positive(*names: str) -> Check:
    """A check that refuses numbers that are 0 or less."""

    def check(where: str, p: Numbers) -> list[Problem]:
        wrong = [name for name in names if name in p and p[name] <= 0]
        return [Problem(f"{where}.{name}", canonical(p[name]), mark("must be above 0")) for name in wrong]

    return check


def _band_check(where: str, p: Numbers) -> list[Problem]:
    if "low" in p and "high" in p and p["low"] >= p["high"]:
        return [Problem(f"{where}.low", canonical(p["low"]), mark("must be under %(other)s"), {"other": "high"})]
    return _positive("width")(where, p)


def _method(
    required: tuple[str, ...], share: Callable[[Any, Mapping[str, Any], Line], Fraction],
    formula: str | Callable[[Line], str], check: Check = _fine, optional: tuple[str, ...] = (),
    defaults: Callable[[Numbers], Numbers] = lambda numbers: {},
) -> Method:  # fmt: skip
    text = _always(formula) if isinstance(formula, str) else formula
    return Method(required, optional, share, text, check, defaults)


def _cap_of_one(numbers: Numbers) -> Numbers:
    return {"cap": Decimal(1)}


METHODS: dict[str, Method] = {
    "attainment": _method(
        ("target",), _attainment, _attainment_text, _positive("target", "cap"), ("cap",), _cap_of_one
    ),
    "linear": _method(
        ("bottom", "target"), _linear, "min(max((actual - bottom) / (target - bottom), 0), 1)",
        _differ("target", "bottom"),
    ),
    "band": _method(("low", "high"), _band, _band_text, _band_check, ("width",), _half_the_band),
    "upper_limit": _method(
        ("limit", "width"), _upper_limit, "max(0, 1 - max(actual - limit, 0) / width)", _positive("width")
    ),
    "reference": _method(
        ("zero_at", "full_at"), _reference,
        "min(max((actual - reference - zero_at) / (full_at - zero_at), 0), 1)", _differ("full_at", "zero_at"),
    ),
    "steps": _method((), _steps, _steps_text),
    "improvement": _method(
        ("base", "target"), _improvement, "min(max((actual - base) / (target - base), 0), 1)", _differ("target", "base")
    ),
    "achievement_or_improvement": _method(
        ("threshold", "benchmark", "base"), _achievement_or_improvement, f"max({ACHIEVEMENT}, {IMPROVEMENT}) / 10",
        _differ("benchmark", "threshold"),
    ),
    "rank_in_tier": _method((), _rank_in_tier, _rank_text),
    "rated": _method(("maximum",), _rated, "min(max(actual / maximum, 0), 1)", _positive("maximum")),
    "deduction": _method(("full",), _deduction, "max(0, full - max(actual, 0)) / full", _positive("full")),
    "gate": _method(
        ("threshold", "target"), _gate, _gate_text, _positive("target", "cap"), ("cap",), _cap_of_one
    ),
}  # fmt: skip


def share(method: str, actual: Decimal | Fraction, line: Line, **more: Decimal | Fraction) -> Fraction:
    """The exact share sᵢ of the full mark under a method; `more` are inputs beside the line (reference)."""
    kind = METHODS[method]
    numbers = {name: Fraction(value) for name, value in {**kind.numbers(line), **more}.items()}
    return kind.share(Fraction(actual), numbers, line)


def check_line(where: str, method: str, line: Line) -> list[Problem]:
    """What is wrong with the method of a scheme line: its place, its numbers."""
    kind = METHODS.get(method)
    if kind is None:
        return [Problem(f"{where}.method", method, mark("is not one of the words allowed here"))]
    lacking = [name for name in kind.required if name not in line.numbers]
    problems = [Problem(f"{where}.{name}", "", mark("is missing")) for name in lacking]
    foreign = {name: canonical(value) for name, value in line.numbers.items()}
    if line.steps and method != "steps":
        foreign["steps"] = str(len(line.steps))
    problems += [
        Problem(f"{where}.{name}", value, mark("the method %(method)s has no such number"), {"method": method})
        for name, value in foreign.items()
        if name not in kind.required + kind.optional
    ]
    if method == "steps":
        problems += _check_table(where, line.steps)
    return problems + kind.check(where, line.numbers)


def _check_table(where: str, steps: Sequence[Step]) -> list[Problem]:
    try:
        check_steps(steps)
    except Refused as refused:
        return [Problem(f"{where}.steps", "", refused.message, refused.numbers)]
    wrong = [step.rate for step in steps if not 0 <= step.rate <= 1]
    return [Problem(f"{where}.steps", canonical(rate), mark("a share lies between 0 and 1")) for rate in wrong]
