"""How far experts agree: the intraclass correlation of two-way random effects, exact (Shrout and Fleiss 1979)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

LOW = Fraction(1, 2)  # under it a further expert is asked, and the median is used


@dataclass(frozen=True, slots=True)
class Squares:
    """The mean squares of a table of n targets (rows) by k judges (columns)."""

    rows: int
    columns: int
    targets: Fraction
    judges: Fraction
    error: Fraction


def mean_squares(table: Sequence[Sequence[int | Fraction]]) -> Squares | None:
    """The mean squares of a whole table; None where there are fewer than two rows or columns."""
    n, k = len(table), len(table[0]) if table else 0
    if n < 2 or k < 2:
        return None
    total = sum((Fraction(mark) for row in table for mark in row), Fraction(0))
    base = total * total / (n * k)
    every = sum((Fraction(mark) ** 2 for row in table for mark in row), Fraction(0)) - base
    between = sum((Fraction(sum(row)) ** 2 for row in table), Fraction(0)) / k - base
    judged = sum((Fraction(sum(column)) ** 2 for column in zip(*table, strict=True)), Fraction(0)) / n - base
    rest = every - between - judged
    return Squares(n, k, between / (n - 1), judged / (k - 1), rest / ((n - 1) * (k - 1)))


def icc_single(table: Sequence[Sequence[int | Fraction]]) -> Fraction | None:
    """ICC(2,1): how far one expert would agree with another one; None where nothing differs."""
    found = mean_squares(table)
    if found is None:
        return None
    k, spread = found.columns, found.columns * (found.judges - found.error) / found.rows
    bottom = found.targets + (k - 1) * found.error + spread
    return (found.targets - found.error) / bottom if bottom > 0 else None


def icc_average(table: Sequence[Sequence[int | Fraction]]) -> Fraction | None:
    """ICC(2,k): how far the mean of these experts would agree with that of others.

    None where there are fewer than two members or experts, or where nothing differs that could agree.
    """
    found = mean_squares(table)
    if found is None:
        return None
    bottom = found.targets + (found.judges - found.error) / found.rows
    return (found.targets - found.error) / bottom if bottom > 0 else None
