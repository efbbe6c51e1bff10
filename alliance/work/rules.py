"""What is true of work: how much of it one account may ask for, how long a job lives, and how what it says is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from alliance.core.refused import Both, Problem, Refused, mark

TURNS = 60  # heavy pieces of work of an account in a minute
WORKER_SILENT = timedelta(minutes=5)  # a worker renews its lease every minute
ATTEMPTS = 3  # times that a job is begun before it is given up
BEAT = timedelta(seconds=5)  # between two signs of life of whoever does a job
STALE = timedelta(seconds=40)  # without one: the worker is dead, and somebody else takes the job up
KEPT = timedelta(days=90)  # that a job which is over stays on its page
PROBLEMS = 200  # single errors that are kept of a refusal
OPEN = frozenset({"queued", "running"})
STATES: Mapping[str, str] = {
    "queued": mark("waiting"),
    "running": mark("running"),
    "done": mark("done"),
    "failed": mark("failed"),
    "cancelled": mark("cancelled"),
}
# The timed tasks of the worker in words.
TASKS: Mapping[str, str] = {
    "catch_up": mark("Catch up on what was missed"),
    "clear_files": mark("Remove files that nobody needs any more"),
    "clear_drafts": mark("Forget what was typed into sessions that ended"),
    "clear_jobs": mark("Remove background jobs that ended more than 90 days ago"),
    "count_refusals": mark("Record how much was refused"),
    "erase_referral_contacts": mark("Erase contact data of patients whose time is over"),
    "derive_readings": mark("Derive values from confirmed cases"),
    "estimate": mark("Estimate scores and money of what is still running"),
    "forget_mails": mark("Remove e-mails that ended more than 90 days ago"),
    "mix_answers": mark("Mix the answers of surveys"),
    "close_waves": mark("Close surveys whose last day is past, and remind before it"),
    "open_periods": mark("Open periods whose day has come"),
    "remind_members": mark("Remind members of the deadline"),
    "remind_raters": mark("Remind members that have not rated"),
    "remind_experts": mark("Remind experts of their deadline"),
    "remind_verification": mark("Remind of verifications and improvement plans"),
    "seal_events": mark("Seal the audit log"),
    "send_mail": mark("Send e-mails"),
}
GIVEN_UP = mark(
    "The work was interrupted %(count)s times and was given up. Ask for it again; if it happens again, tell the "
    "operator of the portal."
)
OUR_FAULT = mark(
    "Something went wrong on our side, also when it was tried again. Ask for it again; if it happens again, tell the "
    "operator of the portal the number of this job."
)


@dataclass(frozen=True, slots=True)
class Place:
    """A page by the name of its view and the values of its address."""

    endpoint: str
    values: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence for a reader in any language: English message id and the numbers in its places."""

    message: str
    numbers: dict[str, object] = field(default_factory=dict)


def pack_place(place: Place | None) -> dict[str, Any]:
    """A page as JSON; none is empty."""
    return {"endpoint": place.endpoint, "values": dict(place.values)} if place else {}


def place_of(packed: Mapping[str, Any]) -> Place | None:
    return Place(packed["endpoint"], packed["values"]) if packed else None


def pack_said(said: Said | None) -> dict[str, Any]:
    """A sentence as JSON; none is empty."""
    return {"message": said.message, "numbers": _packed(said.numbers)} if said else {}


def said_of(packed: dict[str, Any]) -> Said | None:
    return Said(**packed | {"numbers": _opened(packed["numbers"])}) if packed else None


def pack_problem(one: Problem) -> list[Any]:
    """A single error as JSON."""
    return [one.where, one.value, one.message, _packed(one.numbers), _packed(one.at)]


def problem_of(packed: Sequence[Any]) -> Problem:
    """The single error that was kept."""
    where, value, message, numbers, at = packed
    return Problem(where, value, message, _opened(numbers), _opened(at))


def pack_refused(refused: Refused | None) -> dict[str, Any]:
    """A refusal as JSON, so that it can be said later in any language; none is empty."""
    if refused is None:
        return {}
    return {
        "message": refused.message,
        "numbers": _packed(refused.numbers),
        "problems": [pack_problem(one) for one in refused.problems[:PROBLEMS]],
    }


def refused_of(packed: Mapping[str, Any]) -> Refused | None:
    """The refusal that was kept."""
    if not packed:
        return None
    problems = [problem_of(one) for one in packed["problems"]]
    text = packed["message"]
    return Refused(text, problems=problems, **_opened(packed["numbers"]))


def _packed(numbers: Mapping[str, object]) -> dict[str, Any]:
    return {name: _pack(value) for name, value in numbers.items()}


def _opened(numbers: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _open(value) for name, value in numbers.items()}


def _pack(value: object) -> Any:
    match value:
        case None | bool() | int() | str():
            return value
        case Decimal():
            return {"decimal": str(value)}
        case datetime():
            return {"moment": value.isoformat()}
        case date():
            return {"day": value.isoformat()}
        case Both():
            return {"both": [value.zh, value.en]}
        case tuple() | list():
            return {"several": [_pack(one) for one in value]}
    return str(value)


def _open(value: Any) -> Any:
    match value:
        case {"decimal": text}:
            return Decimal(text)
        case {"moment": text}:
            return datetime.fromisoformat(text)
        case {"day": text}:
            return date.fromisoformat(text)
        case {"both": [zh, en]}:
            return Both(zh, en)
        case {"several": several}:
            return tuple(_open(one) for one in several)
    return value
