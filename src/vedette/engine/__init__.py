"""Runs shards: journal in, findings and states out."""
