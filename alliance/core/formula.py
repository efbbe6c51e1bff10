"""One small closed grammar for formulas: in words, with numbers, and worked out again.

+ − × ÷, parentheses, if–else over one comparison, min, max, abs, sum, floor, half_up, count, median, rank, percentile,
sqrt and power. A name stands for one number or for a list; a list inside arithmetic is taken element by element, and
`count` of a comparison counts where it holds. An input called `scores[]` brings, as the list `scores`, the values that
this one figure rests on.
"""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal, localcontext
from fractions import Fraction
from functools import lru_cache
from math import ceil, isqrt

from alliance.core.figure import SPLIT, Figure, State, half_up

Number = Fraction | bool
Value = Number | list[Number]

ARITHMETIC: dict[type[ast.AST], tuple[str, int, Callable[[Fraction, Fraction], Number]]] = {
    ast.Add: ("+", 1, operator.add),
    ast.Sub: ("−", 1, operator.sub),
    ast.Mult: ("×", 2, operator.mul),
    ast.Div: ("÷", 2, operator.truediv),
}
COMPARISONS: dict[type[ast.AST], tuple[str, int, Callable[[Fraction, Fraction], Number]]] = {
    ast.Eq: ("=", 0, operator.eq),
    ast.NotEq: ("≠", 0, operator.ne),
    ast.Lt: ("<", 0, operator.lt),
    ast.LtE: ("≤", 0, operator.le),
    ast.Gt: (">", 0, operator.gt),
    ast.GtE: ("≥", 0, operator.ge),
}
SIGNS = ARITHMETIC | COMPARISONS
WORDS = {
    "zh": {
        "min": "取小", "max": "取大", "abs": "绝对值", "sum": "合计", "floor": "向下取整", "half_up": "四舍五入",
        "count": "个数", "median": "中位数", "rank": "名次", "percentile": "百分位数", "sqrt": "平方根",
        "power": "乘方",
    },
    "en": {
        "min": "the smaller of", "max": "the larger of", "abs": "absolute value of", "sum": "sum of",
        "floor": "rounded down", "half_up": "rounded half up", "count": "number of", "median": "median of",
        "rank": "rank of", "percentile": "percentile of", "sqrt": "square root of", "power": "power of",
    },
}  # fmt: skip
CONDITION = {"zh": "若 {} 则 {}，否则 {}", "en": "if {} then {}, otherwise {}"}
COMMA = {"zh": "，", "en": ", "}
LISTS = {"sum": 99, "count": 1, "median": 99, "rank": 2, "percentile": 1}  # how many arguments may be lists
SHOWN = 8  # terms of a long sum that are written out
LITERAL = re.compile(r"\d+(\.\d+)?", re.ASCII)


class FormulaError(ValueError):
    """The text is not of the grammar, or its inputs do not fit it."""


@lru_cache(maxsize=4096)
def parse(text: str) -> ast.expr:
    """The tree of a formula; FormulaError when a part is not of the grammar."""
    text = text.strip()
    try:
        tree = ast.parse(text, mode="eval").body
    except SyntaxError as error:
        raise FormulaError(f"not a formula: {text}") from error
    _check(tree, text)
    return tree


def _check(node: ast.expr, text: str, *, comparison: bool = False) -> None:
    """Refuse what is not of the grammar; a comparison only where a truth is asked for."""
    match node:
        case ast.Constant():
            # A number is kept as it is written: no float comes between.
            node.kind = ast.get_source_segment(text, node) or ""
            if LITERAL.fullmatch(node.kind):
                return
        case ast.Name(name) if name not in CALLS:
            return
        case ast.UnaryOp(ast.USub(), operand):
            return _check(operand, text)
        case ast.BinOp(left, sign, right) if type(sign) in ARITHMETIC:
            return _check_all([left, right], text)
        case ast.Compare(left, [sign], [right]) if comparison and type(sign) in COMPARISONS:
            return _check_all([left, right], text)
        case ast.IfExp(ast.Compare() as test, body, orelse):
            _check(test, text, comparison=True)
            return _check_all([body, orelse], text)
        case ast.Call(ast.Name(name), arguments, []) if name in CALLS and len(arguments) in ARGUMENTS[name]:
            return _check_all(arguments, text, comparison=name == "count")
    raise FormulaError(f"{ast.unparse(node)} is not of the grammar: {text}")


def _check_all(nodes: Iterable[ast.expr], text: str, *, comparison: bool = False) -> None:
    for node in nodes:
        _check(node, text, comparison=comparison)


@lru_cache(maxsize=4096)
def names_of(text: str) -> frozenset[str]:
    """The names of inputs that a formula uses."""
    return frozenset(_names(parse(text)))


def _names(tree: ast.expr) -> list[str]:
    return [node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id not in CALLS]


def work_out(text: str, values: Mapping[str, Fraction | Sequence[Fraction]]) -> Fraction:
    """The exact result; ZeroDivisionError for a denominator of nought, FormulaError for an unknown name."""
    result = _value(parse(text), values)
    if isinstance(result, list):
        raise FormulaError(f"gives a list: {text}")
    return Fraction(result)


def _value(node: ast.expr, values: Mapping[str, Fraction | Sequence[Fraction]]) -> Value:
    match node:
        case ast.Constant():
            return Fraction(str(node.kind))
        case ast.Name(name):
            if name not in values:
                raise FormulaError(f"no input is called {name}")
            found = values[name]
            return found if isinstance(found, Fraction) else list(found)
        case ast.UnaryOp(_, operand):
            return _each(operator.neg, _value(operand, values))
        case ast.BinOp(left, sign, right) | ast.Compare(left, [sign], [right]):
            return _each(SIGNS[type(sign)][2], _value(left, values), _value(right, values))
        case ast.IfExp(test, body, orelse):
            holds = _value(test, values)
            if isinstance(holds, list):
                raise FormulaError(f"a list decides nothing: {ast.unparse(node)}")
            # Only the branch that holds is worked out: the other may divide by nought.
            return _value(body if holds else orelse, values)
        case ast.Call(ast.Name(name), arguments):
            return CALLS[name](*(_value(argument, values) for argument in arguments))
    raise FormulaError(ast.dump(node))


def _each(work: Callable[..., Number], *parts: Value) -> Value:
    """Apply to numbers, or to lists element by element, a number standing beside each element."""
    lengths = {len(part) for part in parts if isinstance(part, list)}
    if not lengths:
        return work(*parts)
    if len(lengths) > 1:
        raise FormulaError("lists of different lengths")
    (size,) = lengths
    columns = [part if isinstance(part, list) else [part] * size for part in parts]
    return [work(*row) for row in zip(*columns, strict=True)]


def _all(parts: Iterable[Value]) -> list[Fraction]:
    """Numbers and lists as one list of numbers."""
    return [Fraction(one) for part in parts for one in (part if isinstance(part, list) else [part])]


def _outermost(choose: Callable[[list[Fraction]], Fraction], parts: Sequence[Value]) -> Fraction:
    numbers = _all(parts)
    if not numbers:
        raise ZeroDivisionError("the smallest or largest of nothing")
    return choose(numbers)


def median(values: Sequence[Fraction]) -> Fraction:
    """The middle value, or the mean of the two in the middle; ZeroDivisionError when there is none."""
    if not values:
        raise ZeroDivisionError("the median of nothing")
    ordered = sorted(values)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def rank(value: Fraction, values: Sequence[Fraction]) -> int:
    """1 for the highest; ties share a rank and the next is skipped (1, 1, 3)."""
    return 1 + sum(other > value for other in values)


def percentile(values: Sequence[Fraction], percent: Fraction) -> Fraction:
    """The smallest value that so many percent of the values do not exceed (nearest rank); 0 < percent ≤ 100."""
    if not values:
        raise ZeroDivisionError("a percentile of nothing")
    return sorted(values)[max(1, ceil(percent * len(values) / 100)) - 1]


def sqrt(value: Fraction, places: Fraction) -> Fraction:
    """The square root, half up at decimal places; ValueError under nought."""
    if value < 0:
        raise ValueError("the square root of a negative number")
    scale = 10 ** int(places)
    top, bottom = (value * 4 * scale * scale).as_integer_ratio()
    # floor(2·scale·root) decides whether the root lies in the upper half of its last place.
    return Fraction((isqrt(top // bottom) + 1) // 2, scale)


def power(base: Fraction, exponent: Fraction, places: Fraction) -> Fraction:
    """base to the exponent, half up at decimal places; whole exponents are exact before rounding."""
    if exponent.denominator == 1:
        return Fraction(half_up(base**exponent.numerator, int(places)))
    if base < 0:
        raise ValueError("a negative number to a broken power")
    with localcontext() as context:
        context.prec = int(places) + 60
        b, e = (Decimal(x.numerator) / Decimal(x.denominator) for x in (base, exponent))
        context.prec += max(0, ceil((b.adjusted() + 1) * e))  # digits before the point
        b, e = (Decimal(x.numerator) / Decimal(x.denominator) for x in (base, exponent))
        return Fraction(half_up(b**e, int(places)))


CALLS: dict[str, Callable[..., Value]] = {
    "min": lambda *parts: _outermost(min, parts),
    "max": lambda *parts: _outermost(max, parts),
    "abs": lambda part: _each(abs, part),
    "sum": lambda *parts: sum(_all(parts), Fraction(0)),
    "floor": lambda part: _each(lambda x: Fraction(x.numerator // x.denominator), part),
    "half_up": lambda part, places: _each(lambda x: Fraction(half_up(x, int(places))), part),
    "count": lambda part: Fraction(sum(one is not False for one in (part if isinstance(part, list) else [part]))),
    "median": lambda *parts: median(_all(parts)),
    "rank": lambda value, values: Fraction(rank(value, _all([values]))),
    "percentile": lambda values, percent: percentile(_all([values]), percent),
    "sqrt": sqrt,
    "power": power,
}  # fmt: skip
MANY = range(1, 100)
ARGUMENTS = {
    "min": MANY, "max": MANY, "abs": [1], "sum": MANY, "floor": [1], "half_up": [2], "count": [1], "median": MANY,
    "rank": [2], "percentile": [2], "sqrt": [2], "power": [3],
}  # fmt: skip


Lookup = Callable[[str], str | Sequence[str]]


def in_words(text: str, labels: Mapping[str, str], lang: str) -> str:
    """The formula with the labels of its inputs in their places; `lang` is zh or en."""
    return _text(parse(text), lang, lambda name: labels.get(name, name))


def with_numbers(text: str, values: Mapping[str, str | Sequence[str]], lang: str) -> str:
    """The formula with the values of its inputs in their places: `37 ÷ 412 × 100`.

    A list of one is written as the number it holds. A sum over a list is written out; a long one with its first terms
    and the number of terms.
    """
    return _text(parse(text), lang, lambda name: values.get(name, name))


def _text(node: ast.expr, lang: str, look: Lookup, above: int = -1) -> str:
    """A part as text; in parentheses where what stands around it (`above`) binds more strongly."""
    match node:
        case ast.Constant():
            return str(node.kind)
        case ast.Name(name):
            found = look(name)
            if isinstance(found, str) or len(found) == 1:
                return _signed(found if isinstance(found, str) else found[0], above)
            return "[" + _listed([_signed(one, 0) for one in found], lang, COMMA[lang]) + "]"
        case ast.UnaryOp(_, operand):
            text = "−" + _text(operand, lang, look, 3)
            return f"({text})" if above > 0 else text
        case ast.BinOp(left, sign, right) | ast.Compare(left, [sign], [right]):
            return _binary(left, sign, right, lang, look, above)
        case ast.IfExp(test, body, orelse):
            # Only a condition after "otherwise" goes on without parentheses.
            text = CONDITION[lang].format(
                _text(test, lang, look), _text(body, lang, look, 0), _text(orelse, lang, look)
            )
            return f"({text})" if above >= 0 else text
        case ast.Call(ast.Name(name), arguments):
            return _call(name, arguments, lang, look, above)
    raise FormulaError(ast.dump(node))


def _signed(text: str, above: int) -> str:
    """A value with the true minus sign; a negative one in parentheses where it is not the first."""
    if not text.startswith("-"):
        return text
    return f"(−{text[1:]})" if above > 0 else f"−{text[1:]}"


def _binary(left: ast.expr, sign: ast.AST, right: ast.expr, lang: str, look: Lookup, above: int) -> str:
    symbol, level, _ = SIGNS[type(sign)]
    stricter = level + 1 if isinstance(sign, ast.Sub | ast.Div) else level
    first = 0 if level == 1 else level  # a sum may begin with a minus
    text = f"{_text(left, lang, look, first)} {symbol} {_text(right, lang, look, stricter)}"
    return f"({text})" if level < above else text


def _call(name: str, arguments: Sequence[ast.expr], lang: str, look: Lookup, above: int) -> str:
    spread = _spread(arguments[0], lang, look) if name == "sum" and len(arguments) == 1 else None
    if spread is not None:
        text = _listed(spread, lang, " + ") or "0"
        return f"({text})" if above > 1 and len(spread) > 1 else text
    inside = COMMA[lang].join(_text(argument, lang, look, 0) for argument in arguments)
    space = " " if lang == "en" else ""
    return f"{WORDS[lang][name]}{space}({inside})"


def _spread(node: ast.expr, lang: str, look: Lookup) -> list[str] | None:
    """The terms of a sum over lists, each written with its own values; None when no list is at hand, or one within
    another is."""
    if any(isinstance(part, ast.Call) and ast.unparse(part.func) in LISTS for part in ast.walk(node)):
        return None
    lists = {name: found for name in _names(node) if not isinstance(found := look(name), str)}
    sizes = {len(found) for found in lists.values()}
    if len(sizes) != 1:
        return None

    def at(index: int) -> Lookup:
        return lambda name: lists[name][index] if name in lists else look(name)

    return [_text(node, lang, at(index), 1) for index in range(sizes.pop())]


def _listed(terms: Sequence[str], lang: str, glue: str) -> str:
    if len(terms) <= SHOWN:
        return glue.join(terms)
    more = f"…（共 {len(terms)} 项）" if lang == "zh" else f"… ({len(terms)} in all)"
    return glue.join([*terms[:SHOWN], more])


def tells_the_truth(figure: Figure) -> bool:
    """Whether a computed figure is what its printed formula gives, rounded as its kind says; what was filed, is.

    A figure without a value is true when its formula cannot be worked out, an input being without a value or a
    denominator 0; and it is missing only if an input is.
    """
    if not figure.kind.formula:
        return True
    exact = _again(figure)
    if exact is None or figure.value is None:
        missing = any(part.state is State.MISSING for _, part in figure.inputs)
        return exact is None and (figure.state is State.NOT_APPLICABLE or (figure.state is State.MISSING and missing))
    rounding = figure.kind.rounding
    if rounding == SPLIT:
        in_cents = Fraction(figure.value) * 100
        return in_cents.denominator == 1 and abs(exact * 100 - in_cents) < 1
    return Fraction(figure.value) == (Fraction(half_up(exact, int(rounding))) if rounding else exact)


def _again(figure: Figure) -> Fraction | None:
    """What the figure's formula gives for its inputs; None when it cannot be worked out."""
    text = figure.kind.formula
    grouped = bound(figure.inputs)
    values: dict[str, Fraction | list[Fraction]] = {}
    for name in names_of(text):
        found = grouped.get(name, [] if is_list(text, name) else [None])
        numbers = [Fraction(value) for value in found if value is not None]
        if len(numbers) < len(found):
            return None
        values[name] = numbers[0] if len(numbers) == 1 else numbers
    try:
        return work_out(text, values)
    except ZeroDivisionError:
        return None


def bound(inputs: Iterable[tuple[str, Figure]]) -> dict[str, list[Decimal | None]]:
    """The values under each name of a formula. A name with [] brings the values of what that figure rests on."""
    grouped: dict[str, list[Decimal | None]] = {}
    for name, part in inputs:
        if name.endswith("[]"):
            grouped.setdefault(name[:-2], []).extend(below.value for _, below in part.inputs)
        else:
            grouped.setdefault(name, []).append(part.value)
    return grouped


@lru_cache(maxsize=4096)
def is_list(text: str, name: str) -> bool:
    """Whether a name stands inside a call that takes lists, so that it may have any number of inputs."""
    for node in ast.walk(parse(text)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in LISTS:
            taken = node.args[1:] if node.func.id == "rank" else node.args[: LISTS[node.func.id]]
            if any(name in _names(argument) for argument in taken):
                return True
    return False
