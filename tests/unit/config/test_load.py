from pathlib import Path

import pytest

from vedette.config.load import load
from vedette.config.values import address, duration, size
from vedette.errors import ConfigError


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


def written(text: str) -> Path:
    path = Path("some.toml")
    path.write_text(text)
    return path


def test_defaults_need_nothing() -> None:
    config = load()
    assert config.server.listen == "127.0.0.1:4318"
    assert config.origins == {}


def test_flag_goes_before_environment_before_file(monkeypatch: pytest.MonkeyPatch) -> None:
    path = written('[features]\nwindow = "30s"\nlateness = "3s"\n[decision]\nbudget_per_day = 2\n')
    monkeypatch.setenv("VEDETTE_FEATURES_WINDOW", "20s")
    config = load(path, {"decision.budget_per_day": "5"})
    assert (config.features.window, config.features.lateness, config.decision.budget_per_day) == (20.0, 3.0, 5.0)
    assert config.origins["features.lateness"] == "some.toml:3"
    assert config.origins["features.window"] == "VEDETTE_FEATURES_WINDOW"


def test_every_problem_is_told_at_once_with_its_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VEDETTE_FEATURE_WINDOW", "20s")
    path = written(
        '[features]\nwidnow = "30s"\nlateness = "soon"\n\n[server]\nlisten = 4318\n[decision]\nbudget_per_day = -1\n'
    )
    with pytest.raises(ConfigError) as caught:
        load(path)
    told = "\n".join(caught.value.problems)
    assert "some.toml:2 features.widnow: unknown option, did you mean features.window?" in told
    assert "some.toml:3 features.lateness: got 'soon', allowed a time" in told
    assert "some.toml:6 server.listen: got 4318" in told
    assert "some.toml:8 decision.budget_per_day: got -1" in told
    assert "VEDETTE_FEATURE_WINDOW: unknown option, did you mean VEDETTE_FEATURES_WINDOW?" in told


@pytest.mark.parametrize("text", ["[features", "a = \x00"])
def test_a_file_that_is_no_toml_is_named(text: str) -> None:
    with pytest.raises(ConfigError, match=r"some\.toml"):
        load(written(text))


def test_a_missing_file_is_named() -> None:
    with pytest.raises(ConfigError, match=r"none\.toml"):
        load(Path("none.toml"))


def test_privacy_fields_are_a_table() -> None:
    config = load(written('[privacy.fields]\n"user.id" = "drop"\n'))
    assert config.privacy.fields == {"user.id": "drop"}


@pytest.mark.parametrize(("text", "seconds"), [("90s", 90.0), ("5m", 300.0), ("1.5h", 5400.0), ("250ms", 0.25)])
def test_durations(text: str, seconds: float) -> None:
    assert duration(text) == seconds


@pytest.mark.parametrize("text", ["", "5", "0s", "-1s", "5 parsecs", 5, None])
def test_bad_durations(text: object) -> None:
    with pytest.raises(ValueError, match="time"):
        duration(text)


def test_sizes_and_addresses() -> None:
    assert size("64MiB") == 64 << 20
    assert address("[::1]:80") == "[::1]:80"
    with pytest.raises(ValueError, match="address"):
        address("localhost")
