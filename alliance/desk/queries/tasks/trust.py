"""What waits around trust in the data: samples to check, errors to correct, decisions, differences to explain."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from alliance.core.refused import mark
from alliance.desk.queries.tasks.registry import Asked, Task, waits_for
from alliance.evaluation import queries as evaluation
from alliance.indicators import queries as indicators

SHOWN = 4  # of the newest official runs that are looked at for vetoes


def _samples(asked: Asked) -> Sequence[indicators.SampleInfo]:
    return indicators.check_samples(asked.alliance)


@dataclass(frozen=True, slots=True)
class _At:
    """Where a sample is read."""

    sample: indicators.SampleInfo

    @property
    def args(self) -> dict[str, object]:
        one = self.sample
        return {"period": one.period, "institution": one.institution, "number": one.number}


@waits_for("checker")
def to_check(asked: Asked) -> Iterator[Task]:
    """Samples of other members that one's own employer checks, while there is time."""
    for one in _samples(asked):
        mine = one.checker == asked.scope.employer and one.closed_at is None and one.due_at > asked.now
        if mine and one.checked < one.size:
            yield Task(
                "check", mark("Check figures at their source"), "indicators.read_sample", _At(one).args, one.period,
                one.institution, count=one.checked, whole=one.size, due=one.due_at,
            )  # fmt: skip


@waits_for("reporter", "member_lead")
def to_correct(asked: Asked) -> Iterator[Task]:
    """What cross-checks found wrong, while it is to be corrected and until each value is another one."""
    for one in indicators.check_samples(asked.alliance, None, asked.scope.own) if asked.scope.own else ():
        if one.outcome == "notice" and one.correct_until is not None and one.correct_until > asked.now:
            left = indicators.uncorrected(asked.alliance, one)
            if left:
                yield Task(
                    "correct", mark("Correct what cross-checks found wrong"), "indicators.read_sample", _At(one).args,
                    one.period, one.institution, count=len(left), due=one.correct_until,
                )  # fmt: skip


@waits_for("reporter", "member_lead")
def to_explain(asked: Asked) -> Iterator[Task]:
    """Quantities that were reported otherwise elsewhere."""
    if not asked.scope.own:
        return
    found = indicators.unexplained_reports(asked.alliance, asked.scope.own)
    for who in sorted({one.institution for one in found}):
        count = sum(one.institution == who for one in found)
        yield Task(
            "explain", mark("Explain what was reported differently elsewhere"), "indicators.list_reports",
            {"institution": who, "standing": "open"}, "", who, count=count,
        )  # fmt: skip


@waits_for("office")
def to_draw(asked: Asked) -> Iterator[Task]:
    """The newest month whose review is over, not drawn yet; where somebody may check."""
    months = indicators.drawable(asked.alliance, asked.now)
    rounds = indicators.check_rounds(asked.alliance)
    newest = months[0] if months else None
    due = newest and (not rounds or newest.code > rounds[0].period)
    if newest and due and indicators.checking_members(asked.alliance, asked.on):
        where = {"period": newest.code}
        yield Task("draw", mark("Draw the cross-check round"), "indicators.draw_round", where, newest.code)


@waits_for("office")
def to_close(asked: Asked) -> Iterator[Task]:
    """Samples that are checked or whose time is over, and second samples that are due."""
    samples = _samples(asked)
    second = {(one.period, one.institution) for one in samples if one.number > 1}
    for period in sorted({one.period for one in samples}):
        here = [one for one in samples if one.period == period]
        ready = sum(one.is_ready(asked.now) for one in here)
        if ready:
            yield Task(
                "close", mark("Close the samples that are checked"), "indicators.close_round", {"period": period},
                period, count=ready,
            )  # fmt: skip
        wanting = sum(one.wants_second(asked.now) and (period, one.institution) not in second for one in here)
        if wanting:
            yield Task(
                "second", mark("Draw second samples"), "indicators.read_round", {"period": period}, period,
                count=wanting,
            )  # fmt: skip


@waits_for("committee")
def to_find(asked: Asked) -> Iterator[Task]:
    """Falsifications that were proposed, save about the own employer."""
    for one in indicators.falsifications(asked.alliance):
        if one.state == "proposed" and one.institution != asked.scope.employer:
            yield Task(
                "find", mark("Decide on falsification %(number)s"), "indicators.read_falsification",
                {"number": one.number}, subject=one.subject, institution=one.institution,
                places={"number": one.number},
            )  # fmt: skip


@waits_for("committee")
def to_decide_on(asked: Asked) -> Iterator[Task]:
    """Members whose second sample had too many errors, until the committee has decided what follows."""
    for one in indicators.undecided_samples(asked.alliance):
        if one.institution != asked.scope.employer:
            yield Task(
                "errors", mark("Decide what follows from errors found twice"), "indicators.read_sample", _At(one).args,
                one.period, one.institution, subject=one.subject,
            )  # fmt: skip


@waits_for("office")
def to_score_again(asked: Asked) -> Iterator[Task]:
    """Scored periods whose vetoes have changed since."""
    for run in asked.runs[:SHOWN]:
        rows = evaluation.scores(run.run_id)
        counted = {row.institution for row in rows if row.vetoed}
        known = {row.institution for row in rows}
        if counted != {one.institution for one in evaluation.vetoes(asked.alliance, run.period)} & known:
            yield Task(
                "rescore", mark("Score the period again: its vetoes have changed"), "evaluation.list_runs", {},
                run.period, count=1,
            )  # fmt: skip
