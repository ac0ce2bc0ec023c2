"""Snapshots of what was learned: version, checksum, size, quarantine."""
