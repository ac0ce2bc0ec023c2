import pytest

from vedette.decision.words import amount, lasting, span


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (1.84, "s", "1.84 s"),
        (0.29, "s", "290 ms"),
        (0.0000031, "s", "3.1 µs"),
        (0.0, "s", "0 µs"),
        (0.061, "1", "6.1 %"),
        (2048.0, "By", "2 KiB"),
        (3 * 2**30, "By", "3 GiB"),
        (1204.4, "{request}", "1204"),
        (float("nan"), "s", "unknown"),
        (-0.5, "s", "-500 ms"),
    ],
)
def test_amount(value: float, unit: str, text: str) -> None:
    assert amount(value, unit) == text


@pytest.mark.parametrize(
    ("lower", "upper", "unit", "text"),
    [
        (0.29, 0.405, "s", "290–405 ms"),
        (0.29, 1.4, "s", "290 ms – 1.4 s"),
        (0.0, 3.0, "{request}", "0–3"),
        (2.0, 2.0, "{request}", "2"),
    ],
)
def test_span(lower: float, upper: float, unit: str, text: str) -> None:
    assert span(lower, upper, unit) == text


@pytest.mark.parametrize(("seconds", "text"), [(5, "5 s"), (60, "1 min"), (7199, "120 min"), (7200, "2 h")])
def test_lasting(seconds: int, text: str) -> None:
    assert lasting(seconds * 10**9) == text
