#!/usr/bin/env bash
# Writes the lock files anew from the ranges in pyproject.toml. Only this step needs uv; installing needs plain pip.
set -euo pipefail
cd "$(dirname "$0")/.."

uv=${UV:-uv}
if ! command -v "$uv" >/dev/null; then
    echo "lock: uv is missing, which only this step needs; name it with: make lock UV=/path/to/uv" >&2
    exit 1
fi

# No index address may get into a lock: every site installs from the index that its own pip is set up for.
options=(--universal --generate-hashes --no-emit-index-url --no-header --quiet)
"$uv" pip compile "${options[@]}" --output-file requirements.lock pyproject.toml
# The runtime lock binds the others, so that the tests run with the versions that are deployed.
"$uv" pip compile "${options[@]}" --group dev --constraint requirements.lock \
    --output-file requirements-dev.lock pyproject.toml
"$uv" pip compile "${options[@]}" --group pyproject.toml:spark --constraint requirements.lock \
    --output-file requirements-spark.lock
echo "lock: wrote requirements.lock, requirements-dev.lock and requirements-spark.lock"
