"""Atomic Red Team's tests, carried out on a host that is marked as owned: listed ones only, unchanged, and isolated."""
