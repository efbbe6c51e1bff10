"""The ledgers of a month (W11, W17): tasks that another person reviews, pay withheld, recovered, corrected."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from alliance.core.period import Period, PeriodKind
from alliance.core.refused import Both, NotFound, Refused, mark
from alliance.workpoints.rules.runs import SHORTEST
from alliance.workpoints.rules.subjects import SUBJECTS, Subject
from alliance.workpoints.rules.techniques import Technique

ENTERED, ACCEPTED, REFUSED = "entered", "accepted", "refused"
REVIEW_STATES: Mapping[str, Both] = {
    ENTERED: Both("待审核", "to be reviewed"),
    ACCEPTED: Both("已通过", "accepted"),
    REFUSED: Both("已退回", "refused"),
}
# What the ledger pays: single work, by whoever did it. Nights come from the roster, the rest from the distribution.
NEW_TECHNIQUE = "new_technique"
TASK_SUBJECTS: Mapping[str, Subject] = {
    code: SUBJECTS[code] for code in ("task", "consultation", "alliance", "research", "teaching", NEW_TECHNIQUE)
}
WITHHELD, RELEASED, RECOVERED = "withheld", "released", "recovered"
SORTS: Mapping[str, Both] = {
    WITHHELD: Both("暂扣", "withheld"),
    RELEASED: Both("补发暂扣", "released"),
    RECOVERED: Both("追回", "recovered"),
}
MOST_CENTS = 10**11  # of one entry
NO_DOCUMENT = mark("Name the document that this rests on.")


def check_month(code: str) -> None:
    """Refused: what is no month."""
    if Period.parse(code).kind is not PeriodKind.MONTH:
        raise Refused("%(code)s is not a month; write 2026-03.", code=code)


def check_amount(cents: int) -> None:
    if not 0 < cents <= MOST_CENTS:
        raise Refused("The amount must be above 0 and at most 1,000,000,000 CNY.")


def check_reason(reason: str) -> None:
    if len(reason.strip()) < SHORTEST:
        raise Refused("Give a reason of at least ten characters.")


def check_task(subject: str, cents: int, text: str, document: str) -> None:
    """Refused: a subject that the ledger does not pay, an amount that is none, no words, no document."""
    if subject not in TASK_SUBJECTS:
        raise Refused("The task ledger pays no %(subject_code)s.", subject_code=subject)
    check_amount(cents)
    if not text.strip():
        raise Refused("Say what was done.")
    if not document.strip():
        raise Refused(NO_DOCUMENT)


def check_counted(subject: str, scheme: str, techniques: Sequence[Technique]) -> None:
    """Refused: a new technique typed by hand where the scheme of the month counts some by charge lines."""
    if subject == NEW_TECHNIQUE and techniques:
        raise Refused(
            "Bonus scheme %(scheme)s rewards new techniques by charge lines, for twelve months; nothing is entered "
            "here. Have the technique written into the scheme's list of new techniques with its charge item. What no "
            "system feeds, enter in the workload ledger under that item.",
            scheme=scheme,
        )  # fmt: skip


def check_verdict(
    state: str, verdict: str, reason: str, seen: str | None, *, entered_by: str, reviewer: str, own: bool
) -> None:  # fmt: skip
    """Refused: an entry in another state than who judges it had before the eyes (`seen`; None was not asked); what was
    reviewed already, but what was accepted may still be refused; who made the entry, or is paid by it or did the work
    (`own`); a refusal without a reason."""
    if verdict not in (ACCEPTED, REFUSED):
        raise NotFound()
    if seen is not None and state != seen:
        raise Refused("Somebody else reviewed this meanwhile; look at it and say it again.")
    if state in (REFUSED, verdict):
        raise Refused("This entry was reviewed already.")
    if entered_by == reviewer:
        raise Refused("You made this entry; another person reviews it.")
    if own:
        raise Refused("This entry is about your own work or pay; another person reviews it.")
    if verdict == REFUSED:
        check_reason(reason)


@dataclass(frozen=True, slots=True)
class CorrectionPaper:
    """What corrections of a paid month have in common: the month, the later one that pays or recovers them, why, and
    the document that they rest on."""

    month: str
    pays_in: str
    reason: str
    document: str


def check_correction(one: CorrectionPaper) -> None:
    """Refused: what is no month, a month that is not later, no reason, no document."""
    check_month(one.month)
    check_month(one.pays_in)
    check_reason(one.reason)
    if not one.document.strip():
        raise Refused(NO_DOCUMENT)
    if Period.parse(one.pays_in).start <= Period.parse(one.month).start:
        raise Refused("A correction is paid with a month after the one that it corrects.")


def check_right(cents: int) -> None:
    """Refused: an amount that no payslip can have paid."""
    if abs(cents) > MOST_CENTS:
        raise Refused("The right amount must lie between −1,000,000,000 and 1,000,000,000 CNY.")


def check_not_own(people: Collection[str], own: str) -> None:
    """Refused: who changes what is paid to the own person (`own` is the staff number of who does it, "" for none)."""
    if own and own in people:
        raise Refused("Staff number %(number)s is your own; another person changes what it is paid.", number=own)


@dataclass(frozen=True, slots=True)
class HeldPay:
    """What is to be withheld, released or recovered: an amount in cents, or for withholding a part in %.

    `months` over how many months something is recovered, from `month` on.
    """

    person: str
    month: str
    sort: str
    cents: int | None
    rate: Decimal | None
    reason: str
    document: str
    months: int = 1


def check_held(one: HeldPay) -> None:
    """Refused: an unknown sort, neither or both of amount and part, a part of anything but what is withheld."""
    check_month(one.month)
    if one.sort not in SORTS:
        raise Refused("%(sort)s is no entry of withheld pay.", sort=one.sort)
    if (one.cents is None) == (one.rate is None):
        raise Refused("Give either an amount or a percentage.")
    if one.cents is not None:
        check_amount(one.cents)
    if one.rate is not None and one.sort != WITHHELD:
        raise Refused("Only what is withheld can be a percentage; give an amount.")
    if one.rate is not None and not 0 < one.rate <= 100:
        raise Refused("The percentage withheld must be above 0 and at most 100.")
    if one.sort != RECOVERED and one.months != 1:
        raise Refused("Only what is recovered is taken in several months.")
    check_reason(one.reason)
    if not one.document.strip():
        raise Refused(NO_DOCUMENT)
