"""What the stories of the shop have in common is learned once."""

import pytest
from tests.scenario.story import Shop


@pytest.fixture(scope="session")
def shop() -> Shop:
    """Two days of the shop, of which the last hours are to be told."""
    return Shop()
