#!/usr/bin/env bash
# Pins every dependency, with hashes and without naming a registry.
set -euo pipefail
bin="$1"
"$bin/pip" install --quiet uv
"$bin/uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
  --no-header --no-annotate --extra dev --group build pyproject.toml -o requirements.lock
