"""``vedette rules add``: what a set would change, who signed it, and what it would have matched; then, taken in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from vedette.cli.listing import brief, config_of, data_option, json_option, listed
from vedette.cli.output import Progress, document, hint, printable
from vedette.errors import BadInput

if TYPE_CHECKING:
    import pyarrow as pa

    from vedette.rules.added import Change
    from vedette.rules.model import RuleSet
    from vedette.scoring.backtest import Backtest

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("form", type=click.Choice(["sigma"]))
@click.argument("source", type=click.Path(exists=True, path_type=Path))
@click.option("--name", default="sigma", show_default=True, help="What to call the set; an older one is replaced.")
@click.option("--sha256", "digest", help="What SOURCE must be: the digest, or a file of sha256sum.")
@click.option("--signature", type=_FILE, help="Detached OpenPGP signature of SOURCE; with --signed-by.")
@click.option("--signed-by", "signers", type=_FILE, help="Public keys that are trusted to sign it.")
@click.option("--days", default=7.0, show_default=True, help="Days of stored events to try it on; 0 for none.")
@click.option("--on", "files", type=_FILE, multiple=True, help="File of events to try it on, in the source's own form.")
@click.option("--apply", "applied", is_flag=True, help="Take the rules in; without it, nothing is changed.")
@json_option
@data_option
def add(
    form: str,
    source: Path,
    name: str,
    digest: str | None,
    signature: Path | None,
    signers: Path | None,
    days: float,
    files: tuple[Path, ...],
    applied: bool,
    as_json: bool,
    data: Path | None,
) -> None:
    """Compare the rules in SOURCE, a file, folder or archive, with those of the set, and try what is new on events.

    With --apply, take them in.
    """
    from vedette.rules.added import check_digest, compare, keep, place_of
    from vedette.rules.load import load, texts_of
    from vedette.rules.model import RuleSet

    del form
    if digest is not None:
        check_digest(source, digest)
    signer = _signer(source, signature, signers)
    folder = Path(config_of(data).data.folder)
    kept = place_of(folder, name)
    new = load([source])
    change = compare(load([kept]) if kept.exists() else RuleSet(), new)
    if not (new.rules or new.correlations):
        causes = "; ".join(map(str, new.problems[:3]))
        raise BadInput("no_usable_rules", detail=f"{source}: {causes or 'every rule in it is deprecated'}")
    outlook = Outlook(change, new, _tried(folder, new, days, files))
    if applied:
        keep(folder, name, texts_of([source]))
    if as_json:
        document({"set": name, "applied": applied, "signed_by": signer, **outlook.document()})
        return
    if signer:
        click.echo(f"signed by {printable(signer)}")
    outlook.show()
    taken = f"taken in as '{name}'; a running server takes it up at 'vedette rules reload'"
    hint(taken if applied else "nothing was changed; add --apply")


@dataclass(frozen=True, slots=True)
class Outlook:
    """What taking a set in would mean."""

    change: Change
    new: RuleSet
    tried: Backtest

    @property
    def _parts(self) -> dict[str, Any]:
        return {"added": self.change.added, "changed": self.change.changed, "removed": self.change.removed}

    def _matched(self) -> list[dict[str, Any]]:
        """Return the added and changed rules that matched, most often first."""
        fresh = (*self.change.added, *self.change.changed)
        counts = [(one, self.tried.matches.get(one.head.id, 0)) for one in fresh]
        rows = [
            brief(one) | {"matches": count, "a_day": round(count / self.tried.days, 3)}
            for one, count in counts
            if count
        ]
        return sorted(rows, key=lambda row: (-row["matches"], row["title"]))

    def _untried(self) -> int:
        """Return how many of the added and changed rules no event was for."""
        return sum(one.head.id in self.tried.untried for one in (*self.change.added, *self.change.changed))

    def document(self) -> dict[str, Any]:
        """Return it as one document."""
        return {
            **{word: [brief(one) for one in part] for word, part in self._parts.items()},
            "left_out": [str(problem) for problem in self.new.problems],
            "backtest": {
                "events": self.tried.events,
                "days": round(self.tried.days, 3),
                "untried": self._untried(),
                "matched": self._matched(),
            },
        }

    def show(self) -> None:
        """Print it."""
        for word, part in self._parts.items():
            listed(word, [f"{one.head.id}  {one.head.level:<13} {one.head.title}" for one in part])
        listed("left out", [str(problem) for problem in self.new.problems])
        if not self.tried.events:
            click.echo("tried on no events: none are stored; --on FILE has it try some of yours")
            return
        click.echo(f"tried on {self.tried.events} events of {self.tried.days:.1f} days")
        rows = [
            f"{row['matches']:>7} {row['a_day']:>9.1f} a day  {row['level']:<13} {row['title']}"
            for row in self._matched()
        ]
        listed("would have matched", rows)
        click.echo(f"without an event of their log source: {self._untried()}")


def _signer(source: Path, signature: Path | None, signers: Path | None) -> str | None:
    from vedette.rules.signed import check_signature

    if signature is None or signers is None:
        if signature is not signers:
            raise click.UsageError("give both --signature and --signed-by, or neither")
        return None
    return check_signature(source, signature, signers)


def _tried(folder: Path, rules: RuleSet, days: float, files: tuple[Path, ...]) -> Backtest:
    """Try rules on stored events of the last days and on files."""
    from vedette.cli.score import read_events
    from vedette.engine.clock import now
    from vedette.records.schema import Signal
    from vedette.records.time import SECOND
    from vedette.scoring.backtest import backtest
    from vedette.store.events import HOUR, EventStore

    store = EventStore(folder / "events", reading=True)
    since = now() - round(days * 86_400 * SECOND)
    names = (Signal.LOG.value, Signal.SPAN.value) if days > 0 else ()
    hours = sorted((hour, name) for name in names for hour in store.hours(name, since))
    progress = Progress("trying", len(hours) + len(files))

    def parts() -> Iterator[pa.Table]:
        for done, (hour, name) in enumerate(hours):
            progress.at(done)
            yield store.scan(name, max(hour, since), hour + HOUR)
        for done, file in enumerate(files, len(hours)):
            progress.at(done)
            yield read_events(file)

    found = backtest(parts(), rules)
    progress.done()
    return found
