"""``vedette simulate exec``: tests of Atomic Red Team, carried out on this host if it is marked as owned."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from vedette.cli.output import Progress, document, hint, printable
from vedette.errors import BadInput

if TYPE_CHECKING:
    from vedette.simulate.atomic.allow import Entry
    from vedette.simulate.atomic.load import Atomic
    from vedette.simulate.atomic.run import Result, Runner

EXIT_LEFT = 1
"""Something of a test is left on the host."""


@click.command("exec")
@click.argument("source", type=click.Path(exists=True, path_type=Path))
@click.option("--technique", "techniques", multiple=True, help="Only tests of this technique; may be repeated.")
@click.option("--execute", is_flag=True, help="Carry the tests out; without it, they are only listed.")
@click.option("--sandbox", is_flag=True, help="In a CI job: say that it runs in a machine that is thrown away.")
@click.option("--owned", type=click.Path(path_type=Path), help="File with names of owned hosts.")
@click.option("--allow", type=click.Path(path_type=Path), help="Allow-list in place of the shipped one.")
@click.option("--timeout", type=click.FloatRange(0.1, 3600.0), default=30.0, show_default=True, help="Seconds a test.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@click.pass_context
def exec_command(
    ctx: click.Context,
    source: Path,
    techniques: tuple[str, ...],
    execute: bool,
    sandbox: bool,
    owned: Path | None,
    allow: Path | None,
    timeout: float,
    as_json: bool,
) -> None:
    """Carry out tests of Atomic Red Team that are on the allow-list, unchanged; SOURCE is its YAML, file or folder.

    Without --execute nothing runs. Each test runs as nobody, without network, in a folder of its own,
    and is cleaned up. The host must be marked as owned: its name in /etc/vedette/owned.
    """
    from vedette.simulate.atomic.allow import read_allowed

    allowed = read_allowed() if allow is None else read_allowed(allow)
    runner = make_runner(allowed, owned, timeout, sandbox=sandbox) if execute else _dry(allowed)
    total, chosen = chosen_tests(source, allowed, techniques)
    results = [*carried_out(runner, chosen)]
    counts = Counter(result.outcome.value for result in results)
    if as_json:
        document({"summary": dict(counts), "tests": [_shown(result) for result in results]})
    else:
        for result in results:
            click.echo("\n".join(_lines(result)))
        _conclude(counts, total, execute=execute)
    if any(result.cleaned is False for result in results):
        ctx.exit(EXIT_LEFT)


def make_runner(allowed: dict[str, Entry], owned: Path | None, timeout: float, *, sandbox: bool) -> Runner:
    """Return what carries tests out here; raises `BadInput` on a host that is not owned, or in CI without a word."""
    import os
    import platform
    from time import time_ns

    from vedette.simulate.atomic.cell import make_cell
    from vedette.simulate.atomic.guard import MARK, refuse_in_ci, require_owned
    from vedette.simulate.atomic.run import Runner

    refuse_in_ci(os.environ, sandbox=sandbox)
    require_owned(platform.node(), owned or MARK, os.environ)
    return Runner(allowed, make_cell(), time_ns, timeout)


def _dry(allowed: dict[str, Entry]) -> Runner:
    from time import time_ns

    from vedette.simulate.atomic.run import Runner

    return Runner(allowed, None, time_ns)


def chosen_tests(source: Path, allowed: dict[str, Entry], techniques: tuple[str, ...]) -> tuple[int, list[Atomic]]:
    """Return how many tests a source has, and those asked for; says which can't be read."""
    from vedette.simulate.atomic.load import load

    loaded = load(source)
    for problem in loaded.problems:
        hint(printable(problem))
    return len(loaded.tests), _chosen(loaded.tests, allowed, techniques)


def _chosen(tests: tuple[Atomic, ...], allowed: dict[str, Entry], techniques: tuple[str, ...]) -> list[Atomic]:
    """Return the tests asked for; without a technique, those whose ids are on the allow-list."""
    wanted = {technique.upper() for technique in techniques}
    chosen = [test for test in tests if (test.technique in wanted if wanted else test.guid in allowed)]
    unknown = wanted - {test.technique for test in chosen}
    if unknown:
        raise BadInput(
            "unknown_technique", detail=f"got {', '.join(sorted(unknown))}, expected one that has tests here"
        )
    return chosen


def carried_out(runner: Runner, tests: list[Atomic]) -> Iterator[Result]:
    """Carry tests out and yield what became of each."""
    progress = Progress("tests", len(tests))
    for done, test in enumerate(tests):
        progress.at(done, test.technique)
        yield runner.run(test)
    progress.done()


def _shown(result: Result) -> dict[str, object]:
    from dataclasses import asdict

    from vedette.records.time import rfc3339

    return {**asdict(result), "started_at": rfc3339(result.started_at) if result.started_at else None}


def _lines(result: Result) -> Iterator[str]:
    yield printable(f"{result.outcome.value:<8} {result.id}  {result.name}")
    if result.reason:
        yield printable(f"         {result.reason}")
    if result.outcome.value == "planned":
        yield from (printable(f"         {line}") for line in result.command.splitlines())
    if result.exit is not None:
        state = "cleaned" if result.cleaned else f"LEFT BEHIND: {', '.join(result.left)}"
        yield printable(f"         exit {result.exit} after {result.seconds:.1f} s, {state}")


def _conclude(counts: Counter[str], total: int, *, execute: bool) -> None:
    hint(f"{total} tests read; {', '.join(f'{count} {name}' for name, count in counts.items()) or 'none allowed'}")
    if counts["planned"] and not execute:
        hint("nothing was carried out; add --execute to do so")
