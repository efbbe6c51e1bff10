"""The doors that look across referrals: offers, pairs, reconciliation, flow."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue

from alliance.access import alliance_id, can, concerns, requires, scope, today
from alliance.accounts import queries as accounts
from alliance.core.acts import Act
from alliance.core.period import Period, PeriodKind
from alliance.core.refused import NotFound, Refused
from alliance.i18n import label, period, words
from alliance.registers import queries
from alliance.registers.pictures import cases_url, picture
from alliance.registers.rules.referral_offers import AHEAD
from alliance.registers.rules.referral_pairs import CERTIFIED, FOUND, PAIR_STATES
from alliance.registers.views.blueprint import blueprint, ways
from alliance.registers.views.referrals import words_of

MONTHS = 24


def asked_month() -> str:
    """The month of the address, by default this one; NotFound for what is none."""
    try:
        found = Period.parse(request.args.get("month") or f"{today():%Y-%m}")
    except Refused:
        raise NotFound() from None
    if found.kind is not PeriodKind.MONTH:
        raise NotFound()
    return found.code


def _months(chosen: str) -> list[tuple[str, str]]:
    this = Period.parse(f"{today():%Y-%m}")
    codes = [this.back(back).code for back in range(MONTHS)]
    return [(code, period(code)) for code in (codes if chosen in codes else [chosen, *codes])]


@blueprint.get("/offers/list")
@requires(Act.REGISTERS_OFFER_LIST)
def list_offers() -> ResponseReturnValue:
    """What members offer from today on."""
    mine = sorted(code for code in scope().own if can(Act.REGISTERS_OFFER_PUBLISH, code))
    files = sorted(code for code in scope().own if can(Act.REGISTERS_REFERRAL_FILE, code))
    found = queries.offers(alliance_id(), today(), today() + timedelta(days=AHEAD))
    return render_template(
        "registers/list_offers.html", ways=ways(), offers=found, publishing=mine, filing=files, **words_of()
    )


@blueprint.get("/pairs/list")
@requires(Act.REGISTERS_PAIR_LIST)
def list_pairs() -> ResponseReturnValue:
    """The pointless pairs in reach, and what waits for whom."""
    state = request.args.get("state", "")
    found = queries.pairs(scope(), state)
    accounts_of = {name for one in found for name in (one.certified_by, one.decided_by)} - {""}
    return render_template(
        "registers/list_pairs.html", ways=ways(), pairs=found, state=state, people=accounts.names(accounts_of),
        state_choices=[(code, words(one)) for code, one in PAIR_STATES.items()],
        certifies={one.id for one in found if one.state == FOUND and can(Act.REGISTERS_PAIR_CERTIFY, one.receiver)},
        decides={one.id for one in found if one.state == CERTIFIED and can(Act.REGISTERS_PAIR_COUNTERSIGN)},
        **words_of(*found),
    )  # fmt: skip


@blueprint.get("/reconciliations/read")
@requires(Act.REGISTERS_RECONCILIATION_READ)
def read_reconciliation() -> ResponseReturnValue:
    """What two members sent to one another in a month, and what of it both agree on."""
    named, month = words_of(), asked_month()
    mine = list(named["names"]) if scope().institutions is None else sorted(scope().own)
    one = request.args.get("institution") or next(iter(mine), "")
    others = [code for code in named["names"] if code != one]
    other = request.args.get("partner") or next(iter(others), "")
    if one not in mine or other not in others:
        raise NotFound()
    concerns(one)
    return render_template(
        "registers/read_reconciliation.html", ways=ways(), institution=one, partner=other, month=month,
        months=_months(month), sides=queries.reconciliation(alliance_id(), one, other, month),
        mine_choices=_named(mine, named), other_choices=_named(others, named), **named,
    )  # fmt: skip


def _named(codes: list[str], named: dict[str, Any]) -> list[tuple[str, str]]:
    return [(code, label(named["names"][code])) for code in codes if code in named["names"]]


@blueprint.get("/flows/read")
@requires(Act.REGISTERS_FLOW_READ)
def read_flow() -> ResponseReturnValue:
    """From whom to whom patients went in a month, and how fast receivers answered."""
    named, month = words_of(), asked_month()
    found = queries.flows(scope(), month)
    together = Counter[tuple[str, str]]()
    for (sender, receiver, _way), count in found.items():
        together[sender, receiver] += count
    return render_template(
        "registers/read_flow.html", ways=ways(), month=month, months=_months(month), found=sorted(found.items()),
        picture=picture(month, together, named["names"]) if found else None, answers=queries.answers(scope(), month),
        whole=scope().institutions is None, cases=cases_url, **named,
    )  # fmt: skip
