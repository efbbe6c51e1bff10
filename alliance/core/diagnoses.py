"""Diagnoses: the code systems in which they are told, and a code of one with what it means."""

from __future__ import annotations

from dataclasses import dataclass

SYSTEMS = ("ICD-10", "ICD-11")


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """A code of a version of ICD-10 or ICD-11, with what it means."""

    system: str
    version: str
    code: str
    name_zh: str
    name_en: str

    @property
    def key(self) -> tuple[str, str]:
        """What it is found by: systems differ in how they write an x."""
        return self.system, self.code.upper()


def system_of(code: str) -> str:
    """The system of which a code system is an edition: ICD-10 of ICD-10-CN; "" of one that tells no diagnoses."""
    return next((one for one in SYSTEMS if code.upper() == one or code.upper().startswith(f"{one}-")), "")
