"""The reconciliation of a run (W18): source, allocated and difference of every pool; the tie-out of the payment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from alliance.core.figure import Figure, Name, derived
from alliance.workpoints.rules.issues import Issue, in_order, issue, refuse
from alliance.workpoints.rules.working import Label, Working, number

SOURCE = Name("source", "来源", "source")
PART = Name("part", "已分配", "allocated")


@dataclass(frozen=True, slots=True)
class Row:
    """A pool and everything it went to, the year-end fund and reserves among them."""

    code: str
    zh: str
    en: str
    source: Figure
    parts: tuple[Figure, ...]


@dataclass(frozen=True, slots=True)
class Reconciled:
    """A row with what was allocated in all and the difference, which must be 0."""

    row: Row
    allocated: Figure
    difference: Figure


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """All rows of a run and its issue list."""

    rows: tuple[Reconciled, ...]
    issues: tuple[Issue, ...]

    @property
    def may_submit(self) -> bool:
        """Whether nothing stands in the way of the run."""
        return not any(one.blocks for one in self.issues)

    def check(self) -> None:
        """Refuse to submit while a difference is not 0 or anything else blocks."""
        refuse(self.issues)


def reconcile(working: Working, rows: Sequence[Row], issues: Sequence[Issue]) -> Reconciliation:
    """Source, allocated, difference by row, with the issues of the run and one for each difference."""
    found = [_reconciled(working, row) for row in rows]
    differences = [issue("difference", one.row.code, number(one.difference)) for one in found if number(one.difference)]
    return Reconciliation(tuple(found), tuple(in_order([*issues, *differences])))


def _reconciled(working: Working, row: Row) -> Reconciled:
    allocated = working.total(
        f"reconciliation/{row.code}/allocated", Label("allocated", "已分配", "Allocated"), list(row.parts)
    )
    kind = working.kind(Label("difference", "差额", "Difference"), "source - part", "2", names=(SOURCE, PART))
    exact = Fraction(number(row.source)) - Fraction(number(allocated))
    inputs = (("source", row.source), ("part", allocated))
    difference = derived(f"reconciliation/{row.code}/difference", kind, exact, inputs, owner=working.owner())
    return Reconciled(row, allocated, difference)


def tie_out(
    working: Working, approved: Figure, paid: Sequence[Figure], withheld: Sequence[Figure], returned: Sequence[Figure]
) -> Reconciled:
    """approved = paid + withheld + returned (by the bank): the row of the payment."""
    parts = (*paid, *withheld, *returned)
    return _reconciled(working, Row("payment", "发放核对", "Tie-out of the payment", approved, parts))
