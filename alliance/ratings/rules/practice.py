"""A round to practise on: members that do not exist, what each did, and the level whose words fit. Nothing is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from alliance.core.refused import Both


@dataclass(frozen=True, slots=True)
class Scene:
    """What an invented member did in an item, and the mark whose words describe it."""

    member: Both
    item: str
    story: Both
    fits: int

    @property
    def name(self) -> str:
        """The name of its field."""
        return f"{self.item}-{self.member.en[-1]}"


NORTH = Both("示例单位甲", "Example member A")
SOUTH = Both("示例单位乙", "Example member B")
EAST = Both("示例单位丙", "Example member C")
STORIES = (
    (NORTH, "P01", 3, "本季度12次转诊申请，11次按时答复，1次逾期半天。",
     "Of 12 referrals this quarter 11 were answered in time, one half a day late."),
    (NORTH, "P09", 4, "年初约定的四项协作全部按约完成。",
     "All four joint works agreed at the beginning of the year were done as agreed."),
    (SOUTH, "P01", 5, "急件半小时内答复，常主动来电告知床位安排。",
     "Urgent cases are answered within half an hour; it often calls first about beds."),
    (SOUTH, "P09", 2, "约定的十次带教只来了四次。",
     "Of ten teaching visits agreed it came to four."),
    (EAST, "P01", 1, "两次申请均无答复，电话催办三次。",
     "Two requests were never answered, in spite of three calls."),
    (EAST, "P09", 3, "八项约定完成七项，一项延误并书面说明了原因。",
     "Seven of eight commitments were kept; the delay of one was explained in writing."),
)  # fmt: skip
SCENES = tuple(Scene(member, item, Both(zh, en), fits) for member, item, fits, zh, en in STORIES)


def same_everywhere(marks: Mapping[str, int]) -> bool:
    """Whether every mark given is the same: such a form would be left out."""
    return len(marks) > 1 and len(set(marks.values())) == 1
