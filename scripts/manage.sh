#!/bin/sh
# A command of an installed portal, with its settings and as its user; for root:
#   scripts/manage.sh db upgrade, scripts/manage.sh audit verify …
# SETTINGS names another file of settings than /etc/alliance.env, such as that of a restored copy.
set -eu
settings=${SETTINGS:-/etc/alliance.env}
cd "$(dirname "$(readlink -f "$0")")/.."

# What is in the shell of whoever calls must not win over the file.
for name in $(env | sed -n 's/^\(ALLIANCE_[A-Z_]*\)=.*/\1/p'); do unset "$name"; done
set -a
. "$settings"
set +a
exec runuser -u "${PORTAL_USER:-alliance}" -- .venv/bin/flask --app app "$@"
