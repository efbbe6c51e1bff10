"""Kinds of roles: for what they are held, what they reach, and which are kept apart."""

from __future__ import annotations

# Three persons, never two of these in one hand (三员分立); the auditor holds nothing else at all.
SEPARATED = frozenset({"admin", "security_admin", "auditor"})
FILING = frozenset({"reporter", "member_lead", "quality_officer"})  # of a member, whose unpublished figures they read
DEPARTMENTAL = frozenset({"department_head"})  # held for one department of a member
PERSONAL = frozenset({"staff"})  # held for a member, and reaches no further than one's own
PLACED = (
    FILING | DEPARTMENTAL | {"hospital_office", "personnel", "finance", "staff"}
)  # held for one member; the others for the alliance
ENGAGED = "expert"  # held for the alliance; for a member by an engagement alone, whose figures are then read
ONLY_ONE = frozenset({"quality_officer"})  # one holder for each member at any date
STRONG = frozenset(
    {"office", "committee", "finance", "admin", "security_admin", "auditor"}
)  # sign in with a second factor
WHOLE = frozenset({"office", "analyst", "committee", "regulator"})  # read the unpublished figures of every member
TRIALS = frozenset({"office", "analyst"})  # read trials, which are nobody else's business
