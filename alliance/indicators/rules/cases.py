"""The cases behind the value of an indicator: how much it weighs where values of several institutions become one."""

from __future__ import annotations

from dataclasses import replace

from alliance.core.figure import Figure, Kind, Name, derived
from alliance.indicators.rules.definitions import Indicator, Words, clause
from alliance.indicators.rules.kinds import CASE, WORK, Bench, owner_of

REGISTERS = ("median", "percentile", "share_reaching")
COMPARED = ("growth", "difference")  # kinds that look at a value of their own, which may be a ratio


def cases_behind(bench: Bench, institution: str, code: str) -> Figure | None:
    """The cases behind a value in the bench's period: of a ratio its denominator, over a register how many cases have
    a value; of growth and difference those of the value compared, in this period. None for what rests on no cases: a
    sum, a ratio of two indicators, an agreement.

    Worked example: 37 of 412 discharges: 412; (E1) ÷ (E2 + E3) with 300 and 112: 412.
    """
    indicator = bench.library.indicators[code]
    if indicator.kind in COMPARED and indicator.of:
        return cases_behind(bench, institution, indicator.of)
    if indicator.kind in REGISTERS:
        return _counted(bench, institution, indicator)
    if indicator.kind not in ("ratio", *COMPARED) or not indicator.denominator:
        return None
    if len(indicator.denominator) == 1 and indicator.denominator[0][0] > 0:
        return bench.total(institution, indicator.denominator[0][1], bench.period)
    return _summed(bench, institution, indicator)


def _name(indicator: Indicator) -> Name:
    return Name("cases", f"{indicator.name.zh}：例数", f"{indicator.name.en}: cases")


def _summed(bench: Bench, institution: str, indicator: Indicator) -> Figure:
    """A denominator of several elements: what a sum of them comes to."""
    place = (institution, f"{indicator.code}:cases", bench.period.code)
    found = bench.values.get(place)
    if found is None:
        name, elements = _name(indicator), [bench.library.elements[code] for _, code in indicator.denominator]
        denominator = replace(
            indicator, code=place[1], kind="sum", name=Words(name.zh, name.en), unit=elements[0].unit,
            numerator=indicator.denominator, denominator=(), places=max(one.places for one in elements),
        )  # fmt: skip
        found = bench.values[place] = WORK["sum"](bench, institution, denominator, bench.period)
    return found


def _counted(bench: Bench, institution: str, indicator: Indicator) -> Figure:
    """How many cases of a register have a value."""
    place = (institution, f"{indicator.code}:cases", bench.period.code)
    found = bench.values.get(place)
    if found is None:
        value, name = bench.value(institution, indicator.code), _name(indicator)
        cases = [(name_of, part) for name_of, part in value.inputs if name_of == CASE.name]
        kind = bench.kind(Kind(
            f"indicator:{place[1]}", name.zh, name.en, "例", "cases", f"count({CASE.name})", clause=clause(indicator),
            names=(CASE,),
        ))  # fmt: skip
        found = derived("/".join(place), kind, len(cases), cases, owner=owner_of(institution))
        bench.values[place] = found
    return found
