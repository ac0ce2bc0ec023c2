"""Overrides of segments: what is read, and what is refused in words."""

from pathlib import Path

import pytest

from vedette.config.load import load
from vedette.config.segments import MOST, NAME, PATTERN, ROUTES, TIER
from vedette.config.shown import shown
from vedette.errors import ConfigError
from vedette.records.override import Override


def read(folder: Path, text: str) -> tuple[Override, ...]:
    path = folder / "vedette.toml"
    path.write_text(text)
    return load(path, environ={}).segment


def test_what_is_written_is_read_in_order_and_shown(tmp_path: Path) -> None:
    text = """
    [[segment]]
    service = "checkout-*"
    name = "checkout"
    [[segment]]
    service = "loadtest"
    environment = "staging"
    ignore = true
    [[segment]]
    service = "legacy"
    routes = 0
    """
    found = read(tmp_path, text)
    assert found == (
        Override("checkout-*", name="checkout"),
        Override("loadtest", "staging", ignore=True),
        Override("legacy", routes=0),
    )
    assert shown(load(tmp_path / "vedette.toml", environ={}), "segment") == [
        {"service": "checkout-*", "name": "checkout"},
        {"service": "loadtest", "environment": "staging", "ignore": True},
        {"service": "legacy", "routes": 0},
    ]


def test_a_tier_has_one_spelling(tmp_path: Path) -> None:
    found = read(tmp_path, '[[segment]]\nservice = "orders-db*"\ntier = "Database"\n')
    assert found == (Override("orders-db*", tier="database"),)


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        ('name = "x"', f"1 segment[0].service: got nothing, expected {PATTERN}"),
        ('service = "x"', "1 segment[0]: got no change, expected name, tier, ignore or routes"),
        ('service = ""\nignore = true', f"2 segment[0].service: got '', expected {PATTERN}"),
        ('service = "x"\nname = "a\\nb"', f"3 segment[0].name: got 'a\\nb', expected {NAME}"),
        ('service = "x"\nroutes = -1', f"3 segment[0].routes: got -1, expected {ROUTES}"),
        ('service = "x"\ntier = " "', f"3 segment[0].tier: got ' ', expected {TIER}"),
        ('service = "x"\nignore = 1', "3 segment[0].ignore: got 1, expected true or false"),
        (
            'service = "x"\nignore = true\nroutes = 3',
            "4 segment[0].routes: got it beside ignore = true, expected one of both",
        ),
        ('service = "x"\nnmae = "y"', "3 segment[0].nmae: got an unknown option, expected name, perhaps"),
    ],
)
def test_what_is_wrong_is_refused_with_its_line(tmp_path: Path, lines: str, problem: str) -> None:
    with pytest.raises(ConfigError) as refused:
        read(tmp_path, f"[[segment]]\n{lines}\n")
    assert problem in [one.partition("vedette.toml:")[2] for one in refused.value.problems]


@pytest.mark.parametrize("text", ["segment = 3", "\n".join(['[[segment]]\nservice = "x"\nroutes = 1'] * (MOST + 1))])
def test_what_is_no_list_or_too_long_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError, match=f"at most {MOST} tables"):
        read(tmp_path, text)
