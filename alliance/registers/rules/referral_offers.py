"""Slots and beds that members keep for referred patients."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from alliance.core.refused import Both, NotFound, Refused
from alliance.core.specialties import SPECIALTIES

SLOT, BED = "slot", "bed"
KINDS: Mapping[str, Both] = {SLOT: Both("号源", "outpatient slots"), BED: Both("床位", "beds")}
MOST = 500
AHEAD = 60  # days


def check_offer(specialty: str, kind: str, day: date, capacity: int, taken: int, today: date) -> None:
    """Refused: a day that is over or too far away, more than a hospital has, fewer than are taken already."""
    if specialty not in SPECIALTIES or kind not in KINDS:
        raise NotFound()
    if not 0 <= (day - today).days <= AHEAD:
        raise Refused("Offer for today or one of the next %(days)s days.", days=AHEAD)
    if not 0 <= capacity <= MOST:
        raise Refused("Offer between 0 and %(most)s.", most=MOST)
    if capacity < taken:
        raise Refused("%(taken)s are taken already; no fewer can be offered.", taken=taken)


def check_free(institution: str, receiver: str, day: date, capacity: int, taken: int, today: date) -> None:
    """Refused: an offer of another institution, of a day that is over, or one of which nothing is left."""
    if institution != receiver:
        raise Refused("The slot or bed belongs to another institution than the one that receives the patient.")
    if day < today:
        raise Refused("The day of the slot or bed is over.")
    if taken >= capacity:
        raise Refused("The last one was taken meanwhile. Choose another slot or bed, or none.")
