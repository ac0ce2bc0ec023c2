from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from vedette.errors import StateCorrupt
from vedette.state.codec import decode, encode
from vedette.state.snapshots import Snapshots
from vedette.state.tree import Tree

arrays = hnp.arrays(
    st.sampled_from([np.float64, np.float32, np.int64, np.uint64, np.uint8, np.bool_]),
    hnp.array_shapes(max_dims=3, max_side=4, min_side=0),
)
leaves = st.one_of(
    arrays,
    st.integers(-(2**53), 2**53),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=5),
    st.binary(max_size=5),
    st.none(),
    st.booleans(),
    st.lists(st.integers(0, 9), max_size=3),
)
trees = st.dictionaries(
    st.text(max_size=4), st.one_of(leaves, st.dictionaries(st.text(max_size=4), leaves, max_size=3)), max_size=4
)


def same(left: object, right: object) -> bool:
    if isinstance(left, dict) and isinstance(right, dict):
        return list(left) == list(right) and all(same(left[name], right[name]) for name in left)
    if isinstance(left, np.ndarray) and isinstance(right, np.ndarray):
        return left.dtype == right.dtype and left.shape == right.shape and left.tobytes() == right.tobytes()
    return type(left) is type(right) and left == right


@given(trees)
def test_comes_back_as_it_was(tree: Tree) -> None:
    assert same(decode(encode(tree)), tree)
    assert encode(tree) == encode(decode(encode(tree)))


@given(trees, st.integers(0), st.integers(0, 7))
def test_any_flipped_bit_is_noticed(tree: Tree, place: int, bit: int) -> None:
    data = bytearray(encode(tree))
    data[place % len(data)] ^= 1 << bit
    with pytest.raises(StateCorrupt):
        decode(bytes(data))


@given(trees, st.integers(0))
def test_any_truncation_is_noticed(tree: Tree, size: int) -> None:
    data = encode(tree)
    with pytest.raises(StateCorrupt):
        decode(data[: size % len(data)])


def test_only_plain_things_are_kept() -> None:
    with pytest.raises(TypeError):
        encode({"a": np.array([object()])})


def test_newest_valid_snapshot_is_taken_and_damaged_ones_are_set_aside(tmp_path: Path) -> None:
    shelf = Snapshots(tmp_path, keep=3)
    for chunk in range(1, 6):
        shelf.save(0, chunk, {"n": chunk})
    assert len(list(tmp_path.glob("*.state"))) == 3
    newest = max(tmp_path.glob("*.state"))
    newest.write_bytes(newest.read_bytes()[:-1])
    assert shelf.latest(0) == (4, {"n": 4})
    assert shelf.quarantined == 1
    assert (tmp_path / "quarantine" / newest.name).exists()


def test_no_snapshot_is_none(tmp_path: Path) -> None:
    assert Snapshots(tmp_path).latest(0) is None


def test_a_draft_of_a_kill_is_removed(tmp_path: Path) -> None:
    (tmp_path / "0000-0000000000000001.state.tmp").write_bytes(b"half")
    Snapshots(tmp_path)
    assert not list(tmp_path.glob("*.tmp"))
