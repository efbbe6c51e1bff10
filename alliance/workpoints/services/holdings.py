"""The verbs of withheld pay: withhold, release, recover, take an entry back."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy import select

from alliance.audit.services import record, verb
from alliance.core.actor import Actor
from alliance.core.acts import Act
from alliance.core.money import cents, yuan
from alliance.core.period import Period
from alliance.core.refused import NotFound, Refused
from alliance.workpoints.models import Holding
from alliance.workpoints.queries.holdings import balances, holdings
from alliance.workpoints.queries.rolls import check_open, employees_of
from alliance.workpoints.rules.ledgers import (
    RECOVERED,
    RELEASED,
    WITHHELD,
    HeldPay,
    check_held,
    check_not_own,
    check_reason,
)
from alliance.workpoints.rules.payslips import instalments
from alliance.workpoints.rules.working import Label, Working
from alliance.workpoints.services.tasks import next_number, own_number

AMOUNT = Label("recovered", "追回", "Recovered")


def enter_holding(alliance: int, institution: str, given: HeldPay, *, by: Actor, now: datetime) -> list[int]:
    """Withhold, release or recover pay; the numbers of its entries, of what is recovered one for each month.

    Refused: an unknown person, neither or both of amount and percentage, a second percentage of a person in a month,
    more released than is withheld, more than three instalments, no reason, no document, an approved month, what
    concerns oneself.
    """
    check_held(given)
    with verb(by, alone_in=alliance) as session:
        for month, _part in (parts := _parts(institution, given)):
            check_open(alliance, institution, month)
        _check_person(alliance, institution, given.person)
        check_not_own([given.person], own_number(by, institution))
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
    taken back, an approved month, withheld pay that was released since, what concerns oneself.
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
        check_not_own([row.person], own_number(by, institution))
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
