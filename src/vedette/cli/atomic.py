"""``vedette atomic``: another name of ``vedette simulate exec``."""

from __future__ import annotations

from vedette.cli.exec import exec_command

atomic = exec_command
