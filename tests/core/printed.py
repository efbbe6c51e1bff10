"""A printed formula read back: an independent reader of what core.formula writes, in both languages."""

from __future__ import annotations

import re

from alliance.core.formula import WORDS

SIGNS = {"+": "+", "−": "-", "×": "*", "÷": "/", "=": "==", "≠": "!=", "<": "<", "≤": "<=", ">": ">", "≥": ">="}
LEVELS = ({"=", "≠", "<", "≤", ">", "≥"}, {"+", "−"}, {"×", "÷"})
CONDITION = {"zh": ("若", "则", "，否则"), "en": ("if", "then", ", otherwise")}
COMMA = {"zh": "，", "en": ","}


class Printed:
    """Turns printed text into text of the grammar, every operation in parentheses; lists become names."""

    def __init__(self, text: str, lang: str) -> None:
        self.lang = lang
        self.lists: dict[str, list[str]] = {}
        self.functions = {word: name for name, word in WORDS[lang].items()}
        words = sorted([*self.functions, *CONDITION[lang]], key=len, reverse=True)
        pattern = "|".join([*map(re.escape, words), r"\d+(?:\.\d+)?", r"[a-z_]\w*", r"\S"])
        self.tokens = re.findall(pattern, text)
        self.grammar = self.whole()
        assert not self.tokens, f"left over: {self.tokens}"

    def take(self, token: str = "") -> str:
        found = self.tokens.pop(0)
        assert not token or found == token, f"{found} stands where {token} should"
        return found

    def whole(self) -> str:
        when, then, otherwise = CONDITION[self.lang]
        if self.tokens[0] != when:
            return self.level(0)
        self.take(when)
        test = self.level(0)
        self.take(then)
        body = self.level(1)
        self.take(otherwise)
        return f"({body} if {test} else {self.whole()})"

    def level(self, number: int) -> str:
        """A chain of signs of one level, from left to right."""
        if number == len(LEVELS):
            return self.part()
        text = self.level(number + 1)
        while self.tokens and self.tokens[0] in LEVELS[number]:
            sign = SIGNS[self.take()]
            text = f"({text} {sign} {self.level(number + 1)})"
        return text

    def part(self) -> str:
        token = self.take()
        if token == "−":
            return f"(-{self.part()})"
        if token == "(":
            text = self.whole()
            self.take(")")
            return text
        if token == "[":
            return self.listed()
        if token in self.functions:
            self.take("(")
            return f"{self.functions[token]}({', '.join(self.several(')', self.whole))})"
        assert re.fullmatch(r"\d.*|[a-z_]\w*", token), token
        return token

    def several(self, end, read):
        found = [read()]
        while self.take() != end:
            found.append(read())
        return found

    def listed(self) -> str:
        name = f"list_{len(self.lists)}"
        self.lists[name] = [text.strip("()") for text in self.several("]", self.part)]
        return name
