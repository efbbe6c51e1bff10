"""What a run hands over: the bank's batch, the tax office's rows, and whether both are what was approved."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from alliance.audit import queries as audit
from alliance.core.figure import Figure
from alliance.core.money import yuan
from alliance.workpoints.queries.payslips import names_of
from alliance.workpoints.queries.returns import BankReturnInfo, bank_returns
from alliance.workpoints.queries.runs import BonusRunInfo
from alliance.workpoints.queries.slips import SlipInfo, slips
from alliance.workpoints.rules.payslips import LINES
from alliance.workpoints.rules.reconciliation import tie_out
from alliance.workpoints.rules.returns import OPEN, WITHHELD, sum_of
from alliance.workpoints.rules.working import Label, Working


@dataclass(frozen=True, slots=True)
class Payee:
    """A person whom a run pays: number, names, unit, the amounts in cents by sort of line, and what is paid."""

    person: str
    zh: str
    en: str
    unit: str
    sorts: dict[str, int]
    net: int


@dataclass(frozen=True, slots=True)
class TiedOut:
    """approved = paid + withheld + taken back + returned by the bank, in yuan; the difference must be 0. What the bank
    returned counts there while it is open; paid again it is paid, withheld it is withheld."""

    approved: Decimal
    paid: Decimal
    withheld: Decimal
    returned: Decimal
    bank: Decimal
    difference: Decimal


@dataclass(frozen=True, slots=True)
class Payment:
    """Everybody whom a run pays, by number, the sums by sort in cents, the tie-out, and what the bank returned."""

    payees: tuple[Payee, ...]
    sums: dict[str, int]
    net: int
    tied: TiedOut
    returns: tuple[BankReturnInfo, ...] = ()

    @property
    def batches(self) -> list[int]:
        """The batches after the first, in which returned payments are paid again."""
        return sorted({one.paid_batch for one in self.returns if one.paid_batch})

    def batch(self, number: int) -> Payment | None:
        """A batch as a payment of its own: the first is all that the run pays. None where there is none."""
        if number == 1:
            return self
        mine = [one for one in self.returns if one.paid_batch == number]
        known = {one.person: one for one in self.payees}
        payees = tuple(replace(known[one.person], sorts={}, net=one.amount) for one in mine if one.person in known)
        return replace(self, payees=payees, sums={}, net=sum(one.net for one in payees)) if mine else None

    @property
    def sorts(self) -> list[str]:
        """The sorts of lines that stand on some slip, in the order of a slip."""
        return [sort for sort in LINES if sort in self.sums]


def payment(alliance: int, run: BonusRunInfo) -> Payment:
    """What a run pays by its slips, held against the figures that were kept and approved."""
    found, known = sorted(slips(run.id), key=lambda one: one.person), names_of(alliance, run.institution).people
    payees = tuple(_payee(one, known[one.person].name_zh, known[one.person].name_en)
                   if one.person in known else _payee(one, one.person, one.person) for one in found)  # fmt: skip
    sums: dict[str, int] = {}
    for payee in payees:
        for sort, cents in payee.sorts.items():
            sums[sort] = sums.get(sort, 0) + cents
    net = sum(payee.net for payee in payees)
    returns = tuple(bank_returns(run.id))
    back = {state: sum_of((one.fact for one in returns), state) for state in (OPEN, WITHHELD)}
    return Payment(payees, sums, net, _tied(run, _approved(found), net, sums, back), returns)


def _payee(one: SlipInfo, zh: str, en: str) -> Payee:
    sorts: dict[str, int] = {}
    for line in one.lines:
        sorts[line.sort] = sorts.get(line.sort, 0) + line.amount
    return Payee(one.person, zh, en, one.unit, sorts, one.net)


def _approved(found: Sequence[SlipInfo]) -> Decimal:
    """What the kept figures of all slips add up to before anything is taken off."""
    keys: dict[int, list[str]] = {}
    for one in found:
        keys.setdefault(one.figures, []).extend(line.figure for line in one.lines if LINES[line.sort][2] > 0)
    return sum(
        (value for run, mine in keys.items() for value in audit.values_of(run, mine).values()), Decimal(0)
    )  # fmt: skip


def _tied(
    run: BonusRunInfo, approved: Decimal, net: int, sums: Mapping[str, int], came_back: Mapping[str, int]
) -> TiedOut:  # fmt: skip
    working = Working(run.institution, run.month, run.scheme)

    def figure(code: str, zh: str, en: str, value: Decimal) -> Figure:
        return working.entered(f"payment/{code}", Label(code, zh, en), value, f"slip:{run.institution}/{run.month}")

    def parts(code: str, zh: str, en: str, cents: Iterable[int]) -> list[Figure]:
        return [figure(code, zh, en, yuan(sum(cents)))]

    paid = parts("paid", "实发", "Paid", [net, -sum(came_back.values())])
    held = parts("withheld", "暂扣", "Withheld", [sums.get("withheld", 0), came_back[WITHHELD]])
    back = parts("returned", "追回", "Taken back", [sums.get("recovered", 0)])
    bank = parts("bank", "银行退回", "Returned by the bank", [came_back[OPEN]])
    row = tie_out(working, figure("approved", "批准", "Approved", approved), paid, held, [*back, *bank])
    values = [one.value or Decimal(0) for one in (paid[0], held[0], back[0], bank[0], row.difference)]
    return TiedOut(approved, *values)
