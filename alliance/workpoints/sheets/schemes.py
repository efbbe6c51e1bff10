"""Bonus schemes as TOML files: what is taken out, and the template to begin with."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import resources
from typing import Any

import tomli_w

TEMPLATE = "bonus_scheme.toml"


def write_scheme(content: Mapping[str, Any]) -> str:
    """A scheme as TOML text that reads back to the same content."""
    return tomli_w.dumps(dict(content))


def template_scheme() -> str:
    """The scheme that ships with the portal, each option with what it does."""
    return resources.files("alliance.workpoints").joinpath("reference", TEMPLATE).read_text("utf-8")
