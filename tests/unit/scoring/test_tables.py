import numpy as np
import pyarrow as pa
import pytest

from vedette.errors import BadInput
from vedette.scoring.tables import states, trained


def test_rows_with_a_one_are_for_learning_and_all_others_are_judged() -> None:
    assert trained(pa.table({"train": [1, 0, None, 2]})).tolist() == [True, False, False, False]
    assert trained(pa.table({"train": [True, False]})).tolist() == [True, False]
    assert trained(pa.table({"line": ["a", "b"]})).tolist() == [False, False]


def test_a_word_for_train_is_refused() -> None:
    with pytest.raises(BadInput, match="train: expected 0 or 1"):
        trained(pa.table({"train": ["yes"]}))


def test_a_row_is_ready_or_learning() -> None:
    assert states(np.array([True, False])).to_pylist() == ["ready", "learning"]
