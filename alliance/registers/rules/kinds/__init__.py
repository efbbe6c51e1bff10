"""The closed set of registers: one declaration each, from which form, import, list, page and counts come."""

from __future__ import annotations

from collections.abc import Mapping

from alliance.core.refused import NotFound
from alliance.registers.rules.kinds.giving import (
    LISTED as LISTED,
)
from alliance.registers.rules.kinds.giving import (
    REASONS as REASONS,
)
from alliance.registers.rules.kinds.giving import (
    consultation,
    equipment,
    posting,
    reading,
    repeat,
    visit,
)
from alliance.registers.rules.kinds.shapes import Field as Field
from alliance.registers.rules.kinds.shapes import Measure as Measure
from alliance.registers.rules.kinds.shapes import Register as Register
from alliance.registers.rules.kinds.together import (
    activity,
    cohort,
    education,
    research,
    technique,
    training,
    workload,
)

REGISTERS: Mapping[str, Register] = {
    one.code: one
    for one in (
        visit, posting, training, consultation, reading, repeat, equipment, activity, research, technique, education,
        cohort, workload,
    )
}  # fmt: skip
MEASURES: Mapping[str, Measure] = {one.code: one for register in REGISTERS.values() for one in register.measures}


def register_of(code: str) -> Register:
    """A register by its code; NotFound."""
    if code not in REGISTERS:
        raise NotFound()
    return REGISTERS[code]
