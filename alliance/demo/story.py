"""The story of the demo, told through the portal's own verbs: half a year filed, two quarters scored and shared."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from alliance.accounts import queries as account_queries
from alliance.accounts import services as accounts
from alliance.audit import queries as audit
from alliance.audit import services as audit_services
from alliance.bulletins import queries as bulletin_queries
from alliance.bulletins import services as bulletins
from alliance.bulletins.views import document
from alliance.core.actor import Actor
from alliance.core.acts import Act
from alliance.core.figure import State
from alliance.core.period import SHANGHAI, Period, PeriodKind
from alliance.core.roles import Grant, scope_of
from alliance.demo import people, values
from alliance.evaluation import queries as evaluation_queries
from alliance.evaluation import services as evaluation
from alliance.funds import services as funds
from alliance.i18n import LANGUAGES
from alliance.indicators import queries as indicator_queries
from alliance.indicators import services as indicators
from alliance.indicators.rules.filing import Entry, Row
from alliance.members import queries as member_queries
from alliance.members import services as members
from alliance.members.rules import read_row
from alliance.pdf import render

LOADED = "demo:loaded"  # the subject of the last event of the story
FIRST_MONTH = 11  # of the story's twenty-four, so that members differ and little is at its cap
SILENT = "C19"  # does not submit the last month of the second quarter
VETOED = "C17"
FEW_ANSWERS = "C20"  # too few patients answered: not applicable
SEATS = (("chair", "T01"), ("committee2", "S02"), ("committee3", "C03"), ("committee4", ""), ("committee5", ""))
Say = Callable[[str], None]
CHECKED = "本月业务量与前期相比变化较大，已与科室台账逐项核对一致。"  # what clerks say of a jump


@dataclass(slots=True)
class Teller:
    """Tells the story of one alliance up to a day."""

    today: date
    say: Say
    alliance: int = 0

    def tell(self) -> None:
        """Everything, in the order in which it happened."""
        self.found()
        for month in self.months:
            self.file(month)
        for place, quarter in enumerate(self.quarters):
            self.score(quarter, place)
        self.open(self.open_month)
        with audit_services.verb(Actor("system")) as session:
            at = moment(self.today)
            audit_services.record(
                session,
                Act.WORK_DEMO_LOAD,
                LOADED,
                by=Actor("system"),
                now=at,
                alliance=self.alliance,
                day=self.today.isoformat(),
            )

    @property
    def open_month(self) -> Period:
        """The last month that is over: it is being filed."""
        return Period(self.today.year * 12 + self.today.month - 2, PeriodKind.MONTH)

    @property
    def quarters(self) -> list[Period]:
        """The two last quarters that end before the open month."""
        last = Period(self.open_month.start // 3 * 3, PeriodKind.QUARTER).back(1)
        return [last.back(1), last]

    @property
    def months(self) -> list[Period]:
        """The months from the first quarter to the one before the open month."""
        first = self.quarters[0].start
        return [Period(month, PeriodKind.MONTH) for month in range(first, self.open_month.start)]

    def by(self, account: str) -> Actor:
        employer = next((one.employer for one in people.staff() if one.account == account), "")
        return Actor(account, employer)

    def found(self) -> None:
        """Alliance, people, members, library, scheme."""
        start = self.quarters[0].first
        at = moment(start - timedelta(days=60))
        system = Actor("system")
        self.say("members and people")
        self.alliance = members.found_alliance(*people.ALLIANCE, by=system, now=at)
        hashed = accounts.hash_password(people.PASSWORD)
        for one in people.staff():
            accounts.create_account(
                one.account, people.PASSWORD, one.name_zh, one.name_en, one.employer, by=system, now=at, hashed=hashed
            )
            accounts.give_grant(
                one.account, one.role, self.alliance, one.at, start - timedelta(days=60), None, by=system, now=at
            )
        rows = []
        for place, cells in enumerate(people.members(), 2):
            row = read_row({**cells, "joined": (start - timedelta(days=90)).isoformat()}, place, [])
            assert row is not None
            rows.append(row)
        members.import_workbook(self.alliance, rows, by=self.by("office"), now=at)
        accounts.seat_body(
            self.alliance,
            "committee",
            "管理委员会",
            "Management committee",
            60,
            SEATS,
            start - timedelta(days=90),
            by=system,
            now=at,
        )
        self.say("indicator library and scheme")
        indicators.load_library(
            self.alliance, indicator_queries.shipped_library("five_dimensions"), by=self.by("office"), now=at
        )
        data = evaluation_queries.shipped_scheme()
        data["scheme"]["valid_from"] = date(start.year, 1, 1)
        reference = evaluation.import_scheme(self.alliance, data, by=self.by("office"), now=at)
        code, _, version = reference.rpartition("/")
        decided = at + timedelta(days=2)
        number = self.decide(f"scheme:{reference}", "通过年度协同绩效方案。", decided)
        evaluation.decide_scheme(
            self.alliance, code, int(version), {}, decision=number, by=self.by("chair"), now=decided
        )

    def decide(self, subject: str, text: str, at: datetime, recused: str = "") -> str:
        """A decision of the committee, all present in favour; its number."""
        number = account_queries.next_number(self.alliance, at.astimezone(SHANGHAI).year)
        choices = {
            place: "recused" if institution and institution == recused else "for"
            for place, (_, institution) in enumerate(SEATS, 1)
        }
        accounts.record_decision(
            self.alliance,
            "committee",
            number,
            at.astimezone(SHANGHAI).date() - timedelta(days=1),
            subject,
            text,
            f"滨医管〔{number}〕",
            choices,
            by=self.by("committee4"),
            now=at,
        )
        return number

    def open(self, month: Period) -> datetime:
        """Open a month; filing closes on the last day of the month after."""
        at = moment(month.until, hour=9)
        due = datetime.combine(month.back(-1).until, time(), SHANGHAI)
        indicators.open_period(self.alliance, month.code, due, by=self.by("office"), now=at)
        return at

    def file(self, month: Period) -> None:
        """One month of all members: filed, signed, submitted, accepted."""
        self.say(f"readings of {month.code}")
        at = self.open(month)
        known = indicator_queries.library(self.alliance)
        silent = SILENT if month == self.months[-1] or month == self.quarters[1].parts(PeriodKind.MONTH)[-1] else ""
        made = self.made(month)
        self.rated(month, made, at + timedelta(days=6))
        for member in member_queries.members(self.alliance, month.last):
            code = member.code
            due = {element.code for element in indicator_queries.elements_due(known, member.tier, month)}
            entries = {one: (Entry(value, State.VALUE), 0) for one, value in made[code].items() if one in due}
            filed = at + timedelta(days=2 + int(values.chance(code, month.code) * 6))
            indicators.file_reading(
                self.alliance,
                month.code,
                code,
                entries,
                f"{month.code} 月报",
                by=self.by(f"{code.lower()}.reporter"),
                now=filed,
            )
            for one in indicator_queries.findings(self.alliance, month.code, code):
                if not one.hard:
                    indicators.explain_value(
                        self.alliance,
                        month.code,
                        code,
                        one.code,
                        one.value,
                        CHECKED,
                        by=self.by(f"{code.lower()}.reporter"),
                        now=filed + timedelta(hours=1),
                    )
            if code != silent:
                lead = self.by(f"{code.lower()}.lead")
                indicators.sign_submission(self.alliance, month.code, [code], by=lead, now=filed + timedelta(hours=5))
                indicators.submit_submission(self.alliance, month.code, [code], by=lead, now=filed + timedelta(hours=6))
        self.accept(month, silent)

    def accept(self, month: Period, silent: str) -> None:
        """Reviewed by the officer who is employed elsewhere."""
        codes = [one.code for one in member_queries.members(self.alliance, month.last) if one.code != silent]
        at = moment(month.until + timedelta(days=12))
        indicators.accept_submission(
            self.alliance, month.code, [code for code in codes if code != "S01"], by=self.by("office2"), now=at
        )
        indicators.accept_submission(self.alliance, month.code, ["S01"], by=self.by("office"), now=at)

    def made(self, month: Period) -> dict[str, dict[str, Decimal]]:
        """The readings of all members in a month, by member and element."""
        story = values.Story(indicator_queries.library(self.alliance))
        place = FIRST_MONTH + month.start - self.quarters[0].start
        there = member_queries.members(self.alliance, month.last)
        return {one.code: story.readings(one.code, one.tier, place) for one in there}

    def rated(self, month: Period, made: dict[str, dict[str, Decimal]], at: datetime) -> None:
        """What raters and surveys give, brought in by the office."""
        rows = [
            Row(member.code, element.code, Entry(made[member.code][element.code], State.VALUE))
            for member, element, _ in indicator_queries.everything_due(self.alliance, month.code)
            if element.mode in indicator_queries.RATED
        ]
        # An officer employed by the lead hospital brings in nothing that raters found about it.
        for who, own in (("office", False), ("office2", True)):
            part = [row for row in rows if (row.institution == "T01") is own]
            indicators.import_reading(
                self.alliance, month.code, part, f"{month.code} 调查汇总", by=self.by(who), now=at
            )

    def score(self, quarter: Period, place: int) -> None:
        """One quarter: rated, scored, shared, decided, published."""
        self.say(f"scores, fund and bulletin of {quarter.code}")
        at = moment(quarter.until + timedelta(days=16))
        office, chair = self.by("office"), self.by("chair")
        people_there = member_queries.members(self.alliance, quarter.last)
        for member in people_there:
            clerk = self.by("office2") if member.code == office.employer else office
            for group, (value, n) in values.ratings(member.code, place).items():
                few = group == "patients" and member.code == FEW_ANSWERS
                evaluation.enter_rating(
                    self.alliance,
                    quarter.code,
                    group,
                    member.code,
                    None if few else value,
                    12 if few else n,
                    f"{quarter.code} {group}",
                    by=clerk,
                    now=at,
                )
        if place == 1:
            number = self.decide(
                f"veto:{VETOED}/{quarter.code}", "核实存在虚报转诊数据，一票否决。", at, recused=VETOED
            )
            evaluation.impose_veto(
                self.alliance,
                quarter.code,
                VETOED,
                "核查确认虚报双向转诊数据，提交管理委员会表决。",
                decision=number,
                by=chair,
                now=at,
            )
        evaluation.compute_run(self.alliance, quarter.code, by=office, now=at)
        self.share(quarter, people_there, at)
        self.publish(quarter, place, at + timedelta(days=3))

    def share(self, quarter: Period, there: list[member_queries.MemberInfo], at: datetime) -> None:
        rows = []
        for member in there:
            heads = Decimal(member.headcount or 0) + Decimal(
                int(values.chance(member.code, quarter.code, "heads") * 300)
            ).scaleb(-2)
            per_head = 1_180_000 + int(values.chance(member.code, "pay") * 460_000)  # cents a quarter
            rows.append(funds.TotalRow(member.code, int(heads * per_head), heads, None))
        document = f"{quarter.code} 绩效总额申报表"
        funds.file_total(self.alliance, quarter.code, rows, document, by=self.by("office"), now=at)
        run = funds.compute_fund(self.alliance, quarter.code, by=self.by("office"), now=at + timedelta(hours=1))
        number = self.decide(f"fund:{run}", "通过协同奖励基金分配方案。", at + timedelta(days=2))
        funds.decide_fund(self.alliance, run, decision=number, by=self.by("chair"), now=at + timedelta(days=2))

    def publish(self, quarter: Period, place: int, at: datetime) -> None:
        zh, en = FOREWORDS[place]
        number = bulletins.compose_bulletin(
            self.alliance, quarter.code, zh, foreword_en=en, by=self.by("office"), now=at
        )
        decision = self.decide(f"bulletin:{number}", "同意印发协同简报。", at + timedelta(days=1))
        bulletins.decide_bulletin(
            self.alliance, number, decision=decision, by=self.by("chair"), now=at + timedelta(days=1)
        )
        scope = scope_of("office", "T01", [Grant("office", self.alliance)], self.alliance)
        found = bulletin_queries.bulletin(scope, number)
        assert found is not None
        files = {language: render(document(found, language)) for language in LANGUAGES}
        bulletins.issue_bulletin(
            self.alliance, number, files, by=self.by("office"), now=at + timedelta(days=1, hours=2)
        )


FOREWORDS = (
    (
        "本季度是新方案实施的第一个考核季度。各成员单位按期填报，双向转诊和检查检验互认稳步推进。\n\n"
        "基层首诊率仍是短板，请各社区卫生服务中心结合家庭医生签约工作逐项改进。",
        "This was the first quarter under the new scheme. All members filed in time; two-way referral and the mutual "
        "recognition of tests moved ahead steadily.\n\n"
        "First contact in primary care remains weak: every community center should improve it, case by case, together "
        "with its family-doctor contracts.",
    ),
    (
        "本季度多数成员单位的协同得分有所提高，专家下沉和设备共享进展明显。\n\n"
        "一家单位因转诊数据不实被一票否决，一家单位未按期提交数据，相关指标计零分。"
        "数据真实是绩效分配的前提，请各单位引以为戒。",
        "Most members raised their collaboration score this quarter; expert visits and equipment sharing gained most."
        "\n\n"
        "One member was vetoed for untrue referral figures, and one did not submit in time and scores 0 on what is "
        "missing. True figures are the ground of every payment.",
    ),
)


def moment(day: date, hour: int = 10) -> datetime:
    return datetime.combine(day, time(hour), SHANGHAI)


def is_loaded() -> bool:
    """Whether the demo's story has been told to its end: its last verb opens the month that is being filed."""
    owner = member_queries.alliance_of_code(people.ALLIANCE[0])
    return owner is not None and bool(audit.events_on(owner.id, [LOADED]))


def month_of_story(alliance: int, month: Period) -> int:
    """Which month of the story a month is, counted from the first that was opened."""
    first = min(Period.parse(one.code).start for one in indicator_queries.periods(alliance))
    return FIRST_MONTH + month.start - first


def is_begun() -> bool:
    """Whether the demo's alliance is there at all."""
    return member_queries.alliance_of_code(people.ALLIANCE[0]) is not None


def lines() -> Iterator[str]:
    """The sign-ins to print after loading."""
    for one in people.staff()[:13]:
        yield f"{one.account:12} {one.role:12} {one.name_zh}"
    yield f"{'c03.reporter':12} {'reporter':12} …"
    yield f"{'c03.lead':12} {'member_lead':12} …"
