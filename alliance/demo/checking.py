"""The cross-checks of the demo: one month in which a member made figures up, and the last one with a notice."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal

from flask import current_app

from alliance.core.period import Period, PeriodKind, day_of
from alliance.demo.days import moment
from alliance.demo.teller import Teller
from alliance.desk import queries as desk
from alliance.evaluation import services as evaluation
from alliance.indicators import queries
from alliance.indicators import services as indicators
from alliance.indicators.sheets import notice_of
from alliance.notices import services as notices
from alliance.notices.rules import Draft
from alliance.store import Store

FALSE = "C17"  # whose figures were made up
CARELESS = "S04"  # whose figures have too many errors
WRONG = 3  # figures of each
SMALL = 10  # a value of which a tenth is no error
PROMPT = frozenset({"T01", "C01"})  # have checked their samples of the last month already
MADE_UP = "原始台帐和系统导出中均无相应记录，上报数没有依据。"
SLOPPY = "与科室原始台帐逐例核对，上报数偏高，疑将跨月病例重复计入。"
RIGHT = "与原始台帐一致。"
CUT_OFF = "卫统报表按自然日截止，本平台按出院确认截止，相差3例，已逐例核对。"
REASON = "两次抽查均有多项数据在原始台帐和系统导出中没有依据，且整改期内未作更正，认定为虚报。"


def check(teller: Teller, month: Period) -> None:
    """The round of a month, where the story has one: drawn after the review; of the last month some samples are still
    being checked, and one member has its notice."""
    false = teller.last_scored().parts(PeriodKind.MONTH)[0]
    last = teller.days.final[-1]
    if month not in (false, last):
        return
    teller.say(f"cross-check of {month.code}")
    info = queries.period(teller.alliance, month.code)
    assert info is not None
    at = info.review_until + timedelta(days=2, hours=10)
    if month == last:
        at = max(at, teller.clock - timedelta(days=9))
    money, fund = desk.stakes(teller.alliance, month.code, at)
    indicators.draw_round(
        teller.alliance, month.code, f"{teller.alliance:04}{month.start:028}", money, fund, by=teller.by("office"),
        now=at,
    )  # fmt: skip
    samples = queries.check_samples(teller.alliance, [month.code])
    bad = FALSE if month == false else CARELESS
    done = [one for one in samples if month == false or one.institution == bad or one.checker in PROMPT]
    _check(teller, done, bad, at)
    closed = at + timedelta(days=6)
    for who in indicators.close_round(teller.alliance, month.code, by=teller.by("office"), now=closed):
        _tell(teller, month, who, closed + timedelta(minutes=20))
    if month == false:
        _check_again(teller, month)


def _check(teller: Teller, samples: Iterable[queries.SampleInfo], bad: str, at: datetime) -> None:
    """Every figure of some samples, checked by the people of the members that check."""
    for sample in samples:
        items = queries.check_items(sample.id)
        large = sorted(items, key=lambda item: -item.value)[:WRONG]
        for place, item in enumerate(items):
            wrong = sample.institution == bad and item in large and item.value > SMALL
            text = str((item.value * Decimal("0.9")).quantize(Decimal(1))) if wrong else f"{item.value:f}"
            note = (MADE_UP if bad == FALSE else SLOPPY) if wrong else RIGHT
            indicators.record_check(
                teller.alliance, sample.period, sample.institution, sample.number, item.element, text, note, None,
                _store(), by=teller.by(f"{sample.checker.lower()}.checker"),
                now=at + timedelta(days=3, minutes=7 * place),
            )  # fmt: skip


def _store() -> Store:
    return Store(current_app.config["ALLIANCE"].data / "evidence")


def _tell(teller: Teller, month: Period, member: str, at: datetime) -> None:
    """The notice to a member with too many errors."""
    sample = queries.check_sample(teller.alliance, month.code, member, 1)
    assert sample is not None
    assert sample.correct_until is not None
    text = notice_of(sample, day_of(sample.correct_until - timedelta(minutes=1)).isoformat())
    draft = Draft(
        text.title_zh, text.title_en, text.text_zh, text.text_en, ("reporter", "member_lead"), (member,),
        sample.correct_until,
    )  # fmt: skip
    store = Store(current_app.config["ALLIANCE"].data / "notices")
    number = notices.publish_notice(teller.alliance, draft, None, store, by=teller.by("office"), now=at)
    indicators.notify_sample(teller.alliance, month.code, member, number, by=teller.by("office"), now=at)


def _check_again(teller: Teller, month: Period) -> None:
    """Nothing was corrected: the second sample has too many errors too, and its checkers propose a falsification."""
    first = queries.check_sample(teller.alliance, month.code, FALSE, 1)
    assert first is not None
    assert first.correct_until is not None
    at = first.correct_until + timedelta(hours=10)
    indicators.draw_sample(teller.alliance, month.code, FALSE, by=teller.by("office"), now=at)
    second = queries.check_sample(teller.alliance, month.code, FALSE, 2)
    assert second is not None
    _check(teller, [second], FALSE, at)
    at += timedelta(days=5)
    indicators.close_round(teller.alliance, month.code, by=teller.by("office"), now=at)
    findings = [item.finding.id for item in queries.check_items(second.id) if item.finding and item.finding.wrong]
    indicators.propose_falsification(
        teller.alliance, FALSE, findings, REASON, by=teller.by(f"{second.checker.lower()}.checker"),
        now=at + timedelta(hours=4),
    )  # fmt: skip


def find(teller: Teller, at: datetime) -> None:
    """The committee finds that a member's figures were falsified: a veto for the quarter follows."""
    (proposed,) = [one for one in queries.falsifications(teller.alliance) if one.state == "proposed"]
    text = "经现场核查，该单位虚报业务数据，认定为故意，一票否决，24个月内不得评先评优。"
    number = teller.decide(proposed.subject, text, at, recused=FALSE)
    chair = teller.by("chair")
    indicators.find_falsification(teller.alliance, proposed.number, decision=number, by=chair, now=at)
    evaluation.veto_falsification(teller.alliance, proposed.number, by=chair, now=at)


def report_elsewhere(teller: Teller) -> None:
    """What members reported to the statistics of the last final month: one value differs, and one is explained."""
    month = teller.days.final[-1]
    at = moment(month.until + timedelta(days=40))
    for place, member in enumerate(("T01", "S01", "S02", "C03")):
        filed = queries.readings(teller.alliance, month.code, member)
        for element in ("E001", "E002", "E003"):
            value = filed[element].value if element in filed else None
            if value is None:
                continue
            more = Decimal(3) if (member, element) in (("S01", "E002"), ("C03", "E003")) else Decimal(0)
            row = queries.Reported(
                member, element, month.code, "statistics", f"{value + more:f}", f"卫统报表 {month.code}"
            )
            who = teller.reporter(member)
            indicators.enter_report(teller.alliance, row, [member], by=who, now=at + timedelta(minutes=place))
            if more and member == "S01":
                indicators.explain_report(
                    teller.alliance, month.code, member, element, "statistics",
                    CUT_OFF, by=who, now=at + timedelta(hours=1),
                )  # fmt: skip
