"""Worked examples in TOML, read with exact decimals."""

from __future__ import annotations

import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

TESTS = Path(__file__).parents[1]


def read(wing: str, name: str) -> dict[str, Any]:
    """The data of tests/<wing>/examples/<name>.toml."""
    text = (TESTS / wing / "examples" / f"{name}.toml").read_text("utf-8")
    return tomllib.loads(text, parse_float=Decimal)


def shipped(path: str) -> dict[str, Any]:
    """The data of alliance/<path>.toml, which ships with the portal."""
    return tomllib.loads((TESTS.parent / "alliance" / f"{path}.toml").read_text("utf-8"), parse_float=Decimal)


def cases(wing: str, name: str, key: str = "case") -> list[Any]:
    """Its cases as parameters of a test, called by their names."""
    return [pytest.param(case, id=case["name"]) for case in read(wing, name)[key]]
