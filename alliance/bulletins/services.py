"""The verbs of bulletins: compose, edit, decide, issue."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from alliance.accounts import queries as accounts
from alliance.audit.services import keep_run, record, verb
from alliance.bulletins.models import Bulletin, BulletinFile
from alliance.bulletins.queries import MONITORING, bulletin_info, compose, hands, is_outdated
from alliance.bulletins.rules import unknown
from alliance.core.actor import Actor
from alliance.core.acts import Act
from alliance.core.period import day_of
from alliance.core.refused import Forbidden, NotFound, Problem, Refused, mark
from alliance.core.roles import ROLES
from alliance.indicators import queries as indicators
from alliance.post.services import queue_mail
from alliance.work.rules import Place
from alliance.work.services import enqueue

HONOUR = ("code", "name", "award", "award_en", "reason", "reason_en")
CASE = ("code", "title", "title_en", "text", "text_en")
PLACES = {"honours": mark("Honour %(number)s"), "cases": mark("Case %(number)s")}
WORDS = {
    "member": mark("this is no member that the bulletin tells of"),
    "name": mark("say who is named: a member, a person or a team"),
    "award": mark("say what the honour is"),
    "reason": mark("write the reason"),
    "title": mark("give the case a title"),
    "text": mark("write what was done and what came of it"),
    "long": mark("the text is too long"),
    "barred": mark("may not be honoured: it was found to have falsified figures"),
}


def compose_bulletin(
    alliance: int,
    period: str,
    foreword: str,
    *,
    foreword_en: str = "",
    reference: str = "",
    honours: Sequence[Mapping[str, str]] = (),
    cases: Sequence[Mapping[str, str]] = (),
    by: Actor,
    now: datetime,
) -> str:
    """Compose a bulletin of a period from its official score and decided fund, or of a month from its monitoring; its
    number. What a monitored month rests on is kept as a run of its own, so that its numbers open like all others.

    `honours` have the keys code (of a member), name, award, award_en, reason and reason_en; `cases` code, title,
    title_en, text and text_en. Refused: nothing is scored or accepted, an honour or a case that is not whole.
    """
    with verb(by, alone_in=alliance) as session:
        texts = _texts(foreword, foreword_en, reference, honours, cases)
        content, found = compose(alliance, period, texts, now)
        _check_texts(alliance, content, now)
        if found.run is None:
            run = keep_run(
                session, f"{MONITORING}:{period}", found.figures, alliance=alliance, by=by, now=now,
                inputs={"period": period, "scheme": found.scheme},
            )  # fmt: skip
            content["score_run"] = run.id
        year = day_of(now).year
        count = session.scalar(
            select(func.count())
            .select_from(Bulletin)
            .where(Bulletin.alliance_id == alliance, Bulletin.number.like(f"{year}-%"))
        )
        number = f"{year}-{(count or 0) + 1:02}"
        digest = _digest(content)
        session.add(Bulletin(
            alliance_id=alliance, number=number, period=period, content=content, sha256_content=digest,
            composed_by=by.account, composed_at=now, decision="", decided_by="", issued_by="",
        ))  # fmt: skip
        record(
            session,
            Act.BULLETINS_BULLETIN_COMPOSE,
            f"bulletin:{number}",
            by=by,
            now=now,
            alliance=alliance,
            sha256=digest,
        )
        return number


def edit_bulletin(
    alliance: int,
    number: str,
    foreword: str,
    *,
    foreword_en: str = "",
    reference: str = "",
    honours: Sequence[Mapping[str, str]] = (),
    cases: Sequence[Mapping[str, str]] = (),
    seen: str,
    by: Actor,
    now: datetime,
) -> None:
    """Write the texts of a draft anew; its numbers stay. `seen` is the digest of the content that its author had read.

    Refused: a bulletin that is decided, one that somebody else changed meanwhile, texts that are not whole. A decision
    from before the change is none.
    """
    with verb(by, alone_in=alliance) as session:
        row = _bulletin(session, alliance, number)
        if row.decision:
            raise Refused("Bulletin %(number)s is decided and stays as it is.", number=number)
        if row.sha256_content != seen:
            raise Refused("Somebody else changed this draft meanwhile: read it again before you change it.")
        content = {**row.content, **_texts(foreword, foreword_en, reference, honours, cases)}
        _check_texts(alliance, content, now)
        digest = _digest(content)
        if digest == row.sha256_content:
            return
        row.content, row.sha256_content, row.edited_at = content, digest, now
        record(
            session,
            Act.BULLETINS_BULLETIN_EDIT,
            f"bulletin:{number}",
            by=by,
            now=now,
            alliance=alliance,
            sha256=digest,
        )


def _texts(
    foreword: str,
    foreword_en: str,
    reference: str,
    honours: Sequence[Mapping[str, str]],
    cases: Sequence[Mapping[str, str]],
) -> dict[str, Any]:
    """What people wrote, without the blanks around it."""
    return {
        "reference": reference.strip(), "foreword": foreword.strip(), "foreword_en": foreword_en.strip(),
        "honours": [{key: one.get(key, "").strip() for key in HONOUR} for one in honours],
        "cases": [{key: one.get(key, "").strip() for key in CASE} for one in cases],
    }  # fmt: skip


def _check_texts(alliance: int, content: Mapping[str, Any], now: datetime) -> None:
    """Refuse honours and cases without who, what or why, and honours of members that falsified figures."""
    barred = indicators.barred_from_honours(alliance, day_of(now))
    wrong = unknown(content, {row["code"] for row in content["rows"]}, barred)
    if wrong:
        raise Refused(
            "%(count)s entries of the honours or cases are not whole.",
            count=len(wrong),
            problems=[Problem(PLACES[what], "", WORDS[key], at={"number": place}) for what, place, key in wrong],
        )


def _digest(content: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(content, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def decide_bulletin(alliance: int, number: str, *, decision: str, by: Actor, now: datetime) -> None:
    """Approve a bulletin by decision. Refused: one that one wrote, one decided before, an outdated one."""
    with verb(by, alone_in=alliance) as session:
        row = _bulletin(session, alliance, number)
        if row.decision:
            raise Refused("Bulletin %(number)s is decided already.", number=number)
        if by.account in hands(alliance, number):
            raise Forbidden("You composed this bulletin: another person must approve it.")
        _check_current(alliance, row)
        since = row.edited_at or row.composed_at
        accounts.require_decision(alliance, decision, f"bulletin:{number}", since=since)
        row.decision, row.decided_by, row.decided_at = decision, by.account, now
        record(
            session,
            Act.BULLETINS_BULLETIN_DECIDE,
            f"bulletin:{number}",
            by=by,
            now=now,
            alliance=alliance,
            decision=decision,
        )


def queue_bulletin(alliance: int, number: str, *, by: Actor, now: datetime) -> int:
    """Ask that a decided bulletin be set on paper and issued outside the request; the number of the job.

    Refused as `issue_bulletin`.
    """
    with verb(by, alone_in=alliance) as session:
        _check_issuable(alliance, _bulletin(session, alliance, number))
        return enqueue(
            session, alliance, Act.BULLETINS_BULLETIN_ISSUE, number, subject=f"bulletin:{number}",
            parameters={"number": number}, origin=Place("bulletins.read_bulletin", {"number": number}),
            reader=Act.BULLETINS_BULLETIN_ISSUE, by=by, now=now,
        )  # fmt: skip


def issue_bulletin(alliance: int, number: str, files: Mapping[str, bytes], *, by: Actor, now: datetime) -> None:
    """Issue a decided bulletin with its PDF bytes by language; they are frozen under their SHA-256.

    Refused: one that is not decided, issued or outdated.
    """
    with verb(by, alone_in=alliance) as session:
        row = _bulletin(session, alliance, number)
        _check_issuable(alliance, row)
        row.issued_by, row.issued_at = by.account, now
        digests = {language: hashlib.sha256(content).hexdigest() for language, content in files.items()}
        session.add_all(
            BulletinFile(bulletin_id=row.id, language=language, content=content, sha256=digests[language])
            for language, content in files.items()
        )
        record(
            session, Act.BULLETINS_BULLETIN_ISSUE, f"bulletin:{number}", by=by, now=now, alliance=alliance, **digests
        )
        _write_to_subscribers(session, row, now)


def _write_to_subscribers(session: Session, row: Bulletin, now: datetime) -> None:
    """Queue a mail to everybody who may read the bulletin and has subscribed to bulletins."""
    may_read = [
        one.account
        for one in accounts.holders(row.alliance_id, day_of(now))
        if Act.BULLETINS_BULLETIN_READ in ROLES[one.grant.role]
    ]
    queue_mail(
        session,
        "bulletin",
        accounts.reached(may_read, "bulletins"),
        f"bulletin:{row.number}",
        {"number": row.number, "period": row.period},
        alliance=row.alliance_id,
        now=now,
        topic="bulletins",
    )


def _check_issuable(alliance: int, row: Bulletin) -> None:
    if not row.decision:
        raise Refused("Bulletin %(number)s must be decided before it is issued.", number=row.number)
    if row.issued_at:
        raise Refused(
            "Bulletin %(number)s is issued and stays as it is; a correction is a new bulletin.", number=row.number
        )
    _check_current(alliance, row)


def _check_current(alliance: int, row: Bulletin) -> None:
    """Refuse a bulletin that tells of what holds no more: it would be published as if it did."""
    if is_outdated(alliance, bulletin_info(row)):
        raise Refused(
            "After bulletin %(number)s was composed, %(period)s was scored again, its fund was decided or another "
            "bulletin of it was issued; compose it anew.",
            period=row.period, number=row.number,
        )  # fmt: skip


def _bulletin(session: Session, alliance: int, number: str) -> Bulletin:
    rows = select(Bulletin).where(Bulletin.alliance_id == alliance, Bulletin.number == number)
    row = session.scalars(rows.with_for_update()).first()
    if row is None:
        raise NotFound()
    return row
