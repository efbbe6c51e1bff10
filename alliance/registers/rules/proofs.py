"""What is true of the files behind a case: how large they may be, and how many."""

from __future__ import annotations

from alliance.core.refused import Refused

SIZE_LIMIT = 20 * 2**20  # bytes of one file
FILES_LIMIT = 20  # files of one case


def check_proof(size: int, count: int, name: str) -> None:
    """Refuse a file that is empty or too large, and one too many."""
    if not size:
        raise Refused("%(name)s is empty.", name=name)
    if size > SIZE_LIMIT:
        raise Refused(
            "%(name)s has %(size)s MB; evidence may have at most %(limit)s MB a file.",
            name=name, size=-(-size // 2**20), limit=SIZE_LIMIT // 2**20,
        )  # fmt: skip
    if count >= FILES_LIMIT:
        raise Refused("This case has %(count)s files already; at most %(limit)s are taken.", count=count,
                      limit=FILES_LIMIT)  # fmt: skip
