"""``vedette attack``: the ATT&CK table, a newer one, and a layer for the Navigator."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from vedette.cli.output import document, hint
from vedette.errors import BadInput

if TYPE_CHECKING:
    from vedette.config.schema import Config
    from vedette.records.attack import Table, Technique
    from vedette.rules.shelf import Edition

data_option = click.option("--data", type=click.Path(path_type=Path), help="Data folder.")


@click.group()
def attack() -> None:
    """Look techniques of MITRE ATT&CK up, import a newer release, export a Navigator layer.

    © The MITRE Corporation. This work is reproduced and distributed with the permission of The MITRE
    Corporation.
    """


@attack.command()
@click.argument("technique")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@data_option
def show(technique: str, as_json: bool, data: Path | None) -> None:
    """Show TECHNIQUE, such as T1110 or T1110.001: name, tactics, platforms, sub-techniques.

    An id that MITRE revoked shows the technique that took its place.
    """
    from vedette.store.attack import table_of

    table = table_of(_folder(data))
    found = table.find(technique)
    if found is None:
        raise BadInput(
            "unknown_technique", detail=f"got {technique!r}, expected an id of ATT&CK {table.version} such as T1110.001"
        )
    shown = _described(table, found)
    if found.id != technique.upper():
        hint(f"{technique.upper()} was revoked; {found.id} took its place")
    if as_json:
        document(shown)
        return
    for line in _lines(shown):
        click.echo(line)


@attack.command("import")
@click.argument("bundle", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@data_option
def import_bundle(bundle: Path, data: Path | None) -> None:
    """Take techniques from BUNDLE, a STIX file such as enterprise-attack.json; servers read it when they start."""
    from vedette.records.stix import read_bundle
    from vedette.store.attack import keep

    try:
        read = json.loads(bundle.read_bytes())
    except ValueError as error:
        raise BadInput("bad_stix_bundle", detail=f"{bundle}: {error}") from None
    table = read_bundle(read)
    path = keep(_folder(data), table)
    click.echo(
        f"ATT&CK {table.version}: {len(table.techniques)} techniques, {len(table.revoked)} revoked ids, kept in {path}"
    )


@attack.command()
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Where to write; else it is printed.")
@data_option
def layer(out: Path | None, data: Path | None) -> None:
    """Export a layer for the ATT&CK Navigator: what is claimed, what incidents have shown, what was proved."""
    from vedette.assembly import make_shelf, sources_of
    from vedette.engine.claims import claims
    from vedette.notify.navigator import layer as layer_of
    from vedette.store.attack import table_of

    config = _config(data)
    folder = Path(config.data.folder)
    edition = make_shelf(config).compile(sources_of(config))
    made = layer_of(table_of(folder), claims(edition.rules, *_shown(folder, edition)))
    if out is None:
        document(made)
        return
    out.write_text(json.dumps(made, ensure_ascii=False, indent=1) + "\n")
    hint(f"{len(made['techniques'])} techniques, written to {out}; open it in the ATT&CK Navigator")


def _described(table: Table, technique: Technique) -> dict[str, Any]:
    from vedette.records.controls import controls_of
    from vedette.records.finding import Kind

    under = [one for one in table.techniques.values() if one.parent == technique.id and one is not technique]
    return {
        "id": technique.id,
        "name": table.title(technique),
        "tactics": [{"id": table.tactics[name].id, "name": table.tactics[name].name} for name in technique.tactics],
        "platforms": [*technique.platforms],
        "sub_techniques": [{"id": one.id, "name": one.name} for one in under],
        "cis_controls": [one.number for one in controls_of(Kind.SECURITY, technique.tactics)],
        "url": technique.url,
        "version": table.version,
    }


def _lines(shown: dict[str, Any]) -> Iterator[str]:
    yield f"{shown['id']}  {shown['name']}"
    yield f"tactics       {', '.join(one['name'] + ' ' + one['id'] for one in shown['tactics'])}"
    yield f"platforms     {', '.join(shown['platforms'])}"
    yield f"CIS Controls  {', '.join(map(str, shown['cis_controls']))}"
    for one in shown["sub_techniques"]:
        yield f"  {one['id']}  {one['name']}"
    yield f"{shown['url']} (ATT&CK {shown['version']})"


def _shown(folder: Path, edition: Edition) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return stored incidents and proofs; none where there is no database yet."""
    from vedette.engine.clock import now
    from vedette.engine.proofs import Proofs
    from vedette.store.database import open_database
    from vedette.store.incidents import Incidents
    from vedette.store.settings import Settings

    path = folder / "vedette.db"
    if not path.exists():
        return [], []
    database = open_database(f"sqlite:///{path}")
    proofs = Proofs(Settings(database), lambda: edition.name, now).coverage()["techniques"]
    return list(Incidents(database).walk()), proofs


def _folder(data: Path | None) -> Path:
    return Path(_config(data).data.folder)


def _config(data: Path | None) -> Config:
    from vedette.cli.up import overrides
    from vedette.config.load import load

    return load(None, overrides=overrides(data, None))
