"""Schemes as TOML files: read with exact numbers, and written back."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import tomli_w

from alliance.core.refused import Refused
from alliance.files import check_size


def read_scheme_file(content: bytes, name: str) -> dict[str, Any]:
    """The data of a scheme file, numbers exact; Refused when it is not TOML, with the line."""
    check_size(content)
    try:
        return tomllib.loads(content.decode("utf-8-sig"), parse_float=Decimal)
    except UnicodeDecodeError as error:
        raise Refused("%(name)s is not a text file in UTF-8.", name=name) from error
    except tomllib.TOMLDecodeError as error:
        raise Refused("%(name)s is not valid TOML: %(fault)s.", name=name, fault=str(error)) from error


def write_scheme_file(content: Mapping[str, Any]) -> str:
    """The scheme as TOML text that reads back to the same content."""
    return tomli_w.dumps(dict(content))
