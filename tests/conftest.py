"""Settings for all tests."""

import pytest
from hypothesis import HealthCheck, settings

# Kernels compile at their first call, so a deadline would test the compiler's cache.
settings.register_profile("vedette", deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=60)
settings.load_profile("vedette")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run browser tests last: Playwright keeps an event loop running in the main thread."""
    items.sort(key=lambda item: "e2e" in item.path.parts)
