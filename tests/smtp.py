"""A real mail server on this machine, for tests: keeps what it takes, and refuses what it is told to refuse."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller

from alliance.config import Smtp


class Box:
    """What has arrived, in order; `answers` are the server's answers to receivers that are not simply taken."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.answers: dict[str, str] = {}
        self.tries: list[str] = []

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:  # noqa: N802
        self.tries.append(address)
        if address in self.answers:
            return self.answers[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        found = message_from_bytes(envelope.content, policy=default)
        assert isinstance(found, EmailMessage)
        assert [str(found["To"])] == envelope.rcpt_tos
        self.mails.append(found)
        return "250 OK"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def settings(port: int) -> Smtp:
    return Smtp("127.0.0.1", port, "none", "portal@alliance.example")


@contextmanager
def running(box: Box, port: int, **options: Any) -> Iterator[None]:
    """The server at work; `options` are those of aiosmtpd, such as a certificate."""
    controller = Controller(box, hostname="127.0.0.1", port=port, **options)
    controller.start()
    try:
        yield
    finally:
        controller.stop()
