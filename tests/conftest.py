"""Settings for all tests."""

from hypothesis import HealthCheck, settings

# Kernels compile at their first call, so a deadline would test the compiler's cache.
settings.register_profile("vedette", deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=60)
settings.load_profile("vedette")
