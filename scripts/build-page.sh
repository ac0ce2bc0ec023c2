#!/usr/bin/env bash
# Builds the page into the package when Node.js is there; without it the server says so and the API works.
set -euo pipefail
if ! command -v npm >/dev/null || ! node -e 'process.exit(process.versions.node.split(".")[0] >= 20 ? 0 : 1)'; then
  echo "Node.js 20 or newer is not here: the page is not built. The API works; install Node.js and run 'make page'." >&2
  exit 0
fi
echo "building the page …" >&2
cd web
bash ../scripts/again.sh npm ci --no-audit --no-fund --loglevel=error
npm run build --silent
