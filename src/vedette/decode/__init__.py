"""Bytes to canonical columns; no I/O."""
