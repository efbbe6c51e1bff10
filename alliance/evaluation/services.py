"""The verbs of scoring: import and decide schemes, enter results of rater groups, veto, try and compute runs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from alliance.accounts import queries as accounts
from alliance.audit.services import computing, keep_run, pack, record, verb
from alliance.core.actor import Actor
from alliance.core.acts import Act
from alliance.core.figure import canonical, digest, trail
from alliance.core.period import Period, day_of
from alliance.core.refused import Forbidden, NotFound, Problem, Refused, mark
from alliance.core.tiers import TIERS
from alliance.db import insert_many
from alliance.evaluation.models import Estimate, Rating, SchemeRow, Score, ScoreRun, Trial, Veto
from alliance.evaluation.queries import (
    Result,
    SchemeInfo,
    drafters,
    library_digest,
    periods_to_estimate,
    runs,
    scheme_in_force,
    scheme_info,
    soft_findings,
    tagged,
    work_out,
    work_out_so_far,
)
from alliance.evaluation.rules.scheme import GROUPS, check_hard, read_scheme, scheme_digest, unexplained
from alliance.indicators import queries as indicators
from alliance.members import queries as members
from alliance.members.queries import MemberInfo
from alliance.work.rules import Place
from alliance.work.services import enqueue


def import_scheme(alliance: int, data: Mapping[str, Any], *, by: Actor, now: datetime) -> str:
    """Take a scheme as a draft; its reference (2026/1). A draft of the same code is replaced, a decided one gets a new
    version. Refused with every fault of form and every hard check that fails."""
    known = indicators.library(alliance, indicators.NEWEST)
    directions = {code: one.direction for code, one in known.indicators.items()}
    scheme = read_scheme(data, directions)
    problems = check_hard(scheme, tagged(alliance))
    problems += [
        Problem(f"{line.tier}.{line.indicator}.external", line.external, mark("no data element has this code"))
        for line in scheme.lines
        if line.external and line.external not in known.elements
    ]
    if problems:
        raise Refused("The scheme has %(count)s errors.", count=len(problems), problems=problems)
    with verb(by, alone_in=alliance) as session:
        rows = select(SchemeRow).where(SchemeRow.alliance_id == alliance, SchemeRow.code == scheme.code)
        last = session.scalars(rows.order_by(SchemeRow.version.desc()).limit(1).with_for_update()).first()
        if last is None or last.decision:
            last = SchemeRow(
                alliance_id=alliance,
                code=scheme.code,
                version=(last.version if last else 0) + 1,
                decision="",
                reasons={},
            )
            session.add(last)
        sha256 = scheme_digest(scheme.data)
        if last.sha256 != sha256:
            # The same content again is the same draft: a decision on it stays one.
            last.content, last.sha256, last.valid_from = dict(scheme.data), sha256, scheme.valid_from
            last.drafted_by, last.drafted_at = by.account, now
        reference = f"{last.code}/{last.version}"
        record(
            session,
            Act.EVALUATION_SCHEME_IMPORT,
            f"scheme:{reference}",
            by=by,
            now=now,
            alliance=alliance,
            sha256=last.sha256,
        )
        return reference


def decide_scheme(
    alliance: int, code: str, version: int, reasons: Mapping[str, str], *, decision: str, by: Actor, now: datetime
) -> None:
    """Put a draft into force by a decision; it is frozen from then on.

    Refused: a draft in which one had a hand, a decision on another matter or an earlier draft, a soft finding without
    the committee's reason.
    """
    subject = f"scheme:{code}/{version}"
    with verb(by, alone_in=alliance) as session:
        row = session.scalars(
            select(SchemeRow)
            .where(SchemeRow.alliance_id == alliance, SchemeRow.code == code, SchemeRow.version == version)
            .with_for_update()
        ).first()
        if row is None:
            raise NotFound()
        if row.decision:
            raise Refused(
                "Scheme %(scheme)s is decided and frozen; a change is a new version.", scheme=f"{code}/{version}"
            )
        if by.account in drafters(alliance, f"{code}/{version}"):
            raise Forbidden("You drafted this scheme: another person must put it into force.")
        accounts.require_decision(alliance, decision, subject, since=row.drafted_at)
        info = scheme_info(alliance, code, version)
        assert info is not None
        _check_forward(alliance, row.valid_from)
        open_findings = unexplained(soft_findings(alliance, info), reasons)
        if open_findings:
            raise Refused(
                "%(count)s points lie outside what is expected; write the committee's reason for each, in 10 "
                "characters or more.",
                count=len(open_findings),
                problems=open_findings,
            )
        row.decision, row.decided_by, row.decided_at, row.reasons = decision, by.account, now, dict(reasons)
        record(
            session,
            Act.EVALUATION_SCHEME_DECIDE,
            subject,
            by=by,
            now=now,
            alliance=alliance,
            decision=decision,
            sha256=row.sha256,
            library=library_digest(alliance, info),
        )


def _check_forward(alliance: int, valid_from: date) -> None:
    """Refuse a scheme that would begin inside or before a period that is scored: weights never change backwards."""
    ends = [Period.parse(run.period).until for run in runs(alliance)]
    if ends and valid_from < max(ends):
        raise Refused(
            "Periods up to %(last)s are scored: the scheme must begin on %(day)s or later.",
            last=max(ends) - timedelta(days=1),
            day=max(ends),
        )


def enter_rating(
    alliance: int,
    period: str,
    group: str,
    institution: str,
    value: Decimal | None,
    n: int,
    document: str,
    *,
    by: Actor,
    now: datetime,
) -> None:
    """Enter a rater group's result for a member, 0 to 100; None: not applicable. A later entry is a new revision.

    Nobody enters a result of the own employer.
    """
    if group not in GROUPS or group == "data":
        raise Refused("There is no rater group %(group)s.", group=group)
    if value is not None and not 0 <= value <= 100:
        raise Refused("The result is %(value)s; it must lie between 0 and 100.", value=value)
    if n < 0 or (value is not None and n == 0):
        raise Refused("A result needs at least one rater or answer behind it.")
    if not document.strip():
        raise Refused("Name the document that the result is taken from.")
    _member(alliance, period, institution)
    if by.employer == institution:
        raise Forbidden("You are employed by %(who)s and take no part in this matter.", who=institution)
    with verb(by, alone_in=alliance) as session:
        place = (
            Rating.alliance_id == alliance,
            Rating.period == period,
            Rating.group == group,
            Rating.institution == institution,
        )
        revision = session.scalar(select(func.max(Rating.revision)).where(*place)) or 0
        session.add(
            Rating(
                alliance_id=alliance,
                period=period,
                group=group,
                institution=institution,
                revision=revision + 1,
                value=value,
                n=n,
                document=document.strip(),
                entered_by=by.account,
                entered_at=now,
            )
        )
        record(
            session,
            Act.EVALUATION_RATING_ENTER,
            f"rating:{group}/{institution}/{period}@{revision + 1}",
            by=by,
            now=now,
            alliance=alliance,
            value=canonical(value),
            n=n,
        )


def _member(alliance: int, period: str, institution: str) -> MemberInfo:
    member = members.member(alliance, institution, Period.parse(period).last)
    if member is None:
        raise NotFound()
    return member


def impose_veto(
    alliance: int, period: str, institution: str, reason: str, *, decision: str, by: Actor, now: datetime
) -> None:
    """Veto a member for a period by decision: score 0, no share of the fund. Nobody decides on the own employer."""
    _member(alliance, period, institution)
    if by.employer == institution:
        raise Forbidden("You are employed by %(who)s and take no part in this matter.", who=institution)
    if len(reason.strip()) < 10:
        raise Refused("Write the reason in at least 10 characters.")
    with verb(by, alone_in=alliance) as session:
        accounts.require_decision(alliance, decision, f"veto:{institution}/{period}")
        if session.scalar(
            select(Veto.id).where(Veto.alliance_id == alliance, Veto.period == period, Veto.institution == institution)
        ):
            raise Refused("%(who)s is vetoed for %(period)s already.", who=institution, period=period)
        session.add(
            Veto(
                alliance_id=alliance,
                period=period,
                institution=institution,
                reason=reason.strip(),
                decision=decision,
                imposed_by=by.account,
                imposed_at=now,
            )
        )
        record(
            session,
            Act.EVALUATION_VETO_IMPOSE,
            f"veto:{institution}/{period}",
            by=by,
            now=now,
            alliance=alliance,
            decision=decision,
        )


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
        raise Refused("No scheme is in force for %(period)s; the committee decides one first.", period=period)
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
        summary=_summary(result),
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


def _summary(result: Result) -> list[dict[str, Any]]:
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


def estimate_scores(alliance: int, *, by: Actor, now: datetime) -> list[str]:
    """Score what is still running provisionally, in the place of the estimates before; the periods estimated.

    No refusal: without a scheme in force, or before a period was opened, there is nothing to estimate.
    """
    with verb(by, alone_in=alliance) as session, computing():
        codes = periods_to_estimate(alliance, now)
        session.execute(delete(Estimate).where(Estimate.alliance_id == alliance))
        for code in codes:
            info = scheme_in_force(alliance, Period.parse(code).last)
            if info is None:
                continue
            result = work_out_so_far(alliance, code, info, now)
            found = digest(list(trail(*result.figures)))
            session.add(
                Estimate(
                    alliance_id=alliance,
                    period=code,
                    scheme=info.reference,
                    months=len(result.months or ()),
                    digest=found,
                    summary=_summary(result),
                    figures=pack(result.figures),
                    computed_by=by.account,
                    computed_at=now,
                )
            )
            subject = f"estimate:{code}"
            record(session, Act.EVALUATION_ESTIMATE_COMPUTE, subject, by=by, now=now, alliance=alliance, digest=found)
        return codes
