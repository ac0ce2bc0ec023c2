#!/usr/bin/env bash
# Real components for the tests: Debian's Chromium and Alertmanager.
set -euo pipefail
missing=()
command -v chromium >/dev/null || missing+=(chromium)
command -v prometheus-alertmanager >/dev/null || missing+=(prometheus-alertmanager)
[ ${#missing[@]} = 0 ] && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  echo "installing ${missing[*]} for the tests …" >&2
  export DEBIAN_FRONTEND=noninteractive
  bash "$(dirname "$0")/again.sh" apt-get update -qq
  bash "$(dirname "$0")/again.sh" apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
else
  echo "The tests need ${missing[*]}. On Debian: sudo apt-get install ${missing[*]}" >&2
  exit 2
fi
