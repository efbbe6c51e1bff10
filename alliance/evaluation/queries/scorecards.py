"""The questions about a member's scorecard: its score sheet with all that it is read beside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from alliance.audit import queries as audit
from alliance.core.period import Period
from alliance.core.refused import Problem
from alliance.evaluation.queries.ratings import VetoInfo, vetoes
from alliance.evaluation.queries.runs import RunInfo, official_run
from alliance.evaluation.queries.schemes import SchemeInfo, scheme_info, soft_findings
from alliance.evaluation.queries.scores import ScoreInfo, Sheet, SheetLine, medians, score, sheet
from alliance.indicators import queries as indicators
from alliance.members import queries as members


@dataclass(frozen=True, slots=True)
class Scorecard:
    """A member's results in a run; `medians` by tier are empty for who may not compare yet."""

    run: RunInfo
    row: ScoreInfo
    member: members.MemberInfo | None
    sheet: Sheet
    library: indicators.Library
    medians: Mapping[str, audit.KeptFigure]
    veto: VetoInfo | None
    official: RunInfo | None  # the run that holds now

    def lines_of(self, dimension: str) -> Sequence[SheetLine]:
        """The lines of a dimension, by their indicators' codes; "" for those whose indicator is not known any more."""
        known = self.library.indicators
        places = {line.indicator: known[line.indicator].dimension if line.indicator in known else "" for line in
                  self.sheet.lines}  # fmt: skip
        found = [line for line in self.sheet.lines if places[line.indicator] == dimension]
        return sorted(found, key=lambda line: line.indicator)


@dataclass(frozen=True, slots=True)
class Departure:
    """Where the scheme departs from what is usual, and the committee's reason for it."""

    finding: Problem
    reason: str


def scorecard(alliance: int, run: RunInfo, institution: str, *, comparing: bool = False) -> Scorecard | None:
    """A member's results in a run, with the medians of its tier for who may compare; None: the run did not score it."""
    row = score(run.run_id, institution)
    if row is None:
        return None
    last = Period.parse(run.period).last
    return Scorecard(
        run,
        row,
        members.member(alliance, institution, last),
        sheet(alliance, run, institution, row.tier, comparing=comparing),
        indicators.library(alliance, last),
        medians(run.run_id) if comparing else {},
        next((one for one in vetoes(alliance, run.period) if one.institution == institution), None),
        official_run(alliance, run.period),
    )


def departures(alliance: int, found: Scorecard) -> tuple[SchemeInfo, list[Departure]]:
    """The scheme of a scorecard, and where it departs from what is usual for the member's tier, with the reasons."""
    code, _, version = found.run.scheme.rpartition("/")
    info = scheme_info(alliance, code, int(version))
    assert info is not None
    concerned = [
        one for one in soft_findings(alliance, info) if one.where.partition(".")[0] in ("scheme", found.row.tier)
    ]
    return info, [Departure(one, info.reasons.get(one.where, "")) for one in concerned]
