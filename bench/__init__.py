"""Benchmarks: CPU time beside a peer in the same run, one JSON line each. See ``docs/benchmarks.md``."""
