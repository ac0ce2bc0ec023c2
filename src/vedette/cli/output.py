"""How the command line speaks: data to stdout, progress and hints to stderr, never a color into a pipe."""

from __future__ import annotations

import json
import sys
import time
from typing import Any, Final

import click

MARKS: Final = {"low": "·", "medium": "▲", "high": "◆", "critical": "⬣!"}
COLORS: Final = {"low": "blue", "medium": "yellow", "high": "red", "critical": "magenta"}
WIDTH: Final = 80
_CONTROL: Final = dict.fromkeys((*range(32), *range(127, 160)), "\N{REPLACEMENT CHARACTER}")


def document(value: Any) -> None:
    """Print one JSON document."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2 if sys.stdout.isatty() else None))


def hint(text: str) -> None:
    """Print a hint or the next command to type, to stderr."""
    click.echo(click.style(text, dim=True), err=True)


def printable(text: str) -> str:
    r"""Return text without what a terminal obeys: names and examples come from whoever wrote the log.

    >>> printable("GET /\x1b[2J")
    'GET /�[2J'
    """
    return text.translate(_CONTROL)


def severity(word: str) -> str:
    """Return a severity as mark and word, colored on a terminal."""
    return click.style(f"{MARKS[word]:<2} {word:<8}", fg=COLORS[word], bold=word == "critical")


def place(incident: dict[str, Any]) -> str:
    """Return where an incident is: its segment, and the tier of its service where it is known."""
    return " · ".join(filter(None, (incident["segment"], incident.get("tier"))))


def incident_lines(incident: dict[str, Any]) -> list[str]:
    """Return an incident as two lines for a list."""
    when = incident["started_at"][:16].replace("T", " ")
    last = f"{place(incident)} · {incident['kind']} · {when} UTC · {incident['event_count']} events"
    techniques = " ".join(incident["techniques"])
    return [
        f"{severity(incident['severity'])} {printable(incident['title'])}",
        printable(f"   {incident['id']}  {last}{' · ' + techniques if techniques else ''}"),
    ]


class Progress:
    """One line on stderr that says how far long work is; silent where nobody looks."""

    def __init__(self, label: str, total: int) -> None:
        self._label = label
        self._total = max(total, 1)
        self._shown = 0.0
        self._visible = sys.stderr.isatty()

    def of(self, total: int) -> None:
        """Set what it is measured against."""
        self._total = max(total, 1)

    def at(self, done: int, note: str = "") -> None:
        """Show that `done` of the total is done, at most ten times a second."""
        moment = time.monotonic()
        if not self._visible or moment - self._shown < 0.1:
            return
        self._shown = moment
        share = min(done / self._total, 1.0)
        bar = "█" * round(20 * share)
        click.echo(f"\r{self._label} {bar:<20} {100 * share:3.0f} % {note}"[:WIDTH].ljust(WIDTH), nl=False, err=True)

    def done(self) -> None:
        """Wipe the line."""
        if self._visible and self._shown:
            click.echo("\r" + " " * WIDTH + "\r", nl=False, err=True)
