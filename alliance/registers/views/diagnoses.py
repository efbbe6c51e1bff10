"""Diagnoses by name: what the alliance's code systems, which stand above, know of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Protocol

from flask import current_app, jsonify, request
from flask.typing import ResponseReturnValue

from alliance.access import alliance_id, requires, today
from alliance.core.acts import Act
from alliance.core.diagnoses import SYSTEMS, Diagnosis
from alliance.registers import queries
from alliance.registers.forms import coded
from alliance.registers.rules.diagnoses import LONGEST
from alliance.registers.views.blueprint import blueprint

MOST = 12  # that are offered at once


class Diagnosed(Protocol):
    """A case with a diagnosis."""

    @property
    def diagnosis(self) -> str: ...
    @property
    def system(self) -> str: ...


def find(text: str) -> Sequence[Diagnosis]:
    """The diagnoses that a code, its beginning or words of a name may mean, the likeliest first."""
    found: Sequence[Diagnosis] = current_app.config["FIND_DIAGNOSES"](alliance_id(), text[:LONGEST], today(), MOST)
    return found


def find_icd10(text: str) -> Sequence[Diagnosis]:
    """The same of ICD-10 alone."""
    return [one for one in find(text) if one.system == SYSTEMS[0]]


def named(codes: Collection[tuple[str, str]]) -> dict[tuple[str, str], Diagnosis]:
    """What codes mean, each with its system, by system and code in capitals."""
    found: dict[tuple[str, str], Diagnosis] = current_app.config["NAMED_DIAGNOSES"](alliance_id(), codes)
    return found


def diagnoses_of(cases: Iterable[Diagnosed]) -> dict[tuple[str, str], Diagnosis]:
    """What the diagnoses of cases mean."""
    return named({(one.system, one.diagnosis) for one in cases})


def usual(institution: str) -> list[str]:
    """What an institution refers most of late, as its field offers it before anything is typed."""
    codes = queries.usual_diagnoses(alliance_id(), institution, MOST)
    known = named(codes)
    return [coded(known[system, code.upper()]) for system, code in codes if (system, code.upper()) in known]


@blueprint.get("/diagnoses/list")
@requires(Act.REGISTERS_DIAGNOSIS_LIST)
def list_diagnoses() -> ResponseReturnValue:
    """What a field offers while somebody types: the diagnoses that ?search= may mean."""
    return jsonify(found=[coded(one) for one in find(request.args.get("search", ""))])
