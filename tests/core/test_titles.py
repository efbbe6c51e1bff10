"""Professional titles are read in the language of the page."""

from __future__ import annotations

from alliance.core.titles import TITLES
from alliance.i18n import in_language, professional


def test_titles_are_written_clean() -> None:
    assert all(zh.strip() == zh and en[0].isupper() for zh, en in TITLES.items())


def test_a_known_title_is_read_in_english_and_others_as_they_were_written() -> None:
    with in_language("en"):
        assert professional("副主任医师") == "Associate chief physician"
        assert "首席研究员" in professional("首席研究员")
        assert professional("") == ""
    with in_language("zh"):
        assert professional("副主任医师") == "副主任医师"
