"""If it is not in the docs, the build fails."""

import re
from pathlib import Path

from vedette.cli.main import COMMANDS
from vedette.config.values import OPTIONS
from vedette.telemetry.metrics import ALL, exposition

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"


def first_cells(page: str) -> set[str]:
    return set(re.findall(r"^\| `([^`]+)` \|", (DOCS / page).read_text(), re.MULTILINE))


def test_every_option_is_documented_and_every_documented_one_exists() -> None:
    assert first_cells("configuration.md") == set(OPTIONS)


def test_every_metric_is_documented_and_declared_once() -> None:
    assert first_cells("metrics.md") == {metric.name for metric in ALL}
    assert len({metric.name for metric in ALL}) == len(ALL)


def test_metrics_are_named_and_shown_as_prometheus_wants() -> None:
    for metric in ALL:
        assert re.fullmatch(r"vedette_[a-z_]+", metric.name)
        assert metric.kind != "counter" or metric.name.endswith("_total")
    ALL[0].add(1, 'a"b', "c\\d")
    assert 'signal="a\\"b",source="c\\\\d"' in exposition()


def test_every_room_is_on_the_map() -> None:
    page = (DOCS / "architecture.md").read_text()
    rooms = [
        path.name for path in (ROOT / "src" / "vedette").iterdir() if path.is_dir() and (path / "__init__.py").exists()
    ]
    assert [room for room in rooms if f"`{room}/`" not in page] == []


def test_every_command_has_its_file() -> None:
    assert [name for name in COMMANDS if not (ROOT / "src" / "vedette" / "cli" / f"{name}.py").exists()] == []


def test_links_between_pages_lead_somewhere() -> None:
    for page in [*DOCS.glob("*.md"), ROOT / "README.md"]:
        for link in re.findall(r"\]\(([^)#:]+)\)", page.read_text()):
            assert (page.parent / link).exists(), f"{page.name}: {link}"


def test_no_path_of_a_machine_and_no_registry_is_in_the_tree() -> None:
    names = ["requirements.lock", "web/package-lock.json", "pyproject.toml", "Makefile"]
    for name in names:
        assert not re.search(r"https?://[^\s\"']*(pypi|npmjs|registry)", (ROOT / name).read_text()), name
