"""Hosts must say that they may be attacked, and CI jobs that they are thrown away."""

from __future__ import annotations

from pathlib import Path

import pytest

from vedette.errors import ConfigError
from vedette.simulate.atomic.guard import refuse_in_ci, require_owned


def test_a_host_is_owned_if_the_mark_or_the_variable_names_it(tmp_path: Path) -> None:
    mark = tmp_path / "owned"
    mark.write_text("other\nweb-1\n")
    require_owned("web-1", mark, {})
    require_owned("web-2", mark, {"VEDETTE_OWNED": "web-2"})


@pytest.mark.parametrize(
    ("content", "found"), [(None, "No such file"), ("other\n", "names other"), ("", "names no host")]
)
def test_an_unmarked_host_is_refused_with_the_way_to_mark_it(tmp_path: Path, content: str | None, found: str) -> None:
    mark = tmp_path / "owned"
    if content is not None:
        mark.write_text(content)
    with pytest.raises(ConfigError, match=found) as caught:
        require_owned("web-1", mark, {"VEDETTE_OWNED": ""})
    assert f"echo web-1 >> {mark}" in str(caught.value)


def test_ci_is_refused_unless_it_is_a_sandbox() -> None:
    with pytest.raises(ConfigError, match=r"CI job \(GITHUB_ACTIONS is set\)"):
        refuse_in_ci({"GITHUB_ACTIONS": "true"}, sandbox=False)
    refuse_in_ci({"GITHUB_ACTIONS": "true"}, sandbox=True)
    refuse_in_ci({"CI": "false"}, sandbox=False)
