"""What a month's bonus rests on, as it was filed: the numbers of units and persons, each with its source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from alliance.core.period import Period
from alliance.workpoints.rules.activity import INPATIENT, OUTPATIENT
from alliance.workpoints.rules.allowances import Night, Task
from alliance.workpoints.rules.scheme import BonusScheme
from alliance.workpoints.rules.second import SecondRules
from alliance.workpoints.rules.subjects import PaidBefore

# The group pool of a unit by its kind; a scheme without a group of that code counts it to the doctors'.
GROUP_OF: Mapping[str, str] = {
    "clinical_department": "doctor",
    "inpatient_group": "doctor",
    "outpatient_medical": "doctor",
    "inpatient_nursing": "nurse",
    "outpatient_nursing": "nurse",
    "medical_technology": "technology",
    "medical_support": "pharmacy",
    "logistics": "administration",
    "administration": "administration",
}
# The staff group of a person by the family of the post.
STAFF_GROUP: Mapping[str, str] = {
    "doctor": "doctor",
    "nurse": "nurse",
    "technician": "technology",
    "pharmacist": "pharmacy",
    "administration": "administration",
}
HEADS, ADMINISTRATION = "heads", "administration"  # group pools that are lines of their own (W15)
SETTINGS = (OUTPATIENT, INPATIENT)


@dataclass(frozen=True, slots=True)
class Number:
    """A filed number and where it comes from; no value where "not applicable" was filed."""

    value: Decimal | None
    source: str


@dataclass(frozen=True, slots=True)
class GroupGiven:
    """A disease group of a unit: weight, cases, days, cost, and the reference of a case; costs in yuan."""

    code: str
    source: str
    rw: Decimal
    cases: int
    days: Decimal
    cost: Decimal
    reference_days: Decimal
    reference_cost: Decimal
    standard_cost: Decimal | None = None


@dataclass(frozen=True, slots=True)
class UnitGiven:
    """A unit of a month: its kind, its establishment coefficients, what was filed for it, its item points by setting,
    its disease groups, and how often it did each new technique that its lines name."""

    code: str
    kind: str
    clinical: bool
    establishment: Number
    numbers: Mapping[str, Number] = field(default_factory=dict)
    items: Mapping[str, Number] = field(default_factory=dict)
    groups: Sequence[GroupGiven] = ()
    techniques: Mapping[str, Number] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PostGiven:
    """Some days of a person in a post: its coefficient and its grade."""

    coefficient: Decimal
    grade: str
    days: int


@dataclass(frozen=True, slots=True)
class PersonGiven:
    """Some days of a person in a unit. `family` is a staff group; `months` full ones since the hire; `duty` head,
    head_nurse or ""; `excluded` says why there is no share. Who held several posts there has them in `posts`; then
    `family`, `post` and `grade` are of the last."""

    number: str
    unit: str
    family: str
    post: Decimal
    seniority: Decimal
    days: int
    months: int
    grade: str = ""
    duty: str = ""
    excluded: str = ""
    numbers: Mapping[str, Number] = field(default_factory=dict)
    points: Number | None = None  # earned in the unit by charge lines
    posts: Sequence[PostGiven] = ()


@dataclass(frozen=True, slots=True)
class LastGiven:
    """Where somebody who is not in post in the month was last: the unit, and `family`, a staff group."""

    unit: str
    family: str


@dataclass(frozen=True, slots=True)
class HoldingGiven:
    """Pay that is withheld, released or recovered: an amount in yuan, or a part in %."""

    number: int
    person: str
    sort: str
    amount: Decimal | None
    rate: Decimal | None


@dataclass(frozen=True, slots=True)
class CorrectionGiven:
    """What a past month should have paid, and what it paid; `paid_source` leads to the figure of that run."""

    number: int
    person: str
    month: str
    right: Decimal
    paid: Decimal
    paid_source: str


@dataclass(frozen=True, slots=True)
class ReleaseGiven:
    """What a unit's people get of its reserve with the month, in yuan."""

    number: int
    unit: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class MonthGiven:
    """Everything a month's bonus rests on. `pool`, `base` and `factor` are those of the year's budget."""

    hospital: str
    month: Period
    reference: str
    scheme: BonusScheme
    pool: Number
    base: Number
    factor: Number
    units: Sequence[UnitGiven]
    people: Sequence[PersonGiven]
    rules: Mapping[str, SecondRules] = field(default_factory=dict)
    reserve: Mapping[str, Number] = field(default_factory=dict)  # by earlier month: left, or with a minus drawn
    releases: Sequence[ReleaseGiven] = ()
    held: Mapping[str, Decimal] = field(default_factory=dict)  # by unit: its reserve, in yuan, before these releases
    nights: Sequence[Night] = ()
    tasks: Sequence[Task] = ()
    holdings: Sequence[HoldingGiven] = ()
    corrections: Sequence[CorrectionGiven] = ()
    before: Sequence[PaidBefore] = ()  # earlier months of the year
    others: Mapping[str, LastGiven] = field(default_factory=dict)  # who is not in post: nights and tasks may pay them

    @property
    def days(self) -> int:
        """Calendar days of the month."""
        return (self.month.until - self.month.first).days

    def place(self, rest: str) -> str:
        """A source in this hospital and month."""
        return f"{self.hospital}/{self.month.code}/{rest}"
