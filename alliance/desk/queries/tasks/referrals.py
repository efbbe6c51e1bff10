"""What waits around referrals: the inbox, summaries, follow-ups; what is overdue goes to the lead."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from alliance.core.refused import mark
from alliance.desk.queries.tasks.registry import Asked, Task, waits_for
from alliance.registers import queries as registers

TITLES: Mapping[str, str] = {
    "answer": mark("Answer referrals"),
    "summary": mark("Write summaries for discharged patients"),
    "follow_up": mark("Follow up patients who were referred"),
}
OVERDUE: Mapping[str, str] = {
    "answer": mark("Referrals without an answer are overdue"),
    "summary": mark("Summaries of referred patients are overdue"),
    "follow_up": mark("Follow-ups of referred patients are overdue"),
}


@waits_for("reporter")
def referrals_waiting(asked: Asked) -> Iterator[Task]:
    """What the own institution owes on referrals, until when the first of each kind."""
    yield from _tasks(asked, TITLES, "referral", overdue=False)


@waits_for("member_lead")
def referrals_overdue(asked: Asked) -> Iterator[Task]:
    """What the own institution owes and has not done in time."""
    yield from _tasks(asked, OVERDUE, "referral_overdue", overdue=True)


@waits_for("reporter", "member_lead")
def pairs_to_certify(asked: Asked) -> Iterator[Task]:
    """Pointless pairs that the own institution may still certify."""
    for code in sorted(asked.scope.own):
        mine = [one for one in registers.open_pairs(asked.scope, asked.now) if one.receiver == code]
        due = [one.certify_due for one in mine if one.state == "found"]
        if due:
            title = mark("Certify referrals back within fourteen days, where they were needed")
            where = {"state": "found"}
            yield Task(
                "referral_pair", title, "registers.list_pairs", where, institution=code, count=len(due), due=min(due)
            )


@waits_for("office")
def pairs_to_countersign(asked: Asked) -> Iterator[Task]:
    """Certified pairs on which nobody has decided yet, of institutions that do not employ the reader."""
    waiting = [
        one for one in registers.open_pairs(asked.scope, asked.now)
        if one.state == "certified" and asked.scope.employer not in one.parties
    ]  # fmt: skip
    if waiting:
        title = mark("Decide on certified referrals")
        yield Task("referral_decision", title, "registers.list_pairs", {"state": "certified"}, count=len(waiting))


def _tasks(asked: Asked, titles: Mapping[str, str], kind: str, *, overdue: bool) -> Iterator[Task]:
    for one in registers.waiting(asked.alliance, asked.scope.own, asked.now):
        count = one.overdue if overdue else one.count
        if not count:
            continue
        where = {"waits": one.what} | ({"overdue": "1"} if overdue else {})
        yield Task(
            f"{kind}_{one.what}", titles[one.what], "registers.list_referrals", where, institution=one.institution,
            count=count, due=one.due,
        )  # fmt: skip
