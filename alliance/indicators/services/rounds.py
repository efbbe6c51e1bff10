"""The verbs of cross-check rounds: draw one, record what was found at the source, close it, draw a second sample."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from secrets import token_hex

from sqlalchemy import select
from sqlalchemy.orm import Session, defer

from alliance.audit.services import record, verb
from alliance.core.actor import Actor
from alliance.core.acts import Act
from alliance.core.period import Period, PeriodKind, day_of, end_of
from alliance.core.refused import Forbidden, NotFound, Problem, Refused
from alliance.core.workdays import working_day
from alliance.db import insert_many
from alliance.indicators.models import CheckFinding, CheckItem, CheckRound, CheckSample
from alliance.indicators.queries.libraries import library
from alliance.indicators.queries.periods import period as period_info
from alliance.indicators.queries.periods import works_on
from alliance.indicators.queries.rounds import (
    SampleInfo,
    Stakes,
    check_sample,
    check_samples,
    checkable,
    checking_members,
    last_checkers,
    read_population,
)
from alliance.indicators.rules.filing import VALUE, place_at, read_value
from alliance.indicators.rules.rounds import (
    CHECK_DAYS,
    CORRECTION_DAYS,
    FIRST,
    SECOND,
    Candidate,
    assign,
    bands,
    draw,
    is_wrong,
)
from alliance.indicators.services.evidence import looked_at
from alliance.store import Store
from alliance.work.rules import Place
from alliance.work.services import enqueue


def queue_round(alliance: int, period: str, *, by: Actor, now: datetime) -> int:
    """Ask that a month be drawn outside the request, for the money at stake is worked out first; the number of the job.

    The seed is made here and nobody chooses it.
    """
    with verb(by) as session:
        _check_drawable(session, alliance, period, now)
        return enqueue(
            session, alliance, Act.INDICATORS_ROUND_DRAW, period, subject=f"round:{period}",
            parameters={"period": period, "seed": token_hex(16)}, origin=Place("indicators.list_rounds"),
            reader=Act.INDICATORS_ROUND_DRAW, by=by, now=now,
        )  # fmt: skip


def _check_drawable(session: Session, alliance: int, period: str, now: datetime) -> None:
    found = period_info(alliance, period)
    if found is None or Period.parse(period).kind is not PeriodKind.MONTH:
        raise Refused(
            "%(period)s is no month that was opened for filing; a round is drawn of such a month.", period=period
        )
    if now < found.review_until:
        raise Refused(
            "The review of %(period)s lasts until %(due)s; a round is drawn after it.", period=period,
            due=found.review_until,
        )  # fmt: skip
    drawn = select(CheckRound.id).where(CheckRound.alliance_id == alliance, CheckRound.period == period)
    if session.scalar(drawn):
        raise Refused("The round of %(period)s is drawn already and stays as it is.", period=period)


def draw_round(alliance: int, period: str, seed: str, stakes: Stakes, fund: str, *, by: Actor, now: datetime) -> int:
    """Draw a round of a month: of each member whose figures are accepted a sample, and another member that checks it;
    how many samples. `stakes` are cents by member and element, by the fund of the period `fund`.

    Refused: a month that is not reviewed, drawn already or without accepted figures; a member that nobody may check.
    """
    with verb(by, alone_in=alliance) as session:
        _check_drawable(session, alliance, period, now)
        there = checkable(alliance, period, stakes)
        if not there:
            raise Refused("No figures of %(period)s are accepted: there is nothing to draw.", period=period)
        checkers = checking_members(alliance, day_of(now))
        checked_by = assign(list(there), checkers, last_checkers(alliance), seed)
        session.add(
            CheckRound(alliance_id=alliance, period=period, seed=seed, fund=fund, drawn_by=by.account, drawn_at=now)
        )
        due = _after(alliance, now, CHECK_DAYS)
        for who, rows in there.items():
            _keep_sample(session, alliance, period, who, FIRST, checked_by[who], rows, seed, due, by, now)
        record(
            session, Act.INDICATORS_ROUND_DRAW, f"round:{period}", by=by, now=now, alliance=alliance, seed=seed,
            samples=len(there), due=due.isoformat(),
        )  # fmt: skip
        return len(there)


def _after(alliance: int, now: datetime, days: int) -> datetime:
    """The end of the working day that is so many after today."""
    return end_of(working_day(day_of(now), days, works_on(alliance)))


def _keep_sample(
    session: Session, alliance: int, period: str, institution: str, number: int, checker: str,
    rows: Sequence[Candidate], seed: str, due: datetime, by: Actor, now: datetime,
) -> int:  # fmt: skip
    """Draw and keep a sample of a member; how many figures it has."""
    drawn, band = set(draw(rows, lot(seed, institution, number))), bands(rows)
    sample = CheckSample(
        alliance_id=alliance, period=period, institution=institution, number=number, checker=checker,
        figures=len(rows),
        population=[[one.element, one.revision, one.value, one.dimension, one.stake] for one in rows],
        drawn_by=by.account, drawn_at=now, due_at=due,
    )  # fmt: skip
    session.add(sample)
    session.flush()
    insert_many(
        session,
        CheckItem,
        [
            {
                "sample_id": sample.id, "element": one.element, "revision": one.revision, "value": one.value,
                "dimension": one.dimension, "band": band[one.element], "stake": one.stake,
            }
            for one in rows
            if one.element in drawn
        ],
    )  # fmt: skip
    return len(drawn)


def lot(seed: str, institution: str, number: int) -> str:
    """The seed of one sample of a round."""
    return f"{seed}/{institution}/{number}"


def draw_sample(alliance: int, period: str, institution: str, *, by: Actor, now: datetime) -> int:
    """Draw the second sample of a member after its time for corrections, of the figures as they are accepted now, of
    the same size; how many figures.

    Refused: a first sample without a notice, a correction that still has time, a second one that is drawn.
    """
    with verb(by, alone_in=alliance) as session:
        first = check_sample(alliance, period, institution, FIRST)
        if first is None:
            raise NotFound()
        if first.outcome != "notice":
            raise Refused("The first sample of %(who)s asks for no second one.", who=institution)
        if not first.wants_second(now):
            raise Refused("%(who)s may correct its figures until %(due)s.", who=institution, due=first.correct_until)
        if check_sample(alliance, period, institution, SECOND):
            raise Refused("The second sample of %(who)s is drawn already.", who=institution)
        origin = session.scalars(select(CheckSample).where(CheckSample.id == first.id)).one()
        stakes = {one.element: one.stake for one in read_population(origin.population)}
        rows = checkable(alliance, period, {institution: stakes}).get(institution, [])
        if not rows:
            raise Refused("The corrected figures of %(who)s are not accepted yet: accept them first.", who=institution)
        seed = session.scalars(
            select(CheckRound.seed).where(CheckRound.alliance_id == alliance, CheckRound.period == period)
        ).one()
        checkers = checking_members(alliance, day_of(now))
        checker = assign([institution], checkers, last_checkers(alliance), lot(seed, institution, SECOND))[institution]
        due = _after(alliance, now, CHECK_DAYS)
        size = _keep_sample(session, alliance, period, institution, SECOND, checker, rows, seed, due, by, now)
        record(
            session, Act.INDICATORS_SAMPLE_DRAW, f"sample:{institution}/{period}/{SECOND}", by=by, now=now,
            alliance=alliance, checker=checker, figures=size, due=due.isoformat(),
        )  # fmt: skip
        return size


def record_check(
    alliance: int, period: str, institution: str, number: int, element: str, text: str, note: str,
    file: tuple[str, bytes] | None, store: Store, *, by: Actor, now: datetime,
) -> bool:  # fmt: skip
    """Record what was found at the source of a figure, n/a where the source has no such value, with a file given as
    (name, bytes); whether the figure is wrong. It is recorded once.

    Forbidden: somebody employed by the member, or by another one than that which checks. Refused: a sample that is
    closed or whose time is over, a figure that was checked, a text that is no number, a file that is no evidence.
    """
    if by.employer == institution:
        raise Forbidden("You are employed by %(who)s and take no part in this matter.", who=institution)
    looked = looked_at(*file) if file else ("", "", 0)
    digest = store.keep(file[1]) if file else ""
    with verb(by, alone_in=alliance) as session:
        sample = _sample(session, alliance, period, institution, number)
        _check_open(sample, by, now)
        item = _item(session, sample, element)
        source = _source(alliance, period, institution, element, text)
        wrong = is_wrong(Decimal(item.value), source)
        session.add(
            CheckFinding(
                item_id=item.id, source="" if source is None else format(source, "f"), wrong=wrong, note=note.strip(),
                file_name=looked[0], file_media=looked[1], file_size=looked[2], file_sha256=digest,
                checked_by=by.account, checked_at=now,
            )
        )  # fmt: skip
        record(
            session, Act.INDICATORS_CHECK_RECORD, f"sample:{institution}/{period}/{number}", by=by, now=now,
            alliance=alliance, element=element, value=text.strip(), wrong=wrong,
            files=[[looked[0], digest]] if digest else [],
        )  # fmt: skip
        return wrong


def _sample(session: Session, alliance: int, period: str, institution: str, number: int) -> CheckSample:
    """A sample without the figures that it was drawn from."""
    rows = select(CheckSample).where(
        CheckSample.alliance_id == alliance, CheckSample.period == period, CheckSample.institution == institution,
        CheckSample.number == number,
    )  # fmt: skip
    found = session.scalars(rows.options(defer(CheckSample.population))).first()
    if found is None:
        raise NotFound()
    return found


def _check_open(sample: CheckSample, by: Actor, now: datetime) -> None:
    if by.employer != sample.checker:
        raise Forbidden("This sample is checked by %(who)s, where you are not employed.", who=sample.checker)
    if sample.closed_at is not None:
        raise Refused("This sample is closed; nothing can be recorded in it any more.")
    if now >= sample.due_at:
        raise Refused("The time for these checks was over on %(due)s; tell the performance office.", due=sample.due_at)


def _item(session: Session, sample: CheckSample, element: str) -> CheckItem:
    """A figure of a sample that nobody has checked."""
    rows = select(CheckItem).where(CheckItem.sample_id == sample.id, CheckItem.element == element)
    item = session.scalars(rows).first()
    if item is None:
        raise NotFound()
    if session.scalar(select(CheckFinding.id).where(CheckFinding.item_id == item.id)):
        raise Refused("%(element)s was checked already; a check is recorded once.", element=element)
    return item


def _source(alliance: int, period: str, institution: str, element: str, text: str) -> Decimal | None:
    """The value found at the source; None where it has none."""
    if not text.strip():
        raise Refused("Write the value found at the source, or n/a when the source has none.")
    problems: list[Problem] = []
    known = library(alliance, Period.parse(period).last).elements[element]
    entry = read_value(text, known, problems, VALUE, **place_at(institution, element))
    if problems:
        raise Refused("The value found cannot be taken.", problems=problems)
    return entry.value


def queue_closing(alliance: int, period: str, *, by: Actor, now: datetime) -> int:
    """Ask that the samples of a month that are ready be closed and notices be published; the number of the job."""
    with verb(by) as session:
        _ready(alliance, period, now)
        return enqueue(
            session, alliance, Act.INDICATORS_ROUND_CLOSE, period, subject=f"round:{period}",
            parameters={"period": period}, origin=Place("indicators.read_round", {"period": period}),
            reader=Act.INDICATORS_ROUND_CLOSE, by=by, now=now,
        )  # fmt: skip


def _ready(alliance: int, period: str, now: datetime) -> list[SampleInfo]:
    """The samples of a month that may be closed; refused when there are none."""
    found = check_samples(alliance, [period])
    if not found:
        raise NotFound()
    ready = [one for one in found if one.is_ready(now)]
    if not ready:
        raise Refused(
            "No sample of %(period)s can be closed: each is closed, or is still being checked.", period=period
        )
    return ready


def close_round(alliance: int, period: str, *, by: Actor, now: datetime) -> list[str]:
    """Close the samples of a month that are checked or whose time is over; the members that get a notice.

    More than 5 % wrong: after the first sample a notice with ten working days to correct, after the second one a matter
    of the committee. Refused: nothing to close.
    """
    with verb(by, alone_in=alliance) as session:
        ready = {one.id: one for one in _ready(alliance, period, now)}
        until = _after(alliance, now, CORRECTION_DAYS)
        results = {}
        for row in session.scalars(select(CheckSample).where(CheckSample.id.in_(ready))):
            info = ready[row.id]
            row.outcome = info.comes_to
            row.closed_by, row.closed_at = by.account, now
            row.correct_until = until if row.outcome == "notice" else None
            results[info.subject] = row.outcome
        noticed = sorted(one.institution for one in ready.values() if results[one.subject] == "notice")
        record(
            session, Act.INDICATORS_ROUND_CLOSE, f"round:{period}", by=by, now=now, alliance=alliance,
            outcome=_told(results), notices=noticed, until=until.isoformat(),
        )  # fmt: skip
        return noticed


def _told(results: Mapping[str, str]) -> list[list[str]]:
    return [[subject, what] for subject, what in sorted(results.items())]


def notify_sample(alliance: int, period: str, institution: str, notice: str, *, by: Actor, now: datetime) -> None:
    """Note the number of the notice that told a member of too many errors. Refused: a sample that asks for none."""
    with verb(by, alone_in=alliance) as session:
        row = _sample(session, alliance, period, institution, FIRST)
        if row.outcome != "notice":
            raise Refused("The first sample of %(who)s asks for no notice.", who=institution)
        row.notice = notice
        record(
            session, Act.INDICATORS_SAMPLE_NOTIFY, f"sample:{institution}/{period}/{FIRST}", by=by, now=now,
            alliance=alliance, notice=notice,
        )  # fmt: skip
