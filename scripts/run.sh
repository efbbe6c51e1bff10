#!/usr/bin/env bash
# Starts the portal with the demo alliance, all of its data in one directory: database made or brought up to date,
# demo loaded once, then the web server and the worker until Ctrl-C. `make run` calls it after installing.
set -euo pipefail
cd "$(dirname "$0")/.."

export ALLIANCE_DEMO=${ALLIANCE_DEMO:-1}
export ALLIANCE_DATA=${ALLIANCE_DATA:-$PWD/var}
export PORT=${PORT:-8000}
flask=(.venv/bin/flask --app app)

# Asked before the data is touched: a second `make run` beside the first must not migrate under it.
.venv/bin/python scripts/probe.py free "$PORT"

# Pay and personal data lie there: nobody else on the machine may read it.
mkdir -p -m 700 "$ALLIANCE_DATA"
if [ -z "${ALLIANCE_SECRET_KEY:-}" ]; then
    key=$ALLIANCE_DATA/secret_key
    if [ ! -s "$key" ]; then
        # In one move, so that an interrupted start leaves no half key behind.
        (umask 077 && .venv/bin/python -c 'import secrets; print(secrets.token_hex(32))' >"$key.new")
        mv "$key.new" "$key"
        echo "run: made a secret key in $key"
    fi
    ALLIANCE_SECRET_KEY=$(<"$key")
    export ALLIANCE_SECRET_KEY
fi

echo "run: bringing the database up to date"
"${flask[@]}" db upgrade
if [ "$ALLIANCE_DEMO" = 1 ]; then
    echo "run: loading the demo alliance, if it is not there yet"
    "${flask[@]}" demo load
fi
exec scripts/serve.sh
