#!/usr/bin/env python3
"""Two questions about a port of this machine: may a server take it, and does the portal answer on it.

`probe.py free PORT` and `probe.py answers PORT SECONDS` exit with 0 for yes, with 1 and one sentence for no.
"""

import socket
import sys
import time
from http.client import HTTPConnection, HTTPException

HOST = "127.0.0.1"


def refusal(port: int) -> str | None:
    """Why a server cannot listen on the port, or None when it can."""
    with socket.socket() as listener:
        # As the web server does it: connections that have just ended do not keep the port busy.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, port))
        except OSError as error:
            return error.strerror or str(error)
    return None


def health(port: int) -> int | str:
    """The status of the portal's health page, or what went wrong while asking for it."""
    # Not urllib: it would ask a proxy that the environment names.
    connection = HTTPConnection(HOST, port, timeout=5)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status
    except (OSError, HTTPException) as error:
        return str(error)
    finally:
        connection.close()


def failure(port: int, seconds: int) -> int | str | None:
    """The last answer of the health page within so many seconds, or None as soon as it is good."""
    end = time.monotonic() + seconds
    while (answer := health(port)) != 200:
        if time.monotonic() > end:
            return answer
        time.sleep(0.2)
    return None


def main(question: str, port: str, seconds: str = "60") -> str | None:
    if not port.isdecimal() or int(port) > 65535:
        return f"run: PORT is {port!r}, which is not a port number"
    if question == "free":
        if why := refusal(int(port)):
            return f"run: port {port} cannot be used ({why}); choose another one, as in: make run PORT=8001"
    elif why_not := failure(int(port), int(seconds)):
        return f"run: the portal did not answer on port {port} within {seconds} seconds ({why_not})"
    return None


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
