"""Two people at once: one does it, the other is told why not, and nobody is paid twice."""

from __future__ import annotations

from collections.abc import Callable
from threading import Barrier, Thread

import pytest
from flask import Flask

from alliance.core.refused import Refused
from alliance.db import db
from alliance.indicators import queries as indicators
from alliance.workpoints import queries, services
from alliance.workpoints.queries import GivenRight
from alliance.workpoints.rules.ledgers import CorrectionPaper
from alliance.workpoints.services import GivenRelease, GivenTask
from tests.small import by
from tests.workpoints.small_bonus import HOSPITAL, meet
from tests.workpoints.test_reserves import AUGUST, GIVEN, JULY, compute, left, prepare
from tests.workpoints.test_runs import REASON, day

TASK = GivenTask("0002", JULY, "teaching", 30_000, "临床带教学生四十人次", "带教记录")
AT = day(20, 8)
Work = Callable[[], object]


@pytest.fixture
def at_once(inside: Flask) -> Callable[..., list[str]]:
    """Does several things in threads that begin together; of each `done`, or what was said against it."""
    prepare()

    def do(*works: Work) -> list[str]:
        gate, said = Barrier(len(works)), [""] * len(works)

        def one(place: int) -> None:
            with inside.app_context():
                gate.wait()
                try:
                    works[place]()
                    said[place] = "done"
                except Refused as refused:
                    said[place] = refused.message

        threads = [Thread(target=one, args=(place,)) for place in range(len(works))]
        db.session.rollback()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        db.session.rollback()
        return said

    return do


def slips_made(month: str = JULY, until: str = "slips") -> int:
    """A month computed and published, or with its payslips, or checked too with the meeting that approves it."""
    compute(1, month, day(2, 8))
    services.publish_rest(1, HOSPITAL, month, by=by("h1.bonus"), now=day(2, 8))
    run = queries.bonus_run(1, HOSPITAL, month)
    assert run is not None
    if until != "public":
        services.compute_slip(1, HOSPITAL, month, indicators.works_on(1), by=by("h1.bonus"), now=day(18, 8))
    if until == "checked":
        services.check_run(1, HOSPITAL, month, REASON, by=by("h1.finance"), now=day(18, 8))
        meet(1, f"bonus:{HOSPITAL}/{month}@{run.number}", f"{month}发放", day(18, 8))
    return run.id


def enter_task(verdict: str = "accepted") -> int:
    number = services.enter_task(1, HOSPITAL, TASK, by=by("h1.bonus"), now=day(1, 8))
    if verdict:
        services.review_task(1, HOSPITAL, number, verdict, by=by("h1.cashier"), now=day(1, 8))
    return number


def slips_sum(run: int) -> int:
    return sum(one.net for one in queries.slips(run))


def review(number: int, verdict: str, account: str, seen: str = "entered") -> Work:
    return lambda: services.review_task(1, HOSPITAL, number, verdict, REASON, seen, by=by(account), now=AT)


def approve() -> None:
    services.approve_run(1, HOSPITAL, JULY, f"{JULY}发放", by=by("h1.lead"), now=AT)


def test_one_verdict_on_a_task_counts(at_once: Callable[..., list[str]]) -> None:
    number = enter_task("")
    said = at_once(review(number, "accepted", "h1.finance"), review(number, "refused", "h1.cashier"))
    assert sorted(one == "done" for one in said) == [False, True], said
    found = queries.task(1, HOSPITAL, number)
    assert found is not None
    assert found.state == ("accepted" if said[0] == "done" else "refused")


def test_a_reserve_is_released_once(at_once: Callable[..., list[str]]) -> None:
    whole = GivenRelease(GIVEN.unit, JULY, left(), GIVEN.reason, GIVEN.document)
    work: Work = lambda: services.release_reserve(1, HOSPITAL, whole, by=by("h1.head"), now=day(1, 8))  # noqa: E731
    assert sorted(one == "done" for one in at_once(work, work)) == [False, True]
    accept: Work = lambda: services.review_reserve(  # noqa: E731
        1, HOSPITAL, 1, "accepted", "", "entered", by=by("h1.finance"), now=day(1, 8)
    )
    assert sorted(one == "done" for one in at_once(accept, accept)) == [False, True]
    assert left() == 0
    run = slips_made()
    assert queries.bonus_units(run)["N1"].released == whole.cents
    assert sum(one.amount for one in queries.bonus_shares(run, "N1")) + queries.bonus_units(run)["N1"].reserve == (
        queries.bonus_units(run)["N1"].bonus + whole.cents
    )


def test_a_month_is_approved_with_a_task_or_the_task_is_taken_back(at_once: Callable[..., list[str]]) -> None:
    number = enter_task()
    run = slips_made(until="checked")
    before = slips_sum(run)
    said = at_once(approve, review(number, "refused", "h1.finance", "accepted"))
    assert sorted(one == "done" for one in said) == [False, True], said
    found, task = queries.bonus_run(1, HOSPITAL, JULY), queries.task(1, HOSPITAL, number)
    assert found is not None
    assert task is not None
    assert (found.state == "approved") == (task.state == "accepted")
    assert slips_sum(run) == before


def test_a_month_is_approved_and_paid_once(at_once: Callable[..., list[str]]) -> None:
    run = slips_made(until="checked")
    assert sorted(one == "done" for one in at_once(approve, approve)) == [False, True]
    pay: Work = lambda: services.pay_run(1, HOSPITAL, JULY, by=by("h1.cashier"), now=day(21, 8))  # noqa: E731
    assert sorted(one == "done" for one in at_once(pay, pay)) == [False, True]
    paper = CorrectionPaper(JULY, AUGUST, "基数录入有误，复核之后更正", "绩效办〔2026〕9号")
    paid = next(one.net for one in queries.slips(run) if one.person == "0002")
    fix: Work = lambda: services.import_correction(  # noqa: E731
        1, HOSPITAL, paper, [GivenRight("0002", paid + 100)], by=by("h1.bonus"), now=day(22, 8)
    )
    assert sorted(one == "done" for one in at_once(fix, fix)) == [False, True]
    assert [one.difference for one in queries.corrections(1, HOSPITAL, AUGUST)] == [100]


def test_payslips_are_made_once(at_once: Callable[..., list[str]]) -> None:
    run = slips_made(until="public")
    work: Work = lambda: services.compute_slip(  # noqa: E731
        1, HOSPITAL, JULY, indicators.works_on(1), by=by("h1.bonus"), now=day(18, 8)
    )
    said = at_once(work, work)
    assert len(queries.slips(run)) == len({one.person for one in queries.slips(run)}), said
    fix: Work = lambda: services.correct_slip(  # noqa: E731
        1, HOSPITAL, JULY, "0002", "补录带教任务后重新生成", by=by("h1.bonus"), now=AT
    )
    enter_task()
    before = slips_sum(run)
    said = at_once(fix, fix)
    assert slips_sum(run) == before + TASK.cents, said


def test_an_objection_is_filed_and_answered_once(at_once: Callable[..., list[str]]) -> None:
    run = slips_made(until="public")
    work: Work = lambda: services.file_objection(  # noqa: E731
        1, HOSPITAL, JULY, "N1", "0002", "我的夜班少算了，请核对一次", by=by("h1.nurse"), now=day(3, 8)
    )
    assert sorted(one == "done" for one in at_once(work, work)) == [False, True]
    (one,) = queries.objections(run, "N1")
    said = at_once(*(
        lambda accepted=accepted: services.answer_objection(
            1, HOSPITAL, JULY, one.id, accepted, "已核对夜班，按排班表计算", "head", by=by("h1.head"), now=day(3, 8)
        )
        for accepted in (True, False)
    ))  # fmt: skip
    assert sorted(text == "done" for text in said) == [False, True], said
    unit, found = queries.bonus_units(run)["N1"], queries.objections(run, "N1")[0]
    assert (unit.published_at is None) == (found.state == "accepted")
