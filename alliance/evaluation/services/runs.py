"""The verbs of scoring: compute officially, try."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from alliance.audit.services import computing, keep_run, pack, record, verb
from alliance.core.actor import Actor
from alliance.core.acts import Act
from alliance.core.figure import canonical, digest, trail
from alliance.core.period import Period, day_of
from alliance.core.refused import NotFound, Refused
from alliance.core.tiers import TIERS
from alliance.db import insert_many
from alliance.evaluation.models import Score, ScoreRun, Trial
from alliance.evaluation.queries import (
    Result,
    SchemeInfo,
    library_digest,
    scheme_in_force,
    scheme_info,
    work_out,
)
from alliance.work.rules import Place
from alliance.work.services import enqueue


def queue_run(alliance: int, period: str, *, by: Actor, now: datetime) -> int:
    """Ask that a period be scored officially outside the request; the number of the job. Refused as `compute_run`,
    save for what only the computation shows."""
    with verb(by) as session:
        _scheme_for(alliance, period, now)
        return enqueue(
            session, alliance, Act.EVALUATION_RUN_COMPUTE, period, subject=f"period:{period}",
            parameters={"period": period}, origin=Place("evaluation.list_runs"), reader=Act.EVALUATION_RUN_READ,
            by=by, now=now,
        )  # fmt: skip


def _scheme_for(alliance: int, period: str, now: datetime) -> SchemeInfo:
    """The scheme under which a period is scored officially; refused where it is not yet."""
    if Period.parse(period).until > day_of(now):
        raise Refused("%(period)s is not over yet; compute it on trial.", period=period)
    info = scheme_in_force(alliance, Period.parse(period).last)
    if info is None:
        raise Refused("No scheme is in force for %(period)s; the committee decides on one first.", period=period)
    return info


def compute_run(alliance: int, period: str, *, by: Actor, now: datetime) -> int:
    """Score a period officially under the scheme in force, and keep every figure; the number of the run.

    A later run takes the place of an earlier one, which stays. Refused: no scheme in force, a period that is not over
    or for which nothing was accepted.
    """
    info = _scheme_for(alliance, period, now)
    with verb(by) as session, computing():
        result = work_out(alliance, period, info)
        if all(share.kind.code == "share:missing" for card in result.cards for share in card.shares.values()):
            raise Refused("Nothing accepted was filed for %(period)s: there is nothing to score.", period=period)
        run = keep_run(
            session,
            f"score:{period}",
            result.figures,
            alliance=alliance,
            by=by,
            now=now,
            inputs={
                "period": period,
                "scheme": info.reference,
                "scheme_sha256": info.sha256,
                "library_sha256": library_digest(alliance, info, Period.parse(period).last),
            },
        )
        session.add(
            ScoreRun(
                run_id=run.id, alliance_id=alliance, period=period, scheme=info.reference, scheme_sha256=info.sha256
            )
        )
        session.flush()
        insert_many(session, Score, [{**row, "run_id": run.id} for row in _projection(result)])
        record(
            session,
            Act.EVALUATION_RUN_COMPUTE,
            f"run:{run.id}",
            by=by,
            now=now,
            alliance=alliance,
            period=period,
            digest=run.digest,
        )
        return run.id


def _projection(result: Result) -> list[dict[str, Any]]:
    """The rows for lists and ranks."""
    ranked = {tier: sum(card.rank is not None for card in result.cards if card.member.tier == tier) for tier in TIERS}

    def millionths(figure: Any) -> int | None:
        return None if figure is None or figure.value is None else int((figure.value * 1_000_000).to_integral_value())

    return [
        {
            "institution": card.member.code,
            "tier": card.member.tier,
            "score": millionths(card.score),
            "data": millionths(card.data),
            "collaboration": millionths(card.collaboration),
            "rank": None if card.rank is None else int(card.rank.value or 0),
            "ranked": ranked[card.member.tier],
            "vetoed": card.member.veto is not None,
            "missing": result.not_filed[card.member.code],
            "dimensions": {
                code: canonical(figure.value) for code, figure in card.dimensions.items() if figure.value is not None
            },
        }
        for card in result.cards
    ]


def queue_trial(alliance: int, period: str, code: str, version: int, *, by: Actor, now: datetime) -> int:
    """Ask that a period be scored on trial outside the request; the number of the job."""
    Period.parse(period)
    reference = f"{code}/{version}"
    with verb(by) as session:
        if scheme_info(alliance, code, version) is None:
            raise NotFound()
        return enqueue(
            session, alliance, Act.EVALUATION_RUN_TRY, f"{period}/{reference}", subject=f"scheme:{reference}",
            parameters={"period": period, "code": code, "version": version}, origin=Place("evaluation.list_runs"),
            reader=Act.EVALUATION_RUN_TRY, by=by, now=now,
        )  # fmt: skip


def try_run(alliance: int, period: str, code: str, version: int, *, by: Actor, now: datetime) -> int:
    """Score a period on trial under any version of a scheme; the trial's number. Private to the office."""
    with verb(by) as session, computing():
        info = scheme_info(alliance, code, version)
        if info is None:
            raise NotFound()
        result = work_out(alliance, period, info)
        return _keep_trial(session, alliance, info, result, by, now)


def _keep_trial(session: Session, alliance: int, info: SchemeInfo, result: Result, by: Actor, now: datetime) -> int:
    trial = Trial(
        alliance_id=alliance,
        period=result.period,
        scheme=info.reference,
        digest=digest(list(trail(*result.figures))),
        summary=summary_of(result),
        figures=pack(result.figures),
        tried_by=by.account,
        tried_at=now,
    )
    session.add(trial)
    session.flush()
    record(
        session,
        Act.EVALUATION_RUN_TRY,
        f"trial:{trial.id}",
        by=by,
        now=now,
        alliance=alliance,
        period=result.period,
        scheme=info.reference,
    )
    return trial.id


def summary_of(result: Result) -> list[dict[str, Any]]:
    """The rows for lists and ranks, as they are kept where no table of scores holds them."""
    return [
        {
            **row,
            **{
                key: None if row[key] is None else canonical(Decimal(row[key]).scaleb(-6))
                for key in ("score", "data", "collaboration")
            },
        }
        for row in _projection(result)
    ]
