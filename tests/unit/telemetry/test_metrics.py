import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.telemetry import metrics
from vedette.telemetry.metrics import ALL, Metric


@pytest.fixture
def counter() -> Metric:
    metric = Metric("vedette_things_total", "counter", "Things.", ("name",))
    ALL.remove(metric)
    return metric


@given(st.one_of(st.integers(0, 2**53).map(float), st.floats()))
def test_no_digit_of_a_value_is_lost(value: float) -> None:
    metric = Metric("vedette_value", "gauge", "Value.")
    ALL.remove(metric)
    metric.set(value)
    shown = list(metric.lines())[-1].split(" ")[1]
    assert shown == "NaN" if value != value else float(shown) == value


def test_without_labels_a_metric_is_there_from_the_start() -> None:
    assert f"{metrics.CHUNKS.name} {metrics.CHUNKS.total():g}\n" in metrics.exposition()


@pytest.mark.parametrize("labels", [(), ("a", "b")])
def test_labels_must_be_those_that_were_declared(counter: Metric, labels: tuple[str, ...]) -> None:
    for use in (lambda: counter.add(1, *labels), lambda: counter.set(1, *labels)):
        with pytest.raises(TypeError, match="vedette_things_total"):
            use()


def test_only_counters_are_totals() -> None:
    assert {metric.name for metric in ALL if metric.name.endswith("_total") != (metric.kind == "counter")} == set()
