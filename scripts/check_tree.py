#!/usr/bin/env python3
"""Fails when the tree ties the project to one package index, or when the lock files disagree."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RUN, TEST, SPARK = LOCKS = ("requirements.lock", "requirements-dev.lock", "requirements-spark.lock")

# A site installs from where its own pip and apt are set up for. Joined here, so that this file passes too.
HOSTS = tuple(
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("files", "pythonhosted", "org"),
        ("registry", "npmjs", "org"),
        ("deb", "debian", "org"),
    )
)


def files() -> list[Path]:
    """All files that are in git or would be with the next `git add`."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return [path for name in listed.split("\0") if name and (path := ROOT / name).is_file()]


def hosts_named() -> Iterator[str]:
    """Where a text file names the host of a package index."""
    for path in files():
        content = path.read_bytes()
        if b"\0" in content:
            continue
        for number, line in enumerate(content.decode(errors="replace").splitlines(), 1):
            for host in HOSTS:
                if host in line:
                    yield f"{path.relative_to(ROOT)}:{number} names the package host {host}"


def addresses_in_locks() -> Iterator[str]:
    """Where a lock file holds an address of any kind."""
    for lock in LOCKS:
        for number, line in enumerate((ROOT / lock).read_text().splitlines(), 1):
            if "://" in line:
                yield f"{lock}:{number} holds an address; write the locks with: make lock"


def pins(lock: str) -> set[str]:
    """The lines of a lock that name a package, its version and where it applies."""
    lines = (ROOT / lock).read_text().splitlines()
    return {line.removesuffix(" \\") for line in lines if line[:1].isalnum()}


def pins_not_tested() -> Iterator[str]:
    """What is deployed in another version than the tests run with."""
    run = pins(RUN)
    for pin in sorted(run - pins(TEST)):
        yield f"{RUN} has what {TEST} has not: {pin}; write the locks with: make lock"
    deployed = set(map(name, run))
    for pin in sorted(one for one in pins(SPARK) - run if name(one) in deployed):
        yield f"{SPARK} has another version than {RUN}: {pin}; write the locks with: make lock"


def name(pin: str) -> str:
    return pin.split("=", 1)[0]


def main() -> int:
    findings = [*addresses_in_locks(), *pins_not_tested(), *hosts_named()]
    for finding in findings:
        print(f"tree: {finding}", file=sys.stderr)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
