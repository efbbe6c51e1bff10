"""Referrals of the small alliance for tests: made-up patients with valid check signs, working days without holidays."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from alliance.core.actor import Actor
from alliance.registers import services
from alliance.registers.rules.people import check_sign
from alliance.registers.rules.referrals import Given
from tests.small import by

SATURDAY = 5
PATIENT = "测试甲某某"
PHONE = "13900000001"


def works(day: date) -> bool:
    return day.weekday() < SATURDAY


def identity(birth: str = "19560312", order: str = "001") -> str:
    """A made-up identity number of nobody: of an area that there is not."""
    first = f"999999{birth}{order}"
    return first + check_sign(first)


def given(receiver: str = "H1", **other: object) -> Given:
    values: dict[str, object] = {
        "specialty": "03.04", "diagnosis": "I10.x05", "system": "ICD-10", "version": "2.0", "urgency": "ordinary",
        "name": PATIENT, "phone": PHONE, "identity": identity(), "consent": True, "purpose": "血压控制不佳",
    }  # fmt: skip
    return Given(receiver, **(values | other))  # type: ignore[arg-type]


def actor(institution: str) -> Actor:
    return by(f"{institution.lower()}.reporter")


def file(alliance: int, sender: str, receiver: str, now: datetime, **other: object) -> str:
    one = given(receiver, **other)
    return services.file_referral(alliance, sender, one, works, by=actor(sender), now=now)


def see(alliance: int, number: str, receiver: str, now: datetime, day: date | None = None) -> None:
    """Accept and see a case that was just filed."""
    services.accept_referral(alliance, number, receiver, 1, by=actor(receiver), now=now)
    later = now + timedelta(minutes=1)
    services.see_referral(
        alliance, number, receiver, 2, day or now.date(), works, by=actor(receiver), now=later
    )  # fmt: skip
