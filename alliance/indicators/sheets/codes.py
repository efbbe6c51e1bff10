"""Codes and mappings in tables."""

from __future__ import annotations

from alliance.files import read_table
from alliance.indicators.rules.codes import Pair, Term

TERM_COLUMNS = {"code": "编码", "name_zh": "名称", "name_en": "英文名称"}
PAIR_COLUMNS = {"code": "编码", "target": "对应编码"}


def read_terms(content: bytes, name: str) -> list[Term]:
    """The codes of a file, one a row."""
    rows = read_table(content, name, TERM_COLUMNS, required=("code", "name_zh"))
    return [Term(cells["code"], cells["name_zh"], cells.get("name_en", "")) for _, cells in rows]


def read_pairs(content: bytes, name: str) -> list[Pair]:
    """The pairs of a mapping, one a row; a blank target ends a mapping."""
    rows = read_table(content, name, PAIR_COLUMNS, required=("code", "target"))
    return [Pair(cells["code"], cells["target"]) for _, cells in rows]
