import polars as pl
import pyarrow as pa
import pytest

import vedette
from vedette.cli import score as command
from vedette.errors import BadInput
from vedette.scoring import kinds


def test_the_command_offers_every_kind() -> None:
    assert tuple(command.KINDS) == kinds.KINDS


@pytest.mark.parametrize("kind", kinds.KINDS)
def test_a_table_without_the_columns_is_refused_by_name(kind: str) -> None:
    with pytest.raises(BadInput, match="got unrelated"):
        kinds.score_table(kind, pa.table({"unrelated": [1]}))


def test_an_unknown_kind_is_refused_with_those_there_are() -> None:
    with pytest.raises(BadInput, match="got 'dreams', expected one of metrics"):
        kinds.score_table("dreams", pa.table({}))


def test_a_frame_of_polars_comes_back_as_one() -> None:
    scored = vedette.score("metrics", pl.DataFrame({"series": ["a", "a"], "t": [0, 60], "value": [1.0, 2.0]}))
    assert isinstance(scored, pl.DataFrame)
    assert scored["state"].to_list() == ["learning", "learning"]


def test_what_is_no_table_is_refused() -> None:
    with pytest.raises(BadInput, match="expected a pyarrow Table"):
        vedette.score("metrics", [1, 2, 3])


def test_the_package_says_what_it_has_not() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'scream'"):
        vedette.scream  # noqa: B018
