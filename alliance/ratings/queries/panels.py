"""The questions about panels of experts: how far they are, how far experts agree, what came of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

from sqlalchemy import select

from alliance.accounts import queries as accounts
from alliance.audit import queries as audit
from alliance.core.figure import half_up
from alliance.core.period import day_of
from alliance.db import db
from alliance.ratings.models import Conflict, ExpertScore, Panel, PanelItem, PanelMark
from alliance.ratings.queries.rubrics import rubric
from alliance.ratings.rules.panels import APART, EACH, LOCKED, MISSED, WITHDRAWN, agreement, is_low, mark_of, state_of
from alliance.ratings.rules.rubrics import Rubric

EXPERT = "expert"  # the role


@dataclass(frozen=True, slots=True)
class PanelInfo:
    """The panel of a period."""

    id: int
    period: str
    code: str
    version: int
    opened_by: str
    opened_at: datetime
    due_at: datetime
    closed_by: str
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class ScoreInfo:
    """A score asked of an expert, as it stands at a moment."""

    id: int
    period: str
    institution: str
    item: str
    account: str
    further: bool
    due_at: datetime
    score: int | None
    unable: bool
    remark: str
    file_name: str
    file_media: str
    file_sha256: str
    saved_at: datetime | None
    locked_at: datetime | None
    released: bool
    state: str

    @property
    def waits(self) -> bool:
        """Whether the expert still has something to do."""
        return self.state in ("open", "saved")

    @property
    def stands(self) -> bool:
        """Whether it is asked of the expert still: neither a conflict of interest nor the office took it away."""
        return self.state not in (APART, WITHDRAWN)


@dataclass(frozen=True, slots=True)
class ItemState:
    """How far an item has come: who judges it, how far they agree, and what is missing."""

    item: str
    judges: tuple[str, ...]  # asked first
    further: tuple[str, ...]
    asked: int
    locked: int
    missed: int
    done: bool  # nobody has anything left to do: what was scored may be seen
    agreement: Decimal | None  # ICC(2,k) of those asked first, once all are done
    compared: int
    low: bool  # told once all are done, as the agreement is
    short: tuple[str, ...]  # members that fewer than two experts scored, or can still score

    @property
    def everybody(self) -> bool:
        """Whether a further expert scores all members."""
        return self.low and not self.further

    @property
    def wants_further(self) -> bool:
        return bool(self.short) or self.everybody


@dataclass(frozen=True, slots=True)
class MarkInfo:
    """What an item gave a member once the panel was closed."""

    institution: str
    item: str
    value: Decimal | None
    experts: int
    weight: Decimal
    median: bool
    agreement: Decimal | None


@audit.until_next_event
def panels(alliance: int) -> list[PanelInfo]:
    """The panels of an alliance, the newest period first."""
    rows = select(Panel).where(Panel.alliance_id == alliance).order_by(Panel.period.desc())
    return [
        PanelInfo(
            row.id, row.period, row.rubric, row.rubric_version, row.opened_by, row.opened_at, row.due_at,
            row.closed_by or "", row.closed_at,
        )
        for row in db.session.scalars(rows)
    ]  # fmt: skip


def panel(alliance: int, period: str) -> PanelInfo | None:
    """The panel of a period; None where none was opened."""
    return next((one for one in panels(alliance) if one.period == period), None)


def rubric_of(alliance: int, one: PanelInfo) -> Rubric:
    """The rubric by which a panel judges."""
    found = rubric(alliance, one.code, one.version)
    assert found is not None
    return found.rubric


def experts_here(alliance: int, on: date) -> list[accounts.Holder]:
    """Who may be named for a panel: those who hold the role on a day, by account."""
    found = {one.account: one for one in accounts.holders(alliance, on) if one.grant.role == EXPERT}
    return [found[code] for code in sorted(found)]


def apart(alliance: int, people: Iterable[str], since: datetime, last: date) -> dict[str, set[str]]:
    """From which members each of some experts stands apart at any time from a moment to a day, the employer too. What
    was declared and ended on one day held until it was ended: nobody makes a score lawful by that."""
    wanted = set(people)
    rows = select(Conflict.account, Conflict.institution, Conflict.until, Conflict.ended_at).where(
        Conflict.alliance_id == alliance, Conflict.account.in_(wanted), Conflict.start <= last
    )
    found: dict[str, set[str]] = {one: set() for one in wanted}
    for account, institution, until, ended_at in db.session.execute(rows):
        if until is None or until > day_of(since) or (ended_at is not None and ended_at > since):
            found[account].add(institution)
    for account, (_zh, _en, employer) in accounts.names(wanted).items():
        if employer:
            found[account].add(employer)
    return found


def scores(alliance: int, one: PanelInfo, now: datetime, account: str = "") -> list[ScoreInfo]:
    """The scores asked in a panel, of all experts or of one, as of the minute that runs. A conflict of interest that
    held at any time from the opening on takes a score away, whether it was locked or not."""
    return _scores(alliance, one, now.replace(second=0, microsecond=0), account)


@audit.until_next_event
def _scores(alliance: int, one: PanelInfo, now: datetime, account: str) -> list[ScoreInfo]:
    rows = select(ExpertScore).where(ExpertScore.panel_id == one.id)
    if account:
        rows = rows.where(ExpertScore.account == account)
    found = db.session.scalars(rows.order_by(ExpertScore.institution, ExpertScore.id)).all()
    last = day_of(one.closed_at or now)
    away = apart(alliance, {row.account for row in found}, one.opened_at, last)
    return [
        ScoreInfo(
            row.id, one.period, row.institution, row.item, row.account, row.further, row.due_at, row.score, row.unable,
            row.remark, row.file_name, row.file_media, row.file_sha256, row.saved_at, row.locked_at,
            bool(row.released_by),
            state_of(
                apart=row.institution in away[row.account], locked=row.locked_at is not None,
                withdrawn=row.withdrawn_at is not None, saved=row.saved_at is not None,
                due=row.due_at, now=one.closed_at or now,
            ),
        )
        for row in found
    ]  # fmt: skip


def asked_further(alliance: int, one: PanelInfo, state: ItemState, account: str, now: datetime) -> list[str]:
    """The members for which a further expert would be asked for an item: all where the others agreed too little, else
    those that too few score; without those that the person judges already, was withdrawn from or stands apart from."""
    rows = [row for row in scores(alliance, one, now) if row.item == state.item]
    away = apart(alliance, [account], one.opened_at, day_of(now))[account]
    asked = {row.institution for row in rows if row.account == account}
    there = {row.institution for row in rows} if state.everybody else set(state.short)
    return sorted(there - asked - away)


@dataclass(frozen=True, slots=True)
class Handover:
    """What of the scores that an expert has not locked another person may take, and what stays: about members from
    which that person stands apart, and what that person judges already or was withdrawn from."""

    account: str  # who would take them
    takes: tuple[ScoreInfo, ...]
    apart: tuple[ScoreInfo, ...]
    known: tuple[ScoreInfo, ...]

    @property
    def members(self) -> list[str]:
        """The members from which the person stands apart, as far as they are concerned."""
        return sorted({row.institution for row in self.apart})


def handover(alliance: int, one: PanelInfo, account: str, other: str, now: datetime) -> Handover:
    """What an expert of a panel, asked still and not locked, could be handed to another person."""
    rows = scores(alliance, one, now)
    left = [row for row in rows if row.account == account and row.stands and row.state != LOCKED]
    there = {(row.institution, row.item) for row in rows if row.account == other}
    away = apart(alliance, [other], one.opened_at, day_of(now))[other]
    barred = [row for row in left if row.institution in away]
    free = [row for row in left if row.institution not in away]
    known = [row for row in free if (row.institution, row.item) in there]
    return Handover(other, tuple(row for row in free if row not in known), tuple(barred), tuple(known))


def item_states(rows: Sequence[ScoreInfo], items: Iterable[str]) -> list[ItemState]:
    """How far each item has come."""
    by_item: dict[str, list[ScoreInfo]] = {}
    for row in rows:
        by_item.setdefault(row.item, []).append(row)
    return [_item_state(code, by_item.get(code, [])) for code in items]


def _item_state(code: str, rows: Sequence[ScoreInfo]) -> ItemState:
    live = [row for row in rows if row.stands]
    done = not any(row.waits for row in live)
    judges, further = _judges(live)
    given: dict[str, dict[str, int]] = {}
    for row in live:
        given.setdefault(row.institution, {})
        if row.state == LOCKED and row.score is not None:
            given[row.institution][row.account] = row.score
    exact, compared = agreement(given, judges) if done else (None, 0)
    icc = half_up(exact, 4) if exact is not None else None  # what is shown decides
    reach: dict[str, int] = dict.fromkeys({row.institution for row in rows}, 0)
    for row in live:
        if row.waits or (row.state == LOCKED and row.score is not None):
            reach[row.institution] += 1
    return ItemState(
        code, judges, further, len(live), sum(row.state == LOCKED for row in live),
        sum(row.state == MISSED for row in live), done, icc, compared,
        is_low(icc), tuple(sorted(who for who, count in reach.items() if count < EACH)),
    )  # fmt: skip


def _judges(rows: Sequence[ScoreInfo]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The pair that judges an item for most members, and who was asked further."""
    count: dict[str, int] = {}
    for row in rows:
        if not row.further:
            count[row.account] = count.get(row.account, 0) + 1
    pair = sorted(sorted(count), key=lambda one: -count[one])[:EACH]
    return tuple(sorted(pair)), tuple(sorted({row.account for row in rows if row.further}))


def worked_out(
    rows: Sequence[ScoreInfo], states: Sequence[ItemState]
) -> dict[tuple[str, str], tuple[Fraction | None, int]]:
    """What each item gives each member, (member, item): the exact mark, None where it is left out, and of how many."""
    median = {one.item for one in states if one.low and one.further}
    found: dict[tuple[str, str], list[int]] = {}
    for row in rows:
        there = found.setdefault((row.institution, row.item), [])
        if row.state == LOCKED and row.score is not None:
            there.append(row.score)
    return {
        place: (mark_of(given, median=place[1] in median), len(given)) for place, given in sorted(found.items())
    }  # fmt: skip


def marks(one: PanelInfo) -> list[MarkInfo]:
    """What a closed panel gave, by member and item."""
    rows = (
        select(PanelMark, PanelItem.median, PanelItem.agreement)
        .join(PanelItem, (PanelItem.panel_id == PanelMark.panel_id) & (PanelItem.item == PanelMark.item))
        .where(PanelMark.panel_id == one.id)
        .order_by(PanelMark.institution, PanelMark.item)
    )
    return [
        MarkInfo(row.institution, row.item, row.value, row.experts, row.weight, median, agreed)
        for row, median, agreed in db.session.execute(rows)
    ]


def total_of(found: Iterable[MarkInfo]) -> Decimal | None:
    """The weighted mean of a member's marks, without the items that were left out; None where all were."""
    given = [(one.weight, one.value) for one in found if one.value is not None]
    whole = sum((Fraction(weight) for weight, _ in given), Fraction(0))
    if not whole:
        return None
    return half_up(sum((Fraction(weight) * Fraction(value) for weight, value in given), Fraction(0)) / whole, 2)


def totals(found: Sequence[MarkInfo]) -> Mapping[str, Decimal | None]:
    """The same by member."""
    codes = sorted({one.institution for one in found})
    return {code: total_of(one for one in found if one.institution == code) for code in codes}


def score_files() -> set[str]:
    """The files that scores refer to, by SHA-256."""
    return set(db.session.scalars(select(ExpertScore.file_sha256).where(ExpertScore.file_sha256 != "").distinct()))
