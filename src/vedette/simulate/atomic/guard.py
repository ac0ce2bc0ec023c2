"""Where attacks may be carried out: on hosts that say so, and never in a CI job by accident."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from vedette.errors import ConfigError

MARK: Final = Path("/etc/vedette/owned")
"""Holds the names of the hosts on which tests may be carried out, one a line: a copied disk marks no other host."""

VARIABLE: Final = "VEDETTE_OWNED"
"""Environment variable that does as well, with the host's name as its value."""

CI_VARIABLES: Final = ("CI", "GITHUB_ACTIONS", "GITLAB_CI", "JENKINS_URL", "BUILDKITE", "TEAMCITY_VERSION", "TF_BUILD")
"""What CI systems set in their jobs."""


def require_owned(host: str, mark: Path, environ: Mapping[str, str]) -> None:
    """Return if this host is marked as owned; raises `ConfigError` saying how to mark it."""
    named = [environ.get(VARIABLE, "").strip()]
    try:
        named += [line.strip() for line in mark.read_text(encoding="utf-8").splitlines()]
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "not UTF-8"
        found = f"{mark}: {why}"
    else:
        found = f"{mark} names {', '.join(filter(None, named)) or 'no host'}"
    if host not in named:
        raise ConfigError(
            [
                f"this host is not marked as owned ({found}, expected {host}); if attacks may be carried out on it: "
                f"mkdir -p {mark.parent} && echo {host} >> {mark}, or {VARIABLE}={host}"
            ]
        )


def refuse_in_ci(environ: Mapping[str, str], *, sandbox: bool) -> None:
    """Return unless this is a CI job that was not said to be a sandbox; then raises `ConfigError`."""
    found = next((name for name in CI_VARIABLES if environ.get(name, "").lower() not in ("", "0", "false")), None)
    if found and not sandbox:
        raise ConfigError(
            [f"this is a CI job ({found} is set): tests run only with --sandbox, on a machine that is thrown away"]
        )
