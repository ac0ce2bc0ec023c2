#!/usr/bin/env bash
# Makes the virtual environment from the lock file; every download is checked against its hash.
set -euo pipefail
python="$1" venv="$2"
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
  echo "Vedette needs Python 3.11 or newer; '$python' is $("$python" --version 2>&1 || echo missing)." >&2
  echo "On Debian: apt-get install python3 python3-venv; elsewhere: make PYTHON=/path/to/python3.11" >&2
  exit 2
fi
if ! "$python" -m venv "$venv" 2>/dev/null || [ ! -x "$venv/bin/pip" ]; then
  rm -rf "$venv"
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "installing python3-venv …" >&2
    apt-get update -qq && apt-get install -y -qq python3-venv >/dev/null
    "$python" -m venv "$venv"
  else
    echo "Python's venv module is missing. On Debian: sudo apt-get install python3-venv" >&2
    exit 2
  fi
fi
echo "installing Vedette and its tools into $venv …" >&2
bash "$(dirname "$0")/again.sh" "$venv/bin/pip" install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
"$venv/bin/pip" install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
