"""The verbs of scoring: give scores, half-way or for good, and lock what was given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from alliance.audit.services import record_many, verb
from alliance.core.actor import Actor
from alliance.core.acts import Act
from alliance.core.media import media_of, plain_name
from alliance.core.refused import NotFound, Problem, Refused
from alliance.files import check_size, kinds_of
from alliance.ratings.models import ExpertScore
from alliance.ratings.queries.panels import ScoreInfo, score_files, scores
from alliance.ratings.rules.panels import LOCKED, MISSED, SAVED, check_score
from alliance.ratings.services.panels import open_one
from alliance.store import Store

KEPT_UNNAMED = timedelta(days=1)  # bytes that no row refers to: of a verb that was refused, or is under way


@dataclass(frozen=True, slots=True)
class GivenScore:
    """What an expert gives for an item of a member: a score or that one cannot judge, a remark, a file as (name,
    bytes). Without a file the one that was given before stays."""

    institution: str
    item: str
    score: int | None
    remark: str = ""
    unable: bool = False
    file: tuple[str, bytes] | None = None


def give_score(
    alliance: int, period: str, given: Sequence[GivenScore], store: Store, *, lock: bool, by: Actor, now: datetime
) -> int:
    """Save scores of one's own, and lock them where `lock` says so: all of them or none; how many.

    NotFound: what is not asked of this account, also because of a conflict of interest or a withdrawal. Refused: a
    panel that is closed, a deadline that is over, a locked score, what the rules say of score, remark and evidence.
    """
    looked = [_looked(one) for one in given]
    kept = [store.keep(one.file[1]) if one.file else "" for one in given]
    with verb(by, alone_in=alliance) as session:  # who closes the panel waits for it
        rows = _rows(session, alliance, period, [(one.institution, one.item) for one in given], by, now)
        for one, row, (name, media, size), digest in zip(given, rows, looked, kept, strict=True):
            check_score(
                one.score, one.remark, evidence=bool(digest or row.file_sha256), unable=one.unable, lock=lock
            )  # fmt: skip
            row.score, row.unable, row.remark, row.saved_at = one.score, one.unable, one.remark.strip(), now
            if digest:
                row.file_name, row.file_media, row.file_size, row.file_sha256 = name, media, size, digest
            row.locked_at = now if lock else None
        _remember(session, Act.RATINGS_SCORE_LOCK if lock else Act.RATINGS_SCORE_GIVE, rows, alliance, period, by, now)
        return len(rows)


def _looked(one: GivenScore) -> tuple[str, str, int]:
    """Name, media type and size of a file; Refused when it is no evidence by its content, or too large."""
    if one.file is None:
        return "", "", 0
    name, content = plain_name(one.file[0]), one.file[1]
    check_size(content)
    if not content:
        raise Refused("%(name)s is empty.", name=name)
    return name, media_of(kinds_of(content, name), name), len(content)


def lock_score(alliance: int, period: str, *, by: Actor, now: datetime) -> int:
    """Lock all scores of one's own that were saved in a panel; how many. Refused with each that is not complete."""
    with verb(by, alone_in=alliance) as session:  # who closes the panel waits for it
        one = open_one(alliance, period)
        saved = [row for row in scores(alliance, one, now, by.account) if row.state == SAVED]
        if not saved:
            raise Refused("There is nothing saved that could be locked.")
        problems = []
        for row in saved:
            try:
                check_score(row.score, row.remark, evidence=bool(row.file_sha256), unable=row.unable, lock=True)
            except Refused as refused:
                problems.append(Problem(f"{row.institution} {row.item}", "", refused.message, refused.numbers))
        if problems:
            raise Refused("%(count)s scores are not complete; nothing was locked.", count=len(problems),
                          problems=problems)  # fmt: skip
        rows = _rows(session, alliance, period, [(row.institution, row.item) for row in saved], by, now)
        for found in rows:
            found.locked_at = now
        _remember(session, Act.RATINGS_SCORE_LOCK, rows, alliance, period, by, now)
        return len(rows)


def _rows(
    session: Session, alliance: int, period: str, places: Sequence[tuple[str, str]], by: Actor, now: datetime
) -> list[ExpertScore]:
    """One's own scores of a panel, in which something may still be written."""
    one = open_one(alliance, period)
    known = {(row.institution, row.item): row for row in scores(alliance, one, now, by.account)}
    for place in places:
        _check_writable(known.get(place))
    mine = select(ExpertScore).where(ExpertScore.panel_id == one.id, ExpertScore.account == by.account)
    found = {(row.institution, row.item): row for row in session.scalars(mine.with_for_update())}
    if any(found[place].locked_at is not None for place in places):
        raise Refused("This score is locked; it is changed no more.")
    return [found[place] for place in places]


def _check_writable(row: ScoreInfo | None) -> None:
    if row is None or not row.stands:
        raise NotFound()
    if row.state == LOCKED:
        raise Refused("This score is locked; it is changed no more.")
    if row.state == MISSED:
        raise Refused("The time for this score was over on %(due)s; tell the performance office.", due=row.due_at)


def _remember(
    session: Session, act: Act, rows: Sequence[ExpertScore], alliance: int, period: str, by: Actor, now: datetime
) -> None:
    """Blind: of the score nothing stands in the log."""
    subjects = [f"score:{row.institution}/{period}/{row.item}" for row in rows]
    record_many(session, act, subjects, by=by, now=now, alliance=alliance)


def clear_scores(store: Store, *, now: datetime) -> int:
    """Remove bytes that no score refers to and that were not kept within a day; how many files."""
    return store.clear(now - KEPT_UNNAMED, score_files())
