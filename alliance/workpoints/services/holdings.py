"""The verbs of withheld pay and corrections: withhold, release, recover; correct what a past month paid."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import select

from alliance.audit.services import record, verb
from alliance.core.actor import Actor
from alliance.core.acts import Act
from alliance.core.money import cents, yuan
from alliance.core.period import Period
from alliance.core.refused import NotFound, Refused
from alliance.workpoints.models import CorrectionRow, Holding
from alliance.workpoints.queries.holdings import (
    NET,
    CorrectionInfo,
    PaidPart,
    balances,
    corrections,
    holdings,
    paid_lines,
)
from alliance.workpoints.queries.rolls import check_open, employees_of
from alliance.workpoints.rules.ledgers import (
    MOST_CENTS,
    NO_DOCUMENT,
    RECOVERED,
    RELEASED,
    WITHHELD,
    HeldPay,
    check_held,
    check_month,
    check_reason,
)
from alliance.workpoints.rules.payslips import instalments
from alliance.workpoints.rules.working import Label, Working
from alliance.workpoints.services.tasks import next_number

WHOLE = f"/{NET}"  # how the figure of a whole payslip ends
AMOUNT = Label("recovered", "追回", "Recovered")


def enter_holding(alliance: int, institution: str, given: HeldPay, *, by: Actor, now: datetime) -> list[int]:
    """Withhold, release or recover pay; the numbers of its entries, of what is recovered one for each month.

    Refused: an unknown person, neither or both of amount and percentage, a second percentage of a person in a month,
    more released than is withheld, more than three instalments, no reason, no document, an approved month.
    """
    check_held(given)
    with verb(by, alone_in=alliance) as session:
        for month, _part in (parts := _parts(institution, given)):
            check_open(alliance, institution, month)
        _check_person(alliance, institution, given.person)
        _check_beside(alliance, institution, given)
        number = next_number(session, Holding, alliance, institution)
        for place, (month, part) in enumerate(parts):
            session.add(
                Holding(
                    alliance_id=alliance, institution=institution, number=number + place, month=month,
                    person=given.person, sort=given.sort, amount=part, rate=given.rate, reason=given.reason.strip(),
                    document=given.document.strip(), recorded_by=by.account, recorded_at=now,
                )
            )  # fmt: skip
        record(
            session, Act.WORKPOINTS_HOLDING_ENTER, f"holding:{institution}/{number}", by=by, now=now,
            alliance=alliance, months=[month for month, _part in parts], sort=given.sort,
        )  # fmt: skip
        return [number + place for place in range(len(parts))]


def withdraw_holding(
    alliance: int, institution: str, number: int, reason: str, *, by: Actor, now: datetime
) -> str:  # fmt: skip
    """Take an entry back before its month is approved, such as a part that nothing is due of; its month.

    It stays in the ledger with the reason. NotFound: no such entry. Refused: no reason of ten characters, one that was
    taken back, an approved month, withheld pay that was released since.
    """
    check_reason(reason)
    with verb(by, alone_in=alliance) as session:
        row = session.scalars(
            select(Holding)
            .where(Holding.alliance_id == alliance, Holding.institution == institution, Holding.number == number)
            .with_for_update()
        ).first()
        if row is None:
            raise NotFound()
        if row.withdrawn_at is not None:
            raise Refused("This entry was taken back already.")
        check_open(alliance, institution, row.month)
        held = balances(alliance, institution).get(row.person, 0)
        if row.sort == WITHHELD and (row.amount or 0) > held:
            raise Refused("Of this pay %(amount)s CNY are withheld still; the rest was released.", amount=yuan(held))
        row.withdrawn_by, row.withdrawn_at, row.withdrawn_for = by.account, now, reason.strip()
        record(
            session, Act.WORKPOINTS_HOLDING_WITHDRAW, f"holding:{institution}/{number}", by=by, now=now,
            alliance=alliance, month=row.month, reason=reason.strip(),
        )  # fmt: skip
        return row.month


def _parts(institution: str, given: HeldPay) -> list[tuple[str, int | None]]:
    """The months of an entry with their amounts in cents."""
    if given.sort != RECOVERED or given.cents is None:
        return [(given.month, given.cents)]
    working = Working(institution, given.month, "")
    amount = working.entered("recovered", AMOUNT, yuan(given.cents), f"holding:{institution}/new")
    first = Period.parse(given.month)
    parts = instalments(given.person, amount, given.months)
    return [
        (first.back(-place).code, cents(Decimal(part.numerator) / part.denominator)) for place, part in enumerate(parts)
    ]


def _check_person(alliance: int, institution: str, person: str) -> None:
    if person not in employees_of(alliance, institution):
        raise Refused("Nobody here has the staff number %(number)s.", number=person)


def _check_beside(alliance: int, institution: str, given: HeldPay) -> None:
    """Refused: more released than is withheld, a second percentage of a person in a month."""
    if given.sort == RELEASED:
        held = max(balances(alliance, institution, given.month).get(given.person, 0), 0)
        if (given.cents or 0) > held:
            raise Refused("%(amount)s CNY of this person are withheld; no more can be released.", amount=yuan(held))
    if given.rate is not None and any(
        one.rate is not None and one.person == given.person for one in holdings(alliance, institution, given.month)
    ):
        raise Refused("A percentage of this person's pay is withheld in %(period)s already.", period=given.month)


@dataclass(frozen=True, slots=True)
class GivenCorrection:
    """What a line of a paid month should have been, in cents; `paid` is its figure as digest and key."""

    person: str
    month: str
    pays_in: str
    paid: str
    cents: int
    reason: str
    document: str


def enter_correction(alliance: int, institution: str, given: GivenCorrection, *, by: Actor, now: datetime) -> int:
    """Enter a correction of a past month, paid or recovered with a later one; its number.

    What was corrected before counts as it was put right last, so no difference is paid twice. Refused: what was never
    paid, what was taken off, lines of a payslip and its sum both, a month that is not later, an amount that changes
    nothing or is none, no reason, no document, an approved month.
    """
    check_month(given.month)
    check_month(given.pays_in)
    check_reason(given.reason)
    if not given.document.strip():
        raise Refused(NO_DOCUMENT)
    if Period.parse(given.pays_in).start <= Period.parse(given.month).start:
        raise Refused("A correction is paid with a month after the one that it corrects.")
    if abs(given.cents) > MOST_CENTS:
        raise Refused("The right amount must lie between −1,000,000,000 and 1,000,000,000 CNY.")
    with verb(by, alone_in=alliance) as session:
        check_open(alliance, institution, given.pays_in)
        lines = paid_lines(alliance, institution, given.person, given.month)
        paid = next((one for one in lines if one.figure == given.paid), None)
        if paid is None:
            raise Refused("No payslip of %(period)s paid this line; choose one that was paid.", period=given.month)
        _check_line(paid)
        before = _corrected_before(alliance, institution, given)
        amount = before[-1].amount if before else paid.amount
        if amount == given.cents:
            raise Refused("The right amount is the one that was paid; there is nothing to correct.")
        number = next_number(session, CorrectionRow, alliance, institution)
        session.add(
            CorrectionRow(
                alliance_id=alliance, institution=institution, number=number, person=given.person, month=given.month,
                pays_in=given.pays_in, paid=given.paid, paid_amount=amount, amount=given.cents,
                reason=given.reason.strip(), document=given.document.strip(), recorded_by=by.account, recorded_at=now,
            )
        )  # fmt: skip
        record(
            session, Act.WORKPOINTS_CORRECTION_ENTER, f"correction:{institution}/{number}", by=by, now=now,
            alliance=alliance, month=given.month, pays_in=given.pays_in,
        )  # fmt: skip
        return number


def _check_line(paid: PaidPart) -> None:
    """Refused: a line that was taken off, where less would be more."""
    if paid.is_taken:
        raise Refused("This line was taken off: release what was withheld, or correct what is paid in all.")


def _corrected_before(alliance: int, institution: str, given: GivenCorrection) -> list[CorrectionInfo]:
    """The corrections of the same figure, the last one last. Refused: the sum of a payslip after its lines, or a line
    after the sum, for one holds the other."""
    payslip = [
        one for one in corrections(alliance, institution) if (one.person, one.month) == (given.person, given.month)
    ]
    if any(one.paid.endswith(WHOLE) != given.paid.endswith(WHOLE) for one in payslip):
        raise Refused(
            "This payslip was corrected before, by its lines or as a whole; go on in the same way, or it counts twice."
        )
    return [one for one in payslip if one.paid == given.paid]
