from pathlib import Path

import pytest
from tests.unit.indicators.made import indicator

from vedette.errors import BadInput
from vedette.indicators.index import Index
from vedette.indicators.kept import (
    REMEMBERED,
    compare,
    feed_at,
    feeds_in,
    indicator_at,
    keep,
    merged,
    place_of,
    retired,
)

ONE = indicator("bad.example", label="x", confidence=50, techniques=("T1071",), reference="https://x.example", feed="a")


def test_what_was_kept_comes_back(tmp_path: Path) -> None:
    path = keep(tmp_path, "a", [ONE, indicator("2001:db8::/32", feed="a")], {"source": "x.csv"})
    feed = feed_at(path)
    assert feeds_in(tmp_path) == {"a": path}
    assert [indicator_at(feed, 0), indicator_at(feed, 1).value, feed.about] == [
        ONE,
        "2001:db8::/32",
        {"source": "x.csv"},
    ]
    assert len(Index([feed])) == 2


@pytest.mark.parametrize("damage", [b"", b"ARROW1 and more", None])
def test_a_damaged_file_is_named_and_what_to_do(tmp_path: Path, damage: bytes | None) -> None:
    path = keep(tmp_path, "a", [ONE], {})
    path.write_bytes(path.read_bytes()[:-40] if damage is None else damage)
    with pytest.raises(BadInput, match=r"a\.arrow.*add the list again"):
        feed_at(path)


def test_a_file_of_another_version_is_named(tmp_path: Path) -> None:
    import pyarrow as pa

    path = place_of(tmp_path, "a")
    path.parent.mkdir()
    table = pa.table({"value": ["x"]}).replace_schema_metadata({"version": "0"})
    with pa.ipc.new_file(str(path), table.schema) as writer:
        writer.write_table(table)
    with pytest.raises(BadInput, match="version '0', expected '1'"):
        feed_at(path)


def test_names_are_small_letters_digits_and_dashes() -> None:
    for name in ("", "../x", "A", "x" * 41):
        with pytest.raises(BadInput, match="expected up to 40"):
            place_of(Path("x"), name)


def test_a_repeated_value_is_kept_once_as_its_most_confident_entry_has_it() -> None:
    first = indicator("bad.example", confidence=20, techniques=("T1",), until=9)
    second = indicator("bad.example", confidence=90, label="sure", techniques=("T2",), until=5)
    (one,) = merged([first, second])
    assert (one.confidence, one.label, one.techniques, one.until) == (90, "sure", ("T1", "T2"), 9)


def test_what_is_new_other_and_gone_is_told_by_value(tmp_path: Path) -> None:
    old = [indicator("a.example"), indicator("b.example"), indicator("c.example")]
    feed = feed_at(keep(tmp_path, "a", old, {}))
    new = [indicator("a.example"), indicator("b.example", level="high"), indicator("d.example")]
    change = compare(feed, "a", new, 0)
    assert [one.value for one in change.added] == ["d.example"]
    assert [one.value for one in change.changed] == ["b.example"]
    assert change.removed == ("c.example",)


def test_what_a_newer_list_lacks_stays_known_for_a_time_and_is_not_told_again(tmp_path: Path) -> None:
    old = [indicator("a.example"), indicator("b.example", until=5)]
    feed = feed_at(keep(tmp_path, "a", old, {}))
    new = [indicator("c.example")]
    gone = retired(feed, "a", new, 100)
    assert [(one.value, one.until) for one in gone] == [("a.example", 100), ("b.example", 5)]
    second = feed_at(keep(tmp_path, "a", [*new, *gone], {}))
    assert compare(second, "a", new, 200).removed == ()
    assert [one.until for one in retired(second, "a", new, 200)] == [100, 5]
    assert retired(second, "a", new, 101 + REMEMBERED) == []
    back = [*new, indicator("a.example")]
    assert [one.value for one in compare(second, "a", back, 200).changed] == ["a.example"]
