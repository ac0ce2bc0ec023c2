from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.config.load import load
from vedette.config.schema import Config
from vedette.config.values import OPTIONS
from vedette.errors import ConfigError

TIMES = 'a time such as "60s", "5m", "2h" or "30d"'


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def problems(text: str, **environ: str) -> list[str]:
    Path("vedette.toml").write_text(text)
    with pytest.raises(ConfigError) as refused:
        load(environ=environ)
    return list(refused.value.problems)


def test_without_anything_the_defaults_hold() -> None:
    config = load(environ={})
    assert config == Config()


def test_every_option_has_a_default_of_its_kind() -> None:
    config = Config()
    options = {
        f"{section}.{name}"
        for section in Config.__slots__
        if section not in ("origins", "segment", "slo")
        for name in getattr(config, section).__slots__
    }
    assert options | {"segment", "slo"} == set(OPTIONS)


def test_the_nearer_source_wins_and_is_named(folder: Path) -> None:
    user = folder / "home" / "vedette"
    user.mkdir(parents=True)
    (user / "vedette.toml").write_text(
        '[features]\nwindow = "2s"\nlateness = "2s"\nmax_segments = 2\n[engine]\nsnapshot_every = "2s"\n'
    )
    (folder / "vedette.toml").write_text('[features]\n\nwindow = "3s"\nlateness = "3s"\nmax_segments = 3\n')
    environ = {
        "XDG_CONFIG_HOME": str(folder / "home"),
        "VEDETTE_FEATURES_WINDOW": "4s",
        "VEDETTE_FEATURES_LATENESS": "4s",
    }
    config = load(overrides={"features.window": "5s"}, environ=environ)
    found = (
        config.features.window,
        config.features.lateness,
        config.features.max_segments,
        config.engine.snapshot_every,
    )
    assert found == (5.0, 4.0, 3, 2.0)
    assert config.origins["features.window"] == "command line"
    assert config.origins["features.lateness"] == "VEDETTE_FEATURES_LATENESS"
    assert config.origins["features.max_segments"] == "vedette.toml:5"
    assert config.origins["engine.snapshot_every"] == f"{user / 'vedette.toml'}:6"
    assert "store.retention" not in config.origins


def test_every_problem_is_listed_at_once_with_its_line() -> None:
    found = problems(
        '[decision]\nbudget_per_day = "x"\n\n[features]\nwindow = 60\nwindows = "1s"\n[server]\nlisten = "nowhere"\n',
        VEDETTE_STORE_RETENTION="soon",
        VEDETTE_SERVER_LISTNE="x",
    )
    assert found == [
        "vedette.toml:6 features.windows: unknown option, did you mean features.window?",
        "VEDETTE_SERVER_LISTNE: unknown option, did you mean VEDETTE_SERVER_LISTEN?",
        "vedette.toml:2 decision.budget_per_day: got 'x', allowed a number above zero",
        f"vedette.toml:5 features.window: got 60, allowed {TIMES}",
        'vedette.toml:8 server.listen: got \'nowhere\', allowed an address such as "127.0.0.1:4318" or "[::1]:4318"',
        f"VEDETTE_STORE_RETENTION store.retention: got 'soon', allowed {TIMES}",
    ]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("features.window", "0s"),
        ("features.window", "60"),
        ("features.window", "-1s"),
        ("features.window", "1e3s"),
        ("features.window", True),
        ("features.max_segments", 0),
        ("features.max_segments", 2.5),
        ("features.max_segments", True),
        ("features.max_segments", "²"),
        ("decision.budget_per_day", 0),
        ("decision.budget_per_day", float("nan")),
        ("decision.budget_per_day", float("inf")),
        ("decision.budget_per_day", True),
        ("server.max_request", "64 MiBs"),
        ("server.listen", "127.0.0.1"),
        ("server.listen", "127.0.0.1:99999"),
        ("server.listen", ":4318"),
        ("server.listen", "a b:1"),
        ("server.listen", 4318),
        ("data.folder", ""),
        ("data.folder", "~nobody-of-that-name/x"),
        ("notify.webhooks", ["ftp://a"]),
        ("notify.webhooks", ["http://[::1"]),
        ("notify.webhooks", ["http://a:port"]),
        ("notify.webhooks", [3]),
        ("notify.webhooks", {}),
        ("privacy.fields", {"client.address": 3}),
        ("privacy.fields", {"client.adress": "drop"}),
        ("privacy.fields", {"client.address": "hide"}),
    ],
)
def test_a_value_that_is_not_allowed_is_refused_by_name(key: str, value: object) -> None:
    with pytest.raises(ConfigError) as refused:
        load(overrides={key: value}, environ={})
    assert f"command line {key}" in str(refused.value)


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("features.window", "1.5 m", 90.0),
        ("features.max_segments", "10", 10),
        ("decision.budget_per_day", "0.5", 0.5),
        ("server.max_request", "1MB", 1_000_000),
        ("server.listen", "[::1]:0", "[::1]:0"),
        ("notify.webhooks", "http://a, https://b/c", ("http://a", "https://b/c")),
        ("notify.webhooks", [], ()),
        ("privacy.fields", "client.address=drop, user.id=keep", {"client.address": "drop", "user.id": "keep"}),
        ("privacy.fields", {}, {}),
        ("store.retention", "2w", 1_209_600.0),
    ],
)
def test_values_as_people_write_them(key: str, value: object, expected: object) -> None:
    config = load(overrides={key: value}, environ={})
    section, _, name = key.partition(".")
    assert getattr(getattr(config, section), name) == expected


def test_a_secret_is_never_shown() -> None:
    assert "hunter2" not in str(problems('[notify]\nwebhook_secret = ["hunter2"]\n'))


def test_what_kubernetes_sets_for_a_service_is_no_option() -> None:
    environ = {
        "VEDETTE_SERVICE_HOST": "10.0.0.1",
        "VEDETTE_SERVICE_PORT": "4318",
        "VEDETTE_SERVICE_PORT_OTLP": "4318",
        "VEDETTE_PORT": "tcp://10.0.0.1:4318",
        "VEDETTE_PORT_4318_TCP": "tcp://10.0.0.1:4318",
        "VEDETTE_PORT_4318_TCP_ADDR": "10.0.0.1",
        "VEDETTE_HEADLESS_SERVICE_HOST": "10.0.0.2",
    }
    assert load(environ=environ) == Config()


def test_the_data_folder_has_a_short_variable() -> None:
    assert load(environ={"VEDETTE_DATA": "/tmp/x"}).data.folder == Path("/tmp/x")


def test_a_user_without_a_home_has_no_user_file() -> None:
    assert load(environ={}) == Config()


def test_a_file_that_was_named_must_exist(folder: Path) -> None:
    with pytest.raises(ConfigError, match=r"other\.toml"):
        load(folder / "other.toml", environ={})


@pytest.mark.parametrize("content", [b"[features\n", b"\xff\xfe", b"a = 1\na = 2\n"])
def test_a_file_that_is_no_toml_is_named(folder: Path, content: bytes) -> None:
    (folder / "vedette.toml").write_bytes(content)
    with pytest.raises(ConfigError, match=r"vedette\.toml"):
        load(environ={})


@pytest.mark.parametrize(
    "text",
    [
        '[privacy.fields]\n"client.address" = "hide"\n',
        '[privacy]\nfields = {"client.address" = "hide"}\n',
        'privacy.fields = {"client.address" = "hide"}\n',
    ],
)
def test_every_way_to_write_a_table_names_a_line(text: str) -> None:
    (found,) = problems(text)
    line = 1 if text.startswith("privacy.") else 2
    assert found.startswith(f"vedette.toml:{line} privacy.fields.client.address: got 'hide'")


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda some: st.lists(some) | st.dictionaries(st.text(), some),
    ),
    st.sampled_from(sorted(OPTIONS)),
)
def test_no_value_raises_anything_but_a_config_error(value: object, key: str) -> None:
    told = key
    try:
        load(overrides={key: value}, environ={})
    except ConfigError as error:
        told = str(error)
    assert key in told
