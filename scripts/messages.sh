#!/usr/bin/env bash
# Brings the catalogs up to date with the texts in code and templates: new ones come in empty, for a person to
# translate; those no longer used go. Run it after changing a text; tests/test_translations.py tells when it is due.
set -euo pipefail
cd "$(dirname "$0")/.."

# Beside gettext's own names: what marks a text where there is no request. Of a Problem the third argument is one.
keywords=(_l lazy mark Refused Forbidden Problem:3)

template=$(mktemp --suffix=.pot)
trap 'rm -f "$template"' EXIT
.venv/bin/pybabel --quiet extract --mapping-file babel.cfg "${keywords[@]/#/--keyword=}" \
    --add-location file --sort-output --output-file "$template" .
for catalog in alliance/translations/*/LC_MESSAGES/messages.po; do
    locale=$(basename "${catalog%/LC_MESSAGES/*}")
    # Nothing is guessed, and nothing is written that changes from run to run.
    .venv/bin/pybabel --quiet update --input-file "$template" --output-file "$catalog" --locale "$locale" \
        --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date --no-wrap
    echo "messages: $catalog, empty: $(.venv/bin/python - "$catalog" <<'PYTHON'
import sys
from babel.messages.pofile import read_po
with open(sys.argv[1], "rb") as file:
    empty = [message for message in read_po(file) if message.id and not (message.string and all(message.string))]
print(len(empty), *(f"\n  {message.id!r}" for message in empty), sep="")
PYTHON
)"
done
