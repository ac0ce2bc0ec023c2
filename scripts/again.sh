#!/usr/bin/env bash
# Runs a command that downloads something, up to three times: a registry that stumbles must not fail a build.
set -uo pipefail
for pause in 5 20 0; do
  "$@" && exit 0
  code=$?
  [ "$pause" = 0 ] || { echo "'$1' failed with $code; trying again in $pause s …" >&2; sleep "$pause"; }
done
exit "$code"
