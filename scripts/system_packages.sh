#!/usr/bin/env bash
# Brings the Debian packages that `make run` or `make test` needs and this machine lacks: scripts/system_packages.sh run|test.
# A piece counts as present however it came here; only what is really missing is installed.
set -euo pipefail

purpose=${1:?usage: scripts/system_packages.sh run|test}
python=${PYTHON:-python3}
missing=()

need() { # need PACKAGE TEST...: the package is missing when the test fails
    local package=$1
    shift
    if ! "$@" >/dev/null 2>&1; then missing+=("$package"); fi
}

libraries=$(PATH=$PATH:/usr/sbin:/sbin ldconfig -p 2>/dev/null || true)
has_library() { [[ $libraries == *"$1"* ]]; }
has_cjk_font() {
    compgen -G '/usr/share/fonts/opentype/noto/NotoSansCJK-*.ttc' || fc-list ':family=Noto Sans CJK SC' | grep -q .
}
has_postgresql() {
    [ -x "${PG_BIN:-}/initdb" ] || compgen -G '/usr/lib/postgresql/*/bin/initdb' || command -v initdb
}

has_java() { # 17 or newer, where Spark looks for it
    [ "$("${JAVA_HOME:+$JAVA_HOME/bin/}java" -version 2>&1 | sed -nE 's/.* version "([0-9]+).*/\1/p')" -ge 17 ]
}

need python3-venv "$python" -c 'import ensurepip, venv'
need libpango-1.0-0 has_library libpango-1.0.so.0
need libpangoft2-1.0-0 has_library libpangoft2-1.0.so.0
need libharfbuzz-subset0 has_library libharfbuzz-subset.so.0
need fonts-noto-cjk has_cjk_font
case $purpose in
    run) ;;
    test)
        need chromium command -v chromium
        # Playwright's own node is linked to it.
        need libatomic1 has_library libatomic.so.1
        need poppler-utils command -v pdftoppm
        need postgresql has_postgresql
        need default-jre-headless has_java
        ;;
    *) echo "system: say run or test, not $purpose" >&2; exit 2 ;;
esac

if [ ${#missing[@]} -eq 0 ]; then
    exit 0
fi

as_root=()
if [ "$(id -u)" -ne 0 ]; then as_root=(sudo); fi
by_hand="apt-get update && apt-get install ${missing[*]}"

if ! command -v apt-get >/dev/null; then
    echo "system: missing ${missing[*]} (names of Debian packages; there is no apt-get here); install them, then type: make $purpose" >&2
    exit 1
fi
if [ ${#as_root[@]} -gt 0 ] && ! command -v sudo >/dev/null; then
    echo "system: missing ${missing[*]}, and there is no sudo; as root type: $by_hand" >&2
    exit 1
fi

echo "system: installing ${missing[*]} with apt-get"
# An apt that is busy elsewhere is waited for; what apt prints is shown only when it fails.
apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 --quiet --quiet --yes)
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! { "${apt[@]}" update && "${apt[@]}" install --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
    cat "$log" >&2
    echo "system: apt-get could not install ${missing[*]}; look at its message above, or as root type: $by_hand" >&2
    exit 1
fi
