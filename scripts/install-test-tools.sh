#!/usr/bin/env bash
# Real components for the tests: Debian's Chromium and Alertmanager, and the attackers' tools that the shop is tried with.
set -euo pipefail
missing=()
command -v chromium >/dev/null || missing+=(chromium)
command -v prometheus-alertmanager >/dev/null || missing+=(prometheus-alertmanager)
command -v gpg >/dev/null || missing+=(gnupg)
for tool in sqlmap ffuf gobuster; do
  command -v "$tool" >/dev/null || missing+=("$tool")
done
if [ ${#missing[@]} = 0 ]; then
  :
elif [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  echo "installing ${missing[*]} for the tests …" >&2
  export DEBIAN_FRONTEND=noninteractive
  bash "$(dirname "$0")/again.sh" apt-get update -qq
  bash "$(dirname "$0")/again.sh" apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
else
  echo "The tests need ${missing[*]}. On Debian: sudo apt-get install ${missing[*]}" >&2
  exit 2
fi

# MITRE's own reader of Navigator layers, in an environment of its own: it brings pandas, which pyarrow would load.
reader=.build/navigator
if [ ! -x "$reader/bin/python" ] || ! "$reader/bin/python" -c 'import mitreattack' 2>/dev/null; then
  echo "installing MITRE's reader of Navigator layers for the tests …" >&2
  "${PYTHON:-python3}" -m venv "$reader"
  bash "$(dirname "$0")/again.sh" "$reader/bin/pip" install --quiet --disable-pip-version-check mitreattack-python==6.3.1
fi

# OASIS' own TAXII server, in an environment of its own: it brings Flask's extensions.
taxii=.build/taxii
if [ ! -x "$taxii/bin/medallion" ]; then
  echo "installing a TAXII server for the tests …" >&2
  "${PYTHON:-python3}" -m venv "$taxii"
  bash "$(dirname "$0")/again.sh" "$taxii/bin/pip" install --quiet --disable-pip-version-check medallion==3.0.0
fi
