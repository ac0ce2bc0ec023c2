"""``vedette``: commands are imported when they are called, so that ``--help`` and ``status`` stay quick."""

from __future__ import annotations

import sys
from difflib import get_close_matches
from importlib import import_module
from typing import Final

import click

from vedette import __version__
from vedette.errors import BadInput, ConfigError, Unauthorized, VedetteError

COMMANDS: Final = {
    "demo": "watch the bundled shop: server, shop, traffic and an attack in one command",
    "up": "run the server: receive, detect, page and API in one process",
    "watch": "find what is unusual in log files, then follow them; no server needed",
    "replay": "run history through the live path and report what it would have found",
    "incidents": "list incidents",
    "explain": "one incident as text: what happened, why it fired, what would have had to differ",
    "verdict": "say what an incident was: real, expected or noise; preview what that does",
    "context": "what is planned: sales, maintenance, deploys, calendars, holidays",
    "during": "run a command and announce it as planned work",
    "silence": "tell nobody of some incidents for a time",
    "status": "health in ten lines",
    "doctor": "check disk, clock, port, keys and state, each with its fix",
    "score": "score a data set with the product's own detectors",
    "rules": "bring Sigma rules in, after a look at what would change; list, show and remove them",
    "indicators": "bring lists of indicators in (CSV, STIX, TAXII); list, ask and remove them",
    "test": "run rules on the events of their test files",
    "check": "compare a build's telemetry with the release before; a gate for CI",
    "attack": "MITRE ATT&CK: look up, import a newer release, export a Navigator layer",
    "simulate": "send what an attack technique leaves behind to a running server, and see whether it is caught",
    "prove": "play attack techniques against a fresh server and report which are found, how soon, and why",
    "coverage": "which techniques a server's proofs cover, and which proofs are stale",
    "sensitivity": "the smallest change of each series that would be noticed, and how fast",
    "atomic": "carry out listed tests of Atomic Red Team on this host, if it is marked as owned",
    "notify": "list the channels of notifications, and send a test to them",
    "key": "create, list and revoke API keys",
    "config": "show the configuration in force, and where each value comes from",
    "shop": "the bundled shop and its traffic, sent to a running server",
    "bank": "a bank's requests before and after a new release, sent to a running server",
}

EXIT_FINDINGS: Final = 1
EXIT_USAGE: Final = 2
EXIT_UNHEALTHY: Final = 3
EXIT_FORBIDDEN: Final = 4
EXIT_NOT_FOUND: Final = 5
EXIT_INTERRUPTED: Final = 130


class Commands(click.Group):
    """Commands by name; a module is imported only for the one that runs."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of the table."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return a command."""
        if cmd_name not in COMMANDS:
            near = get_close_matches(cmd_name, COMMANDS, n=1)
            hint = f" Did you mean '{near[0]}'?" if near else ""
            ctx.fail(f"No such command '{cmd_name}'.{hint}")
        command: click.Command = getattr(import_module(f"vedette.cli.{cmd_name}"), cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing any."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80})
@click.version_option(__version__, prog_name="vedette")
def cli() -> None:
    """Vedette watches applications, learns what is normal, and reports few, explained incidents."""


def main() -> None:
    """Run the command line; errors of ours end in one clear line and the exit code for whose fault it is."""
    try:
        code = cli.main(prog_name="vedette", standalone_mode=False)
        sys.exit(code if isinstance(code, int) else 0)
    except click.exceptions.Exit as done:
        sys.exit(done.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(EXIT_USAGE)
    except (KeyboardInterrupt, click.Abort):
        sys.exit(EXIT_INTERRUPTED)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(EXIT_INTERRUPTED)
    except VedetteError as error:
        click.echo(f"vedette: {error}", err=True)
        sys.exit(_code(error))


def _code(error: VedetteError) -> int:
    if isinstance(error, Unauthorized):
        return EXIT_FORBIDDEN
    if type(error).__name__ == "NotFound":
        return EXIT_NOT_FOUND
    return EXIT_USAGE if isinstance(error, (ConfigError, BadInput)) else EXIT_UNHEALTHY


if __name__ == "__main__":
    main()
