"""The small things that views hand to the pieces of a page, and the files that they hand out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from flask import Response, g


@dataclass(frozen=True, slots=True)
class Link:
    """A view of the same thing."""

    label: str
    url: str
    current: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """A step of something that goes through states: done, current or todo."""

    label: str
    state: str
    note: str = ""


def attachment(
    content: bytes | str | Iterable[str],
    name: str,
    mimetype: str,
    subject: str,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """A file to keep. Every download goes out through here: what is taken out of the portal is an event.

    `subject` is what the file holds, as events name it; the ending of `name` is the format. A file that leaves in
    another way is stopped (`audit.views.remember`).
    """
    g.exported = (subject, name.rpartition(".")[2])
    disposition = {"Content-Disposition": f"attachment; filename={name}"}
    return Response(content, mimetype=mimetype, headers={**disposition, **(headers or {})})
