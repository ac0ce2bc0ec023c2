"""``vedette coverage``: which attack techniques were proved to be found, when, and what of it is stale."""

from __future__ import annotations

import click

from vedette.cli.client import get, server_options
from vedette.cli.output import document, hint


@click.command()
@server_options
@click.option("--min-coverage", default=0.0, help="Exit code 1 below this share of proofs that count, such as 0.9.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
def coverage(url: str, key: str, min_coverage: float, as_json: bool) -> int:
    """Show the proofs that a server keeps; `vedette prove --keep` adds some.

    A proof is stale after 90 days, and once the release or the rules are others; it does not count then.
    """
    found = get(url, "coverage", key)
    if as_json:
        document(found)
        return 0 if found["coverage"] >= min_coverage else 1
    for row in found["techniques"]:
        after = "" if row["seconds"] is None else f"{row['seconds']:.0f} s"
        click.echo(
            f"{row['key']:<12}{row['title'][:32]:<34}{row['outcome']:<9}{after:>8}  {row['date'][:10]}  {row['stale']}"
        )
    click.echo(f"{found['proved']} of {found['played']} proved, {found['missed']} missed, {found['stale']} stale")
    canary = found["canary"]
    if canary is not None:
        words = [("noticed", canary["tested"]), ("not noticed", canary["missed"])]
        told, who = words[bool(canary["missed"])]
        click.echo(f"last canary: {told} by {' and '.join(who)}")
    if not found["techniques"]:
        hint("nothing was proved yet: vedette prove --keep")
    return 0 if found["coverage"] >= min_coverage else 1
