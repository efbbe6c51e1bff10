"""What goes wrong while the members file: who is late, whose figures come back, who is out of the usual."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from alliance.core.period import Period, PeriodKind
from alliance.demo.days import Days

BUSY = Decimal("27.2")  # % of two-way referrals where a hospital ward was closed
LATE_REASON = "信息系统升级停机四天，未能在截止前完成报送，申请延期补报。"
MISTAKE = "自查发现E020检查检验互认项次漏计超声室登记，申请更正。"
BAND_TEXT = "上级医院呼吸科病区改造，当月患者集中转入转出，双向转诊率阶段性偏高，已与转诊登记逐例核对。"
LOW_TEXT = "转诊绿色通道仍在完善，双向转诊率暂低于15%，已列入本单位改进计划并逐月跟踪。"
SPRING = "春节假期开诊天数减少，业务量较平月下降，已与科室台帐核对一致。"
FEW = "本指标月度例数较少，个别增减即引起较大波动，已与登记台帐逐例核对一致。"
CHECKED = "本月业务量与前期相比变化较大，已与科室台帐逐项核对一致。"
RETURNED = (
    "与家庭医生签约系统导出数不符，差异超过10%，请核对首诊口径。",
    "仍高于签约系统导出数，疑重复计入复诊人次，请剔除后重报。",
)
WAITS = "与12345热线转办单件数不一致，请核对是否含重复转办。"


@dataclass(frozen=True, slots=True)
class Incidents:
    """Who and when, by the calendar of the story."""

    days: Days

    @property
    def silent(self) -> tuple[str, Period]:
        """Does not submit the last month of the last scored quarter."""
        return "C19", self.days.scored[-1].parts(PeriodKind.MONTH)[-1]

    @property
    def late(self) -> tuple[str, Period]:
        """Misses the deadline and files under an exception."""
        return "C12", self.days.final[-2]

    @property
    def returned(self) -> tuple[str, Period, str]:
        """A value that comes back twice."""
        return "C05", self.days.final[-1], "E044"

    @property
    def busy(self) -> tuple[str, Period]:
        """Refers far more than usual, and says why."""
        return "C09", self.days.final[-1]

    @property
    def corrected(self) -> tuple[str, Period, str]:
        """A value that was accepted and counted, and turns out to be wrong."""
        return "S03", self.days.scored[-1].parts(PeriodKind.MONTH)[1], "E020"

    def first_filed(self, member: str, month: Period, made: Mapping[str, Decimal]) -> dict[str, Decimal]:
        """What a member files at first: as it is, but for what goes wrong."""
        found = dict(made)
        if (member, month) == self.busy:
            found |= _busy(made)
        if (member, month) == self.returned[:2]:
            found["E044"] = _times(made["E044"], "1.13")
        if (member, month) == self.corrected[:2]:
            found["E020"] = _times(made["E020"], "0.86")
            found["E021"] = min(made["E021"], found["E020"])
        return found


def _busy(made: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """Referrals both ways that make up the rate of a busy month."""
    whole = (made["E003"] * BUSY / 100).quantize(Decimal(1), ROUND_HALF_UP)
    down = _times(whole, "0.42")
    up = whole - down
    return {"E047": up, "E050": up + 3, "E051": up, "E048": down, "E052": down + 1}


def _times(value: Decimal, factor: str) -> Decimal:
    return (value * Decimal(factor)).quantize(Decimal(1), ROUND_HALF_UP)


def second_try(right: Decimal) -> Decimal:
    """What comes instead of a value that was returned, and is still too much."""
    return _times(right, "1.05")


def reason_for(kind: str, month: Period, value: Decimal, usual: Decimal) -> str:
    """What a clerk writes about a figure that stands out."""
    low = value < usual
    if kind == "band":
        return LOW_TEXT if low else BAND_TEXT
    if value < 10 and usual < 10:
        return FEW
    return SPRING if month.start % 12 in (0, 1, 2) and kind == "jump" and low else CHECKED
