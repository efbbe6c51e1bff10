"""What pay may rest on (W1, W7): no pool and no point draws on drugs, consumables, examinations or laboratory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from alliance.core.refused import Problem, Refused, mark

# Classes of charges, as the national list of medical services groups them.
CLASSES: dict[str, tuple[str, str]] = {
    "consultation": ("诊察", "Consultation"),
    "bed": ("床位", "Bed"),
    "nursing": ("护理", "Nursing"),
    "treatment": ("治疗", "Treatment"),
    "operation": ("手术", "Operation"),
    "anaesthesia": ("麻醉", "Anaesthesia"),
    "service": ("其他医疗服务", "Other medical service"),
    "examination": ("检查", "Examination"),
    "laboratory": ("检验", "Laboratory"),
    "drug": ("药品", "Drugs"),
    "consumable": ("卫生材料", "Consumables"),
    "other": ("其他收入", "Other income"),
}
GOODS = frozenset({"drug", "consumable"})
EXAMINED = frozenset({"examination", "laboratory"})
MEDICAL_SERVICE = frozenset(CLASSES) - GOODS - EXAMINED - {"other"}
ORDERED = frozenset({"treatment", "operation"})  # ordering may earn points here only

ORDERING, PERFORMING = "ordering", "performing"
QUANTITY, INCOME = "quantity", "income"

NO_CLASS = mark("there is no such class of charges")
NOT_THE_INCOME = mark("pay must not rest on income from drugs, consumables, examinations or laboratory tests")
NOT_THE_ORDER = mark("ordering earns points on treatments and operations only")
NO_GOODS = mark("drugs and consumables earn no points")


@dataclass(frozen=True, slots=True)
class Draw:
    """What a pool line or a point rule draws on: a class of charges, who is rewarded for it, and by what measure."""

    where: str
    item_class: str
    role: str = PERFORMING  # ORDERING, or any performing role
    measure: str = QUANTITY  # or INCOME: a factor in yuan of what was charged


def forbidden(draws: Sequence[Draw]) -> list[Problem]:
    """What draws on something that pay may not be linked to, each with its place."""
    return [Problem(draw.where, draw.item_class, reason) for draw in draws if (reason := _reason(draw))]


def _reason(draw: Draw) -> str:
    if draw.item_class not in CLASSES:
        return NO_CLASS
    if draw.measure == INCOME:
        return "" if draw.item_class in MEDICAL_SERVICE else NOT_THE_INCOME
    if draw.item_class in GOODS:
        return NO_GOODS
    if draw.role == ORDERING and draw.item_class not in ORDERED:
        return NOT_THE_ORDER
    return ""


def refuse_forbidden(draws: Sequence[Draw]) -> None:
    """Refuse pools and points that draw on what pay may not be linked to."""
    problems = forbidden(draws)
    if problems:
        raise Refused(
            "%(count)s lines link pay to drugs, consumables, examinations or laboratory tests.",
            count=len(problems), problems=problems,
        )  # fmt: skip
