from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from vedette.detectors.base import Detector
from vedette.detectors.baseline import VERSION, Baseline
from vedette.detectors.forest import Forest
from vedette.detectors.joint import Joint
from vedette.detectors.novelty import Novelty
from vedette.testing import LAWS, ItemsTrial, LawBroken, SeriesTrial, Trial, VectorsTrial, check_detector

HOUR = 3600.0

SUBJECTS: dict[str, tuple[Callable[[], Detector[Any, Any]], Trial[Any, Any]]] = {
    "baseline": (lambda: Baseline(ready_after=6 * HOUR), SeriesTrial()),
    "baseline within hours": (lambda: Baseline(ready_after=HOUR), SeriesTrial(steps=30)),
    "baseline after days": (lambda: Baseline(), SeriesTrial(steps=800, seed=3)),
    "novelty": (lambda: Novelty(ready_after=6 * HOUR), ItemsTrial()),
    "novelty in little memory": (lambda: Novelty(ready_after=HOUR, max_items=512), ItemsTrial(seed=3)),
    "forest": (lambda: Forest(6, ready_after=6 * HOUR), VectorsTrial()),
    "joint": (lambda: Joint(6, ready_after=6 * HOUR), VectorsTrial()),
    "forest of few trees within hours": (
        lambda: Forest(6, trees=25, depth=6, ready_after=HOUR),
        VectorsTrial(steps=60),
    ),
}


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
@pytest.mark.parametrize("subject", SUBJECTS)
def test_law(subject: str, law: Callable[..., None]) -> None:
    law(*SUBJECTS[subject])


class Spoiled(Baseline):
    """A detector that breaks one law, chosen by name."""

    def __init__(self, fault: str) -> None:
        super().__init__(ready_after=6 * HOUR)
        self.fault = fault

    def score(self, window: Any) -> Any:
        scores = super().score(window)
        if self.fault == "learns by scoring":
            self.learn(window, scores.surprise)
        if self.fault == "ready at once":
            scores.state[:] = 1
        if self.fault == "asks its batch mates" and len(scores.surprise):
            scores.surprise[:] += 1e-3 * len(scores.surprise)
        if self.fault == "infinite":
            scores.surprise[scores.surprise > 3] = np.inf
        if self.fault == "sees nothing":
            scores.surprise[:] = 0.0
        return scores

    def restore(self, tree: Any) -> None:
        if self.fault == "takes any version":
            tree = {**tree, "version": VERSION}
        super().restore(tree)
        if self.fault == "forgets when restored":
            self._numbers[:] = 0.0

    def snapshot(self) -> Any:
        tree = super().snapshot()
        if self.fault == "hands out its own arrays":
            tree["numbers"] = self._numbers
        return tree

    @property
    def nbytes(self) -> int:
        grows = int(self._numbers[:, 0].sum()) if self.fault == "grows with time" else 0
        return super().nbytes + grows


@pytest.mark.parametrize(
    "fault",
    [
        "learns by scoring",
        "ready at once",
        "asks its batch mates",
        "infinite",
        "sees nothing",
        "takes any version",
        "forgets when restored",
        "hands out its own arrays",
        "grows with time",
    ],
)
def test_the_suite_notices_a_detector_that(fault: str) -> None:
    with pytest.raises(LawBroken):
        check_detector(lambda: Spoiled(fault), SeriesTrial())
