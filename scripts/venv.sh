#!/usr/bin/env bash
# Makes a virtual environment hold what a lock file names: scripts/venv.sh run (.venv, requirements.lock), test (.venv,
# requirements-dev.lock) or spark (.venv-spark, requirements-spark.lock).
# Plain pip and hashes; a stamp tells when nothing is to be done, so that a second start takes no time.
set -euo pipefail
cd "$(dirname "$0")/.."

purpose=${1:?usage: scripts/venv.sh run|test|spark}
python=${PYTHON:-python3}

case $purpose in
    run) target=run venv=.venv lock=requirements.lock ;;
    test) target=test venv=.venv lock=requirements-dev.lock ;;
    spark) target=test venv=.venv-spark lock=requirements-spark.lock ;;
    *) echo "venv: say run, test or spark, not $purpose" >&2; exit 2 ;;
esac
stamp=$venv/installed

digest() { sha256sum <"$1" | cut -d' ' -f1; }

if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    echo "venv: Python 3.11 or newer is needed as $python; name another one with: make $target PYTHON=/path/to/python3" >&2
    exit 1
fi

# The place is part of the stamp because scripts inside a virtual environment name it: a copied tree gets its own.
place="$("$python" -c 'import sys; print(*sys.version_info[:2], sys.executable)') in $PWD"
run="run $(digest requirements.lock)"
wanted="$purpose $(digest "$lock")"

holds() { [ -x "$venv/bin/python" ] && grep -qsxF -- "$1" "$stamp"; }

if holds "$place" && holds "$wanted"; then
    exit 0
fi

# An environment of another lock is made anew, not amended: what a lock no longer names must not linger.
# Adding the tools of the test lock to an up-to-date run environment is the one exception.
if ! { [ "$purpose" = test ] && holds "$place" && holds "$run" && ! grep -qs '^test ' "$stamp"; }; then
    if ! [ -w . ] || { [ -e "$venv" ] && ! [ -w "$venv" ]; }; then
        echo "venv: $(id -un) may not write $venv in $PWD; call this as the user to whom the folder belongs" >&2
        exit 1
    fi
    echo "venv: making $venv with $("$python" --version)"
    if ! "$python" -m venv --clear "$venv"; then
        echo "venv: $python cannot make virtual environments; install what it lacks with: apt-get install python3-venv" >&2
        exit 1
    fi
fi

rm -f "$stamp"
echo "venv: installing $(grep -c '^[a-z0-9]' "$lock") packages of $lock into $venv (about a minute the first time)"
if ! "$venv/bin/python" -m pip install --require-hashes --requirement "$lock" \
    --quiet --quiet --no-input --disable-pip-version-check --progress-bar off; then
    echo "venv: pip could not install $lock; look at its message above, check the network and pip's settings, then type: make $target" >&2
    exit 1
fi

# Written last and in one move, so that an interrupted installation is never taken for a finished one. What the test
# lock brings is more than the run lock, so it holds that too.
{
    echo "$place"
    if [ "$purpose" = test ]; then echo "$run"; fi
    echo "$wanted"
} >"$stamp.new"
mv "$stamp.new" "$stamp"
