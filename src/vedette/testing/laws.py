"""The laws of detectors as functions, and `check_detector`, which holds an implementation to all of them.

A law says what every detector does, whatever its algorithm; what a detector is good at is for its own tests.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import fields, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from vedette.detectors.base import Detector
from vedette.errors import StateCorrupt
from vedette.records.observation import Measures, Occurrences, Vectors
from vedette.records.score import Scores, State
from vedette.testing.trials import Trial

AnyDetector = Detector[Any, Any]
AnyTrial = Trial[Any, Any]
Make = Callable[[], AnyDetector]
Window = Measures | Occurrences | Vectors

MOST_SURPRISE: Final = 300.0
"""Beyond it nothing is told apart: p = 1e-300."""


class LawBroken(AssertionError):
    """A detector broke a law; says which and how."""


def check_detector(make: Make, trial: AnyTrial) -> None:
    """Hold a detector to every law.

    Parameters
    ----------
    make
        Returns a new detector that has learned nothing, the same at every call, ready within
        ``trial.steps`` windows.
    trial
        What it is shown: `vedette.testing.SeriesTrial`, `ItemsTrial`, `VectorsTrial` or one of your own.

    Raises
    ------
    LawBroken
        Naming the first law that does not hold.
    """
    for law in LAWS:
        law(make, trial)


def cold_start_says_so(make: Make, trial: AnyTrial) -> None:
    """Before it has learned anything, every row is LEARNING, says what is missing and has no surprise."""
    scores = _grown(make, trial).score(trial.ordinary(0))
    _hold(bool(np.all(scores.state == State.LEARNING)), f"states of the first window: {scores.state}")
    _hold(bool(np.all(scores.missing > 0)), f"seconds missing in the first window: {scores.missing}")
    _hold(bool(np.all(scores.surprise == 0)), f"surprise while learning: {scores.surprise}")


def gets_ready(make: Make, trial: AnyTrial) -> None:
    """After the trial's steps every row is READY, and nothing is missing."""
    scores = _taught(make, trial).score(trial.ordinary(trial.steps))
    _hold(bool(np.all(scores.state == State.READY)), f"states after {trial.steps} windows: {scores.state}")
    _hold(bool(np.all(scores.missing == 0)), f"seconds missing when ready: {scores.missing}")


def verdicts_are_finite(make: Make, trial: AnyTrial) -> None:
    """Surprise is finite and not negative, expectations are finite, for ordinary and for odd rows."""
    detector = _taught(make, trial)
    for window in (trial.ordinary(trial.steps), *_odd_windows(trial)):
        scores = detector.score(window)
        good = np.isfinite(scores.surprise) & (scores.surprise >= 0) & (scores.surprise <= MOST_SURPRISE)
        _hold(bool(good.all()), f"surprise: {scores.surprise}")
        _hold(bool(np.isfinite(scores.expected).all()), f"expected: {scores.expected}")
        ordered = ~(scores.lower > scores.expected) & ~(scores.upper < scores.expected)
        _hold(bool(ordered.all()), f"band {scores.lower} to {scores.upper} without {scores.expected}")


def scoring_does_not_learn(make: Make, trial: AnyTrial) -> None:
    """Scoring a window, odd or not, leaves the state and all later scores as they were."""
    detector = _taught(make, trial)
    window = trial.ordinary(trial.steps)
    state, before = detector.snapshot(), detector.score(window)
    for odd in _odd_windows(trial):
        detector.score(odd)
    _hold(_equal_trees(state, detector.snapshot()), "the state changed by scoring")
    _hold_equal(before, detector.score(window), "scores changed by scoring")


def row_order_does_not_matter(make: Make, trial: AnyTrial) -> None:
    """The rows of a window may come in any order, for scoring and for learning."""
    one, other = _taught(make, trial), _taught(make, trial)
    window = trial.ordinary(trial.steps)
    order = np.arange(len(window.slot))[::-1].copy()
    shuffled = _take(window, order)
    scores, mirrored = one.score(window), other.score(shuffled)
    _hold_equal(_rows(scores, order), mirrored, "scores of rows in another order")
    one.learn(window, scores.surprise)
    other.learn(shuffled, mirrored.surprise)
    after = trial.ordinary(trial.steps + 1)
    _hold_equal(one.score(after), other.score(after), "scores after learning rows in another order")


def batch_mates_do_not_matter(make: Make, trial: AnyTrial) -> None:
    """A row's verdict is the same alone and among others."""
    detector = _taught(make, trial)
    for window in (trial.ordinary(trial.steps), *_odd_windows(trial)):
        together = detector.score(window)
        for row in range(len(window.slot)):
            alone = detector.score(_take(window, np.array([row])))
            _hold_equal(_rows(together, np.array([row])), alone, f"verdict on row {row} among others and alone")


def growing_disturbs_nobody(make: Make, trial: AnyTrial) -> None:
    """New slots leave the verdicts on the old ones as they were, and start cold."""
    detector = _taught(make, trial)
    window = trial.ordinary(trial.steps)
    before = detector.score(window)
    detector.grow(trial.keys)
    _hold_equal(before, detector.score(window), "scores after growing")
    fresh = replace(window, slot=(window.slot + len(trial.keys)).astype(np.int32))
    states = detector.score(fresh).state
    _hold(bool(np.all(states == State.LEARNING)), f"states of new slots: {states}")


def snapshot_restores(make: Make, trial: AnyTrial) -> None:
    """A new detector that restores a snapshot gives the same scores, now and after further learning."""
    one = _taught(make, trial)
    other = make()
    other.restore(one.snapshot())
    for step in range(trial.steps, trial.steps + 5):
        window = trial.odd(step, step % len(trial.keys))
        scores, restored = one.score(window), other.score(window)
        _hold_equal(scores, restored, f"scores {step - trial.steps} windows after restoring")
        one.learn(window, scores.surprise)
        other.learn(window, restored.surprise)


def snapshot_stands_alone(make: Make, trial: AnyTrial) -> None:
    """Later learning changes neither a snapshot taken before nor one restored from."""
    detector, restored = _taught(make, trial), make()
    tree = detector.snapshot()
    copy = deepcopy(tree)
    restored.restore(tree)
    for step in range(trial.steps, trial.steps + 3):
        window = trial.odd(step, 0)
        for one in (detector, restored):
            one.learn(window, one.score(window).surprise)
    _hold(_equal_trees(tree, copy), "a snapshot changed by later learning")


def other_versions_are_refused(make: Make, trial: AnyTrial) -> None:
    """State of another version is corrupt, not guessed at."""
    tree = _taught(make, trial, steps=3).snapshot()
    try:
        make().restore({**tree, "version": -1})
    except StateCorrupt:
        return
    raise LawBroken("restore took a state of version -1; expected StateCorrupt")


def memory_is_bounded(make: Make, trial: AnyTrial) -> None:
    """More windows of the same kind need no more memory."""
    detector = _taught(make, trial, window=trial.constant)
    before = detector.nbytes
    _teach(detector, trial.constant, trial.steps, 2 * trial.steps)
    _hold(detector.nbytes == before, f"{detector.nbytes} bytes after twice the windows, {before} before")


def same_input_same_output(make: Make, trial: AnyTrial) -> None:
    """Two detectors that saw the same give the same verdicts, to the bit."""
    window = trial.ordinary(trial.steps)
    one, other = (_taught(make, trial).score(window) for _ in range(2))
    for name, left in _columns(one).items():
        right = _columns(other)[name]
        _hold(bool(np.array_equal(left, right, equal_nan=left.dtype != np.bool_)), f"{name}: {left} and {right}")


def anomaly_stands_out(make: Make, trial: AnyTrial) -> None:
    """A plainly odd row is more surprising than its window, and than its own past."""
    detector = _taught(make, trial)
    ordinary = detector.score(trial.ordinary(trial.steps)).surprise
    best = 0.0
    for row, window in enumerate(_odd_windows(trial)):
        surprise = detector.score(window).surprise
        others = np.delete(surprise, row)
        best = max(best, float(surprise[row]))
        silent = surprise[row] == 0 and ordinary[row] == 0
        _hold(silent or surprise[row] > max(others.max(initial=0.0), ordinary[row]), f"row {row} among {surprise}")
    _hold(best > 3.0, f"greatest surprise of a plain anomaly: {best}")


def constant_is_never_surprising(make: Make, trial: AnyTrial) -> None:
    """Where nothing ever changes, nothing is odd and nothing blows up."""
    detector = _taught(make, trial, window=trial.constant)
    for step in range(trial.steps, trial.steps + 10):
        window = trial.constant(step)
        scores = detector.score(window)
        _hold(bool(np.all(scores.surprise < 1.0)), f"surprise of a constant: {scores.surprise}")
        detector.learn(window, scores.surprise)


LAWS: Final = (
    cold_start_says_so,
    gets_ready,
    verdicts_are_finite,
    scoring_does_not_learn,
    row_order_does_not_matter,
    batch_mates_do_not_matter,
    growing_disturbs_nobody,
    snapshot_restores,
    snapshot_stands_alone,
    other_versions_are_refused,
    memory_is_bounded,
    same_input_same_output,
    anomaly_stands_out,
    constant_is_never_surprising,
)
"""All laws, in the order in which `check_detector` tries them: each is a function of ``make`` and a trial."""


def _grown(make: Make, trial: AnyTrial) -> AnyDetector:
    detector = make()
    detector.grow(trial.keys)
    return detector


def _taught(
    make: Make, trial: AnyTrial, window: Callable[[int], Window] | None = None, steps: int | None = None
) -> AnyDetector:
    detector = _grown(make, trial)
    _teach(detector, window or trial.ordinary, 0, trial.steps if steps is None else steps)
    return detector


def _teach(detector: AnyDetector, window: Callable[[int], Window], first: int, last: int) -> None:
    for step in range(first, last):
        shown = window(step)
        detector.learn(shown, detector.score(shown).surprise)


def _odd_windows(trial: AnyTrial) -> list[Window]:
    return [trial.odd(trial.steps, row) for row in range(len(trial.keys))]


def _take(window: Window, rows: NDArray[np.int64]) -> Window:
    arrays = {f.name: getattr(window, f.name)[rows] for f in fields(window) if f.name not in ("start", "width")}
    return replace(window, **arrays)


def _rows(scores: Scores, rows: NDArray[np.int64]) -> Scores:
    return Scores(**{name: values[rows] for name, values in _columns(scores).items()})


def _columns(scores: Scores) -> dict[str, NDArray[Any]]:
    """Return what is held of scores, by name."""
    held = {field.name: getattr(scores, field.name) for field in fields(Scores)}
    return {name: values for name, values in held.items() if values is not None}


def _equal_trees(one: Any, other: Any) -> bool:
    if isinstance(one, dict):
        return (
            isinstance(other, dict) and one.keys() == other.keys() and all(_equal_trees(one[k], other[k]) for k in one)
        )
    if isinstance(one, np.ndarray):
        return bool(np.array_equal(one, other, equal_nan=one.dtype.kind == "f"))
    return bool(one == other)


def _hold(holds: bool, complaint: str) -> None:
    if not holds:
        raise LawBroken(complaint)


def _hold_equal(one: Scores, other: Scores, complaint: str) -> None:
    for name, left in _columns(one).items():
        right = _columns(other)[name]
        same = np.allclose(left, right, rtol=1e-9, atol=1e-9, equal_nan=True)
        _hold(bool(same), f"{complaint}: {name} {left} and {right}")
