"""What a jury holds of each entity."""

from vedette.detectors.channels import ADDED_UP
from vedette.detectors.jury import Jury

FLOAT = 8


def test_every_number_kept_of_an_entity_counts_as_memory() -> None:
    jury = Jury()
    before = jury.nbytes
    jury.grow(5)
    assert jury.nbytes - before == 5 * FLOAT * (2 * len(ADDED_UP) + 4)
