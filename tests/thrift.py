"""What tests need not do anew for every app: compile the same templates, and the same addresses."""

from __future__ import annotations

from collections.abc import Callable
from types import CodeType
from typing import Any

from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache
from werkzeug.routing import Rule


class Templates(BytecodeCache):
    """Compiled templates, kept while this process lives, under their address and the digest of their text."""

    def __init__(self) -> None:
        self.codes: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self.codes.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        if bucket.code is not None:
            self.codes[bucket.key, bucket.checksum] = bucket.code


TEMPLATES = Templates()
_builders: dict[tuple[str, tuple[tuple[bool, str], ...], bool], Callable[..., tuple[str, str]]] = {}
_compile: Any = Rule._compile_builder


def _compiled_once(self: Rule, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
    """The function that writes an address of this rule.

    It is made of the parts of the rule alone and asks the rule itself for its converters, so that the rules of all
    apps with these parts can share it; defaults would be compiled into it.
    """
    if self.defaults:
        return _compile(self, append_unknown)  # type: ignore[no-any-return]
    key = (self.rule, tuple(self._trace), append_unknown)
    if key not in _builders:
        _builders[key] = _compile(self, append_unknown)
    return _builders[key]


def share(app: Flask) -> Flask:
    """The app, with templates that were compiled once for all apps."""
    app.jinja_env.bytecode_cache = TEMPLATES
    return app


# Nine tenths of what an app costs to make are its rules; werkzeug has no public place to share what it compiles.
Rule._compile_builder = _compiled_once  # type: ignore[method-assign]
