"""Patients: the identity number of GB 11643, the telephone number, and the key under which a patient is known again."""

from __future__ import annotations

import hashlib
import hmac
import re
import unicodedata
from dataclasses import dataclass
from datetime import date

from alliance.core.refused import Both, Refused

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)  # GB 11643-1999, 4.2
CHECKS = "10X98765432"  # the check sign by the weighted sum modulo 11
IDENTITY = re.compile(r"[1-9]\d{16}[\dX]")
MOBILE, LANDLINE = re.compile(r"1[3-9]\d{9}"), re.compile(r"0\d{2,3}[1-9]\d{6,7}")
OLDEST = 1900  # the earliest year of birth of anybody who is treated
MALE, FEMALE = "male", "female"
SEXES = {MALE: Both("男", "male"), FEMALE: Both("女", "female")}


@dataclass(frozen=True, slots=True)
class Identity:
    """A person by the identity number: the number as it is written, and the day of birth and sex that follow."""

    number: str
    birth: date
    sex: str


@dataclass(frozen=True, slots=True)
class Contact:
    """How a patient is reached, readable by those who treat: name, telephone number, identity number."""

    name: str
    phone: str
    identity: str


def check_sign(first: str) -> str:
    """The last sign of an identity number that begins with these seventeen digits."""
    return CHECKS[sum(int(digit) * weight for digit, weight in zip(first, WEIGHTS, strict=True)) % 11]


def read_identity(text: str) -> Identity:
    """The person of an identity number; Refused: not 18 signs, no day of birth in it, a wrong check sign."""
    number = _plain(text).upper()
    if not IDENTITY.fullmatch(number):
        raise Refused("An identity number has 17 digits and a digit or X.")
    if check_sign(number[:17]) != number[17]:
        raise Refused("The identity number is mistyped: its last sign does not fit the others.")
    try:
        birth = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        raise Refused("The identity number holds no day of birth.") from None
    if birth.year < OLDEST:
        raise Refused("The identity number holds no day of birth.")
    return Identity(number, birth, MALE if int(number[16]) % 2 else FEMALE)


def read_phone(text: str) -> str:
    """A telephone number without anything between its digits; Refused: neither mobile nor with its area code."""
    number = re.sub(r"^(?:\+?86)(?=1)", "", _plain(text))
    if not MOBILE.fullmatch(number) and not LANDLINE.fullmatch(number):
        raise Refused("Give a mobile number of 11 digits, or a landline number with its area code.")
    return number


def read_name(text: str) -> str:
    """A person's name; Refused: none, or too long for one."""
    name = " ".join(unicodedata.normalize("NFKC", text).split())
    if not 2 <= len(name) <= 40 or any(sign.isdigit() for sign in name):
        raise Refused("A name has 2 to 40 letters and no digits.")
    return name


def _plain(text: str) -> str:
    return re.sub(r"[\s\-‐–—]", "", unicodedata.normalize("NFKC", text))


def patient_key(identity: str, pepper: bytes) -> str:
    """The key under which a patient is known again, hex; nobody comes from it to the identity number, nor the other way
    without the pepper of the alliance."""
    return hmac.new(pepper, f"patient {identity}".encode(), hashlib.sha256).hexdigest()


def check_silent(text: str, contact: Contact | None) -> None:
    """Refused: a text that others read, or that stays, names the patient."""
    plain = _plain(text).upper()
    named = (contact.name, contact.phone, contact.identity) if contact else ()
    if any(_plain(part) and _plain(part).upper() in plain for part in named):
        raise Refused("The text names the patient. Write it without name, telephone and identity number.")
