"""Compiling ahead: all that the path calls is compiled, in processes of their own, and once."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
from numba.core.registry import CPUDispatcher
from tests.scenario.story import batches, play, shard

from vedette import kernels
from vedette.assembly import make_entry
from vedette.config.load import load
from vedette.decode.json_lines import JsonLines
from vedette.engine import warm as warming


def signatures() -> Iterator[tuple[str, str]]:
    """Yield every kernel and the types that it is compiled for."""
    for module in pkgutil.iter_modules(kernels.__path__):
        for name, kernel in vars(import_module(f"vedette.kernels.{module.name}")).items():
            if isinstance(kernel, CPUDispatcher):
                yield from ((f"{module.name}.{name}", str(types)) for types in kernel.signatures)


def test_nothing_is_left_to_compile_for_the_first_telemetry() -> None:
    warming.warm(lambda done, total: None)
    before = set(signatures())
    play(shard(), list(batches(days=0.05, rate=0.5)))
    enter = make_entry(load(None), bytes(32))
    line = b'{"ts":"2026-01-05T10:00:00Z","service":"a","message":"x\\u00e4 1","path":"/a?b=1","user":"\\u00fc"}\n'
    for batch in JsonLines("a").decode(line * 40, 0).batches:
        enter(batch)
    assert set(signatures()) - before == set()


def test_parts_are_compiled_side_by_side_and_tell_how_far_they_are() -> None:
    told: list[tuple[int, int]] = []
    warming.compile_apart(lambda done, total: told.append((done, total)))
    total = sum(len(list(steps())) for steps in warming.PARTS.values())
    assert told == [(done, total) for done in range(1, total + 1)]


def test_what_is_compiled_is_not_compiled_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    calls: list[str] = []
    stamp = tmp_path / "compiled-1"
    monkeypatch.setattr(warming, "_stamp", lambda: stamp)
    monkeypatch.setattr(warming, "compile_apart", lambda progress: calls.append("apart"))
    for _ in range(2):
        warming.warm(lambda done, total: None)
    assert calls == ["apart"]
    assert stamp.exists()
