"""The messages that the two sides of a case exchange: remarks, adverse events, disputes and their end."""

from __future__ import annotations

from collections.abc import Mapping

from alliance.core.refused import Both, NotFound, Refused
from alliance.registers.rules.referrals import TEXT, TREATED

NOTE, ADVERSE, DISPUTE, SETTLEMENT = "note", "adverse", "dispute", "settlement"
KINDS: Mapping[str, Both] = {
    NOTE: Both("留言", "remark"),
    ADVERSE: Both("不良事件", "adverse event"),
    DISPUTE: Both("异议", "dispute"),
    SETTLEMENT: Both("异议解决", "dispute settled"),
}


def allowed(state: str, disputed_by: str, institution: str) -> list[str]:
    """The kinds of messages that an institution may write on a case now."""
    kinds = [NOTE, ADVERSE]
    if state in TREATED and not disputed_by:
        kinds.append(DISPUTE)
    if disputed_by and disputed_by == institution:
        kinds.append(SETTLEMENT)
    return kinds


def check_message(kind: str, text: str, state: str, disputed_by: str, institution: str) -> None:
    """Refused: no words or too many; a dispute about what nobody confirmed or somebody disputes; one that another
    raised being settled."""
    if kind not in KINDS:
        raise NotFound()
    if kind not in allowed(state, disputed_by, institution):
        if kind == SETTLEMENT:
            raise Refused("Only the institution that disputes the case says that the dispute is settled.")
        raise Refused("A case is disputed after the patient was seen, by one side at a time.")
    if not text.strip():
        raise Refused("Write what there is to say.")
    if len(text) > TEXT:
        raise Refused("The text is longer than %(most)s characters.", most=TEXT)


def disputed(kind: str, institution: str, before: str) -> str:
    """The institution that disputes the case after a message, "" for none."""
    return institution if kind == DISPUTE else "" if kind == SETTLEMENT else before


MEDIA = frozenset({"application/pdf", "image/png", "image/jpeg"})


def check_file(kind: str, disputed_by: str, media: str, name: str) -> None:
    """Refused: a file that belongs to no dispute; what is neither an image nor a PDF."""
    if kind != DISPUTE and not disputed_by:
        raise Refused("Files are attached to a dispute and to what is written until it is settled.")
    if media not in MEDIA:
        raise Refused("%(name)s is neither an image (PNG, JPEG) nor a PDF.", name=name)
