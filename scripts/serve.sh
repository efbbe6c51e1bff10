#!/usr/bin/env bash
# Runs the web server and the worker beside each other until a signal comes; when one of them dies the other is
# stopped too and the exit is 1, so that whatever supervises this script notices.
set -uo pipefail
cd "$(dirname "$0")/.."

port=${PORT:-8000}
web=
worker=

alive() { [ -n "$1" ] && kill -0 "$1" 2>/dev/null; }

stop() {
    # A second Ctrl-C must not cut this short and leave a process behind.
    trap '' INT TERM HUP
    local process
    for process in $web $worker; do
        kill -TERM "$process" 2>/dev/null
    done
    # Both finish what they have in hand; who has not after 20 seconds is killed with all of its children.
    for _ in {1..200}; do
        alive "$web" || alive "$worker" || return
        sleep 0.1
    done
    for process in $web $worker; do
        kill -KILL -- "-$process" 2>/dev/null
    done
    echo "run: a process did not stop within 20 seconds and was killed" >&2
}

trap 'echo; echo "run: stopping"; stop; echo "run: stopped"; exit 0' INT TERM HUP

# Each in a session of its own: Ctrl-C reaches this script alone, which then stops both in good order.
setsid .venv/bin/gunicorn --bind "127.0.0.1:$port" --worker-class gthread --workers 2 --threads 4 \
    --graceful-timeout 10 --log-level warning --no-control-socket 'app:create_app()' &
web=$!
setsid .venv/bin/flask --app app worker &
worker=$!
.venv/bin/python scripts/probe.py answers "$port" 60 &
probe=$!

fail() { echo "run: $1; the portal stops" >&2; kill "$probe" 2>/dev/null; stop; exit 1; }

while :; do
    wait -n -p ended "$web" "$worker" ${probe:+"$probe"}
    code=$?
    case $ended in
        "$web") fail "the web server ended (exit code $code)" ;;
        "$worker") fail "the worker ended (exit code $code)" ;;
        "$probe")
            [ "$code" -eq 0 ] || fail "the web server does not answer"
            probe=
            echo "run: the portal is at http://127.0.0.1:$port (Ctrl-C stops it)"
            ;;
    esac
done
