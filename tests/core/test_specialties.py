"""A specialty is known by its name, as people type it in either language."""

from __future__ import annotations

import pytest

from alliance.core.specialties import SPECIALTIES, specialty_named


@pytest.mark.parametrize(
    ("text", "code"),
    [("心血管内科", "03.04"), ("内分泌科", "03.07"), (" cardiology", "03.04"), ("儿", "07"), ("烧伤科", ""), ("", "")],
)
def test_a_name_leads_to_its_specialty(text: str, code: str) -> None:
    assert specialty_named(text) == (SPECIALTIES[code] if code else None)


def test_no_two_specialties_share_a_name() -> None:
    for one in SPECIALTIES.values():
        assert specialty_named(one.zh) == specialty_named(one.en) == one
