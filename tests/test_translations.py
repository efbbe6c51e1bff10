"""The Chinese catalog says everything the pages can say, with the same numbers, and in Chinese."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_keywords, parse_mapping_cfg
from babel.messages.pofile import read_po

from alliance.core.english import ONE
from alliance.core.refused import Refused

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "alliance" / "translations"
CATALOGS = sorted(FOLDER.glob("*/LC_MESSAGES/messages.po"))
PLACE = re.compile(r"%(?:\((?P<name>\w+)\)(?P<kind>\w)|(?P<other>.))")
CHINESE = re.compile(r"[\u3400-\u9fff]")
ASCII_POINT = re.compile(r"[,;:!?](?!\d)|\.(?![\da-z])|[()]")
COUNTED = re.compile(r"%\(count\)s (?:[a-z]+ )?[a-z]+s\b(?! gets)")
# What says how many there may be, or counts what is never one.
LIMIT = re.compile(
    r"(?:[Aa]t least|[Aa]t most|from \d to|more than|After|None of the|last|interrupted|asked for) %\(count\)s"
    r"|at most %\("
)
LATIN = re.compile(r"[A-Za-z]+")
# What Chinese pages write in Latin letters: formats, units, and words of a file.
KNOWN = {
    "CMI", "CSV", "Connect",
    "DOCX", "Excel", "GB", "HIS", "ICD",
    "JPEG", "KB", "LIS", "MB", "PACS", "PDF", "PNG", "Parquet", "Q", "SHA", "Spark",
    "TOML", "TXT", "UTF", "WPS", "X", "XLSX", "false", "toml", "true", "xls", "xlsx",
}  # fmt: skip


@cache
def said() -> dict[str, tuple[str, ...]]:
    """Every message in code and templates by its English text, with its plural where it has one."""
    script = (ROOT / "scripts" / "messages.sh").read_text("utf-8")
    found = re.search(r"^keywords=\((.*)\)$", script, re.MULTILINE)
    assert found
    keywords = DEFAULT_KEYWORDS | parse_keywords(found[1].split())
    with (ROOT / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)
    messages = extract_from_dir(ROOT, methods, options, keywords)
    texts = [(text,) if isinstance(text, str) else tuple(text) for _, _, text, _, _ in messages]
    return {text[0]: text for text in texts}


@cache
def catalog(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=path.parts[-3])


def translated(path: Path) -> Iterator[tuple[Message, str, tuple[str, ...]]]:
    """The messages of a catalog with their English text and their translations."""
    for message in catalog(path):
        if message.id:
            one = message.id if isinstance(message.id, str) else message.id[0]
            yield message, one, (message.string,) if isinstance(message.string, str) else tuple(message.string)


def places(text: str) -> Counter[str]:
    """The places of numbers in a text, and its percent signs."""
    found = PLACE.finditer(text)
    return Counter(f"%({one['name']}){one['kind']}" if one["name"] else f"%{one['other']}" for one in found)


def test_there_is_a_chinese_catalog() -> None:
    assert [path.parts[-3] for path in CATALOGS] == ["zh_Hans_CN"]


@pytest.mark.parametrize("path", CATALOGS, ids=lambda path: path.parts[-3])
class TestCatalog:
    def test_it_has_every_message_and_none_that_nobody_says(self, path: Path) -> None:
        there = {one: message.id for message, one, _ in translated(path)}
        hint = "run scripts/messages.sh and translate what is empty"
        assert sorted(said().keys() - there.keys()) == [], hint
        assert sorted(there.keys() - said().keys()) == [], hint
        assert [one for one in there if len(said()[one]) != (1 if isinstance(there[one], str) else 2)] == [], hint

    def test_nothing_is_empty_or_guessed(self, path: Path) -> None:
        assert not catalog(path).fuzzy
        assert [one for _, one, texts in translated(path) if not all(text.strip() for text in texts)] == []
        assert [one for message, one, _ in translated(path) if message.fuzzy] == []

    def test_a_translation_has_the_same_places_for_numbers(self, path: Path) -> None:
        for message, one, texts in translated(path):
            ids = [message.id] if isinstance(message.id, str) else message.id
            for text in texts:
                assert places(text) in [places(english) for english in ids], one
                # Pages take a translation for markup.
                assert not re.search(r"[<>&]", text), one

    def test_a_translation_is_chinese_to_the_last_point(self, path: Path) -> None:
        for _, one, texts in translated(path):
            for text in texts:
                plain = PLACE.sub("0", text)
                assert set(LATIN.findall(plain)) <= KNOWN, (one, text)
                if CHINESE.search(plain):
                    assert not ASCII_POINT.search(plain), (one, text)


def test_an_english_message_holds_no_chinese() -> None:
    assert [one for text in said().values() for one in text if CHINESE.search(one)] == []


def test_a_plural_names_its_number_alike_in_both_forms() -> None:
    for text in said().values():
        if len(text) == 2:
            assert places(text[0]) == places(text[1]), text


def test_what_counts_one_thing_says_so_in_english() -> None:
    """A limit is never one of something, and `ngettext` has both its forms at hand."""
    (path,) = CATALOGS
    code = {one for message, one, _ in translated(path) if any(name.endswith(".py") for name, _ in message.locations)}
    counted = {one for one in code if COUNTED.search(one) and len(said()[one]) == 1 and not LIMIT.search(one)}
    assert sorted(counted - ONE.keys()) == [], "say it of one thing in core/english.py"
    assert sorted(ONE.keys() - said().keys()) == []
    assert [one for one, text in ONE.items() if places(one) != places(text) or one == text] == []


def test_a_refusal_of_one_error_speaks_of_one() -> None:
    assert str(Refused("The scheme has %(count)s errors.", count=1)) == "The scheme has 1 error."
    assert str(Refused("The scheme has %(count)s errors.", count=2)) == "The scheme has 2 errors."
