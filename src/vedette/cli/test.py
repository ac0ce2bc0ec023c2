"""``vedette test``: rules run on the events of their test files."""

from __future__ import annotations

from pathlib import Path

import click

from vedette.cli.output import hint, printable


@click.command()
@click.argument("path", type=click.Path(exists=True, path_type=Path), required=False)
@click.option("--rules", multiple=True, type=click.Path(exists=True, path_type=Path), help="Rules; may be repeated.")
@click.option("--junit", type=click.Path(dir_okay=False, path_type=Path), help="Also write the outcome as JUnit XML.")
def test(path: Path | None, rules: tuple[Path, ...], junit: Path | None) -> None:
    """Run the test files (NAME.test.yml) at PATH, a file or a folder; Vedette's own rules without one.

    The rules are those of the folder that the tests are in, or what --rules names. Exit code 1 when a
    rule did not fire where it must, or fired where it must not.
    """
    from vedette.rules.load import PACK
    from vedette.testing import detections

    place = PACK if path is None else path
    loaded = detections.rules_for(place, rules)
    outcomes = [one for file, name in detections.files_at(place) for one in detections.run_file(file, name, loaded)]
    for line in detections.report(outcomes):
        click.echo(printable(line))
    if junit is not None:
        junit.write_bytes(detections.junit(outcomes))
    failed = sum(bool(outcome.problem) for outcome in outcomes)
    hint(f"{len(outcomes)} cases, {failed} failed")
    without = detections.untested(loaded, outcomes) if place.is_dir() else []
    if without:
        hint(f"no case makes these fire: {', '.join(without)}")
    if failed:
        raise click.exceptions.Exit(1)
