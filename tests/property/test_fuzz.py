import pytest
from fuzz.run import run
from fuzz.targets import DECODERS


@pytest.mark.parametrize("name", DECODERS)
def test_nothing_breaks_a_decoder(name: str) -> None:
    run(name, rounds=300, seed=5)
